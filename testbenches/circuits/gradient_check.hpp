#pragma once
// The adjoint gradient of a circuit against central differences.

#include <cmath>
#include <memory>

#include "hw_models/solver/adjoint.hpp"
#include "hw_models/solver/operating_point.hpp"

namespace tellegen::test {

inline constexpr double check_step = 0.1;  // [s]

/// Two incommensurable tones on every source that is no element's own row.
inline Table two_tones(const Circuit& circuit, std::size_t steps) {
  Table sources(steps, circuit.sources().size());
  for (std::size_t n = 0; n < steps; ++n)
    for (std::size_t s = 0; s < sources.columns(); ++s) {
      if (circuit.sources()[s].is_constraint) continue;
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
    if (value == 0) continue;  // the level of a source, which the tones replace
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

/// A run whose gradient by the circuit's primary parameters is checked.
struct CheckedRun {
  std::shared_ptr<const Circuit> circuit;
  TimeGrid grid;
  Table sources;                // by step and source
  std::vector<double> initial;  // by source at t = 0; empty: the run starts from rest
  NodeIndex probe = 1;
};

/// Two tones into the circuit, the loss on its last node.
inline CheckedRun two_tone_run(const std::shared_ptr<const Circuit>& circuit, Method method, bool from_dc, std::size_t steps = 60) {
  CheckedRun run{.circuit = circuit, .grid = {.step = check_step, .steps = steps, .method = method}, .sources = two_tones(*circuit, steps), .initial = {},
                 .probe = circuit->node_count() - 1};
  if (!from_dc) return run;
  for (const auto& source : circuit->sources()) run.initial.push_back(source.is_constraint ? 0 : 0.4);
  return run;
}

inline ReferenceState start_of(const CheckedRun& run, std::span<const double> slots) {
  if (run.initial.empty()) return {};
  return find_operating_point(*run.circuit, {.sources = run.initial, .slots = {slots.begin(), slots.end()}, .first_guess = {}, .held = {}}).state;
}

/// Exact gradient by primary parameter.
inline std::vector<double> adjoint_by_parameter(const CheckedRun& run) {
  const auto slots = run.circuit->initial_slots();
  TransientEngine engine(run.circuit, run.grid);
  const auto start = start_of(run, slots);
  const auto forward = run_forward(engine, run.sources, start);
  Table slope(run.grid.steps, static_cast<std::size_t>(run.circuit->node_count()));
  quadratic_loss(forward, run.probe, &slope);
  const auto by_slot = adjoint_gradient(engine, forward, slope, run.initial.empty() ? nullptr : &start);
  std::vector<double> gradient;
  for (const auto& parameter : run.circuit->parameters())
    if (parameter.primary) gradient.push_back(run.circuit->parameter_slope(parameter, slots, by_slot));
  return gradient;
}

/// |adjoint - central differences| / |adjoint| over the primary parameters, each scaled by its value.
inline double gradient_error(const CheckedRun& run) {
  const auto exact = adjoint_by_parameter(run);
  TransientEngine engine(run.circuit, run.grid);
  const std::vector<double> initial(run.circuit->initial_slots().begin(), run.circuit->initial_slots().end());
  double difference = 0, size = 0;
  std::size_t i = 0;
  for (const auto& parameter : run.circuit->parameters()) {
    if (!parameter.primary) continue;
    const double value = run.circuit->parameter_value(parameter, initial), scale = value != 0 ? std::abs(value) : 1, change = 2e-5 * scale;
    double loss[2];
    for (const int side : {0, 1}) {
      auto slots = initial;
      run.circuit->set_parameter(parameter, value + (side ? -change : change), slots);
      engine.set_slots(slots);
      loss[side] = quadratic_loss(run_forward(engine, run.sources, start_of(run, slots)), run.probe, nullptr);
    }
    difference += std::pow(((loss[0] - loss[1]) / (2 * change) - exact[i]) * scale, 2);
    size += std::pow(exact[i] * scale, 2);
    ++i;
  }
  return std::sqrt(difference / size);
}

}  // namespace tellegen::test
