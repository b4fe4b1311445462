#pragma once
// DC operating point.
//
//     sum_k A_out,k i_k = I         at every node            v_p - v_n = E     at every voltage source
//
// A branch i = D^a f(D^b phi) in the steady state of constant voltage, by its total order a + b:
//
// | a + b | in DC                                                                                     |
// |-------|-------------------------------------------------------------------------------------------|
// | < 1   | a short (inductor): its current is an unknown                                             |
// | = 1   | conducts: i = f(v) where b = 1; with a memory (b < 1) at rest i = f'(0) v                 |
// | > 1   | open (capacitor, constant-phase element)                                                  |

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "hw_models/circuit/circuit.hpp"
#include "hw_models/solver/transient.hpp"

namespace tellegen {

/// What the operating point is sought for.
struct OperatingPointRequest {
  std::vector<double> sources;                              // [V] or [A] by source
  std::vector<double> slots;                                // law parameters
  std::vector<std::pair<NodeIndex, double>> first_guess;    // [V] `.nodeset`
  std::vector<std::pair<NodeIndex, double>> held;           // [V] `.ic`: these nodes are kept at their value
};

struct OperatingPoint {
  ReferenceState state;                  ///< node voltages, branch currents and controlling variables
  std::vector<double> source_currents;   // [A] by source, from p through the source to n
};

/// Newton's method with limited exponentials; where it fails, gmin stepping, then source stepping.
/// @throws ConvergenceError naming the node when every way fails
[[nodiscard]] OperatingPoint find_operating_point(const Circuit& circuit, const OperatingPointRequest& request);

/// Slope of a loss in the unknowns of an operating point.
struct StaticSlope {
  std::vector<double> unknown;        // [L]/V or [L]/A by unknown of the circuit
  std::vector<double> short_current;  // [L]/A by branch, of those that are shorts in DC
};

/// Static adjoint variable mu by unknown: J0^T mu = dL/dx0 with the Jacobian J0 of the DC network at the point. A parameter that
/// changes a branch's static current by di0/dp adds -(A_out^T mu) di0/dp to the gradient.
/// @throws ConvergenceError when the linearised DC network is singular
[[nodiscard]] std::vector<double> static_adjoint(const Circuit& circuit, std::span<const double> slots, const ReferenceState& point,
                                                 const StaticSlope& slope);

[[nodiscard]] bool is_shorted_in_dc(const Branch& branch);
[[nodiscard]] bool conducts_in_dc(const Branch& branch);
/// Slope [S] of a conducting branch's static current at the voltage v [V] of its port; p are the branch's own slots.
[[nodiscard]] double static_conductance(const Branch& branch, const double* p, double v);
/// Slope of a branch's static current in each of its slots; zeros when it does not conduct in DC.
[[nodiscard]] std::vector<double> static_current_by_parameter(const Branch& branch, const double* p, double v);

/// Start of a transient that skips the operating point (`uic`): the given node voltages, every current and flux at rest.
[[nodiscard]] ReferenceState initial_state(const Circuit& circuit, std::span<const double> slots,
                                           std::span<const std::pair<NodeIndex, double>> node_voltages);

}  // namespace tellegen
