#include "runtime/training/bench_table.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "runtime/training/nearest_name.hpp"

namespace tellegen {

void refuse_unknown(std::string_view key, std::string_view what, const SourceLocation& where, std::string_view subject,
                    const std::vector<std::string_view>& known) {
  if (std::find(known.begin(), known.end(), key) != known.end()) return;
  const auto nearest = nearest_name(key, known);
  const auto hint = nearest.empty() ? fmt::format("expected {}", fmt::join(known, ", "))
                                    : fmt::format("did you mean \"{}\"?", nearest);
  throw InputError(where, subject, fmt::format("unknown {}, {}", what, hint));
}

std::optional<double> finite_number(const TomlNode& node) {
  if (const auto* integer = std::get_if<std::int64_t>(&node.value)) return static_cast<double>(*integer);
  const auto* number = std::get_if<double>(&node.value);
  if (number == nullptr || !std::isfinite(*number)) return std::nullopt;
  return *number;
}

BenchTable::BenchTable(const TomlTable& table, SourceLocation where, std::string label,
                       const std::vector<std::string_view>& known)
    : table_(&table), where_(std::move(where)), label_(std::move(label)) {
  for (const auto& entry : table.entries)
    refuse_unknown(entry.key, "key", entry.place(where_.file), subject(entry.key), known);
}

SourceLocation BenchTable::where(std::string_view key) const {
  const auto* found = table_->find(key);
  return found != nullptr ? found->place(where_.file) : where_;
}

std::string BenchTable::subject(std::string_view key) const {
  // A table under a key is written with a dot, as TOML would: "[[loss]] target.csv".
  return label_ + (label_.ends_with(']') ? " " : ".") + std::string(key);
}

void BenchTable::fail(std::string_view key, std::string_view message) const {
  throw InputError(where(key), subject(key), message);
}

void BenchTable::fail_type(std::string_view key, const TomlNode& node, std::string_view expected) const {
  throw InputError(node.place(where_.file), subject(key),
                   fmt::format("{} is expected, got {}", expected, node.described()));
}

const TomlEntry& BenchTable::entry(std::string_view key) const {
  const auto* found = table_->find(key);
  if (found == nullptr) throw InputError(where_, label_, fmt::format("\"{}\" is missing", key));
  return *found;
}

std::string BenchTable::text(std::string_view key) const {
  const auto& node = entry(key).value;
  if (node.text() == nullptr) fail_type(key, node, "a text in quotes");
  if (node.text()->empty()) fail(key, "the text is empty");
  return *node.text();
}

std::string BenchTable::text(std::string_view key, std::string_view otherwise) const {
  return has(key) ? text(key) : std::string(otherwise);
}

double BenchTable::number(std::string_view key) const {
  const auto& node = entry(key).value;
  const auto number = finite_number(node);
  if (!number) fail_type(key, node, "a finite number");
  return *number;
}

double BenchTable::number(std::string_view key, double otherwise) const { return has(key) ? number(key) : otherwise; }

std::optional<double> BenchTable::optional_number(std::string_view key) const {
  return has(key) ? std::optional(number(key)) : std::nullopt;
}

std::int64_t BenchTable::integer(std::string_view key, std::int64_t otherwise) const {
  if (!has(key)) return otherwise;
  const auto& node = entry(key).value;
  if (const auto* integer = std::get_if<std::int64_t>(&node.value)) return *integer;
  fail_type(key, node, "a whole number");
}

double BenchTable::quantity_of(std::string_view key, const TomlNode& node, Dimension dimension) const {
  if (const auto number = finite_number(node)) return *number;
  if (node.text() == nullptr)
    fail_type(key, node, fmt::format("a {} with its unit, or a number in SI,", name_of(dimension)));
  return parse_quantity(*node.text(), dimension, node.place(where_.file), subject(key));
}

double BenchTable::quantity(std::string_view key, Dimension dimension) const {
  return quantity_of(key, entry(key).value, dimension);
}

const TomlArray& BenchTable::array(std::string_view key, std::string_view expected) const {
  const auto& node = entry(key).value;
  if (node.array() == nullptr) fail_type(key, node, expected);
  return *node.array();
}

std::pair<double, double> BenchTable::quantity_pair(std::string_view key, Dimension dimension) const {
  const auto& items = array(key, "a pair such as [\"0 s\", \"2 us\"]").items;
  if (items.size() != 2) fail(key, fmt::format("a pair is expected, got {} values", items.size()));
  return {quantity_of(key, items[0], dimension), quantity_of(key, items[1], dimension)};
}

std::vector<std::pair<std::string, SourceLocation>> BenchTable::texts_with_places(std::string_view key) const {
  std::vector<std::pair<std::string, SourceLocation>> out;
  for (const auto& item : array(key, "an array of texts").items) {
    if (item.text() == nullptr) fail_type(key, item, "a text in quotes");
    if (item.text()->empty()) throw InputError(item.place(where_.file), subject(key), "a text is empty");
    out.emplace_back(*item.text(), item.place(where_.file));
  }
  return out;
}

std::vector<double> BenchTable::numbers(std::string_view key) const {
  std::vector<double> out;
  const auto& items = array(key, "an array of numbers").items;
  out.reserve(items.size());
  for (const auto& item : items) {
    const auto number = finite_number(item);
    if (!number) fail_type(key, item, "a finite number");
    out.push_back(*number);
  }
  return out;
}

std::size_t BenchTable::choice(std::string_view key, std::initializer_list<std::string_view> words,
                               std::size_t otherwise) const {
  if (!has(key)) return otherwise;
  const auto word = text(key);
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) fail(key, fmt::format("\"{}\" is unknown, expected {}", word, fmt::join(words, " | ")));
  return static_cast<std::size_t>(found - words.begin());
}

BenchTable BenchTable::table(std::string_view key, const std::vector<std::string_view>& known) const {
  const auto& found = entry(key);
  if (found.value.table() == nullptr) fail_type(key, found.value, "a table");
  return {*found.value.table(), found.place(where_.file), subject(key), known};
}

}  // namespace tellegen
