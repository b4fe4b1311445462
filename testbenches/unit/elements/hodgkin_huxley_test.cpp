#include <doctest/doctest.h>

#include <cmath>

#include "hw_models/elements/hodgkin_huxley.hpp"

using namespace tellegen;

namespace {

/// The classic rates [1/ms] at v [mV] in long double, by the definition; nothing at their removable singularities.
long double alpha_m(long double v) { return 0.1L * (v + 40) / -std::expm1(-(v + 40) / 10); }
long double alpha_n(long double v) { return 0.01L * (v + 55) / -std::expm1(-(v + 55) / 10); }

std::array<double, membrane_parameters.size()> defaults() {
  std::array<double, membrane_parameters.size()> p{};
  for (std::size_t s = 0; s < p.size(); ++s) p[s] = membrane_parameters[s].default_value;
  return p;
}

constexpr Gates open{0.3, 0.4, 0.5};

}  // namespace

TEST_CASE("rates pass through their removable singularities without a jump in value or slope") {
  CHECK(gate_rates(-40e-3)[0].alpha == doctest::Approx(1e3).epsilon(1e-15));
  CHECK(gate_rates(-55e-3)[2].alpha == doctest::Approx(100).epsilon(1e-15));
  CHECK(gate_rates(-40e-3)[0].alpha_slope == doctest::Approx(0.5e3 / 10e-3).epsilon(1e-15));
  CHECK(gate_rates(-55e-3)[2].alpha_slope == doctest::Approx(50 / 10e-3).epsilon(1e-15));
  for (const double distance : {1e-9, 1e-6, 1e-4, 4.999e-4, 5.001e-4, 1e-3, 1e-2, 0.05})
    for (const double side : {-1.0, 1.0}) {
      CAPTURE(side * distance);
      const double of_m = -40e-3 + side * distance, of_n = -55e-3 + side * distance;
      CHECK(gate_rates(of_m)[0].alpha == doctest::Approx(static_cast<double>(1e3L * alpha_m(1e3L * of_m))).epsilon(2e-12));
      CHECK(gate_rates(of_n)[2].alpha == doctest::Approx(static_cast<double>(1e3L * alpha_n(1e3L * of_n))).epsilon(2e-12));
    }
}

TEST_CASE("slopes of all rates and of the steady gates are their differences") {
  for (double v = -0.12; v < 0.06; v += 0.0037) {
    CAPTURE(v);
    const double d = 1e-7;
    const auto at = gate_rates(v), above = gate_rates(v + d), below = gate_rates(v - d);
    for (std::size_t g = 0; g < gate_count; ++g) {
      CHECK((above[g].alpha - below[g].alpha) / (2 * d) == doctest::Approx(at[g].alpha_slope).epsilon(1e-6));
      CHECK((above[g].beta - below[g].beta) / (2 * d) == doctest::Approx(at[g].beta_slope).epsilon(1e-6));
      CHECK(std::abs((above[g].steady() - below[g].steady()) / (2 * d) - at[g].steady_slope()) < 1e-5 * std::abs(at[g].steady_slope()) + 1e-6);
    }
  }
}

TEST_CASE("gates settle at -65 mV where the literature has them") {
  const auto [m, h, n] = steady_gates(-65e-3);
  CHECK(m == doctest::Approx(0.0529324853).epsilon(1e-9));
  CHECK(h == doctest::Approx(0.5961207535).epsilon(1e-9));
  CHECK(n == doctest::Approx(0.3176769141).epsilon(1e-9));
}

TEST_CASE("rates stay finite far outside the voltages of a cell") {
  for (const double v : {-2.0, 2.0})
    for (const auto& rates : gate_rates(v))
      for (const double value : {rates.alpha, rates.beta, rates.alpha_slope, rates.beta_slope, rates.steady(), rates.steady_slope()}) CHECK(std::isfinite(value));
}

TEST_CASE("the ionic current's slopes in voltage and gates are its differences") {
  const auto p = defaults();
  const double v = -30e-3, d = 1e-6;
  const auto at = ionic_current(p.data(), v, open);
  CHECK((ionic_current(p.data(), v + d, open).current - ionic_current(p.data(), v - d, open).current) / (2 * d) == doctest::Approx(at.conductance).epsilon(1e-8));
  for (std::size_t g = 0; g < gate_count; ++g) {
    Gates above = open, below = open;
    above[g] += d, below[g] -= d;
    CHECK((ionic_current(p.data(), v, above).current - ionic_current(p.data(), v, below).current) / (2 * d) == doctest::Approx(at.by_gate[g]).epsilon(1e-8));
  }
}

TEST_CASE("the membrane current's slope in every parameter is its difference") {
  const double v = -30e-3, v_dot = 120;
  const auto current = [&](const auto& p) {
    return p[static_cast<std::size_t>(MembraneSlot::area)] * (p[static_cast<std::size_t>(MembraneSlot::c)] * v_dot + ionic_current(p.data(), v, open).current);
  };
  const auto p = defaults();
  const auto slopes = current_by_parameter(p.data(), v, open, v_dot);
  for (std::size_t s = 0; s < p.size(); ++s) {
    CAPTURE(membrane_parameters[s].name);
    auto above = p, below = p;
    const double change = 1e-4 * std::abs(p[s]);
    above[s] += change, below[s] -= change;
    CHECK((current(above) - current(below)) / (2 * change) == doctest::Approx(slopes[s]).epsilon(1e-9));
  }
}
