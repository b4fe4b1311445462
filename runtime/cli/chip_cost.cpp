#include "runtime/cli/chip_cost.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "hw_models/nonideal/option_list.hpp"
#include "tellegen/units/quantity_text.hpp"

namespace tellegen::cli {
namespace {

constexpr double ideal_word = 64;  // [bit] of a memory whose resolution is not stated: a double

double bits_or_ideal(double bits) { return bits > 0 ? bits : ideal_word; }

/// What a cell keeps of a run, by signal.
std::uint64_t words_by_signal(Rule rule, std::size_t ticks, double depth) {
  switch (rule) {
    case Rule::equilibrium:
    case Rule::coupled: return 1;                            // the settled value
    case Rule::hamiltonian_echo: return 0;                   // the circuit itself holds its end state
    case Rule::periodic_echo: return 2 * lock_in_harmonics;  // amplitude and phase
    default: return depth > 0 ? std::min<std::uint64_t>(ticks, static_cast<std::uint64_t>(depth)) : ticks;
  }
}

std::uint64_t signals_of(const chip::ChipDescription& description) {
  std::uint64_t signals = 0;
  for (const auto cell : description.cells) signals += 1 + static_cast<std::uint64_t>(description.circuit->branches()[cell].states);
  return signals;
}

const NonIdealities& of(const chip::ChipDescription& description) {
  static const NonIdealities ideal;
  return description.nonideal ? *description.nonideal : ideal;
}

}  // namespace

std::vector<report::MemoryRow> memory_of(const chip::ChipDescription& description, Rule rule) {
  const auto& chip = of(description);
  const std::uint64_t ticks = chip::ticks_of(description.grid, description.steps_per_tick);
  std::uint64_t slots = 0;
  for (const auto cell : description.cells) slots += static_cast<std::uint64_t>(description.circuit->branches()[cell].slots);
  const auto row = [](const char* name, std::uint64_t words, double bits) { return report::MemoryRow{name, words, words * static_cast<std::uint64_t>(bits)}; };
  return {row("stimulus memory", description.driven_sources.size() * ticks * description.steps_per_tick, bits_or_ideal(chip.stimulus.bits)),
          row("trace memory", signals_of(description) * words_by_signal(rule, ticks, chip.trace_memory.depth), bits_or_ideal(chip.trace.bits)),
          row("probe memory", description.probes.size() * ticks, bits_or_ideal(chip.probe.bits)),
          row("drive memory", description.probes.size() * ticks, bits_or_ideal(chip.drive.bits)), row("accumulators", slots, ideal_word)};
}

std::vector<report::OperationRow> operation_rows(const ChipCost& cost, const EnergyCosts& energy) {
  const auto row = [&](const char* name, std::uint64_t count, double each) {
    return report::OperationRow{name, count, cost.energy ? std::optional(each * static_cast<double>(count)) : std::nullopt};
  };
  return {row("conversions of inputs", cost.stimulus_conversions, energy.stimulus), row("conversions of outputs", cost.probe_conversions, energy.probe),
          row("conversions of nudges", cost.drive_conversions, energy.drive),       row("words into traces", cost.trace_writes, energy.trace_write),
          row("words out of traces", cost.trace_reads, energy.trace_read),          row("products of correlators, by clock cycle", cost.products, energy.product),
          row("updates of parameters", cost.updates, energy.update),                row("clock cycles", cost.cycles, energy.cycle)};
}

std::vector<report::StatedOption> stated_options(const NonIdealities& chip) {
  std::vector<report::StatedOption> stated;
  if (chip.passes == PassOrder::lockstep) stated.push_back({"chip.passes", "lockstep", "both passes at once, on the array and its twin"});
  if (chip.replay == Replay::sampled) stated.push_back({"chip.replay", "sampled", "one product a clock cycle, at the instant of the record"});
  if (chip.replay == Replay::interpolated) stated.push_back({"chip.replay", "interpolated", "the replay goes straight from record to record"});
  auto here = chip;
  NonIdealities ideal;
  for (const auto& option : nonideal_options())
    if (const double value = option.of(here); value != option.of(ideal))
      stated.push_back({fmt::format("{}.{}", option.table, option.key), option.unit.empty() ? fmt::format("{:g}", value) : engineering(value, option.unit),
                        std::string(option.meaning)});
  if (!chip.programming.curve.empty()) stated.push_back({"chip.programming.curve", fmt::format("{} points", chip.programming.curve.size()), "measured pulses, up and down"});
  return stated;
}

ChipCost cost_of(const Experiment& experiment, const chip::ChipDescription& description) {
  const auto& rule = experiment.bench().rule;
  const auto& chip = of(description);
  const std::uint64_t ticks = chip::ticks_of(description.grid, description.steps_per_tick);
  const bool is_echo = rule.name == Rule::echo || rule.name == Rule::biased_echo || rule.name == Rule::periodic_echo;
  const std::uint64_t nudged = ticks + (is_echo ? description.longest_tail : 0);
  const std::uint64_t passes = runs_both_sides(rule.name, rule.sides) ? 2 : 1;
  const bool is_lockstep = passes == 2 && chip.passes == PassOrder::lockstep;
  constexpr std::uint64_t accumulate_and_update = 2;
  const std::uint64_t words = words_by_signal(rule.name, ticks, chip.trace_memory.depth), signals = signals_of(description);
  const bool holds_trace = rule.name != Rule::hamiltonian_echo && rule.name != Rule::periodic_echo;

  ChipCost cost;
  cost.cycles = ticks + (is_lockstep ? 1 : passes) * nudged + accumulate_and_update;
  cost.time = static_cast<double>(cost.cycles) * description.grid.step * static_cast<double>(description.steps_per_tick);
  for (const auto& memory : memory_of(description, rule.name)) cost.memory_bits += memory.bits;
  cost.stimulus_conversions = description.driven_sources.size() * ticks * description.steps_per_tick;
  if (!is_echo) cost.stimulus_conversions *= 1 + (is_lockstep ? 1 : passes);  // the inputs run on in the nudged passes
  cost.probe_conversions = description.probes.size() * ticks;
  cost.drive_conversions = description.probes.size() * ticks * passes;
  cost.trace_writes = holds_trace ? signals * words : 0;
  cost.trace_reads = cost.trace_writes * (is_lockstep ? 1 : passes);
  cost.products = description.cells.size() * nudged * passes;
  cost.updates = experiment.trained().indices.size();
  if (!experiment.bench().chip.nonideal.states_energy) return cost;
  const auto& each = experiment.bench().chip.nonideal.energy;
  cost.energy = each.stimulus * static_cast<double>(cost.stimulus_conversions) + each.drive * static_cast<double>(cost.drive_conversions) +
                each.probe * static_cast<double>(cost.probe_conversions) + each.trace_write * static_cast<double>(cost.trace_writes) +
                each.trace_read * static_cast<double>(cost.trace_reads) + each.product * static_cast<double>(cost.products) +
                each.update * static_cast<double>(cost.updates) + each.cycle * static_cast<double>(cost.cycles);
  return cost;
}

}  // namespace tellegen::cli
