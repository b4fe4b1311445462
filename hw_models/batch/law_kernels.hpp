#pragma once
// Kernels of nonlinear laws over W samples, one table a law. Places and lane arrays as in `step_kernels.hpp`.

#include <cstdint>

#include "hw_models/batch/step_kernels.hpp"
#include "hw_models/elements/law_list.hpp"
#include "hw_models/lanes/dispatch.hpp"

namespace tellegen {

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

/// A law along the forward run, [k * W + sample].
struct LawPoint {
  double *z = nullptr, *value = nullptr, *slope = nullptr;
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
  /// Largest fraction of the step d that led to x which each sample may take; `fraction` is only lowered.
  void (*limit)(const LawView& view, const double* x, const double* d, double* fraction);
  /// The law at forward places x (and the view's known parts, if it has them beside its ports), or where x is null at the z that the point holds; own += w_in w_out slope in the places of the stamps.
  void (*linearise)(const LawView& view, const double* x, const LawPoint& point, double* own);
  /// gradient[slot * count + k] -= sum over samples of response_k df/dp(z_k).
  /// @param x         the adjoint's rows; the response of a memoryless branch is their difference
  /// @param response  of branches with a memory; null: x tells
  void (*by_parameter)(const LawView& view, const LawPoint& point, const double* x, const double* response, double* gradient);
};

/// By number of samples: 1, 8, 16 at index 0, 1, 2.
struct LawKernelTable {
  LawKernelSet law[3][std::tuple_size_v<LawList>];
};

TELLEGEN_KERNELS(LawKernelTable, law_kernels)

}  // namespace tellegen
