#pragma once
// Comma-separated data files: a header line with the names of the columns, then numbers.

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tellegen/units/input_error.hpp"

namespace tellegen {

/// Finite number as data files write it ("-1.5e-9", "+3"), nothing for any other text, NaN and infinities included.
[[nodiscard]] std::optional<double> data_number(std::string_view text);

/// Data file, its columns converted when they are asked for (others may hold text).
///
/// Cells are separated by commas and trimmed; one in double quotes may hold commas ("v(a,b)") and doubled quotes. Blank
/// lines are skipped. Either line ending and a byte order mark are accepted.
class CsvFile {
 public:
  /// @throws InputError the file cannot be read, has no header line, or a row has not as many cells as the header
  static CsvFile read(const std::filesystem::path& path);
  /// Likewise, of a text. @param file name for messages
  static CsvFile parse(std::string text, std::string file);

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] std::span<const std::string> columns() const { return columns_; }
  [[nodiscard]] std::size_t rows() const { return rows_.size(); }
  [[nodiscard]] bool has_column(std::string_view name) const;

  /// All values of a column.
  /// @throws InputError no such column (lists those there are), or a cell that is no finite number, with its line
  [[nodiscard]] std::vector<double> column(std::string_view name) const;

  /// Line of a row in the file, counted from 1.
  [[nodiscard]] SourceLocation where(std::size_t row) const { return {file_, rows_[row].line}; }

 private:
  struct Row {
    std::string_view text;
    int line;
  };

  std::string file_;
  std::unique_ptr<const std::string> text_;  ///< on the heap: rows_ point into it when the object moves
  std::vector<std::string> columns_;
  std::vector<Row> rows_;
};

}  // namespace tellegen
