#pragma once
#include "hw_models/elements/laws/law.hpp"

namespace tellegen {

/// Expansive law f(z) = k0 z + k1 sinh(z/z0), potential F = k0 z^2/2 + k1 z0 (cosh(z/z0) - 1).
///
/// | symbol | unit    | meaning                        |
/// |--------|---------|--------------------------------|
/// | z      | [z]     | controlling variable           |
/// | k0     | [f]/[z] | slope of the linear part       |
/// | k1     | [f]     | amplitude of the expanding part|
/// | z0     | [z]     | scale at which it expands      |
struct SinhLaw {
  static constexpr std::string_view keyword = "sinh";
  static constexpr bool is_linear = false;
  static constexpr std::array<LawParameter, 3> parameters{{{"k0", ParameterRole::slope, 0.0, false},
                                                           {"k1", ParameterRole::amplitude, 0.0, false},
                                                           {"z0", ParameterRole::scale, 1.0, true}}};
  static constexpr double largest_step = 4.0;
  template <class T>
  static T step_scale(const T* p) { return p[2]; }

  template <class T>
  static void evaluate(const T* p, T z, T& f, T& slope) {
    using std::cosh, std::sinh;
    const T u = z / p[2];
    f = p[0] * z + p[1] * sinh(u);
    slope = p[0] + p[1] / p[2] * cosh(u);
  }
  template <class T>
  static T potential(const T* p, T z) {
    using std::sinh;
    const T s = sinh(0.5 * z / p[2]);  // cosh u - 1 = 2 sinh^2(u/2) keeps the digits of small u
    return 0.5 * p[0] * z * z + p[1] * p[2] * 2.0 * s * s;
  }
  template <class T>
  static void law_by_parameter(const T* p, T z, T* out) {
    using std::cosh, std::sinh;
    const T u = z / p[2];
    out[0] = z;
    out[1] = sinh(u);
    out[2] = -p[1] / p[2] * u * cosh(u);
  }
  template <class T>
  static void potential_by_parameter(const T* p, T z, T* out) {
    using std::sinh;
    const T u = z / p[2];
    const T s = sinh(0.5 * u);
    out[0] = 0.5 * z * z;
    out[1] = p[2] * 2.0 * s * s;
    out[2] = p[1] * (2.0 * s * s - u * sinh(u));
  }
  template <class T>
  static void deviation(const T* p, T z, T d, T& f, T& slope) {
    using std::cosh, std::sinh;
    const T u = z / p[2], e = d / p[2];
    f = p[0] * d + p[1] * 2.0 * cosh(u + 0.5 * e) * sinh(0.5 * e);
    slope = p[0] + p[1] / p[2] * cosh(u + e);
  }
  template <class T>
  static void potential_contrast(const T* p, T z, T d, T* out) {
    using std::cosh, std::sinh;
    const T u = z / p[2], e = d / p[2];
    const T s = 2.0 * sinh(0.5 * e);
    const T change = sinh(u + 0.5 * e) * s;  // cosh(u + e) - cosh u
    out[0] = d * (z + 0.5 * d);
    out[1] = p[2] * change;
    out[2] = p[1] * (change - e * sinh(u + e) - u * cosh(u + 0.5 * e) * s);
  }
};

}  // namespace tellegen
