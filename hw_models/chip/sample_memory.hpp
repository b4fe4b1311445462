#pragma once
// The sample memories behind the chip's converters.

#include <vector>

namespace tellegen::chip {

/// | bank     | samples                        | unit                | depth       |
/// |----------|--------------------------------|---------------------|-------------|
/// | stimulus | one an analog step, per input  | V or A of its source| step_depth  |
/// | probe    | one a clock cycle, per output  | V or A              | tick_depth  |
/// | drive    | one a clock cycle, per output  | A, or V where held  | tick_depth  |
/// | drive_minus | the same for the negative phase of held outputs | V | tick_depth |
/// | clamp    | one a side, per output: current into a held output  | A | 2         |
struct SampleMemory {
  using Bank = std::vector<double>;

  SampleMemory(std::size_t inputs, std::size_t outputs, std::size_t ticks, std::size_t steps_per_tick)
      : tick_depth(ticks), step_depth(ticks * steps_per_tick), stimulus(inputs, Bank(step_depth, 0.0)), probe(outputs, Bank(ticks, 0.0)),
        drive(outputs, Bank(ticks, 0.0)), drive_minus(outputs, Bank(ticks, 0.0)), clamp(outputs, Bank(2, 0.0)) {}

  std::size_t tick_depth, step_depth;
  std::vector<Bank> stimulus, probe, drive, drive_minus, clamp;
  double peak_source_current = 0;  // [A] in the clamped phase
};

}  // namespace tellegen::chip
