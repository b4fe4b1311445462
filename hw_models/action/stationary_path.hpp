#pragma once
// The path between fixed ends, or the periodic path, that makes the discretised action of a circuit stationary.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "hw_models/action/formal_action.hpp"
#include "hw_models/action/path_ends.hpp"

namespace tellegen {

/// Discretised action of a circuit of skew 0 and its stationary path; the nodes' fluxes are the unknowns.
///
///     S = h sum_{n=1..N} [ sum_C T*( (phi_n - phi_{n-1})/h ) + sum_F F( (W phi)_n ) - sum_L U(phi_n) + sum_src I_n phi_n ]
///
///     fixed:    phi_0 = phi_N = 0             periodic:  phi_0 = phi_N, phi_1 ... phi_N free
///
/// | symbol | unit     | meaning                                                                                          |
/// |--------|----------|--------------------------------------------------------------------------------------------------|
/// | phi    | Wb       | branch flux, a difference of node fluxes                                                         |
/// | W      | s^-c     | D^c by backward differences, (1 - zeta)^c / h^c: causal from t = 0, or cyclic                    |
/// | v_n    | V        | node voltage at t_n, (phi_{n+1} - phi_{n-1}) / 2h; the three-point slope at a fixed end          |
///
/// For an order c between 0 and 1 (fractional memristors, and linear resistors with c = 1/2) variation gives W^T f(W phi) with the
/// symbol |2 sin(omega h/2)/h|^(2c), which does not dissipate: the path is not the causal run. The grid's own method takes no part;
/// the path is of second order in h. Theory sections 2 and 4.
class StationaryPath {
 public:
  /// @param current_sources  [A] by step and source of the circuit
  /// @throws InputError an element without a term, a voltage source (its flux is given, so that it does not come to rest at the far
  ///         end), or a grid too long for the dense blocks of fractional orders
  StationaryPath(std::shared_ptr<const Circuit> circuit, const TimeGrid& grid, PathEnds ends, std::span<const double> slots, const Table& current_sources);
  ~StationaryPath();

  /// Slope of a function of the node voltages, by step and node, [L]/V.
  using Slope = std::function<Table(const Table& voltages)>;

  /// Fluxes by step and node, [Wb].
  /// @throws ConvergenceError at resonance, or when Newton's method does not get there
  [[nodiscard]] Table solve();
  /// The path that makes S + k L stationary, sought from a path nearby; `k` is in [J s]/[L].
  /// @throws ConvergenceError
  [[nodiscard]] Table solve_nudged(const Table& nearby, double k, const Slope& slope);

  [[nodiscard]] Table voltages(const Table& flux) const;
  /// dS/dp by slot of the circuit; of a constant source's level, too.
  [[nodiscard]] std::vector<double> action_by_slot(const Table& flux) const;
  /// Gradient of L of the path in every slot: -(dR/dp)^T H^-1 dL/dphi with the symmetric Hessian H of S at the path.
  [[nodiscard]] std::vector<double> loss_by_slot(const Table& flux, const Table& voltage_slope);
  /// Peak current [A] that a slope amounts to as a nudge of size 1, |dL/dphi| / h.
  [[nodiscard]] double peak_nudge(const Table& voltage_slope) const;
  /// Condition number of the Hessian at the free path, rows and columns scaled, over the square of the path's length: below 1 far
  /// from resonance, above 1e6 refused.
  [[nodiscard]] double condition() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Largest number of unknowns with a term of fractional order, whose blocks are dense in time.
inline constexpr std::size_t longest_dense_path = 3000;

}  // namespace tellegen
