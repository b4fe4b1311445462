#pragma once
// Linear systems of one pattern for many samples at once: planned once per topology, factored and solved many times.
//
//     ( A + diag-or-pattern( own_l ) ) x_l = b_l          for the samples l = 0 .. W-1 that one call carries
//
// | symbol | meaning                                                                                             |
// |--------|-----------------------------------------------------------------------------------------------------|
// | A      | what all samples share: linear elements with their companion conductances                           |
// | own_l  | what a sample adds in the places named `own`: slopes of nonlinear laws; nothing in a linear circuit |
// | W      | lanes: 1, 8 or 16; arrays stand as [place * W + lane]                                               |
//
// Two modes: one matrix for all samples (`factor_shared`), or one per sample (`factor`).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hw_models/lanes/dispatch.hpp"

namespace tellegen {

/// Place of one entry of a matrix.
struct MatrixEntry {
  std::int32_t row = 0;
  std::int32_t column = 0;
  friend bool operator==(const MatrixEntry&, const MatrixEntry&) = default;
};

/// Pattern of a square system.
struct SystemShape {
  std::int32_t size = 0;
  /// Each entry once, every diagonal entry among them. A symmetric system names its lower triangle only (row >= column).
  std::vector<MatrixEntry> entries;
  bool is_symmetric = true;
  /// Entries to which samples add their own values, as indices into `entries`, ascending.
  std::vector<std::int32_t> own;
};

/// What a plan costs, as `tellegen sim --explain` prints it.
struct PlanDescription {
  std::string name;                ///< "supernodal LDL^T", "crossbar", "KLU"
  std::int32_t unknowns = 0;
  std::size_t matrix_entries = 0;  ///< of the whole matrix, both triangles
  std::size_t factor_entries = 0;  ///< of the factors
  double factor_flops = 0;         ///< of one sample's factors [additions and multiplications]
  double solve_flops = 0;          ///< of one right-hand side
  std::string details;             ///< one line of the plan's own: "214 supernodes, widest 31", "64 x 10, dense Cholesky of 10"
};

/// Numeric state of a plan for W samples. Not shared between threads.
class LaneSystem {
 public:
  virtual ~LaneSystem() = default;

  /// Takes the shared values, by entry of the shape. Factors are stale until the next `factor`.
  virtual void set_shared(std::span<const double> values) = 0;
  /// Factors A alone, once for all samples.
  /// @returns false when A is singular to working precision (or not definite, for a plan that needs it)
  [[nodiscard]] virtual bool factor_shared() = 0;
  /// Factors every sample's own matrix.
  /// @param own  [j * W + lane] for the j-th own entry of the shape
  /// @returns false when the matrix of any sample is singular
  [[nodiscard]] virtual bool factor(const double* own) = 0;
  /// The unknown of the shape at whose pivot the last factors broke down; -1 when they did not.
  [[nodiscard]] virtual std::int32_t singular_unknown() const = 0;
  /// Solves in place with the last factors.
  /// @param x  [place * W + lane], places in the plan's order
  virtual void solve(double* x) = 0;
  /// Solves the transposed systems in place; the same for a symmetric plan.
  virtual void solve_transposed(double* x) { solve(x); }
  /// r -= ( A + own ) x, or the transposed matrix; `own` null: A alone.
  virtual void subtract_product(const double* own, const double* x, double* r, bool transposed = false) const = 0;
};

/// How a system keeps the factors of a matrix per sample: in doubles, or in single precision where they only precondition.
enum class Precision { full, single };

/// Const: made once per topology, shared by all threads.
class LinearPlan {
 public:
  virtual ~LinearPlan() = default;

  /// order()[place] = unknown of the shape that stands at that place in the arrays.
  [[nodiscard]] virtual std::span<const std::int32_t> order() const = 0;
  [[nodiscard]] virtual const PlanDescription& description() const = 0;
  /// The plan must outlive it.
  /// @param lanes      1, 8 or 16
  /// @param precision  of `factor` and of solutions with its factors; only the supernodal plan heeds it, for several lanes and
  ///                   where the factors are more than a few times larger than the unknowns: a ladder gains nothing by it
  [[nodiscard]] virtual std::unique_ptr<LaneSystem> make_system(int lanes, InstructionSet set,
                                                                Precision precision = Precision::full) const = 0;
};

/// Sparse LDL^T without pivoting: AMD or a lesser order where that fills less, dense blocks of columns, chains apart. For symmetric
/// shapes; safe where A is diagonally dominant, as positive conductances make it.
/// @throws std::invalid_argument a shape that is not symmetric
[[nodiscard]] std::shared_ptr<const LinearPlan> make_supernodal_plan(const SystemShape& shape);

/// Crossbars between two sets of unknowns: the larger set is eliminated as a dense Schur complement, whose matrix product all samples
/// share; Cholesky factors of the remainder, or conjugate gradients where it is wide.
/// @returns nothing when the topology is no crossbar: not bipartite, too sparse, or with own entries off the diagonal
[[nodiscard]] std::shared_ptr<const LinearPlan> make_crossbar_plan(const SystemShape& shape);

/// LU with partial pivoting (KLU), sample by sample: for every shape, symmetric or not.
[[nodiscard]] std::shared_ptr<const LinearPlan> make_klu_plan(const SystemShape& shape);

}  // namespace tellegen
