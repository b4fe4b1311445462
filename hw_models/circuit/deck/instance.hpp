#pragma once
// One instance of a block: the deck itself, or what an X card makes of a subcircuit.

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "hw_models/circuit/deck/outline.hpp"

namespace tellegen::deck {

class Instance {
 public:
  /// The deck itself.
  explicit Instance(const Outline& outline);
  /// @param definition instance in whose block the subcircuit is written: names are looked up there next
  /// @param prefix     "x1:", or "x1:x2:" deeper down
  /// @param pin_nodes  node of the circuit for each pin
  Instance(const Block& block, Instance& definition, std::string prefix, std::vector<std::string> pin_nodes);

  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  [[nodiscard]] const Block& block() const { return block_; }
  [[nodiscard]] ParameterScope& scope() { return scope_; }
  /// Those of the whole deck.
  [[nodiscard]] ExpressionLaws& laws() { return *laws_; }
  [[nodiscard]] const std::string& prefix() const { return prefix_; }

  /// Name of a card's device in messages: "C3", "x1:C3".
  [[nodiscard]] std::string subject(std::string_view typed) const { return prefix_ + std::string(typed); }

  /// Name in the circuit of the node that a card of this block names.
  /// @throws InputError when the token is no name
  [[nodiscard]] std::string node(const Token& token, const SourceLocation& where, std::string_view subject) const;

  /// Model or subcircuit of that name in this block or the ones around it, with the instance where it stands; {nullptr,
  /// nullptr} when there is none.
  [[nodiscard]] std::pair<const Model*, Instance*> find_model(std::string_view name);
  [[nodiscard]] std::pair<const Block*, Instance*> find_subcircuit(std::string_view name);

  /// Evaluates all parameters and models, so that a mistake in an unused one is told.
  void check();

 private:
  const Block& block_;
  Instance* definition_ = nullptr;
  ParameterScope scope_;
  std::string prefix_;
  std::unordered_map<std::string, std::string> pins_;
  std::shared_ptr<ExpressionLaws> laws_;
  const std::set<std::string, std::less<>>& globals_;
};

}  // namespace tellegen::deck
