#pragma once
// Tables of the report page.

#include <string>
#include <string_view>
#include <vector>

#include "runtime/report/table.hpp"

namespace tellegen::report {

/// Rows of cells that already are markup (foreign text goes through escape_markup first) under plain-text titles.
class HtmlTable {
 public:
  /// @param style  class names of the table; may be empty
  explicit HtmlTable(std::vector<TableColumn> columns, std::string_view style = {});

  void add_row(const std::vector<std::string>& cells, std::string_view style = {});
  void add_total(const std::vector<std::string>& cells) { add_row(cells, "total"); }

  [[nodiscard]] std::string markup() const;

 private:
  std::vector<TableColumn> columns_;
  std::string head_;
  std::string rows_;
};

}  // namespace tellegen::report
