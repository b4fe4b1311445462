#pragma once
#include <span>

#include "hw_models/circuit/deck/card.hpp"
#include "hw_models/circuit/deck/deck.hpp"

namespace tellegen::deck {

/// Reads one `v(a)`, `v(a,b)` or `i(vx)` from the front of `tokens` and takes it off.
/// @throws InputError
[[nodiscard]] OutputVariable take_output_variable(std::span<const Token>& tokens, const SourceLocation& where,
                                                  std::string_view subject);

/// @throws InputError when the circuit has no such node or voltage source
void check_exists(const OutputVariable& variable, const Circuit& circuit, std::string_view subject);

}  // namespace tellegen::deck
