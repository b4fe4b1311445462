#pragma once
// The frame of a plot: where it stands in a drawing, its two scales, grid lines, tick labels and axis titles.

#include <string>

#include "runtime/report/drawing/scale.hpp"
#include "runtime/report/drawing/svg.hpp"

namespace tellegen::report {

struct PlotFrame {
  double left = 0;  // [px] of the data area
  double top = 0;
  double width = 0;
  double height = 0;
  Scale horizontal;
  Scale vertical;

  [[nodiscard]] double x(double value) const { return left + width * horizontal.fraction(value); }
  [[nodiscard]] double y(double value) const { return top + height * (1 - vertical.fraction(value)); }

  /// Grid, outline, tick labels and titles.
  void draw(Svg& svg, const std::string& horizontal_title, const std::string& vertical_title) const;
};

/// Axis title with its unit in brackets and, for a linear scale, the power of ten of its labels: "exact [10⁻³ V² s]".
[[nodiscard]] std::string axis_title(const std::string& name, const Scale& scale, const std::string& unit);

}  // namespace tellegen::report
