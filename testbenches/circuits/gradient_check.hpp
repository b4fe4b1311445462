#pragma once
// The adjoint gradient of a circuit against central differences.

#include <cmath>
#include <memory>

#include "hw_models/solver/adjoint.hpp"

namespace tellegen::test {

inline constexpr double check_step = 0.1;  // [s]

/// Two incommensurable tones on every source.
inline Table two_tones(const Circuit& circuit, std::size_t steps) {
  Table sources(steps, circuit.sources().size());
  for (std::size_t n = 0; n < steps; ++n)
    for (std::size_t s = 0; s < sources.columns(); ++s) {
      const double t = static_cast<double>(n + 1) * check_step;
      sources.at(n, s) = std::sin((1.3 + static_cast<double>(s)) * t) + 0.5 * std::cos(3.1 * t);
    }
  return sources;
}

/// 1/2 h sum (v_probe - r)^2 and its slope.
inline double quadratic_loss(const Trajectory& run, NodeIndex probe, Table* slope) {
  double loss = 0;
  for (std::size_t n = 0; n < run.voltages.rows(); ++n) {
    const double target = 0.3 * std::sin(2 * static_cast<double>(n + 1) * check_step) + 0.1;
    const double error = run.voltages.at(n, static_cast<std::size_t>(probe)) - target;
    loss += 0.5 * check_step * error * error;
    if (slope) slope->at(n, static_cast<std::size_t>(probe)) = check_step * error;
  }
  return loss;
}

/// Adjoint gradient of the quadratic loss at the last node.
inline std::vector<double> gradient_by_adjoint(const std::shared_ptr<const Circuit>& circuit, const TimeGrid& grid) {
  TransientEngine engine(circuit, grid);
  const auto run = run_forward(engine, two_tones(*circuit, grid.steps));
  Table slope(grid.steps, static_cast<std::size_t>(circuit->node_count()));
  quadratic_loss(run, circuit->node_count() - 1, &slope);
  return adjoint_gradient(engine, run, slope);
}

/// |adjoint - central differences| / |adjoint| over all law parameters, entries scaled by the parameter; the loss probes the
/// last node.
inline double adjoint_error(const std::shared_ptr<const Circuit>& circuit, Method method, std::size_t steps = 60,
                            History history = History::direct) {
  TransientEngine engine(circuit, {.step = check_step, .steps = steps, .method = method, .history = history});
  const auto sources = two_tones(*circuit, steps);
  const NodeIndex probe = circuit->node_count() - 1;
  const auto run = run_forward(engine, sources);
  Table slope(steps, static_cast<std::size_t>(circuit->node_count()));
  quadratic_loss(run, probe, &slope);
  const auto exact = adjoint_gradient(engine, run, slope);
  double difference = 0, size = 0;
  std::vector<double> slots(circuit->initial_slots().begin(), circuit->initial_slots().end());
  for (std::size_t p = 0; p < slots.size(); ++p) {
    const double value = slots[p], change = 2e-5 * std::abs(value);
    double loss[2];
    for (const int side : {0, 1}) {
      slots[p] = value + (side ? -change : change);
      engine.set_slots(slots);
      loss[side] = quadratic_loss(run_forward(engine, sources), probe, nullptr);
    }
    slots[p] = value;
    engine.set_slots(slots);
    const double measured = (loss[0] - loss[1]) / (2 * change);
    difference += std::pow((measured - exact[p]) * value, 2);
    size += std::pow(exact[p] * value, 2);
  }
  return std::sqrt(difference / size);
}

}  // namespace tellegen::test
