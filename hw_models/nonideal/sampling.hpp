#pragma once
// Signals as a converter samples them: a little before or after the clock edge.

#include <cstddef>
#include <span>
#include <vector>

#include "hw_models/nonideal/nonidealities.hpp"

namespace tellegen {

/// Last analog steps of a few signals, and their values between the steps.
class SampleHistory {
 public:
  SampleHistory() = default;
  SampleHistory(std::size_t signals, std::size_t steps_per_tick) : signals_(signals), steps_(steps_per_tick), rows_((steps_per_tick + 1) * signals, 0.0) {}

  /// A run begins with these values.
  void begin(std::span<const double> values);
  /// Room for the values of a step, counted from 0 within its clock cycle. Steps come in their order.
  [[nodiscard]] std::span<double> next(std::size_t step);
  /// Value some analog steps before the end of the clock cycle: straight between the steps, at most a cycle back, and past the end
  /// (negative) on as it went last.
  [[nodiscard]] double before_edge(std::size_t signal, double steps) const;

 private:
  std::size_t signals_ = 0, steps_ = 0;
  std::vector<double> rows_;  // by step from the end of the cycle before, then signal
};

/// Whether samples are taken at other instants than the clock edge.
[[nodiscard]] bool moves_instants(const SamplingSpec& spec);

/// Time [s] before the clock edge at which one of `count` signals is sampled, jitter aside: converters that are fewer than the signals
/// take them in turn, the last one at the edge.
[[nodiscard]] double time_before_edge(const SamplingSpec& spec, std::size_t signal, std::size_t count, double tick);

}  // namespace tellegen
