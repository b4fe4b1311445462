#include "runtime/report/drawing/svg.hpp"

#include <fmt/format.h>

#include "runtime/report/text_escape.hpp"

namespace tellegen::report {
namespace {

constexpr std::string_view raise = R"(<tspan class="raised" dy="-4">)";
constexpr std::string_view lower =
    R"(</tspan><tspan dy="4">&#8203;</tspan>)";  // an empty element would not move the line back

std::string text_markup(std::string_view text) { return raise_superscripts(escape_markup(text), raise, lower); }

std::string_view anchor_name(Anchor anchor) {
  switch (anchor) {
    case Anchor::start:
      return "start";
    case Anchor::middle:
      return "middle";
    case Anchor::end:
      return "end";
  }
  return "start";
}

}  // namespace

Svg::Svg(double width, double height, std::string_view description)
    : head_(fmt::format(R"(<svg viewBox="0 0 {0:g} {1:g}" style="max-width:{0:g}px" role="img" aria-label="{2}">)",
                        width, height, escape_markup(description))) {}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view style) {
  body_ += fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>)", x1, y1, x2, y2, style);
}

void Svg::rectangle(double x, double y, double width, double height, std::string_view style) {
  body_ += fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"/>)", x, y, width,
                       height, style);
}

void Svg::circle(double x, double y, double radius, std::string_view style, std::string_view tooltip) {
  body_ += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" class="{}">)", x, y, radius, style);
  if (!tooltip.empty()) body_ += fmt::format("<title>{}</title>", escape_markup(tooltip));
  body_ += "</circle>";
}

void Svg::polygon(std::string_view points, std::string_view style) {
  body_ += fmt::format(R"(<polygon points="{}" class="{}"/>)", points, style);
}

void Svg::polyline(std::string_view points, std::string_view style) {
  body_ += fmt::format(R"(<polyline points="{}" class="{}"/>)", points, style);
}

void Svg::text(double x, double y, std::string_view text, std::string_view style, Anchor anchor) {
  body_ += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" class="{}" text-anchor="{}">{}</text>)", x, y, style,
                       anchor_name(anchor), text_markup(text));
}

void Svg::vertical_text(double x, double y, std::string_view text, std::string_view style) {
  body_ += fmt::format(
      R"svg(<text transform="translate({:.1f} {:.1f}) rotate(-90)" class="{}" text-anchor="middle">{}</text>)svg", x, y,
      style, text_markup(text));
}

std::string Svg::markup() const { return head_ + body_ + "</svg>\n"; }

std::string point(double x, double y) { return fmt::format("{:.1f},{:.1f} ", x, y); }

}  // namespace tellegen::report
