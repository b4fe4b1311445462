#pragma once
// Kernels of the crossbar plan: products with a dense matrix that all samples share, and LDL^T factors of one matrix a sample.

#include <cstdint>

#include "hw_models/lanes/dispatch.hpp"

namespace tellegen {

/// Dense matrix that all samples share, packed in panels of rows: entry (row, k) of a panel stands at [k * width + row].
struct PanelView {
  const double* values = nullptr;
  const std::int32_t* places = nullptr;  ///< where the product of each row goes
  std::int32_t rows = 0, inner = 0;
  std::int32_t panel_rows = 0;           ///< rows of every panel but the last
};

/// Rows of a triangle that are factored together.
inline constexpr int triangle_block = 4;

/// Lower triangle by rows: row i holds the columns starts[i] .. i, column j at offsets[i] + j. The rows of a block begin together,
/// at a column that is a multiple of the block.
struct TriangleView {
  std::int32_t size = 0;
  const std::int32_t* starts = nullptr;
  const std::int64_t* offsets = nullptr;
};

/// Diagonal entries: what samples share, and where their own stands in `own`, -1 for none.
struct DiagonalView {
  std::int32_t size = 0;
  const double* shared = nullptr;
  const std::int32_t* own_places = nullptr;
};

/// The kernels for one number of lanes.
struct CrossbarLaneKernels {
  /// Rows of a panel at most, and the number that the width of every panel is a multiple of.
  std::int32_t most_panel_rows, row_multiple;

  /// out[place] += scale[place] sum_k M_k x_k; `start` not null: it stands for the former `out`, the same for all samples; `scale`
  /// null: ones.
  void (*multiply)(const PanelView& m, const double* x, const double* start, const double* scale, double* out);
  /// inverse = 1 / ( shared + own ). @returns false unless all are positive
  bool (*invert)(const DiagonalView& diagonal, const double* own, double* inverse);
  /// x *= a, value by value
  void (*scale)(std::int32_t size, const double* a, double* x);
  /// Adds samples' own values to the diagonal of s; least = tolerance ( shared + own ), below which a pivot is zero.
  void (*add_own)(const DiagonalView& diagonal, const double* own, const TriangleView& triangle, double tolerance, double* s, double* least);
  /// LDL^T in place: L D below the diagonal, 1 / D on it. @param scaled  space for a block of rows
  /// @returns false when a pivot is below `least`
  bool (*factor)(const TriangleView& triangle, const double* least, double* s, double* scaled);
  /// Solves in place with these factors. @param sums  space for a vector
  void (*solve)(const TriangleView& triangle, const double* s, double* x, double* sums);
  /// r -= ( shared + own ) x; `own` null: the shared ones alone
  void (*subtract_diagonal)(const DiagonalView& diagonal, const double* own, const double* x, double* r);
};

struct CrossbarKernels {
  CrossbarLaneKernels one, eight, sixteen;

  [[nodiscard]] const CrossbarLaneKernels& with(int lanes) const { return lanes == 1 ? one : lanes == 8 ? eight : sixteen; }
};

TELLEGEN_KERNELS(CrossbarKernels, crossbar_kernels)

}  // namespace tellegen
