#pragma once
// Kernels of the crossbar plan beside its dense products and factors: diagonals and conjugate gradients.

#include <cstdint>

#include "hw_models/lanes/dispatch.hpp"

namespace tellegen {

/// Diagonal entries: what samples share, and where their own stands in `own`, -1 for none.
struct DiagonalView {
  std::int32_t size = 0;
  const double* shared = nullptr;
  const std::int32_t* own_places = nullptr;
};

/// Conjugate gradients for S x = b with diagonal preconditioning, all samples at once; a sample that has arrived stands still.
struct DescentView {
  std::int32_t size = 0;
  const double* inverse = nullptr;  ///< the preconditioner: inverse diagonals
  double *x = nullptr, *residual = nullptr, *direction = nullptr;
  const double* image = nullptr;    ///< -S times the direction
  double *energy = nullptr;         ///< by sample: residual times preconditioned residual
  double *target = nullptr;         ///< by sample: energy at which it has arrived
};

enum class DescentState { descending, arrived, failed };

struct CrossbarLaneKernels {
  /// inverse = 1 / ( shared + own ). @returns false unless all are positive
  bool (*invert)(const DiagonalView& diagonal, const double* own, double* inverse);
  /// values = shared + own
  void (*assemble)(const DiagonalView& diagonal, const double* own, double* values);
  /// x *= a, value by value
  void (*scale)(std::int32_t size, const double* a, double* x);
  /// y = weights x, a weight for all samples
  void (*weigh)(std::int32_t size, const double* weights, const double* x, double* y);
  /// y = -a x, value by value
  void (*negative_product)(std::int32_t size, const double* a, const double* x, double* y);
  /// r -= ( shared + own ) x; `own` null: the shared ones alone
  void (*subtract_diagonal)(const DiagonalView& diagonal, const double* own, const double* x, double* r);
  /// sums[net[k]] += ( shared + own ) - couplings: by how much the diagonals of each net exceed the couplings of their rows
  /// @returns false when a row's couplings exceed its diagonal by more than round-off
  bool (*add_margins)(const DiagonalView& diagonal, const double* own, const double* couplings, const std::int32_t* nets,
                      double* sums);
  /// Begins at x = 0 with the right-hand side as residual. @param relative  of the residual, where a sample has arrived
  void (*begin_descent)(const DescentView& descent, double relative);
  /// One step, with the image of the direction. @returns failed when the matrix is not definite in some direction
  DescentState (*descend)(const DescentView& descent);
};

struct CrossbarKernels {
  CrossbarLaneKernels one, eight, sixteen;

  [[nodiscard]] const CrossbarLaneKernels& with(int lanes) const { return lanes == 1 ? one : lanes == 8 ? eight : sixteen; }
};

TELLEGEN_KERNELS(CrossbarKernels, crossbar_kernels)

}  // namespace tellegen
