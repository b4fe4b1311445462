#pragma once
// DC operating point under a complex current, continued from a real one.

#include <complex>
#include <span>
#include <string>
#include <vector>

#include "hw_models/solver/operating_point.hpp"

namespace tellegen {

/// Network of two-terminal resistors and sources at a fixed point, for complex nudges.
///
///     sum_k A_k f_k( A_k^T x ) - I + lambda g = 0        capacitors open, inductors short
///
/// | symbol | unit   | meaning                                                                     |
/// |--------|--------|-----------------------------------------------------------------------------|
/// | x      | V, A   | unknowns, complex; the real operating point at lambda = 0                   |
/// | g      | 1      | nudge by unknown                                                            |
/// | lambda | A      | its complex amplitude                                                       |
///
/// Laws are their analytic continuations, so x is an analytic function of lambda near 0. Newton's method on the 2n x 2n real form.
class ComplexOperatingPoint {
 public:
  /// @throws InputError  an element that has no such fixed point (see `no_holomorphic_point`)
  ComplexOperatingPoint(const Circuit& circuit, std::span<const double> slots, const ReferenceState& real_point);

  /// Unknowns [V] and [A], [0] = ground, at lambda g.
  /// @throws ConvergenceError
  [[nodiscard]] std::vector<std::complex<double>> solve(std::span<const double> g, std::complex<double> lambda) const;

  /// dP/dp at x less that at the real point, by slot: P = sum F_k, F_k' = f_k, is the co-content of the conducting branches.
  [[nodiscard]] std::vector<std::complex<double>> potential_contrast(std::span<const std::complex<double>> x) const;

 private:
  struct System;
  [[nodiscard]] System assembled(std::span<const std::complex<double>> x) const;

  const Circuit& circuit_;
  std::span<const double> slots_;
  std::vector<double> real_;  ///< [V] and [A] by unknown, then [A] by shorted branch
  std::vector<std::int32_t> short_unknown_;
};

/// Why a branch keeps a circuit from a complex fixed point; empty when it does not.
[[nodiscard]] std::string no_holomorphic_point(const Branch& branch);

}  // namespace tellegen
