#include "hw_models/solver/history/zolotarev.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace tellegen {
namespace {

using Real = long double;
using Complex = std::complex<Real>;

constexpr Real pi = std::numbers::pi_v<Real>;

/// Arithmetic-geometric mean of 1 and sqrt(m1), with every step kept.
struct MeanSteps {
  static constexpr int most = 40;
  std::array<Real, most + 1> a{}, c{};
  int count = 0;

  MeanSteps(Real complement, Real parameter) {
    a[0] = 1;
    c[0] = std::sqrt(parameter);
    Real b = std::sqrt(complement);
    while (c[count] > std::numeric_limits<Real>::epsilon() * a[count] && count < most) {
      a[count + 1] = (a[count] + b) / 2;
      c[count + 1] = (a[count] - b) / 2;
      b = std::sqrt(a[count] * b);
      ++count;
    }
  }
  [[nodiscard]] Real quarter_period() const { return pi / (2 * a[count]); }
};

struct EllipticValues {
  Real sn, cn, dn;
};

/// Jacobi's functions for 0 <= u <= half a quarter period, by descending the mean (Abramowitz and Stegun 16.4).
EllipticValues near_zero(Real u, Real complement, Real parameter) {
  const MeanSteps steps(complement, parameter);
  Real angle = std::ldexp(steps.a[steps.count] * u, steps.count);
  for (int i = steps.count; i > 0; --i) angle = (angle + std::asin(steps.c[i] / steps.a[i] * std::sin(angle))) / 2;
  const Real sn = std::sin(angle), cn = std::cos(angle);
  return {sn, cn, std::sqrt(complement + parameter * cn * cn)};
}

/// Jacobi's functions on the whole quarter period; its far half by reflection, where cn and dn would lose their digits.
EllipticValues elliptic(Real u, Real complement, Real parameter) {
  const Real quarter = MeanSteps(complement, parameter).quarter_period();
  if (u <= quarter / 2) return near_zero(u, complement, parameter);
  const auto mirrored = near_zero(quarter - u, complement, parameter);
  const Real k1 = std::sqrt(complement);
  return {mirrored.cn / mirrored.dn, k1 * mirrored.sn / mirrored.dn, k1 / mirrored.dn};
}

}  // namespace

HalfOrderApproximant::HalfOrderApproximant(int terms, Real low, Real high)
    : terms_(terms), high_(high), complement_(low / high), quarter_(MeanSteps(complement_, 1 - complement_).quarter_period()) {}

HalfOrderApproximant HalfOrderApproximant::on_circle(int terms, Real nearest, Real farthest) {
  const Real centre = (nearest + farthest) / 2;
  return {terms, nearest * farthest / centre, centre};
}

PartialFractions HalfOrderApproximant::fractions() const {
  const Real parameter = 1 - complement_, scale = std::sqrt(high_);
  std::vector<Real> zeros;
  for (int k = 1; k <= 2 * terms_; ++k)
    zeros.push_back(scale * elliptic((2 * k - 1) * quarter_ / (4 * terms_), complement_, parameter).dn);
  PartialFractions result;
  for (int j = terms_; j >= 1; --j) {
    const auto at = elliptic((2 * j - 1) * quarter_ / (2 * terms_), complement_, parameter);
    const Real y = scale * at.cn / at.sn;
    Real slope = 0;  // of the phase of g along z = i y
    for (const Real z : zeros) slope += z / (z * z + y * y);
    result.rate.push_back(y * y);
    result.weight.push_back(2 / slope);
  }
  return result;
}

std::vector<Complex> HalfOrderApproximant::meeting_points() const {
  const Real parameter = 1 - complement_;
  const Real other_quarter = MeanSteps(parameter, complement_).quarter_period();  // Q'; the circle is the line Im u = Q'/2
  // g grows as cosh(2 n pi v / Q) away from the real axis.
  const Real v = std::max(other_quarter / 2 - std::log(Real(10)) * quarter_ / (2 * terms_ * pi), Real(0));
  const auto across = elliptic(v, parameter, complement_);
  std::vector<Complex> points;
  for (int j = 1; j <= terms_; ++j) {
    const auto along = elliptic((2 * j - 1) * quarter_ / (2 * terms_), complement_, parameter);
    const Real under = across.cn * across.cn + parameter * along.sn * along.sn * across.sn * across.sn;
    const Complex dn(along.dn * across.cn * across.dn / under, -parameter * along.sn * along.cn * across.sn / under);
    points.push_back(high_ * dn * dn);
  }
  return points;
}

}  // namespace tellegen
