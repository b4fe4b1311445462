#pragma once
#include "hw_models/elements/laws/law.hpp"

namespace tellegen {

/// Shockley junction f(v) = is (exp(v / (n Vt)) - 1), potential F = is (n Vt (exp(v / (n Vt)) - 1) - v).
///
/// | symbol | unit | meaning                                                         |
/// |--------|------|-----------------------------------------------------------------|
/// | v      | V    | junction voltage (controlling variable)                         |
/// | is     | A    | saturation current                                              |
/// | n      | 1    | emission coefficient                                            |
/// | Vt     | V    | thermal voltage k T / q at 27 C, SPICE's nominal temperature    |
///
/// Above u = 80 the exponential goes on as its tangent, so that a Newton iterate never overflows; a
/// converged solution there would carry e^80 saturation currents.
struct JunctionLaw {
  static constexpr std::string_view keyword = "junction";
  static constexpr bool is_linear = false;
  static constexpr double thermal_voltage = 1.380649e-23 * 300.15 / 1.602176634e-19;  // [V]
  static constexpr std::array<LawParameter, 2> parameters{{{"is", ParameterRole::amplitude, 1e-14, true},
                                                           {"n", ParameterRole::dimensionless, 1.0, true}}};
  static constexpr double largest_step = 4.0;
  template <class T>
  static T step_scale(const T* p) { return p[1] * thermal_voltage; }

  template <class T>
  static void evaluate(const T* p, T z, T& f, T& slope) {
    using std::expm1;
    const T vt = p[1] * thermal_voltage;
    const T u = z / vt;
    const T clipped = u < 80.0 ? u : T(80.0);
    const T e = expm1(clipped);
    f = p[0] * (e + (e + 1.0) * (u - clipped));
    slope = p[0] * (e + 1.0) / vt;
  }
  template <class T>
  static T potential(const T* p, T z) {
    using std::expm1;
    const T vt = p[1] * thermal_voltage;
    return p[0] * (vt * expm1(z / vt) - z);
  }
  template <class T>
  static void law_by_parameter(const T* p, T z, T* out) {
    using std::exp, std::expm1;
    const T u = z / (p[1] * thermal_voltage);
    out[0] = expm1(u);
    out[1] = -p[0] * u / p[1] * exp(u);
  }
  template <class T>
  static void potential_by_parameter(const T* p, T z, T* out) {
    using std::exp, std::expm1;
    const T vt = p[1] * thermal_voltage;
    const T u = z / vt;
    out[0] = vt * expm1(u) - z;
    out[1] = p[0] * thermal_voltage * (expm1(u) - u * exp(u));
  }
  template <class T>
  static void deviation(const T* p, T z, T d, T& f, T& slope) {
    using std::exp, std::expm1;
    const T vt = p[1] * thermal_voltage;
    const T u = z / vt, e = d / vt;
    if (u + e < 80.0 && u < 80.0) {
      f = p[0] * exp(u) * expm1(e);
      slope = p[0] * exp(u + e) / vt;
      return;
    }
    T start, ignored;
    evaluate(p, z, start, ignored);
    evaluate(p, z + d, f, slope);
    f = f - start;
  }
  template <class T>
  static void potential_contrast(const T* p, T z, T d, T* out) {
    using std::exp, std::expm1;
    const T vt = p[1] * thermal_voltage;
    const T u = z / vt, e = d / vt;
    const T scale = exp(u), growth = expm1(e);
    out[0] = vt * scale * growth - d;
    out[1] = p[0] * thermal_voltage * scale * (growth - e * (growth + 1.0) - u * growth);
  }
};

}  // namespace tellegen
