#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "runtime/report/drawing/drawings.hpp"
#include "runtime/report/drawing/plot.hpp"
#include "runtime/report/number_text.hpp"

namespace tellegen::report {
namespace {

constexpr std::size_t most_error_rows = 25;
constexpr double smallest_shown_error = 1e-17;  // below round-off of any sum

bool is_finite(const GradientEntry& entry) {
  return std::isfinite(entry.exact * entry.weight()) && std::isfinite(entry.estimate * entry.weight());
}

std::string shortened(const std::string& name) { return name.size() <= 20 ? name : name.substr(0, 18) + "\u2026"; }

}  // namespace

double exact_norm(const GradientCheck& gradient) {
  double sum = 0;
  for (const auto& entry : gradient.parameters) sum += std::pow(entry.exact * entry.weight(), 2);
  return std::sqrt(sum);
}

std::string draw_gradient_scatter(const GradientCheck& gradient) {
  std::vector<double> values;
  for (const auto& entry : gradient.parameters) {
    values.push_back(entry.exact * entry.weight());
    values.push_back(entry.estimate * entry.weight());
  }
  const auto scale = Scale::fitting(values);
  Svg svg(430, 420, "Scatter of estimated against exact derivatives");
  const PlotFrame frame{72, 14, 344, 344, scale, scale};
  frame.draw(svg, axis_title("exact  p \u2202L/\u2202p", scale, gradient.loss_unit),
             axis_title("local rule  p \u2202L/\u2202p", scale, gradient.loss_unit));
  svg.line(frame.left, frame.top + frame.height, frame.left + frame.width, frame.top, "identity");
  svg.text(frame.left + 10, frame.top + 18, "line: estimate = exact", "note");

  // Ten thousand dots at one place are one dot.
  std::set<std::pair<long, long>> taken;
  for (const auto& entry : gradient.parameters) {
    if (!is_finite(entry)) continue;
    const double x = frame.x(entry.exact * entry.weight());
    const double y = frame.y(entry.estimate * entry.weight());
    if (!taken.emplace(std::lround(x * 2), std::lround(y * 2)).second) continue;
    svg.circle(x, y, 4, "dot",
               fmt::format("{}: exact {}, local rule {}", entry.name,
                           quantity(entry.exact * entry.weight(), gradient.loss_unit, 4),
                           quantity(entry.estimate * entry.weight(), gradient.loss_unit, 4)));
  }
  return svg.markup();
}

std::string draw_gradient_errors(const GradientCheck& gradient) {
  const double norm = exact_norm(gradient);
  if (!(norm > 0) || !std::isfinite(norm)) return {};
  std::vector<std::pair<double, std::string>> errors;
  for (const auto& entry : gradient.parameters)
    if (is_finite(entry))
      errors.emplace_back(std::abs((entry.estimate - entry.exact) * entry.weight()) / norm, entry.name);
  std::sort(errors.begin(), errors.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  const auto total = errors.size();
  errors.resize(std::min(total, most_error_rows));
  if (errors.empty()) return {};

  const double row = std::clamp(344.0 / static_cast<double>(errors.size()), 13.7, 24.0);
  const double height = row * static_cast<double>(errors.size());
  const double low = std::max(errors.back().first, smallest_shown_error);
  const auto scale = Scale::decades(low * 0.9, std::max(errors.front().first * 1.1, low * 2));
  Svg svg(430, height + 76, "Error of every parameter's derivative");
  const PlotFrame frame{128, 14, 288, height, scale, Scale::linear(0, 1)};
  for (const auto& tick : scale.ticks()) {
    svg.line(frame.x(tick.value), frame.top, frame.x(tick.value), frame.top + height, "grid");
    svg.text(frame.x(tick.value), frame.top + height + 17, tick.label, "tick", Anchor::middle);
  }
  for (std::size_t k = 0; k < errors.size(); ++k) {
    const auto& [error, name] = errors[k];
    const double y = frame.top + row * (static_cast<double>(k) + 0.5);
    svg.line(frame.left, y, frame.x(error), y, "stem");
    svg.text(frame.left - 8, y + 4, shortened(name), "tick", Anchor::end);
    svg.circle(frame.x(error), y, 3.5, "dot", fmt::format("{}: {}", name, significant(error, 3)));
  }
  svg.line(frame.left, frame.top, frame.left, frame.top + height, "axis");
  svg.line(frame.left, frame.top + height, frame.left + frame.width, frame.top + height, "axis");
  const auto title = total > errors.size() ? fmt::format("the {} largest errors / |exact gradient|", errors.size())
                                           : std::string("error / |exact gradient|");
  svg.text(frame.left + frame.width / 2, frame.top + height + 38, title, "label", Anchor::middle);
  return svg.markup();
}

}  // namespace tellegen::report
