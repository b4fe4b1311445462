#include "runtime/report/page/html_table.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "runtime/report/text_escape.hpp"

namespace tellegen::report {
namespace {

std::string_view class_of(Align align) { return align == Align::right ? R"( class="number")" : ""; }

std::string class_attribute(std::string_view style) {
  return style.empty() ? std::string() : fmt::format(R"( class="{}")", style);
}

}  // namespace

HtmlTable::HtmlTable(std::vector<TableColumn> columns, std::string_view style) : columns_(std::move(columns)) {
  head_ = fmt::format("<div class=\"table\"><table{}><thead><tr>", class_attribute(style));
  for (const auto& column : columns_)
    head_ += fmt::format("<th scope=\"col\"{}>{}</th>", class_of(column.align), escape_markup(column.title));
  head_ += "</tr></thead>";
}

void HtmlTable::add_row(const std::vector<std::string>& cells, std::string_view style) {
  if (cells.size() != columns_.size())
    throw std::invalid_argument("a table row has another count of cells than columns");
  rows_ += fmt::format("<tr{}>", class_attribute(style));
  for (std::size_t k = 0; k < cells.size(); ++k)
    rows_ += fmt::format("<td{}>{}</td>", class_of(columns_[k].align), cells[k]);
  rows_ += "</tr>\n";
}

std::string HtmlTable::markup() const { return head_ + "<tbody>\n" + rows_ + "</tbody></table></div>\n"; }

}  // namespace tellegen::report
