#pragma once
#include "hw_models/elements/laws/law.hpp"

namespace tellegen {

/// Sinusoidal law f(z) = k0 z + k1 sin(z/z0), potential F = k0 z^2/2 + k1 z0 (1 - cos(z/z0)).
/// On an inductor with k0 = 0 it is a Josephson junction: k1 the critical current, z0 = Phi0 / 2 pi.
///
/// | symbol | unit    | meaning                      |
/// |--------|---------|------------------------------|
/// | z      | [z]     | controlling variable         |
/// | k0     | [f]/[z] | slope of the linear part     |
/// | k1     | [f]     | amplitude                    |
/// | z0     | [z]     | controlling variable a radian|
struct SineLaw {
  static constexpr std::string_view keyword = "sine";
  static constexpr bool is_linear = false;
  static constexpr std::array<LawParameter, 3> parameters{{{"k0", ParameterRole::slope, 0.0, false},
                                                           {"k1", ParameterRole::amplitude, 0.0, false},
                                                           {"z0", ParameterRole::scale, 1.0, true}}};
  static constexpr double largest_step = HUGE_VAL;
  template <class T>
  static T step_scale(const T* p) { return p[2]; }

  template <class T>
  static void evaluate(const T* p, T z, T& f, T& slope) {
    using std::cos, std::sin;
    const T u = z / p[2];
    f = p[0] * z + p[1] * sin(u);
    slope = p[0] + p[1] / p[2] * cos(u);
  }
  template <class T>
  static T potential(const T* p, T z) {
    using std::sin;
    const T s = sin(0.5 * z / p[2]);  // 1 - cos u = 2 sin^2(u/2)
    return 0.5 * p[0] * z * z + p[1] * p[2] * 2.0 * s * s;
  }
  template <class T>
  static void law_by_parameter(const T* p, T z, T* out) {
    using std::cos, std::sin;
    const T u = z / p[2];
    out[0] = z;
    out[1] = sin(u);
    out[2] = -p[1] / p[2] * u * cos(u);
  }
  template <class T>
  static void potential_by_parameter(const T* p, T z, T* out) {
    using std::sin;
    const T u = z / p[2];
    const T s = sin(0.5 * u);
    out[0] = 0.5 * z * z;
    out[1] = p[2] * 2.0 * s * s;
    out[2] = p[1] * (2.0 * s * s - u * sin(u));
  }
  template <class T>
  static void deviation(const T* p, T z, T d, T& f, T& slope) {
    using std::cos, std::sin;
    const T u = z / p[2], e = d / p[2];
    f = p[0] * d + p[1] * 2.0 * cos(u + 0.5 * e) * sin(0.5 * e);
    slope = p[0] + p[1] / p[2] * cos(u + e);
  }
  template <class T>
  static void potential_contrast(const T* p, T z, T d, T* out) {
    using std::cos, std::sin;
    const T u = z / p[2], e = d / p[2];
    const T s = 2.0 * sin(0.5 * e);
    const T change = sin(u + 0.5 * e) * s;  // cos u - cos(u + e)
    out[0] = d * (z + 0.5 * d);
    out[1] = p[2] * change;
    out[2] = p[1] * (change - e * sin(u + e) - u * cos(u + 0.5 * e) * s);
  }
};

}  // namespace tellegen
