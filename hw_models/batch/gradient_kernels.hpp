#pragma once
// Kernels that sum the products of an adjoint run with its forward run: gradients of linear branches. Places and lane arrays as in
// `step_kernels.hpp`; sums are over samples too, one number a port.
//
// Several steps are taken at once: step n of the adjoint stands at x + n * stride_x, the forward step that it meets at y + n * stride_y.

#include <cstdint>

#include "hw_models/batch/step_kernels.hpp"
#include "hw_models/lanes/dispatch.hpp"

namespace tellegen {

/// Steps of the adjoint and the forward steps that they meet.
struct StepPairs {
  std::int32_t steps = 0;
  std::int64_t stride_x = 0, stride_y = 0;
  const double *x = nullptr, *y = nullptr;
  /// Values that are needed next and stand in memory far away: they are asked for while the products of these steps are formed.
  const double* ahead = nullptr;
  std::int64_t ahead_values = 0;
};

/// Sums of products of rows with columns, which fill a dense block:
///
///     out_r[c] = ( adds ? out_r[c] : 0 ) + base_r + scale_r sum over steps and samples of a_r b_c
struct OuterView {
  std::int32_t rows = 0, columns = 0, steps = 0;
  const double* a = nullptr;  ///< [step][row * W + sample]
  std::int64_t stride_a = 0;  ///< from step to step
  const double* b = nullptr;  ///< [step][sample][column]
  std::int64_t stride_b = 0;  ///< from sample to sample, a multiple of 8
  const double *base = nullptr, *scale = nullptr;  ///< by row; base null: zeros
  double* out = nullptr;
  const std::int64_t* offsets = nullptr;  ///< where each row begins in out
  bool adds = false;
};

/// One line of a block of ports, whose sides weigh alike along it:
///
///     out_k = base + own_k + weight gains_k line_along_k + gain weights_k along_line_k
struct LineView {
  std::int32_t count = 0;
  double base = 0, gain = 0, weight = 0;
  const double *own = nullptr, *gains = nullptr, *weights = nullptr, *line_along = nullptr, *along_line = nullptr;
};

struct GradientKernels {
  /// sums_k += (rows of x)_k (places of y)_k
  void (*add_port_steps)(const PortView& ports, const StepPairs& pairs, double* sums);
  /// sums_k += (D^s of the rows of x)_k (places of y)_k; the memories of D^s go on.
  void (*add_recursion_steps)(const RecursionView& op, const PortView& ports, const StepPairs& pairs, double* past, double* second, double* sums);
  /// The same for one port from every place 0 .. count-1 to ground, whose row is x itself.
  void (*add_grounded_steps)(const RecursionView& op, std::int32_t count, const StepPairs& pairs, double* past, double* second, double* sums);
  /// One step, and the memory's own advance with it: sums as `add_recursion_steps`, then r -= value * past in the ports' places.
  void (*adjoint_ports)(const RecursionView& op, const PortView& ports, const StepPairs& pairs, const double* value, double* past, double* second, double* sums,
                        double* r);
  /// The same for one port from every place 0 .. count-1 to ground; r is overwritten: r = -value * past.
  void (*adjoint_grounded)(const RecursionView& op, std::int32_t count, const StepPairs& pairs, const double* value, double* past, double* second, double* sums,
                           double* r);
  /// sums_k += x_k y_k over the steps, for the places 0 .. count-1.
  void (*add_place_steps)(std::int32_t count, const StepPairs& pairs, double* sums);
  /// sums_k += a_k b_k
  void (*add_products)(std::int32_t count, const double* a, const double* b, double* sums);
  /// sums[e] += row_e of x times column_e of y, for every entry e of the matrix; its values are not read.
  void (*add_row_steps)(const RowsView& matrix, const StepPairs& pairs, double* sums);
  void (*add_outer)(const OuterView& view);
  void (*fold_line)(const LineView& view, double* out);
  /// out_k = -(x - a_k)(y - b_k)
  void (*multiply_line)(std::int32_t count, double x, double y, const double* a, const double* b, double* out);
  /// y[sample * stride + k] = x[k * W + sample]
  void (*part_samples)(std::int32_t count, const double* x, std::int64_t stride, double* y);
  /// One sample: y[8 * k + n] = x[n * stride + k] for up to eight steps n, zeros for those that are missing.
  void (*part_steps)(std::int32_t count, std::int32_t steps, std::int64_t stride, const double* x, double* y);
  /// Between a short list of places and an array that holds them alone: y_k = x[place_k], y_k += x[place_k], y_k += a[place_k] b[place_k].
  void (*gather_at)(std::int32_t count, const std::int32_t* places, const double* x, double* y);
  void (*add_from)(std::int32_t count, const std::int32_t* places, const double* x, double* y);
  void (*add_products_at)(std::int32_t count, const std::int32_t* places, const double* a, const double* b, double* y);
};

/// By number of samples: 1, 8, 16 at index 0, 1, 2.
struct GradientKernelTable {
  GradientKernels of[3];
};

TELLEGEN_KERNELS(GradientKernelTable, gradient_kernels)

}  // namespace tellegen
