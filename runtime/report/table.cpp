#include "runtime/report/table.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace tellegen::report {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest_wrap = 20;

std::string padded(std::string_view cell, std::size_t width, Align align) {
  const std::string blanks(width - std::min(width, shown_width(cell)), ' ');
  return align == Align::left ? std::string(cell) + blanks : blanks + std::string(cell);
}

/// Lines of at most `width` characters, broken at blanks; a longer word keeps a line of its own.
std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const auto blank = text.find(' ');
    const auto word = text.substr(0, blank);
    text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
    auto& line = lines.back();
    if (line.empty()) {
      line = word;
    } else if (shown_width(line) + 1 + shown_width(word) <= width) {
      line.append(" ").append(word);
    } else {
      lines.emplace_back(word);
    }
  }
  return lines;
}

void append_line(std::string& text, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  text.append(line).append("\n");
}

}  // namespace

std::size_t shown_width(std::string_view text) {
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
}

TextTable::TextTable(std::vector<TableColumn> columns) : columns_(std::move(columns)) {}

void TextTable::add_row(std::vector<std::string> cells) {
  if (cells.size() != columns_.size())
    throw std::invalid_argument("a table row has another count of cells than columns");
  rows_.push_back(std::move(cells));
}

std::string TextTable::text(std::size_t width) const {
  if (columns_.empty()) return {};
  const auto last = columns_.size() - 1;
  std::vector<std::size_t> widths;
  for (std::size_t k = 0; k <= last; ++k) {
    auto widest = shown_width(columns_[k].title);
    for (const auto& row : rows_) widest = std::max(widest, shown_width(row[k]));
    widths.push_back(widest);
  }
  std::size_t before_last = 0;
  for (std::size_t k = 0; k < last; ++k) before_last += widths[k] + gap;
  if (width > 0 && columns_[last].align == Align::left && before_last + widths[last] > width)
    widths[last] = std::max(narrowest_wrap, width - std::min(width, before_last));

  const auto line_of = [&](const auto& cell) {
    std::string line;
    for (std::size_t k = 0; k <= last; ++k) {
      if (k > 0) line.append(gap, ' ');
      line += padded(cell(k), widths[k], columns_[k].align);
    }
    return line;
  };

  std::string text;
  append_line(text, line_of([&](std::size_t k) { return columns_[k].title; }));
  append_line(text, line_of([&](std::size_t k) { return std::string(widths[k], '-'); }));
  for (const auto& row : rows_) {
    const auto tail = columns_[last].align == Align::left ? wrapped(row[last], widths[last]) : std::vector{row[last]};
    append_line(text, line_of([&](std::size_t k) { return k == last ? tail.front() : row[k]; }));
    for (std::size_t n = 1; n < tail.size(); ++n) append_line(text, std::string(before_last, ' ') + tail[n]);
  }
  return text;
}

}  // namespace tellegen::report
