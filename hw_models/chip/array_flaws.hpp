#pragma once
// What the analog array and its converters lack of ideal ones, as a plain class.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "hw_models/nonideal/converter.hpp"
#include "hw_models/nonideal/full_scales.hpp"
#include "hw_models/nonideal/sampling.hpp"
#include "hw_models/solver/transient.hpp"

namespace tellegen::chip {

/// Flaws of an array of one circuit.
///
/// A pass is an analog phase of one array. Devices drift between passes; a twin has the drift of the array beside which it runs, devices of
/// its own, and noise of its own.
class ArrayFlaws {
 public:
  /// @param factors  by slot: the array's own devices; empty: as designed
  ArrayFlaws(std::shared_ptr<const NonIdealities> chip, const FullScales& scales, std::vector<double> factors, const TimeGrid& grid, std::size_t steps_per_tick,
             std::size_t probes);

  [[nodiscard]] const NonIdealities& chip() const { return *chip_; }
  /// Number of clamped phases so far.
  [[nodiscard]] std::uint32_t run() const { return run_; }
  void begin_pass(bool is_clamped);
  /// Turns the parameters that the cells hold into those of the devices.
  void build(const Circuit& circuit, std::span<double> slots, bool is_twin);

  /// Level that an input converter delivers in analog step n of its bank.
  [[nodiscard]] double stimulus(std::size_t bank, std::size_t n, double sample);
  /// Level that a drive is to reach in a clock tick.
  [[nodiscard]] double drive(std::size_t probe, std::size_t tick, double sample, bool is_twin) const;
  /// The level on its way there after one more analog step.
  [[nodiscard]] double settled(double level, double target) const;

  /// Shows the probes' voltages of a step, counted from 0 in its clock cycle, where samples are taken between the steps.
  [[nodiscard]] bool sees_steps() const { return moves_; }
  [[nodiscard]] std::span<double> next(std::size_t step) { return history_.next(step); }
  void begin_history(std::span<const double> probes) { history_.begin(probes); }
  /// Sample that a probe's converter gives at the end of a clock tick.
  [[nodiscard]] double probe(std::size_t probe, std::size_t tick, double voltage) const;

  [[nodiscard]] bool is_noisy() const { return chip_->temperature > 0; }
  /// Adds the Johnson currents of all resistors in the engine's next step. @param injected  [A] by unknown
  void add_noise(const TransientEngine& engine, const ReferenceState& start, std::span<double> injected, bool is_twin) const;

 private:
  std::shared_ptr<const NonIdealities> chip_;
  RandomSource random_;
  std::vector<double> factors_, twin_factors_;  // by slot
  TimeGrid grid_;
  std::vector<Converter> stimulus_, drive_, probe_;
  std::vector<double> level_;  // of the input converters
  double stimulus_share_ = 1, drive_share_ = 1;  // of the way to a new level in one step
  bool moves_;
  SampleHistory history_;
  std::vector<double> early_;  // [analog step] by probe
  std::uint32_t run_ = 0, pass_ = 0;
};

}  // namespace tellegen::chip
