// What the emulation costs: told, never judged.

#include <doctest/doctest.h>

#include <chrono>

#include "modules/learning_bench.hpp"

using namespace tellegen;
using test::ChipUnderTest, test::CircuitClass, test::LearningBench;

namespace {

/// Wall time [ns] of one analog step, over some learning cycles of three analog phases each.
double cost_of_step(const LearningBench& bench, Plant& plant) {
  constexpr int cycles = 5;
  const auto program = bench.cycle(plant).program;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < cycles; ++i) plant.run(program);
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
  return taken.count() / (cycles * 3.0 * static_cast<double>(bench.grid.steps));
}

}  // namespace

TEST_CASE("the cost of an analog step on the chip and on the direct plant is told") {
  for (const auto& [kind, name] : {std::pair{CircuitClass::resistive_nonlinear, "resistive"}, {CircuitClass::kendall, "half order"}}) {
    const LearningBench bench(kind, 1, 2000);
    DirectPlant direct(bench.setup);
    const double ideal = cost_of_step(bench, direct);
    for (const std::size_t steps_per_tick : {1u, 8u}) {
      ChipUnderTest chip(bench, steps_per_tick);
      const double emulated = cost_of_step(bench, chip.plant);
      MESSAGE(fmt::format("{}: {:.0f} ns a step on the chip with {} to the clock cycle, {:.0f} ns on the direct plant", name, emulated, steps_per_tick, ideal));
      CHECK(emulated > 0);
    }
  }
}
