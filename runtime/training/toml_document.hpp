#pragma once
// A TOML file as a plain tree that remembers its lines. The only unit that sees toml++ is toml_document.cpp.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tellegen/units/input_error.hpp"

namespace tellegen {

struct TomlEntry;

/// Keys and values in the order of the file.
struct TomlTable {
  std::vector<TomlEntry> entries;

  /// Entry of that key, null when there is none.
  [[nodiscard]] const TomlEntry* find(std::string_view key) const;
};

struct TomlNode;

struct TomlArray {
  std::vector<TomlNode> items;
};

/// Date or time: TOML has them, nothing here asks for one.
struct TomlDate {};

/// One value of the file and the line where it begins.
struct TomlNode {
  std::variant<bool, std::int64_t, double, std::string, TomlDate, TomlArray, TomlTable> value;
  int line = 0;
  std::string origin = {};  ///< what put the value in the place of the file's own: "--set chip.clock=1 kHz"; empty: the file

  [[nodiscard]] const TomlTable* table() const { return std::get_if<TomlTable>(&value); }
  [[nodiscard]] const TomlArray* array() const { return std::get_if<TomlArray>(&value); }
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&value); }

  /// Place of the value: in the file, or what put it there.
  [[nodiscard]] SourceLocation place(const std::string& file) const { return origin.empty() ? SourceLocation{file, line} : SourceLocation{origin, 0}; }

  /// What the value is, for messages: a table, the number 3, "abc".
  [[nodiscard]] std::string described() const;
};

struct TomlEntry {
  std::string key;
  int line = 0;  ///< of the key
  TomlNode value;

  /// Place of the key.
  [[nodiscard]] SourceLocation place(const std::string& file) const {
    return value.origin.empty() ? SourceLocation{file, line} : value.place(file);
  }
};

/// Tree of a TOML text.
/// @param file  name for messages
/// @throws InputError a syntax error, with its line
[[nodiscard]] TomlTable parse_toml(std::string_view text, const std::string& file);

}  // namespace tellegen
