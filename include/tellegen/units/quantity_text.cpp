#include "tellegen/units/quantity_text.hpp"

#include <fmt/format.h>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>

namespace tellegen {
namespace {

struct UnitSymbol {
  std::string_view symbol;
  Dimension dimension;
  double factor;  ///< in SI
  bool takes_prefix;
};

constexpr Dimension d(int metre, int kilogram, int second, int ampere, int kelvin = 0) {
  return {
      .metre = 2 * metre, .kilogram = 2 * kilogram, .second = 2 * second, .ampere = 2 * ampere, .kelvin = 2 * kelvin};
}

constexpr auto unit_symbols = std::to_array<UnitSymbol>({
    {"s", d(0, 0, 1, 0), 1, true},     {"Hz", d(0, 0, -1, 0), 1, true},   {"V", d(2, 1, -3, -1), 1, true},
    {"A", d(0, 0, 0, 1), 1, true},     {"ohm", d(2, 1, -3, -2), 1, true}, {"Ω", d(2, 1, -3, -2), 1, true},  // Greek
    {"Ω", d(2, 1, -3, -2), 1, true},   {"S", d(-2, -1, 3, 2), 1, true},   {"F", d(-2, -1, 4, 2), 1, true},  // Ohm sign
    {"H", d(2, 1, -2, -2), 1, true},   {"C", d(0, 0, 1, 1), 1, true},     {"Wb", d(2, 1, -2, -1), 1, true},
    {"W", d(2, 1, -3, 0), 1, true},    {"J", d(2, 1, -2, 0), 1, true},    {"T", d(0, 1, -2, -1), 1, true},
    {"N", d(1, 1, -2, 0), 1, true},    {"Pa", d(-1, 1, -2, 0), 1, true},  {"K", d(0, 0, 0, 0, 1), 1, true},
    {"m", d(1, 0, 0, 0), 1, true},     {"g", d(0, 1, 0, 0), 1e-3, true},  {"min", d(0, 0, 1, 0), 60, false},
    {"%", d(0, 0, 0, 0), 1e-2, false}, {"1", d(0, 0, 0, 0), 1, false},
});

/// `exponent` of ten. Both code points of the micro sign are in use: U+00B5 and the Greek letter U+03BC.
struct Prefix {
  std::string_view symbol;
  int exponent;
};
constexpr auto prefixes = std::to_array<Prefix>({{"", 0},
                                                 {"f", -15},
                                                 {"p", -12},
                                                 {"n", -9},
                                                 {"u", -6},
                                                 {"\u00b5", -6},
                                                 {"\u03bc", -6},
                                                 {"m", -3},
                                                 {"c", -2},
                                                 {"k", 3},
                                                 {"M", 6},
                                                 {"meg", 6},
                                                 {"Meg", 6},
                                                 {"G", 9},
                                                 {"T", 12}});

struct NamedDimension {
  Dimension dimension;
  std::string_view name, article, example;
};
constexpr auto named_dimensions = std::to_array<NamedDimension>({
    {d(0, 0, 0, 0), "plain number", "a", "0.5"},
    {d(0, 0, 1, 0), "time", "a", "10 ns"},
    {d(0, 0, -1, 0), "frequency", "a", "1 MHz"},
    {d(2, 1, -3, -1), "voltage", "a", "1 V"},
    {d(0, 0, 0, 1), "current", "a", "1 uA"},
    {d(2, 1, -3, -2), "resistance", "a", "10 kohm"},
    {d(-2, -1, 3, 2), "conductance", "a", "1 uS"},
    {d(-2, -1, 4, 2), "capacitance", "a", "1 pF"},
    {d(2, 1, -2, -2), "inductance", "an", "1 mH"},
    {d(0, 0, 1, 1), "charge", "a", "1 pC"},
    {d(2, 1, -2, -1), "magnetic flux", "a", "1 uWb"},
    {d(2, 1, -3, 0), "power", "a", "1 mW"},
    {d(2, 1, -2, 0), "energy", "an", "1 pJ"},
    {d(0, 1, -2, -1), "magnetic field", "a", "1 mT"},
    {d(1, 1, -2, 0), "force", "a", "1 N"},
    {d(-1, 1, -2, 0), "pressure", "a", "1 Pa"},
    {d(0, 0, 0, 0, 1), "temperature", "a", "300 K"},
    {d(1, 0, 0, 0), "length", "a", "1 um"},
    {d(2, 0, 0, 0), "area", "an", "1 um^2"},
    {d(0, 1, 0, 0), "mass", "a", "1 kg"},
    {d(1, 0, -1, 0), "velocity", "a", "1 m/s"},
    {{.metre = 4, .kilogram = 2, .second = -5, .ampere = -2}, "flux per root second", "a", "1 Wb/s^1/2"},
    {{.second = 1, .ampere = 2}, "current times root second", "a", "1 A s^1/2"},
    {{.metre = -4, .kilogram = -2, .second = 7, .ampere = 4}, "conductance times root second", "a", "1 S s^1/2"},
});

const NamedDimension* find_name(Dimension dimension) {
  for (const auto& named : named_dimensions)
    if (named.dimension == dimension) return &named;
  return nullptr;
}

std::string base_units(Dimension dimension) {
  std::string text;
  const auto append = [&](std::string_view symbol, int halves) {
    if (halves == 0) return;
    if (!text.empty()) text += ' ';
    text += symbol;
    if (halves % 2 != 0)
      text += fmt::format("^{}/2", halves);
    else if (halves != 2)
      text += fmt::format("^{}", halves / 2);
  };
  append("kg", dimension.kilogram);
  append("m", dimension.metre);
  append("A", dimension.ampere);
  append("K", dimension.kelvin);
  append("s", dimension.second);
  return text;
}

bool same_but_for_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::tolower(static_cast<unsigned char>(a[i])) != std::tolower(static_cast<unsigned char>(b[i]))) return false;
  return true;
}

[[noreturn]] void unknown_unit(std::string_view symbol) {
  for (const auto& unit : unit_symbols)
    for (const auto& prefix : prefixes)
      if (same_but_for_case(fmt::format("{}{}", prefix.symbol, unit.symbol), symbol))
        throw std::invalid_argument(
            fmt::format("unknown unit \"{}\"; \"{}{}\" is meant, perhaps", symbol, prefix.symbol, unit.symbol));
  throw std::invalid_argument(fmt::format("unknown unit \"{}\"", symbol));
}

struct Unit {
  Dimension dimension;
  double factor = 1;  ///< beside the power of ten
  int exponent = 0;   ///< power of ten: kept apart so that "2.2 nF" gives the double 2.2e-9
};

Unit unit_of_symbol(std::string_view symbol) {
  // A whole symbol wins over prefix + symbol: "m" is a metre, "T" a tesla, "min" a minute.
  for (const auto& unit : unit_symbols)
    if (unit.symbol == symbol) return {unit.dimension, unit.factor, 0};
  for (const auto& prefix : prefixes) {
    if (prefix.symbol.empty() || !symbol.starts_with(prefix.symbol)) continue;
    for (const auto& unit : unit_symbols)
      if (unit.takes_prefix && unit.symbol == symbol.substr(prefix.symbol.size())) {
        if (unit.symbol == "g") return {unit.dimension, 1, prefix.exponent - 3};
        return {unit.dimension, unit.factor, prefix.exponent};
      }
  }
  unknown_unit(symbol);
}

/// Reads products of powers: "V s^1/2", "Wb/s^1/2", "S/cm^2", "1/H", "kg*m^2/s^3". A slash divides by the next factor
/// only.
class UnitReader {
 public:
  explicit UnitReader(std::string_view text) : text_(text) {}

  Unit read() {
    Unit total;
    int sign = 1;
    bool wants_factor = false;
    for (skip_blanks(); at_ < text_.size(); skip_blanks()) {
      const char c = text_[at_];
      if (c == '*' || c == '/') {
        if (wants_factor || at_ == 0) fail();
        sign = c == '/' ? -1 : 1;
        wants_factor = true;
        ++at_;
        continue;
      }
      const auto unit = unit_of_symbol(symbol());
      multiply(total, unit, sign * half_powers());
      sign = 1;
      wants_factor = false;
    }
    if (wants_factor) fail();
    return total;
  }

 private:
  [[noreturn]] void fail() const { throw std::invalid_argument(fmt::format("unreadable unit \"{}\"", text_)); }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  std::string_view symbol() {
    const auto first = at_;
    while (at_ < text_.size() && std::string_view(" \t*/^").find(text_[at_]) == std::string_view::npos) ++at_;
    if (at_ == first) fail();
    return text_.substr(first, at_ - first);
  }

  /// Exponent in halves of what follows: "" is 2, "^2" is 4, "^1/2" and "^(1/2)" and "^0.5" are 1, "^-1" is -2.
  int half_powers() {
    if (at_ >= text_.size() || text_[at_] != '^') return 2;
    ++at_;
    const bool bracketed = take('(');
    double value = 0;
    const auto [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), value, std::chars_format::fixed);
    if (error != std::errc{}) fail();
    at_ = static_cast<std::size_t>(end - text_.data());
    // "/2" is part of the exponent; "/2" can start no other factor.
    if (text_.substr(at_).starts_with("/2")) {
      at_ += 2;
      value /= 2;
    }
    if (bracketed && !take(')')) fail();
    const double halves = 2 * value;
    if (halves != std::round(halves) || std::abs(halves) > 64) fail();
    return static_cast<int>(halves);
  }

  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void multiply(Unit& total, const Unit& unit, int halves) const {
    total.dimension.metre += unit.dimension.metre * halves / 2;
    total.dimension.kilogram += unit.dimension.kilogram * halves / 2;
    total.dimension.second += unit.dimension.second * halves / 2;
    total.dimension.ampere += unit.dimension.ampere * halves / 2;
    total.dimension.kelvin += unit.dimension.kelvin * halves / 2;
    total.factor *= std::pow(unit.factor, halves / 2.0);
    if (halves % 2 == 0)
      total.exponent += unit.exponent * halves / 2;
    else
      total.factor *= std::pow(10.0, unit.exponent * halves / 2.0);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Decimal number at the start of `text`; its digits are given so that a power of ten can be added before conversion.
struct Decimal {
  std::string digits;  ///< without exponent
  int exponent = 0;
  std::size_t length = 0;

  [[nodiscard]] double value(int more) const {
    const auto text = fmt::format("{}e{}", digits, exponent + more);
    double result = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
    if (error == std::errc::result_out_of_range) return exponent + more > 0 ? HUGE_VAL : 0.0;
    return result;
  }
};

std::optional<Decimal> read_decimal(std::string_view text) {
  const auto is_digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  Decimal decimal;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
    if (text[at] == '-') decimal.digits += '-';
    ++at;
  }
  bool any = false;
  for (; is_digit(at); ++at, any = true) decimal.digits += text[at];
  if (at < text.size() && text[at] == '.') {
    decimal.digits += any ? "." : "0.";
    for (++at; is_digit(at); ++at, any = true) decimal.digits += text[at];
    if (decimal.digits.back() == '.') decimal.digits += '0';
  }
  if (!any) return std::nullopt;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::size_t digits = at + 1;
    if (digits < text.size() && (text[digits] == '+' || text[digits] == '-')) ++digits;
    if (is_digit(digits)) {
      const auto first = text[at + 1] == '+' ? at + 2 : at + 1;
      const auto [end, error] = std::from_chars(text.data() + first, text.data() + text.size(), decimal.exponent);
      if (error != std::errc{} || std::abs(decimal.exponent) > 100000) return std::nullopt;
      at = static_cast<std::size_t>(end - text.data());
    }
  }
  decimal.length = at;
  return decimal;
}

std::string expectation(Dimension expected) {
  if (const auto* named = find_name(expected))
    return fmt::format("{} {} is expected, such as \"{}\"", named->article, named->name, named->example);
  return fmt::format("a quantity in {} is expected", base_units(expected));
}

}  // namespace

Dimension dimension_of_unit(std::string_view unit) { return UnitReader(trimmed(unit)).read().dimension; }

double parse_quantity(std::string_view text, Dimension expected, const SourceLocation& where,
                      std::string_view subject) {
  const auto whole = trimmed(text);
  const auto decimal = read_decimal(whole);
  if (!decimal)
    throw InputError(where, subject, fmt::format("\"{}\" is not a number; {}", text, expectation(expected)));
  const auto unit_text = trimmed(whole.substr(decimal->length));
  Unit unit{expected};
  if (!unit_text.empty()) {
    try {
      unit = UnitReader(unit_text).read();
    } catch (const std::invalid_argument& problem) {
      throw InputError(where, subject,
                       fmt::format("\"{}\" has an {}; {}", text, problem.what(), expectation(expected)));
    }
  }
  if (unit.dimension != expected) {
    const auto* named = find_name(unit.dimension);
    const auto what = named != nullptr ? fmt::format("{} {}", named->article, named->name)
                                       : fmt::format("a quantity in {}", base_units(unit.dimension));
    throw InputError(where, subject, fmt::format("\"{}\" is {}; {}", text, what, expectation(expected)));
  }
  const double value = decimal->value(unit.exponent);
  const double si = unit.factor == 1 ? value : value * unit.factor;
  if (!std::isfinite(si)) throw InputError(where, subject, fmt::format("\"{}\" is too large", text));
  return si;
}

std::optional<FoundQuantity> find_quantity(std::string_view text) {
  const auto whole = trimmed(text);
  const auto decimal = read_decimal(whole);
  if (!decimal) return std::nullopt;
  const auto symbol = trimmed(whole.substr(decimal->length));
  Unit unit;
  try {
    if (!symbol.empty()) unit = UnitReader(symbol).read();
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
  const double value = decimal->value(unit.exponent);
  const FoundQuantity found{unit.factor == 1 ? value : value * unit.factor, decimal->value(0), std::string(symbol), unit.dimension};
  if (!std::isfinite(found.value) || !std::isfinite(found.number)) return std::nullopt;
  return found;
}

std::string symbol_of(Dimension dimension) {
  if (dimension == dimensions::none) return "";
  for (const auto& unit : unit_symbols)
    if (unit.dimension == dimension && unit.factor == 1) return std::string(unit.symbol);
  return base_units(dimension);
}

std::string name_of(Dimension dimension) {
  const auto* named = find_name(dimension);
  return named != nullptr ? std::string(named->name) : base_units(dimension);
}

std::string engineering(double value, std::string_view unit) {
  static constexpr auto by_thousands =
      std::to_array<std::string_view>({"f", "p", "n", "u", "m", "", "k", "M", "G", "T"});
  const bool counts = unit.empty() || unit == "1";
  const auto with_unit = [&](std::string number) { return counts ? number : fmt::format("{} {}", number, unit); };
  if (value == 0) return with_unit("0");
  if (!std::isfinite(value)) return with_unit(fmt::format("{}", value));

  const auto rounded = fmt::format("{:.3e}", value);  // rounds first, so that 999.96 ns becomes 1 us
  const auto e = rounded.find('e');
  const int exponent = std::stoi(rounded.substr(e + 1));
  const int thousands = exponent >= 0 ? exponent / 3 : -((2 - exponent) / 3);
  const double mantissa = std::stod(rounded.substr(0, e)) * std::pow(10.0, exponent - 3 * thousands);
  const int index = thousands + 5;
  // No prefix where it would mean something else ("mm^2" is (mm)^2) or reads badly ("k1/H", "mkg").
  const auto first_factor = unit.substr(0, unit.find_first_of(" */"));
  const bool prefixable = !counts && first_factor != "1" && first_factor != "kg" && first_factor != "%" &&
                          first_factor.find('^') == std::string_view::npos;
  if (thousands == 0) return with_unit(fmt::format("{:.4g}", mantissa));
  if (!prefixable || index < 0 || index >= static_cast<int>(by_thousands.size()))
    return with_unit(fmt::format("{:.4g}e{}", mantissa, 3 * thousands));
  return fmt::format("{:.4g} {}{}", mantissa, by_thousands[static_cast<std::size_t>(index)], unit);
}

}  // namespace tellegen
