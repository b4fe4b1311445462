#include "runtime/training/bench_override.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace tellegen {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Every value inside has the same origin, so that a message about any of them names it.
void name_origin(TomlNode& node, const std::string& origin) {
  node.origin = origin;
  node.line = 0;
  if (auto* array = std::get_if<TomlArray>(&node.value))
    for (auto& item : array->items) name_origin(item, origin);
  if (auto* table = std::get_if<TomlTable>(&node.value))
    for (auto& entry : table->entries) name_origin(entry.value, origin);
}

/// Value of TOML that a text is; nothing when it is none.
std::optional<TomlNode> toml_value(std::string_view text) {
  try {
    auto table = parse_toml(fmt::format("value = {}\n", text), "");
    if (table.entries.size() == 1) return std::move(table.entries[0].value);
  } catch (const InputError&) {  // a text without quotes
  }
  return std::nullopt;
}

std::optional<std::size_t> index_of(std::string_view part) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
  if (error != std::errc{} || end != part.data() + part.size()) return std::nullopt;
  return index;
}

[[noreturn]] void fail(const BenchOverride& one, std::string_view message) {
  throw InputError({one.value.origin, 0}, text_of(one.key), message);
}

/// Value under a part of a key, made where it is missing.
TomlNode& step_into(TomlNode& node, const BenchOverride& one, std::size_t depth) {
  const auto& part = one.key[depth];
  const auto so_far = text_of({one.key.begin(), one.key.begin() + static_cast<std::ptrdiff_t>(depth)});
  if (auto* array = std::get_if<TomlArray>(&node.value)) {
    const auto index = index_of(part);
    if (!index) fail(one, fmt::format("{} is an array; a place in it is expected next, from 0 on, got \"{}\"", so_far, part));
    if (*index >= array->items.size())
      fail(one, fmt::format("{} has {} value{}, counted from 0", so_far, array->items.size(), array->items.size() == 1 ? "" : "s"));
    return array->items[*index];
  }
  auto* table = std::get_if<TomlTable>(&node.value);
  if (table == nullptr) fail(one, fmt::format("{} is {}, no table", so_far, node.described()));
  const auto found = std::ranges::find(table->entries, part, &TomlEntry::key);
  if (found != table->entries.end()) return found->value;
  TomlNode made;
  made.value = TomlTable{};
  made.origin = one.value.origin;
  table->entries.push_back({part, 0, std::move(made)});
  return table->entries.back().value;
}

void append(std::string& text, const TomlNode& node) {
  struct Writer {
    std::string& out;
    void operator()(bool flag) const { out += flag ? "true" : "false"; }
    void operator()(std::int64_t integer) const { out += std::to_string(integer); }
    void operator()(double number) const { out += fmt::format("{:a}", number); }
    void operator()(const std::string& text_) const { out += fmt::format("{}\"{}\"", text_.size(), text_); }
    void operator()(const TomlDate&) const { out += "date"; }
    void operator()(const TomlArray& array) const {
      out += '[';
      for (const auto& item : array.items) append(out, item), out += ',';
      out += ']';
    }
    void operator()(const TomlTable& table) const { out += canonical_text(table); }
  };
  std::visit(Writer{text}, node.value);
}

}  // namespace

BenchKey bench_key(std::string_view text, std::string_view option) {
  const auto refuse = [&] {
    throw InputError({}, option, fmt::format("\"{}\" is no key of a bench, such as chip.clock or rule.beta", text));
  };
  BenchKey key(1);
  char quote = 0;
  bool quoted = false;  // a part in quotes may be anything
  for (const char c : trimmed(text)) {
    if (quote != 0) {
      if (c == quote) quote = 0; else key.back() += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      quoted = true;
    } else if (c == '.') {
      if (key.back().empty() && !quoted) refuse();
      key.emplace_back();
      quoted = false;
    } else if (c == ' ' || c == '\t' || c == '[' || c == ']') {
      refuse();
    } else {
      key.back() += c;
    }
  }
  if (quote != 0 || (key.back().empty() && !quoted)) refuse();
  return key;
}

std::string text_of(const BenchKey& key) {
  std::string text;
  for (const auto& part : key) {
    const bool is_plain = !part.empty() && part.find_first_of(". \t\"'*[]") == std::string::npos;
    text += fmt::format("{}{}", text.empty() ? "" : ".", is_plain ? part : fmt::format("\"{}\"", part));
  }
  return text;
}

TomlNode bench_value(std::string_view text) {
  const auto whole = trimmed(text);
  if (auto value = toml_value(whole)) return std::move(*value);
  TomlNode node;
  node.value = std::string(whole);
  return node;
}

void set_origin(BenchOverride& one, const std::string& origin) { name_origin(one.value, origin); }

BenchOverride bench_override(std::string_view text, std::string_view option) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || trimmed(text.substr(equals + 1)).empty())
    throw InputError({}, option, fmt::format("KEY=VALUE is expected, such as chip.clock=\"1 kHz\", got \"{}\"", text));
  BenchOverride one{bench_key(text.substr(0, equals), option), bench_value(text.substr(equals + 1))};
  set_origin(one, fmt::format("{} {}", option, text));
  return one;
}

void put(TomlTable& root, const BenchOverride& one) {
  TomlNode tree;
  tree.value = std::move(root);
  try {
    auto* place = &tree;
    for (std::size_t depth = 0; depth < one.key.size(); ++depth) place = &step_into(*place, one, depth);
    *place = one.value;
  } catch (...) {
    root = std::get<TomlTable>(std::move(tree.value));
    throw;
  }
  root = std::get<TomlTable>(std::move(tree.value));
}

std::string canonical_text(const TomlTable& table) {
  std::vector<const TomlEntry*> order;
  for (const auto& entry : table.entries) order.push_back(&entry);
  std::ranges::sort(order, {}, [](const TomlEntry* entry) -> const std::string& { return entry->key; });
  std::string text = "{";
  for (const auto* entry : order) {
    text += fmt::format("{}\"{}\"=", entry->key.size(), entry->key);
    append(text, entry->value);
    text += ';';
  }
  return text + "}";
}

}  // namespace tellegen
