#include <doctest/doctest.h>

#include <numbers>

#include "circuits/schematic.hpp"
#include "hw_models/solver/complex_operating_point.hpp"

using namespace tellegen;
using namespace tellegen::elements;
using test::Schematic;
using Complex = std::complex<double>;

namespace {

/// Resistors, diodes, an inductor that is a short, a capacitor that is open, a voltage and a current source.
std::shared_ptr<const Circuit> network(double extra_current_source = 0) {
  Schematic schematic;
  schematic.voltage_source("v1", "in", "0").resistor("r1", "in", "a", 1e3).diode("d1", "a", "b", 1e-9, 1.5);
  schematic.with_law<Resistor, TanhLaw>("r2", "b", "0", {2e-4, 5e-4, 0.3}).resistor("r3", "b", "c", 500).inductor("l1", "c", "d", 1e-3);
  schematic.resistor("r4", "d", "0", 3e3).capacitor("c1", "c", "0", 1e-9).current_source("i1", "0", "c");
  if (extra_current_source > 0) schematic.current_source("i2", "0", "b");
  return schematic.freeze();
}

std::vector<double> slots_of(const Circuit& circuit) { return {circuit.initial_slots().begin(), circuit.initial_slots().end()}; }

}  // namespace

TEST_CASE("under a real nudge the complex point is the real operating point with that current") {
  const auto circuit = network(), with_source = network(1);
  const auto slots = slots_of(*circuit);
  const ComplexOperatingPoint point(*circuit, slots, test::operating_point(*circuit, {1.0, 2e-4}).state);
  std::vector<double> g(static_cast<std::size_t>(circuit->node_count()), 0.0);
  const auto b = circuit->find_node("b");
  g[b] = 1;
  const auto x = point.solve(g, -3e-4);  // +lambda g stands on the left: a negative one drives current into the node
  const auto expected = test::operating_point(*with_source, {1.0, 2e-4, 3e-4}).state.node_voltage;
  for (NodeIndex node = 1; node < circuit->node_count(); ++node) CHECK(std::abs(x[node] - expected[node]) < 1e-9);
}

TEST_CASE("the complex point is conjugate under the conjugate nudge, and the first Fourier coefficient on a circle is its slope") {
  const auto circuit = network();
  const auto slots = slots_of(*circuit);
  const ComplexOperatingPoint point(*circuit, slots, test::operating_point(*circuit, {1.0, 2e-4}).state);
  std::vector<double> g(static_cast<std::size_t>(circuit->node_count()), 0.0);
  g[circuit->find_node("c")] = 1;
  const Complex lambda(3e-5, 2e-5);
  const auto x = point.solve(g, lambda), mirrored = point.solve(g, std::conj(lambda));
  for (std::size_t i = 1; i < x.size(); ++i) CHECK(std::abs(x[i] - std::conj(mirrored[i])) < 1e-12);

  const auto coefficient = [&](double radius, std::size_t points) {
    std::vector<double> sum(slots.size(), 0.0);
    for (std::size_t j = 0; j < points; ++j) {
      const auto turn = std::polar(1.0, 2 * std::numbers::pi * static_cast<double>(j) / static_cast<double>(points));
      const auto contrast = point.potential_contrast(point.solve(g, radius * turn));
      for (std::size_t s = 0; s < sum.size(); ++s) sum[s] += (std::conj(turn) * contrast[s]).real() / (radius * static_cast<double>(points));
    }
    return sum;
  };
  // dv_c/dp by central differences of the operating point
  const auto v_c = [&](std::vector<double> at) {
    return find_operating_point(*circuit, {.sources = {1.0, 2e-4}, .slots = std::move(at), .first_guess = {}, .held = {}}).state.node_voltage[circuit->find_node("c")];
  };
  const auto estimate = coefficient(1e-5, 8);
  for (const auto& branch : circuit->branches()) {
    if (!conducts_in_dc(branch)) continue;
    for (std::int32_t s = branch.first_slot; s < branch.first_slot + branch.slots; ++s) {
      auto above = slots, below = slots;
      above[s] *= 1 + 1e-5, below[s] *= 1 - 1e-5;
      CAPTURE(branch.name);
      CHECK(estimate[s] * slots[s] == doctest::Approx((v_c(above) - v_c(below)) / 2e-5).epsilon(1e-5));
    }
  }
  const auto v_c_of = [&](double e, double i) { return test::operating_point(*circuit, {e, i}).state.node_voltage[circuit->find_node("c")]; };
  CHECK(estimate[circuit->sources()[0].dc_slot] == doctest::Approx((v_c_of(1 + 1e-5, 2e-4) - v_c_of(1 - 1e-5, 2e-4)) / 2e-5).epsilon(1e-5));
  CHECK(estimate[circuit->sources()[1].dc_slot] == doctest::Approx((v_c_of(1, 2e-4 + 1e-9) - v_c_of(1, 2e-4 - 1e-9)) / 2e-9).epsilon(1e-5));
}

TEST_CASE("what has no analytic static law is refused by name") {
  const auto refusal = [](const std::shared_ptr<const Circuit>& circuit) {
    try {
      const ComplexOperatingPoint point(*circuit, circuit->initial_slots(), test::operating_point(*circuit, {1e-3}).state);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("(no error)");
  };
  const auto base = [] { return std::move(Schematic().current_source("i1", "0", "a").resistor("r1", "a", "0", 1e3)); };
  CHECK(refusal(base().freeze()) == "(no error)");
  CHECK(refusal(base().transconductor("g1", "b", "0", "a", "0", {1e-3}).resistor("r2", "b", "0", 1e3).freeze()).find("g1 (transconductor)") != std::string::npos);
  CHECK(refusal(base().with_law<Memristor, TanhLaw>("ymem!m1", "a", "0", {1e-3, 1e-3, 1}).freeze()).find("conducts through a memory") != std::string::npos);
}
