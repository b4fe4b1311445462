#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

#include "hw_models/expression/expression.hpp"
#include "hw_models/expression/number_reader.hpp"

namespace tellegen {
namespace {

struct Suffix {
  std::string_view letters;
  int exponent;
};
// Longer ones first: "meg" and "mil" before "m".
constexpr auto suffixes = std::to_array<Suffix>({{"meg", 6},
                                                 {"t", 12},
                                                 {"g", 9},
                                                 {"k", 3},
                                                 {"m", -3},
                                                 {"u", -6},
                                                 {"\u00b5", -6},
                                                 {"\u03bc", -6},
                                                 {"n", -9},
                                                 {"p", -12},
                                                 {"f", -15}});
constexpr double thousandth_of_an_inch = 25.4e-6;  // [m], SPICE's "mil"

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

bool starts_with_letters(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c < 128 ? std::tolower(c) : c) != static_cast<unsigned char>(lower[i])) return false;
  }
  return true;
}

}  // namespace

std::optional<NumberText> read_number(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && is_digit(text[at])) ++at;
  std::size_t digits = at;
  if (at < text.size() && text[at] == '.') {
    ++at;
    while (at < text.size() && is_digit(text[at])) ++at, ++digits;
  }
  if (digits == 0) return std::nullopt;
  const auto mantissa = text.substr(0, at);

  int exponent = 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::size_t first = at + 1;
    if (first < text.size() && text[first] == '+') ++first;
    const auto [end, error] = std::from_chars(text.data() + first, text.data() + text.size(), exponent);
    if (error == std::errc{} && std::abs(exponent) < 100000)
      at = static_cast<std::size_t>(end - text.data());
    else
      exponent = 0;
  }

  double factor = 1;
  if (starts_with_letters(text.substr(at), "mil")) {
    factor = thousandth_of_an_inch;
    at += 3;
  } else {
    for (const auto& suffix : suffixes)
      if (starts_with_letters(text.substr(at), suffix.letters)) {
        // The power of ten goes into the text, so that "2.2n" is the double nearest to 2.2e-9.
        exponent += suffix.exponent;
        at += suffix.letters.size();
        break;
      }
  }
  const auto unit_start = at;
  while (at < text.size() && is_letter(text[at])) ++at;

  std::string decimal(mantissa);
  if (decimal.front() == '.') decimal.insert(0, 1, '0');
  decimal += 'e' + std::to_string(exponent);
  double value = 0;
  const auto [end, error] = std::from_chars(decimal.data(), decimal.data() + decimal.size(), value);
  if (error == std::errc::result_out_of_range) value = exponent > 0 ? HUGE_VAL : 0.0;
  return NumberText{value * factor, at, text.substr(unit_start, at - unit_start)};
}

std::optional<double> spice_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto number = read_number(text);
  if (!number || number->length != text.size() || !std::isfinite(number->value)) return std::nullopt;
  return negative ? -number->value : number->value;
}

}  // namespace tellegen
