#include "runtime/report/number_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace tellegen::report {
namespace {

constexpr std::string_view unit_space = "\u00A0";  // keeps a number and its unit on one line
constexpr std::string_view narrow_space = "\u202F";
constexpr std::string_view minus = "\u2212";
constexpr std::string_view times = "\u202F\u00D7\u202F";

struct Scientific {
  double mantissa = 0;  // rounded, 1 <= |mantissa| < 10
  int exponent = 0;
};

Scientific split(double value, int digits) {
  const auto text = fmt::format("{:.{}e}", value, digits - 1);
  const auto place = text.find('e');
  return {std::strtod(text.substr(0, place).c_str(), nullptr), std::atoi(text.c_str() + place + 1)};
}

std::string fixed(double value, int decimals) {
  auto text = fmt::format("{:.{}f}", std::abs(value), std::max(decimals, 0));
  const bool zero = text.find_first_of("123456789") == std::string::npos;
  return value < 0 && !zero ? std::string(minus) + text : text;
}

std::string trimmed(std::string number) {
  if (number.find('.') == std::string::npos) return number;
  number.erase(number.find_last_not_of('0') + 1);
  if (number.back() == '.') number.pop_back();
  return number;
}

std::string superscript(std::string_view digits) {
  static constexpr std::array<std::string_view, 10> signs{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text;
  for (const char c : digits) {
    if (c >= '0' && c <= '9') text += signs[static_cast<std::size_t>(c - '0')];
    if (c == '-') text += "⁻";
    if (c == '.') text += "\u00B7";
    if (c == '/') text += "\u2044";
  }
  return text;
}

/// Only symbols of which designers speak in milli and micro; "V^2", "%", "kg" or no unit at all take a power of ten.
bool takes_prefix(std::string_view unit) {
  static constexpr std::array<std::string_view, 15> symbols{"s", "V",  "A",  "W",   "S", "F", "H",    "J",
                                                            "C", "Hz", "Wb", "ohm", "Ω", "m", "bit/s"};
  const auto end = unit.find_first_of(" /^*");
  if (end != std::string_view::npos && unit[end] == '^') return false;
  return std::find(symbols.begin(), symbols.end(), unit.substr(0, end)) != symbols.end();
}

constexpr int smallest_prefix = -18;
constexpr int largest_prefix = 12;

std::string_view prefix_sign(int exponent) {
  static constexpr std::array<std::string_view, 11> signs{"a", "f", "p", "n", "µ", "m", "", "k", "M", "G", "T"};
  return signs[static_cast<std::size_t>((exponent - smallest_prefix) / 3)];
}

int engineering_exponent(int exponent) {
  const int third = static_cast<int>(std::floor(exponent / 3.0)) * 3;
  return std::clamp(third, smallest_prefix, largest_prefix);
}

std::string with_unit(std::string number, std::string_view unit) {
  if (unit.empty()) return number;
  return number.append(unit_space).append(unit_text(unit));
}

std::string prefixed(double value, std::string_view unit, int digits, bool trim) {
  const auto [mantissa, exponent] = split(value, digits);
  const int shown = mantissa == 0 ? 0 : engineering_exponent(exponent);
  if (exponent - shown < -3 || exponent - shown > 5) return with_unit(significant(value, digits), unit);
  auto number = fixed(mantissa * std::pow(10.0, exponent - shown), digits - 1 - (exponent - shown));
  if (trim) number = trimmed(std::move(number));
  return number.append(unit_space).append(prefixed_unit(shown, unit));
}

}  // namespace

std::string unit_text(std::string_view unit) {
  if (unit == "ohm") return "Ω";
  std::string text;
  for (std::size_t i = 0; i < unit.size();) {
    if (unit.substr(i).starts_with("s^1/2")) {
      text += "√s";
      i += 5;
    } else if (unit[i] == '^') {
      auto end = unit.find_first_not_of("0123456789.-/", i + 1);
      if (end == std::string_view::npos) end = unit.size();
      text += superscript(unit.substr(i + 1, end - i - 1));
      i = end;
    } else {
      text += unit[i++];
    }
  }
  return text;
}

std::string power_of_ten(int exponent) { return "10" + superscript(std::to_string(exponent)); }

std::string significant(double value, int digits) {
  if (!std::isfinite(value)) return "not finite";
  if (value == 0) return "0";
  const auto [mantissa, exponent] = split(value, digits);
  if (exponent >= -3 && exponent < 5) return fixed(value, digits - 1 - exponent);
  return fixed(mantissa, digits - 1).append(times).append(power_of_ten(exponent));
}

std::string quantity(double value, std::string_view unit, int digits) {
  if (!std::isfinite(value) || value == 0 || !takes_prefix(unit)) return with_unit(significant(value, digits), unit);
  return prefixed(value, unit, digits, false);
}

std::string setting(double value, std::string_view unit) {
  if (!std::isfinite(value) || value == 0) return with_unit(significant(value, 6), unit);
  if (takes_prefix(unit)) return prefixed(value, unit, 6, true);
  const auto [mantissa, exponent] = split(value, 6);
  if (exponent >= -4 && exponent < 6) return with_unit(trimmed(fixed(value, 5 - exponent)), unit);
  if (mantissa == 1) return with_unit(power_of_ten(exponent), unit);
  return with_unit(trimmed(fixed(mantissa, 5)).append(times).append(power_of_ten(exponent)), unit);
}

std::string cosine_text(double cosine) {
  if (!std::isfinite(cosine)) return "not finite";
  const double distance = 1 - cosine;
  constexpr double round_off = 1e-13;  // of a cosine over hundreds of parameters
  if (distance <= round_off) return "1";
  if (distance < 1e-7) return fmt::format("1{0}{1}{0}{2}", narrow_space, minus, significant(distance, 2));
  const int decimals = distance > 0.1 ? 3 : static_cast<int>(std::ceil(-std::log10(distance))) + 1;
  auto text = fixed(cosine, std::max(decimals, 3));
  while (text.ends_with('0') && text.size() - text.find('.') > 4) text.pop_back();
  return text;
}

std::string count_text(std::uint64_t count) {
  const auto digits = std::to_string(count);
  if (digits.size() <= 4) return digits;
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += narrow_space;
    text += digits[i];
  }
  return text;
}

std::string bits_text(std::uint64_t bits) {
  if (bits < 10000) return count_text(bits).append(unit_space).append("bit");
  const auto [mantissa, exponent] = split(static_cast<double>(bits), 3);
  const int shown = engineering_exponent(exponent);
  auto number = fixed(mantissa * std::pow(10.0, exponent - shown), 2 - (exponent - shown));
  return number.append(unit_space).append(prefix_sign(shown)).append("bit");
}

std::string phase_text(std::string_view phase) {
  if (!phase.ends_with(" -")) return std::string(phase);
  return std::string(phase.substr(0, phase.size() - 1)).append(minus);
}

int prefix_exponent(double largest, std::string_view unit) {
  if (!std::isfinite(largest) || largest == 0 || !takes_prefix(unit)) return 0;
  return engineering_exponent(static_cast<int>(std::floor(std::log10(std::abs(largest)) + 1e-12)));
}

std::string prefixed_unit(int exponent, std::string_view unit) {
  return std::string(prefix_sign(exponent)).append(unit_text(unit));
}

}  // namespace tellegen::report
