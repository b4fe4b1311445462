#include <fmt/format.h>
#include <fmt/ranges.h>
#include <cmath>
#include <nlohmann/json.hpp>

#include "runtime/cli/chip_measurements.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/gradient_record.hpp"
#include "runtime/cli/limits.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/cli/overrides.hpp"
#include "runtime/report/number_text.hpp"
#include "runtime/report/render.hpp"
#include "runtime/report/table.hpp"
#include "runtime/training/emulator_rules.hpp"

namespace tellegen::cli {
namespace {

/// Gradient by the rule, on the plant that was asked for or in the emulator.
/// @param exact  the exact one; on a chip that of the circuit which it holds
EmulatedEstimate measure(const Experiment& experiment, Rule rule, const std::string& plant, std::vector<double>& exact) {
  experiment.require_applicable(rule);
  if (runs_in_emulator_only(rule, experiment.bench().rule.sides)) {
    if (plant == "chip")
      throw InputError({}, "--plant",
                       fmt::format("{} cannot run on a chip; use --plant direct, or another rule such as biased_echo",
                                   rule == Rule::equilibrium ? "equilibrium with complex amplitudes" : rule == Rule::adjoint ? "the adjoint" : name_of(rule)));
    return estimate_in_emulator(experiment, rule, experiment.trained().initial);
  }
  if (plant == "chip") {
    ChipBench bench(experiment, experiment.bench().chip.steps_per_clock);
    exact = exact_on(experiment, bench, exact);
    return {.estimate = experiment.estimate(bench.plant(), rule), .path = std::nullopt};
  }
  return {.estimate = experiment.estimate(rule), .path = std::nullopt};
}

std::string with_unit(double value, const std::string& unit) {
  return fmt::format("{:.10g}{}{}", value, unit.empty() ? "" : " ", unit);
}

/// What is known of the stationary path, as JSON beside the keys of every rule.
nlohmann::json path_json(const Experiment& experiment, const StationaryPathReport& path) {
  auto parameters = nlohmann::json::array();
  for (std::size_t i = 0; i < path.gradient.size(); ++i) parameters.push_back({{"name", experiment.parameter(i).name}, {"exact", path.gradient[i]}});
  return {{"ends", path.ends == PathEnds::fixed ? "fixed" : "periodic"},
          {"cosine", path.agreement.cosine},
          {"relative_error", path.agreement.relative_error},
          {"distance_to_causal_run", path.distance},
          {"condition", path.condition},
          {"has_fractional_term", path.has_fractional_term},
          {"parameters", std::move(parameters)}};
}

void print_path(const StationaryPathReport& path) {
  fmt::print("\nstationary path with {} ends: cosine {:.10g}, relative error {:.3g} against the gradient of the path's own loss\n",
             path.ends == PathEnds::fixed ? "fixed" : "periodic", path.agreement.cosine, path.agreement.relative_error);
  fmt::print("distance of the path from the causal run: {:.4g} of the run's rms; condition of the boundary-value problem {:.3g}\n", path.distance, path.condition);
  if (path.has_fractional_term)
    fmt::print("terms of an order between 0 and 1 enter the real action by (D^c)^T D^c, symbol |omega|^(2c): they do not dissipate on the path\n");
}

void print(const report::RunRecord& record, bool finite_difference) {
  const auto& gradient = record.gradient;
  fmt::print("{}: rule {} {}\n", record.bench_name, gradient.rule, gradient.plant == "emulator" ? "in the emulator" : fmt::format("on the {} plant", gradient.plant));
  for (const auto& row : record.classification.rows)
    if (row.chosen) fmt::print("classified: {}{}{}\n", row.verdict, row.reason.empty() ? "" : ", ", row.reason);
  fmt::print("loss {}, cosine {:.10g}, relative error {:.3g}\n", with_unit(gradient.loss, gradient.loss_unit),
             gradient.cosine, gradient.relative_error);
  if (gradient.loss_terms.size() > 1)
    for (const auto& term : gradient.loss_terms)
      fmt::print("  {} of {}{}: {}\n", term.expression.empty() ? term.kind : term.expression,
                 fmt::join(term.probes, ", "), term.window.empty() ? "" : ", " + term.window,
                 with_unit(term.value, term.unit));
  fmt::print("\n");
  std::vector<report::TableColumn> columns{{"parameter"},
                                           {"value", report::Align::right},
                                           {"unit"},
                                           {"exact", report::Align::right},
                                           {"estimate", report::Align::right}};
  if (finite_difference) columns.push_back({"finite difference", report::Align::right});
  report::TextTable table(std::move(columns));
  for (const auto& p : gradient.parameters) {
    std::vector<std::string> row{p.name, fmt::format("{:.6g}", p.value), p.unit, fmt::format("{:.8g}", p.exact),
                                 fmt::format("{:.8g}", p.estimate)};
    if (finite_difference) row.push_back(fmt::format("{:.8g}", p.finite_difference.value_or(0)));
    table.add_row(std::move(row));
  }
  fmt::print("{}", table.text());
}

}  // namespace

int gradcheck(const GradcheckOptions& options) {
  auto bench = read_bench(options.bench, overrides_of(options.set));
  if (!options.rule.empty()) bench.rule.name = rule_of(options.rule, {}, "--rule");
  if (options.beta) bench.rule.beta = *options.beta;
  const Experiment experiment(std::move(bench));
  check_output(options.json);
  const Rule rule = chosen_rule(experiment);
  const auto& initial = experiment.trained().initial;
  auto exact = experiment.exact(initial).gradient;
  const auto [estimate, path] = measure(experiment, rule, options.plant, exact);
  const auto differences = options.finite_difference ? experiment.finite_difference(initial) : std::vector<double>{};

  report::RunRecord record;
  record.bench_name = experiment.bench().name;
  record.classification = classification_of(experiment);
  const bool is_emulated = rule != Rule::adjoint && runs_in_emulator_only(rule, experiment.bench().rule.sides);
  record.gradient = gradient_record(experiment, is_emulated ? "emulator" : options.plant, initial, estimate, exact, differences);
  record.limits = gradient_limits(experiment.bench().limits, record.gradient);

  auto json = report::gradcheck_json(record.bench_name, record.classification, record.gradient);
  if (path) json["path"] = path_json(experiment, *path);
  if (options.json != "-") print(record, options.finite_difference);
  if (path && options.json != "-") print_path(*path);
  write_output(options.json, report::json_text(json) + "\n");
  return report_limits(record.limits, options.json != "-") ? done : limit_missed;
}

}  // namespace tellegen::cli
