#include "hw_models/synapse/array_step.hpp"

#include <algorithm>
#include <cmath>

namespace tellegen {

double peak_source_current(const TransientEngine& engine) {
  const auto sources = engine.circuit().sources();
  double peak = 0;
  for (std::size_t s = 0; s < sources.size(); ++s)
    if (!sources[s].is_constraint) peak = std::max(peak, std::abs(engine.source_current(static_cast<std::int32_t>(s))));
  return peak;
}

void reverse_sources(const Circuit& circuit, std::span<double> sources) {
  for (std::size_t s = 0; s < sources.size(); ++s)
    if (circuit.sources()[s].kind == SourceKind::voltage) sources[s] = -sources[s];
}

void begin_record(CellPhysics& cell, const Circuit& circuit, const ReferenceState& start) {
  const auto& branch = circuit.branches()[cell.branch()];
  const double v = start.node_voltage.empty() ? 0 : start.node_voltage[branch.in.p] - start.node_voltage[branch.in.n];
  if (branch.kind == BranchKind::membrane) return cell.record_start(v, steady_gates(v));
  if (branch.kind == BranchKind::behavioural) {
    std::vector<double> inputs;
    for (const Port input : branch.inputs) inputs.push_back(start.node_voltage.empty() ? 0 : start.node_voltage[input.p] - start.node_voltage[input.n]);
    return cell.record_start(v, inputs);
  }
  cell.record_start(start.controlling.empty() ? 0 : start.controlling[cell.branch()], {});
}

void correlate(CellPhysics& cell, const TransientEngine& engine, const ReferenceState& start, NudgeKind kind, std::ptrdiff_t met, std::size_t step,
               std::size_t steps) {
  const Port out = engine.circuit().branches()[cell.branch()].out;
  const auto x = engine.unknowns();
  const double record = cell.recorded(met);
  const double z = kind == NudgeKind::forward ? controlling_value(engine, start, cell.branch()) - record : engine.controlling()[cell.branch()];
  cell.correlate({.bias = record, .dz = z, .v_out = x[out.p] - x[out.n], .states = cell.recorded_states(met)}, step, steps);
}

}  // namespace tellegen
