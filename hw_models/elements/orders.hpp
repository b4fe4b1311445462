#pragma once

namespace tellegen {

/// Orders of differentiation of the one constitutive law i = D^out f( D^in phi ).
///
/// | symbol | unit | meaning                                                             |
/// |--------|------|---------------------------------------------------------------------|
/// | out    | 1    | order a applied to the law's value to give the branch current [A]   |
/// | in     | 1    | order b applied to the branch flux phi [Wb] to give z, the variable |
///
/// Kendall 2021 (arXiv 2103.05636); the table of orders is that of the theory's section 1.
struct Orders {
  double out = 0;
  double in = 1;

  /// Skew s = a - b. Nonlinear elements of one skew share an exact physical echo. Rounded to 1e-12, so that skews compare
  /// equal whatever the orders that they are differences of.
  [[nodiscard]] constexpr double skew() const {
    constexpr double resolution = 1e12;
    const double scaled = (out - in) * resolution;
    return static_cast<double>(static_cast<long long>(scaled + (scaled < 0 ? -0.5 : 0.5))) / resolution;
  }
  friend constexpr bool operator==(const Orders&, const Orders&) = default;
};

inline constexpr double half = 0.5;

}  // namespace tellegen
