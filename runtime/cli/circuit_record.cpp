#include "runtime/cli/circuit_record.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "hw_models/circuit/behaviour.hpp"

namespace tellegen::cli {
namespace {

std::string law_formula(const Branch& branch) {
  if (branch.kind == BranchKind::law && branch.law.expression) return branch.law.expression->text();
  const auto keyword = law_name(branch);
  if (keyword == "linear") return "k0 z";
  if (keyword == "poly") return "k0 z + k1 z^2 + k2 z^3";
  if (keyword == "tanh") return "k0 z + k1 tanh(z/z0)";
  if (keyword == "sinh") return "k0 z + k1 sinh(z/z0)";
  if (keyword == "sine") return "k0 z + k1 sin(z/z0)";
  if (keyword == "junction") return "is (exp(z/(n Vt)) - 1)";
  if (branch.kind == BranchKind::membrane) return "c dv/dt + gna m^3 h (v - ena) + gk n^4 (v - ek) + gl (v - el)";
  return branch.behaviour->text();
}

std::string port_text(const Circuit& circuit, Port port) {
  return fmt::format("{} {}", circuit.unknown_name(port.p), circuit.unknown_name(port.n));
}

report::ElementParameter parameter_record(const Experiment& experiment, std::int32_t index,
                                          std::span<const double> final_values) {
  const auto& circuit = *experiment.circuit();
  const auto& parameter = circuit.parameters()[index];
  const double initial = circuit.parameter_value(parameter, circuit.initial_slots());
  report::ElementParameter record{.name = parameter.name.substr(parameter.name.rfind('.') + 1),
                                  .value = initial,
                                  .unit = parameter.unit,
                                  .trained = false,
                                  .initial_value = std::nullopt,
                                  .final_value = std::nullopt};
  const auto& trained = experiment.trained().indices;
  const auto found = std::ranges::find(trained, static_cast<std::size_t>(index));
  if (found == trained.end()) return record;
  record.trained = true;
  record.value = final_values[static_cast<std::size_t>(found - trained.begin())];
  if (record.value != initial) record.initial_value = initial, record.final_value = record.value;
  return record;
}

/// A parameter that is shown: a primary one, or another name of it that the bench trains instead.
bool is_shown(const Experiment& experiment, std::int32_t index) {
  const auto& parameters = experiment.circuit()->parameters();
  const auto& trained = experiment.trained().indices;
  const auto is_trained = [&](std::size_t i) { return std::ranges::find(trained, i) != trained.end(); };
  if (is_trained(static_cast<std::size_t>(index))) return true;
  if (!parameters[index].primary) return false;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (parameters[i].slot == parameters[index].slot && is_trained(i)) return false;
  return true;
}

}  // namespace

report::CircuitSummary circuit_record(const Experiment& experiment, std::span<const double> final_values) {
  const auto& circuit = *experiment.circuit();
  report::CircuitSummary summary;
  // The user's circuit: nodes and branches of instruments are the probes' business.
  const auto is_named = [](const std::string& node) { return node.find('(') == std::string::npos; };
  summary.nodes = static_cast<int>(std::ranges::count_if(circuit.node_names(), is_named));
  summary.branches = static_cast<int>(std::ranges::count(circuit.branches(), false, &Branch::is_instrument));
  for (const auto& source : circuit.sources())
    if (!source.is_constraint) summary.sources.push_back(source.name);
  const auto parameters = circuit.parameters();
  for (std::size_t k = 0; k < circuit.branches().size(); ++k) {
    const auto& branch = circuit.branches()[k];
    if (branch.is_instrument) continue;
    report::ElementRow row{.name = branch.name,
                           .kind = std::string(describe(branch.element).name),
                           .law = law_formula(branch),
                           .nodes = port_text(circuit, branch.out),
                           .order_out = branch.orders.out,
                           .order_in = branch.orders.in,
                           .skew = skew_text(branch),
                           .parameters = {}};
    if (branch.is_two_port()) row.nodes += fmt::format(" ({})", port_text(circuit, branch.in));
    for (std::size_t p = 0; p < parameters.size(); ++p)
      if (parameters[p].branch == static_cast<std::int32_t>(k) && is_shown(experiment, static_cast<std::int32_t>(p)))
        row.parameters.push_back(parameter_record(experiment, static_cast<std::int32_t>(p), final_values));
    summary.elements.push_back(std::move(row));
  }
  return summary;
}

}  // namespace tellegen::cli
