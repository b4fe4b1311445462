#include <doctest/doctest.h>

#include <fmt/format.h>

#include "devices/deck_run.hpp"

using namespace tellegen;
using namespace tellegen::test;

namespace {

constexpr double orders[] = {0, 0.3, 0.5, 1, 1.2, 1.5};

TimeGrid grid_of(std::size_t steps, Method method = Method::bdf2) { return {.step = 2.0 / static_cast<double>(steps), .steps = steps, .method = method}; }

/// Current of 0.7 D^(a+b) of the flux, under the voltage t^2 as a capacitor makes it of a ramp.
std::vector<double> current_under_parabola(double a, double b, const TimeGrid& grid) {
  const auto run = run_deck(fmt::format("B1 p 0 v='time*time'\nV1 p q 0\nYEL x q 0 0.7 a={} b={}\n", a, b), grid);
  return run.i("v1");
}

}  // namespace

TEST_CASE("current of a linear general element under t^2 is 2 k0 t^(2-c) / Gamma(3-c), c = a + b - 1") {
  for (const double a : orders)
    for (const double b : orders) {
      CAPTURE(a);
      CAPTURE(b);
      const double c = a + b - 1;
      const auto error = [&](std::size_t steps) {
        const auto grid = grid_of(steps);
        const double expected = 0.7 * 2 * std::pow(2.0, 2 - c) / std::tgamma(3 - c);
        return std::abs(current_under_parabola(a, b, grid).back() - expected) / expected;
      };
      CHECK(error(200) < 5e-3);
      CHECK((error(400) < 0.3 * error(200) || error(400) < 1e-9));
    }
}

TEST_CASE("a linear general element depends on a + b alone, for every method") {
  for (const Method method : {Method::be, Method::bdf2, Method::trap}) {
    const auto grid = grid_of(60, method);
    const auto reference = current_under_parabola(0.75, 1, grid);
    for (const double a : {0.25, 0.5, 1.0, 1.25, 1.5})
      CHECK(wave_error(current_under_parabola(a, 1.75 - a, grid), [&](std::size_t n) { return reference[n]; }) < 1e-11);
  }
}

TEST_CASE("a general element of an element's orders is that element, to the last bit, from rest and from DC") {
  struct Twin {
    std::string a, b, card, type;
  };
  for (const auto& twin : std::vector<Twin>{{"0", "1", "R1 q 0 m", "R"}, {"1", "1", "C1 q 0 m", "C"}, {"0", "0", "L1 q 0 m", "L"}, {"0.5", "0.5", "YFMEM x q 0 m", "FMEM"}, {"1", "0", "YMEM x q 0 m", "MEM"}})
    for (const Start start : {Start::rest, Start::dc})
      for (const std::string law : {"law=tanh k0=0.4 k1=0.5 z0=0.7", "law=sinh k0=0.4 k1=0.2 z0=0.9", "law=expr f='c*z+d*z^3' c=0.5 d=0.3"}) {
        CAPTURE(twin.card);
        CAPTURE(law);
        constexpr auto rest = "I1 0 p SIN(0.3 1 0.4)\nR9 p 0 1\nR8 p q 0.5\nC9 q 0 0.2\n";
        const auto element = run_deck(fmt::format("{}{}\n.model m {} ({})\n", rest, twin.card, twin.type, law), grid_of(60), start);
        const auto general = run_deck(fmt::format("{}YEL x q 0 m a={} b={}\n.model m EL ({})\n", rest, twin.a, twin.b, law), grid_of(60), start);
        CHECK(element.v("q") == general.v("q"));
      }
}

TEST_CASE("a general element with a control port drives its output by what it senses there") {
  constexpr auto rest = "V1 in 0 SIN(0.2 1 0.4)\nR9 out 0 2\nRi in 0 1\n";
  for (const Start start : {Start::rest, Start::dc}) {
    const auto g = run_deck(std::string(rest) + "G1 0 out in 0 0.3\n", grid_of(50), start);
    const auto el = run_deck(std::string(rest) + "YEL x 0 out in 0 0.3\n", grid_of(50), start);
    CHECK(g.v("out") == el.v("out"));
  }
  // D^(1/2) twice, through a copy of the first: the derivative.
  const auto half = run_deck("B1 in 0 v='time*time'\nRi in 0 1\nYEL a 0 x in 0 1 a=0.5\nRx x 0 1\nYEL b 0 y x 0 1 a=0.5\nRy y 0 1\nG1 0 z in 0 1\n"
                             "Rz z 0 1\nYEL c 0 w in 0 1 a=1\nRw w 0 1\n",
                             grid_of(50));
  const auto derivative = half.v("w");
  CHECK(wave_error(half.v("y"), [&](std::size_t n) { return derivative[n]; }) < 1e-12);
}
