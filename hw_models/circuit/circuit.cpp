#include "hw_models/circuit/circuit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <unordered_set>

#include "hw_models/circuit/behaviour.hpp"

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

NodeIndex Circuit::find_unknown(std::string_view name) const {
  if (const auto node = find_node(name); node >= 0) return node;
  const auto wanted = lower_case(name);
  for (NodeIndex place = node_count(); place < unknown_count(); ++place)
    if (unknown_name(place) == wanted) return place;
  return -1;
}

std::int32_t Circuit::find_source(std::string_view name) const {
  const auto found = std::ranges::find(sources_, lower_case(name), &Source::name);
  return found == sources_.end() ? -1 : static_cast<std::int32_t>(found - sources_.begin());
}

std::int32_t Circuit::find_branch(std::string_view name) const {
  const auto found = std::ranges::find(branches_, lower_case(name), &Branch::name);
  return found == branches_.end() ? -1 : static_cast<std::int32_t>(found - branches_.begin());
}

bool Branch::is_linear() const {
  switch (kind) {
    case BranchKind::law: return tellegen::is_linear(law);
    case BranchKind::membrane: return false;
    case BranchKind::behavioural: return behaviour->is_linear();
  }
  return false;
}

bool Branch::ties_terminals() const {
  if (kind != BranchKind::behavioural) return !is_two_port();
  return std::ranges::all_of(std::array{out.p, out.n}, [this](NodeIndex node) {
    return node == ground || std::ranges::any_of(inputs, [node](Port input) { return input.p == node || input.n == node; });
  });
}

bool is_directed(const Branch& branch) {
  if (branch.kind == BranchKind::behavioural) return true;
  return branch.is_two_port() && !describe(branch.element).is_winding;
}

std::string_view law_name(const Branch& branch) {
  switch (branch.kind) {
    case BranchKind::law: return keyword_of(branch.law);
    case BranchKind::membrane: return "gates";
    case BranchKind::behavioural: return "expression";
  }
  return "";
}

double Circuit::parameter_value(const Parameter& parameter, std::span<const double> slots) const {
  const double slot = slots[parameter.slot];
  return parameter.view == ViewKind::reciprocal ? 1.0 / slot : slot;
}

void Circuit::set_parameter(const Parameter& parameter, double value, std::span<double> slots) const {
  slots[parameter.slot] = parameter.view == ViewKind::reciprocal ? 1.0 / value : value;
  for (const auto& c : couplings_)
    for (const auto m : c.m_slots) slots[m] = slots[c.k_slot] * std::sqrt(slots[c.l1_slot] * slots[c.l2_slot]);
}

double Circuit::parameter_slope(const Parameter& parameter, std::span<const double> slots, std::span<const double> slope_by_slot) const {
  const double slot = slots[parameter.slot];
  double slope = slope_by_slot[parameter.slot];
  for (const auto& c : couplings_) {
    const double of_m = slope_by_slot[c.m_slots[0]] + slope_by_slot[c.m_slots[1]], root = std::sqrt(slots[c.l1_slot] * slots[c.l2_slot]);
    if (parameter.slot == c.k_slot) slope += root * of_m;
    if (parameter.slot == c.l1_slot || parameter.slot == c.l2_slot) slope += 0.5 * slots[c.k_slot] * root / slot * of_m;
  }
  return parameter.view == ViewKind::reciprocal ? -slot * slot * slope : slope;
}

std::string Circuit::unknown_name(NodeIndex place) const {
  if (place < node_count()) return node_names_[place];
  const auto source = std::ranges::find(current_unknown_, place) - current_unknown_.begin();
  const auto& holder = sources_[static_cast<std::size_t>(source)];
  return holder.is_instrument ? holder.name : fmt::format("i({})", holder.name);
}

BranchSpec Circuit::spec_of(const Branch& branch, std::span<const double> slots) const {
  const auto terminal = [&](NodeIndex place) {
    if (place < node_count()) return place;
    return current_of_source(static_cast<std::int32_t>(std::ranges::find(current_unknown_, place) - current_unknown_.begin()));
  };
  const auto port = [&](Port p) { return Port{terminal(p.p), terminal(p.n)}; };
  const auto own = slots.subspan(static_cast<std::size_t>(branch.first_slot), static_cast<std::size_t>(branch.slots));
  BranchSpec spec{.name = branch.name, .element = branch.element, .law = branch.law, .orders = branch.orders, .out = port(branch.out),
                  .in = port(branch.in), .values = {own.begin(), own.end()}, .where = branch.where, .kind = branch.kind,
                  .behaviour = branch.behaviour, .is_instrument = branch.is_instrument};
  for (const Port input : branch.inputs) spec.inputs.push_back(port(input));
  return spec;
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

namespace {

struct SlotParameter {
  std::string_view name;
  std::string unit;
  Sign sign;
};

/// Parameters that the slots of a branch of this kind bear as names, in the order of the slots.
std::vector<SlotParameter> slot_parameters(const BranchSpec& spec, const ElementDescription& element) {
  std::vector<SlotParameter> named;
  if (spec.kind == BranchKind::membrane)
    for (const auto& p : membrane_parameters) named.push_back({p.name, std::string(p.unit), p.must_be_positive ? Sign::positive : Sign::any});
  if (spec.kind == BranchKind::law)
    for (const auto& p : parameters_of(spec.law))
      named.push_back({p.name, unit_of(p.role, spec.orders, element.output, element.control), p.must_be_positive ? Sign::positive : Sign::any});
  return named;
}

std::int32_t state_count_of(const BranchSpec& spec) {
  switch (spec.kind) {
    case BranchKind::law: return 0;
    case BranchKind::membrane: return gate_count;
    case BranchKind::behavioural: return static_cast<std::int32_t>(spec.inputs.size());
  }
  return 0;
}

}  // namespace

void CircuitBuilder::add_branch(BranchSpec spec) {
  spec.name = lower_case(spec.name);
  const auto& element = describe(spec.element);
  const auto by_slot = slot_parameters(spec, element);
  if (spec.values.size() != by_slot.size())
    throw InputError(spec.where, spec.name, fmt::format("law {} takes {} parameters, got {}", keyword_of(spec.law), by_slot.size(),
                                                        spec.values.size()));
  if (!(spec.orders.out >= 0 && spec.orders.out <= 1.5 && spec.orders.in >= 0 && spec.orders.in <= 1.5))
    throw InputError(spec.where, spec.name, fmt::format("orders a = {:g}, b = {:g}: both must lie in 0 to 1.5", spec.orders.out, spec.orders.in));

  Branch branch{.name = spec.name, .element = spec.element, .kind = spec.kind, .law = spec.law, .orders = spec.orders, .out = spec.out, .in = spec.in,
                .first_slot = static_cast<std::int32_t>(circuit_.slots_.size()),
                .slots = static_cast<std::int32_t>(by_slot.size()), .first_state = circuit_.state_count_, .states = state_count_of(spec),
                .behaviour = spec.behaviour, .inputs = spec.inputs, .where = spec.where, .is_instrument = spec.is_instrument};
  circuit_.state_count_ += branch.states;
  const auto branch_index = static_cast<std::int32_t>(circuit_.branches_.size());
  const bool named_by_views = branch.kind == BranchKind::law && is_plain_slope(branch.law) && !element.views.empty();
  std::vector<Parameter> named;
  if (spec.is_hidden) {
    // An instrument, or a part whose element names the parameters.
  } else if (named_by_views) {
    for (std::size_t v = 0; v < element.views.size(); ++v) {
      const auto& view = element.views[v];
      const double value = view.kind == ViewKind::reciprocal ? 1.0 / spec.values[0] : spec.values[0];
      check_sign(spec, view.quantity, view.sign, value);
      named.push_back({.name = fmt::format("{}.{}", spec.name, view.name),
                       .unit = view.unit.empty() ? unit_of(ParameterRole::slope, spec.orders, element.output, element.control) : std::string(view.unit),
                       .branch = branch_index, .slot = branch.first_slot, .view = view.kind, .sign = view.sign, .primary = v == 0});
    }
  } else {
    for (std::size_t p = 0; p < by_slot.size(); ++p) {
      check_sign(spec, by_slot[p].name, by_slot[p].sign, spec.values[p]);
      // The area scales all the others: geometry, not a synapse.
      if (spec.kind == BranchKind::membrane && by_slot[p].name == "area") continue;
      named.push_back({.name = fmt::format("{}.{}", spec.name, by_slot[p].name), .unit = by_slot[p].unit,
                       .branch = branch_index, .slot = branch.first_slot + static_cast<std::int32_t>(p), .sign = by_slot[p].sign});
    }
  }
  check_unique(spec.name, spec.where);
  circuit_.slots_.insert(circuit_.slots_.end(), spec.values.begin(), spec.values.end());
  std::ranges::move(named, std::back_inserter(circuit_.parameters_));
  circuit_.branches_.push_back(std::move(branch));
}

std::int32_t CircuitBuilder::add_source(Source source) {
  source.name = lower_case(source.name);
  // A constraint bears the name of its element, which has checked it.
  if (!source.is_constraint) check_unique(source.name, source.where);
  circuit_.sources_.push_back(std::move(source));
  return static_cast<std::int32_t>(circuit_.sources_.size()) - 1;
}

std::int32_t CircuitBuilder::add_constraint(std::string_view element, Port port, const SourceLocation& where) {
  return add_source({.name = std::string(element), .kind = SourceKind::voltage, .port = port, .waveform = Waveform(0.0), .where = where, .is_constraint = true});
}

std::int32_t CircuitBuilder::add_ammeter(std::string_view element, std::string_view name, const SourceLocation& where) {
  const auto branch = circuit_.find_branch(element);
  const auto source = circuit_.find_source(element);
  if (branch < 0 && source < 0) throw std::invalid_argument(fmt::format("there is no element \"{}\" to measure", element));
  Port& port = branch >= 0 ? circuit_.branches_[branch].out : circuit_.sources_[source].port;
  if (port.p < 0 || port.n < 0) throw std::invalid_argument(fmt::format("{} stands in a source's row, whose current is its own", element));
  const NodeIndex outer = port.p, inner = node(fmt::format("node of {}", name));
  const bool senses_itself = branch >= 0 && !circuit_.branches_[branch].is_two_port();
  port.p = inner;
  if (senses_itself) circuit_.branches_[branch].in = port;
  return add_source({.name = std::string(name), .kind = SourceKind::voltage, .port = {outer, inner}, .waveform = Waveform(0.0), .where = where,
                     .is_constraint = true, .is_instrument = true});
}

void CircuitBuilder::move_terminal(std::int32_t branch, NodeIndex from, NodeIndex to) {
  auto& moved = circuit_.branches_[branch];
  (moved.out.p == from ? moved.out.p : moved.out.n) = to;
  moved.in = moved.out;
}

void CircuitBuilder::add_coupling(std::string_view name, ElementId element, std::string_view first, std::string_view second, double k,
                                  const SourceLocation& where) {
  const auto subject = lower_case(name);
  if (!(std::abs(k) <= 1)) throw InputError(where, name, fmt::format("the coupling coefficient must lie in -1 to 1, got {:g}", k));
  check_unique(subject, where);
  const auto inductor = [&](std::string_view wanted) -> const Branch& {
    const auto index = circuit_.find_branch(wanted);
    if (index < 0) throw InputError(where, name, fmt::format("there is no inductor \"{}\"", wanted));
    return circuit_.branches_[index];
  };
  const Branch l1 = inductor(first), l2 = inductor(second);
  for (const auto& other : circuit_.couplings_)
    if (std::pair(std::min(l1.first_slot, l2.first_slot), std::max(l1.first_slot, l2.first_slot)) ==
        std::pair(std::min(other.l1_slot, other.l2_slot), std::max(other.l1_slot, other.l2_slot)))
      throw InputError(where, name, fmt::format("{} and {} are coupled already", first, second));
  const double l1_value = circuit_.slots_[l1.first_slot], l2_value = circuit_.slots_[l2.first_slot];
  const double m = k * std::sqrt(l1_value * l2_value);
  const auto forward_name = fmt::format("{}:{}", subject, l1.name), backward_name = fmt::format("{}:{}", subject, l2.name);
  // v1 = D(l1 i1 + m i2): each current adds to the voltage that the other winding's constraint holds.
  add_branch({.name = forward_name, .element = element, .orders = l1.orders, .out = l1.out, .in = l2.in, .values = {m}, .where = where, .is_hidden = true});
  const auto m_slot = circuit_.branches_.back().first_slot;
  add_branch({.name = backward_name, .element = element, .orders = l1.orders, .out = l2.out, .in = l1.in, .values = {m}, .where = where, .is_hidden = true});
  circuit_.parameters_.push_back({.name = subject + ".k", .unit = "1", .branch = static_cast<std::int32_t>(circuit_.branches_.size()) - 2, .slot = -1});
  circuit_.couplings_.push_back({.m_slots = {m_slot, circuit_.branches_.back().first_slot}, .l1_slot = l1.first_slot, .l2_slot = l2.first_slot});
  coupling_coefficients_.push_back(k);
}

/// A constant independent source is trainable, but only when named: `v1.dc`.
void CircuitBuilder::name_sources() {
  for (auto& source : circuit_.sources_) {
    if (source.is_constraint || source.is_instrument || !source.waveform.is_constant()) continue;
    source.dc_slot = static_cast<std::int32_t>(circuit_.slots_.size());
    circuit_.slots_.push_back(source.waveform.dc());
    circuit_.parameters_.push_back({.name = source.name + ".dc", .unit = source.kind == SourceKind::voltage ? "V" : "A", .branch = -1,
                                    .slot = source.dc_slot, .primary = false});
  }
}

/// Coupling coefficients come behind the slots of all branches, so that these are numbered alike with and without them.
void CircuitBuilder::name_couplings() {
  std::size_t next = 0;
  for (auto& parameter : circuit_.parameters_) {
    if (parameter.slot >= 0) continue;
    parameter.slot = circuit_.couplings_[next].k_slot = static_cast<std::int32_t>(circuit_.slots_.size());
    circuit_.slots_.push_back(coupling_coefficients_[next++]);
  }
}

/// Gives every voltage source's current its place behind the nodes, and ports the places of their terminals.
void CircuitBuilder::number_unknowns() {
  circuit_.unknown_count_ = circuit_.node_count();
  for (const auto& source : circuit_.sources_)
    circuit_.current_unknown_.push_back(source.kind == SourceKind::voltage ? circuit_.unknown_count_++ : -1);
  const auto place = [&](NodeIndex& terminal, const Branch& branch) {
    if (terminal >= 0) return;
    terminal = circuit_.current_unknown_[-1 - terminal];
    if (terminal < 0) throw InputError(branch.where, branch.name, "senses the current of a current source; only that of a voltage source can be sensed");
  };
  for (auto& branch : circuit_.branches_) {
    for (Port* port : {&branch.out, &branch.in}) place(port->p, branch), place(port->n, branch);
    for (auto& input : branch.inputs) place(input.p, branch), place(input.n, branch);
  }
}

Circuit CircuitBuilder::freeze() && {
  check_topology();
  number_unknowns();
  name_sources();
  name_couplings();
  return std::move(circuit_);
}

void CircuitBuilder::check_topology() const {
  const auto nodes = circuit_.node_count();
  std::vector<int> connections(nodes, 0), current_paths(nodes, 0);
  std::vector<std::pair<SourceLocation, std::string>> first_user(nodes);
  const auto connect = [&](Port port, const SourceLocation& where, const std::string& name, bool carries_current) {
    for (const NodeIndex node : {port.p, port.n}) {
      if (node < 0) continue;  // a source's current
      if (connections[node]++ == 0) first_user[node] = {where, name};
      if (carries_current) ++current_paths[node];
    }
  };
  NodeSets tied(nodes);
  NodeSets voltage_tree(nodes);
  std::unordered_set<NodeIndex> windings;  // rows that hold no voltage of their own but a change of flux
  for (const auto& branch : circuit_.branches_) {
    if (describe(branch.element).is_winding) windings.insert(branch.out.n);
    connect(branch.out, branch.where, branch.name, true);
    if (branch.is_two_port()) connect(branch.in, branch.where, branch.name, false);
    for (const Port input : branch.inputs) connect(input, branch.where, branch.name, false);
    // A controlled source fixes no potential of its own.
    if (branch.ties_terminals()) tied.join(branch.out.p, branch.out.n);
  }
  for (const auto& source : circuit_.sources_) {
    connect(source.port, source.where, source.name, true);
    if (source.kind != SourceKind::voltage) continue;
    tied.join(source.port.p, source.port.n);
    if (windings.contains(current_of_source(static_cast<std::int32_t>(&source - circuit_.sources_.data())))) continue;
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
