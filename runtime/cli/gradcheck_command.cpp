#include <fmt/format.h>
#include <fmt/ranges.h>
#include <cmath>
#include <nlohmann/json.hpp>

#include "runtime/cli/chip_bench.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/gradient_record.hpp"
#include "runtime/cli/limits.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/report/number_text.hpp"
#include "runtime/report/render.hpp"
#include "runtime/report/table.hpp"

namespace tellegen::cli {
namespace {

/// Gradient by the rule on the plant that was asked for.
GradientResult measure(const Experiment& experiment, Rule rule, const std::string& plant) {
  const auto& initial = experiment.trained().initial;
  if (rule == Rule::adjoint) {
    if (plant == "chip")
      throw InputError({}, "--plant",
                       "the adjoint cannot run on a chip; use --plant direct, or the rule echo or biased_echo");
    return experiment.exact(initial);
  }
  if (plant == "chip") {
    ChipBench bench(experiment, experiment.bench().chip.steps_per_clock);
    return experiment.estimate(bench.plant(), rule);
  }
  return experiment.estimate(rule);
}

std::string with_unit(double value, const std::string& unit) {
  return fmt::format("{:.10g}{}{}", value, unit.empty() ? "" : " ", unit);
}

void print(const report::RunRecord& record, bool finite_difference) {
  const auto& gradient = record.gradient;
  fmt::print("{}: rule {} on the {} plant\n", record.bench_name, gradient.rule, gradient.plant);
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
  auto bench = read_bench(options.bench);
  if (!options.rule.empty()) bench.rule.name = rule_of(options.rule, {}, "--rule");
  if (options.beta) bench.rule.beta = *options.beta;
  const Experiment experiment(std::move(bench));
  check_output(options.json);
  const Rule rule = chosen_rule(experiment);
  const auto& initial = experiment.trained().initial;
  const auto estimate = measure(experiment, rule, options.plant);
  const auto exact = experiment.exact(initial);
  const auto differences = options.finite_difference ? experiment.finite_difference(initial) : std::vector<double>{};

  report::RunRecord record;
  record.bench_name = experiment.bench().name;
  record.classification = classification_of(experiment);
  record.gradient = gradient_record(experiment, options.plant, initial, estimate, exact.gradient, differences);
  record.limits = gradient_limits(experiment.bench().limits, record.gradient);

  const auto json =
      report::json_text(report::gradcheck_json(record.bench_name, record.classification, record.gradient));
  if (options.json != "-") print(record, options.finite_difference);
  write_output(options.json, json + "\n");
  return report_limits(record.limits, options.json != "-") ? done : limit_missed;
}

}  // namespace tellegen::cli
