#include "hw_models/circuit/instruments.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "hw_models/elements/element_list.hpp"

namespace tellegen {
namespace {

[[noreturn]] void refuse(const ProbeRequest& probe, std::string_view message) {
  throw InputError(probe.where, probe.subject, fmt::format("\"{}\": {}", probe.text, message));
}

/// "r1" of "i(r1)".
std::string argument_of(const ProbeRequest& probe) {
  const auto& text = probe.text;
  const bool is_call = text.size() > 3 && text[1] == '(' && text.back() == ')';
  if (!is_call || std::string_view("vizq").find(text[0]) == std::string_view::npos)
    refuse(probe, "no probe; expected v(node), v(node,node), i(element), z(element) or q(element)");
  return text.substr(2, text.size() - 3);
}

/// Voltage source that carries the element's current: itself, the one that holds its output, or its ammeter; -1: none.
std::int32_t source_in_series(const Circuit& circuit, const std::string& element) {
  const auto own = circuit.find_source(element);
  if (own >= 0 && circuit.sources()[own].kind == SourceKind::voltage) return own;
  return circuit.find_source(fmt::format("i({})", element));
}

void require_element(const Circuit& circuit, const ProbeRequest& probe, const std::string& element) {
  if (circuit.find_branch(element) < 0 && circuit.find_source(element) < 0)
    refuse(probe, fmt::format("the deck has no element \"{}\"", element));
}

/// Branch whose controlling variable is asked for.
const Branch& sensed_branch(const Circuit& circuit, const ProbeRequest& probe, const std::string& element) {
  require_element(circuit, probe, element);
  const auto index = circuit.find_branch(element);
  if (index < 0 || circuit.branches()[index].kind != BranchKind::law)
    refuse(probe, fmt::format("{} has no controlling variable: it follows no law f(z)", element));
  return circuit.branches()[index];
}

bool is_directly_seen(const Branch& branch) { return branch.orders.in == 1; }

/// Node whose voltage is D^(b-1) of what `sensed` holds.
void add_sensor(CircuitBuilder& builder, const ProbeRequest& probe, Port sensed, double order_in) {
  const auto node = builder.node(probe.text);
  builder.add_branch({.name = probe.text, .element = element_id<elements::GeneralElement>(), .orders = {.out = 0, .in = order_in},
                      .out = {ground, node}, .in = sensed, .values = {1.0}, .where = probe.where, .is_hidden = true, .is_instrument = true});
  builder.add_branch({.name = probe.text + " load", .element = element_id<elements::Resistor>(), .orders = elements::Resistor::orders,
                      .out = {node, ground}, .in = {node, ground}, .values = {1.0}, .where = probe.where, .is_hidden = true, .is_instrument = true});
}

std::int32_t current_source_of(CircuitBuilder& builder, const ProbeRequest& probe, const std::string& element) {
  require_element(builder.so_far(), probe, element);
  const auto there = source_in_series(builder.so_far(), element);
  return there >= 0 ? there : builder.add_ammeter(element, fmt::format("i({})", element), probe.where);
}

void add_instrument(CircuitBuilder& builder, const ProbeRequest& probe) {
  const auto element = argument_of(probe);
  const auto& circuit = builder.so_far();
  switch (probe.text[0]) {
    case 'i': (void)current_source_of(builder, probe, element); return;
    case 'z': {
      const auto& branch = sensed_branch(circuit, probe, element);
      if (is_directly_seen(branch) || circuit.find_node(probe.text) >= 0) return;
      return add_sensor(builder, probe, branch.in, branch.orders.in);
    }
    case 'q': {
      const auto source = current_source_of(builder, probe, element);
      if (circuit.find_node(probe.text) >= 0) return;
      return add_sensor(builder, probe, {current_of_source(source), ground}, 0);
    }
    default: return;  // a voltage needs no instrument
  }
}

Port voltage_port(const Circuit& circuit, const ProbeRequest& probe, std::string_view nodes) {
  const auto node = [&](std::string_view name) {
    const auto index = circuit.find_node(name);
    if (index < 0) refuse(probe, fmt::format("the deck has no node \"{}\"", name));
    return index;
  };
  const auto comma = nodes.find(',');
  if (comma == std::string_view::npos) return {node(nodes), ground};
  return {node(nodes.substr(0, comma)), node(nodes.substr(comma + 1))};
}

}  // namespace

void add_instruments(CircuitBuilder& builder, std::span<const ProbeRequest> probes) {
  // A sensor reads the ports as the ammeters leave them.
  const auto is_sensed = [](const ProbeRequest& probe) { return probe.text.starts_with('z'); };
  for (const auto& probe : probes)
    if (!is_sensed(probe)) add_instrument(builder, probe);
  for (const auto& probe : probes)
    if (is_sensed(probe)) add_instrument(builder, probe);
}

Probe resolve_probe(const Circuit& circuit, const ProbeRequest& probe) {
  const auto argument = argument_of(probe);
  switch (probe.text[0]) {
    case 'v': return {voltage_port(circuit, probe, argument), "V"};
    case 'i': {
      require_element(circuit, probe, argument);
      return {{circuit.current_unknown(source_in_series(circuit, argument)), ground}, "A"};
    }
    case 'z': {
      const auto& branch = sensed_branch(circuit, probe, argument);
      const auto unit = unit_of_controlling_variable(branch.orders, describe(branch.element).control);
      return {is_directly_seen(branch) ? branch.in : Port{circuit.find_node(probe.text), ground}, unit};
    }
    default: return {{circuit.find_node(probe.text), ground}, "C"};
  }
}

}  // namespace tellegen
