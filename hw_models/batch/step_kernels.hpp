#pragma once
// Kernels of a time step over W samples. All lane arrays stand as [place * W + sample].
//
// Places: the unknowns in the plan's order, then ground, then the known voltages. A port reads its voltage from the places
// behind it, known or not; what it writes to known places is the current that their sources carry.

#include <cstdint>

#include "hw_models/lanes/dispatch.hpp"

namespace tellegen {

/// Ports of branches: v = gain_p x[p] - gain_n x[n]; a current i counts weight_p i in row out_p and -weight_n i in row out_n.
struct PortView {
  std::int32_t count = 0;
  const std::int32_t *p = nullptr, *n = nullptr;
  const double *gain_p = nullptr, *gain_n = nullptr;
  const std::int32_t *out_p = nullptr, *out_n = nullptr;
  const double *weight_p = nullptr, *weight_n = nullptr;
  bool is_unit = false;  ///< every gain and weight is one, rows and places are the same
  std::int32_t rows = 0; ///< unknowns: what a port drives into places from here on nobody reads
};

/// One step of y = D^s x, s = -1 or 1, as y = w0 x + past; past' = x_now x + past_now past + second; second' = x_next x + past_next past.
struct RecursionView {
  double w0 = 1;
  double x_now = 0, past_now = 0;
  double x_next = 0, past_next = 0;
  bool has_second = false;
};

/// Sum of exponentials that stands for a fractional order, as `ExponentialCoefficients` says.
struct ExponentialView {
  std::int32_t terms = 0;
  double x0 = 1, x1 = 0, x2 = 0;
  double gain = 0;
  bool has_second = false;
  const double *near = nullptr, *far = nullptr, *gain_near = nullptr, *gain_far = nullptr;
};

/// State of exponential sums, by signal (and term).
struct ExponentialState {
  double *x1 = nullptr, *x2 = nullptr;  // inputs one and two steps ago
  double *v1 = nullptr, *v2 = nullptr;  // [ (signal * terms + term) * W + sample ]
};

/// Matrix of a few entries a row, by rows.
struct RowsView {
  std::int32_t rows = 0;
  const std::int32_t* row = nullptr;     // place of each listed row
  const std::int32_t* starts = nullptr;  // rows + 1
  const std::int32_t* columns = nullptr; // places
  const double* values = nullptr;
};

struct StepKernels {
  /// y = gain_p x[p] - gain_n x[n] for every port.
  void (*gather)(const PortView& ports, const double* x, double* y);
  /// r -= value_k y_k in the rows of every port; `value` null: ones.
  void (*scatter)(const PortView& ports, const double* value, const double* y, double* r);
  /// The same between a port's other sides: reads rows, writes places (the adjoint's direction).
  void (*gather_rows)(const PortView& ports, const double* x, double* y);
  void (*scatter_places)(const PortView& ports, const double* value, const double* y, double* r);
  void (*advance_recursion)(const RecursionView& op, std::int32_t count, const double* x, double* past, double* second);
  /// Where the sum remembers two steps, the newest terms take the place of the oldest: v1 and v2 are exchanged by the caller.
  void (*advance_exponentials)(const ExponentialView& op, std::int32_t count, const double* x, double* past, const ExponentialState& state);
  /// Advances D^s of the ports' voltages and takes the next step's past currents out of r, in one pass.
  void (*advance_ports)(const RecursionView& op, const PortView& ports, const double* value, const double* x, double* past, double* second, double* r);
  /// The same between a port's other sides, the adjoint's direction.
  void (*advance_rows)(const RecursionView& op, const PortView& ports, const double* value, const double* x, double* past, double* second, double* r);
  /// The same in either direction for one port from every place 0 .. count-1 to ground; r is overwritten: r = constant - value * past;
  /// `constant` null: zeros.
  void (*advance_grounded)(const RecursionView& op, std::int32_t count, const double* value, const double* x, const double* constant, double* past, double* second,
                           double* r);
  /// y = w0 x + past; `past` null: y = w0 x
  void (*operate)(std::int32_t count, double w0, const double* x, const double* past, double* y);
  /// y = w a b + c; `c` null: zero
  void (*multiply)(std::int32_t count, double w, const double* a, const double* b, const double* c, double* y);
  /// r[row] -= sum value x[column].
  void (*subtract_rows)(const RowsView& matrix, const double* x, double* r);
  /// x += fraction * d, sample by sample; `largest_x`: largest size by sample. `fraction` null: ones.
  void (*take_step)(std::int32_t count, const double* d, const double* fraction, double* x, double* largest_x);
  /// Largest size by sample.
  void (*largest_size)(std::int32_t count, const double* d, double* largest_d);
  /// d = y - x, x = y; largest sizes of both by sample.
  void (*take_iterate)(std::int32_t count, const double* y, double* x, double* d, double* largest_d, double* largest_x);
  /// The next point of a parabola through x, x_last and x_before, or of a straight line where `x_before` is null; all move on by one.
  void (*extrapolate)(std::int32_t count, double* x, double* x_last, double* x_before);
  /// y_k = coefficient * x[source], minus z: known voltages that follow one source each.
  void (*follow)(std::int32_t count, const std::int32_t* source, const double* coefficient, const double* x, const double* z, double* y);
  /// y = a + b
  void (*add)(std::int32_t count, const double* a, const double* b, double* y);
  /// y[place_k] += x[place_k]
  void (*add_at)(std::int32_t count, const std::int32_t* places, const double* x, double* y);
};

/// By number of samples: 1, 8, 16 at index 0, 1, 2.
struct StepKernelTable {
  StepKernels step[3];
};

TELLEGEN_KERNELS(StepKernelTable, step_kernels)

/// Index into the tables of a number of samples.
[[nodiscard]] constexpr int lane_index(int lanes) { return lanes == 1 ? 0 : lanes == 8 ? 1 : 2; }

}  // namespace tellegen
