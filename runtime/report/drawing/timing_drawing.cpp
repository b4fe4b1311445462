#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/report/drawing/drawings.hpp"
#include "runtime/report/drawing/plot.hpp"
#include "runtime/report/number_text.hpp"

namespace tellegen::report {
namespace {

constexpr double smallest_shown = 1e-14;  // distances below are round-off

struct Curve {
  std::string_view label;
  std::string_view style;
  double (*value)(const TimingRow&);
};

}  // namespace

std::string draw_timing_study(const std::vector<TimingRow>& rows, double used) {
  auto sorted = rows;
  std::erase_if(sorted, [](const TimingRow& row) {
    return !(row.analog_steps_per_clock > 0) || !std::isfinite(row.cosine) || !std::isfinite(row.relative_error);
  });
  if (sorted.empty()) return {};
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.analog_steps_per_clock < b.analog_steps_per_clock; });

  const Curve curves[] = {{"relative error", "second", [](const TimingRow& row) { return row.relative_error; }},
                          {"1 \u2212 cosine", "first", [](const TimingRow& row) { return 1 - row.cosine; }}};
  double low = 1, high = smallest_shown;
  for (const auto& row : sorted)
    for (const auto& curve : curves) {
      const double value = std::max(curve.value(row), smallest_shown);
      low = std::min(low, value);
      high = std::max(high, value);
    }
  Svg svg(500, 326, "Gradient fidelity against analog steps per clock");
  const PlotFrame frame{72,
                        14,
                        318,
                        254,
                        Scale::octaves(sorted.front().analog_steps_per_clock, sorted.back().analog_steps_per_clock),
                        Scale::decades(low * 0.999, high * 1.001)};
  frame.draw(svg, "analog steps per clock", "distance from the exact gradient");
  if (used >= sorted.front().analog_steps_per_clock && used <= sorted.back().analog_steps_per_clock) {
    svg.line(frame.x(used), frame.top, frame.x(used), frame.top + frame.height, "used");
    svg.text(frame.x(used) + 6, frame.top + 12, "this run", "note");
  }
  // Labels stand at the right end of their curves, kept apart where the curves meet.
  double previous_label = -100;
  for (const auto& curve : curves) {
    std::string points;
    for (const auto& row : sorted) points += point(frame.x(row.analog_steps_per_clock), frame.y(std::max(curve.value(row), smallest_shown)));
    svg.polyline(points, fmt::format("curve {}", curve.style));
    for (const auto& row : sorted)
      svg.circle(frame.x(row.analog_steps_per_clock), frame.y(std::max(curve.value(row), smallest_shown)), 4, fmt::format("dot {}", curve.style),
                 fmt::format("{} at {} steps per clock: {}", curve.label, setting(row.analog_steps_per_clock, ""),
                             significant(curve.value(row), 3)));
    double label = frame.y(curve.value(sorted.back())) + 4;
    if (std::abs(label - previous_label) < 16) label = previous_label + 16;
    previous_label = label;
    svg.text(frame.left + frame.width + 8, label, curve.label, fmt::format("curve-name {}", curve.style));
  }
  return svg.markup();
}

}  // namespace tellegen::report
