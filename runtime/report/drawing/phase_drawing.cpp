#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "runtime/report/drawing/drawings.hpp"
#include "runtime/report/drawing/scale.hpp"
#include "runtime/report/drawing/svg.hpp"
#include "runtime/report/number_text.hpp"
#include "runtime/report/table.hpp"

namespace tellegen::report {
namespace {

constexpr double page_width = 900;  // [px]
constexpr double letter = 6.7;      // [px] generous width of a letter at the label's size
constexpr double label_air = 12;    // [px]

std::string_view style_of(std::string_view phase) {
  if (phase.starts_with("clamped")) return "phase-clamped";
  if (phase.starts_with("nudged")) return "phase-nudged";
  if (phase == "accumulate" || phase == "update") return "phase-update";
  return "phase-other";
}

struct Segment {
  double start = 0;  // [px]
  double end = 0;
};

std::vector<Segment> side_by_side(const std::vector<double>& widths) {
  std::vector<Segment> segments;
  double place = 0;
  for (const double width : widths) {
    segments.push_back({place, place + width});
    place += width;
  }
  return segments;
}

double label_width(std::string_view text) { return letter * static_cast<double>(shown_width(text)) + label_air; }

}  // namespace

std::string draw_phases(const PhaseTimeline& timeline) {
  const double total = timeline.total_time();
  if (timeline.phases.empty() || !(total > 0) || !std::isfinite(total)) return {};

  std::vector<double> true_widths;
  std::vector<double> needed;
  std::vector<std::string> times;
  double sum_needed = 0;
  for (const auto& phase : timeline.phases) {
    true_widths.push_back(page_width * phase.time / total);
    times.push_back(quantity(phase.time, "s", 3));
    needed.push_back(std::max(label_width(phase_text(phase.name)), label_width(times.back())));
    sum_needed += needed.back();
  }
  // A program of very many phases: numbers, which the table explains, in place of names.
  const bool named = sum_needed <= page_width;
  const double each = page_width / static_cast<double>(needed.size());
  std::vector<double> stretched;
  for (std::size_t k = 0; k < needed.size(); ++k)
    stretched.push_back(named ? needed[k] + (page_width - sum_needed) * timeline.phases[k].time / total : each);

  const auto exact = side_by_side(true_widths);
  const auto shown = side_by_side(stretched);
  constexpr double strip = 26, strip_end = 42, bar = 70, bar_end = 104;
  Svg svg(page_width, 128, "The phases of the program along time");

  const auto scale = Scale::linear(0, total);
  const int exponent = prefix_exponent(total, "s");
  for (const auto& tick : scale.ticks()) {
    if (tick.value > total * (1 + 1e-9)) continue;
    const double x = page_width * tick.value / total;
    const bool at_end = x > page_width - 30;
    svg.line(x, strip - 6, x, strip, "axis");
    svg.text(x, strip - 10,
             tick.value == 0
                 ? "0"
                 : setting(tick.value / std::pow(10, exponent), "") + "\u00A0" + prefixed_unit(exponent, "s"),
             "tick", tick.value == 0 ? Anchor::start : (at_end ? Anchor::end : Anchor::middle));
  }
  for (std::size_t k = 0; k < shown.size(); ++k) {
    const auto& phase = timeline.phases[k];
    const auto style = style_of(phase.name);
    svg.polygon(point(exact[k].start, strip_end) + point(exact[k].end, strip_end) + point(shown[k].end, bar) +
                    point(shown[k].start, bar),
                fmt::format("fan {}", style));
    svg.rectangle(exact[k].start, strip, std::max(exact[k].end - exact[k].start, 0.6), strip_end - strip, style);
    svg.rectangle(shown[k].start, bar, shown[k].end - shown[k].start, bar_end - bar, fmt::format("segment {}", style));
    const double middle = (shown[k].start + shown[k].end) / 2;
    svg.text(middle, bar + 21, named ? phase_text(phase.name) : std::to_string(k + 1), "phase-name", Anchor::middle);
    if (named) svg.text(middle, bar_end + 17, times[k], "tick", Anchor::middle);
  }
  return svg.markup();
}

}  // namespace tellegen::report
