#pragma once
#include <functional>

namespace tellegen {

/// Integral of f from `start` to `start + length`, whose relative error is near round-off against the integral of |f|.
///
/// Adaptive Gauss-Kronrod quadrature with 15 points. The integral is proportional to the length, however short: it does not
/// suffer when `length` is far below the resolution of `start`. Kinks and steps of f are closed in on by halving.
[[nodiscard]] double integral(const std::function<double(double)>& f, double start, double length);

}  // namespace tellegen
