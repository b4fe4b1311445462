#include <doctest/doctest.h>

#include <vector>

#include "hw_models/circuit/behaviour.hpp"

using namespace tellegen;

namespace {

Behaviour behaviour_of(const std::string& text, std::vector<std::string> inputs) {
  return {Expression::parse(text, {"d.cir", 3}, "B1", ExpressionNames::circuit), std::move(inputs)};
}

}  // namespace

TEST_CASE("a behaviour's slopes are differences of its value") {
  const auto g = behaviour_of("v(a)^2*exp(i(vs))+tanh(v(b)*time)", {"v(a)", "i(vs)", "v(b)"});
  REQUIRE(g.input_count() == 3);
  const std::vector<double> at{0.7, 0.3, -0.4, 2.0};
  std::vector<double> slopes(3);
  g.slopes(at, slopes);
  for (std::size_t j = 0; j < 3; ++j) {
    auto above = at, below = at;
    above[j] += 1e-6, below[j] -= 1e-6;
    CHECK((g.value(above) - g.value(below)) / 2e-6 == doctest::Approx(slopes[j]).epsilon(1e-8));
  }
}

TEST_CASE("a behaviour is linear when all its slopes are numbers, whatever it does with time") {
  CHECK(behaviour_of("2*v(a)-i(vs)/3+sin(time)", {"v(a)", "i(vs)"}).is_linear());
  CHECK(behaviour_of("sin(time)", {}).is_linear());
  CHECK_FALSE(behaviour_of("v(a)*time", {"v(a)"}).is_linear());
  CHECK_FALSE(behaviour_of("v(a)^2", {"v(a)"}).is_linear());
}

TEST_CASE("a step is trusted as far as no exponent moves by more than 4 into growth") {
  const auto g = behaviour_of("exp(10*v(a))", {"v(a)"});
  const auto fraction = [&](double from, double to) { return g.trusted_fraction(std::vector{from, 0.0}, std::vector{to, 0.0}); };
  CHECK(fraction(0, 0.3) == 1);
  CHECK(fraction(0, 4) == doctest::Approx(0.1));
  CHECK(fraction(1, 0.2) == 1);  // it ends where exponentials are harmless
  CHECK(behaviour_of("v(a)^3", {"v(a)"}).trusted_fraction(std::vector{0.0, 0.0}, std::vector{1e9, 0.0}) == 1);
}

TEST_CASE("a name that is neither an input nor time is refused") {
  CHECK_THROWS_AS(behaviour_of("v(a)+v(b)", {"v(a)"}), InputError);
}
