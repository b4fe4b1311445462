#pragma once
// Kernels of a time step over W samples. All lane arrays stand as [place * W + sample].
//
// Places: the unknowns in the plan's order, then ground, then the known voltages. A port reads its voltage from the places
// behind it, known or not; what it writes to known places is the current that their sources carry.

#include <cstdint>

#include "hw_models/elements/law_list.hpp"
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

/// Branches of one nonlinear law.
struct LawView {
  PortView ports;
  const double* parameters = nullptr;  // [slot * count + k]
  const double* prepared = nullptr;    // [slot * count + k] of laws that have such a form
  const double* bias = nullptr;        // [k * W + sample] controlling variable at the start
  const double* f_bias = nullptr;      // law there
  const double* known = nullptr;       // [k * W + sample] known voltages' part of the port's; null: none
  double w_in = 1, w_out = 1;
  const double* past_in = nullptr;     // null where D^(b-1) or D^a is the identity
  const double* past_out = nullptr;
  const std::int32_t* own = nullptr;   // [4 * k + j] place of each stamp among the own entries
  const double* own_factor = nullptr;  // what the slope is multiplied by there
};

/// Kernels for one law and one number of samples.
struct LawKernelSet {
  /// r -= currents of the branches at x (into their rows); own += slopes. `direct`: r takes current - conductance * v instead, so that
  /// the linear system gives the next iterate itself.
  void (*evaluate)(const LawView& view, const double* x, bool direct, double* r, double* own);
  /// Inputs of D^(b-1) and D^a at the accepted x.
  void (*operands)(const LawView& view, const double* x, double* v, double* g);
  /// Controlling variable z at x.
  void (*controlling)(const LawView& view, const double* x, double* z);
  /// Largest fraction of the step d from x that each sample may take; `fraction` is only lowered.
  void (*limit)(const LawView& view, const double* x, const double* d, double* fraction);
  /// own += w_in w_out slope, in the places of the stamps.
  void (*stamp)(const LawView& view, const double* slope, double* own);
  /// Law and slope at z.
  void (*slopes)(const LawView& view, const double* z, double* value, double* slope);
  /// gradient[slot * count + k] -= sum over samples of response_k df/dp(z_k), with the law's value and slope there.
  void (*by_parameter)(const LawView& view, const double* z, const double* value, const double* slope, const double* response, double* gradient);
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
  void (*advance_exponentials)(const ExponentialView& op, std::int32_t count, const double* x, double* past, const ExponentialState& state);
  /// Ports of unit gain: advances D^s of their voltages and takes the next step's past currents out of r, in one pass.
  void (*advance_ports)(const RecursionView& op, const PortView& ports, const double* value, const double* x, double* past, double* second, double* r);
  /// The same for one port from every place 0 .. count-1 to ground; r is overwritten: r = -value * past.
  void (*advance_grounded)(const RecursionView& op, std::int32_t count, const double* value, const double* x, double* past, double* second, double* r);
  /// The adjoint's pass over the same ports: y = w0 x + past with x the rows' variable; gradient += y * (port's voltage in `forward`);
  /// past advanced; r -= value * past in the ports' places.
  void (*adjoint_ports)(const RecursionView& op, const PortView& ports, const double* value, const double* x, const double* forward, double* past,
                        double* second, double* gradient, double* r);
  /// The same for one port from every place 0 .. count-1 to ground; r is overwritten.
  void (*adjoint_grounded)(const RecursionView& op, std::int32_t count, const double* value, const double* x, const double* forward, double* past,
                           double* second, double* gradient, double* r);
  /// y = w0 x + past; `past` null: y = w0 x
  void (*operate)(std::int32_t count, double w0, const double* x, const double* past, double* y);
  /// y = w a b + c; `c` null: zero
  void (*multiply)(std::int32_t count, double w, const double* a, const double* b, const double* c, double* y);
  /// r[row] -= sum value x[column].
  void (*subtract_rows)(const RowsView& matrix, const double* x, double* r);
  /// x += fraction * d, sample by sample; `largest_x`: largest size by sample. `fraction` null: ones.
  void (*take_step)(std::int32_t count, const double* d, const double* fraction, double* x, double* largest_x);
  /// d = y - x; `largest_d`: largest size by sample. `x` null: d = y.
  void (*difference)(std::int32_t count, const double* y, const double* x, double* d, double* largest_d);
  /// The next point of a parabola through x, x_last and x_before, or of a straight line where `x_before` is null; all move on by one.
  void (*extrapolate)(std::int32_t count, double* x, double* x_last, double* x_before);
  /// y_k = sum of coefficient * x[source], minus z: known voltages that follow one source each.
  void (*follow)(std::int32_t count, const std::int32_t* source, const double* coefficient, const double* x, const double* z, double* y);
  /// gradient_k += a_k b_k, by port and sample
  void (*accumulate_product)(std::int32_t count, const double* a, const double* b, double* gradient);
  /// gradient_k += (rows of x)_k (places of y)_k, summed over steps whose arrays stand a stride of values apart.
  void (*accumulate_port_steps)(const PortView& ports, std::int32_t steps, std::int64_t stride_x, const double* x, std::int64_t stride_y, const double* y,
                                double* gradient);
  /// sums[e] += sum over steps and samples of row_e of x times column_e of y, for every entry e of the matrix; its values are not read.
  void (*accumulate_rows)(const RowsView& matrix, std::int32_t steps, std::int64_t stride_x, const double* x, std::int64_t stride_y, const double* y, double* sums);
  /// Between a short list of places and an array that holds them alone: y[place_k] += x_k, y_k = x[place_k], y_k += x[place_k],
  /// y_k += a[place_k] b[place_k].
  void (*add_at)(std::int32_t count, const std::int32_t* places, const double* x, double* y);
  void (*gather_at)(std::int32_t count, const std::int32_t* places, const double* x, double* y);
  void (*add_from)(std::int32_t count, const std::int32_t* places, const double* x, double* y);
  void (*accumulate_at)(std::int32_t count, const std::int32_t* places, const double* a, const double* b, double* y);
};

/// Both by number of samples: 1, 8, 16 at index 0, 1, 2.
struct StepKernelTable {
  StepKernels step[3];
  LawKernelSet law[3][std::tuple_size_v<LawList>];
};

TELLEGEN_KERNELS(StepKernelTable, step_kernels)

/// Index into the tables of a number of samples.
[[nodiscard]] constexpr int lane_index(int lanes) { return lanes == 1 ? 0 : lanes == 8 ? 1 : 2; }

}  // namespace tellegen
