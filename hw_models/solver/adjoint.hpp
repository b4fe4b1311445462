#pragma once
// Forward run and exact gradient of a discretised circuit.

#include <vector>

#include "hw_models/solver/operating_point.hpp"
#include "hw_models/solver/trajectory.hpp"
#include "hw_models/solver/transient.hpp"

namespace tellegen {

/// Runs the circuit forward over the engine's whole grid.
/// @param sources  values by step and source [V] or [A]
/// @throws ConvergenceError
[[nodiscard]] Trajectory run_forward(TransientEngine& engine, const Table& sources, const ReferenceState& start = {});

/// Exact gradient of a loss with respect to every law parameter (slot) of the circuit, to round-off.
///
///     J^T = P ( sum A_in D^(b-1) (P Lambda P) D^a A_out^T ) P
///     dL/dp_k = - sum_n [D^a lambda_k](N+1-n) * df_k/dp(z_k(n))
///
/// | symbol  | unit          | meaning                                                                          |
/// |---------|---------------|----------------------------------------------------------------------------------|
/// | lambda  | [L]/A         | adjoint variable: response of the swapped, time-reversed, linearised network     |
/// | Lambda  | [f]/[z]       | slope of each law along the forward run                                          |
/// | P       | 1             | time reversal                                                                    |
/// | dL/dv   | [L]/V, [L]/A  | `unknown_slope`, by step and unknown                                             |
///
/// A run that started at an operating point has a static part beside it: the references i_ref, v_ref, z_ref of every branch
/// move with that point, whose own adjoint is one transposed solve of the DC network. Theory section 3; Director and Rohrer, IEEE Trans. Circuit Theory 16 (1969) 318. One
/// linear solve per step.
/// @param start  the operating point that `forward` started from; nothing: rest
/// @throws ConvergenceError when the linearised network is singular
[[nodiscard]] std::vector<double> adjoint_gradient(TransientEngine& engine, const Trajectory& forward, const Table& unknown_slope,
                                                   const ReferenceState* start = nullptr);

}  // namespace tellegen
