#include <doctest/doctest.h>

#include <cmath>

#include "circuits/schematic.hpp"
#include "runtime/plant/direct_plant.hpp"

using namespace tellegen;
using namespace tellegen::elements;
using test::Schematic;

namespace {

constexpr TimeGrid grid{.step = 0.1, .steps = 20, .method = Method::bdf2};

/// i = 0.5 v + 0.2 v^2 in parallel with a trained resistor: no voltage carries a strongly negative current.
std::shared_ptr<const Circuit> circuit_with_limit() {
  return Schematic().current_source("i1", "0", "a").with_law<Resistor, PolynomialLaw>("r1", "a", "0", {0.5, 0.2, 0}).resistor("r2", "a", "b", 2)
      .capacitor("c1", "b", "0", 0.3).inductor("l1", "b", "0", 4).freeze();
}

std::int32_t parameter(const Circuit& circuit, std::string_view name) {
  const auto parameters = circuit.parameters();
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  REQUIRE(found != parameters.end());
  return static_cast<std::int32_t>(found - parameters.begin());
}

PlantSetup setup_of(const std::shared_ptr<const Circuit>& circuit) {
  PlantSetup setup{.circuit = circuit, .grid = grid, .probes = {{circuit->find_node("b"), ground}}, .learning = {},
                   .slots = {circuit->initial_slots().begin(), circuit->initial_slots().end()}};
  for (const auto name : {"l1.l", "r1.k1", "r2.r"}) setup.learning.push_back({.parameter = parameter(*circuit, name), .rate = 0.05});
  return setup;
}

Table stimulus(double amplitude) {
  Table table(grid.steps, 1);
  for (std::size_t n = 0; n < grid.steps; ++n) table.at(n, 0) = amplitude * std::sin(0.4 * static_cast<double>(n)) + 0.2 * std::abs(amplitude);
  return table;
}

/// One cycle of a biased echo with a fixed drive.
struct Cycle {
  PhaseProgram program{{.swap_ports = true, .replay_bias = true, .reading = {.skew = -1}}};
  Ticket<ClampedRecord> record;
  Ticket<Nudge> nudge;

  explicit Cycle(double amplitude, double drive = 1e-3) {
    record = program.clamped(stimulus(amplitude));
    nudge = program.turn(record, [drive](const ClampedRecord&) {
      Nudge answer{.drive = Table(grid.steps, 1), .gain_plus = -500, .gain_minus = 500};
      for (std::size_t n = 0; n < grid.steps; ++n) answer.drive.at(n, 0) = drive * std::cos(0.3 * static_cast<double>(n));
      return answer;
    });
    program.nudged(nudge, Side::plus);
    program.nudged(nudge, Side::minus);
    program.accumulate(nudge);
    program.update();
  }
};

}  // namespace

TEST_CASE("a plant gives parameters in the users' own views, in the order of the setup") {
  const auto circuit = circuit_with_limit();
  DirectPlant plant(setup_of(circuit));
  CHECK(plant.parameters() == std::vector<double>{4, 0.2, 2});
  plant.set_parameters(std::vector<double>{5, 2, 8});
  CHECK(plant.parameters() == std::vector<double>{5, 2, 8});
  CHECK(plant.slots()[circuit->parameters()[parameter(*circuit, "l1.l")].slot] == doctest::Approx(0.2));
  CHECK(plant.slots()[circuit->parameters()[parameter(*circuit, "r2.r")].slot] == doctest::Approx(0.125));
}

TEST_CASE("a clamped phase records the probes, the node voltages and the largest source current of the solver's own run") {
  const auto circuit = circuit_with_limit();
  DirectPlant plant(setup_of(circuit));
  const Cycle cycle(0.5);
  plant.run(cycle.program);
  TransientEngine engine(circuit, grid);
  const auto run = run_forward(engine, stimulus(0.5));
  double peak = 0;
  for (std::size_t n = 0; n < grid.steps; ++n) {
    peak = std::max(peak, std::abs(run.source_currents.at(n, 0)));
    CHECK(cycle.record.get().probes.at(n, 0) == run.voltages.at(n, static_cast<std::size_t>(circuit->find_node("b"))));
    CHECK(plant.clamped_voltages().at(n, 1) == run.voltages.at(n, 1));
  }
  CHECK(cycle.record.get().peak_source_current == peak);
  CHECK(plant.ticks() == grid.steps);
  CHECK(plant.steps_per_tick() == 1);
}

TEST_CASE("an update steps every trained parameter by its rate against its accumulator") {
  DirectPlant plant(setup_of(circuit_with_limit()));
  const auto before = plant.parameters();
  plant.run(Cycle(0.5).program);
  const auto gradient = plant.gradient(), after = plant.parameters();
  for (std::size_t i = 0; i < before.size(); ++i) {
    CHECK(gradient[i] != 0.0);
    CHECK(after[i] == before[i] - 0.05 * gradient[i]);
  }
}

TEST_CASE("a program that fails to converge leaves the parameters as they were, and the next one runs as if it had not been") {
  const auto setup = setup_of(circuit_with_limit());
  DirectPlant plant(setup), untroubled(setup);
  for (int epoch = 0; epoch < 3; ++epoch) {
    const auto before = plant.parameters();
    const std::vector<double> slots(plant.slots().begin(), plant.slots().end());
    const Cycle impossible(-50), impossible_echo(0.5, 1e6);
    CHECK_THROWS_AS(plant.run(impossible.program), ConvergenceError);
    CHECK(plant.parameters() == before);
    CHECK_THROWS_AS((void)impossible.record.get(), std::logic_error);
    CHECK_THROWS_AS(plant.run(impossible_echo.program), ConvergenceError);
    CHECK(plant.parameters() == before);
    CHECK(std::ranges::equal(plant.slots(), slots));
    plant.run(Cycle(0.5).program);
    untroubled.run(Cycle(0.5).program);
    for (std::size_t i = 0; i < before.size(); ++i) {
      CHECK(plant.gradient()[i] == doctest::Approx(untroubled.gradient()[i]).epsilon(1e-9));
      CHECK(plant.parameters()[i] == doctest::Approx(untroubled.parameters()[i]).epsilon(1e-9));
    }
  }
}

TEST_CASE("a program that fails to converge does not wear momentum down: accumulators are as before it, and so is what follows") {
  auto setup = setup_of(circuit_with_limit());
  for (auto& learning : setup.learning) learning.decay = 0.5;
  DirectPlant plant(setup), untroubled(setup);
  for (int epoch = 0; epoch < 3; ++epoch) {
    const auto before = plant.gradient();
    CHECK_THROWS_AS(plant.run(Cycle(-50).program), ConvergenceError);
    CHECK(plant.gradient() == before);
    CHECK_THROWS_AS(plant.run(Cycle(0.5, 1e6).program), ConvergenceError);
    CHECK(plant.gradient() == before);
    plant.run(Cycle(0.5).program);
    untroubled.run(Cycle(0.5).program);
    for (std::size_t i = 0; i < before.size(); ++i) CHECK(plant.gradient()[i] == doctest::Approx(untroubled.gradient()[i]).epsilon(1e-9));
  }
}

TEST_CASE("a program that nudges before the controller's turn is refused when it is run") {
  DirectPlant plant(setup_of(circuit_with_limit()));
  PhaseProgram program({});
  (void)program.clamped(stimulus(0.5));
  program.nudged(Ticket<Nudge>(), Side::plus);
  CHECK_THROWS_AS(plant.run(program), std::logic_error);
}
