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

namespace {

/// Controlling variables after the last step of a run that began in that state.
void read_controlling(const CellArray& cells, const TransientEngine& engine, const ReferenceState& start, std::span<double> z) {
  const auto branches = cells.branches();
  const auto deviation = engine.controlling();
  // A membrane's variable is the voltage itself.
  const bool is_deviation = !start.controlling.empty() && cells.kind() == BranchKind::law;
  for (std::size_t k = 0; k < branches.size(); ++k)
    z[k] = (is_deviation ? start.controlling[branches[k]] : 0.0) + deviation[branches[k]];
}

}  // namespace

void begin_record(CellArray& cells, const Circuit& circuit, const ReferenceState& start) {
  cells.begin_record();
  const auto voltage = [&](Port port) {
    return start.node_voltage.empty() ? 0 : start.node_voltage[port.p] - start.node_voltage[port.n];
  };
  for (std::size_t k = 0; k < cells.width(); ++k) {
    const auto& branch = circuit.branches()[cells.branches()[k]];
    const auto states = cells.start_states().subspan(k * cells.state_words(), cells.state_words());
    switch (branch.kind) {
      case BranchKind::law: cells.start()[k] = start.controlling.empty() ? 0 : start.controlling[cells.branches()[k]]; break;
      case BranchKind::membrane:
        cells.start()[k] = voltage(branch.in);
        std::ranges::copy(steady_gates(voltage(branch.in)), states.begin());
        break;
      case BranchKind::behavioural:
        cells.start()[k] = voltage(branch.in);
        std::ranges::transform(branch.inputs, states.begin(), voltage);
        break;
    }
  }
}

namespace {

void read_states(const CellArray& cells, const TransientEngine& engine, std::span<double> states) {
  const std::size_t words = cells.state_words();
  for (std::size_t k = 0; words != 0 && k < cells.width(); ++k) {
    const auto first = engine.circuit().branches()[cells.branches()[k]].first_state;
    std::ranges::copy(engine.states().subspan(static_cast<std::size_t>(first), words), states.begin() + static_cast<std::ptrdiff_t>(k * words));
  }
}

}  // namespace

void record(CellArray& cells, const TransientEngine& engine, const ReferenceState& start, std::size_t tick) {
  read_controlling(cells, engine, start, cells.trace(tick));
  read_states(cells, engine, cells.state_trace(tick));
  cells.finish_record(tick);
}

void see(CellArray& cells, const TransientEngine& engine, const ReferenceState& start, std::size_t step) {
  if (!cells.sees_steps()) return;
  const auto seen = cells.next_seen(step);
  read_controlling(cells, engine, start, seen.first(cells.width()));
  read_states(cells, engine, seen.subspan(cells.width()));
}

void detect(CellArray& cells, const TransientEngine& engine, const ReferenceState& start, std::size_t step, std::size_t steps) {
  if (!cells.locks_in()) return;
  read_controlling(cells, engine, start, cells.terminals().z);
  cells.detect(step, steps, cells.terminals().z);
}

void replay(const CellArray& cells, const Circuit& circuit, std::ptrdiff_t tick, bool with_bias, std::span<double> bias,
            std::span<double> states) {
  const auto branches = cells.branches();
  const auto record = cells.recorded(tick);
  for (std::size_t k = 0; with_bias && k < branches.size(); ++k) bias[branches[k]] = record[k];
  const std::size_t words = cells.state_words();
  for (std::size_t k = 0; words != 0 && k < branches.size(); ++k)
    std::ranges::copy(cells.recorded_states(tick).subspan(k * words, words),
                      states.begin() + circuit.branches()[branches[k]].first_state);
}

void correlate(CellArray& cells, const TransientEngine& engine, const ReferenceState& start, NudgeKind kind, std::ptrdiff_t met,
               std::size_t step, std::size_t steps) {
  auto& [z, v_out] = cells.terminals();
  const auto record = cells.recorded(met);
  if (kind == NudgeKind::forward) {
    read_controlling(cells, engine, start, z);
    for (std::size_t k = 0; k < z.size(); ++k) z[k] -= record[k];
  } else {
    const auto controlling = engine.controlling();
    for (std::size_t k = 0; k < z.size(); ++k) z[k] = controlling[cells.branches()[k]];
  }
  const auto x = engine.unknowns();
  for (std::size_t k = 0; cells.reads_voltage() && k < z.size(); ++k)
    v_out[k] = x[cells.outputs()[k].p] - x[cells.outputs()[k].n];
  cells.correlate({.bias = record.data(), .dz = z.data(), .v_out = v_out.data(), .states = cells.recorded_states(met).data()},
                  step, steps);
}

}  // namespace tellegen
