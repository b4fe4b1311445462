#include "runtime/report/drawing/plot.hpp"

#include "runtime/report/number_text.hpp"

namespace tellegen::report {

void PlotFrame::draw(Svg& svg, const std::string& horizontal_title, const std::string& vertical_title) const {
  const double bottom = top + height;
  const double right = left + width;
  for (const auto& tick : horizontal.ticks()) {
    svg.line(x(tick.value), top, x(tick.value), bottom, "grid");
    svg.text(x(tick.value), bottom + 17, tick.label, "tick", Anchor::middle);
  }
  for (const auto& tick : vertical.ticks()) {
    svg.line(left, y(tick.value), right, y(tick.value), "grid");
    svg.text(left - 7, y(tick.value) + 4, tick.label, "tick", Anchor::end);
  }
  svg.line(left, bottom, right, bottom, "axis");
  svg.line(left, top, left, bottom, "axis");
  svg.text(left + width / 2, bottom + 38, horizontal_title, "label", Anchor::middle);
  if (!vertical_title.empty()) svg.vertical_text(left - 52, top + height / 2, vertical_title, "label");
}

std::string axis_title(const std::string& name, const Scale& scale, const std::string& unit) {
  std::string inside = scale.label_exponent() == 0 ? "" : power_of_ten(scale.label_exponent());
  if (!unit.empty()) inside += (inside.empty() ? "" : "\u00A0") + unit_text(unit);
  return inside.empty() ? name : name + " [" + inside + "]";
}

}  // namespace tellegen::report
