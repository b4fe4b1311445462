#include "hw_models/circuit/circuit.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <unordered_set>

namespace tellegen {
namespace {

/// Sets of nodes that are tied together, by union and find.
class NodeSets {
 public:
  explicit NodeSets(std::int32_t nodes) : parent_(static_cast<std::size_t>(nodes)) {
    std::iota(parent_.begin(), parent_.end(), 0);
  }
  NodeIndex find(NodeIndex node) {
    while (parent_[node] != node) node = parent_[node] = parent_[parent_[node]];
    return node;
  }
  /// False when the two were already in one set.
  bool join(NodeIndex a, NodeIndex b) {
    a = find(a), b = find(b);
    if (a == b) return false;
    parent_[a] = b;
    return true;
  }

 private:
  std::vector<NodeIndex> parent_;
};

void check_sign(const BranchSpec& spec, std::string_view quantity, Sign sign, double value) {
  if (!std::isfinite(value))
    throw InputError(spec.where, spec.name, fmt::format("{} must be a finite number, got {}", quantity, value));
  if (sign == Sign::positive && !(value > 0))
    throw InputError(spec.where, spec.name, fmt::format("{} must be positive, got {:g}", quantity, value));
  if (sign == Sign::nonzero && value == 0)
    throw InputError(spec.where, spec.name, fmt::format("{} must not be zero", quantity));
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

NodeIndex Circuit::find_node(std::string_view name) const {
  const auto found = node_index_.find(lower_case(name));
  return found == node_index_.end() ? -1 : found->second;
}

std::int32_t Circuit::find_source(std::string_view name) const {
  const auto found = std::ranges::find(sources_, lower_case(name), &Source::name);
  return found == sources_.end() ? -1 : static_cast<std::int32_t>(found - sources_.begin());
}

std::int32_t Circuit::find_branch(std::string_view name) const {
  const auto found = std::ranges::find(branches_, lower_case(name), &Branch::name);
  return found == branches_.end() ? -1 : static_cast<std::int32_t>(found - branches_.begin());
}

double Circuit::parameter_value(const Parameter& parameter, std::span<const double> slots) const {
  const double slot = slots[parameter.slot];
  return parameter.view == ViewKind::reciprocal ? 1.0 / slot : slot;
}

void Circuit::set_parameter(const Parameter& parameter, double value, std::span<double> slots) const {
  slots[parameter.slot] = parameter.view == ViewKind::reciprocal ? 1.0 / value : value;
}

CircuitBuilder::CircuitBuilder() {
  circuit_.node_names_.emplace_back("0");
  circuit_.node_index_["0"] = ground;
  circuit_.node_index_["gnd"] = ground;
}

NodeIndex CircuitBuilder::node(std::string_view name) {
  const auto next = circuit_.node_count();
  const auto [found, is_new] = circuit_.node_index_.emplace(lower_case(name), next);
  if (is_new) circuit_.node_names_.push_back(found->first);
  return found->second;
}

void CircuitBuilder::check_unique(const std::string& name, const SourceLocation& where) {
  const auto [found, is_new] = names_.emplace(name, where);
  if (is_new) return;
  const auto& first = found->second;
  if (first.line == 0) throw InputError(where, name, "this name is already used");
  const auto place = first.file == where.file ? fmt::format("line {}", first.line) : fmt::format("{}:{}", first.file, first.line);
  throw InputError(where, name, fmt::format("this name is already used in {}", place));
}

void CircuitBuilder::add_branch(BranchSpec spec) {
  spec.name = lower_case(spec.name);
  const auto& element = describe(spec.element);
  const auto parameters = parameters_of(spec.law);
  if (spec.values.size() != parameters.size())
    throw InputError(spec.where, spec.name, fmt::format("law {} takes {} parameters, got {}", keyword_of(spec.law), parameters.size(),
                                                        spec.values.size()));
  if (!(spec.orders.out >= 0 && spec.orders.out <= 1.5 && spec.orders.in >= 0 && spec.orders.in <= 1.5))
    throw InputError(spec.where, spec.name, fmt::format("orders a = {:g}, b = {:g}: both must lie in 0 to 1.5", spec.orders.out, spec.orders.in));

  Branch branch{.name = spec.name, .element = spec.element, .law = spec.law, .orders = spec.orders, .out = spec.out, .in = spec.in,
                .first_slot = static_cast<std::int32_t>(circuit_.slots_.size()),
                .slots = static_cast<std::int32_t>(parameters.size()), .where = spec.where};
  const auto branch_index = static_cast<std::int32_t>(circuit_.branches_.size());
  const bool named_by_views = is_linear(spec.law) && !element.views.empty();
  std::vector<Parameter> named;
  if (named_by_views) {
    for (std::size_t v = 0; v < element.views.size(); ++v) {
      const auto& view = element.views[v];
      const double value = view.kind == ViewKind::reciprocal ? 1.0 / spec.values[0] : spec.values[0];
      check_sign(spec, view.quantity, view.sign, value);
      named.push_back({.name = fmt::format("{}.{}", spec.name, view.name),
                       .unit = view.unit.empty() ? unit_of(ParameterRole::slope, spec.orders) : std::string(view.unit),
                       .branch = branch_index, .slot = branch.first_slot, .view = view.kind, .sign = view.sign, .primary = v == 0});
    }
  } else {
    for (std::size_t p = 0; p < parameters.size(); ++p) {
      const Sign sign = parameters[p].must_be_positive ? Sign::positive : Sign::any;
      check_sign(spec, parameters[p].name, sign, spec.values[p]);
      named.push_back({.name = fmt::format("{}.{}", spec.name, parameters[p].name), .unit = unit_of(parameters[p].role, spec.orders),
                       .branch = branch_index, .slot = branch.first_slot + static_cast<std::int32_t>(p), .sign = sign});
    }
  }
  check_unique(spec.name, spec.where);
  circuit_.slots_.insert(circuit_.slots_.end(), spec.values.begin(), spec.values.end());
  std::ranges::move(named, std::back_inserter(circuit_.parameters_));
  circuit_.branches_.push_back(std::move(branch));
}

void CircuitBuilder::add_source(Source source) {
  source.name = lower_case(source.name);
  check_unique(source.name, source.where);
  circuit_.sources_.push_back(std::move(source));
}

Circuit CircuitBuilder::freeze() && {
  check_topology();
  return std::move(circuit_);
}

void CircuitBuilder::check_topology() const {
  const auto nodes = circuit_.node_count();
  std::vector<int> connections(nodes, 0), current_paths(nodes, 0);
  std::vector<std::pair<SourceLocation, std::string>> first_user(nodes);
  const auto connect = [&](Port port, const SourceLocation& where, const std::string& name, bool carries_current) {
    for (const NodeIndex node : {port.p, port.n}) {
      if (connections[node]++ == 0) first_user[node] = {where, name};
      if (carries_current) ++current_paths[node];
    }
  };
  NodeSets tied(nodes);
  NodeSets voltage_tree(nodes);
  for (const auto& branch : circuit_.branches_) {
    connect(branch.out, branch.where, branch.name, true);
    if (branch.is_two_port()) connect(branch.in, branch.where, branch.name, false);
    // A controlled source fixes no potential of its own; only a one-port ties its nodes together.
    if (!branch.is_two_port()) tied.join(branch.out.p, branch.out.n);
  }
  for (const auto& source : circuit_.sources_) {
    connect(source.port, source.where, source.name, true);
    if (source.kind != SourceKind::voltage) continue;
    tied.join(source.port.p, source.port.n);
    if (!voltage_tree.join(source.port.p, source.port.n))
      throw InputError(source.where, source.name, "closes a loop of voltage sources; put a resistor in the loop");
  }
  const auto& names = circuit_.node_names_;
  if (circuit_.branches_.empty() && circuit_.sources_.empty()) throw InputError({}, "circuit", "has no element");
  if (connections[ground] == 0)
    throw InputError(first_user.size() > 1 ? first_user[1].first : SourceLocation{}, "circuit", "no element is connected to ground (node 0)");
  for (NodeIndex node = 1; node < nodes; ++node) {
    const auto& [where, user] = first_user[node];
    if (connections[node] == 0) throw InputError({}, names[node], "nothing is connected to this node");
    if (connections[node] == 1)
      throw InputError(where, user, fmt::format("node \"{}\" is dangling: nothing else is connected to it", names[node]));
    if (current_paths[node] == 0)
      throw InputError(where, user, fmt::format("node \"{}\" is only sensed, nothing drives it", names[node]));
    if (tied.find(node) != tied.find(ground))
      throw InputError(where, user, fmt::format("node \"{}\" has no path to ground but through current sources", names[node]));
  }
}

}  // namespace tellegen
