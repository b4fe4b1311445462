#include <doctest/doctest.h>

#include <fmt/format.h>

#include "devices/deck_run.hpp"

using namespace tellegen;
using namespace tellegen::test;

namespace {

/// Two equal tanks of 1 F and 1 H, coupled, the first driven by a ramp of current: an even and an odd mode of inductance 1 + k and
/// 1 - k, each by half the ramp.
double tank_voltage(double t, double k, bool driven) {
  const auto mode = [&](double inductance) { return 0.5 * inductance * (1 - std::cos(t / std::sqrt(inductance))); };
  return driven ? mode(1 + k) + mode(1 - k) : mode(1 + k) - mode(1 - k);
}

constexpr auto tanks = "I1 0 a PWL(0 0 100 100)\nC1 a 0 1\nL1 a 0 1\nC2 b 0 1\nL2 b 0 1\nK1 L1 L2 {}\n";

}  // namespace

TEST_CASE("coupled tanks swing in their even and odd modes, with the order of the method") {
  for (const double k : {0.6, -0.3})
    for (const Method method : {Method::bdf2, Method::trap}) {
      CAPTURE(k);
      CAPTURE(name_of(method));
      const auto error = [&](std::size_t steps, std::string_view node, bool driven) {
        const TimeGrid grid{.step = 8.0 / static_cast<double>(steps), .steps = steps, .method = method};
        const auto run = run_deck(fmt::format(fmt::runtime(tanks), k), grid);
        return wave_error(run.v(node), [&](std::size_t n) { return tank_voltage(run.time(n), k, driven); });
      };
      CHECK(error(800, "a", true) < 1e-3);
      CHECK(error(800, "b", false) < 1e-3);
      CHECK(error(400, "a", true) / error(800, "a", true) == doctest::Approx(4).epsilon(0.1));
      CHECK(error(400, "b", false) / error(800, "b", false) == doctest::Approx(4).epsilon(0.1));
    }
}

TEST_CASE("an open secondary carries k sqrt(l2/l1) times the primary's voltage, a source right across the primary or not") {
  for (const std::string drive : {"V1 p 0 SIN(0 1 0.3)\n", "V1 in 0 SIN(0 1 0.3)\nR1 in p 2\n"})
    for (const double k : {0.5, -0.9, 1.0})
      for (const Method method : {Method::be, Method::bdf2, Method::trap}) {
        const auto run = run_deck(drive + fmt::format("L1 p 0 0.5\nL2 s 0 2\nK1 L1 L2 {}\nR2 s 0 1e12\n", k), {.step = 0.05, .steps = 80, .method = method});
        const auto primary = run.v("p");
        CHECK(wave_error(run.v("s"), [&](std::size_t n) { return 2 * k * primary[n]; }) < 1e-9);
      }
}

TEST_CASE("windings that are not coupled after all are inductors") {
  const TimeGrid grid{.step = 0.05, .steps = 80, .method = Method::bdf2};
  constexpr auto rest = "I1 0 a SIN(0.2 1 0.3)\nR1 a 0 2\nC1 a 0 0.3\nL1 a b 0.5\nR2 b 0 1\nL2 b 0 2\n";
  for (const Start start : {Start::rest, Start::dc}) {
    const auto plain = run_deck(rest, grid, start), coupled = run_deck(std::string(rest) + "K1 L1 L2 0\n", grid, start);
    for (const auto* node : {"a", "b"}) {
      const auto expected = plain.v(node);
      CHECK(wave_error(coupled.v(node), [&](std::size_t n) { return expected[n]; }) < 1e-11);
    }
  }
}

TEST_CASE("a coupling links inductors whichever card comes first, and inside a subcircuit those of that instance") {
  constexpr auto deck = "V1 in 0 SIN(0 1 0.3)\nX1 in out t\nR1 out 0 3\nR0 in 0 1\n.subckt t a b\nK1 La Lb 0.7\nLa a 0 1\nLb b 0 1\n.ends\n";
  const auto circuit = circuit_of(deck);
  CHECK(circuit->find_branch("x1:la") >= 0);
  std::vector<std::string> names;
  for (const auto& p : circuit->parameters()) names.push_back(p.name);
  for (const auto* name : {"x1:k1.k", "x1:la.l", "x1:lb.l"}) CHECK(std::ranges::find(names, name) != names.end());
}

TEST_CASE("in DC a winding is a short; two in parallel share their current, one across a source is refused") {
  const auto shared = run_deck("I1 0 a 2\nL1 a 0 1\nL2 a 0 1\nK1 L1 L2 0.5\nR1 a 0 1\n", {.step = 0.1, .steps = 1, .method = Method::be}, Start::dc);
  const auto current = [&](std::string_view name) {
    return shared.start.node_voltage[shared.circuit->current_unknown(shared.circuit->find_source(name))];
  };
  CHECK(current("l1") == doctest::Approx(1));
  CHECK(current("l2") == doctest::Approx(1));
  CHECK_THROWS_AS(run_deck("V1 a 0 1\nL1 a 0 1\nL2 b 0 1\nK1 L1 L2 0.5\nR1 b 0 1\n", {.step = 0.1, .steps = 1, .method = Method::be}, Start::dc),
                  ConvergenceError);
}

TEST_CASE("setting a coupling or an inductance moves the mutual inductance with it") {
  const auto circuit = circuit_of("V1 a 0 1\nR1 a p 1\nL1 p 0 0.5\nL2 s 0 2\nK1 L1 L2 0.5\nR2 s 0 1\n");
  std::vector<double> slots(circuit->initial_slots().begin(), circuit->initial_slots().end());
  const auto set = [&](std::string_view name, double value) {
    const auto found = std::ranges::find(circuit->parameters(), name, &Parameter::name);
    REQUIRE(found != circuit->parameters().end());
    circuit->set_parameter(*found, value, slots);
    CHECK(circuit->parameter_value(*found, slots) == value);
  };
  const auto& coupling = circuit->couplings()[0];
  CHECK(slots[coupling.m_slots[0]] == doctest::Approx(0.5));
  set("k1.k", 0.8);
  CHECK(slots[coupling.m_slots[0]] == doctest::Approx(0.8));
  set("l1.l", 8);
  for (const auto slot : coupling.m_slots) CHECK(slots[slot] == doctest::Approx(3.2));
}
