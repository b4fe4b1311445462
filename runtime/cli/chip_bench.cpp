#include "runtime/cli/chip_bench.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "hw_models/synapse/cell_tile.hpp"
#include "runtime/plant/calibration.hpp"
#include "runtime/training/emulator_rules.hpp"

namespace tellegen::cli {
namespace {

/// What an ideal learning cycle shows, after which the converters and correlators of the chip are sized.
FullScales calibrate(const Experiment& experiment, const PlantSetup& setup) {
  DirectPlant direct(setup);
  const auto cycle = make_cycle(direct, *experiment.circuit(), experiment.grid(), experiment.bench().rule.name, experiment.cycle_options(1), experiment.data().stimulus,
                                experiment.error_function(direct.ticks(), 1), false);
  direct.run(cycle.program);
  return full_scales_of(direct, cycle.record.get(), cycle.nudge.get(), experiment.data().stimulus, experiment.driven_sources());
}

/// Range of every slot that is trained; the others hold what they are made with.
std::vector<std::vector<DeviceRange>> ranges_of(const Experiment& experiment, const PlantSetup& setup, const std::vector<std::int32_t>& cells) {
  const auto& circuit = *setup.circuit;
  const double span = experiment.bench().chip.nonideal.programming.range;
  std::vector<std::vector<DeviceRange>> ranges;
  std::vector<std::size_t> cell_of_branch(circuit.branches().size());
  for (const auto branch : cells) {
    cell_of_branch[branch] = ranges.size();
    ranges.emplace_back(static_cast<std::size_t>(circuit.branches()[branch].slots));
  }
  for (const auto& learning : setup.learning) {
    const auto& parameter = circuit.parameters()[learning.parameter];
    const double value = circuit.parameter_value(parameter, setup.slots);
    auto& range = ranges[cell_of_branch[parameter.branch]][parameter.slot - circuit.branches()[parameter.branch].first_slot];
    if (std::isfinite(learning.minimum) && std::isfinite(learning.maximum)) {
      range = {learning.minimum, learning.maximum};
      continue;
    }
    if (value == 0)
      throw InputError({experiment.bench().file.string(), 0}, "[chip.programming]",
                       fmt::format("{} starts at 0, so nothing says what its device can hold; expected [train] bounds for it", parameter.name));
    range = {std::min(value / span, value * span), std::max(value / span, value * span)};
  }
  return ranges;
}

/// Refuses what would be read and then change nothing.
void check_effects(const Experiment& experiment) {
  const auto& bench = experiment.bench();
  const auto& chip = bench.chip.nonideal;
  const auto rule = bench.rule.name;
  const auto refuse = [&](std::string_view what, const std::string& why) { throw InputError({bench.file.string(), 0}, what, why); };
  const bool keeps_trace = rule != Rule::hamiltonian_echo && rule != Rule::periodic_echo;
  const auto& [depth, droop] = chip.trace_memory;
  const bool has_trace_flaws = chip.trace.bits > 0 || chip.trace.noise > 0 || depth > 0 || droop > 0 || moves_instants(chip.trace_sampling);
  if (has_trace_flaws && !keeps_trace) refuse("[chip.trace]", fmt::format("{} keeps no trace; expected another rule, or no such table", name_of(rule)));
  if (chip.replay != Replay::held && !keeps_trace) refuse("[chip] replay", fmt::format("{} replays no trace; expected \"held\"", name_of(rule)));
  if (chip.passes == PassOrder::lockstep && !runs_both_sides(rule, bench.rule.sides))
    refuse("[chip] passes", fmt::format("{} has one nudged pass, which has nothing to run beside; expected \"sequential\"", name_of(rule)));
  const bool has_stimulus_flaws = chip.stimulus.bits > 0 || chip.stimulus.offset != 0 || chip.stimulus.noise > 0 || chip.stimulus.settling > 0;
  if (has_stimulus_flaws && experiment.driven_sources().empty())
    refuse("[chip.stimulus]", "no input comes through a converter; expected an [[input]] with csv or samples");
  if ((chip.negative_conductance.gain != 0 || chip.negative_conductance.saturation > 0) && rule != Rule::gain_flip_echo)
    refuse("[chip.negative_conductance]", fmt::format("{} turns no conductance negative; expected name = \"gain_flip_echo\"", name_of(rule)));
  if (chip.probe.full_scale > 0 && std::ranges::any_of(experiment.probe_units(), [](const std::string& unit) { return unit != "V"; }))
    refuse("[chip.probe] full_scale", "a probe is no voltage; expected range instead");
}

}  // namespace

ChipBench::ChipBench(const Experiment& experiment, std::size_t steps_per_clock, Realism realism, chip::SequencerFactory make_sequencer) {
  const auto setup = experiment.plant_setup();
  const auto& settings = experiment.bench().chip;
  std::vector<std::int32_t> trained;
  for (const auto& learning : setup.learning) trained.push_back(learning.parameter);
  const auto layout = settings.cells == ChipSettings::Cells::tile ? chip::CellLayout::tile : chip::CellLayout::modules;
  description_ = {.circuit = setup.circuit,
                  .grid = setup.grid,
                  .steps_per_tick = steps_per_clock,
                  .probes = setup.probes,
                  .driven_sources = experiment.driven_sources(),
                  .cells = branches_with_cells(*setup.circuit, trained),
                  .dc_sources = setup.dc_sources,
                  .longest_tail = static_cast<std::uint32_t>((setup.tail + steps_per_clock - 1) / steps_per_clock),
                  .cell_layout = layout,
                  .make_sequencer = std::move(make_sequencer),
                  .device_factors = setup.device_factors};
  const bool is_real = realism == Realism::as_stated && !settings.is_ideal;
  if (is_real) check_effects(experiment);
  if (is_real || !setup.device_factors.empty()) {
    auto nonideal = settings.nonideal;
    if (!is_real) nonideal = NonIdealities{};
    description_.nonideal = std::make_shared<const NonIdealities>(std::move(nonideal));
    if (description_.nonideal->needs_calibration()) description_.full_scales = calibrate(experiment, setup);
    if (!description_.nonideal->programs_ideally()) description_.device_ranges = ranges_of(experiment, setup, description_.cells);
  }
  const bool has_twin = description_.nonideal && description_.nonideal->passes == PassOrder::lockstep;
  chip_ = std::make_unique<chip::EmulatedChip>(description_);
  plant_ = std::make_unique<ChipPlant>(chip_->bus(), setup, ChipLayout{description_.driven_sources, description_.cells, has_twin},
                                       [this] { return chip_->fault_text(); });
}

void require_learnable_on_chip(const Experiment& experiment, bool trains) {
  const auto& bench = experiment.bench();
  const Rule rule = bench.rule.name;
  if (rule == Rule::adjoint)
    throw InputError(bench.rule.name_where, "[rule] name",
                     "the adjoint cannot run on a chip; expected echo or biased_echo (gradcheck takes the adjoint)");
  if (runs_in_emulator_only(rule, bench.rule.sides))
    throw InputError(bench.rule.name_where, "[rule] name",
                     fmt::format("{}{} cannot run on a chip; expected another rule such as biased_echo (gradcheck takes it)", name_of(rule),
                                 rule == Rule::equilibrium ? " with complex amplitudes" : ""));
  if (trains && bench.train.optimizer.kind == OptimizerKind::adam)
    throw InputError(bench.train.optimizer_where, "[train] optimizer",
                     "adam needs a second moment that the cells do not hold; expected sgd or momentum");
  if (!bench.chip.is_ideal) check_effects(experiment);
}

}  // namespace tellegen::cli
