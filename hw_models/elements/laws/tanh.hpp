#pragma once
#include "hw_models/elements/laws/law.hpp"

namespace tellegen {

/// Saturating law f(z) = k0 z + k1 tanh(z/z0), potential F = k0 z^2/2 + k1 z0 ln cosh(z/z0).
///
/// | symbol | unit    | meaning                          |
/// |--------|---------|----------------------------------|
/// | z      | [z]     | controlling variable             |
/// | k0     | [f]/[z] | slope that remains in saturation |
/// | k1     | [f]     | amplitude of the saturating part |
/// | z0     | [z]     | scale at which it saturates      |
struct TanhLaw {
  static constexpr std::string_view keyword = "tanh";
  static constexpr bool is_linear = false;
  static constexpr std::array<LawParameter, 3> parameters{{{"k0", ParameterRole::slope, 0.0, false},
                                                           {"k1", ParameterRole::amplitude, 0.0, false},
                                                           {"z0", ParameterRole::scale, 1.0, true}}};
  static constexpr double largest_step = HUGE_VAL;
  template <class T>
  static T step_scale(const T* p) { return p[2]; }

  template <class T>
  static void evaluate(const T* p, T z, T& f, T& slope) {
    using std::tanh;
    const T u = z / p[2];
    f = p[0] * z + p[1] * tanh(u);
    slope = p[0] + p[1] / p[2] * sech_squared(u);
  }
  template <class T>
  static T potential(const T* p, T z) { return 0.5 * p[0] * z * z + p[1] * p[2] * log_cosh(z / p[2]); }
  template <class T>
  static void law_by_parameter(const T* p, T z, T* out) {
    using std::tanh;
    const T u = z / p[2];
    out[0] = z;
    out[1] = tanh(u);
    out[2] = -p[1] / p[2] * u * sech_squared(u);
  }
  template <class T>
  static void potential_by_parameter(const T* p, T z, T* out) {
    using std::tanh;
    const T u = z / p[2];
    const T l = log_cosh(u);
    out[0] = 0.5 * z * z;
    out[1] = p[2] * l;
    out[2] = p[1] * (l - u * tanh(u));
  }
  template <class T>
  static void deviation(const T* p, T z, T d, T& f, T& slope) {
    const T u = z / p[2], e = d / p[2];
    f = p[0] * d + p[1] * rise(u, e);
    slope = p[0] + p[1] / p[2] * sech_squared(u + e);
  }
  template <class T>
  static void potential_contrast(const T* p, T z, T d, T* out) {
    using std::abs, std::log1p, std::sinh, std::tanh;
    const T u = z / p[2], e = d / p[2];
    const T half_sinh = sinh(0.5 * e);
    // ln cosh(u + e) - ln cosh u = ln(cosh e + tanh u sinh e)
    const T change = select(abs(e) < 1.0, log1p(2.0 * half_sinh * half_sinh + tanh(u) * sinh(e)), log_cosh(u + e) - log_cosh(u));
    out[0] = d * (z + 0.5 * d);
    out[1] = p[2] * change;
    out[2] = p[1] * (change - e * tanh(u + e) - u * rise(u, e));
  }

 private:
  /// Slope 1 - tanh(u)^2 of tanh, to full relative precision however deep in saturation.
  template <class T>
  [[nodiscard]] static T sech_squared(T u) {
    using std::abs, std::exp;
    const T q = exp(-2.0 * abs(u));
    return 4.0 * q / ((1.0 + q) * (1.0 + q));
  }
  /// tanh(u + e) - tanh(u) = sinh(e) / (cosh(u) cosh(u + e)), with the growing exponentials divided out.
  template <class T>
  [[nodiscard]] static T rise(T u, T e) {
    using std::abs, std::exp, std::expm1;
    const T v = u + e;
    const T qu = exp(-2.0 * abs(u)), qv = exp(-2.0 * abs(v));
    const T remaining = select(u * v > 0.0, select(qu < qv, qv, qu), T(1.0));  // exp(|e| - |u| - |v|)
    const T size = -2.0 * expm1(-2.0 * abs(e)) * remaining / ((1.0 + qu) * (1.0 + qv));
    return select(e < 0.0, -size, size);
  }
};

}  // namespace tellegen
