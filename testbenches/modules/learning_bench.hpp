#pragma once
// One circuit with stimulus, target and trained parameters, for the direct plant and for chips of any clock.

#include <cmath>
#include <cstdlib>
#include <string_view>

#include "circuits/class_circuits.hpp"
#include "hw_models/chip/emulated_chip.hpp"
#include "runtime/plant/calibration.hpp"
#include "runtime/plant/chip_plant.hpp"
#include "runtime/plant/direct_plant.hpp"
#include "runtime/protocols/cycle.hpp"

namespace tellegen::test {

/// How the cells of a chip under test are built where a test does not say: as a tile, or as the environment wants them.
[[nodiscard]] inline chip::CellLayout usual_layout() {
  const char* wanted = std::getenv("TELLEGEN_TEST_CELLS");
  return wanted && std::string_view(wanted) == "modules" ? chip::CellLayout::modules : chip::CellLayout::tile;
}

/// How a learning cycle is run; the defaults are those of the most demanding rule.
struct BenchCycle {
  Rule rule = Rule::biased_echo;
  bool centred = true;
  bool ports_swapped = true;
  bool with_update = true;
  double beta = 1e-3;
};

/// Learning task on one circuit. All trained parameters are its primary ones, but those of windings, whose slopes no one cell measures.
struct LearningBench {
  std::shared_ptr<const Circuit> circuit;
  TimeGrid grid{.step = 0.1, .steps = 80, .method = Method::bdf2};
  PlantSetup setup;
  std::vector<std::int32_t> driven;     ///< sources with a stimulus bank; the others follow their own waveforms
  Table stimulus;                       ///< by step and source
  std::vector<std::vector<double>> target;  ///< by probe and step
  std::size_t counted_steps;            ///< the loss ends here
  double bus_clock = 100e6;             // [Hz]
  chip::SequencerFactory make_sequencer;  ///< empty: the chip's own

  explicit LearningBench(std::shared_ptr<const Circuit> c, std::size_t steps = 80) : circuit(std::move(c)) {
    grid.steps = counted_steps = steps;
    setup = {.circuit = circuit, .grid = grid, .probes = {}, .learning = {}, .slots = {circuit->initial_slots().begin(), circuit->initial_slots().end()}};
    for (std::size_t p = 0; p < circuit->parameters().size(); ++p)
      if (circuit->parameters()[p].primary && !describe(circuit->branches()[circuit->parameters()[p].branch].element).is_winding)
        setup.learning.push_back({.parameter = static_cast<std::int32_t>(p), .rate = 1e-3, .minimum = 1e-3});
    stimulus = Table(steps, circuit->sources().size());
    for (std::size_t s = 0; s < stimulus.columns(); ++s)
      if (!circuit->sources()[s].is_constraint) driven.push_back(static_cast<std::int32_t>(s));
    for (std::size_t n = 0; n < steps; ++n) {
      const double t = grid.time(n + 1);
      for (const auto s : driven) stimulus.at(n, static_cast<std::size_t>(s)) = std::sin((1.3 + static_cast<double>(s)) * t) + 0.5 * std::cos(3.1 * t);
    }
    add_probe({circuit->node_count() - 1, ground});
  }
  LearningBench(CircuitClass kind, unsigned seed, std::size_t steps = 80) : LearningBench(make_circuit(kind, seed), steps) {}

  void add_probe(Port probe) {
    const double phase = static_cast<double>(setup.probes.size());
    setup.probes.push_back(probe);
    auto& wave = target.emplace_back();
    for (std::size_t n = 1; n <= grid.steps; ++n) wave.push_back(0.3 * std::sin(2 * grid.time(n) + phase) + 0.1);
  }

  /// Sources from this one on follow their waveforms; on the direct plant, which knows stimuli only, these are written out.
  void let_follow_waveforms(std::size_t first) {
    driven.clear();
    for (std::size_t s = 0; s < stimulus.columns(); ++s) {
      if (s < first) driven.push_back(static_cast<std::int32_t>(s));
      for (std::size_t n = 0; s >= first && n < grid.steps; ++n) stimulus.at(n, s) = circuit->sources()[s].waveform.at(grid.time(n + 1));
    }
  }

  /// The same samples on another time scale.
  void set_step(double step) { setup.grid.step = grid.step = step; }

  [[nodiscard]] chip::ChipDescription chip(std::size_t steps_per_tick, chip::CellLayout layout = usual_layout()) const {
    std::vector<std::int32_t> trained;
    for (const auto& learning : setup.learning) trained.push_back(learning.parameter);
    return {.circuit = circuit, .grid = grid, .steps_per_tick = steps_per_tick, .probes = setup.probes, .driven_sources = driven,
            .cells = branches_with_cells(*circuit, trained), .bus_clock = bus_clock,
            .dc_sources = setup.dc_sources,
            .longest_tail = static_cast<std::uint32_t>((setup.tail + steps_per_tick - 1) / steps_per_tick), .cell_layout = layout,
            .make_sequencer = make_sequencer};
  }

  /// Slope of the squared error, seen once a clock tick.
  [[nodiscard]] Table error(const Table& probes, std::size_t steps_per_tick) const {
    Table e(probes.rows(), probes.columns());
    for (std::size_t k = 0; k < probes.rows(); ++k) {
      const auto n = (k + 1) * steps_per_tick - 1;
      for (std::size_t p = 0; n < counted_steps && p < probes.columns(); ++p)
        e.at(k, p) = grid.step * (probes.at(k, p) - target[p][n]);
    }
    return e;
  }

  [[nodiscard]] Cycle cycle(const Plant& plant, const BenchCycle& options = {}) const {
    const auto steps = plant.steps_per_tick();
    CycleOptions echo;
    echo.beta = options.beta;
    echo.sides = options.centred ? Sides::centred : Sides::one;
    echo.ports_swapped = options.ports_swapped;
    echo.tail = (setup.tail + steps - 1) / steps;
    return make_cycle(plant, *circuit, grid, options.rule, echo, stimulus, [this, steps](const Table& probes) { return error(probes, steps); },
                           options.with_update);
  }
};

/// Description of a chip with these non-idealities, sized by an ideal cycle; devices reach from a tenth to ten times their values.
[[nodiscard]] inline chip::ChipDescription nonideal_chip(const LearningBench& bench, NonIdealities nonideal, std::size_t steps_per_tick,
                                                         chip::CellLayout layout = usual_layout(), const BenchCycle& options = {}) {
  auto description = bench.chip(steps_per_tick, layout);
  DirectPlant direct(bench.setup);
  const auto cycle = bench.cycle(direct, options);
  direct.run(cycle.program);
  description.full_scales = full_scales_of(direct, cycle.record.get(), cycle.nudge.get(), bench.stimulus, bench.driven);
  description.nonideal = std::make_shared<const NonIdealities>(std::move(nonideal));
  for (const auto branch : description.cells) {
    auto& own = description.device_ranges.emplace_back();
    for (std::int32_t s = 0; s < bench.circuit->branches()[branch].slots; ++s) {
      const double value = bench.setup.slots[bench.circuit->branches()[branch].first_slot + s];
      own.push_back({value / 10, value * 10});
    }
  }
  return description;
}

/// A chip and its plant, built for a bench.
struct ChipUnderTest {
  chip::ChipDescription description;
  chip::EmulatedChip chip;
  ChipPlant plant;

  explicit ChipUnderTest(const LearningBench& bench, std::size_t steps_per_tick = 1, chip::CellLayout layout = usual_layout())
      : ChipUnderTest(bench, bench.chip(steps_per_tick, layout)) {}
  ChipUnderTest(const LearningBench& bench, chip::ChipDescription of)
      : description(std::move(of)), chip(description),
        plant(chip.bus(), bench.setup,
              {.driven_sources = description.driven_sources, .cells = description.cells, .has_twin = description.nonideal && description.nonideal->passes == PassOrder::lockstep},
              [this] { return chip.fault_text(); }) {}
};

[[nodiscard]] inline double relative_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < b.size(); ++i) difference += std::pow(a.at(i) - b[i], 2), size += std::pow(b[i], 2);
  return std::sqrt(difference / size);
}

}  // namespace tellegen::test
