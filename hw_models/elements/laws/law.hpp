#pragma once
// What every law provides; one file per law beside this one. The lane type T is double or a vector of samples.
//
// | function              | gives                                                                             |
// |-----------------------|-----------------------------------------------------------------------------------|
// | evaluate              | f(z) and f'(z)                                                                    |
// | deviation             | f(z + d) - f(z) and f'(z + d), without cancellation when d is small               |
// | potential             | F(z), F' = f                                                                      |
// | law_by_parameter      | df/dp(z) for every parameter p                                                    |
// | potential_by_parameter| dF/dp(z)                                                                          |
// | potential_contrast    | dF/dp(z + d) - dF/dp(z), without cancellation when d is small                     |
// | largest_step          | largest change of z / step_scale that one Newton step may make                    |
//
// A small nudge is told from its background by these differences: taken as differences of large numbers they would carry
// a round-off that grows as 1/beta.

#include <array>
#include <cmath>
#include <string_view>
#include <type_traits>

namespace tellegen {

/// What a law's parameter stands for; with the orders of the element it fixes the parameter's unit.
enum class ParameterRole {
  slope,           ///< k0 of k0 z:                   [f]/[z]
  quadratic,       ///< k1 of k1 z^2:                 [f]/[z]^2
  cubic,           ///< k2 of k2 z^3:                 [f]/[z]^3
  amplitude,       ///< k1 of k1 tanh(z/z0), is:      [f]
  scale,           ///< z0:                           [z]
  dimensionless,   ///< emission coefficient n:       1
  named,           ///< of an expression:             whatever makes the expression right
};

struct LawParameter {
  std::string_view name;
  ParameterRole role;
  double default_value;
  bool must_be_positive;
};

/// Largest number of parameters of one law; cells and arrays reserve that many slots.
inline constexpr int max_law_parameters = 8;

/// `a` where the condition holds, else `b`. Laws choose with it and never branch, so that a vector of samples may stand for
/// T: lanes bring their own, lane by lane. Both values are computed, and the one that is not taken may be infinite or NaN.
template <class T>
  requires std::is_floating_point_v<T>
[[nodiscard]] constexpr T select(bool condition, T a, T b) {
  return condition ? a : b;
}

/// ln cosh u without overflow and without losing the digits of small u.
template <class T>
[[nodiscard]] inline T log_cosh(T u) {
  using std::abs, std::exp, std::log1p, std::sinh;
  constexpr double ln2 = 0.693147180559945309417;
  const T m = abs(u), s = sinh(0.5 * m);
  return select(m < 1.0, log1p(2.0 * s * s), m + log1p(exp(-2.0 * m)) - ln2);
}

}  // namespace tellegen
