#include "hw_models/synapse/cell_flaws.hpp"

#include <algorithm>
#include <cmath>

namespace tellegen {
namespace {

/// Where a number is drawn that differs from run to run and from signal to signal.
std::uint32_t place_of(std::uint32_t run, std::size_t signal) {
  constexpr std::uint32_t most_signals = 64;
  return run * most_signals + static_cast<std::uint32_t>(signal);
}

}  // namespace

CellFlaws::CellFlaws(CellFlawsSetup setup)
    : setup_(std::move(setup)), random_(setup_.chip->seed), width_(setup_.number.size()), signals_(1 + setup_.state_words),
      moves_(moves_instants(setup_.chip->trace_sampling)), converts_(setup_.chip->trace.bits > 0 || setup_.chip->trace.noise > 0) {
  const auto& chip = *setup_.chip;
  const double tick = setup_.step * static_cast<double>(setup_.steps_per_tick);
  if (const double depth = chip.trace_memory.depth; depth > 0) stride_ = std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(static_cast<double>(setup_.ticks) / depth)));
  if (moves_) history_ = SampleHistory(width_ * signals_, setup_.steps_per_tick);
  for (std::size_t k = 0; k < width_; ++k) {
    const auto number = setup_.number[k];
    early_.push_back(time_before_edge(chip.trace_sampling, number, setup_.cells_on_chip, tick) / setup_.step);
    for (std::size_t signal = 0; converts_ && signal < signals_; ++signal)
      converters_.emplace_back(chip.trace, setup_.full_scale.at(k * signals_ + signal), random_, RandomUse::trace_noise, number);
    gain_.push_back(chip.correlator.gain + chip.correlator.gain_mismatch * random_.normal(RandomUse::correlator_gain, number));
    for (std::size_t s = 0; s < setup_.slots; ++s) {
      const double offset = chip.correlator.offset + chip.correlator.offset_mismatch * random_.normal(RandomUse::correlator_offset, number, static_cast<std::uint32_t>(s));
      offset_.push_back(offset == 0 ? 0 : offset * setup_.readout.at(k * setup_.slots + s));
    }
  }
  if (chip.programs_ideally()) return;
  for (const auto& range : setup_.range) devices_.emplace_back(chip.programming, range);
  writes_.assign(devices_.size(), 0);
}

void CellFlaws::begin_run(std::uint32_t run, std::span<const double> z, std::span<const double> states) {
  run_ = run;
  if (!moves_) return;
  std::vector<double> start(z.begin(), z.end());
  start.insert(start.end(), states.begin(), states.end());
  history_.begin(start);
}

void CellFlaws::store(std::size_t tick, std::span<double> z, std::span<double> states) const {
  const auto when = static_cast<std::uint32_t>(tick);
  for (std::size_t k = 0; k < width_; ++k) {
    const auto number = setup_.number[k];
    const double jitter = setup_.chip->trace_sampling.jitter > 0 ? setup_.chip->trace_sampling.jitter / setup_.step * random_.normal(RandomUse::trace_jitter, number, when, run_) : 0;
    for (std::size_t signal = 0; signal < signals_; ++signal) {
      const std::size_t state = k * setup_.state_words + signal - 1;
      double& value = signal == 0 ? z[k] : states[state];
      if (moves_) value = history_.before_edge(signal == 0 ? k : width_ + state, early_[k] + jitter);
      if (!converts_) continue;
      const auto& converter = converters_[k * signals_ + signal];
      value = converter.convert(value, converter.is_noisy() ? random_.normal(RandomUse::trace_noise, number, when, place_of(run_, signal)) : 0);
    }
  }
}

std::size_t CellFlaws::kept_tick(std::size_t tick) const { return std::min(tick / stride_ * stride_ + stride_ - 1, setup_.ticks - 1); }

double CellFlaws::left_after(double time) const { return setup_.chip->trace_memory.droop > 0 ? std::exp(-setup_.chip->trace_memory.droop * time) : 1; }

double CellFlaws::read(std::size_t cell, std::size_t slot, Side side, double sum) const {
  const double tilt = 0.5 * setup_.chip->correlator.side_gain;
  return (1 + gain_[cell] + (side == Side::plus ? tilt : -tilt)) * sum + offset_[cell * setup_.slots + slot];
}

double CellFlaws::write_noise(std::size_t cell, std::size_t slot) {
  const auto place = cell * setup_.slots + slot;
  if (setup_.chip->programming.write_noise == 0) return 0;
  return random_.normal(RandomUse::write_noise, setup_.number[cell], static_cast<std::uint32_t>(slot), writes_[place]++);
}

double CellFlaws::set(std::size_t cell, std::size_t slot, double target) {
  return devices_.empty() ? target : devices_[cell * setup_.slots + slot].set(target, write_noise(cell, slot));
}

double CellFlaws::step(std::size_t cell, std::size_t slot, double value, double target) {
  return devices_.empty() ? target : devices_[cell * setup_.slots + slot].step(value, target - value, write_noise(cell, slot));
}

}  // namespace tellegen
