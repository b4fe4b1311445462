#pragma once
// The rules that no chip can run: the emulator solves for the two states that they contrast.

#include <optional>
#include <span>
#include <vector>

#include "hw_models/action/path_ends.hpp"
#include "runtime/training/experiment.hpp"

namespace tellegen {

/// What is known of the path that action_nudge contrasts.
struct StationaryPathReport {
  PathEnds ends = PathEnds::fixed;
  std::vector<double> gradient;  // [L]/[p] exact gradient of the path's own loss, in the order of `Experiment::trained`
  Agreement agreement;           ///< of the estimate with that gradient
  double distance = 0;           ///< rms of path less causal run over rms of causal run, all node voltages
  double condition = 0;          ///< of the boundary-value problem; large near resonance
  bool has_fractional_term = false;
};

struct EmulatedEstimate {
  GradientResult estimate;
  std::optional<StationaryPathReport> path;
};

/// Estimate of an emulator rule at these values of the trained parameters.
///
/// | rule                      | states contrasted                                                | dL/dp                                          |
/// |---------------------------|------------------------------------------------------------------|------------------------------------------------|
/// | adjoint                   | none: the exact gradient                                         | `Experiment::exact`                            |
/// | action_nudge              | stationary paths of S + k L and S - k L (one-sided: of S)        | [ dS/dp(+) - dS/dp(-) ] / 2k                   |
/// | equilibrium, holomorphic  | fixed points under lambda_j g, lambda_j = k e^(2 pi i j/M)       | Re sum_j e^(-2 pi i j/M) dP/dp(x_j) / (M k)    |
///
/// | symbol | unit       | meaning                                                                                        |
/// |--------|------------|------------------------------------------------------------------------------------------------|
/// | S      | J s        | discretised action of the circuit (`StationaryPath`)                                           |
/// | P      | W          | co-content of the conducting branches                                                          |
/// | g      | [L]/V      | slope of the loss in the settled probes, summed over the run                                   |
/// | k      | A V/[L]    | from beta: peak nudging current over peak source current of the run                            |
/// | M      | 1          | `[rule] points`; the first Fourier coefficient over the circle has an error of beta^M          |
///
/// The loss of action_nudge is that of its path. Theory section 4; Laborieux and Zenke, NeurIPS 2022 (holomorphic nudges).
/// @throws InputError an element, source or start that the rule cannot take; no source current, so that beta has no reference
/// @throws ConvergenceError resonance, or no state found
[[nodiscard]] EmulatedEstimate estimate_in_emulator(const Experiment& experiment, Rule rule, std::span<const double> trained);

}  // namespace tellegen
