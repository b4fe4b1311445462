#pragma once
// Failure of Newton's method: an enum in the loop, a sentence at the edge.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "hw_models/circuit/circuit.hpp"

namespace tellegen {

enum class [[nodiscard]] SolveStatus { converged, singular, not_converged, not_finite };

/// What the loop knew when it gave up.
struct ConvergenceFailure {
  SolveStatus status = SolveStatus::not_converged;
  double time = 0;            // [s]; negative: the operating point
  std::int32_t unknown = 0;   ///< node that moved most, or that is singular; above the nodes: a source current
  double low = 0, high = 0;   // [V] range of its last iterates
  std::int32_t branch = -1;   ///< nonlinear branch that moved most; -1: none
};

/// No solution was found. The program ends with exit code 3.
class ConvergenceError : public std::runtime_error {
 public:
  explicit ConvergenceError(const std::string& message) : std::runtime_error(message) {}
};

/// "no convergence at t = 3.2 us: node h1_4 oscillates between 0.31 V and 0.74 V around diode d7; try a smaller [time] step"
/// @param remedy  what to try when a step of a transient fails
[[nodiscard]] std::string explain(const ConvergenceFailure& failure, const Circuit& circuit,
                                  std::string_view remedy = "try a smaller [time] step");

}  // namespace tellegen
