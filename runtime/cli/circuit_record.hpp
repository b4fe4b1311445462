#pragma once
#include "runtime/report/run_record.hpp"
#include "runtime/training/experiment.hpp"

namespace tellegen::cli {

/// Circuit and parameter table of the report.
/// @param final_values  of the trained parameters; those of the start where nothing was trained
[[nodiscard]] report::CircuitSummary circuit_record(const Experiment& experiment, std::span<const double> final_values);

}  // namespace tellegen::cli
