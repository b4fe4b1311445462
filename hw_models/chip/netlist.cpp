#include "hw_models/chip/netlist.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "hw_models/chip/element_module.hpp"

namespace tellegen::chip {

Netlist::Netlist(const sc_core::sc_object* parent) : prefix_(parent ? std::string_view(parent->name()).size() + 1 : 0) {}

std::string Netlist::circuit_name(const sc_core::sc_object& object) const {
  std::string name = object.name() + prefix_;
  std::ranges::replace(name, '.', ':');
  return name;
}

void Netlist::add(const Node& node) {
  const auto name = node.label().empty() ? circuit_name(node) : node.label();
  const auto number = builder_.node(name);
  const auto [found, is_new] = node_of_number_.emplace(number, &node);
  if (!is_new && number != ground)
    throw InputError({}, name, fmt::format("both {} and {} bear this name, which does not tell upper from lower case", found->second->name(), node.name()));
  numbers_[&node] = number;
}

void Netlist::add(AnalogModule& module) {
  module_name_ = module.label().empty() ? circuit_name(module) : module.label();
  module.join(*this);
}

NodeIndex Netlist::node_of(const Terminal& terminal) const {
  const Node& node = const_cast<Terminal&>(terminal)->node();  // sc_port has no const access
  if (const auto found = numbers_.find(&node); found != numbers_.end()) return found->second;
  if (node.label() == "0") return ground;  // one potential for all clusters
  throw InputError({}, module_name_, fmt::format("terminal {} is bound to {}, which lies outside this element's cluster; only ground is shared",
                                                 terminal.basename(), node.name()));
}

void Netlist::add_branch(BranchSpec spec) {
  if (spec.name.empty()) spec.name = module_name_;
  builder_.add_branch(std::move(spec));
}

void Netlist::add_source(Source source) {
  source.name = module_name_;
  builder_.add_source(std::move(source));
}

}  // namespace tellegen::chip
