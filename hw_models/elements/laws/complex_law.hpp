#pragma once
// Laws at complex controlling variables: what a holomorphic nudge is answered by.
//
// | function                    | gives                                                                              |
// |-----------------------------|------------------------------------------------------------------------------------|
// | evaluate_complex            | f(z) and f'(z), the analytic continuation from the real axis                       |
// | potential_contrast_complex  | dF/dp(z + d) - dF/dp(z) for real z and complex d, without cancellation when d is small |
//
// Parameters are real. A law without branches in its formulas is its own continuation; the others have theirs here.

#include <complex>
#include <numbers>

#include "hw_models/elements/law_list.hpp"

namespace tellegen {

namespace detail {

using Complex = std::complex<double>;

/// Parameters as complex numbers, which the laws' templates take.
template <class Law>
std::array<Complex, Law::parameters.size()> complex_parameters(const double* p) {
  std::array<Complex, Law::parameters.size()> own;
  std::copy_n(p, own.size(), own.begin());
  return own;
}

/// ln(1 + w), exact for small w.
inline Complex log_of_one_plus(Complex w) {
  return {0.5 * std::log1p(w.real() * (2 + w.real()) + w.imag() * w.imag()), std::atan2(w.imag(), 1 + w.real())};
}

/// exp(w) - 1, exact for small w.
inline Complex exp_minus_one(Complex w) {
  const double s = std::sin(0.5 * w.imag());
  return {std::expm1(w.real()) * std::cos(w.imag()) - 2 * s * s, std::exp(w.real()) * std::sin(w.imag())};
}

/// ln cosh u, continuous for |Im u| < pi/2.
inline Complex complex_log_cosh(Complex u) {
  const Complex m = u.real() < 0 ? -u : u;
  return m + log_of_one_plus(std::exp(-2.0 * m)) - std::numbers::ln2;
}

}  // namespace detail

/// LinearLaw, PolynomialLaw, SinhLaw, SineLaw: their own templates.
template <class Law>
void evaluate_complex(const Law&, const double* p, std::complex<double> z, std::complex<double>& f, std::complex<double>& slope) {
  Law::template evaluate<std::complex<double>>(detail::complex_parameters<Law>(p).data(), z, f, slope);
}
template <class Law>
void potential_contrast_complex(const Law&, const double* p, double z, std::complex<double> d, std::complex<double>* out) {
  Law::template potential_contrast<std::complex<double>>(detail::complex_parameters<Law>(p).data(), z, d, out);
}

/// tanh has poles at u = +-i pi/2: the continuation holds for |Im z| < z0 pi/2.
inline void evaluate_complex(const TanhLaw&, const double* p, std::complex<double> z, std::complex<double>& f, std::complex<double>& slope) {
  const auto t = std::tanh(z / p[2]);
  f = p[0] * z + p[1] * t;
  slope = p[0] + p[1] / p[2] * (1.0 - t) * (1.0 + t);
}
inline void potential_contrast_complex(const TanhLaw&, const double* p, double z, std::complex<double> d, std::complex<double>* out) {
  const double u = z / p[2];
  const auto e = d / p[2];
  const auto half_sinh = std::sinh(0.5 * e);
  const auto change = std::abs(e) < 1.0 ? detail::log_of_one_plus(2.0 * half_sinh * half_sinh + std::tanh(u) * std::sinh(e))
                                        : detail::complex_log_cosh(u + e) - detail::complex_log_cosh(u);
  const double t = std::tanh(u), q = std::exp(-2.0 * std::abs(u));
  const auto rise = 4.0 * q / ((1.0 + q) * (1.0 + q)) * std::tanh(e) / (1.0 + t * std::tanh(e));  // tanh(u + e) - tanh(u)
  out[0] = d * (z + 0.5 * d);
  out[1] = p[2] * change;
  out[2] = p[1] * (change - e * (t + rise) - u * rise);
}

/// Continued from the exponential part; the tangent above the bound is a safeguard of real iterates that no settled point reaches.
inline void evaluate_complex(const JunctionLaw&, const double* p, std::complex<double> z, std::complex<double>& f, std::complex<double>& slope) {
  const double vt = p[1] * JunctionLaw::thermal_voltage;
  const auto u = z / vt;
  f = p[0] * detail::exp_minus_one(u);
  slope = p[0] / vt * std::exp(u);
}
inline void potential_contrast_complex(const JunctionLaw&, const double* p, double z, std::complex<double> d, std::complex<double>* out) {
  const double vt = p[1] * JunctionLaw::thermal_voltage, u = z / vt;
  const auto e = d / vt;
  const auto change = std::exp(u) * detail::exp_minus_one(e);
  out[0] = vt * (change - e);
  out[1] = p[0] * JunctionLaw::thermal_voltage * (change - e * std::exp(u + e) - u * change);
}

inline void evaluate_complex(const ExpressionLaw& law, const double* p, std::complex<double> z, std::complex<double>& f, std::complex<double>& slope) {
  law.evaluate_complex(p, z, f, slope);
}
inline void potential_contrast_complex(const ExpressionLaw& law, const double* p, double z, std::complex<double> d, std::complex<double>* out) {
  law.potential_contrast_complex(p, z, d, out);
}

/// Name of a function in the law that is not analytic; empty when the law may be evaluated at complex arguments.
[[nodiscard]] inline std::string_view not_analytic(const LawChoice& choice) {
  return choice.expression ? choice.expression->not_analytic().value_or("") : std::string_view{};
}

}  // namespace tellegen
