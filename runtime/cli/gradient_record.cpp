#include "runtime/cli/gradient_record.hpp"

#include <algorithm>
#include <array>

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

std::string loss_unit(const Experiment& experiment) {
  const auto& losses = experiment.bench().data.losses;
  const bool all_final =
      std::ranges::all_of(losses, [](const BenchLoss& l) { return l.term.kind == LossKind::final_mse; });
  return all_final ? "V^2" : "V^2 s";
}

}  // namespace tellegen::cli
