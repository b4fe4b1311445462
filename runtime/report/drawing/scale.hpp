#pragma once
// Scales: how a value becomes a place along an axis, and where the axis carries ticks.

#include <string>
#include <vector>

namespace tellegen::report {

struct Tick {
  double value = 0;
  std::string label;  // empty for a minor tick
};

/// One axis without its place on the page. `fraction` runs from 0 at the low end to 1 at the high end.
class Scale {
 public:
  /// Linear, the ends moved outwards to round numbers.
  [[nodiscard]] static Scale linear(double low, double high);
  /// Logarithmic over whole decades; values at or below zero are shown at the low end.
  [[nodiscard]] static Scale decades(double low, double high);
  /// Logarithmic in powers of two; half an octave of air at both ends.
  [[nodiscard]] static Scale octaves(double low, double high);
  /// Both signs over many decades: linear within +-threshold, logarithmic outside of it.
  [[nodiscard]] static Scale symmetric(double low, double high, double threshold);

  /// For signed values: symmetric when the magnitudes span more than a factor of thirty, linear otherwise.
  [[nodiscard]] static Scale fitting(const std::vector<double>& values);

  [[nodiscard]] double fraction(double value) const;
  [[nodiscard]] const std::vector<Tick>& ticks() const { return ticks_; }
  /// Power of ten that every tick label of a linear scale has to be multiplied by; 0 for other scales.
  [[nodiscard]] int label_exponent() const { return label_exponent_; }

 private:
  enum class Kind { linear, decades, octaves, symmetric };
  Scale(Kind kind, double low, double high, double threshold);
  [[nodiscard]] double warped(double value) const;

  Kind kind_;
  double threshold_;
  double low_;   // warped
  double high_;  // warped
  std::vector<Tick> ticks_;
  int label_exponent_ = 0;
};

}  // namespace tellegen::report
