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
/// Above v / (n Vt) = 80 the exponential goes on as its tangent, so that a Newton iterate never overflows; a converged
/// solution there would carry e^80 saturation currents. Potential and derivatives are those of the continued law.
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
    const T vt = p[1] * thermal_voltage;
    const auto growth = continued(z / vt);
    f = p[0] * growth.value;
    slope = p[0] * growth.slope / vt;
  }
  /// The same as `evaluate` from parameters made ready once, with one exponential and no division: kernels that evaluate many
  /// junctions again and again, T being their lanes. Far below rest the slope is exact to the round-off of is / (n Vt), not of itself.
  static constexpr std::size_t prepared_count = 5;
  static void prepare(const double* p, double* prepared) {
    prepared[0] = 1 / (p[1] * thermal_voltage);
    prepared[1] = p[0];
    prepared[2] = p[0] * prepared[0];
    prepared[3] = 1 / p[0];
    prepared[4] = -1 / p[1];
  }
  template <class T>
  static void evaluate_prepared(const T* prepared, T z, T& f, T& slope) {
    const T u = z * prepared[0];
    const T inside = min(u, T(bound));
    const T value = bounded_expm1(inside), growth = value + 1.0;
    f = prepared[1] * (value + growth * (u - inside));
    slope = prepared[2] * growth;
  }
  /// `law_by_parameter` from the law's value and slope, without another exponential.
  template <class T>
  static void law_by_parameter_prepared(const T* prepared, T z, T f, T slope, T* out) {
    out[0] = f * prepared[3];
    out[1] = z * slope * prepared[4];
  }
  template <class T>
  static T potential(const T* p, T z) {
    const T vt = p[1] * thermal_voltage;
    return p[0] * vt * continued(z / vt).integral;
  }
  template <class T>
  static void law_by_parameter(const T* p, T z, T* out) {
    const T u = z / (p[1] * thermal_voltage);
    const auto growth = continued(u);
    out[0] = growth.value;
    out[1] = -p[0] * u / p[1] * growth.slope;
  }
  template <class T>
  static void potential_by_parameter(const T* p, T z, T* out) {
    const T vt = p[1] * thermal_voltage;
    const T u = z / vt;
    const auto growth = continued(u);
    out[0] = vt * growth.integral;
    out[1] = p[0] * thermal_voltage * (growth.integral - u * growth.value);
  }
  template <class T>
  static void deviation(const T* p, T z, T d, T& f, T& slope) {
    const T vt = p[1] * thermal_voltage;
    const T u = z / vt, e = d / vt;
    const auto start = continued(u), end = continued(u + e);
    f = p[0] * rise(start, end, u, e);
    slope = p[0] * end.slope / vt;
  }
  template <class T>
  static void potential_contrast(const T* p, T z, T d, T* out) {
    const T vt = p[1] * thermal_voltage;
    const T u = z / vt, e = d / vt;
    const T v = u + e;
    const auto start = continued(u), end = continued(v);
    const T change = rise(start, end, u, e);
    const auto exponential = u < bound && v < bound;
    const T integral = select(exponential, change - e, end.integral - start.integral);
    out[0] = vt * integral;
    out[1] = p[0] * thermal_voltage * select(exponential, change - e * end.slope - u * change, integral - (v * end.value - u * start.value));
  }

 private:
  static constexpr double bound = 80.0;  // of u = v / (n Vt)

  /// exp(u) - 1 with the tangent at the bound for its continuation, its slope, and its integral from 0.
  template <class T>
  struct Growth {
    T value, slope, integral;
    T over;  ///< how far u lies above the bound
  };
  template <class T>
  [[nodiscard]] static Growth<T> continued(T u) {
    using std::exp, std::expm1;
    const T inside = select(u < bound, u, T(bound));
    const T over = u - inside, slope = exp(inside), value = expm1(inside);
    return {value + slope * over, slope, value - inside + over * (value + 0.5 * slope * over), over};
  }
  /// Difference of the two values, without cancellation when e is small and without overflow when it is large.
  template <class T>
  [[nodiscard]] static T rise(const Growth<T>& start, const Growth<T>& end, T u, T e) {
    using std::expm1;
    return select(u < bound && u + e < bound && e < 1.0, start.slope * expm1(e),
                  end.slope * (1.0 + end.over) - start.slope * (1.0 + start.over));
  }
};

}  // namespace tellegen
