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

constexpr double span = 6;  // [s]

TimeGrid grid_of(std::size_t steps, Method method) { return {.step = span / static_cast<double>(steps), .steps = steps, .method = method}; }

double tone(double t) { return std::sin(1.3 * t) + 0.5 * std::sin(3.1 * t); }

std::shared_ptr<const Circuit> linear_ladder() {
  return Schematic().current_source("i1", "0", "a").capacitor("c1", "a", "0", 0.7).inductor("l1", "a", "b", 0.8).resistor("r1", "b", "0", 2).capacitor("c2", "b", "0", 0.4).freeze();
}

std::shared_ptr<const Circuit> nonlinear_ladder() {
  return Schematic()
      .voltage_source("v1", "in", "0")
      .resistor("r1", "in", "a", 0.7)
      .with_law<Capacitor, TanhLaw>("c1", "a", "0", {0.4, 0.5, 0.6})
      .with_law<Inductor, SineLaw>("l1", "a", "b", {0.6, 0.5, 0.7})
      .with_law<Resistor, SinhLaw>("r2", "b", "0", {0.3, 0.4, 0.8})
      .with_law<Capacitor, PolynomialLaw>("c2", "b", "0", {0.5, 0.1, 0.2})
      .freeze();
}

double imbalance(const std::shared_ptr<const Circuit>& circuit, std::size_t steps, Method method) {
  return LookBack(circuit, grid_of(steps, method), {tone}).audit().imbalance;
}

}  // namespace

TEST_CASE("the energy balance of linear inductors and capacitors is exact on the trapezoidal grid, however coarse") {
  for (const std::size_t steps : {7, 40, 300}) {
    const auto audit = LookBack(linear_ladder(), grid_of(steps, Method::trap), {tone}).audit();
    CHECK(audit.relative_imbalance < 1e-13);
    CHECK(std::abs(audit.delivered) > 0.1);
  }
}

TEST_CASE("the imbalance falls with the step as the method's order") {
  for (const auto& circuit : {linear_ladder(), nonlinear_ladder()}) {
    CHECK(imbalance(circuit, 400, Method::be) / imbalance(circuit, 800, Method::be) == doctest::Approx(2).epsilon(0.1));
    // Terms of higher order fade late: second order is what is left between far apart steps.
    CHECK(std::abs(imbalance(circuit, 400, Method::bdf2)) > 0.9 * 64 * std::abs(imbalance(circuit, 3200, Method::bdf2)));
  }
  CHECK(imbalance(linear_ladder(), 1600, Method::bdf2) / imbalance(linear_ladder(), 3200, Method::bdf2) == doctest::Approx(4).epsilon(0.1));
  CHECK(imbalance(nonlinear_ladder(), 400, Method::trap) / imbalance(nonlinear_ladder(), 800, Method::trap) == doctest::Approx(4).epsilon(0.1));
}

TEST_CASE("what sources deliver is what branches take, to round-off, on every class of circuits and every method") {
  for (const auto kind : {CircuitClass::linear, CircuitClass::directed_linear, CircuitClass::resistive_nonlinear, CircuitClass::kendall, CircuitClass::memristive,
                          CircuitClass::mixed_skew, CircuitClass::directed})
    for (const auto method : {Method::be, Method::bdf2, Method::trap}) {
      const auto audit = LookBack(test::make_circuit(kind, 3), grid_of(90, method), {tone}).audit();
      double taken = 0, size = 0;
      for (const auto& energy : audit.branches) taken += energy.taken, size += std::abs(energy.taken);
      CAPTURE(static_cast<int>(kind));
      CHECK(std::abs(audit.delivered - taken) < 1e-11 * size);
    }
}

TEST_CASE("stored energy is the potential's Legendre transform: C v^2/2, phi^2/2L, and the integral of v dq of a nonlinear capacitor") {
  const auto circuit = linear_ladder();
  const LookBack back(circuit, grid_of(100, Method::bdf2), {tone});
  const auto audit = back.audit();
  const double v = back.trajectory.voltages.at(99, static_cast<std::size_t>(circuit->find_node("a")));
  CHECK(audit.branches[0].stored == doctest::Approx(0.5 * 0.7 * v * v));
  const double flux = back.record.controlling.at(100, 1);
  CHECK(audit.branches[1].stored == doctest::Approx(0.5 * flux * flux / 0.8));

  const auto varactor = Schematic().current_source("i1", "0", "a").with_law<Capacitor, PolynomialLaw>("c1", "a", "0", {0.5, 0.1, 0.2}).freeze();
  const LookBack charged(varactor, grid_of(100, Method::be), {[](double) { return 0.3; }});
  const double u = charged.trajectory.voltages.at(99, 1);
  // integral of v q'(v) dv with q = k0 v + k1 v^2 + k2 v^3
  CHECK(charged.audit().branches[0].stored == doctest::Approx(0.5 * u * u / 2 + 2 * 0.1 * u * u * u / 3 + 3 * 0.2 * u * u * u * u / 4));
}

TEST_CASE("a run from its operating point balances too: what was stored before it began is no gain") {
  const auto circuit = nonlinear_ladder();
  const auto wave = [](double t) { return 0.4 + 0.5 * std::sin(2 * t); };
  const auto start = test::operating_point(*circuit, {wave(0)}).state;
  const auto at = [&](std::size_t steps) { return LookBack(circuit, grid_of(steps, Method::bdf2), {wave}, start).audit(); };
  CHECK(at(400).imbalance / at(800).imbalance == doctest::Approx(4).epsilon(0.15));
  const auto still = LookBack(circuit, grid_of(50, Method::bdf2), {[](double) { return 0.4; }}, start).audit();
  CHECK(still.stored == doctest::Approx(0).epsilon(1e-9));
  CHECK(still.relative_imbalance < 1e-9);
  CHECK(still.delivered > 0);
}

TEST_CASE("Kirchhoff's residual from branch currents computed anew is round-off on every class, and shows a run that was tampered with") {
  for (const auto kind : {CircuitClass::linear, CircuitClass::resistive_nonlinear, CircuitClass::kendall, CircuitClass::memristive, CircuitClass::directed}) {
    LookBack back(test::make_circuit(kind, 5), grid_of(120, Method::bdf2), {tone});
    CAPTURE(static_cast<int>(kind));
    CHECK(back.residual().relative_current < 1e-10);
    back.trajectory.voltages.at(60, 2) += 1e-3;
    back.record = record_branches(back.run());
    CHECK(back.residual().relative_current > 1e-5);
  }
}

TEST_CASE("a source's row is checked as a voltage") {
  LookBack back(nonlinear_ladder(), grid_of(60, Method::trap), {tone});
  CHECK(back.residual().relative_voltage < 1e-14);
  back.trajectory.voltages.at(10, static_cast<std::size_t>(back.circuit->find_node("in"))) += 0.01;
  CHECK(back.residual().voltage == doctest::Approx(0.01));
}
