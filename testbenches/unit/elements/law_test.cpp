#include <doctest/doctest.h>

#include "unit/elements/law_samples.hpp"

using namespace tellegen;
using namespace tellegen::test;

namespace {

using Extended = std::array<long double, max_law_parameters>;

/// Calls check(p, z, u) for random parameters p and all sample variables z = u * scale of every law.
template <class Check>
void at_samples(Check check) {
  std::mt19937 random(20210305);
  for_each_law([&]<class Law>() {
    CAPTURE(Law::keyword);
    for (int draw = 0; draw < 6; ++draw) {
      const auto p = draw_parameters<Law>(random);
      const double scale = Law::template step_scale<double>(p.data());
      for (const double u : scaled_variables<Law>()) {
        CAPTURE(p[0]);
        CAPTURE(p[1]);
        CAPTURE(p[2]);
        CAPTURE(u);
        check.template operator()<Law>(p, u * scale, u, scale);
      }
    }
  });
}

template <class Law>
std::array<long double, max_law_parameters> parameter_slopes(const Extended& p, long double z) {
  std::array<long double, max_law_parameters> out{};
  Law::template law_by_parameter<long double>(p.data(), z, out.data());
  return out;
}

/// A junction above 80 n Vt follows its tangent for the iterates' sake; no solution lies there.
template <class Law>
bool is_beyond_physics(double u) {
  return std::is_same_v<Law, JunctionLaw> && u > 80;
}

/// Size of the terms that a law's value is made of; differences cannot be told below its round-off.
double natural_size(const LawValues& p, double z, double u, double f) {
  return std::abs(f) + (std::abs(p[0]) + std::abs(p[1]) + std::abs(p[2])) * (1 + std::abs(u)) * (1 + std::abs(z));
}

}  // namespace

TEST_CASE("every law passes through the origin") {
  at_samples([]<class Law>(const LawValues& p, double, double, double) { CHECK(value_of<Law, double>(p, 0.0) == 0.0); });
}

TEST_CASE("slope of every law equals the differences of its value") {
  at_samples([]<class Law>(const LawValues& p, double z, double u, double scale) {
    const auto wide = as<long double, Law>(p);
    const auto measured = derivative([&](long double h) { return value_of<Law, long double>(wide, z + h); }, 1e-3L * scale);
    const double slope = slope_of<Law, double>(p, z);
    CHECK(std::abs(slope - static_cast<double>(measured)) <= 1e-11 * natural_size(p, z, u, std::abs(slope) + std::abs(value_of<Law, double>(p, z)) / scale));
  });
}

TEST_CASE("slope of a saturated tanh keeps its relative precision") {
  for (const double u : {0.3, 5.0, 15.0, 40.0, 300.0}) {
    const LawValues p{0.0, 2.0, 0.5};
    const double expected = 4.0 / std::pow(std::cosh(u), 2);
    CHECK(slope_of<TanhLaw, double>(p, 0.5 * u) == doctest::Approx(expected).epsilon(1e-12));
    CHECK(slope_of<TanhLaw, double>(p, -0.5 * u) == doctest::Approx(expected).epsilon(1e-12));
  }
}

TEST_CASE("derivative of every potential is the law") {
  at_samples([]<class Law>(const LawValues& p, double z, double u, double scale) {
    const auto wide = as<long double, Law>(p);
    const auto measured = derivative([&](long double h) { return Law::template potential<long double>(wide.data(), z + h); }, 1e-3L * scale);
    const double f = value_of<Law, double>(p, z);
    const double potential = std::abs(Law::template potential<double>(p.data(), z)) / scale;
    CHECK(std::abs(f - static_cast<double>(measured)) <= 1e-11 * natural_size(p, z, u, std::abs(f) + potential));
    CHECK(Law::template potential<double>(p.data(), 0.0) == 0.0);
  });
}

TEST_CASE("derivatives of law and potential by every parameter equal their differences") {
  at_samples([]<class Law>(const LawValues& p, double z, double u, double) {
    double law[max_law_parameters] = {}, potential[max_law_parameters] = {};
    Law::template law_by_parameter<double>(p.data(), z, law);
    Law::template potential_by_parameter<double>(p.data(), z, potential);
    for (std::size_t s = 0; s < Law::parameters.size(); ++s) {
      CAPTURE(Law::parameters[s].name);
      const auto changed = [&](long double h) {
        auto wide = as<long double, Law>(p);
        wide[s] += h;
        return wide;
      };
      const long double h = 1e-3L * std::abs(p[s]) / (1 + std::abs(u));
      const auto law_measured = derivative([&](long double d) { return value_of<Law, long double>(changed(d), z); }, h);
      const auto potential_measured =
          derivative([&](long double d) { return Law::template potential<long double>(changed(d).data(), z); }, h);
      CHECK(std::abs(law[s] - static_cast<double>(law_measured)) <=
            1e-10 * natural_size(p, z, u, std::abs(law[s]) + std::abs(value_of<Law, double>(p, z) / p[s])));
      CHECK(std::abs(potential[s] - static_cast<double>(potential_measured)) <=
            1e-10 * natural_size(p, z, u, std::abs(potential[s]) + std::abs(Law::template potential<double>(p.data(), z) / p[s])));
    }
  });
}

TEST_CASE("deviation of every law is the difference of its values, for nudges of the law's own size") {
  at_samples([]<class Law>(const LawValues& p, double z, double u, double scale) {
    const auto wide = as<long double, Law>(p);
    for (const double ratio : {-20.0, -1.3, -0.2, 0.4, 0.999, 1.1, 8.0, 25.0}) {
      CAPTURE(ratio);
      const double d = ratio * scale;
      double f = 0, slope = 0;
      Law::template deviation<double>(p.data(), z, d, f, slope);
      const long double end = value_of<Law, long double>(wide, static_cast<long double>(z) + d);
      const long double start = value_of<Law, long double>(wide, static_cast<long double>(z));
      const double size = natural_size(p, z, u + ratio, static_cast<double>(std::abs(end) + std::abs(start)));
      CHECK(std::abs(f - static_cast<double>(end - start)) <= 1e-12 * size);
      const double expected = slope_of<Law, double>(p, z + d);
      CHECK(std::abs(slope - expected) <= 1e-12 * natural_size(p, z, u + ratio, std::abs(expected)));
    }
  });
}

TEST_CASE("deviation of every law keeps its relative precision for a nudge a billion times smaller than its background") {
  at_samples([]<class Law>(const LawValues& p, double z, double u, double scale) {
    if (is_beyond_physics<Law>(u)) return;
    const auto wide = as<long double, Law>(p);
    for (const double sign : {1.0, -1.0}) {
      const double d = sign * 1e-9 * (z == 0 ? scale : z);
      double f = 0, slope = 0;
      Law::template deviation<double>(p.data(), z, d, f, slope);
      // The middle slope is the chord's up to the third order of d.
      const auto expected = static_cast<double>(d * slope_of<Law, long double>(wide, z + 0.5L * d));
      // Linear part and polynomial terms of opposite signs may cancel in the slope.
      const double cancelling = 1e-15 * std::abs(d) * natural_size(p, z, u, 0);
      CHECK(std::abs(f - expected) <= 1e-10 * std::abs(expected) + cancelling);
    }
  });
}

TEST_CASE("deviation of a saturated tanh without linear part keeps its relative precision") {
  for (const double u : {3.0, 12.0, 30.0})
    for (const double side : {1.0, -1.0})
      for (const double d : {1e-9, 1e-4, -1e-4, 0.4, -0.4}) {
        const long double p[max_law_parameters] = {0, 2, 1};
        const LawValues narrow{0, 2, 1};
        double f = 0, slope = 0;
        TanhLaw::deviation<double>(narrow.data(), side * u, d, f, slope);
        const long double start = side * u, end = start + d;
        const long double expected = p[1] * std::sinh(static_cast<long double>(d)) / (std::cosh(start) * std::cosh(end));
        CHECK(f == doctest::Approx(static_cast<double>(expected)).epsilon(1e-12));
      }
}

TEST_CASE("potential contrast of every law is the difference of the potential's derivatives by its parameters") {
  at_samples([]<class Law>(const LawValues& p, double z, double u, double scale) {
    const auto wide = as<long double, Law>(p);
    for (const double ratio : {-20.0, -1.3, -0.2, 0.4, 0.999, 1.1, 8.0, 25.0}) {
      CAPTURE(ratio);
      const double d = ratio * scale;
      double contrast[max_law_parameters] = {};
      Law::template potential_contrast<double>(p.data(), z, d, contrast);
      long double start[max_law_parameters] = {}, end[max_law_parameters] = {};
      Law::template potential_by_parameter<long double>(wide.data(), z, start);
      Law::template potential_by_parameter<long double>(wide.data(), static_cast<long double>(z) + d, end);
      for (std::size_t s = 0; s < Law::parameters.size(); ++s) {
        CAPTURE(Law::parameters[s].name);
        const auto size = static_cast<double>(std::abs(start[s]) + std::abs(end[s]));
        CHECK(std::abs(contrast[s] - static_cast<double>(end[s] - start[s])) <= 1e-12 * natural_size(p, z, u + ratio, size));
      }
    }
  });
}

TEST_CASE("potential contrast of every law does not drown in its background when the nudge is small") {
  at_samples([]<class Law>(const LawValues& p, double z, double u, double scale) {
    if (is_beyond_physics<Law>(u)) return;
    const auto wide = as<long double, Law>(p);
    for (const double sign : {1.0, -1.0}) {
      const double d = sign * 1e-9 * (z == 0 ? scale : z);
      double contrast[max_law_parameters] = {};
      Law::template potential_contrast<double>(p.data(), z, d, contrast);
      const auto slopes = parameter_slopes<Law>(wide, z + 0.5L * d);
      for (std::size_t s = 0; s < Law::parameters.size(); ++s) {
        CAPTURE(Law::parameters[s].name);
        const auto expected = static_cast<double>(d * slopes[s]);
        // Round-off is proportional to the nudge, never to the potential.
        const double round_off = 4e-15 * std::abs(d) * natural_size(p, 0, u, 1 / scale);
        CHECK(std::abs(contrast[s] - expected) <= 1e-10 * std::abs(expected) + round_off);
      }
    }
  });
}

TEST_CASE("a junction stays finite at any voltage and in any nudge") {
  const LawValues p{1e-14, 1.0, 0.0};
  for (const double z : {-1e6, -1000.0, -30.0, 0.0, 2.0, 3.0, 1000.0, 1e6})
    for (const double d : {-2e6, -1001.0, -31.0, -2.0, 0.0, 2.0, 31.0, 1001.0, 2e6}) {
      CAPTURE(z);
      CAPTURE(d);
      double f = 0, slope = 0, out[max_law_parameters] = {};
      JunctionLaw::evaluate<double>(p.data(), z, f, slope);
      CHECK(std::isfinite(f));
      CHECK(std::isfinite(slope));
      CHECK(std::isfinite(JunctionLaw::potential<double>(p.data(), z)));
      JunctionLaw::deviation<double>(p.data(), z, d, f, slope);
      CHECK(std::isfinite(f));
      CHECK(std::isfinite(slope));
      for (const auto& of : {&JunctionLaw::law_by_parameter<double>, &JunctionLaw::potential_by_parameter<double>}) {
        of(p.data(), z, out);
        CHECK(std::isfinite(out[0]));
        CHECK(std::isfinite(out[1]));
      }
      JunctionLaw::potential_contrast<double>(p.data(), z, d, out);
      CHECK(std::isfinite(out[0]));
      CHECK(std::isfinite(out[1]));
    }
}

TEST_CASE("a junction deep in reverse that is pushed into conduction carries what it carries there") {
  const LawValues p{1e-14, 1.0, 0.0};
  double f = 0, slope = 0;
  JunctionLaw::deviation<double>(p.data(), -30.0, 30.6, f, slope);
  CHECK(f == doctest::Approx(value_of<JunctionLaw, double>(p, 0.6) - value_of<JunctionLaw, double>(p, -30.0)).epsilon(1e-9));
  CHECK(slope == doctest::Approx(slope_of<JunctionLaw, double>(p, 0.6)).epsilon(1e-9));
}

TEST_CASE("every law is found under its own keyword and no two share one") {
  for_each_law([]<class Law>() {
    const auto id = law_of_keyword(Law::keyword);
    REQUIRE(id.has_value());
    CHECK(*id == law_id<Law>());
    CHECK(keyword_of(*id) == Law::keyword);
    CHECK(is_linear(*id) == Law::is_linear);
    CHECK(parameters_of(*id).size() == Law::parameters.size());
    CHECK(Law::parameters.size() <= max_law_parameters);
    for (std::size_t a = 0; a < Law::parameters.size(); ++a)
      for (std::size_t b = a + 1; b < Law::parameters.size(); ++b) CHECK(Law::parameters[a].name != Law::parameters[b].name);
  });
  CHECK_FALSE(law_of_keyword("no such law").has_value());
}
