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

/// Unit of the bench's loss: "V^2 s" for a sum over time.
[[nodiscard]] std::string loss_unit(const Experiment& experiment);

}  // namespace tellegen::cli
