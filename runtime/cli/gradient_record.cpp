#include "runtime/cli/gradient_record.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

#include "tellegen/units/quantity_text.hpp"

namespace tellegen::cli {

Rule chosen_rule(const Experiment& experiment) { return experiment.bench().rule.name; }

report::Classification classification_of(const Experiment& experiment) {
  report::Classification classification;
  for (const Rule rule : all_rules) {
    const auto found = classify(*experiment.circuit(), rule, experiment.rule_options());
    classification.rows.push_back({.rule = std::string(name_of(rule)),
                                   .verdict = std::string(name_of(found.verdict)),
                                   .reason = found.reason,
                                   .chosen = rule == chosen_rule(experiment)});
  }
  return classification;
}

report::GradientCheck gradient_record(const Experiment& experiment, const std::string& plant,
                                      std::span<const double> values, const GradientResult& estimate,
                                      std::span<const double> exact, std::span<const double> finite_difference) {
  const auto agreement = experiment.compare(estimate.gradient, exact, values);
  report::GradientCheck record;
  record.rule = std::string(name_of(chosen_rule(experiment)));
  record.plant = plant;
  record.loss = estimate.loss;
  record.loss_unit = loss_unit(experiment);
  record.loss_terms = loss_term_rows(experiment, values);
  record.cosine = agreement.cosine;
  record.relative_error = agreement.relative_error;
  if (chosen_rule(experiment) != Rule::adjoint) record.beta = experiment.bench().rule.beta;
  const Rule rule = chosen_rule(experiment);
  if (rule == Rule::biased_echo || rule == Rule::equilibrium || rule == Rule::coupled || rule == Rule::action_nudge)
    record.sides = std::array{"one", "centred", "holomorphic"}[static_cast<std::size_t>(experiment.rule_options().sides)];
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& parameter = experiment.parameter(i);
    report::GradientEntry entry{.name = parameter.name,
                                .unit = parameter.unit,
                                .value = values[i],
                                .exact = exact[i],
                                .estimate = estimate.gradient[i],
                                .finite_difference = std::nullopt};
    if (!finite_difference.empty()) entry.finite_difference = finite_difference[i];
    record.parameters.push_back(std::move(entry));
  }
  return record;
}

namespace {

/// "V^2" of "V"; the square root of the second goes when Wb/s^1/2 is squared.
std::string squared(const std::string& unit) {
  if (unit == "Wb/s^1/2") return "Wb^2/s";
  if (unit == "A s^1/2") return "A^2 s";
  return unit.find_first_of(" /^") == std::string::npos ? unit + "^2" : fmt::format("({})^2", unit);
}

/// Unit of one term; empty for an expression, whose numbers have the units that its author gave them.
std::string unit_of(const BenchLoss& loss, const Experiment& experiment) {
  const auto& unit = experiment.probe_units()[loss.term.probes[0]];
  switch (loss.term.kind) {
    case LossKind::mse: return squared(unit) == "Wb^2/s" ? "Wb^2" : squared(unit) + " s";
    case LossKind::final_mse: return squared(unit);
    case LossKind::cross_entropy: return "s";
    case LossKind::expr: return "";
  }
  return "";
}

std::string window_text(const LossTerm& term) {
  if (term.kind == LossKind::final_mse) return "last step";
  return term.window ? fmt::format("{} to {}", engineering(term.window->from, "s"), engineering(term.window->to, "s")) : "";
}

}  // namespace

std::string loss_unit(const Experiment& experiment) {
  const auto& losses = experiment.bench().data.losses;
  const auto unit = unit_of(losses[0], experiment);
  const bool same = std::ranges::all_of(losses, [&](const BenchLoss& l) { return unit_of(l, experiment) == unit; });
  return same ? unit : "";
}

std::vector<report::LossTermRow> loss_term_rows(const Experiment& experiment, std::span<const double> values) {
  std::vector<report::LossTermRow> rows;
  const auto& losses = experiment.bench().data.losses;
  const auto parts = experiment.loss_terms(experiment.data(), values);
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const auto& term = losses[i].term;
    rows.push_back({.kind = std::string(name_of(term.kind)),
                    .probes = losses[i].probes,
                    .expression = term.expression ? term.expression->text() : "",
                    .window = window_text(term),
                    .value = parts[i],
                    .unit = unit_of(losses[i], experiment)});
  }
  return rows;
}

}  // namespace tellegen::cli
