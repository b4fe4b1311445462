#pragma once
// Fractional integration by a sum of decaying exponentials: a Foster network of resistors and capacitors.

#include <complex>
#include <vector>

#include "hw_models/solver/time_grid.hpp"

namespace tellegen {

/// K(s) = sum_j weight_j / (s + rate_j), which stands for s^(-beta): in time, a sum of decaying exponentials.
///
/// | symbol   | unit        | meaning                                                                                |
/// |----------|-------------|----------------------------------------------------------------------------------------|
/// | beta     | 1           | order of the integral, 0 < beta < 1                                                    |
/// | rate_j   | 1/s         | positive, ascending                                                                    |
/// | weight_j | s^(beta-1)  | positive, so that K is passive: the impedance of parallel RC sections in series        |
struct ExponentialSum {
  std::vector<double> rate;
  std::vector<double> weight;
};

/// Steps over which a sum keeps its stated error, at least: five decades. Shorter runs use the same sum, so the first steps
/// of a run do not depend on how long it is; longer ones double the span until it covers them.
inline constexpr std::size_t shortest_span = 100'000;
[[nodiscard]] std::size_t span_of(std::size_t steps);

/// Smallest distance of beta from 0 and from 1. Orders nearer to an integer are taken as that integer, which changes the
/// operator by 2e-6 over five decades at most.
inline constexpr double nearest_to_integer = 1e-7;

/// The sum of `terms` exponentials that is near the best for s^(-beta) on a grid's symbol.
///
/// The operator is applied by convolution quadrature, so what counts is the error of K at s = delta(zeta)/h. For inputs that
/// end after N steps, with |zeta| = exp(-1/N) and e = 2.718...,
///
///     || K x - D^(-beta) x ||  <=  e E || W D^(-beta) x ||,      E = max | K(s) s^beta - 1 | / | W(s) |
///
/// in the 2-norm over the N steps, and the same for every operator D^m K and D^(m-beta). W = 1 for be and bdf2. The symbol of
/// trap reaches up to 4 N / h at the alternating input; there W = 1 + h s/2, that is, the signal's own smoothness counts.
///
/// Half order: the closed form of `HalfOrderApproximant`, whose circle is the very symbol of be. Other orders meet
/// s^(-beta) in its points (a rational interpolant of a Stieltjes function: A. A. Gonchar and G. Lopez, Math. USSR Sbornik
/// 34 (1978) 449, so all rates and weights stay positive), by Newton's method along a path from beta = 1/2. E over five decades, at most:
/// be 1.1e-6 and 1.8e-10, bdf2 5.2e-6 and 2.3e-9, trap 9e-5 and 1.6e-6, of 20 and 32 terms; every further decade costs a factor
/// 5 to 10 with 20 terms, 20 to 50 with 32 (be and bdf2).
///
/// Sums are kept for the life of the process: the first one of its kind costs milliseconds.
/// @throws std::invalid_argument beta nearer to an integer than `nearest_to_integer`
[[nodiscard]] ExponentialSum exponential_sum(double beta, int terms, const TimeGrid& grid);

/// E of a sum on the symbol of its grid, as above.
[[nodiscard]] double symbol_error(const ExponentialSum& sum, double beta, const TimeGrid& grid);

}  // namespace tellegen
