#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "hw_models/expression/expression.hpp"

using namespace tellegen;

namespace {

Expression read(const std::string& text) { return Expression::parse(text, {"d.cir", 1}, "test"); }

/// Value of an expression in x and y, either of which it may lack.
double at(const Expression& f, double x, double y = 0) {
  return f.evaluate([&](std::string_view name) { return std::optional(name == "x" ? x : y); });
}

struct Measured {
  double slope = 0, uncertainty = std::numeric_limits<double>::infinity();
};

/// Slope by central differences of shrinking steps, extrapolated to step 0 (Ridders).
template <class F>
Measured measured_slope(F f, double x, double step) {
  constexpr int rows = 12;
  constexpr double shrink = 1.4;
  std::array<std::array<double, rows>, rows> table{};
  Measured best;
  for (int i = 0; i < rows; ++i, step /= shrink) {
    table[0][i] = (f(x + step) - f(x - step)) / (2 * step);
    double factor = shrink * shrink;
    for (int j = 1; j <= i; ++j, factor *= shrink * shrink) {
      table[j][i] = (table[j - 1][i] * factor - table[j - 1][i - 1]) / (factor - 1);
      const double error =
          std::max(std::abs(table[j][i] - table[j - 1][i]), std::abs(table[j][i] - table[j - 1][i - 1]));
      if (error < best.uncertainty) best = {table[j][i], error};
    }
  }
  return best;
}

struct Case {
  const char* text;
  double low, high;  // of x, and of y where it occurs
};

constexpr Case smooth[] = {
    {"sin(3*x)", -4, 4},
    {"cos(x*x)", -2, 2},
    {"tan(x)", -1.4, 1.4},
    {"asin(x)", -0.95, 0.95},
    {"acos(x)", -0.95, 0.95},
    {"atan(2*x)", -5, 5},
    {"sinh(x)", -5, 5},
    {"cosh(x)", -5, 5},
    {"tanh(x/2)", -6, 6},
    {"asinh(x)", -20, 20},
    {"acosh(x)", 1.1, 20},
    {"atanh(x)", -0.95, 0.95},
    {"exp(-x)", -10, 10},
    {"ln(x)", 0.1, 30},
    {"log(x)", 0.1, 30},
    {"log10(x)", 0.1, 30},
    {"sqrt(x)", 0.1, 9},
    {"x^2", -3, 3},
    {"x^3", -3, 3},
    {"x^-2", 0.3, 3},
    {"(-x)^-3", 0.3, 3},
    {"x^0.3", 0.2, 3},
    {"x**2.5", 0.2, 3},
    {"2^x", -3, 3},
    {"x^y", 0.2, 3},
    {"pow(x,y)", 0.2, 3},
    {"x^x", 0.3, 3},
    {"pwr(x,1.7)", -3, -0.3},
    {"pwr(x,1.7)", 0.3, 3},
    {"pwr(-x,y)", 0.3, 3},
    {"hypot(x,y)", -3, 3},
    {"atan2(x,y)", 0.2, 3},
    {"atan2(-y,x)", 0.2, 3},
    {"x+y-x*y", -3, 3},
    {"x/y", 0.3, 3},
    {"(1+x)/(2+y*y)", -3, 3},
    {"-x*-y", -3, 3},
    {"abs(x)", 0.1, 3},
    {"abs(x)", -3, -0.1},
    {"x*floor(y)+ceil(y)*x", 0.1, 0.9},
    {"x*sgn(y)+u(x)*x", 0.1, 0.9},
    {"(7.3+x)%2", 0.1, 0.6},
    {"9.7%(4+x)", 0.1, 0.7},
    {"-9.7%(4+x)", 0.1, 0.7},
    {"min(x^2,5+y,9)", 0.1, 2},
    {"min(7,5+y,x^3)", 0.1, 1.5},
    {"max(x^2,y-5,-9)", 0.1, 2},
    {"max(x,y,x*y+3)", 0.1, 2},
    {"limit(x^2,-1,9)", 0.1, 2},
    {"limit(x^2,6+y,9)", 0.1, 2},
    {"limit(x*y+20,6+y,9*x)", 0.1, 0.3},
    {"x>0 ? x^2 : y", 0.1, 2},
    {"x<0 ? x^2 : sin(x*y)", 0.1, 2},
    {"x*(x<9&&y<9)+y*(x<9||y>9)+!x", 0.1, 2},
    {"x*(x<=9)+x*(x>=9)+x*(x==9)+x*(x!=9)", 0.1, 2},
};

}  // namespace

TEST_CASE("derivative of every operation equals its differences") {
  std::mt19937 random(7);
  for (const auto& [text, low, high] : smooth) {
    CAPTURE(text);
    const auto f = read(text);
    for (const std::string name : {"x", "y"}) {
      const auto slope = f.derivative(name);
      for (int i = 0; i < 20; ++i) {
        std::uniform_real_distribution<double> uniform(low, high);
        const double x = uniform(random), y = uniform(random);
        CAPTURE(name);
        CAPTURE(x);
        CAPTURE(y);
        const bool by_x = name == "x";
        const auto value = [&](double moved) { return by_x ? at(f, moved, y) : at(f, x, moved); };
        const auto measured = measured_slope(value, by_x ? x : y, 0.02 * std::abs(by_x ? x : y));
        const double exact = at(slope, x, y);
        REQUIRE(measured.uncertainty < 1e-7);
        CHECK(std::abs(exact - measured.slope) <= 1e-8 * std::abs(exact) + 2e-11 * (1 + std::abs(at(f, x, y))));
      }
    }
  }
}

TEST_CASE("second derivative of every operation equals the differences of the first") {
  std::mt19937 random(8);
  for (const auto& [text, low, high] : smooth) {
    CAPTURE(text);
    const auto first = read(text).derivative("x");
    const auto second = first.derivative("x");
    for (int i = 0; i < 5; ++i) {
      std::uniform_real_distribution<double> uniform(low, high);
      const double x = uniform(random), y = uniform(random);
      const auto measured = measured_slope([&](double moved) { return at(first, moved, y); }, x, 0.02 * std::abs(x));
      const double exact = at(second, x, y);
      CHECK(std::abs(exact - measured.slope) <= 1e-8 * std::abs(exact) + 2e-11 * (1 + std::abs(at(first, x, y))));
    }
  }
}

TEST_CASE("powers have their slopes at zero and at negative bases") {
  CHECK(at(read("x^2").derivative("x"), 0) == 0);
  CHECK(at(read("x^2").derivative("x"), -3) == -6);
  CHECK(at(read("x^3").derivative("x"), -2) == 12);
  CHECK(at(read("x^1").derivative("x"), 0) == 1);
  CHECK(at(read("x^0").derivative("x"), 0) == 0);
  CHECK(at(read("x^y").derivative("x"), -2, 3) == 12);
  CHECK(at(read("x^y").derivative("x"), 0, 1) == 1);
  CHECK(at(read("x^y").derivative("y"), 0, 2) == 0);
  CHECK(std::isnan(at(read("x^y").derivative("y"), -1, 2)));
  CHECK(at(read("pwr(x,y)").derivative("y"), 0, 2) == 0);
  CHECK(at(read("pwr(x,2)").derivative("x"), -3) == 6);
}

TEST_CASE("slopes at jumps and kinks are those of one side, and steps have none") {
  CHECK(at(read("abs(x)").derivative("x"), 0) == 0);
  CHECK(at(read("hypot(x,0)").derivative("x"), 0) == 0);
  CHECK(at(read("max(x,0)").derivative("x"), 0) == 1);
  CHECK(at(read("max(0,x)").derivative("x"), 0) == 0);
  CHECK(at(read("max(0,x)").derivative("x"), 1e-9) == 1);
  CHECK(at(read("limit(x,-1,1)").derivative("x"), 1) == 1);
  CHECK(at(read("limit(x,1,-1)").derivative("x"), 1.5) == 0);
  CHECK(at(read("min(x,y)").derivative("y"), 3, 2) == 1);
  for (const char* text : {"floor(x)", "ceil(x)", "sgn(x)", "u(x)", "x<1", "x<=1", "x>1", "x>=1", "x==1", "x!=1",
                           "x&&1", "x||1", "!x", "floor(x)*u(x)-(x<3)"}) {
    CAPTURE(text);
    CHECK(read(text).derivative("x").constant_value() == 0.0);
  }
}

TEST_CASE("derivatives of hyperbolic functions keep their digits in saturation and stay finite") {
  const auto slope = read("tanh(x)").derivative("x");
  for (const double x : {20.0, 40.0, 300.0, -300.0})
    CHECK(at(slope, x) == doctest::Approx(4 * std::exp(-2 * std::abs(x))).epsilon(1e-12));
  for (const double x : {400.0, 1000.0, -1e6}) {
    CHECK(at(slope, x) == 0);
    CHECK(at(slope.derivative("x"), x) == 0);
  }
}

TEST_CASE("derivatives come in their simplest form") {
  CHECK(read("3*x+7").derivative("x").constant_value() == 3.0);
  CHECK(read("x/4-2*(x-y)").derivative("x").constant_value() == -1.75);
  CHECK(read("k*x+a*tanh(y)").derivative("x").derivative("x").constant_value() == 0.0);
  CHECK(read("k*x^1+x*(y-2)/r").derivative("x").derivative("x").constant_value() == 0.0);
  CHECK(read("x^2").derivative("x").derivative("x").constant_value() == 2.0);
  CHECK(read("x^2").derivative("x").derivative("x").derivative("x").constant_value() == 0.0);
  CHECK(read("sin(y)").derivative("x").constant_value() == 0.0);
  CHECK(read("sin(y)").derivative("no such name").constant_value() == 0.0);
  CHECK_FALSE(read("a*sin(y)").derivative("a").depends_on("a"));
  CHECK(read("a*a*sin(y)").derivative("a").depends_on("a"));
}

TEST_CASE("a derivative takes its variables as the expression does") {
  const auto f = read("a*x+b*y");
  const auto slope = f.derivative("x");
  REQUIRE(slope.variables().size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(slope.variables()[i] == f.variables()[i]);
  CHECK(slope.evaluate(std::vector{5.0, 1.0, 7.0, 2.0}) == 5);
}

TEST_CASE("an expression is given its variables in another order, and refuses to lose one") {
  const std::vector<std::string> order{"c", "b", "a"}, lacking{"a", "c"};
  const auto f = read("a-10*b").in_variables(order);
  CHECK(f.evaluate(std::vector{100.0, 2.0, 3.0}) == -17);
  CHECK(f.derivative("a").constant_value() == 1.0);
  CHECK_FALSE(f.depends_on("c"));
  CHECK_THROWS_WITH_AS(static_cast<void>(read("a-10*b").in_variables(lacking)),
                       "d.cir:1: test: expression \"a-10*b\": unknown name \"b\"; known are a, c", InputError);
}

TEST_CASE("the operands of every occurrence of a function are found, shared ones once") {
  const auto f = read("exp(2*x)+exp(y)*x-exp(2*x)");
  const auto found = f.operands_of(OperationId::exp);
  REQUIRE(found.size() == 2);
  CHECK(at(found[0][0], 3, 5) == 6);
  CHECK(at(found[1][0], 3, 5) == 5);
  CHECK(f.operands_of(OperationId::sinh).empty());
}

TEST_CASE("derivatives of long products do not grow out of hand") {
  std::string text = "1";
  for (int i = 1; i <= 60; ++i) text += "*(x+" + std::to_string(i) + ")";
  auto f = read(text);
  double log_value = 0, sum = 0;
  for (int i = 1; i <= 60; ++i) log_value += std::log(0.5 + i), sum += 1 / (0.5 + i);
  const auto first = f.derivative("x");
  CHECK(at(first, 0.5) == doctest::Approx(std::exp(log_value) * sum));
  // 2^60 terms if written out; shared, each derivative is a few times as long as what it is the derivative of.
  double squares = 0;
  for (int i = 1; i <= 60; ++i) squares += 1 / ((0.5 + i) * (0.5 + i));
  CHECK(at(first.derivative("x"), 0.5) == doctest::Approx(std::exp(log_value) * (sum * sum - squares)));
  std::string nested = "x";
  for (int i = 0; i < 80; ++i) nested = "sin(" + nested + ")*x";
  CHECK(std::isfinite(at(read(nested).derivative("x"), 0.9)));
}

TEST_CASE("an expression of a hundred thousand terms is differentiated without trouble") {
  std::string text = "x";
  for (int i = 0; i < 100000; ++i) text += "+x*0.5";
  CHECK(read(text).derivative("x").constant_value() == 50001.0);
}

namespace {

/// A random smooth expression in x and y: every function within its domain.
std::string random_expression(std::mt19937& random, int depth) {
  const auto draw = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  if (depth == 0) {
    static const char* leaves[] = {"x", "y", "0.7", "1.3", "(x-y)", "2"};
    return leaves[draw(6)];
  }
  const auto part = [&] { return random_expression(random, depth - 1 - draw(depth > 1 ? 2 : 1)); };
  const auto a = part(), b = part();
  switch (draw(22)) {
    case 0: return "(" + a + "+" + b + ")";
    case 1: return "(" + a + "-" + b + ")";
    case 2: return "(" + a + "*" + b + ")";
    case 3: return "(" + a + "/(2+sin(" + b + ")))";
    case 4: return "sin(" + a + ")";
    case 5: return "cos(" + a + ")";
    case 6: return "tanh(" + a + ")";
    case 7: return "atan(" + a + ")";
    case 8: return "exp(0.4*sin(" + a + "))";
    case 9: return "ln(1.5+cos(" + a + "))";
    case 10: return "sqrt(1+(" + a + ")^2)";
    case 11: return "(1.2+sin(" + a + "))^(" + b + "/(1+(" + b + ")^2))";
    case 12: return "pwr(2+tanh(" + a + ")," + "cos(" + b + "))";
    case 13: return "asinh(" + a + ")";
    case 14: return "atanh(0.8*sin(" + a + "))";
    case 15: return "hypot(" + a + ",1+(" + b + ")^2)";
    case 16: return "atan2(" + a + ",1.5+sin(" + b + "))";
    case 17: return "asin(0.9*tanh(" + a + "))+acos(0.5*cos(" + b + "))";
    case 18: return "cosh(sin(" + a + "))-sinh(cos(" + b + "))";
    case 19: return "(sin(" + a + ")+3)^-2";
    case 20: return "max(" + a + "+20+(" + a + ")^2,-30-(" + b + ")^2)";
    default: return "tan(0.7*cos(" + a + "))*acosh(1.2+(" + b + ")^2)";
  }
}

}  // namespace

TEST_CASE("derivative of any composed expression equals its differences") {
  std::mt19937 random(20210305);
  std::uniform_real_distribution<double> uniform(0.3, 1.7);
  int sharp = 0;
  constexpr int trials = 600;
  for (int trial = 0; trial < trials; ++trial) {
    const auto text = random_expression(random, 4);
    CAPTURE(text);
    const auto f = read(text);
    const double x = uniform(random), y = uniform(random);
    for (const std::string name : {"x", "y"}) {
      const bool by_x = name == "x";
      const auto value = [&](double moved) { return by_x ? at(f, moved, y) : at(f, x, moved); };
      const auto measured = measured_slope(value, by_x ? x : y, 0.02);
      const double exact = at(f.derivative(name), x, y);
      const double size = std::abs(exact) + std::abs(at(f, x, y));
      CHECK(std::abs(exact - measured.slope) <= 1e-7 * std::abs(exact) + 1e-10 * size + 2 * measured.uncertainty);
      sharp += measured.uncertainty <= 1e-8 * (1e-2 + size) ? 1 : 0;
    }
  }
  CHECK(sharp > 2 * trials * 95 / 100);  // else the differences would have tested little
}

TEST_CASE("binding names gives the same bits as evaluating with them") {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> uniform(0.3, 1.7);
  for (int trial = 0; trial < 300; ++trial) {
    const auto text = random_expression(random, 4);
    CAPTURE(text);
    const auto f = read(text);
    const double x = uniform(random), y = uniform(random);
    const auto bound = f.with([&](std::string_view name) { return name == "y" ? std::optional(y) : std::nullopt; });
    CHECK(bound.variables().size() <= 1);
    CHECK(at(bound, x) == at(f, x, y));
    const auto all = f.with([&](std::string_view name) { return std::optional(name == "y" ? y : x); });
    CHECK(all.constant_value() == at(f, x, y));
    const double exact = at(f.derivative("x"), x, y);
    CHECK(at(bound.derivative("x"), x) == doctest::Approx(exact).epsilon(1e-11));
  }
}
