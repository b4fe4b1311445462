#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "circuits/schematic.hpp"

using namespace tellegen;
using namespace tellegen::elements;
using test::Schematic;

namespace {

/// i = 0.3 v + v^2: no voltage carries less than -22.5 mA.
std::shared_ptr<const Circuit> square_law() {
  return Schematic().current_source("i1", "0", "out").with_law<Resistor, PolynomialLaw>("r1", "out", "0", {0.3, 1, 0}).freeze();
}

/// A circuit with every kind of memory, which a strong pull drives where no solution is.
std::shared_ptr<const Circuit> with_memories() {
  return Schematic().current_source("i1", "0", "a").with_law<Resistor, PolynomialLaw>("r1", "a", "0", {0.2, 1, 0}).capacitor("c1", "a", "0", 0.5)
      .with_law<FractionalMemristor, SinhLaw>("yfmem!f1", "a", "b", {0.2, 0.3, 0.8}).with_law<Capacitor, TanhLaw>("c2", "b", "0", {0.2, 0.3, 0.5})
      .with_law<Inductor, TanhLaw>("l1", "b", "0", {0.5, 0.4, 0.3}).diode("d1", "b", "0", 1e-3, 8).voltage_source("v1", "c", "b").resistor("r2", "c", "0", 2)
      .freeze();
}

std::string message_of(const std::shared_ptr<const Circuit>& circuit, const TimeGrid& grid, const std::vector<std::function<double(double)>>& drive) {
  try {
    (void)test::simulate(circuit, grid, drive);
  } catch (const ConvergenceError& error) {
    return error.what();
  }
  return "converged";
}

}  // namespace

TEST_CASE("a step without a solution says when, which node, between which voltages, around which element, and what to try") {
  const auto message = message_of(square_law(), {.step = 0.1, .steps = 5, .method = Method::bdf2}, {[](double t) { return t < 0.25 ? 1.0 : -1.0; }});
  CAPTURE(message);
  CHECK(message.starts_with("no convergence at t = 300 ms: node out oscillates between "));
  CHECK(message.find("V and ") != std::string::npos);
  CHECK(message.ends_with("V around resistor r1; try a smaller [time] step"));
}

TEST_CASE("an oscillating node's range is that of its last iterates") {
  const auto circuit = square_law();
  TransientEngine engine(circuit, {.step = 0.1, .steps = 2, .method = Method::bdf2});
  engine.begin(forward_network);
  const double pull[] = {-1.0};
  REQUIRE(engine.step({.sources = pull, .injected = {}, .bias = {}}) == SolveStatus::not_converged);
  CHECK(engine.failure().low < engine.failure().high);
  CHECK(engine.failure().time == doctest::Approx(0.1));
  CHECK(engine.failure().unknown == circuit->find_node("out"));
  CHECK(engine.failure().branch == circuit->find_branch("r1"));
}

TEST_CASE("a current that saturated conductances cannot carry is a failure that names the node") {
  const auto circuit = Schematic().current_source("i1", "0", "out").with_law<Resistor, TanhLaw>("r1", "out", "0", {0, 1, 0.5}).freeze();
  const auto message = message_of(circuit, {.step = 0.1, .steps = 5, .method = Method::bdf2}, {[](double) { return 3.0; }});
  CAPTURE(message);
  CHECK(message.find("at t = 100 ms") != std::string::npos);
  CHECK(message.find("node out") != std::string::npos);
}

TEST_CASE("elements that cancel give no unique solution") {
  const auto circuit = Schematic().current_source("i1", "0", "out").resistor("r1", "out", "0", 2).resistor("r2", "out", "0", -2).freeze();
  const auto message = message_of(circuit, {.step = 0.1, .steps = 5, .method = Method::bdf2}, {[](double) { return 3.0; }});
  CAPTURE(message);
  CHECK(message.starts_with("no unique solution at t = 100 ms: the equations of node out are singular"));
}

TEST_CASE("a drive that is not a number is a failure, never a result") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto& circuit : {square_law(), Schematic().current_source("i1", "0", "a").resistor("r1", "a", "0", 1).freeze()}) {
    const auto message = message_of(circuit, {.step = 0.1, .steps = 5, .method = Method::bdf2}, {[](double) { return nan; }});
    CAPTURE(message);
    CHECK(message.find("left the range of finite numbers") != std::string::npos);
  }
}

TEST_CASE("after a failed step the engine goes on as if it had never been tried") {
  const auto circuit = with_memories();
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Method method : {Method::be, Method::bdf2, Method::trap})
    for (const double bad : {-1e7, nan}) {
      CAPTURE(name_of(method));
      CAPTURE(bad);
      const TimeGrid grid{.step = 0.05, .steps = 60, .method = method};
      const auto drive = test::sampled(grid, {[](double t) { return std::sin(3 * t); }, [](double t) { return 0.3 * std::cos(t); }});
      TransientEngine engine(circuit, grid), untroubled(circuit, grid);
      engine.begin(forward_network);
      untroubled.begin(forward_network);
      for (std::size_t n = 0; n < grid.steps; ++n) {
        if (n % 7 == 3) {
          const std::vector<double> before(engine.voltages().begin(), engine.voltages().end());
          const double current = engine.source_current(0), pull[] = {bad, 0.0};
          REQUIRE(engine.step({.sources = pull, .injected = {}, .bias = {}}) != SolveStatus::converged);
          CHECK(std::ranges::equal(engine.voltages(), before));
          CHECK(engine.source_current(0) == current);
          CHECK(engine.steps_done() == n);
        }
        const StepDrive sane{.sources = drive.row(n), .injected = {}, .bias = {}};
        REQUIRE(engine.step(sane) == SolveStatus::converged);
        REQUIRE(untroubled.step(sane) == SolveStatus::converged);
        for (std::size_t node = 1; node < engine.voltages().size(); ++node)
          CHECK(engine.voltages()[node] == doctest::Approx(untroubled.voltages()[node]).epsilon(1e-12).scale(1));
        for (std::size_t k = 0; k < circuit->branches().size(); ++k)
          CHECK(engine.controlling()[k] == doctest::Approx(untroubled.controlling()[k]).epsilon(1e-12).scale(1));
      }
    }
}

TEST_CASE("a run begun anew equals the first, also after an adjoint run between") {
  const auto circuit = with_memories();
  const TimeGrid grid{.step = 0.05, .steps = 60, .method = Method::bdf2};
  const auto drive = test::sampled(grid, {[](double t) { return std::sin(3 * t); }, [](double t) { return 0.3 * std::cos(t); }});
  TransientEngine engine(circuit, grid);
  const auto first = run_forward(engine, drive);
  Table slope(grid.steps, static_cast<std::size_t>(circuit->node_count()));
  for (std::size_t n = 0; n < grid.steps; ++n) slope.at(n, 1) = 1;
  const auto gradient = adjoint_gradient(engine, first, slope);
  const auto second = run_forward(engine, drive);
  for (std::size_t n = 0; n < grid.steps; ++n)
    for (std::size_t node = 1; node < first.voltages.columns(); ++node)
      CHECK(second.voltages.at(n, node) == doctest::Approx(first.voltages.at(n, node)).epsilon(1e-13).scale(1));
  CHECK(adjoint_gradient(engine, second, slope)[0] == doctest::Approx(gradient[0]).epsilon(1e-11));
}

TEST_CASE("a step past the end of the grid is refused") {
  TransientEngine engine(Schematic().current_source("i1", "0", "a").resistor("r1", "a", "0", 1).freeze(), {.step = 0.1, .steps = 1, .method = Method::be});
  engine.begin(forward_network);
  CHECK(engine.step({}) == SolveStatus::converged);
  CHECK_THROWS_AS((void)engine.step({}), std::logic_error);
  engine.begin(forward_network);
  CHECK(engine.step({}) == SolveStatus::converged);
}
