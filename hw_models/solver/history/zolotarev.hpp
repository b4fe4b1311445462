#pragma once
// Best rational functions for s^(-1/2): closed forms by elliptic functions.

#include <complex>
#include <vector>

namespace tellegen {

/// K(s) = sum_j weight_j / (s + rate_j), dimensionless.
struct PartialFractions {
  std::vector<long double> rate;
  std::vector<long double> weight;
};

/// The rational function of degree n that is nearest to s^(-1/2), in relative error, on low..high of the real axis, and
/// near points in which its neighbours s^(-beta) are to be met.
///
/// | symbol   | unit | meaning                                                                             |
/// |----------|------|-------------------------------------------------------------------------------------|
/// | z        | 1    | sqrt(s), Re z > 0                                                                   |
/// | z_k      | 1    | zeros of the error, sqrt(high) dn( (2k-1) Q / 4n ), k = 1..2n                       |
/// | g(z)     | 1    | prod (z_k - z) / (z_k + z); sqrt(s) K(s) = (1 - g) / (1 + g)                        |
/// | rate_j   | 1    | high cs^2( (2j-1) Q / 2n ): where g = -1                                            |
/// | Q, Q'    | 1    | quarter periods of the elliptic functions of complementary parameter low / high     |
///
/// E. I. Zolotarev (1877); N. I. Akhiezer, Elements of the Theory of Elliptic Functions, chapter 9; the zeros are those of
/// E. L. Wachspress for alternating direction iteration. All rates and weights are positive: the numerator and denominator
/// are the odd and even part of a Hurwitz polynomial.
///
/// What makes it the element of this solver: half way (in Green's potential) between the segment low..high and the cut
/// s <= 0 lies a circle, with centre `high` and radius sqrt(high (high - low)). On that circle |g| is constant, so there K is
/// nearest to s^(-1/2) among all functions of its degree, not only on the real axis.
class HalfOrderApproximant {
 public:
  HalfOrderApproximant(int terms, long double low, long double high);

  /// The approximant whose circle of constant error crosses the real axis at `nearest` and `farthest`.
  [[nodiscard]] static HalfOrderApproximant on_circle(int terms, long double nearest, long double farthest);

  [[nodiscard]] PartialFractions fractions() const;
  /// One of each conjugate pair of the 2n points where g takes one small value, a tenth of that on the circle.
  ///
  /// A function that meets s^(-beta) in these points is nearly the best one on the circle. In the zeros z_k^2 it would be
  /// too, but on the real axis the error is the square of that on the circle, and so is the condition of the equations.
  [[nodiscard]] std::vector<std::complex<long double>> meeting_points() const;

 private:
  int terms_;
  long double high_;
  long double complement_;  // low / high: 1 - k^2
  long double quarter_;     // Q
};

}  // namespace tellegen
