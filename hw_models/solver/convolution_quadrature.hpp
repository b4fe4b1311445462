#pragma once
// Convolution quadrature: every operator D^a on a uniform grid as a causal convolution.

#include <cstddef>
#include <vector>

#include "hw_models/solver/method.hpp"

namespace tellegen {

/// Weights w_0..w_{count-1} of D^order on a grid of step h: the power series of (delta(zeta)/h)^order.
///
/// | symbol | unit      | meaning                                                                         |
/// |--------|-----------|---------------------------------------------------------------------------------|
/// | order  | 1         | a, any real number; negative orders integrate                                   |
/// | h      | s         | step                                                                            |
/// | delta  | 1         | be: 1-zeta; bdf2: 3/2-2 zeta+zeta^2/2; trap: 2 (1-zeta)/(1+zeta)                |
/// | w      | s^-order  | (D^a x)_n = sum_j w_j x_{n-j}, x at rest for n <= 0                             |
///
/// Lubich, "Discretized fractional calculus", SIAM J. Math. Anal. 17 (1986) 704, section 2.
[[nodiscard]] std::vector<double> quadrature_weights(double order, std::size_t count, double h, Method method);

/// Coefficients of D^order as a recursion y_n = w0 x_n + a1 x_{n-1} + a2 x_{n-2} + b1 y_{n-1} + b2 y_{n-2}.
/// Exists for the orders -1 and 1; equal to the convolution up to round-off, at constant cost a step.
struct Recursion {
  double w0 = 1, a1 = 0, a2 = 0, b1 = 0, b2 = 0;
};
[[nodiscard]] Recursion derivative_recursion(double h, Method method);
[[nodiscard]] Recursion integral_recursion(double h, Method method);

}  // namespace tellegen
