#include <doctest/doctest.h>

#include <numbers>

#include "devices/deck_run.hpp"

using namespace tellegen;
using namespace tellegen::test;

namespace {

constexpr double round_off = 1e-12;
constexpr TimeGrid grid{.step = 0.05, .steps = 100, .method = Method::bdf2};

}  // namespace

TEST_CASE("a behavioural source gives its expression of voltages, currents, time and parameters, at every step and in DC") {
  constexpr auto cards =
      ".param k=0.7\nV1 in 0 SIN(0.4 1 0.3)\nR1 in s 2\nVs s 0 0\nR2 in mid 1\nR3 mid 0 3\n"
      "B1 b 0 v='k*v(in)*v(in,mid) + exp(i(Vs)) - 1 + time'\nRb b 0 5\nB2 0 c i={tanh(v(in))*cos(time)}\nRc c 0 1\n"
      "B3 d 0 V = 2*v(mid)\nRd d 0 1\n";
  for (const Start start : {Start::rest, Start::dc}) {
    const auto run = run_deck(cards, grid, start);
    const auto in = run.v("in"), mid = run.v("mid");
    CHECK(wave_error(run.v("b"), [&](std::size_t n) { return 0.7 * in[n] * (in[n] - mid[n]) + std::expm1(in[n] / 2) + run.time(n); }) < round_off);
    CHECK(wave_error(run.v("c"), [&](std::size_t n) { return std::tanh(in[n]) * std::cos(run.time(n)); }) < round_off);
    CHECK(wave_error(run.v("d"), [&](std::size_t n) { return 2 * mid[n]; }) < round_off);
    CHECK(wave_error(run.i("b1"), [&](std::size_t n) { return -run.v("b")[n] / 5; }) < round_off);
    if (start == Start::dc) CHECK(run.start.node_voltage[run.circuit->find_node("c")] == doctest::Approx(std::tanh(0.4)).epsilon(round_off));
  }
}

TEST_CASE("behavioural laws of the own voltage are the elements that they spell out") {
  constexpr auto rest = "I1 0 a SIN(0.5 2 0.3)\nC1 a 0 0.3\nR1 a 0 2\n";
  for (const Start start : {Start::rest, Start::dc}) {
    const auto expected = run_deck(std::string(rest) + "D1 a 0 dm\n.model dm D (is=1e-3 n=10)\n", grid, start).v("a");
    // n Vt with Vt = k T / q at 27 C.
    const auto found = run_deck(std::string(rest) + "B1 a 0 i='1m*(exp(v(a)/(10*1.380649e-23*300.15/1.602176634e-19))-1)'\n", grid, start).v("a");
    CHECK(wave_error(found, [&](std::size_t n) { return expected[n]; }) < 1e-9);
    const auto g = run_deck(std::string(rest) + "G1 0 b a 0 m\nRb b 0 1\n.model m G (law=tanh k0=0.2 k1=0.5 z0=0.3)\n", grid, start).v("b");
    const auto b = run_deck(std::string(rest) + "B1 0 b i='0.2*v(a)+0.5*tanh(v(a)/0.3)'\nRb b 0 1\n", grid, start).v("b");
    CHECK(wave_error(b, [&](std::size_t n) { return g[n]; }) < round_off);
  }
}

TEST_CASE("a behavioural source that senses its own terminals ties them, one that does not leaves them floating") {
  CHECK_NOTHROW(run_deck("I1 0 a 1\nB1 a 0 i='v(a)/2'\n", grid, Start::dc));
  CHECK(run_deck("I1 0 a 1\nB1 a b i='(v(a)-v(b))/2'\nR1 b 0 1\n", grid, Start::dc).v("a").back() == doctest::Approx(3).epsilon(round_off));
  CHECK_THROWS_AS(circuit_of("I1 0 a 1\nB1 a 0 i='v(b)'\nI2 0 b 1\nR1 b 0 1\n"), InputError);
}

TEST_CASE("steep exponentials of behavioural sources do not run Newton's method away") {
  const auto run = run_deck("V1 in 0 SIN(5 5 0.3)\nR1 in a 1k\nB1 a 0 i='1e-14*(exp(v(a)/0.02585)-1)'\n", grid, Start::dc);
  const auto in = run.v("in"), a = run.v("a");
  for (std::size_t n = 0; n < a.size(); ++n)
    CHECK((in[n] - a[n]) / 1e3 == doctest::Approx(1e-14 * std::expm1(a[n] / 0.02585)).epsilon(1e-6));
}

TEST_CASE("cards of behavioural sources may name each other and stand in subcircuits") {
  const auto run = run_deck(
      "B1 a 0 v='1+v(b)'\nRa a 0 1\nB2 b 0 v='0.5*time'\nRb b 0 1\nX1 a out square g=3\nRo out 0 1\n"
      ".subckt square p q g=1\nB1 q 0 v='g*v(p)^2+v(inner)'\nR1 p inner 1\nR2 inner 0 1\n.ends\n"
      "B9 z 0 v='v(x1:inner)'\nRz z 0 1\n",
      grid);
  const auto a = [&](std::size_t n) { return 1 + 0.5 * run.time(n); };
  CHECK(wave_error(run.v("a"), a) < round_off);
  CHECK(wave_error(run.v("out"), [&](std::size_t n) { return 3 * a(n) * a(n) + a(n) / 2; }) < round_off);
  CHECK(wave_error(run.v("z"), [&](std::size_t n) { return a(n) / 2; }) < round_off);
}
