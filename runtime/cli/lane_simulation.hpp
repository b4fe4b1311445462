#pragma once
// A deck's transient by the engine that plans once per topology.

#include <memory>
#include <optional>
#include <vector>

#include "runtime/cli/simulation.hpp"

namespace tellegen::cli {

/// A transient that is ready to run.
struct TransientRun {
  const Deck& deck;
  const TransientAnalysis& analysis;
  std::shared_ptr<const Circuit> circuit;
  const TransientSetup& setup;
  const TransientRequest& request;
};

/// Runs it where the circuit and what is wanted of it allow that; explains why where they do not.
/// @returns nothing: the general engine has to run it
/// @throws InputError  a plan was asked for by name and cannot be had
[[nodiscard]] std::optional<AnalysisResult> run_in_lanes(const TransientRun& run);

/// Values of all sources [V] or [A] at the time t [s].
[[nodiscard]] std::vector<double> source_values_at(const Circuit& circuit, double t);

/// Moves a first row that lies before `start` [s] there, between itself and the next one; times nearer than `close` [s] are one.
void begin_at(double start, double close, std::vector<Variable>& variables);

}  // namespace tellegen::cli
