#include "hw_models/expression/expression.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

using namespace tellegen;

namespace {

double value(const char* text) { return Expression::parse(text, {"d.cir", 3}, "R1").evaluate(std::vector<double>{}); }

std::string message(const std::string& text) {
  try {
    static_cast<void>(Expression::parse(text, {"d.cir", 3}, "R1"));
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("SPICE numbers take suffixes, and letters after them are a unit") {
  CHECK(spice_number("1k") == 1e3);
  CHECK(spice_number("2.2u") == 2.2e-6);
  CHECK(spice_number("10meg") == 1e7);
  CHECK(spice_number("10MEG") == 1e7);
  CHECK(spice_number("10pF") == 1e-11);
  CHECK(spice_number("-2n") == -2e-9);
  CHECK(spice_number("+.5") == 0.5);
  CHECK(spice_number("5.") == 5);
  CHECK(spice_number("1e3k") == 1e6);
  CHECK(spice_number("1E-3") == 1e-3);
  CHECK(spice_number("1e+3") == 1e3);
  CHECK(spice_number("3T") == 3e12);
  CHECK(spice_number("3g") == 3e9);
  CHECK(spice_number("3m") == 3e-3);
  CHECK(spice_number("3f") == 3e-15);
  CHECK(spice_number("4\u00b5F") == 4e-6);
  CHECK(spice_number("5volts") == 5);
  CHECK(spice_number("1mil") == doctest::Approx(25.4e-6));
  CHECK(spice_number("100ohm") == 100);
}

TEST_CASE("a megahertz with one letter is a millihertz, as SPICE has it") { CHECK(spice_number("1MHz") == 1e-3); }

TEST_CASE("a number with a suffix is the double nearest to the decimal number") {
  CHECK(spice_number("0.1u") == 1e-7);
  CHECK(spice_number("0.3n") == 3e-10);
  CHECK(spice_number("6.3185399999999998e-10") == 6.3185399999999998e-10);
}

TEST_CASE("what is no number is no number") {
  for (const char* text : {"", "k", "-", "1.2.3", "1k5", "--1", "1 k", "e3", ".", "1e999", "2*3", "1_"}) {
    CAPTURE(text);
    CHECK_FALSE(spice_number(text).has_value());
  }
}

TEST_CASE("operators bind as in mathematics") {
  CHECK(value("1+2*3") == 7);
  CHECK(value("(1+2)*3") == 9);
  CHECK(value("8/4/2") == 1);
  CHECK(value("8-4-2") == 2);
  CHECK(value("7%4") == 3);
  CHECK(value("-2^2") == -4);
  CHECK(value("2^-1") == 0.5);
  CHECK(value("2**3**2") == 512);
  CHECK(value("2^3^2") == 512);
  CHECK(value("--3") == 3);
  CHECK(value("2*-3") == -6);
  CHECK(value("+5") == 5);
  CHECK(value("2*3**2") == 18);
}

TEST_CASE("comparisons give one or zero, and ?: chooses") {
  CHECK(value("1<2") == 1);
  CHECK(value("2<=1") == 0);
  CHECK(value("2>=2") == 1);
  CHECK(value("1!=1") == 0);
  CHECK(value("1==1") == 1);
  CHECK(value("!0") == 1);
  CHECK(value("!(1!=2)") == 0);
  CHECK(value("1&&0") == 0);
  CHECK(value("1||0") == 1);
  CHECK(value("1<2 ? 10 : 20") == 10);
  CHECK(value("0 ? 1 : 0 ? 2 : 3") == 3);
  CHECK(value("1+1==2 && 3>2 ? 5 : 6") == 5);
}

TEST_CASE("functions are those of mathematics") {
  using std::numbers::pi;
  CHECK(value("sin(pi/6)") == doctest::Approx(0.5));
  CHECK(value("cos(pi)") == doctest::Approx(-1));
  CHECK(value("tan(pi/4)") == doctest::Approx(1));
  CHECK(value("asin(1)+acos(0)") == doctest::Approx(pi));
  CHECK(value("atan(1)*4") == doctest::Approx(pi));
  CHECK(value("atan2(1,-1)") == doctest::Approx(0.75 * pi));
  CHECK(value("sinh(1)^2-cosh(1)^2") == doctest::Approx(-1));
  CHECK(value("tanh(0.5)") == doctest::Approx(std::tanh(0.5)));
  CHECK(value("asinh(sinh(2))+acosh(cosh(2))+atanh(tanh(0.5))") == doctest::Approx(4.5));
  CHECK(value("exp(1)-e") == doctest::Approx(0));
  CHECK(value("ln(e^2)") == doctest::Approx(2));
  CHECK(value("log(e^2)") == doctest::Approx(2));
  CHECK(value("log10(1000)") == doctest::Approx(3));
  CHECK(value("sqrt(16)+abs(-3)") == 7);
  CHECK(value("min(3,1,2)") == 1);
  CHECK(value("max(3,1,2)") == 3);
  CHECK(value("floor(-1.5)") == -2);
  CHECK(value("ceil(-1.5)") == -1);
  CHECK(value("sgn(-7)+sgn(0)+sgn(2)") == 0);
  CHECK(value("pow(-2,3)") == -8);
  CHECK(value("pwr(-2,2)") == -4);
  CHECK(value("u(1)+u(-1)+u(0)") == 1);
  CHECK(value("hypot(3,4)") == 5);
  CHECK(value("limit(7,-1,2)") == 2);
  CHECK(value("limit(0.5,2,-1)") == 0.5);
}

TEST_CASE("numbers in expressions take suffixes and units") {
  CHECK(value("2*1k") == 2000);
  CHECK(value("10pF*2") == 2e-11);
  CHECK(value("1e6*2") == 2e6);
  CHECK(value("1meg/1k") == 1000);
}

TEST_CASE("variables are found in order of first appearance, whatever their case") {
  const auto e = Expression::parse("0.3*sin(2*pi*F0*t) + t*f0", {}, "target");
  REQUIRE(e.variables().size() == 2);
  CHECK(e.variables()[0] == "f0");
  CHECK(e.variables()[1] == "t");
  CHECK(e.evaluate(std::vector{2.0, 0.125}) == doctest::Approx(0.3 + 0.25));
  CHECK(e.evaluate([](std::string_view name) -> std::optional<double> { return name == "t" ? 0.125 : 2.0; }) ==
        doctest::Approx(0.55));
}

TEST_CASE("an expression evaluates again and again") {
  const auto e = Expression::parse("0.3*sin(2*pi*1e6*t)", {}, "");
  for (int n = 0; n < 100; ++n)
    CHECK(e.evaluate(std::vector{n * 1e-8}) == doctest::Approx(0.3 * std::sin(2 * std::numbers::pi * 1e6 * n * 1e-8)));
}

TEST_CASE("a long expression needs more than the small stack") {
  std::string text = "1";
  for (int i = 0; i < 90; ++i) text = "2-(" + text + ")";
  CHECK(value(text.c_str()) == 1);
  std::string many = "max(0";
  for (int i = 1; i <= 100; ++i) many += "," + std::to_string(i);
  CHECK(value((many + ")").c_str()) == 100);
}

TEST_CASE("division by zero is infinite and the root of a negative number is no number") {
  CHECK(std::isinf(value("1/0")));
  CHECK(std::isnan(value("sqrt(-1)")));
}

TEST_CASE("a mistake in an expression is told with its place") {
  CHECK(message("2*foo(3)") == "d.cir:3: R1: expression \"2*foo(3)\": unknown function \"foo\" at character 3");
  CHECK(message("2*") == "d.cir:3: R1: expression \"2*\": the end comes too early at character 3");
  CHECK(message("") == "d.cir:3: R1: expression \"\": the end comes too early at character 1");
  CHECK(message("(1") == "d.cir:3: R1: expression \"(1\": \")\" is expected at character 3");
  CHECK(message("1 2") == "d.cir:3: R1: expression \"1 2\": unexpected \"2\" at character 3");
  CHECK(message("1?2") == "d.cir:3: R1: expression \"1?2\": \":\" is expected at character 4");
  CHECK(message("sin(1,2)") == "d.cir:3: R1: expression \"sin(1,2)\": sin takes 1 argument, got 2 at character 9");
  CHECK(message("atan2(1)") == "d.cir:3: R1: expression \"atan2(1)\": atan2 takes 2 arguments, got 1 at character 9");
  CHECK(message("min(1)") == "d.cir:3: R1: expression \"min(1)\": min takes 2 or more arguments, got 1 at character 7");
  CHECK(message("sin()") == "d.cir:3: R1: expression \"sin()\": sin takes 1 argument, got 0 at character 6");
  CHECK(message("2pi") == "d.cir:3: R1: expression \"2pi\": \"2pi\" is no number at character 1");
  CHECK(message("3x") == "d.cir:3: R1: expression \"3x\": \"3x\" is no number at character 1");
  CHECK(message("a & b") == "d.cir:3: R1: expression \"a & b\": unexpected \"&\" at character 3");
  CHECK(message("1.2.3") == "d.cir:3: R1: expression \"1.2.3\": unexpected \".\" in a number at character 4");
  CHECK(message("negate(1)").find("unknown function") != std::string::npos);
}

TEST_CASE("a name without a value is told") {
  const auto e = Expression::parse("2*rload", {"d.cir", 3}, "R1");
  CHECK_THROWS_WITH_AS(static_cast<void>(e.evaluate([](std::string_view) { return std::optional<double>(); })),
                       "d.cir:3: R1: expression \"2*rload\": unknown name \"rload\"", InputError);
}

TEST_CASE("endless nesting is refused, not a crash") {
  CHECK(message(std::string(100000, '(')).find("too deeply nested") != std::string::npos);
  CHECK(message(std::string(100000, '-') + "1").find("too deeply nested") != std::string::npos);
}
