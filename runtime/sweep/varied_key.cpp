#include "runtime/sweep/varied_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>

#include "tellegen/units/quantity_text.hpp"

namespace tellegen::sweep {
namespace {

constexpr std::string_view option = "--vary";
constexpr double many_times = 100;  // ends so far apart are meant logarithmically
constexpr std::string_view form = "KEY=a:b:n, KEY=v1,v2,.. or, with --monte-carlo, KEY=a:b is expected";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Parts between separators outside of quotes and brackets.
std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  char quote = 0;
  int depth = 0;
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == separator && depth == 0) {
      parts.emplace_back();
      continue;
    }
    parts.back() += c;
  }
  for (auto& part : parts) part = std::string(trimmed(part));
  return parts;
}

/// A computed value in twelve digits: 0.001 and not 0.0010000000000000002.
double rounded(double value) { return std::strtod(fmt::format("{:.12g}", value).c_str(), nullptr); }

std::optional<double> number_of(const TomlNode& node) {
  if (const auto* whole = std::get_if<std::int64_t>(&node.value)) return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&node.value)) return *number;
  return std::nullopt;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) fail(std::string(form));
    result_.key = bench_key(text.substr(0, equals), option);
    result_.shown.name = text_of(result_.key);
    value_ = trimmed(text.substr(equals + 1));
    if (value_.empty()) fail(std::string(form));
  }

  VariedKey read() {
    const auto parts = split(value_, ',');
    if (parts.size() == 1 && split(value_, ':').size() > 1)
      read_range(split(value_, ':'));
    else
      read_list(parts);
    return std::move(result_);
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { throw InputError({}, fmt::format("{} {}", option, text_), message); }

  void read_list(const std::vector<std::string>& parts) {
    bool first = true;
    for (const auto& part : parts) {
      if (part.empty()) fail("a value is empty");
      if (split(part, ':').size() > 1) fail(fmt::format("\"{}\": a range cannot stand in a list, and a text with a colon needs quotes", part));
      KeyValue value{bench_value(part), {part, std::nullopt}};
      const auto* text = value.node.text();
      value.shown.number = number_of(value.node);
      std::string unit;
      if (text != nullptr) {
        value.shown.text = *text;
        if (const auto quantity = find_quantity(*text)) {
          value.shown.number = quantity->value;
          unit = symbol_of(quantity->dimension);
        }
      }
      for (const auto& other : result_.values)
        if (other.shown.text == value.shown.text || (value.shown.number && other.shown.number == value.shown.number))
          fail(fmt::format("{} is there twice", value.shown.text));
      if (first) result_.shown.unit = unit;
      if (unit != result_.shown.unit) result_.shown.unit.clear();
      first = false;
      result_.values.push_back(std::move(value));
    }
    const bool all_numbers = std::ranges::all_of(result_.values, [](const KeyValue& value) { return value.shown.number.has_value(); });
    if (!all_numbers) {
      result_.shown.unit.clear();
      for (auto& value : result_.values) value.shown.number.reset();
    } else {
      const auto by_size = [](const KeyValue& a, const KeyValue& b) { return *a.shown.number < *b.shown.number; };
      const auto [low, high] = std::ranges::minmax_element(result_.values, by_size);
      result_.shown.logarithmic = *low->shown.number > 0 && *high->shown.number >= 10 * *low->shown.number;
    }
  }

  struct End {
    FoundQuantity quantity;
    bool whole = false;
  };
  End end_of(const std::string& part) const {
    const auto quantity = find_quantity(part);
    if (!quantity) fail(fmt::format("\"{}\" is no number or quantity; {}; a text with a colon needs quotes", part, form));
    return {*quantity, std::holds_alternative<std::int64_t>(bench_value(part).value)};
  }

  void read_range(std::vector<std::string> parts) {
    std::optional<bool> logarithmic;
    if (parts.back() == "log" || parts.back() == "lin") {
      logarithmic = parts.back() == "log";
      parts.pop_back();
    }
    if (parts.size() < 2 || parts.size() > 3) fail(std::string(form));
    const auto low = end_of(parts[0]), high = end_of(parts[1]);
    if (low.quantity.dimension != high.quantity.dimension)
      fail(fmt::format("\"{}\" is a {}, \"{}\" a {}; both ends need the same kind of unit", parts[0], name_of(low.quantity.dimension), parts[1],
                       name_of(high.quantity.dimension)));
    auto& range = result_.range;
    range.unit = low.quantity.unit;
    range.low = low.quantity.number;
    // Both ends in the unit of the first.
    const auto one = find_quantity("1 " + low.quantity.unit);
    range.to_si = one ? one->value : 1;
    range.high = low.quantity.unit == high.quantity.unit ? high.quantity.number : rounded(high.quantity.value / range.to_si);
    range.whole = low.whole && high.whole;
    if (range.low == range.high) fail("both ends are equal");
    const bool positive = range.low > 0 && range.high > 0;
    const bool far_apart = positive && std::max(range.low, range.high) >= many_times * std::min(range.low, range.high);
    range.logarithmic = logarithmic.value_or(far_apart && !range.whole);
    if (range.logarithmic && !positive) fail("only positive ends can be spaced logarithmically");
    result_.shown.unit = symbol_of(low.quantity.dimension);
    result_.shown.logarithmic = range.logarithmic;
    if (parts.size() == 2) {
      result_.shown.drawn = true;
      return;
    }
    const auto count = count_of(parts[2]);
    for (std::size_t k = 0; k < count; ++k)
      result_.values.push_back(range.at(count == 1 ? 0.0 : static_cast<double>(k) / static_cast<double>(count - 1)));
  }

  std::size_t count_of(const std::string& part) const {
    std::size_t count = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), count);
    if (error != std::errc{} || end != part.data() + part.size() || count < 1 || count > most_values)
      fail(fmt::format("\"{}\" is no number of values, expected 1 to {}", part, most_values));
    return count;
  }

  std::string_view text_, value_;
  VariedKey result_;
};

}  // namespace

KeyValue ValueRange::at(double part) const {
  const double between = logarithmic ? low * std::pow(high / low, part) : low + (high - low) * part;
  const double value = part == 0 ? low : part == 1 ? high : rounded(between);
  KeyValue result;
  result.shown.number = rounded(value * to_si);
  const auto nearest = std::round(value);
  if (!unit.empty()) {
    result.node.value = fmt::format("{} {}", value, unit);
    result.shown.text = fmt::format("{:.6g} {}", value, unit);
  } else if (whole && std::abs(value - nearest) < 1e-9 * std::max(1.0, std::abs(value))) {
    result.node.value = static_cast<std::int64_t>(nearest);
    result.shown.text = fmt::format("{}", static_cast<std::int64_t>(nearest));
  } else {
    result.node.value = value;
    result.shown.text = fmt::format("{:.6g}", value);
  }
  return result;
}

KeyValue ValueRange::drawn(double part) const {
  if (!whole) return at(part);
  // Each whole number has the same share of the line, or of its logarithm.
  const double first = std::min(low, high), last = std::max(low, high) + 1;
  const double between = logarithmic ? first * std::pow(last / first, part) : first + (last - first) * part;
  const auto value = static_cast<std::int64_t>(std::min(std::floor(between), last - 1));
  KeyValue result;
  result.node.value = value;
  result.shown = {fmt::format("{}", value), static_cast<double>(value)};
  return result;
}

VariedKey varied_key(std::string_view text) { return Reader(text).read(); }

}  // namespace tellegen::sweep
