#pragma once
// How a programmable device takes a new value.

#include "hw_models/nonideal/nonidealities.hpp"

namespace tellegen {

/// Values that a device can hold, in the unit of its parameter; one that is not programmed has none.
struct DeviceRange {
  double low = 0, high = 0;
};

/// Device that holds a parameter p between low and high, in parts of its range x = (p - low) / (high - low).
///
/// | write  | what it is                                                                                              |
/// |--------|---------------------------------------------------------------------------------------------------------|
/// | set    | aims at a value and verifies: the nearest of 2^bits levels, plus the write noise                        |
/// | step   | without a curve as set; with one, round( |change| / mean step ) pulses: each adds up(x), or takes down(x), as |
/// |        | measured at the value that it finds, plus the write noise                                               |
///
/// What would lie past an end is the end.
class ProgrammableDevice {
 public:
  ProgrammableDevice(const NonIdealities::Programming& spec, DeviceRange range);

  /// @param noise  standard normal number of this write
  [[nodiscard]] double set(double target, double noise) const;
  /// Value after a step from `value` that aims at value + change.
  [[nodiscard]] double step(double value, double change, double noise) const;

 private:
  [[nodiscard]] bool is_fixed() const { return !(range_.high > range_.low); }
  [[nodiscard]] double part_of(double value) const { return (value - range_.low) / (range_.high - range_.low); }
  [[nodiscard]] double finish(double part, double noise) const;
  [[nodiscard]] double pulse(double part, bool up) const;

  const NonIdealities::Programming* spec_;
  DeviceRange range_;
};

}  // namespace tellegen
