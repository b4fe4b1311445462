#pragma once
// Gradient by an echo rule on the direct plant against the adjoint.

#include <cmath>
#include <memory>

#include "hw_models/solver/adjoint.hpp"
#include "hw_models/solver/operating_point.hpp"
#include "runtime/plant/direct_plant.hpp"
#include "runtime/protocols/cycle.hpp"

namespace tellegen::test {

inline constexpr TimeGrid echo_grid{.step = 0.1, .steps = 80, .method = Method::bdf2};

/// What a rule's estimate on the direct plant is worth.
struct Comparison {
  double relative_error = 0;
  Classification classification;
};

/// Gradient by the rule on the direct plant against the adjoint, entries scaled by the parameter.
/// @param initial  [V] or [A] by source at t = 0; empty: the run starts from rest
/// @param trained  names of parameters; empty: all primary ones
inline Comparison compare(const std::shared_ptr<const Circuit>& circuit, Rule rule, const CycleOptions& options,
                          History history = History::direct, const std::vector<double>& initial = {},
                          const std::vector<std::string>& trained = {}) {
  TimeGrid grid = echo_grid;
  grid.history = history;
  const NodeIndex probe = circuit->node_count() - 1;
  Table stimulus(echo_grid.steps, circuit->sources().size());
  std::vector<double> target(echo_grid.steps);
  for (std::size_t n = 0; n < echo_grid.steps; ++n) {
    const double t = echo_grid.time(n + 1);
    stimulus.at(n, 0) = std::sin(1.3 * t) + 0.5 * std::cos(3.1 * t);
    target[n] = 0.3 * std::sin(2 * t) + 0.1;
  }
  TransientEngine engine(circuit, grid);
  const std::vector<double> slots(circuit->initial_slots().begin(), circuit->initial_slots().end());
  ReferenceState start;
  if (!initial.empty()) start = find_operating_point(*circuit, {.sources = initial, .slots = slots, .first_guess = {}, .held = {}}).state;
  const auto run = run_forward(engine, stimulus, start);
  Table slope(echo_grid.steps, static_cast<std::size_t>(circuit->node_count()));
  for (std::size_t n = 0; n < echo_grid.steps; ++n) slope.at(n, probe) = echo_grid.step * (run.voltages.at(n, probe) - target[n]);
  const auto exact_slots = adjoint_gradient(engine, run, slope, initial.empty() ? nullptr : &start);

  PlantSetup setup{.circuit = circuit, .grid = grid, .probes = {{probe, ground}}, .learning = {},
                   .slots = slots, .dc_sources = initial, .tail = options.tail};
  for (std::size_t p = 0; p < circuit->parameters().size(); ++p)
    if (trained.empty() ? circuit->parameters()[p].primary : std::ranges::find(trained, circuit->parameters()[p].name) != trained.end())
      setup.learning.push_back({.parameter = static_cast<std::int32_t>(p)});
  DirectPlant plant(setup);
  const auto cycle = make_cycle(plant, *circuit, grid, rule, options, stimulus,
                                     [&](const Table& probes) {
                                       Table e(echo_grid.steps, 1);
                                       for (std::size_t n = 0; n < echo_grid.steps; ++n) e.at(n, 0) = echo_grid.step * (probes.at(n, 0) - target[n]);
                                       return e;
                                     },
                                     false);
  plant.run(cycle.program);
  const auto estimate = plant.gradient();
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < estimate.size(); ++i) {
    const auto& parameter = circuit->parameters()[setup.learning[i].parameter];
    const double value = circuit->parameter_value(parameter, setup.slots);
    const double exact = circuit->parameter_slope(parameter, slots, exact_slots);
    difference += std::pow((estimate[i] - exact) * value, 2);
    size += std::pow(exact * value, 2);
  }
  return {std::sqrt(difference / size), classify(*circuit, rule, {.sides = options.sides, .ports_swapped = options.ports_swapped,
                                                                         .from_dc = !initial.empty(), .has_tail = options.tail > 0})};
}

}  // namespace tellegen::test
