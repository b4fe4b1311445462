#pragma once
// The sample memories behind the chip's converters.

#include <vector>

namespace tellegen::chip {

/// | bank     | samples                        | unit                |
/// |----------|--------------------------------|---------------------|
/// | stimulus | one an analog step, per input  | V or A of its source|
/// | probe    | one a clock cycle, per output  | V                   |
/// | drive    | one a clock cycle, per output  | A                   |
struct SampleMemory {
  using Bank = std::vector<double>;
  std::vector<Bank> stimulus, probe, drive;
  double peak_source_current = 0;  // [A] in the clamped phase
};

}  // namespace tellegen::chip
