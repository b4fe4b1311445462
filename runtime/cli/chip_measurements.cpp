#include "runtime/cli/chip_measurements.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/cli/chip_cost.hpp"
#include "runtime/report/progress.hpp"

namespace tellegen::cli {
namespace {

constexpr int compared_cycles = 3;
/// The plants run the same arithmetic; what is left is round-off that the learning carries on.
constexpr double plant_tolerance = 1e-9;
constexpr std::int64_t held_out_points = 25;

Cycle make_cycle(const Experiment& experiment, const Plant& plant, Rule rule, bool with_update) {
  return make_cycle(plant, *experiment.circuit(), experiment.grid(), rule, experiment.cycle_options(plant.steps_per_tick()),
                         experiment.data().stimulus, experiment.error_function(plant.ticks(), plant.steps_per_tick()),
                         with_update);
}

const char* action_of(regmap::Phase phase) {
  switch (phase) {
    case regmap::Phase::idle:
      return "waits for software";
    case regmap::Phase::load:
      return "software writes stimuli and parameters";
    case regmap::Phase::clamped:
      return "inputs clamped, outputs free; cells record their branches";
    case regmap::Phase::turn:
      return "software reads the probes, writes the reversed error as drive";
    case regmap::Phase::nudged_plus:
      return "outputs pushed by the error, records replayed in reverse";
    case regmap::Phase::nudged_minus:
      return "the same with the opposite sign";
    case regmap::Phase::accumulate:
      return "correlators into accumulators";
    case regmap::Phase::update:
      return "every cell updates its own parameters";
    case regmap::Phase::done:
      return "interrupt; software reads results";
  }
  return "";
}

const char* label_of(regmap::Phase phase) {
  constexpr const char* labels[] = {"idle",     "load",       "clamped", "turn", "nudged +",
                                    "nudged -", "accumulate", "update",  "done"};
  return labels[static_cast<std::size_t>(phase)];
}

/// Bits that hold something while a phase runs, of the memories in the order of `memory_of`.
std::uint64_t bits_in(regmap::Phase phase, const std::vector<report::MemoryRow>& memory) {
  enum { stimulus, trace, probe, drive, accumulators };
  const auto sum = [&](std::initializer_list<int> used) {
    std::uint64_t bits = memory[accumulators].bits;
    for (const int i : used) bits += memory[static_cast<std::size_t>(i)].bits;
    return bits;
  };
  switch (phase) {
    case regmap::Phase::load:
      return sum({stimulus});
    case regmap::Phase::clamped:
      return sum({stimulus, trace, probe});
    case regmap::Phase::turn:
      return sum({trace, probe, drive});
    case regmap::Phase::nudged_plus:
    case regmap::Phase::nudged_minus:
      return sum({trace, drive});
    default:
      return sum({});
  }
}

}  // namespace

std::vector<double> exact_on(const Experiment& experiment, ChipBench& bench, std::span<const double> exact) {
  if (!bench.description().nonideal || bench.description().nonideal->programs_ideally()) return {exact.begin(), exact.end()};
  return experiment.exact(bench.plant().parameters()).gradient;
}

std::vector<report::TimingRow> study_timing(const Experiment& experiment, Rule rule, std::span<const double> exact) {
  std::vector<report::TimingRow> rows;
  const auto& ratios = experiment.bench().report.chip_ratios;
  report::Progress progress("timing study", ratios.size(), "chips");
  for (const auto ratio : ratios) {
    const auto steps = static_cast<std::size_t>(ratio);
    ChipBench bench(experiment, steps);
    const auto estimate = experiment.estimate(bench.plant(), rule);
    const auto agreement = experiment.compare(estimate.gradient, exact_on(experiment, bench, exact), experiment.trained().initial);
    rows.push_back({.analog_steps_per_clock = static_cast<double>(ratio),
                    .clock = 1 / (experiment.grid().step * static_cast<double>(ratio)),
                    .cosine = agreement.cosine,
                    .relative_error = agreement.relative_error});
    progress.advance();
  }
  return rows;
}

report::ChipAgainstDirect compare_plants(const Experiment& experiment, Rule rule) {
  DirectPlant direct(experiment.plant_setup());
  ChipBench bench(experiment, 1, Realism::ideal);
  for (int cycle = 0; cycle < compared_cycles; ++cycle)
    for (Plant* plant : {static_cast<Plant*>(&direct), static_cast<Plant*>(&bench.plant())})
      plant->run(make_cycle(experiment, *plant, rule, true).program);
  const auto expected = direct.parameters(), found = bench.plant().parameters();
  report::ChipAgainstDirect result{.tolerance = plant_tolerance};
  result.gradient_difference = experiment.compare(bench.plant().gradient(), direct.gradient(), expected).relative_error;
  for (std::size_t i = 0; i < expected.size(); ++i)
    result.parameter_difference =
        std::max(result.parameter_difference, std::abs(found[i] - expected[i]) / std::abs(expected[i]));
  return result;
}

TrainingResult train_on_chip(const Experiment& experiment, Rule rule) {
  const auto& train = experiment.bench().train;
  TrainingResult result;
  auto& record = result.record;
  record.optimizer = train.optimizer.kind == OptimizerKind::momentum ? "momentum" : "sgd";
  record.rate = train.optimizer.rate;
  record.epochs = static_cast<int>(train.epochs);
  ChipBench bench(experiment, experiment.bench().chip.steps_per_clock);
  auto& plant = bench.plant();
  const auto measure_held_out = [&](std::int64_t epoch) {
    if (!experiment.held_out()) return;
    record.held_out_loss.push_back(
        {static_cast<int>(epoch), experiment.loss(*experiment.held_out(), plant.parameters())});
  };
  measure_held_out(0);
  const auto interval = std::max<std::int64_t>(1, train.epochs / held_out_points);
  report::Progress progress("learning on the chip", static_cast<std::uint64_t>(train.epochs), "epochs");
  for (std::int64_t epoch = 1; epoch <= train.epochs; ++epoch) {
    const auto cycle = make_cycle(experiment, plant, rule, true);
    plant.run(cycle.program);
    // The clamped phase ran before this epoch's update: its loss belongs to the parameters that it started from.
    record.train_loss.push_back(experiment.controller_loss(cycle.record.get().probes, plant.steps_per_tick()));
    if (epoch % interval == 0 || epoch == train.epochs) measure_held_out(epoch);
    progress.advance();
  }
  result.parameters = plant.parameters();
  result.simulated_time = bench.chip().simulated_time();
  return result;
}

report::PhaseTimeline record_cycle(const Experiment& experiment, Rule rule, std::span<const double> parameters,
                                   const std::filesystem::path& vcd) {
  const auto steps_per_clock = experiment.bench().chip.steps_per_clock;
  ChipBench bench(experiment, steps_per_clock);
  std::vector<std::string> unknowns;
  for (const auto& wave : experiment.waves())
    for (const auto place : {wave.port.p, wave.port.n}) {
      const auto name = experiment.circuit()->unknown_name(place);
      if (place != ground && std::ranges::find(unknowns, name) == unknowns.end()) unknowns.push_back(name);
    }
  bench.chip().record_vcd(vcd, unknowns);
  auto& plant = bench.plant();
  plant.set_parameters(parameters);
  plant.run(make_cycle(experiment, plant, rule, true).program);

  report::PhaseTimeline timeline{.clock = 1 / bench.chip().clock_period(),
                                 .analog_steps_per_clock = static_cast<double>(steps_per_clock),
                                 .phases = {},
                                 .memory = memory_of(bench.description(), rule),
                                 .operations = operation_rows(cost_of(experiment, bench.description()), experiment.bench().chip.nonideal.energy),
                                 .stated = stated_options(experiment.bench().chip.nonideal)};
  for (const auto& [phase, cycles] : plant.phase_cycles())
    timeline.phases.push_back({.name = label_of(phase),
                               .cycles = cycles,
                               .time = cycles * bench.chip().clock_period(),
                               .memory_bits = bits_in(phase, timeline.memory),
                               .action = action_of(phase)});
  return timeline;
}

}  // namespace tellegen::cli
