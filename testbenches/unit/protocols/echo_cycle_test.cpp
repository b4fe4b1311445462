#include <doctest/doctest.h>

#include <cmath>

#include "circuits/schematic.hpp"
#include "runtime/plant/direct_plant.hpp"
#include "runtime/protocols/cycle.hpp"

using namespace tellegen;
using namespace tellegen::elements;
using test::Schematic;

namespace {

constexpr TimeGrid grid{.step = 0.1, .steps = 24, .method = Method::bdf2};

std::shared_ptr<const Circuit> circuit_of_skew_zero() {
  return Schematic().current_source("i1", "0", "a").with_law<Capacitor, TanhLaw>("c1", "a", "0", {0.5, 0.4, 0.6}).resistor("r1", "a", "0", 2).freeze();
}

PlantSetup setup_of(const std::shared_ptr<const Circuit>& circuit) {
  return {.circuit = circuit, .grid = grid, .probes = {{circuit->find_node("a"), ground}}, .learning = {{.parameter = 0, .rate = 0.1}},
          .slots = {circuit->initial_slots().begin(), circuit->initial_slots().end()}};
}

Table stimulus(double amplitude) {
  Table table(grid.steps, 1);
  for (std::size_t n = 0; n < grid.steps; ++n) table.at(n, 0) = amplitude * std::sin(0.5 * static_cast<double>(n + 1));
  return table;
}

double slope_at(std::size_t n) { return 0.3 * std::cos(0.7 * static_cast<double>(n)); }
Table fixed_error(const Table& probes) {
  Table error(probes.rows(), 1);
  for (std::size_t n = 0; n < probes.rows(); ++n) error.at(n, 0) = slope_at(n);
  return error;
}
Table no_error(const Table& probes) { return {probes.rows(), 1}; }

}  // namespace

TEST_CASE("the nudge is D^(s+1) of the reversed error slope, scaled to beta times the peak source current") {
  const auto circuit = circuit_of_skew_zero();
  DirectPlant plant(setup_of(circuit));
  const auto cycle = make_cycle(plant, *circuit, grid, Rule::biased_echo, {.beta = 0.02}, stimulus(0.7), fixed_error, false);
  plant.run(cycle.program);
  const auto& nudge = cycle.nudge.get();
  const auto w = quadrature_weights(1, grid.steps, grid.step, grid.method);  // s = 0: the derivative
  std::vector<double> expected(grid.steps, 0.0);
  double peak = 0;
  for (std::size_t m = 0; m < grid.steps; ++m) {
    for (std::size_t j = 0; j <= m; ++j) expected[m] += w[j] * slope_at(grid.steps - 1 - (m - j));
    peak = std::max(peak, std::abs(expected[m]));
  }
  const double k = 0.02 * cycle.record.get().peak_source_current / peak;
  double largest = 0;
  for (std::size_t m = 0; m < grid.steps; ++m) {
    CHECK(nudge.drive.at(m, 0) == doctest::Approx(k * expected[m]).epsilon(1e-11));
    largest = std::max(largest, std::abs(nudge.drive.at(m, 0)));
  }
  CHECK(largest == doctest::Approx(0.02 * cycle.record.get().peak_source_current));
  CHECK(nudge.beta == 0.02);
  CHECK(nudge.gain_plus == doctest::Approx(-1 / (2 * k)));
  CHECK(nudge.gain_minus == doctest::Approx(1 / (2 * k)));
}

TEST_CASE("an echo rule lists its phases: two sides when centred, one when not or when the echo is plain") {
  const auto circuit = circuit_of_skew_zero();
  const DirectPlant plant(setup_of(circuit));
  const auto sides = [&](Rule rule, bool centred) {
    const auto cycle = make_cycle(plant, *circuit, grid, rule, {.sides = centred ? Sides::centred : Sides::one}, stimulus(1), fixed_error, true);
    std::string text;
    for (const auto& step : cycle.program.steps())
      if (const auto* nudged = std::get_if<phases::Nudged>(&step)) text += nudged->side == Side::plus ? '+' : '-';
    CHECK(std::holds_alternative<phases::Clamped>(cycle.program.steps().front()));
    CHECK(std::holds_alternative<phases::Update>(cycle.program.steps().back()));
    return text;
  };
  CHECK(sides(Rule::biased_echo, true) == "+-");
  CHECK(sides(Rule::biased_echo, false) == "+");
  CHECK(sides(Rule::echo, true) == "+");
}

TEST_CASE("only the biased echo replays the records, in the skew of the circuit; the plain one reads products at skew -1") {
  const auto circuit = circuit_of_skew_zero();
  const DirectPlant plant(setup_of(circuit));
  const auto wiring = [&](Rule rule, bool swapped) {
    return make_cycle(plant, *circuit, grid, rule, {.ports_swapped = swapped}, stimulus(1), fixed_error, false).program.wiring();
  };
  CHECK(wiring(Rule::biased_echo, true).replay_bias);
  CHECK(wiring(Rule::biased_echo, true).reading.skew == 0.0);
  CHECK_FALSE(wiring(Rule::biased_echo, true).reading.product_only);
  CHECK_FALSE(wiring(Rule::echo, true).replay_bias);
  CHECK(wiring(Rule::echo, true).reading.skew == -1.0);
  CHECK(wiring(Rule::echo, true).reading.product_only);
  CHECK(wiring(Rule::echo, true).swap_ports);
  CHECK_FALSE(wiring(Rule::echo, false).swap_ports);
}

TEST_CASE("a cycle without update measures the gradient and leaves every parameter, one with update steps them") {
  const auto circuit = circuit_of_skew_zero();
  DirectPlant plant(setup_of(circuit));
  const auto before = plant.parameters();
  plant.run(make_cycle(plant, *circuit, grid, Rule::biased_echo, {}, stimulus(0.7), fixed_error, false).program);
  CHECK(plant.parameters() == before);
  const auto gradient = plant.gradient();
  plant.run(make_cycle(plant, *circuit, grid, Rule::biased_echo, {}, stimulus(0.7), fixed_error, true).program);
  CHECK(plant.gradient() == gradient);
  CHECK(plant.parameters()[0] == before[0] - 0.1 * gradient[0]);
}

TEST_CASE("an error that vanishes gives no nudge and no gradient") {
  const auto circuit = circuit_of_skew_zero();
  DirectPlant plant(setup_of(circuit));
  for (const double amplitude : {0.7, 0.0}) {
    const auto cycle = make_cycle(plant, *circuit, grid, Rule::biased_echo, {}, stimulus(amplitude), no_error, false);
    plant.run(cycle.program);
    CHECK(cycle.nudge.get().beta == 0.0);
    CHECK(plant.gradient()[0] == 0.0);
  }
}

TEST_CASE("an error without any source current leaves beta without a reference and is refused") {
  const auto circuit = circuit_of_skew_zero();
  DirectPlant plant(setup_of(circuit));
  const auto cycle = make_cycle(plant, *circuit, grid, Rule::biased_echo, {}, stimulus(0), fixed_error, true);
  const auto before = plant.parameters();
  CHECK_THROWS_AS(plant.run(cycle.program), InputError);
  CHECK(plant.parameters() == before);
}

TEST_CASE("a program of tickets can be run again with the same result") {
  const auto circuit = circuit_of_skew_zero();
  DirectPlant plant(setup_of(circuit));
  const auto cycle = make_cycle(plant, *circuit, grid, Rule::biased_echo, {}, stimulus(0.7), fixed_error, false);
  plant.run(cycle.program);
  const auto gradient = plant.gradient();
  plant.run(cycle.program);
  CHECK(plant.gradient() == gradient);
}
