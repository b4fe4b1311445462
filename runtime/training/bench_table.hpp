#pragma once
// One table of a bench, read key by key: every complaint carries the line and the key.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/training/toml_document.hpp"
#include "tellegen/units/quantity_text.hpp"

namespace tellegen {

/// View of a table whose keys are known. All getters throw InputError at a wrong type; those without a default also
/// when the key is missing.
class BenchTable {
 public:
  /// @param label  how messages name the table: "[time]", "[[loss]] target"
  /// @param known  keys that it may have; any other is refused here, with the nearest known one as a suggestion
  BenchTable(const TomlTable& table, SourceLocation where, std::string label,
             const std::vector<std::string_view>& known);

  [[nodiscard]] bool has(std::string_view key) const { return table_->find(key) != nullptr; }
  /// Place of a key; of the table when the key is missing.
  [[nodiscard]] SourceLocation where(std::string_view key) const;
  [[nodiscard]] SourceLocation where() const { return where_; }
  [[nodiscard]] const std::string& label() const { return label_; }
  /// Subject of messages about a key: "[time] step".
  [[nodiscard]] std::string subject(std::string_view key) const;

  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise) const;
  [[nodiscard]] double number(std::string_view key) const;
  [[nodiscard]] double number(std::string_view key, double otherwise) const;
  [[nodiscard]] std::optional<double> optional_number(std::string_view key) const;
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t otherwise) const;
  /// Quantity text ("10 ns") or bare number (SI).
  [[nodiscard]] double quantity(std::string_view key, Dimension dimension) const;
  /// Pair of quantities.
  [[nodiscard]] std::pair<double, double> quantity_pair(std::string_view key, Dimension dimension) const;
  [[nodiscard]] std::vector<std::pair<std::string, SourceLocation>> texts_with_places(std::string_view key) const;
  [[nodiscard]] std::vector<double> numbers(std::string_view key) const;
  /// One of a few words.
  /// @returns its index among `words`
  [[nodiscard]] std::size_t choice(std::string_view key, std::initializer_list<std::string_view> words,
                                   std::size_t otherwise) const;
  /// Table under a key.
  [[nodiscard]] BenchTable table(std::string_view key, const std::vector<std::string_view>& known) const;
  /// The value as it stands.
  [[nodiscard]] const TomlEntry& entry(std::string_view key) const;

  [[noreturn]] void fail(std::string_view key, std::string_view message) const;

 private:
  [[noreturn]] void fail_type(std::string_view key, const TomlNode& node, std::string_view expected) const;
  [[nodiscard]] double quantity_of(std::string_view key, const TomlNode& node, Dimension dimension) const;
  [[nodiscard]] const TomlArray& array(std::string_view key, std::string_view expected) const;

  const TomlTable* table_;
  SourceLocation where_;
  std::string label_;
};

/// Refuses a key that is not known: `..., did you mean "step"?`
/// @param what  "key" or "table"
void refuse_unknown(std::string_view key, std::string_view what, const SourceLocation& where, std::string_view subject,
                    const std::vector<std::string_view>& known);

/// Value as a finite double, nothing when the node is no number.
[[nodiscard]] std::optional<double> finite_number(const TomlNode& node);

}  // namespace tellegen
