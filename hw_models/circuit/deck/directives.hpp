#pragma once
#include "hw_models/circuit/deck/deck.hpp"
#include "hw_models/circuit/deck/instance.hpp"

namespace tellegen::deck {

/// Reads the directives of a deck into `result`: analyses, outputs, options, initial conditions. Names are not checked
/// yet.
/// @throws InputError
void read_directives(std::span<const Card> directives, Instance& top, Deck& result);

/// Checks that outputs, initial conditions and node sets name what the circuit has.
/// @throws InputError
void check_names(std::span<const Card> directives, const Deck& deck);

}  // namespace tellegen::deck
