// What the emulated chip costs over the solver that it stands for: one analog step of a learning cycle on both plants.
//
//     chip/PLANT/CIRCUIT/STEPS_PER_CLOCK        ns_per_step, three analog phases a cycle; plants are direct and chip

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <systemc>

#include "modules/learning_bench.hpp"

namespace {

using namespace tellegen;
using test::ChipUnderTest, test::CircuitClass, test::LearningBench;

void measure(benchmark::State& state, const LearningBench& bench, Plant& plant) {
  constexpr double phases = 3;  // clamped, and nudged to both sides
  const auto program = bench.cycle(plant).program;
  for (auto _ : state) plant.run(program);
  const double each = 1e-9 * phases * static_cast<double>(bench.grid.steps);
  state.counters["ns_per_step"] =
      benchmark::Counter(each, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void add_rows(CircuitClass kind, std::string_view name) {
  constexpr std::size_t steps = 2000;
  benchmark::RegisterBenchmark(fmt::format("chip/direct/{}/1", name).c_str(), [kind](benchmark::State& state) {
    const LearningBench bench(kind, 1, steps);
    DirectPlant plant(bench.setup);
    measure(state, bench, plant);
  });
  for (const std::size_t steps_per_clock : {1u, 8u})
    benchmark::RegisterBenchmark(fmt::format("chip/chip/{}/{}", name, steps_per_clock).c_str(), [=](benchmark::State& state) {
      const LearningBench bench(kind, 1, steps);
      ChipUnderTest chip(bench, steps_per_clock);
      measure(state, bench, chip.plant);
    });
}

}  // namespace

// SystemC's library owns main and calls sc_main.
int sc_main(int argc, char** argv) {
  add_rows(CircuitClass::resistive_nonlinear, "resistive");
  add_rows(CircuitClass::kendall, "half_order");
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
