#pragma once
// Plain-text tables for the terminal.

#include <string>
#include <string_view>
#include <vector>

namespace tellegen::report {

enum class Align { left, right };

struct TableColumn {
  std::string title;
  Align align = Align::left;
};

/// Rows under titled columns, aligned by the characters that a terminal shows (UTF-8 counted as one column each).
///
///     TextTable table({{"rule"}, {"cosine", Align::right}});
///     table.add_row({"biased_echo", "0.99998"});
///     fmt::print("{}", table.text());
class TextTable {
 public:
  explicit TextTable(std::vector<TableColumn> columns);

  /// @throws std::invalid_argument when the count of cells is not that of the columns
  void add_row(std::vector<std::string> cells);

  /// The table, each line ended by a newline and free of trailing blanks. With a positive `width`, a last column that
  /// is aligned left is wrapped at blanks so that lines fit into it (never below 20 characters for that column).
  [[nodiscard]] std::string text(std::size_t width = 0) const;

 private:
  std::vector<TableColumn> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// Count of characters of a UTF-8 text.
[[nodiscard]] std::size_t shown_width(std::string_view text);

}  // namespace tellegen::report
