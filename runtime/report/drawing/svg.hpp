#pragma once
// A drawing in SVG, to stand inside a page; colours and type come from the page's style sheet through class names.

#include <string>
#include <string_view>

namespace tellegen::report {

enum class Anchor { start, middle, end };

/// Shapes in a coordinate system of `width` by `height` pixels, y downwards; the page scales the whole.
class Svg {
 public:
  /// @param description  what the drawing shows, for readers who cannot see it
  Svg(double width, double height, std::string_view description);

  void line(double x1, double y1, double x2, double y2, std::string_view style);
  void rectangle(double x, double y, double width, double height, std::string_view style);
  void circle(double x, double y, double radius, std::string_view style, std::string_view tooltip = {});
  /// Closed outline through "x,y x,y ..." points.
  void polygon(std::string_view points, std::string_view style);
  /// Open line through "x,y x,y ..." points.
  void polyline(std::string_view points, std::string_view style);
  void text(double x, double y, std::string_view text, std::string_view style, Anchor anchor = Anchor::start);
  /// Text that runs upwards, for the title of a vertical axis.
  void vertical_text(double x, double y, std::string_view text, std::string_view style);

  [[nodiscard]] std::string markup() const;

 private:
  std::string head_;
  std::string body_;
};

/// "x,y " for point lists.
[[nodiscard]] std::string point(double x, double y);

}  // namespace tellegen::report
