#pragma once
// Outline of a deck: which cards are devices, models, parameters and subcircuits of which block. Nothing is evaluated.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "hw_models/circuit/deck/card.hpp"
#include "hw_models/circuit/deck/model.hpp"
#include "hw_models/circuit/deck/parameter_scope.hpp"

namespace tellegen::deck {

/// Body of the deck itself or of a `.subckt`.
struct Block {
  std::string name;                             ///< lower case; empty: the deck itself
  std::vector<std::string> pins;                ///< lower case
  std::vector<ParameterDefinition> defaults;    ///< of the subcircuit's parameters
  std::vector<ParameterDefinition> parameters;  ///< of its .param cards
  std::vector<Card> devices;
  std::map<std::string, Model, std::less<>> models;
  std::map<std::string, std::unique_ptr<Block>, std::less<>> subcircuits;
  SourceLocation where;
};

struct Outline {
  Block top;
  std::vector<Card> directives;  ///< all but .param .model .subckt .ends .global
  std::set<std::string, std::less<>> global_nodes;
};

/// @throws InputError .subckt without .ends and the reverse, names that are given twice, directives inside a subcircuit
///         that belong to the deck
[[nodiscard]] Outline outline_of(std::vector<Card> cards);

}  // namespace tellegen::deck
