#pragma once
// Random parameters and a spread of controlling variables for every law of the list.

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "hw_models/elements/law_list.hpp"

namespace tellegen::test {

/// Calls `f.template operator()<Law>()` for every law.
template <class F>
void for_each_law(F&& f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (f.template operator()<std::tuple_element_t<I, LawList>>(), ...);
  }(std::make_index_sequence<std::tuple_size_v<LawList>>());
}

using LawValues = std::array<double, max_law_parameters>;

/// Parameters as a designer may choose them, of either sign where the law admits it.
template <class Law>
LawValues draw_parameters(std::mt19937& random) {
  const auto uniform = [&](double low, double high) { return std::uniform_real_distribution<double>(low, high)(random); };
  LawValues p{};
  for (std::size_t s = 0; s < Law::parameters.size(); ++s) {
    const bool positive = Law::parameters[s].must_be_positive;
    switch (Law::parameters[s].role) {
      case ParameterRole::amplitude: p[s] = positive ? std::pow(10.0, uniform(-14, -2)) : uniform(0.2, 2) * (uniform(-1, 1) < 0 ? -1 : 1); break;
      case ParameterRole::scale: p[s] = uniform(0.05, 2); break;
      case ParameterRole::dimensionless: p[s] = uniform(0.8, 2.5); break;
      default: p[s] = uniform(0.1, 1.5) * (uniform(-1, 1) < 0 ? -1 : 1);
    }
  }
  return p;
}

/// Controlling variables in units of the law's own scale: zero, tiny, moderate and large, of both signs.
template <class Law>
std::vector<double> scaled_variables() {
  std::vector<double> u{0.0};
  const bool grows = std::isfinite(Law::largest_step);  // exponentials
  for (const double size : {1e-12, 1e-6, 0.01, 0.3, 0.97, 1.6, 4.2, 9.1, 31.0, 79.0, 300.0, 1000.0})
    for (const double sign : {1.0, -1.0}) {
      if (grows && size > 600) continue;  // cosh leaves the range of doubles
      u.push_back(sign * size);
    }
  return u;
}

template <class T, class Law>
std::array<T, max_law_parameters> as(const LawValues& p) {
  std::array<T, max_law_parameters> own{};
  for (std::size_t s = 0; s < own.size(); ++s) own[s] = T(p[s]);
  return own;
}

template <class Law, class T>
T value_of(const std::array<T, max_law_parameters>& p, T z) {
  T f{}, slope{};
  Law::template evaluate<T>(p.data(), z, f, slope);
  return f;
}

template <class Law, class T>
T slope_of(const std::array<T, max_law_parameters>& p, T z) {
  T f{}, slope{};
  Law::template evaluate<T>(p.data(), z, f, slope);
  return slope;
}

/// Derivative at 0 of g by differences of fourth order with step h.
template <class G>
long double derivative(G g, long double h) {
  return (8.0L * (g(h) - g(-h)) - (g(2.0L * h) - g(-2.0L * h))) / (12.0L * h);
}

}  // namespace tellegen::test
