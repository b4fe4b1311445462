#pragma once
#include <string>
#include <string_view>

#include "hw_models/circuit/deck/deck.hpp"

namespace deck_test {

/// Deck of the given lines under a title line: the first of them is line 2 of "t.cir".
inline tellegen::Deck deck_of(std::string_view lines) {
  return tellegen::read_deck_text("title\n" + std::string(lines), "t.cir");
}

/// What is said about the deck of those lines.
inline std::string message_of(std::string_view lines) {
  try {
    static_cast<void>(deck_of(lines));
  } catch (const tellegen::InputError& error) {
    return error.what();
  }
  return "no error";
}

inline const tellegen::Branch& branch(const tellegen::Deck& deck, std::string_view name) {
  return deck.circuit.branches()[deck.circuit.find_branch(name)];
}
inline double slot(const tellegen::Deck& deck, std::string_view name, int index = 0) {
  return deck.circuit.initial_slots()[branch(deck, name).first_slot + index];
}
inline const tellegen::Source& source(const tellegen::Deck& deck, std::string_view name) {
  return deck.circuit.sources()[deck.circuit.find_source(name)];
}
/// Value of a parameter by its name, NaN when there is none.
inline double parameter(const tellegen::Deck& deck, std::string_view name) {
  for (const auto& p : deck.circuit.parameters())
    if (p.name == name) return deck.circuit.parameter_value(p, deck.circuit.initial_slots());
  return __builtin_nan("");
}

}  // namespace deck_test
