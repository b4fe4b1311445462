#pragma once
#include "runtime/training/bench.hpp"
#include "runtime/training/bench_signal.hpp"
#include "runtime/training/toml_document.hpp"

namespace tellegen {

/// Reads the arrays `[[input]]` and `[[loss]]` of a table: the bench itself, or `[held_out]`.
/// @param prefix  in front of their names: "" or "held_out."
/// @throws InputError an entry is wrong, a source has two inputs, or there is no loss
[[nodiscard]] BenchData read_bench_data(const TomlTable& table, const SourceLocation& where, std::string_view prefix,
                                        const TimeGrid& grid, SignalReader& signals);

/// Adds the inputs of `main` for the sources that `data` does not name.
void inherit_inputs(BenchData& data, const BenchData& main);

}  // namespace tellegen
