#pragma once
#include "hw_models/elements/laws/law.hpp"

namespace tellegen {

/// Cubic polynomial law f(z) = k0 z + k1 z^2 + k2 z^3, potential F = k0 z^2/2 + k1 z^3/3 + k2 z^4/4.
///
/// | symbol     | unit                            | meaning              |
/// |------------|---------------------------------|----------------------|
/// | z          | [z]                             | controlling variable |
/// | k0, k1, k2 | [f]/[z], [f]/[z]^2, [f]/[z]^3   | coefficients         |
struct PolynomialLaw {
  static constexpr std::string_view keyword = "poly";
  static constexpr bool is_linear = false;
  static constexpr std::array<LawParameter, 3> parameters{{{"k0", ParameterRole::slope, 0.0, false},
                                                           {"k1", ParameterRole::quadratic, 0.0, false},
                                                           {"k2", ParameterRole::cubic, 0.0, false}}};
  static constexpr double largest_step = HUGE_VAL;
  template <class T>
  static T step_scale(const T*) { return T(1.0); }

  template <class T>
  static void evaluate(const T* p, T z, T& f, T& slope) {
    f = z * (p[0] + z * (p[1] + z * p[2]));
    slope = p[0] + z * (2.0 * p[1] + z * (3.0 * p[2]));
  }
  template <class T>
  static T potential(const T* p, T z) { return z * z * (p[0] / 2.0 + z * (p[1] / 3.0 + z * (p[2] / 4.0))); }
  template <class T>
  static void law_by_parameter(const T*, T z, T* out) {
    out[0] = z;
    out[1] = z * z;
    out[2] = z * z * z;
  }
  template <class T>
  static void potential_by_parameter(const T*, T z, T* out) {
    out[0] = z * z / 2.0;
    out[1] = z * z * z / 3.0;
    out[2] = z * z * z * z / 4.0;
  }
  template <class T>
  static void deviation(const T* p, T z, T d, T& f, T& slope) {
    const T end = z + d;
    f = d * (p[0] + p[1] * (z + end) + p[2] * (z * z + z * end + end * end));
    slope = p[0] + end * (2.0 * p[1] + end * (3.0 * p[2]));
  }
  template <class T>
  static void potential_contrast(const T*, T z, T d, T* out) {
    const T end = z + d;
    out[0] = d * (z + end) / 2.0;
    out[1] = d * (z * z + z * end + end * end) / 3.0;
    out[2] = d * (z + end) * (z * z + end * end) / 4.0;
  }
};

}  // namespace tellegen
