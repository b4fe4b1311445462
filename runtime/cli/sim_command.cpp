#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "hw_models/lanes/dispatch.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/cli/simulation.hpp"
#include "runtime/cli/wave_formats.hpp"

namespace tellegen::cli {
namespace {

std::string_view name_of(const Analysis& analysis) {
  return std::holds_alternative<TransientAnalysis>(analysis) ? "tran" : "op";
}

/// What the outputs ask of a transient; nothing: everything.
std::optional<std::vector<OutputVariable>> wanted_of(const Deck& deck, const SimOptions& options) {
  const bool to_file = !options.output.empty() || !options.json.empty();
  if (to_file && deck.saved.empty()) return std::nullopt;
  auto wanted = to_file ? deck.saved : std::vector<OutputVariable>{};
  for (const auto& print : deck.prints)
    if (!to_file && print.analysis == "tran") wanted.insert(wanted.end(), print.variables.begin(), print.variables.end());
  return wanted;
}

/// The analysis that a file of one analysis holds: the deck's last transient; without one, its last operating point.
const AnalysisResult& main_result(const std::vector<AnalysisResult>& results) {
  const auto is_transient = [](const AnalysisResult& r) { return r.analysis == "tran"; };
  const auto found = std::find_if(results.rbegin(), results.rend(), is_transient);
  return found == results.rend() ? results.back() : *found;
}

bool is_raw(const std::string& output) { return lower_case(output).ends_with(".raw"); }

void check_outputs(const SimOptions& options) {
  if (lower_case(options.output).ends_with(".json"))
    throw InputError({options.output, 0}, "-o", "CSV or raw is written here; use --json for JSON");
  if (options.output == "-" && options.json == "-")
    throw InputError({}, "-o", "standard output is taken by --json already; a file is expected");
  check_output(options.output);
  check_output(options.json);
}

void warn_of_idle_prints(const Deck& deck) {
  for (const auto& print : deck.prints) {
    if (std::ranges::find(deck.analyses, print.analysis, name_of) != deck.analyses.end()) continue;
    const auto& where = print.variables.front().where;
    fmt::print(stderr, "{}:{}: warning: .print {}: the deck has no .{}\n", where.file, where.line, print.analysis,
               print.analysis);
  }
}

/// `.print` tables of this analysis; an operating point without one is shown whole.
void print_results(const AnalysisResult& result, const Deck& deck) {
  bool printed = false;
  for (const auto& print : deck.prints) {
    if (print.analysis != result.analysis) continue;
    std::vector<Variable> variables;
    for (const auto& output : print.variables) variables.push_back(result.find(output));
    fmt::print("{}\n", table_text(result, variables));
    printed = true;
  }
  if (printed) return;
  if (result.analysis == "op")
    fmt::print("{}\n", operating_point_text(saved_part(result, deck)));
  else
    fmt::print("transient: {} points computed; add \".print tran v(node)\" to the deck, or use -o FILE.csv\n",
               result.variables.front().values.size());
}

}  // namespace

int sim(const SimOptions& options) {
  const auto deck = read_deck(options.deck);
  if (deck.analyses.empty()) throw InputError({options.deck, 0}, "", "the deck asks for no analysis; add .op or .tran");
  check_outputs(options);
  warn_of_idle_prints(deck);
  std::vector<AnalysisResult> results;
  try {
    static_cast<void>(preferred_instruction_set());
  } catch (const std::invalid_argument& mistake) {
    throw InputError({}, "TELLEGEN_INSTRUCTIONS", mistake.what());
  }
  std::string explanation;
  const TransientRequest request{.plan = options.plan, .wanted = wanted_of(deck, options), .explanation = options.explain ? &explanation : nullptr};
  for (const auto& analysis : deck.analyses) {
    const auto* transient = std::get_if<TransientAnalysis>(&analysis);
    results.push_back(transient ? run_transient(deck, *transient, request) : run_operating_point(deck));
  }
  const bool is_taken = options.output == "-" || options.json == "-";
  fmt::print(is_taken ? stderr : stdout, "{}", explanation);

  if (options.output.empty() && options.json.empty()) {
    for (const auto& result : results) print_results(result, deck);
    return done;
  }
  std::vector<AnalysisResult> saved;
  for (const auto& result : results) saved.push_back(saved_part(result, deck));
  const auto& main = main_result(saved);
  write_output(options.output, is_raw(options.output) ? raw_text(saved, deck.title) : csv_text(main));
  if (!options.json.empty()) write_output(options.json, json_text(main));
  return done;
}

}  // namespace tellegen::cli
