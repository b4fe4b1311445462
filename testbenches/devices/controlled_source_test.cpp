#include <doctest/doctest.h>

#include "devices/deck_run.hpp"

using namespace tellegen;
using namespace tellegen::test;

namespace {

constexpr Method methods[] = {Method::be, Method::bdf2, Method::trap};
constexpr double round_off = 1e-12;

TimeGrid grid_of(Method method) { return {.step = 0.05, .steps = 100, .method = method}; }

}  // namespace

TEST_CASE("each linear controlled source gives its multiple of what it senses, at every step and in DC") {
  // Of the input voltage v: E 3 v; F twice the current v/2 into 4 ohm; G 0.5 v into 2 ohm; H 6 ohm times the current v/2.
  constexpr auto cards =
      "V1 in 0 SIN(0.4 1 0.3)\nR1 in s 2\nVs s 0 0\n"
      "E1 e 0 in 0 3\nRe e 0 5\nF1 0 f Vs 2\nRf f 0 4\nG1 0 g in 0 0.5\nRg g 0 2\nH1 h 0 Vs 6\nRh h 0 7\n";
  for (const Method method : methods)
    for (const Start start : {Start::rest, Start::dc}) {
      const auto run = run_deck(cards, grid_of(method), start);
      const auto in = run.v("in");
      CHECK(wave_error(run.v("e"), [&](std::size_t n) { return 3 * in[n]; }) < round_off);
      CHECK(wave_error(run.v("f"), [&](std::size_t n) { return 4 * in[n]; }) < round_off);
      CHECK(wave_error(run.v("g"), [&](std::size_t n) { return in[n]; }) < round_off);
      CHECK(wave_error(run.v("h"), [&](std::size_t n) { return 3 * in[n]; }) < round_off);
      CHECK(wave_error(run.i("e1"), [&](std::size_t n) { return -0.6 * in[n]; }) < round_off);
      CHECK(wave_error(run.i("vs"), [&](std::size_t n) { return 0.5 * in[n]; }) < round_off);
      if (start == Start::rest) continue;
      const auto at = [&](std::string_view node) { return run.start.node_voltage[run.circuit->find_node(node)]; };
      CHECK(at("e") == doctest::Approx(1.2).epsilon(round_off));
      CHECK(at("f") == doctest::Approx(1.6).epsilon(round_off));
      CHECK(at("g") == doctest::Approx(0.4).epsilon(round_off));
      CHECK(at("h") == doctest::Approx(1.2).epsilon(round_off));
    }
}

TEST_CASE("controlled sources with a law give the law of what they sense") {
  constexpr auto cards =
      "V1 in 0 SIN(0.2 1 0.3)\nR1 in s 2\nVs s 0 0\n"
      "E1 e 0 in 0 me\nRe e 0 5\nF1 0 f Vs mf\nRf f 0 1\nG1 0 g in 0 mg\nRg g 0 1\nH1 h 0 Vs mh\nRh h 0 7\nE2 e2 0 in 0 law=expr f='a*z*z*z' a=0.3\nRe2 e2 0 1\n"
      ".model me E (law=tanh k0=0.1 k1=2 z0=0.4)\n.model mf F (law=sinh k0=0.2 k1=0.3 z0=0.5)\n"
      ".model mg G (law=poly k0=0.1 k1=0.2 k2=-0.4)\n.model mh H (law=sine k0=1 k1=0.5 z0=0.2)\n";
  for (const Start start : {Start::rest, Start::dc}) {
    const auto run = run_deck(cards, grid_of(Method::bdf2), start);
    const auto in = run.v("in");
    CHECK(wave_error(run.v("e"), [&](std::size_t n) { return 0.1 * in[n] + 2 * std::tanh(in[n] / 0.4); }) < round_off);
    CHECK(wave_error(run.v("f"), [&](std::size_t n) { return 0.2 * in[n] / 2 + 0.3 * std::sinh(in[n] / 2 / 0.5); }) < round_off);
    CHECK(wave_error(run.v("g"), [&](std::size_t n) { return 0.1 * in[n] + 0.2 * in[n] * in[n] - 0.4 * std::pow(in[n], 3); }) < round_off);
    CHECK(wave_error(run.v("h"), [&](std::size_t n) { return in[n] / 2 + 0.5 * std::sin(in[n] / 2 / 0.2); }) < round_off);
    CHECK(wave_error(run.v("e2"), [&](std::size_t n) { return 0.3 * std::pow(in[n], 3); }) < round_off);
  }
}

TEST_CASE("an amplifier in a loop settles at its closed-loop gain") {
  // Non-inverting amplifier: A (in - fb), fb = out/10.
  const auto run = run_deck("V1 in 0 SIN(0.1 1 0.3)\nE1 out 0 in fb 1e5\nR1 out fb 9\nR2 fb 0 1\n", grid_of(Method::trap), Start::dc);
  const auto in = run.v("in");
  CHECK(wave_error(run.v("out"), [&](std::size_t n) { return 1e5 / (1 + 1e4) * in[n]; }) < 1e-9);
}

TEST_CASE("a gyrator of two transconductors turns a capacitor into an inductor") {
  const TimeGrid grid{.step = 0.01, .steps = 300, .method = Method::bdf2};
  const auto gyrated = run_deck("I1 0 a SIN(0 1 0.5)\nR1 a 0 2\nG1 0 b a 0 0.5\nG2 a 0 b 0 0.5\nC1 b 0 0.2\nRb b 0 1e9\n", grid);
  const auto inductor = run_deck("I1 0 a SIN(0 1 0.5)\nR1 a 0 2\nL1 a 0 0.8\n", grid);
  const auto expected = inductor.v("a");
  CHECK(wave_error(gyrated.v("a"), [&](std::size_t n) { return expected[n]; }) < 1e-8);
}

TEST_CASE("a floating voltage source shifts two nodes against each other and leaves their sum to the rest") {
  for (const Start start : {Start::rest, Start::dc}) {
    const auto run = run_deck("I1 0 a SIN(0.3 1 0.2)\nV1 a b SIN(0.5 2 0.4)\nRa a 0 1\nRb b 0 1\n", grid_of(Method::bdf2), start);
    const auto current = [&](std::size_t n) { return run.circuit->sources()[0].waveform.at(run.time(n)); };
    const auto shift = [&](std::size_t n) { return run.circuit->sources()[1].waveform.at(run.time(n)); };
    CHECK(wave_error(run.v("a"), [&](std::size_t n) { return (current(n) + shift(n)) / 2; }) < round_off);
    CHECK(wave_error(run.v("b"), [&](std::size_t n) { return (current(n) - shift(n)) / 2; }) < round_off);
    CHECK(wave_error(run.i("v1"), [&](std::size_t n) { return (current(n) - shift(n)) / 2; }) < round_off);
  }
}
