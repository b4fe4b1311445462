#include <doctest/doctest.h>

#include <cmath>

#include "circuits/class_circuits.hpp"
#include "circuits/recorded.hpp"

using namespace tellegen;
using namespace tellegen::elements;
using test::CircuitClass;
using test::LookBack;
using test::Schematic;

namespace {

constexpr TimeGrid grid{.step = 0.02, .steps = 200, .method = Method::bdf2};

double ramp(double t) { return t; }

const ActionTerm& term_of(const FormalAction& action, std::string_view element) {
  for (const auto& term : action.terms)
    if (term.element == element) return term;
  FAIL("no term");
  return action.terms.front();
}

}  // namespace

TEST_CASE("every element of the paper's class has the term of its own controlling variable") {
  const auto circuit = Schematic()
                           .current_source("i1", "0", "a")
                           .with_law<Capacitor, TanhLaw>("c1", "a", "0", {0.4, 0.5, 0.6})
                           .capacitor("c2", "b", "0", 0.5)
                           .inductor("l1", "a", "b", 2)
                           .with_law<Inductor, SineLaw>("l2", "b", "0", {0, 0.5, 0.7})
                           .with_law<FractionalMemristor, SinhLaw>("yfmem!m1", "a", "0", {0.2, 0.1, 0.5})
                           .resistor("r1", "b", "0", 2)
                           .constant_phase("ycpe!p1", "a", "b", 0.3, 0.6)
                           .freeze();
  const auto action = LookBack(circuit, grid, {ramp}).action();
  CHECK(action.missing.empty());
  CHECK(action.has_fractional_term);
  const auto check = [&](std::string_view element, std::string_view variable, std::string_view formula) {
    CHECK(term_of(action, element).variable == variable);
    CHECK(term_of(action, element).formula == formula);
  };
  check("c1", "v = phi'", "+ k0 v^2/2 + k1 z0 ln cosh(v/z0)");
  check("c2", "v = phi'", "+ c v^2/2");
  check("l1", "phi", "- phi^2/(2 l)");
  check("l2", "phi", "- k0 phi^2/2 + k1 z0 (1 - cos(phi/z0))");
  check("yfmem!m1", "z = D^1/2 phi", "+ k0 z^2/2 + k1 z0 (cosh(z/z0) - 1)");
  check("r1", "z = D^1/2 phi", "+ g z^2/2");
  check("ycpe!p1", "z = D^0.8 phi", "+ q z^2/2");
  check("i1", "phi", "+ I phi");
}

TEST_CASE("a capacitor on a ramp of current has the action of the closed form, and what the source adds") {
  // c v = t^2/2, phi = t^3/6c: integral of c v^2/2 is T^5/40c, of I phi T^5/30c.
  constexpr double c = 0.5, end = 4;
  const auto circuit = Schematic().current_source("i1", "0", "a").capacitor("c1", "a", "0", c).freeze();
  const auto action = LookBack(circuit, {.step = 1e-3, .steps = 4000, .method = Method::trap}, {ramp}).action();
  CHECK(term_of(action, "c1").value == doctest::Approx(std::pow(end, 5) / (40 * c)).epsilon(2e-3));
  CHECK(term_of(action, "i1").value == doctest::Approx(std::pow(end, 5) / (30 * c)).epsilon(2e-3));
  CHECK(action.total == doctest::Approx(std::pow(end, 5) * (1.0 / 40 + 1.0 / 30) / c).epsilon(2e-3));
  CHECK_FALSE(action.has_fractional_term);
}

TEST_CASE("a linear resistor and the linear fractional memristor that it is have one and the same term") {
  const auto build = [](bool as_memristor) {
    Schematic schematic;
    schematic.current_source("i1", "0", "a").capacitor("c1", "a", "0", 0.5);
    if (as_memristor)
      schematic.linear<FractionalMemristor>("x1", "a", "0", 0.25);
    else
      schematic.resistor("x1", "a", "0", 4);
    return schematic.freeze();
  };
  const auto as_resistor = LookBack(build(false), grid, {ramp}).action(), as_memristor = LookBack(build(true), grid, {ramp}).action();
  CHECK(term_of(as_resistor, "x1").value == doctest::Approx(term_of(as_memristor, "x1").value).epsilon(1e-12));
  CHECK(term_of(as_resistor, "x1").value > 0);
}

TEST_CASE("a voltage source is a constraint whose term is zero") {
  const auto circuit = Schematic().voltage_source("v1", "a", "0").inductor("l1", "a", "b", 1).capacitor("c1", "b", "0", 1).freeze();
  const auto action = LookBack(circuit, grid, {ramp}).action();
  CHECK(term_of(action, "v1").formula == "- i (phi - integral of E dt) = 0");
  CHECK(term_of(action, "v1").value == 0);
}

TEST_CASE("elements outside of skew 0 are named with the reason, and the others keep their terms") {
  const auto action = LookBack(test::make_circuit(CircuitClass::directed, 1), grid, {ramp}).action();
  REQUIRE(action.missing.size() == 3);
  CHECK(action.missing[0].reason == "g1 (transconductor): it drives one port by another, so no potential gives both currents");
  CHECK(action.missing[1].reason == "r2 (resistor, sinh law): skew -1; only elements of skew 0 have a potential of their own variable");
  CHECK(term_of(action, "c1").value > 0);
  CHECK(LookBack(test::make_circuit(CircuitClass::memristive, 1), grid, {ramp}).action().missing[0].reason.find("skew +1") != std::string::npos);
}
