#include "runtime/drivers/waveform_memory.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace tellegen::drivers {
namespace map = regmap::waveform;
using regmap::BankKind;

Status WaveformMemory::geometry(Geometry& geometry) {
  static_assert(map::tick_depth.address() == map::stimuli.address() + 16, "read below as five words in a row");
  std::array<std::uint32_t, 5> words{};
  const Status status = status_of(port_.bus().read(map::stimuli.address(), words));
  if (status == Status::ok) geometry = {words[0], words[1], words[2], words[3], words[4]};
  return status;
}

Status WaveformMemory::write_stimulus(std::uint32_t index, std::span<const double> samples) {
  return write_bank(BankKind::stimulus, index, samples);
}

Status WaveformMemory::write_drive(std::uint32_t index, std::span<const double> samples) {
  return write_bank(BankKind::drive, index, samples);
}

Status WaveformMemory::write_drive_minus(std::uint32_t index, std::span<const double> samples) {
  return write_bank(BankKind::drive_minus, index, samples);
}

Status WaveformMemory::clamp_currents(std::uint32_t index, double& plus, double& minus) {
  std::array<double, 2> sides{};
  const Status status = read_bank(BankKind::clamp, index, sides);
  if (status == Status::ok) plus = sides[0], minus = sides[1];
  return status;
}

Status WaveformMemory::read_probe(std::uint32_t index, std::span<double> samples) { return read_bank(BankKind::probe, index, samples); }

Status WaveformMemory::read_bank(BankKind kind, std::uint32_t index, std::span<double> samples) {
  if (const Status status = admit(kind, index, samples.size()); status != Status::ok) return status;
  if (const Status status = rewind(kind, index); status != Status::ok) return status;
  words_.resize(2 * samples.size());
  const Status status = status_of(port_.bus().read_stream(map::data.address(), words_));
  if (status != Status::ok) return status;
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = regmap::double_of(words_[2 * i], words_[2 * i + 1]);
  return Status::ok;
}

Status WaveformMemory::peak_source_current(double& current) {
  return port_.read_double(map::peak_source_current, current);
}

Status WaveformMemory::write_bank(BankKind kind, std::uint32_t index, std::span<const double> samples) {
  if (!std::ranges::all_of(samples, [](double sample) { return std::isfinite(sample); })) return Status::bad_argument;
  if (const Status status = admit(kind, index, samples.size()); status != Status::ok) return status;
  if (const Status status = rewind(kind, index); status != Status::ok) return status;
  words_.clear();
  for (const double sample : samples) {
    const auto [low, high] = regmap::words_of(sample);
    words_.push_back(low);
    words_.push_back(high);
  }
  return status_of(port_.bus().write_stream(map::data.address(), words_));
}

Status WaveformMemory::admit(BankKind kind, std::uint32_t index, std::size_t samples) {
  Geometry chip;
  if (const Status status = geometry(chip); status != Status::ok) return status;
  const std::uint32_t banks = kind == BankKind::stimulus ? chip.stimuli
                              : kind == BankKind::probe  ? chip.probes
                                                         : chip.drives;
  const std::uint32_t depth = kind == BankKind::stimulus ? chip.stimulus_depth : kind == BankKind::clamp ? 2 : chip.tick_depth;
  return index < banks && index <= map::bank_index.limit() && samples <= depth ? Status::ok : Status::bad_argument;
}

Status WaveformMemory::rewind(BankKind kind, std::uint32_t index) {
  const std::uint32_t bank = map::bank_kind.set(map::bank_index.set(0, index), static_cast<std::uint32_t>(kind));
  if (const Status status = port_.write_word(map::bank, bank); status != Status::ok) return status;
  return port_.write_word(map::address, 0);
}

}  // namespace tellegen::drivers
