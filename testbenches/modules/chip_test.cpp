// The chip against the ideal plant: same circuit, same program.

#include <doctest/doctest.h>

#include "modules/learning_bench.hpp"

using namespace tellegen;
using test::ChipUnderTest, test::CircuitClass, test::LearningBench, test::relative_difference;

TEST_CASE("the ideal chip and the direct plant agree in gradients and updated parameters, for every class and rule") {
  for (const auto kind : {CircuitClass::linear, CircuitClass::directed_linear, CircuitClass::resistive_nonlinear, CircuitClass::kendall,
                          CircuitClass::memristive, CircuitClass::mixed_skew, CircuitClass::directed})
    for (const Rule rule : {Rule::echo, Rule::biased_echo})
      for (const bool centred : {true, false})
        for (const bool ports_swapped : {true, false}) {
          CAPTURE(static_cast<int>(kind));
          const LearningBench bench(kind, 3);
          DirectPlant direct(bench.setup);
          ChipUnderTest chip(bench);
          for (int epoch = 0; epoch < 3; ++epoch)
            for (Plant* plant : {static_cast<Plant*>(&direct), static_cast<Plant*>(&chip.plant)})
              plant->run(bench.cycle(*plant, {.rule = rule, .centred = centred, .ports_swapped = ports_swapped}).program);
          CHECK(relative_difference(chip.plant.gradient(), direct.gradient()) < 1e-9);
          CHECK(relative_difference(chip.plant.parameters(), direct.parameters()) < 1e-9);
          CHECK(chip.plant.parameters() != bench.setup.slots);
        }
}

TEST_CASE("a slower chip clock sees less and finds a worse gradient") {
  const LearningBench bench(CircuitClass::kendall, 2);
  DirectPlant direct(bench.setup);
  direct.run(bench.cycle(direct, {.with_update = false}).program);
  const auto ideal = direct.gradient();
  double last = 0;
  for (const std::size_t steps_per_tick : {1u, 2u, 4u, 8u}) {
    ChipUnderTest chip(bench, steps_per_tick);
    chip.plant.run(bench.cycle(chip.plant, {.with_update = false}).program);
    const double error = relative_difference(chip.plant.gradient(), ideal);
    CAPTURE(steps_per_tick);
    CHECK(error >= last);
    CHECK(error < 1);
    last = error;
  }
  CHECK(last > 1e-3);
}
