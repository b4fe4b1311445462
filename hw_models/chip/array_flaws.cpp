#include "hw_models/chip/array_flaws.hpp"

#include <algorithm>
#include <cmath>

#include "hw_models/nonideal/devices.hpp"

namespace tellegen::chip {
namespace {

std::vector<Converter> converters_of(const ConverterSpec& spec, const std::vector<double>& scales, const RandomSource& random, RandomUse levels) {
  std::vector<Converter> made;
  for (std::size_t i = 0; i < scales.size(); ++i) made.emplace_back(spec, scales[i], random, levels, static_cast<std::uint32_t>(i));
  return made;
}

/// Part of the way to a new level that one step makes.
double share_of(double settling, double step) { return settling > 0 ? -std::expm1(-step / settling) : 1; }

/// The whole way is the target itself, to the last bit.
double approached(double level, double target, double share) { return share == 1 ? target : level + share * (target - level); }

double slope_of(const Branch& branch, std::span<const double> slots, double z) {
  return visit_law(branch.law, [&]<class Law>(const Law& law) {
    double f = 0, slope = 0;
    law.template evaluate<double>(slots.data() + branch.first_slot, z, f, slope);
    return slope;
  });
}

bool is_resistor(const Branch& branch) {
  return branch.kind == BranchKind::law && branch.orders == Orders{.out = 0, .in = 1} && !branch.is_two_port() && !branch.is_instrument;
}

}  // namespace

ArrayFlaws::ArrayFlaws(std::shared_ptr<const NonIdealities> chip, const FullScales& scales, std::vector<double> factors, const TimeGrid& grid,
                       std::size_t steps_per_tick, std::size_t probes)
    : chip_(std::move(chip)), random_(chip_->seed), factors_(std::move(factors)), grid_(grid),
      stimulus_(converters_of(chip_->stimulus, scales.stimulus, random_, RandomUse::stimulus_level)),
      drive_(converters_of(chip_->drive, scales.drive, random_, RandomUse::drive_level)),
      probe_(converters_of(chip_->probe, scales.probe, random_, RandomUse::probe_level)), level_(scales.stimulus.size(), 0.0),
      stimulus_share_(share_of(chip_->stimulus.settling, grid.step)), drive_share_(share_of(chip_->drive.settling, grid.step)),
      moves_(moves_instants(chip_->probe_sampling)), history_(probes, steps_per_tick) {
  const double tick = grid.step * static_cast<double>(steps_per_tick);
  for (std::size_t p = 0; p < probes; ++p) early_.push_back(time_before_edge(chip_->probe_sampling, p, probes, tick) / grid.step);
}

void ArrayFlaws::begin_pass(bool is_clamped) {
  ++pass_;
  if (is_clamped) ++run_;
  std::ranges::fill(level_, 0.0);
}

void ArrayFlaws::build(const Circuit& circuit, std::span<double> slots, bool is_twin) {
  for (std::size_t i = 0; i < factors_.size(); ++i) slots[i] *= factors_[i];
  if (is_twin && chip_->twin_mismatch > 0) {
    if (twin_factors_.empty()) twin_factors_ = device_factors(circuit, chip_->twin_mismatch, random_, RandomUse::twin_mismatch, 0);
    for (std::size_t i = 0; i < slots.size(); ++i) slots[i] *= twin_factors_[i];
  }
  if (chip_->drift == 0) return;
  const auto drift = device_factors(circuit, chip_->drift, random_, RandomUse::drift, pass_);
  for (std::size_t i = 0; i < slots.size(); ++i) slots[i] *= drift[i];
}

double ArrayFlaws::stimulus(std::size_t bank, std::size_t n, double sample) {
  if (bank >= stimulus_.size()) return sample;
  const auto& converter = stimulus_[bank];
  const double noise = converter.is_noisy() ? random_.normal(RandomUse::stimulus_noise, static_cast<std::uint32_t>(bank), static_cast<std::uint32_t>(n), run_) : 0;
  return level_[bank] = approached(level_[bank], converter.convert(sample, noise), stimulus_share_);
}

double ArrayFlaws::drive(std::size_t probe, std::size_t tick, double sample, bool is_twin) const {
  if (probe >= drive_.size()) return sample;
  const auto& converter = drive_[probe];
  const auto place = static_cast<std::uint32_t>(2 * probe + (is_twin ? 1 : 0));
  return converter.convert(sample, converter.is_noisy() ? random_.normal(RandomUse::drive_noise, place, static_cast<std::uint32_t>(tick), pass_) : 0);
}

double ArrayFlaws::settled(double level, double target) const { return approached(level, target, drive_share_); }

double ArrayFlaws::probe(std::size_t probe, std::size_t tick, double voltage) const {
  const auto number = static_cast<std::uint32_t>(probe), when = static_cast<std::uint32_t>(tick);
  if (moves_) {
    const double jitter = chip_->probe_sampling.jitter > 0 ? chip_->probe_sampling.jitter / grid_.step * random_.normal(RandomUse::probe_jitter, number, when, run_) : 0;
    voltage = history_.before_edge(probe, early_[probe] + jitter);
  }
  if (probe >= probe_.size()) return voltage;
  return probe_[probe].convert(voltage, probe_[probe].is_noisy() ? random_.normal(RandomUse::probe_noise, number, when, run_) : 0);
}

void ArrayFlaws::add_noise(const TransientEngine& engine, const ReferenceState& start, std::span<double> injected, bool is_twin) const {
  const auto branches = engine.circuit().branches();
  const auto step = static_cast<std::uint32_t>(engine.steps_done());
  for (std::size_t k = 0; k < branches.size(); ++k) {
    const auto& branch = branches[k];
    if (!is_resistor(branch)) continue;
    const auto index = static_cast<std::int32_t>(k);
    const double conductance = slope_of(branch, engine.slots(), branch.is_linear() ? 0 : controlling_value(engine, start, index));
    const double current = johnson_current(conductance, chip_->temperature, grid_.step) *
                           random_.normal(RandomUse::thermal, static_cast<std::uint32_t>(2 * k + (is_twin ? 1 : 0)), step, pass_);
    injected[branch.out.p] -= current;
    injected[branch.out.n] += current;
  }
}

}  // namespace tellegen::chip
