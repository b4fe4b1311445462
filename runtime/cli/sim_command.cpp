#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/cli/simulation.hpp"
#include "runtime/files/atomic_file.hpp"
#include "runtime/report/render.hpp"
#include "runtime/report/table.hpp"

namespace tellegen::cli {
namespace {

AnalysisResult run_analysis(const Deck& deck, const Analysis& analysis) {
  if (const auto* transient = std::get_if<TransientAnalysis>(&analysis)) return run_transient(deck, *transient);
  return run_operating_point(deck);
}

std::string csv_text(const AnalysisResult& result) {
  std::string text;
  for (std::size_t i = 0; i < result.variables.size(); ++i) text += (i ? "," : "") + result.variables[i].name;
  text += "\n";
  for (std::size_t r = 0; r < result.variables.front().values.size(); ++r) {
    for (std::size_t i = 0; i < result.variables.size(); ++i) fmt::format_to(std::back_inserter(text), "{}{:.17g}", i ? "," : "", result.variables[i].values[r]);
    text += "\n";
  }
  return text;
}

/// Binary raw file as SPICE3 writes it and waveform viewers read it.
std::string raw_text(const AnalysisResult& result, const Deck& deck) {
  const bool is_transient = result.analysis == "tran";
  const auto points = result.variables.front().values.size();
  auto text = fmt::format("Title: {}\nPlotname: {}\nFlags: real\nNo. Variables: {}\nNo. Points: {}\nVariables:\n", deck.title,
                          is_transient ? "Transient Analysis" : "Operating Point", result.variables.size(), points);
  for (std::size_t i = 0; i < result.variables.size(); ++i) {
    const auto& variable = result.variables[i];
    text += fmt::format("\t{}\t{}\t{}\n", i, variable.name, variable.unit == "s" ? "time" : variable.unit == "A" ? "current" : "voltage");
  }
  text += "Binary:\n";
  for (std::size_t r = 0; r < points; ++r)
    for (const auto& variable : result.variables) {
      char bytes[sizeof(double)];
      std::memcpy(bytes, &variable.values[r], sizeof bytes);
      text.append(bytes, sizeof bytes);
    }
  return text;
}

nlohmann::json json_of(const AnalysisResult& result) {
  nlohmann::json variables = nlohmann::json::array();
  for (const auto& variable : result.variables) variables.push_back({{"name", variable.name}, {"unit", variable.unit}, {"values", variable.values}});
  return {{"analysis", result.analysis}, {"variables", std::move(variables)}};
}

/// Rows that a `.print` shows: every tstep of a transient.
std::vector<std::size_t> printed_rows(const AnalysisResult& result) {
  std::vector<std::size_t> rows;
  const auto& first = result.variables.front().values;
  if (result.analysis != "tran" || first.size() < 2) {
    for (std::size_t r = 0; r < first.size(); ++r) rows.push_back(r);
    return rows;
  }
  const double step = first[1] - first[0];
  const auto stride = std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(result.print_step / step)));
  for (std::size_t r = 0; r < first.size(); r += stride) rows.push_back(r);
  return rows;
}

void print_table(const AnalysisResult& result, const std::vector<Variable>& variables) {
  std::vector<report::TableColumn> columns;
  if (result.analysis == "tran") columns.push_back({"time", report::Align::right});
  for (const auto& variable : variables) columns.push_back({variable.name, report::Align::right});
  report::TextTable table(std::move(columns));
  for (const auto r : printed_rows(result)) {
    std::vector<std::string> row;
    if (result.analysis == "tran") row.push_back(fmt::format("{:.6e}", result.variables.front().values[r]));
    for (const auto& variable : variables) row.push_back(fmt::format("{:.6e}", variable.values[r]));
    table.add_row(std::move(row));
  }
  fmt::print("{}\n", table.text());
}

void print_operating_point(const AnalysisResult& result) {
  report::TextTable table({{"variable"}, {"value", report::Align::right}, {"unit"}});
  for (const auto& variable : result.variables) table.add_row({variable.name, fmt::format("{:.9g}", variable.values.front()), variable.unit});
  fmt::print("{}\n", table.text());
}

/// `.print` tables of this analysis; an operating point without one is shown whole.
void print_results(const AnalysisResult& result, const Deck& deck) {
  bool printed = false;
  for (const auto& print : deck.prints) {
    if (print.analysis != result.analysis) continue;
    std::vector<Variable> variables;
    for (const auto& output : print.variables) variables.push_back(result.find(output));
    print_table(result, variables);
    printed = true;
  }
  if (printed) return;
  if (result.analysis == "op") return print_operating_point(saved_part(result, deck));
  fmt::print("transient: {} points computed; add \".print tran v(node)\" to the deck, or use -o FILE.csv\n", result.variables.front().values.size());
}

}  // namespace

int sim(const SimOptions& options) {
  const auto deck = read_deck(options.deck);
  if (deck.analyses.empty()) throw InputError({options.deck, 0}, "deck", "asks for no analysis; add .op or .tran");
  std::vector<AnalysisResult> results;
  for (const auto& analysis : deck.analyses) results.push_back(run_analysis(deck, analysis));

  const bool to_files = !options.output.empty() || !options.json.empty();
  // A file holds one analysis: the last of the deck.
  const auto kept = saved_part(results.back(), deck);
  if (options.output.ends_with(".raw"))
    write_file_atomically(options.output, raw_text(kept, deck));
  else if (!options.output.empty())
    write_file_atomically(options.output, csv_text(kept));
  write_json(options.json, report::json_text(json_of(kept)));
  if (!to_files)
    for (const auto& result : results) print_results(result, deck);
  return done;
}

}  // namespace tellegen::cli
