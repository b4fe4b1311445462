#include "runtime/report/drawing/scale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/report/number_text.hpp"

namespace tellegen::report {
namespace {

constexpr int most_labels = 7;

/// The finest of 1, 2, 5 times a power of ten that cuts `span` into at most six pieces.
double round_step(double span) {
  const double decade = std::pow(10.0, std::floor(std::log10(span / 6)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (span / (factor * decade) <= 6.0 + 1e-9) return factor * decade;
  return 10 * decade;
}

std::string with_real_minus(std::string text) {
  if (text.starts_with('-')) text.replace(0, 1, "\u2212");
  return text;
}

int decade_of(double value) { return static_cast<int>(std::floor(std::log10(value) + 1e-9)); }

}  // namespace

Scale::Scale(Kind kind, double low, double high, double threshold)
    : kind_(kind), threshold_(threshold), low_(0), high_(1) {
  low_ = warped(low);
  high_ = warped(high);
}

Scale Scale::linear(double low, double high) {
  if (!(high > low)) {
    const double air = low == 0 ? 1 : std::abs(low) / 2;
    low -= air;
    high += air;
  }
  const double step = round_step(high - low);
  const auto first = static_cast<long>(std::floor(low / step + 1e-9));
  const auto last = static_cast<long>(std::ceil(high / step - 1e-9));
  Scale scale(Kind::linear, static_cast<double>(first) * step, static_cast<double>(last) * step, 0);
  const double largest = step * static_cast<double>(std::max(std::abs(first), std::abs(last)));
  const int exponent = decade_of(largest);
  scale.label_exponent_ = exponent >= -2 && exponent < 4 ? 0 : static_cast<int>(std::floor(exponent / 3.0)) * 3;
  const double unit = std::pow(10.0, scale.label_exponent_);
  const int decimals = std::max(0, -decade_of(step / unit));
  for (long k = first; k <= last; ++k) {
    const double value = static_cast<double>(k) * step;
    scale.ticks_.push_back({value, with_real_minus(fmt::format("{:.{}f}", value / unit + 0.0, decimals))});
  }
  return scale;
}

Scale Scale::decades(double low, double high) {
  const int first = decade_of(low);
  int last = static_cast<int>(std::ceil(std::log10(high) - 1e-9));
  last = std::max(last, first + 1);
  Scale scale(Kind::decades, std::pow(10.0, first), std::pow(10.0, last), 0);
  const int stride = (last - first) / most_labels + 1;
  for (int decade = first; decade <= last; ++decade) {
    const double value = std::pow(10.0, decade);
    scale.ticks_.push_back({value, (last - decade) % stride == 0 ? power_of_ten(decade) : ""});
  }
  return scale;
}

Scale Scale::octaves(double low, double high) {
  Scale scale(Kind::octaves, low / std::sqrt(2.0), high * std::sqrt(2.0), 0);
  const int first = static_cast<int>(std::ceil(std::log2(low) - 0.5));
  const int last = static_cast<int>(std::floor(std::log2(high) + 0.5));
  const int stride = (last - first) / 10 + 1;
  for (int octave = first; octave <= last; octave += stride) {
    const double value = std::exp2(octave);
    scale.ticks_.push_back({value, setting(value, "")});
  }
  return scale;
}

Scale Scale::symmetric(double low, double high, double threshold) {
  const int first = decade_of(threshold);
  const double knee = std::pow(10.0, first);
  const auto outward = [&](double value) {
    return value > 0 ? std::max(first, static_cast<int>(std::ceil(std::log10(value) - 1e-9))) : first - 1;
  };
  const int up = outward(high);
  const int down = outward(-low);
  Scale scale(Kind::symmetric, down < first ? 0 : -std::pow(10.0, down), up < first ? 0 : std::pow(10.0, up), knee);
  const int stride = (std::max(up, first) - first + std::max(down, first) - first) / (most_labels - 1) + 1;
  const auto label = [&](int decade) {
    return (std::max(up, down) - decade) % stride == 0 ? power_of_ten(decade) : "";
  };
  for (int decade = down; decade >= first; --decade) {
    const auto text = label(decade);
    scale.ticks_.push_back({-std::pow(10.0, decade), text.empty() ? "" : "\u2212" + text});
  }
  scale.ticks_.push_back({0, "0"});
  for (int decade = first; decade <= up; ++decade) scale.ticks_.push_back({std::pow(10.0, decade), label(decade)});
  return scale;
}

Scale Scale::fitting(const std::vector<double>& values) {
  double low = 0, high = 0, largest = 0, smallest = std::numeric_limits<double>::infinity();
  for (const double value : values) {
    if (!std::isfinite(value) || value == 0) continue;
    low = std::min(low, value);
    high = std::max(high, value);
    largest = std::max(largest, std::abs(value));
    smallest = std::min(smallest, std::abs(value));
  }
  if (largest <= 30 * smallest || largest == 0) return linear(low, high);
  // Beyond six decades the small entries are round-off beside the large ones and may crowd around zero.
  return symmetric(low, high, std::max(smallest, largest * 1e-6));
}

double Scale::warped(double value) const {
  switch (kind_) {
    case Kind::linear:
      return value;
    case Kind::decades:
      return value > 0 ? std::log10(value) : low_;
    case Kind::octaves:
      return value > 0 ? std::log2(value) : low_;
    case Kind::symmetric: {
      const double size = std::abs(value) / threshold_;
      return std::copysign(size <= 1 ? size : 1 + std::log10(size), value);
    }
  }
  return value;
}

double Scale::fraction(double value) const { return std::clamp((warped(value) - low_) / (high_ - low_), 0.0, 1.0); }

}  // namespace tellegen::report
