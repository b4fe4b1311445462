#pragma once
#include "hw_models/elements/laws/law.hpp"

namespace tellegen {

/// Linear law f(z) = k0 z, potential F = k0 z^2 / 2.
///
/// | symbol | unit    | meaning              |
/// |--------|---------|----------------------|
/// | z      | [z]     | controlling variable |
/// | k0     | [f]/[z] | slope                |
struct LinearLaw {
  static constexpr std::string_view keyword = "linear";
  static constexpr bool is_linear = true;
  static constexpr std::array<LawParameter, 1> parameters{{{"k0", ParameterRole::slope, 0.0, false}}};
  /// Largest change of z/z0 in one Newton step; infinite: the law needs no limiting.
  static constexpr double largest_step = HUGE_VAL;
  template <class T>
  static T step_scale(const T*) { return T(1.0); }

  template <class T>
  static void evaluate(const T* p, T z, T& f, T& slope) {
    f = p[0] * z;
    slope = p[0];
  }
  template <class T>
  static T potential(const T* p, T z) { return 0.5 * p[0] * z * z; }
  template <class T>
  static void law_by_parameter(const T*, T z, T* out) { out[0] = z; }
  template <class T>
  static void potential_by_parameter(const T*, T z, T* out) { out[0] = 0.5 * z * z; }
  template <class T>
  static void deviation(const T* p, T, T d, T& f, T& slope) { evaluate(p, d, f, slope); }
  template <class T>
  static void potential_contrast(const T*, T z, T d, T* out) { out[0] = d * (z + 0.5 * d); }
};

}  // namespace tellegen
