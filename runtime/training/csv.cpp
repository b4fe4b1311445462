#include "runtime/training/csv.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "runtime/files/atomic_file.hpp"

namespace tellegen {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// Takes the quoted cell at the front of `rest`, up to the next comma.
std::string take_quoted(std::string_view& rest, const SourceLocation& where) {
  std::string cell;
  std::size_t at = 1;
  for (;; ++at) {
    if (at >= rest.size()) throw InputError(where, "", "a quote is opened and not closed on this line");
    if (rest[at] != '"') {
      cell += rest[at];
    } else if (at + 1 < rest.size() && rest[at + 1] == '"') {
      cell += '"';
      ++at;
    } else {
      break;
    }
  }
  rest.remove_prefix(at + 1);
  const auto comma = rest.find(',');
  if (!trimmed(rest.substr(0, comma)).empty())
    throw InputError(where, "", fmt::format("text follows the closing quote of \"{}\", expected a comma", cell));
  rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma);
  return cell;
}

/// Cells of one line, into storage that is used again for the next.
void split(std::string_view line, const SourceLocation& where, std::vector<std::string>& cells) {
  cells.clear();
  for (auto rest = line;;) {
    const auto start = rest.find_first_not_of(" \t");
    if (start != std::string_view::npos && rest[start] == '"') {
      rest.remove_prefix(start);
      cells.push_back(take_quoted(rest, where));
    } else {
      const auto comma = rest.find(',');
      cells.emplace_back(trimmed(rest.substr(0, comma)));
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma);
    }
    if (rest.empty()) return;
    rest.remove_prefix(1);
  }
}

void check_header(const std::vector<std::string>& columns, const SourceLocation& where) {
  if (std::all_of(columns.begin(), columns.end(), [](const auto& name) { return data_number(name).has_value(); }))
    throw InputError(where, "", "the first line must name the columns, such as \"t,value\"; it holds numbers");
  for (auto name = columns.begin(); name != columns.end(); ++name)
    if (std::find(columns.begin(), name, *name) != name)
      throw InputError(where, "", fmt::format("column \"{}\" is named twice", *name));
}

}  // namespace

std::optional<double> data_number(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

CsvFile CsvFile::read(const std::filesystem::path& path) { return parse(read_whole_file(path), path.string()); }

CsvFile CsvFile::parse(std::string text, std::string file) {
  CsvFile out;
  out.file_ = std::move(file);
  out.text_ = std::make_unique<const std::string>(std::move(text));
  std::string_view rest = *out.text_;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  std::vector<std::string> cells;
  for (int line = 1; !rest.empty(); ++line) {
    const auto end = rest.find('\n');
    const auto content = trimmed(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (content.empty()) continue;
    const SourceLocation where{out.file_, line};
    split(content, where, cells);
    if (out.columns_.empty()) {
      check_header(cells, where);
      out.columns_ = cells;
      continue;
    }
    if (cells.size() != out.columns_.size())
      throw InputError(where, "",
                       fmt::format("the row has {} cells, expected {} as in the header ({})", cells.size(),
                                   out.columns_.size(), fmt::join(out.columns_, ", ")));
    out.rows_.push_back({content, line});
  }
  if (out.columns_.empty())
    throw InputError({out.file_, 0}, "", "the file is empty, expected a header line such as \"t,value\"");
  return out;
}

bool CsvFile::has_column(std::string_view name) const {
  return std::find(columns_.begin(), columns_.end(), name) != columns_.end();
}

std::vector<double> CsvFile::column(std::string_view name) const {
  const auto found = std::find(columns_.begin(), columns_.end(), name);
  if (found == columns_.end())
    throw InputError({file_, 1}, "", fmt::format("no column \"{}\"; there are {}", name, fmt::join(columns_, ", ")));
  const auto index = static_cast<std::size_t>(found - columns_.begin());
  std::vector<double> values;
  values.reserve(rows_.size());
  std::vector<std::string> cells;
  for (const auto& row : rows_) {
    const SourceLocation where_row{file_, row.line};
    split(row.text, where_row, cells);
    const auto number = data_number(cells[index]);
    if (!number)
      throw InputError(where_row, fmt::format("column \"{}\"", name),
                       fmt::format("\"{}\" is no finite number", cells[index]));
    values.push_back(*number);
  }
  return values;
}

}  // namespace tellegen
