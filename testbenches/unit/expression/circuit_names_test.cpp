#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "hw_models/expression/expression.hpp"

using namespace tellegen;

namespace {

Expression read(const std::string& text) {
  return Expression::parse(text, {"d.cir", 3}, "B1", ExpressionNames::circuit);
}

std::string message(const std::string& text) {
  try {
    static_cast<void>(read(text));
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("voltages and currents of a circuit are variables where they are allowed") {
  const auto f = read("2*V( A , b ) + v(x1:out+)*I(Vx) - v(a,B)^2 + v(0)*v + i");
  const std::vector<std::string> expected{"v(a,b)", "v(x1:out+)", "i(vx)", "v(0)", "v", "i"};
  REQUIRE(f.variables().size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(f.variables()[i] == expected[i]);
  CHECK(f.evaluate(std::vector{3.0, 5.0, 7.0, 2.0, 10.0, 100.0}) == 6 + 35 - 9 + 20 + 100);
}

TEST_CASE("a slope may be taken by a voltage of a circuit") {
  const auto slope = read("exp(2*v(a,b))").derivative("v(a,b)");
  CHECK(slope.evaluate(std::vector{0.0}) == 2);
}

TEST_CASE("other functions keep their meaning beside the names of a circuit") {
  CHECK(read("max(v(a),u(v(b)))").evaluate(std::vector{-1.0, 2.0}) == 1);
}

TEST_CASE("a voltage or current that is badly written is told") {
  CHECK(message("v()") == "d.cir:3: B1: expression \"v()\": the name of a node is expected at character 3");
  CHECK(message("v(a,)") == "d.cir:3: B1: expression \"v(a,)\": the name of a node is expected at character 5");
  CHECK(message("i()") == "d.cir:3: B1: expression \"i()\": the name of a source is expected at character 3");
  CHECK(message("v(a,b,c)") == "d.cir:3: B1: expression \"v(a,b,c)\": v takes one or two nodes, got more at character 8");
  CHECK(message("i(a,b)") == "d.cir:3: B1: expression \"i(a,b)\": i takes the name of one source, got more at character 6");
  CHECK(message("v(a b)") == "d.cir:3: B1: expression \"v(a b)\": \")\" is expected at character 5");
  CHECK(message("v(a") == "d.cir:3: B1: expression \"v(a\": \")\" is expected at character 4");
}

TEST_CASE("elsewhere a voltage is an unknown function") {
  for (const char* text : {"v(a)", "v(a,b)", "i(vx)"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH_AS(static_cast<void>(Expression::parse(text, {"d.cir", 3}, "R1")),
                         doctest::Contains("unknown function"), InputError);
  }
}
