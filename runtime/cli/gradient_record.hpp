#pragma once
// What was measured, as the report room takes it.

#include "runtime/report/run_record.hpp"
#include "runtime/training/experiment.hpp"

namespace tellegen::cli {

[[nodiscard]] Rule chosen_rule(const Experiment& experiment);

/// Verdict of every rule on the experiment's circuit.
[[nodiscard]] report::Classification classification_of(const Experiment& experiment);

/// @param finite_difference  may be empty
[[nodiscard]] report::GradientCheck gradient_record(const Experiment& experiment, const std::string& plant,
                                                    std::span<const double> values, const GradientResult& estimate,
                                                    std::span<const double> exact,
                                                    std::span<const double> finite_difference);

/// Unit of the bench's loss: "V^2 s" for squared errors summed over time, "s" for cross entropies; empty where its terms
/// have several, or are expressions.
[[nodiscard]] std::string loss_unit(const Experiment& experiment);

/// Terms of the training loss and what each adds at these values of the trained parameters.
[[nodiscard]] std::vector<report::LossTermRow> loss_term_rows(const Experiment& experiment,
                                                              std::span<const double> values);

}  // namespace tellegen::cli
