#pragma once
#include <optional>

#include "hw_models/circuit/circuit.hpp"
#include "hw_models/circuit/deck/instance.hpp"

namespace tellegen::deck {

/// Device type that a card's first word names: the Y type as a whole ("yfmem"), else its first letter ("r").
[[nodiscard]] std::string keyword_of_card(const Card& card);

/// Element of that keyword in the table of elements.
[[nodiscard]] std::optional<ElementId> find_element(std::string_view keyword);

/// Reads `R1 a b 10k`, `G1 a b c d model`, `YFMEM m1 a b model k1=2u`: everything about the element comes from its
/// description.
/// @throws InputError
void read_element(const Card& card, ElementId element, Instance& instance, CircuitBuilder& builder);

}  // namespace tellegen::deck
