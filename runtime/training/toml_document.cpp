#include "runtime/training/toml_document.hpp"

#include <fmt/core.h>

#include <toml++/toml.h>
#include <algorithm>
#include <tuple>
#include <utility>

namespace tellegen {
namespace {

TomlNode convert(const toml::node& node);

int line_of(const toml::source_region& region) { return static_cast<int>(region.begin.line); }

TomlTable convert_table(const toml::table& table) {
  struct Placed {
    toml::source_position position;
    TomlEntry entry;
  };
  std::vector<Placed> placed;
  placed.reserve(table.size());
  for (const auto& [key, value] : table) {
    const auto position = key.source().begin;
    placed.push_back({position, {std::string(key.str()), static_cast<int>(position.line), convert(value)}});
  }
  // toml++ keeps its keys sorted by name; messages and reports follow the file.
  std::stable_sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
    return std::tie(a.position.line, a.position.column) < std::tie(b.position.line, b.position.column);
  });
  TomlTable out;
  out.entries.reserve(placed.size());
  for (auto& each : placed) out.entries.push_back(std::move(each.entry));
  return out;
}

TomlNode convert(const toml::node& node) {
  TomlNode out;
  out.line = line_of(node.source());
  if (const auto* table = node.as_table()) {
    out.value = convert_table(*table);
  } else if (const auto* array = node.as_array()) {
    TomlArray items;
    items.items.reserve(array->size());
    for (const auto& item : *array) items.items.push_back(convert(item));
    out.value = std::move(items);
  } else if (const auto* text = node.as_string()) {
    out.value = text->get();
  } else if (const auto* integer = node.as_integer()) {
    out.value = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    out.value = number->get();
  } else if (const auto* flag = node.as_boolean()) {
    out.value = flag->get();
  } else {
    out.value = TomlDate{};
  }
  return out;
}

}  // namespace

const TomlEntry* TomlTable::find(std::string_view key) const {
  for (const auto& entry : entries)
    if (entry.key == key) return &entry;
  return nullptr;
}

std::string TomlNode::described() const {
  struct Description {
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t integer) const { return "the number " + std::to_string(integer); }
    std::string operator()(double number) const { return fmt::format("the number {}", number); }
    std::string operator()(const std::string& text) const { return "\"" + text + "\""; }
    std::string operator()(const TomlDate&) const { return "a date"; }
    std::string operator()(const TomlArray&) const { return "an array"; }
    std::string operator()(const TomlTable&) const { return "a table"; }
  };
  return std::visit(Description{}, value);
}

TomlTable parse_toml(std::string_view text, const std::string& file) {
  try {
    return convert_table(toml::parse(text, file));
  } catch (const toml::parse_error& error) {
    throw InputError({file, line_of(error.source())}, "", error.description());
  }
}

}  // namespace tellegen
