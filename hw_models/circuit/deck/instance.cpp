#include "hw_models/circuit/deck/instance.hpp"

#include <fmt/format.h>

namespace tellegen::deck {

Instance::Instance(const Outline& outline)
    : block_(outline.top), scope_(nullptr), laws_(std::make_shared<ExpressionLaws>()), globals_(outline.global_nodes) {
  for (const auto& parameter : block_.parameters) scope_.define(parameter);
}

Instance::Instance(const Block& block, Instance& definition, std::string prefix, std::vector<std::string> pin_nodes)
    : block_(block),
      definition_(&definition),
      scope_(&definition.scope_),
      prefix_(std::move(prefix)),
      laws_(definition.laws_),
      globals_(definition.globals_) {
  for (std::size_t i = 0; i < block_.pins.size(); ++i) pins_[block_.pins[i]] = std::move(pin_nodes[i]);
  for (const auto& parameter : block_.parameters) scope_.define(parameter);
}

std::string Instance::node(const Token& token, const SourceLocation& where, std::string_view subject) const {
  if (token.kind != Token::Kind::word)
    throw InputError(where, subject, fmt::format("a node name is expected, got \"{}\"", token.text));
  const auto& name = token.word;
  if (name == "0" || name == "gnd") return "0";
  if (const auto pin = pins_.find(name); pin != pins_.end()) return pin->second;
  if (globals_.contains(name)) return name;
  return prefix_ + name;
}

std::pair<const Model*, Instance*> Instance::find_model(std::string_view name) {
  for (Instance* at = this; at != nullptr; at = at->definition_)
    if (const auto found = at->block_.models.find(name); found != at->block_.models.end()) return {&found->second, at};
  return {nullptr, nullptr};
}

std::pair<const Block*, Instance*> Instance::find_subcircuit(std::string_view name) {
  for (Instance* at = this; at != nullptr; at = at->definition_)
    if (const auto found = at->block_.subcircuits.find(name); found != at->block_.subcircuits.end())
      return {found->second.get(), at};
  return {nullptr, nullptr};
}

void Instance::check() {
  scope_.evaluate_all();
  for (const auto& [name, model] : block_.models) {
    const auto subject = fmt::format(".model {}", model.name);
    if (model.element == element_id<elements::HodgkinHuxley>()) {
      std::vector<double> membrane(membrane_parameters.size());
      apply_to_membrane(model.settings, scope_, model.where, subject, membrane);
      continue;
    }
    ElementValues values(model.element, model.settings, scope_, *laws_, model.where, subject);
    values.apply(nullptr, model.settings, scope_, model.where, subject);
  }
}

}  // namespace tellegen::deck
