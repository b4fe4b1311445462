#include <doctest/doctest.h>

#include <cmath>

#include "circuits/class_circuits.hpp"
#include "hw_models/chip/emulated_chip.hpp"
#include "runtime/plant/chip_plant.hpp"
#include "runtime/plant/direct_plant.hpp"
#include "runtime/protocols/echo.hpp"

using namespace tellegen;
using test::CircuitClass;

namespace {

struct Bench {
  std::shared_ptr<const Circuit> circuit;
  TimeGrid grid{.step = 0.1, .steps = 80, .method = Method::bdf2};
  PlantSetup setup;
  Table stimulus;
  std::vector<double> target;

  Bench(CircuitClass kind, unsigned seed) : circuit(test::make_circuit(kind, seed)) {
    setup = {.circuit = circuit, .grid = grid, .probes = {{circuit->node_count() - 1, ground}}, .learning = {},
             .slots = {circuit->initial_slots().begin(), circuit->initial_slots().end()}};
    for (std::size_t p = 0; p < circuit->parameters().size(); ++p)
      if (circuit->parameters()[p].primary) setup.learning.push_back({.parameter = static_cast<std::int32_t>(p), .rate = 1e-3, .minimum = 1e-3});
    stimulus = Table(grid.steps, circuit->sources().size());
    for (std::size_t n = 0; n < grid.steps; ++n) {
      const double t = grid.time(n + 1);
      stimulus.at(n, 0) = std::sin(1.3 * t) + 0.5 * std::cos(3.1 * t);
      target.push_back(0.3 * std::sin(2 * t) + 0.1);
    }
  }

  [[nodiscard]] chip::ChipDescription chip(std::size_t steps_per_tick) const {
    std::vector<std::int32_t> trained;
    for (const auto& learning : setup.learning) trained.push_back(learning.parameter);
    return {.circuit = circuit, .grid = grid, .steps_per_tick = steps_per_tick, .probes = setup.probes, .driven_sources = {0},
            .cells = branches_with_cells(*circuit, trained)};
  }

  [[nodiscard]] EchoCycle cycle(const Plant& plant, Rule rule, bool centred, bool with_update) const {
    const auto steps = plant.steps_per_tick();
    return make_echo_cycle(plant, *circuit, grid, rule, {.beta = 1e-3, .centred = centred}, stimulus,
                           [this, steps](const Table& probes) {
                             Table e(probes.rows(), 1);
                             for (std::size_t k = 0; k < probes.rows(); ++k) {
                               const auto n = (k + 1) * steps - 1;
                               if (n < grid.steps) e.at(k, 0) = grid.step * (probes.at(k, 0) - target[n]);
                             }
                             return e;
                           },
                           with_update);
  }
};

double relative_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference += std::pow(a[i] - b[i], 2), size += std::pow(b[i], 2);
  return std::sqrt(difference / size);
}

}  // namespace

TEST_CASE("the ideal chip and the direct plant agree in gradients and updated parameters, for every class and rule") {
  for (const auto kind : {CircuitClass::linear, CircuitClass::directed_linear, CircuitClass::resistive_nonlinear, CircuitClass::kendall,
                          CircuitClass::memristive, CircuitClass::mixed_skew, CircuitClass::directed})
    for (const Rule rule : {Rule::echo, Rule::biased_echo})
      for (const bool centred : {true, false}) {
        CAPTURE(static_cast<int>(kind));
        const Bench bench(kind, 3);
        DirectPlant direct(bench.setup);
        const auto description = bench.chip(1);
        chip::EmulatedChip chip(description);
        ChipPlant plant(chip.bus(), bench.setup, {.driven_sources = description.driven_sources, .cells = description.cells});
        for (int epoch = 0; epoch < 3; ++epoch) {
          direct.run(bench.cycle(direct, rule, centred, true).program);
          plant.run(bench.cycle(plant, rule, centred, true).program);
        }
        CHECK(relative_difference(plant.gradient(), direct.gradient()) < 1e-9);
        CHECK(relative_difference(plant.parameters(), direct.parameters()) < 1e-9);
        CHECK(plant.parameters() != bench.setup.slots);
      }
}

TEST_CASE("a slower chip clock sees less and finds a worse gradient") {
  const Bench bench(CircuitClass::kendall, 2);
  DirectPlant direct(bench.setup);
  direct.run(bench.cycle(direct, Rule::biased_echo, true, false).program);
  const auto ideal = direct.gradient();
  double last = 0;
  for (const std::size_t steps_per_tick : {1u, 2u, 4u, 8u}) {
    const auto description = bench.chip(steps_per_tick);
    chip::EmulatedChip chip(description);
    ChipPlant plant(chip.bus(), bench.setup, {.driven_sources = description.driven_sources, .cells = description.cells});
    plant.run(bench.cycle(plant, Rule::biased_echo, true, false).program);
    const double error = relative_difference(plant.gradient(), ideal);
    CAPTURE(steps_per_tick);
    CHECK(error >= last);
    CHECK(error < 1);
    last = error;
  }
  CHECK(last > 1e-3);
}
