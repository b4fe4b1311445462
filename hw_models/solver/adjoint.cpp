#include "hw_models/solver/adjoint.hpp"

namespace tellegen {
namespace {

void require_converged(SolveStatus status, const TransientEngine& engine) {
  if (status != SolveStatus::converged) throw ConvergenceError(explain(engine.failure(), engine.circuit()));
}

}  // namespace

Trajectory run_forward(TransientEngine& engine, const Table& sources, const ReferenceState& start) {
  const auto& circuit = engine.circuit();
  const auto steps = engine.grid().steps;
  Trajectory run(steps, static_cast<std::size_t>(circuit.node_count()), circuit.branches().size(), circuit.sources().size());
  engine.begin(forward_network, start);
  for (std::size_t n = 0; n < steps; ++n) {
    require_converged(engine.step({.sources = sources.columns() ? sources.row(n) : std::span<const double>{}, .injected = {}, .bias = {}}), engine);
    std::ranges::copy(engine.voltages(), run.voltages.row(n).begin());
    const auto u = engine.controlling();
    for (std::size_t k = 0; k < u.size(); ++k)
      run.controlling.at(n, k) = (start.controlling.empty() ? 0.0 : start.controlling[k]) + u[k];
    for (std::size_t s = 0; s < circuit.sources().size(); ++s)
      run.source_currents.at(n, s) = engine.source_current(static_cast<std::int32_t>(s));
  }
  return run;
}

std::vector<double> adjoint_gradient(TransientEngine& engine, const Trajectory& forward, const Table& voltage_slope) {
  const auto& circuit = engine.circuit();
  const auto branches = circuit.branches();
  const auto steps = engine.grid().steps;
  Table response(steps, branches.size());  // D^a lambda, at the forward step that it meets
  engine.begin(adjoint_network);
  for (std::size_t m = 0; m < steps; ++m) {
    const auto n = steps - 1 - m;
    require_converged(engine.step({.sources = {}, .injected = voltage_slope.row(n), .bias = forward.controlling.row(n)}), engine);
    std::ranges::copy(engine.controlling(), response.row(n).begin());
  }
  std::vector<double> gradient(circuit.initial_slots().size(), 0.0);
  const auto slots = engine.slots();
  for (std::size_t k = 0; k < branches.size(); ++k) {
    visit_law(branches[k].law, [&]<class Law>() {
      const double* p = slots.data() + branches[k].first_slot;
      double slope[Law::parameters.size()] = {};
      double* out = gradient.data() + branches[k].first_slot;
      for (std::size_t n = 0; n < steps; ++n) {
        Law::template law_by_parameter<double>(p, forward.controlling.at(n, k), slope);
        for (std::size_t s = 0; s < Law::parameters.size(); ++s) out[s] -= response.at(n, k) * slope[s];
      }
    });
  }
  return gradient;
}

}  // namespace tellegen
