#pragma once
// Factors LDL^T of symmetric matrices, one a sample, and the solves with them.

#include <cstdint>

#include "hw_models/lanes/dispatch.hpp"

namespace tellegen {

/// Rows of a triangle that are factored together.
inline constexpr int triangle_block = 4;

/// Lower triangle by rows: row i holds the columns starts[i] .. i, column j at offsets[i] + j. The rows of a block begin
/// together, at a column that is a multiple of the block.
struct TriangleView {
  std::int32_t size = 0;
  const std::int32_t* starts = nullptr;
  const std::int64_t* offsets = nullptr;
};

struct TriangleLaneKernels {
  /// Adds samples' diagonals to s; least = tolerance times them, below which a pivot is zero.
  void (*add_diagonal)(const TriangleView& triangle, const double* diagonal, double tolerance, double* s, double* least);
  /// LDL^T in place: L D below the diagonal, 1 / D on it. @param scaled  space for a block of rows
  /// @returns false when a pivot is below `least`
  bool (*factor)(const TriangleView& triangle, const double* least, double* s, double* scaled);
  /// Solves in place with these factors. @param sums  space for a vector
  void (*solve)(const TriangleView& triangle, const double* s, double* x, double* sums);
  /// The same with the factors of one sample, [place], for all.
  void (*solve_shared)(const TriangleView& triangle, const double* s, double* x, double* sums);
};

struct TriangleKernels {
  TriangleLaneKernels one, eight, sixteen;

  [[nodiscard]] const TriangleLaneKernels& with(int lanes) const { return lanes == 1 ? one : lanes == 8 ? eight : sixteen; }
};

TELLEGEN_KERNELS(TriangleKernels, triangle_kernels)

}  // namespace tellegen
