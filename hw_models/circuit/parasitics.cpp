#include "hw_models/circuit/parasitics.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include "hw_models/elements/element_list.hpp"

namespace tellegen {
namespace {

template <class Element>
void add_hidden(CircuitBuilder& builder, std::string name, Port port, double value, const SourceLocation& where) {
  builder.add_branch({.name = std::move(name), .element = element_id<Element>(), .orders = Element::orders, .out = port, .in = port, .values = {value}, .where = where,
                      .is_hidden = true});
}

void add_leakage(CircuitBuilder& builder, double conductance) {
  std::vector<Branch> capacitors;
  for (const auto& branch : builder.so_far().branches())
    if (branch.kind == BranchKind::law && branch.orders == elements::Capacitor::orders && !branch.is_two_port()) capacitors.push_back(branch);
  for (const auto& branch : capacitors) add_hidden<elements::Resistor>(builder, "leak of " + branch.name, branch.out, conductance, branch.where);
}

/// One-ports that touch a node and stand along it; those with both ends there carry nothing.
std::vector<std::int32_t> taps_of(const Circuit& circuit, NodeIndex node) {
  std::vector<std::int32_t> taps;
  const auto branches = circuit.branches();
  for (std::size_t k = 0; k < branches.size(); ++k) {
    const auto& branch = branches[k];
    if (branch.kind == BranchKind::law && !branch.is_two_port() && (branch.out.p == node) != (branch.out.n == node)) taps.push_back(static_cast<std::int32_t>(k));
  }
  return taps;
}

void add_line(CircuitBuilder& builder, const std::string& name, std::span<const std::int32_t> taps, const Parasitics::Lines& lines) {
  const NodeIndex head = builder.node(name);
  NodeIndex end = head;
  for (std::size_t k = 1; k < taps.size(); ++k) {
    const auto piece = fmt::format("line {} {}", name, k);
    if (lines.resistance > 0) {
      const auto tap = builder.node(piece);
      add_hidden<elements::Resistor>(builder, piece + " r", {end, tap}, 1 / lines.resistance, lines.where);
      builder.move_terminal(taps[k], head, tap);
      end = tap;
    }
    if (lines.capacitance > 0) add_hidden<elements::Capacitor>(builder, piece + " c", {end, ground}, lines.capacitance, lines.where);
  }
}

}  // namespace

void add_parasitics(CircuitBuilder& builder, const Parasitics& parasitics) {
  if (parasitics.leakage > 0) add_leakage(builder, parasitics.leakage);
  if (!(parasitics.lines.resistance > 0 || parasitics.lines.capacitance > 0)) return;
  const std::vector<std::string> names(builder.so_far().node_names().begin() + 1, builder.so_far().node_names().end());
  std::vector<bool> is_line(names.size(), false);
  for (const auto& pattern : parasitics.lines.nodes) {
    bool found = false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (::fnmatch(lower_case(pattern).c_str(), names[i].c_str(), FNM_NOESCAPE) != 0) continue;
      found = is_line[i] = true;
    }
    if (!found) throw InputError(parasitics.lines.where, "[chip.lines] nodes", fmt::format("\"{}\" matches no node of the deck", pattern));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    // Taken before any is moved: an element between two lines leaves its place on neither.
    if (is_line[i]) add_line(builder, names[i], taps_of(builder.so_far(), builder.node(names[i])), parasitics.lines);
  }
}

}  // namespace tellegen
