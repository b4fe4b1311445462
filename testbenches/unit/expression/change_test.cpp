#include <doctest/doctest.h>

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "hw_models/expression/expression.hpp"

using namespace tellegen;

namespace {

using Precise = boost::multiprecision::cpp_bin_float_100;
using Function = Precise (*)(const Precise& x, const Precise& y);

struct Case {
  const char* text;  ///< in x, and y where it occurs
  Function exact;
  double low, high;  // of x; y lies in 0.5 to 2
};

Precise inverse_hyperbolic_sine(const Precise& x) {
  const Precise size = log(abs(x) + sqrt(x * x + 1));
  return x < 0 ? Precise(-size) : size;
}

const Case cases[] = {
    {"x+y", [](const Precise& x, const Precise& y) { return Precise(x + y); }, 0.1, 5},
    {"-x", [](const Precise& x, const Precise&) { return Precise(-x); }, -5, 5},
    {"x*x", [](const Precise& x, const Precise&) { return Precise(x * x); }, 0.1, 5},
    {"x*y", [](const Precise& x, const Precise& y) { return Precise(x * y); }, 0.1, 5},
    {"x/(1+y)", [](const Precise& x, const Precise& y) { return Precise(x / (1 + y)); }, 20, 50},
    {"1/x", [](const Precise& x, const Precise&) { return Precise(1 / x); }, 0.1, 5},
    {"exp(x)", [](const Precise& x, const Precise&) { return Precise(exp(x)); }, -20, 20},
    {"exp(-x*y)", [](const Precise& x, const Precise& y) { return Precise(exp(-x * y)); }, 0.1, 5},
    {"ln(x)", [](const Precise& x, const Precise&) { return Precise(log(x)); }, 0.01, 50},
    {"log10(x)", [](const Precise& x, const Precise&) { return Precise(log(x) / log(Precise(10))); }, 0.01, 50},
    {"sqrt(x)", [](const Precise& x, const Precise&) { return Precise(sqrt(x)); }, 0.01, 50},
    {"sinh(x)", [](const Precise& x, const Precise&) { return Precise(sinh(x)); }, -20, 20},
    {"cosh(x)", [](const Precise& x, const Precise&) { return Precise(cosh(x)); }, 0.1, 20},
    {"tanh(x)", [](const Precise& x, const Precise&) { return Precise(tanh(x)); }, -30, 30},
    {"asinh(x)", [](const Precise& x, const Precise&) { return inverse_hyperbolic_sine(x); }, -30, 30},
    {"acosh(x)", [](const Precise& x, const Precise&) { return Precise(log(x + sqrt(x * x - 1))); }, 1.1, 30},
    {"atan(x)", [](const Precise& x, const Precise&) { return Precise(atan(x)); }, -10, 10},
    {"atan(-1e3*x)", [](const Precise& x, const Precise&) { return Precise(atan(-1000 * x)); }, -0.1, 10},
    {"x^2", [](const Precise& x, const Precise&) { return Precise(x * x); }, 0, 5},
    {"x^3", [](const Precise& x, const Precise&) { return Precise(x * x * x); }, 0, 5},
    {"x**7", [](const Precise& x, const Precise&) { return Precise(pow(x, 7)); }, 0, 5},
    {"x^-3", [](const Precise& x, const Precise&) { return Precise(1 / (x * x * x)); }, 0.1, 5},
    {"x^19", [](const Precise& x, const Precise&) { return Precise(pow(x, 19)); }, 0.5, 2},
    {"x^2.5", [](const Precise& x, const Precise&) { return Precise(x * x * sqrt(x)); }, 0.1, 5},
    {"x^-0.5", [](const Precise& x, const Precise&) { return Precise(1 / sqrt(x)); }, 0.1, 5},
    {"pwr(x,1.5)", [](const Precise& x, const Precise&) { return Precise(x * sqrt(x)); }, 0.1, 5},
    {"(1.5+x)^y", [](const Precise& x, const Precise& y) { return Precise(pow(Precise(1.5) + x, y)); }, 0.1, 5},
    {"y^2.5*2^x", [](const Precise& x, const Precise& y) { return Precise(y * y * sqrt(y) * pow(Precise(2), x)); }, 0.1, 5},
    {"hypot(x,y)", [](const Precise& x, const Precise& y) { return Precise(sqrt(x * x + y * y)); }, 0.1, 5},
    {"abs(-x)", [](const Precise& x, const Precise&) { return Precise(x); }, 0.1, 5},
    {"max(x,-y)", [](const Precise& x, const Precise&) { return Precise(x); }, 0.1, 5},
    {"min(x*x,1e6,2e6+y)", [](const Precise& x, const Precise&) { return Precise(x * x); }, 0.1, 5},
    {"limit(x^3,-1,1e6)", [](const Precise& x, const Precise&) { return Precise(x * x * x); }, 0.1, 5},
    {"x>0 ? x*x : 3", [](const Precise& x, const Precise&) { return Precise(x * x); }, 0.1, 5},
    {"1e6+x", [](const Precise& x, const Precise&) { return Precise(x); }, 0.1, 5},
    {"3-exp(x/4)*sqrt(1.5+x^2)",
     [](const Precise& x, const Precise&) { return Precise(-exp(x / 4) * sqrt(Precise(1.5) + x * x)); }, 0.1, 5},
    {"x+2*tanh(x/0.25)", [](const Precise& x, const Precise&) { return Precise(x + 2 * tanh(x * 4)); }, -5, 5},
};

/// Functions whose domain, or whose zeros of slope, leave room for smaller steps only.
const Case bounded_cases[] = {
    {"sin(x)", [](const Precise& x, const Precise&) { return Precise(sin(x)); }, -1.2, 1.2},
    {"cos(x)", [](const Precise& x, const Precise&) { return Precise(cos(x)); }, 0.2, 2.5},
    {"tan(x)", [](const Precise& x, const Precise&) { return Precise(tan(x)); }, -1, 1},
    {"asin(x)", [](const Precise& x, const Precise&) { return Precise(asin(x)); }, -0.8, 0.8},
    {"acos(x)", [](const Precise& x, const Precise&) { return Precise(acos(x)); }, -0.8, 0.8},
    {"atanh(x)", [](const Precise& x, const Precise&) { return Precise(log((1 + x) / (1 - x)) / 2); }, -0.8, 0.8},
    {"atan2(y,x)", [](const Precise& x, const Precise& y) { return Precise(atan2(y, x)); }, 3, 5},
    {"atan2(x,-y)", [](const Precise& x, const Precise& y) { return Precise(atan2(x, -y)); }, 3, 5},
};

double change_of(const Expression& f, double x, double dx, double y, double dy) {
  std::vector<double> at, by;
  for (const auto& name : f.variables()) {
    at.push_back(name == "x" ? x : y);
    by.push_back(name == "x" ? dx : dy);
  }
  return f.change(at, by);
}

void check(const Case& c, std::mt19937& random, std::initializer_list<double> steps, bool both_signs) {
  CAPTURE(c.text);
  const auto f = Expression::parse(c.text, {}, "");
  std::uniform_real_distribution<double> of_x(c.low, c.high), of_y(0.5, 2);
  for (const double step : steps)
    for (int i = 0; i < 12; ++i) {
      const double x = of_x(random), y = of_y(random);
      const double dx = both_signs && i % 2 == 1 ? -step : step;
      // In half of the cases both move, the second so little that no result crosses zero.
      const double dy = i % 4 < 2 ? 0.0 : dx * 1e-3;
      CAPTURE(x);
      CAPTURE(y);
      CAPTURE(dx);
      CAPTURE(dy);
      const auto exact = static_cast<double>(c.exact(Precise(x) + dx, Precise(y) + dy) - c.exact(Precise(x), Precise(y)));
      // Round-off times the condition of a function's own argument, below 60 here.
      CHECK(std::abs(change_of(f, x, dx, y, dy) - exact) <= 2e-14 * std::abs(exact) + 1e-300);
    }
}

}  // namespace

TEST_CASE("change of every operation keeps its relative precision however small the step") {
  std::mt19937 random(3);
  for (const auto& c : cases) check(c, random, {1e-14, 1e-10, 1e-6, 1e-3, 0.04}, c.low > 0.05 || c.low < 0);
  for (const auto& c : bounded_cases) check(c, random, {1e-14, 1e-10, 1e-6, 1e-3, 0.04, 0.15}, true);
}

TEST_CASE("change of every operation keeps its relative precision for steps that leave the neighbourhood") {
  std::mt19937 random(4);
  for (const auto& c : cases) check(c, random, {0.3, 1, 3, 10}, false);
}

TEST_CASE("change is the difference of the values where steps and choices are crossed") {
  const auto change = [](const char* text, double x, double dx) {
    return change_of(Expression::parse(text, {}, ""), x, dx, 0, 0);
  };
  CHECK(change("abs(x)", -1, 3) == 1);
  CHECK(change("x^2", -1, 3) == 3);
  CHECK(change("x^3", -1, 3) == 9);
  CHECK(change("x^0", -1, 3) == 0);
  CHECK(change("pwr(x,2)", -1, 3) == 5);
  CHECK(change("sqrt(x)", 0, 4) == 2);
  CHECK(change("hypot(x,0)", 0, -4) == 4);
  CHECK(change("floor(x)", 0.5, 2) == 2);
  CHECK(change("ceil(x)", 0.5, 2) == 2);
  CHECK(change("sgn(x)", -1, 3) == 2);
  CHECK(change("u(x)", -1, 3) == 1);
  CHECK(change("(x>0)+(x>=2)+(x<0)+(x==2)+!(x!=2)", -1, 3) == 3);
  CHECK(change("(x>0&&x>1)-(x<0||x>5)", -1, 3) == 2);
  CHECK(change("x%2", 0.5, 1) == 1);
  CHECK(change("x%2", 0.5, 2) == 0);
  CHECK(change("x%2", -0.5, 1) == 1);
  CHECK(change("min(x,1)", 0, 3) == 1);
  CHECK(change("max(x,1,0.5)", 0, 3) == 2);
  CHECK(change("limit(x,2,-1)", -3, 10) == 3);
  CHECK(change("x<0 ? x : 10*x", -1, 3) == 21);
  CHECK(change("x ? 1 : 2", 0, 3) == -1);
  CHECK(change("asin(x)", -1, 2) == doctest::Approx(std::acos(-1.0)));
  CHECK(change("atan(x)", -1e9, 2e9) == doctest::Approx(2 * std::atan(1e9)).epsilon(1e-15));
  CHECK(change("atan2(x,-1)", -0.5, 1) == doctest::Approx(2 * std::atan2(0.5, -1)).epsilon(1e-15));
}

TEST_CASE("change near the ends of a domain is exact to round-off") {
  const auto change = [](const char* text, double x, double dx) {
    return change_of(Expression::parse(text, {}, ""), x, dx, 0, 0);
  };
  for (const double d : {1e-14, 1e-9, 1e-3}) {
    CAPTURE(d);
    const Precise left = 1 - Precise(d);
    CHECK(change("acos(x)", 1, -d) == doctest::Approx(static_cast<double>(acos(left))).epsilon(1e-13));
    CHECK(change("acosh(x)", 1, d) ==
          doctest::Approx(static_cast<double>(log(1 + Precise(d) + sqrt(Precise(d) * (2 + Precise(d)))))).epsilon(1e-13));
    CHECK(change("ln(x)", 1, -1 + d) == doctest::Approx(std::log(1 + (-1 + d))).epsilon(1e-13));
  }
}

TEST_CASE("change does not overflow where the values do not") {
  const auto change = [](const char* text, double x, double dx) {
    return change_of(Expression::parse(text, {}, ""), x, dx, 0, 0);
  };
  CHECK(change("tanh(x)", -1e4, 2e4) == 2);
  CHECK(change("tanh(x)", 0, 1e4) == 1);
  CHECK(change("tanh(x)", 1e4, -1e4) == -1);
  CHECK(change("exp(x)", -1e4, 1e4) == 1);
  CHECK(change("exp(x)", 0, -1e4) == -1);
  CHECK(change("1/cosh(x)", -1e4, 1e4) == 1);
  CHECK(change("tanh(tanh(x))", 1e4, 1) == 0);
  CHECK(change("0*exp(x)+3", 1, 5) == 0);
  CHECK(change("x+exp(-x)", 800, 1e-9) == 1e-9);
}

TEST_CASE("change of a derivative is as precise as that of the expression") {
  const auto slope = Expression::parse("3*tanh(x/0.5)+sinh(x)", {}, "").derivative("x");
  for (const double x : {0.3, 2.0, 12.0})
    for (const double d : {1e-12, -1e-5, 0.5}) {
      const auto exact = [](const Precise& at) { return Precise(6 / (cosh(2 * at) * cosh(2 * at)) + cosh(at)); };
      const auto expected = static_cast<double>(exact(Precise(x) + d) - exact(Precise(x)));
      CHECK(change_of(slope, x, d, 0, 0) == doctest::Approx(expected).epsilon(2e-13));
    }
}
