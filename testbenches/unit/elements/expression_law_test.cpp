#include <doctest/doctest.h>

#include <string>

#include "hw_models/elements/element_description.hpp"
#include "hw_models/elements/laws/expression_law.hpp"
#include "hw_models/solver/lane.hpp"
#include "unit/elements/law_samples.hpp"

using namespace tellegen;
using namespace tellegen::test;

namespace {

const SourceLocation place{"d.cir", 7};

std::unique_ptr<ExpressionLaw> law_of(const std::string& text, std::vector<NamedValue> parameters) {
  return std::make_unique<ExpressionLaw>(Expression::parse(text, place, "C1"), std::move(parameters), place, "C1");
}

std::string message(const std::string& text, std::vector<NamedValue> parameters) {
  try {
    static_cast<void>(law_of(text, std::move(parameters)));
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

/// What a built-in law computes as an expression of the same parameters.
struct Twin {
  const char* text;
  std::vector<const char*> names;
};
template <class Law>
Twin twin_of() {
  if constexpr (std::is_same_v<Law, LinearLaw>) return {"k0*z", {"k0"}};
  if constexpr (std::is_same_v<Law, PolynomialLaw>) return {"k0*z+k1*z^2+k2*z^3", {"k0", "k1", "k2"}};
  if constexpr (std::is_same_v<Law, TanhLaw>) return {"k0*z+k1*tanh(z/z0)", {"k0", "k1", "z0"}};
  if constexpr (std::is_same_v<Law, SinhLaw>) return {"k0*z+k1*sinh(z/z0)", {"k0", "k1", "z0"}};
  if constexpr (std::is_same_v<Law, SineLaw>) return {"k0*z+k1*sin(z/z0)", {"k0", "k1", "z0"}};
}

template <class Law>
std::unique_ptr<ExpressionLaw> make_twin(const LawValues& p) {
  const auto twin = twin_of<Law>();
  std::vector<NamedValue> parameters;
  for (std::size_t s = 0; s < twin.names.size(); ++s) parameters.push_back({twin.names[s], p[s]});
  return law_of(twin.text, std::move(parameters));
}

/// Calls check.operator()<Law>(law, twin, p, z, scale) for every law but the junction, whose tangent no expression has.
template <class Check>
void at_twins(Check check) {
  std::mt19937 random(31);
  for_each_law([&]<class Law>() {
    if constexpr (!std::is_same_v<Law, JunctionLaw>) {
      CAPTURE(Law::keyword);
      for (int draw = 0; draw < 4; ++draw) {
        const auto p = draw_parameters<Law>(random);
        const auto twin = make_twin<Law>(p);
        const double scale = Law::template step_scale<double>(p.data());
        for (const double u : {0.0, 1e-6, -0.3, 0.97, -4.2, 9.1, -31.0, 79.0}) {
          CAPTURE(u);
          check.template operator()<Law>(*twin, p, u * scale, scale);
        }
      }
    }
  });
}

/// Agreement with what the built-in law gives; `size` is that of the terms that cancel in it.
void check_equal(double value, double expected, double size = 0) {
  CHECK(std::abs(value - expected) <= 1e-12 * (std::abs(expected) + size));
}

const std::vector<std::pair<const char*, std::vector<NamedValue>>> samples = {
    {"k*z+a*tanh(z/b)", {{"k", 0.3}, {"a", 2}, {"b", 0.7}}},
    {"a*(exp(z/b)-1)-c*(exp(-z/b)-1)", {{"a", 0.1}, {"c", 0.4}, {"b", 0.6}}},
    {"k*z/sqrt(1+(z/b)^2)", {{"k", 1.5}, {"b", 0.8}}},
    {"a*atan(z/b)+c*z^3", {{"a", 1.1}, {"b", 0.4}, {"c", 0.2}}},
    {"k*z*(1+a*cos(z/b))", {{"k", 0.9}, {"a", 0.3}, {"b", 0.5}}},
    {"pwr(z,m)*k", {{"m", 1.6}, {"k", 0.7}}},
    {"a*asinh(z/b)+k*ln(1+z*z)", {{"a", 0.7}, {"b", 0.3}, {"k", 0.2}}},
};

template <class Check>
void at_points(Check check) {
  for (const auto& [text, parameters] : samples) {
    CAPTURE(text);
    const auto law = law_of(text, parameters);
    LawValues p{};
    for (std::size_t s = 0; s < parameters.size(); ++s) p[s] = parameters[s].value;
    for (const double z : {-2.3, -0.6, -0.01, 0.02, 0.4, 1.7}) {
      CAPTURE(z);
      check(*law, p, z);
    }
  }
}

double f_of(const ExpressionLaw& law, const double* p, double z) {
  double f = 0, slope = 0;
  law.evaluate<double>(p, z, f, slope);
  return f;
}

double slope_of(const ExpressionLaw& law, const double* p, double z) {
  double f = 0, slope = 0;
  law.evaluate<double>(p, z, f, slope);
  return slope;
}

}  // namespace

TEST_CASE("a built-in law written as an expression has the same values, slopes and potentials") {
  at_twins([]<class Law>(const ExpressionLaw& twin, const LawValues& p, double z, double scale) {
    double f = 0, slope = 0, own_f = 0, own_slope = 0;
    Law::template evaluate<double>(p.data(), z, f, slope);
    twin.evaluate<double>(p.data(), z, own_f, own_slope);
    check_equal(own_f, f, std::abs(p[0] * z));
    check_equal(own_slope, slope, std::abs(p[0]));
    check_equal(twin.potential<double>(p.data(), z), Law::template potential<double>(p.data(), z), std::abs(f * z) + std::abs(p[0] * z * z));
    double expected[max_law_parameters] = {}, own[max_law_parameters] = {};
    Law::template law_by_parameter<double>(p.data(), z, expected);
    twin.law_by_parameter<double>(p.data(), z, own);
    for (std::size_t s = 0; s < Law::parameters.size(); ++s) check_equal(own[s], expected[s]);
    Law::template potential_by_parameter<double>(p.data(), z, expected);
    twin.potential_by_parameter<double>(p.data(), z, own);
    for (std::size_t s = 0; s < Law::parameters.size(); ++s) check_equal(own[s], expected[s], std::abs(p[1] * z / scale));
    CHECK(twin.is_linear == Law::is_linear);
    CHECK(twin.largest_step == Law::largest_step);
    check_equal(twin.step_scale<double>(p.data()), scale);
  });
}

TEST_CASE("a built-in law written as an expression has the same deviations and contrasts, however small the nudge") {
  at_twins([]<class Law>(const ExpressionLaw& twin, const LawValues& p, double z, double scale) {
    for (const double ratio : {1e-12, -1e-7, 0.04, -0.9, 8.0}) {
      CAPTURE(ratio);
      const double d = ratio * scale;
      double f = 0, slope = 0, own_f = 0, own_slope = 0;
      Law::template deviation<double>(p.data(), z, d, f, slope);
      twin.deviation<double>(p.data(), z, d, own_f, own_slope);
      const double end = z + d, largest = std::max(std::abs(z), std::abs(end));
      const double terms = std::abs(p[0]) + (std::is_same_v<Law, PolynomialLaw> ? std::abs(p[1]) * largest + std::abs(p[2]) * largest * largest : 0);
      check_equal(own_f, f, terms * std::abs(d));
      check_equal(own_slope, slope, terms);
      double expected[max_law_parameters] = {}, own[max_law_parameters] = {};
      Law::template potential_contrast<double>(p.data(), z, d, expected);
      twin.potential_contrast<double>(p.data(), z, d, own);
      double ends[2][max_law_parameters] = {};
      twin.law_by_parameter<double>(p.data(), z, ends[0]);
      twin.law_by_parameter<double>(p.data(), end, ends[1]);
      // In saturation the built-in formula takes differences of terms of size k1 d/z0, to their round-off.
      const double saturated = 1e-3 * std::abs(p[1] * d / scale);
      for (std::size_t s = 0; s < Law::parameters.size(); ++s)
        check_equal(own[s], expected[s], std::abs(d) * std::max(std::abs(ends[0][s]), std::abs(ends[1][s])) + saturated);
    }
  });
}

TEST_CASE("a junction written as an expression equals the built-in one") {
  const auto law = law_of("is*(exp(z/(n*vt))-1)", {{"is", 1e-14}, {"n", 1}, {"vt", JunctionLaw::thermal_voltage}});
  const double p[] = {1e-14, 1, JunctionLaw::thermal_voltage};
  CHECK(law->step_scale<double>(p) == doctest::Approx(JunctionLaw::step_scale<double>(p)).epsilon(1e-14));
  CHECK(law->largest_step == JunctionLaw::largest_step);
  for (const double v : {-30.0, -0.1, 0.3, 0.7}) {
    double f = 0, slope = 0;
    JunctionLaw::evaluate<double>(p, v, f, slope);
    CHECK(f_of(*law, p, v) == doctest::Approx(f).epsilon(1e-12));
    CHECK(slope_of(*law, p, v) == doctest::Approx(slope).epsilon(1e-12));
    CHECK(law->potential<double>(p, v) == doctest::Approx(JunctionLaw::potential<double>(p, v)).epsilon(1e-12));
  }
}

TEST_CASE("slope and potential of an expression law belong to its value") {
  at_points([](const ExpressionLaw& law, const LawValues& p, double z) {
    const double h = 1e-3 * std::abs(z);
    const auto slope = static_cast<double>(derivative([&](long double x) { return f_of(law, p.data(), z + static_cast<double>(x)); }, h));
    CHECK(slope_of(law, p.data(), z) == doctest::Approx(slope).epsilon(1e-8));
    const auto f = static_cast<double>(derivative([&](long double x) { return law.potential<double>(p.data(), z + static_cast<double>(x)); }, h));
    CHECK(f_of(law, p.data(), z) == doctest::Approx(f).epsilon(1e-8));
    CHECK(law.potential<double>(p.data(), 0.0) == 0);
  });
}

TEST_CASE("derivatives of an expression law and its potential by every parameter equal their differences") {
  at_points([](const ExpressionLaw& law, const LawValues& p, double z) {
    double by_law[max_law_parameters] = {}, by_potential[max_law_parameters] = {};
    law.law_by_parameter<double>(p.data(), z, by_law);
    law.potential_by_parameter<double>(p.data(), z, by_potential);
    for (std::size_t s = 0; s < law.parameters().size(); ++s) {
      CAPTURE(law.parameters()[s].name);
      const auto moved = [&](long double x) {
        auto q = p;
        q[s] += static_cast<double>(x);
        return q;
      };
      const double h = 1e-3 * p[s];
      const auto law_slope = derivative([&](long double x) { return f_of(law, moved(x).data(), z); }, h);
      const auto potential_slope = derivative([&](long double x) { return law.potential<double>(moved(x).data(), z); }, h);
      CHECK(by_law[s] == doctest::Approx(static_cast<double>(law_slope)).epsilon(1e-8));
      CHECK(by_potential[s] == doctest::Approx(static_cast<double>(potential_slope)).epsilon(1e-8));
    }
  });
}

TEST_CASE("deviation and contrast of an expression law are differences, and do not drown when the nudge is small") {
  at_points([](const ExpressionLaw& law, const LawValues& p, double z) {
    for (const double d : {1e-12, -1e-9, 0.3, -1.1}) {
      CAPTURE(d);
      double f = 0, slope = 0, contrast[max_law_parameters] = {};
      law.deviation<double>(p.data(), z, d, f, slope);
      law.potential_contrast<double>(p.data(), z, d, contrast);
      CHECK(slope == slope_of(law, p.data(), z + d));
      if (std::abs(d) > 0.1) {
        CHECK(f == doctest::Approx(f_of(law, p.data(), z + d) - f_of(law, p.data(), z)).epsilon(1e-12));
        double start[max_law_parameters] = {}, end[max_law_parameters] = {};
        law.potential_by_parameter<double>(p.data(), z, start);
        law.potential_by_parameter<double>(p.data(), z + d, end);
        for (std::size_t s = 0; s < law.parameters().size(); ++s)
          CHECK(std::abs(contrast[s] - (end[s] - start[s])) <= 1e-12 * (std::abs(end[s]) + std::abs(start[s])));
      } else {
        const double middle = z + 0.5 * d;
        CHECK(f == doctest::Approx(d * slope_of(law, p.data(), middle)).epsilon(1e-9));
        double slopes[max_law_parameters] = {};
        law.law_by_parameter<double>(p.data(), middle, slopes);
        for (std::size_t s = 0; s < law.parameters().size(); ++s) CHECK(contrast[s] == doctest::Approx(d * slopes[s]).epsilon(1e-9));
      }
    }
  });
}

TEST_CASE("potentials with kinks and steps are integrated to round-off") {
  const auto kink = law_of("k*abs(z)+k*max(z-1,0)", {{"k", 2}});
  const double k = 2;
  CHECK(kink->potential<double>(&k, 3.0) == doctest::Approx(9 + 4).epsilon(1e-13));
  CHECK(kink->potential<double>(&k, -3.0) == doctest::Approx(-9).epsilon(1e-13));
  const auto step = law_of("k*u(z-0.3)", {{"k", 2}});
  CHECK(step->potential<double>(&k, 1.0) == doctest::Approx(1.4).epsilon(1e-13));
  // Odd around the middle: the two halves cancel, and the quadrature must not chase their round-off.
  double contrast = 1;
  law_of("k*tanh(3*z)", {{"k", 2}})->potential_contrast<double>(&k, -1.0, 2.0, &contrast);
  CHECK(std::abs(contrast) < 1e-15);
}

TEST_CASE("lanes of an expression law equal its numbers, sample by sample") {
  using Wide = Lane<4>;
  at_points([](const ExpressionLaw& law, const LawValues& p, double z) {
    Wide own[max_law_parameters], x, d, f, slope, out[max_law_parameters];
    for (std::size_t i = 0; i < Wide::width(); ++i) {
      const double factor = 1 + 0.1 * static_cast<double>(i);
      for (std::size_t s = 0; s < p.size(); ++s) own[s][i] = p[s] * factor;
      x[i] = z * factor;
      d[i] = 0.01 * factor;
    }
    const auto sample = [&](std::size_t i) {
      LawValues q{};
      for (std::size_t s = 0; s < q.size(); ++s) q[s] = own[s][i];
      return q;
    };
    const Wide potential = law.potential<Wide>(own, x), scale = law.step_scale<Wide>(own);
    law.evaluate<Wide>(own, x, f, slope);
    for (std::size_t i = 0; i < Wide::width(); ++i) {
      const auto q = sample(i);
      CHECK(f[i] == f_of(law, q.data(), x[i]));
      CHECK(slope[i] == slope_of(law, q.data(), x[i]));
      CHECK(potential[i] == law.potential<double>(q.data(), x[i]));
      CHECK(scale[i] == law.step_scale<double>(q.data()));
    }
    law.deviation<Wide>(own, x, d, f, slope);
    for (std::size_t i = 0; i < Wide::width(); ++i) {
      double narrow_f = 0, narrow_slope = 0;
      law.deviation<double>(sample(i).data(), x[i], d[i], narrow_f, narrow_slope);
      CHECK(f[i] == narrow_f);
      CHECK(slope[i] == narrow_slope);
    }
    const auto check_list = [&](auto wide, auto narrow) {
      wide();
      for (std::size_t i = 0; i < Wide::width(); ++i) {
        double expected[max_law_parameters] = {};
        narrow(sample(i).data(), x[i], d[i], expected);
        for (std::size_t s = 0; s < law.parameters().size(); ++s) CHECK(out[s][i] == expected[s]);
      }
    };
    check_list([&] { law.law_by_parameter<Wide>(own, x, out); },
               [&](const double* q, double v, double, double* e) { law.law_by_parameter<double>(q, v, e); });
    check_list([&] { law.potential_by_parameter<Wide>(own, x, out); },
               [&](const double* q, double v, double, double* e) { law.potential_by_parameter<double>(q, v, e); });
    check_list([&] { law.potential_contrast<Wide>(own, x, d, out); },
               [&](const double* q, double v, double by, double* e) { law.potential_contrast<double>(q, v, by, e); });
  });
}

TEST_CASE("an expression law is linear when its slope does not depend on z") {
  CHECK(law_of("k*z", {{"k", 1}})->is_linear);
  CHECK(law_of("2*z*k/(1+k)-z/r", {{"k", 1}, {"r", 3}})->is_linear);
  CHECK_FALSE(law_of("k*z+a*z^2", {{"k", 1}, {"a", 0}})->is_linear);
  CHECK_FALSE(law_of("k*max(z,0)+tanh(z)", {{"k", 1}})->is_linear);
}

TEST_CASE("Newton steps of an expression law are limited where its slope grows exponentially, and only there") {
  const double p[] = {0.5};
  for (const char* text : {"exp(z/b)-1", "sinh(z/b)", "2^(z/b)-1", "z+z^2*exp(z/b)", "pow(3,z/b)-1", "exp(z^2/b)-1"}) {
    CAPTURE(text);
    CHECK(law_of(text, {{"b", 0.5}})->largest_step == 4);
  }
  for (const char* text : {"tanh(z/b)", "z^3/b", "1/(1+exp(-z/b))-0.5", "sin(z/b)", "z*exp(-(z/b)^2)", "b*z"}) {
    CAPTURE(text);
    CHECK(std::isinf(law_of(text, {{"b", 0.5}})->largest_step));
  }
  CHECK(law_of("exp(z/b)-1", {{"b", 0.5}})->step_scale<double>(p) == doctest::Approx(0.5));
  CHECK(law_of("2^(z/b)-1", {{"b", 0.5}})->step_scale<double>(p) == doctest::Approx(0.5 / std::log(2.0)));
  CHECK(law_of("tanh(z/b)", {{"b", 0.5}})->step_scale<double>(p) == doctest::Approx(0.5));
  CHECK(law_of("tanh(z/1m)+sinh(z/b)", {{"b", 0.5}})->step_scale<double>(p) == doctest::Approx(0.5));
  CHECK(law_of("z/b", {{"b", 0.5}})->step_scale<double>(p) == 1);
  const double scale = law_of("exp(z^2/b)-1", {{"b", 0.5}})->step_scale<double>(p);
  CHECK(scale > 0.4);
  CHECK(scale < 1.5);
  CHECK(law_of("z+a*sinh(z)", {{"a", 0}})->largest_step == 4);  // an amplitude that is learnt from zero
}

TEST_CASE("parameters of an expression law keep their order and their first values, and have no unit") {
  const auto law = law_of("a*tanh(z/b)+k*z", {{"k", 1e-3}, {"a", 2}, {"b", 0.5}});
  REQUIRE(law->parameters().size() == 3);
  CHECK(law->parameters()[0].name == "k");
  CHECK(law->parameters()[1].name == "a");
  CHECK(law->parameters()[2].name == "b");
  CHECK(law->parameters()[0].default_value == 1e-3);
  CHECK(law->parameters()[0].role == ParameterRole::named);
  CHECK(unit_of(ParameterRole::named, {}).empty());
}

TEST_CASE("an expression that is no law is refused with its place and what is wrong") {
  CHECK(message("k*z+q", {{"k", 1}}) == "d.cir:7: C1: expression \"k*z+q\": unknown name \"q\"; known are k, z");
  CHECK(message("k*z", {{"k", 1}, {"q", 1}}) == "d.cir:7: C1: parameter \"q\" does not occur in f = \"k*z\"");
  CHECK(message("z", {{"z", 1}}) == "d.cir:7: C1: no parameter may be called z, which is the controlling variable");
  CHECK(message("k*z", {{"k", 1}, {"k", 2}}) == "d.cir:7: C1: parameter \"k\" is given twice");
  CHECK(message("k*cos(z)", {{"k", 2}}) == "d.cir:7: C1: f(0) = 2, laws have f(0) = 0; f = \"k*cos(z)\"");
  CHECK(message("ln(z)", {}) == "d.cir:7: C1: f(0) = -inf, laws have f(0) = 0; f = \"ln(z)\"");
  CHECK(message("z/z", {}).find("nan, laws have f(0) = 0") != std::string::npos);
  CHECK(message("z+c-0.5", {{"c", 0.5}}) ==
        "d.cir:7: C1: f(0) = 0.125 at c = 0.625, laws have f(0) = 0 whatever their parameters; f = \"z+c-0.5\"");
  CHECK(message("tanh(z-c)+tanh(c)", {{"c", 0.3}}) == "no error");
  CHECK(message("sqrt(1-c)*z+asin(c)*z", {{"c", 0.9}}) == "no error");
  std::string sum = "z";
  std::vector<NamedValue> many;
  for (int i = 0; i <= max_law_parameters; ++i) {
    many.push_back({"k" + std::to_string(i), 1});
    sum += "*" + many.back().name;
  }
  CHECK(message(sum, many) == "d.cir:7: C1: a law takes at most " + std::to_string(max_law_parameters) + " parameters, got " +
                                  std::to_string(max_law_parameters + 1));
}
