#include "runtime/cli/wave_formats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "runtime/report/render.hpp"
#include "runtime/report/table.hpp"

namespace tellegen::cli {
namespace {

/// Name of a CSV column: v(a,b) has a comma of its own.
std::string column_name(const std::string& name) {
  return name.find(',') == std::string::npos ? name : fmt::format("\"{}\"", name);
}

void append_plot(std::string& text, const AnalysisResult& result, const std::string& title) {
  const bool is_transient = result.analysis == "tran";
  const auto points = result.variables.front().values.size();
  text += fmt::format("Title: {}\nPlotname: {}\nFlags: real\nNo. Variables: {}\nNo. Points: {}\nVariables:\n", title,
                      is_transient ? "Transient Analysis" : "Operating Point", result.variables.size(), points);
  for (std::size_t i = 0; i < result.variables.size(); ++i) {
    const auto& variable = result.variables[i];
    const char* type = variable.unit == "s" ? "time" : variable.unit == "A" ? "current" : "voltage";
    text += fmt::format("\t{}\t{}\t{}\n", i, variable.name, type);
  }
  text += "Binary:\n";
  for (std::size_t r = 0; r < points; ++r)
    for (const auto& variable : result.variables) {
      char bytes[sizeof(double)];
      std::memcpy(bytes, &variable.values[r], sizeof bytes);
      text.append(bytes, sizeof bytes);
    }
}

/// Place between two rows: `before` and a part of the way to the next one.
struct PrintedRow {
  double time = 0;  // [s]
  std::size_t before = 0;
  double part = 0;

  [[nodiscard]] double of(const Variable& variable) const {
    const double here = variable.values[before];
    return part == 0 ? here : here + part * (variable.values[before + 1] - here);
  }
};

std::vector<PrintedRow> printed_rows(const AnalysisResult& result) {
  if (result.analysis != "tran") return {{}};
  std::vector<PrintedRow> rows;
  const auto& time = result.variables.front().values;
  const double close = 1e-9 * time.back();  // [s]
  std::size_t before = 0;
  for (std::size_t k = 0;; ++k) {
    const double t = result.print_start + static_cast<double>(k) * result.print_step;
    if (t > time.back() + close) return rows;
    if (t < time.front() - close) continue;
    while (before + 1 < time.size() && time[before + 1] <= t + close) ++before;
    const bool computed = before + 1 == time.size() || std::abs(time[before] - t) <= close;
    rows.push_back({t, before, computed ? 0 : (t - time[before]) / (time[before + 1] - time[before])});
  }
}

}  // namespace

std::string csv_text(const AnalysisResult& result) {
  std::string text;
  for (std::size_t i = 0; i < result.variables.size(); ++i)
    text += (i > 0 ? "," : "") + column_name(result.variables[i].name);
  text += "\n";
  for (std::size_t r = 0; r < result.variables.front().values.size(); ++r) {
    for (std::size_t i = 0; i < result.variables.size(); ++i)
      fmt::format_to(std::back_inserter(text), "{}{}", i > 0 ? "," : "", result.variables[i].values[r]);
    text += "\n";
  }
  return text;
}

std::string raw_text(std::span<const AnalysisResult> results, const std::string& title) {
  std::string text;
  for (const auto& result : results) append_plot(text, result, title);
  return text;
}

std::string json_text(const AnalysisResult& result) {
  nlohmann::json variables = nlohmann::json::array();
  for (const auto& v : result.variables)
    variables.push_back({{"name", v.name}, {"unit", v.unit}, {"values", v.values}});
  return report::json_text({{"analysis", result.analysis}, {"variables", std::move(variables)}}) + "\n";
}

std::string table_text(const AnalysisResult& result, const std::vector<Variable>& variables) {
  const bool with_time = result.analysis == "tran";
  std::vector<report::TableColumn> columns;
  if (with_time) columns.push_back({"time", report::Align::right});
  for (const auto& variable : variables) columns.push_back({variable.name, report::Align::right});
  report::TextTable table(std::move(columns));
  for (const auto& row : printed_rows(result)) {
    std::vector<std::string> cells;
    if (with_time) cells.push_back(fmt::format("{:.6e}", row.time));
    for (const auto& variable : variables) cells.push_back(fmt::format("{:.6e}", row.of(variable)));
    table.add_row(std::move(cells));
  }
  return table.text();
}

std::string operating_point_text(const AnalysisResult& result) {
  report::TextTable table({{"variable"}, {"value", report::Align::right}, {"unit"}});
  for (const auto& v : result.variables) table.add_row({v.name, fmt::format("{:.9g}", v.values.front()), v.unit});
  return table.text();
}

}  // namespace tellegen::cli
