#pragma once

#include <span>
#include <vector>

#include "runtime/drivers/register_port.hpp"

namespace tellegen::drivers {

/// Driver of the WAVEFORM block: the sample memories behind the converters. All samples are in SI units (V or A).
///
/// | memory   | samples            | written by | read by    |
/// |----------|--------------------|------------|------------|
/// | stimulus | one an analog step | software   | clamped    |
/// | probe    | one a clock cycle  | clamped    | software   |
/// | drive    | one a clock cycle  | software   | nudged     |
class WaveformMemory {
 public:
  /// Numbers of banks, and how many samples each holds.
  struct Geometry {
    std::uint32_t stimuli = 0;
    std::uint32_t probes = 0;
    std::uint32_t drives = 0;
    std::uint32_t stimulus_depth = 0;  // [sample]
    std::uint32_t tick_depth = 0;      // [sample] of probes and drives
    friend bool operator==(const Geometry&, const Geometry&) = default;
  };

  explicit WaveformMemory(bus::Bus& bus) : port_(bus) {}

  [[nodiscard]] Status geometry(Geometry& geometry);

  /// Writes the first samples of a bank; those behind them keep what they held.
  /// @returns bad_argument when there is no such bank, it holds fewer samples, or a sample is not finite; nothing is
  ///          written then.
  [[nodiscard]] Status write_stimulus(std::uint32_t index, std::span<const double> samples);
  [[nodiscard]] Status write_drive(std::uint32_t index, std::span<const double> samples);
  /// Held voltages of the negative phase; `write_drive` gives those of the positive one.
  [[nodiscard]] Status write_drive_minus(std::uint32_t index, std::span<const double> samples);
  /// Current [A] into a held output at the end of the nudged phases of either sign.
  [[nodiscard]] Status clamp_currents(std::uint32_t index, double& plus, double& minus);
  /// Reads the first samples of a probe.
  /// @returns bad_argument when there is no such probe or it holds fewer samples.
  [[nodiscard]] Status read_probe(std::uint32_t index, std::span<double> samples);

  /// Largest current that any independent source delivered in the clamped phase [A].
  [[nodiscard]] Status peak_source_current(double& current);

 private:
  [[nodiscard]] Status write_bank(regmap::BankKind kind, std::uint32_t index, std::span<const double> samples);
  [[nodiscard]] Status read_bank(regmap::BankKind kind, std::uint32_t index, std::span<double> samples);
  [[nodiscard]] Status admit(regmap::BankKind kind, std::uint32_t index, std::size_t samples);
  [[nodiscard]] Status rewind(regmap::BankKind kind, std::uint32_t index);

  RegisterPort port_;
  std::vector<std::uint32_t> words_;  // kept between calls: waveforms are long
};

}  // namespace tellegen::drivers
