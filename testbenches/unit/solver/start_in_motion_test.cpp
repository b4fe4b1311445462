#include <doctest/doctest.h>

#include <cmath>

#include "circuits/schematic.hpp"

using namespace tellegen;
using namespace tellegen::elements;
using test::Schematic;

namespace {

constexpr Method second_order[] = {Method::bdf2, Method::trap};

/// Voltage of node "out" from a start in motion at the given voltages of nodes, the source being one from t = 0 on.
std::vector<double> step_response(const std::shared_ptr<const Circuit>& circuit, const TimeGrid& grid, double first_out = 0) {
  TransientEngine engine(circuit, grid);
  const std::pair<NodeIndex, double> held[] = {{circuit->find_node("out"), first_out}};
  engine.begin_in_motion(initial_state(*circuit, circuit->initial_slots(), held), [](double) { return std::vector{1.0}; });
  std::vector<double> out;
  for (std::size_t n = 0; n < grid.steps; ++n) {
    require_converged(engine.step({.sources = std::vector{1.0}, .injected = {}, .bias = {}}), engine);
    out.push_back(engine.voltages()[circuit->find_node("out")]);
  }
  return out;
}

template <class Expected>
double largest_error(const std::vector<double>& wave, const TimeGrid& grid, Expected&& expected) {
  double largest = 0;
  for (std::size_t n = 0; n < wave.size(); ++n) largest = std::max(largest, std::abs(wave[n] - expected(grid.time(n + 1))));
  return largest;
}

}  // namespace

TEST_CASE("in motion from its start, a transient is of second order though the source jumps at t = 0") {
  const auto rc = Schematic().voltage_source("v1", "in", "0").resistor("r1", "in", "out", 2).capacitor("c1", "out", "0", 0.25).freeze();
  const auto rl = Schematic().voltage_source("v1", "in", "0").inductor("l1", "in", "out", 1).resistor("r1", "out", "0", 2).freeze();
  const auto lc = Schematic().voltage_source("v1", "in", "0").inductor("l1", "in", "out", 0.5).capacitor("c1", "out", "0", 0.5).resistor("r1", "out", "0", 1e9).freeze();
  const auto relaxing = [](double t) { return -std::expm1(-2 * t); };
  const auto swinging = [](double t) { return 1 - std::cos(2 * t); };
  for (const Method method : second_order) {
    CAPTURE(name_of(method));
    const auto grid = [&](std::size_t steps) { return TimeGrid{.step = 3.0 / static_cast<double>(steps), .steps = steps, .method = method}; };
    const auto ratio = [&](const auto& circuit, auto expected) {
      return largest_error(step_response(circuit, grid(300)), grid(300), expected) / largest_error(step_response(circuit, grid(600)), grid(600), expected);
    };
    CHECK(largest_error(step_response(rc, grid(300)), grid(300), relaxing) < 2e-4);
    CHECK(ratio(rc, relaxing) == doctest::Approx(4).epsilon(0.1));
    CHECK(ratio(rl, relaxing) == doctest::Approx(4).epsilon(0.1));
    CHECK(ratio(lc, swinging) == doctest::Approx(4).epsilon(0.1));
  }
}

TEST_CASE("what has run its course within the first step starts as from rest, without overshoot") {
  const auto stiff = Schematic().voltage_source("v1", "in", "0").resistor("r1", "in", "out", 1).capacitor("c1", "out", "0", 1e-3).freeze();
  const TimeGrid grid{.step = 0.1, .steps = 20, .method = Method::bdf2};
  for (const double v : step_response(stiff, grid)) CHECK(std::abs(v - 1) < 0.05);
  TransientEngine rest(stiff, grid);
  rest.begin(forward_network);
  const auto moving = step_response(stiff, grid);
  for (std::size_t n = 0; n < grid.steps; ++n) {
    require_converged(rest.step({.sources = std::vector{1.0}, .injected = {}, .bias = {}}), rest);
    CHECK(moving[n] == rest.voltages()[stiff->find_node("out")]);
  }
}

TEST_CASE("backward Euler has no use for the motion before its start") {
  const auto rc = Schematic().voltage_source("v1", "in", "0").resistor("r1", "in", "out", 2).capacitor("c1", "out", "0", 0.25).freeze();
  const TimeGrid grid{.step = 0.05, .steps = 50, .method = Method::be};
  CHECK(step_response(rc, grid, 0.3) == [&] {
    TransientEngine engine(rc, grid);
    const std::pair<NodeIndex, double> held[] = {{rc->find_node("out"), 0.3}};
    engine.begin(forward_network, initial_state(*rc, rc->initial_slots(), held));
    std::vector<double> out;
    for (std::size_t n = 0; n < grid.steps; ++n) {
      require_converged(engine.step({.sources = std::vector{1.0}, .injected = {}, .bias = {}}), engine);
      out.push_back(engine.voltages()[rc->find_node("out")]);
    }
    return out;
  }());
}
