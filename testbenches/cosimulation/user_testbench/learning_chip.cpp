// A chip behind its bus, built from a deck: one learning cycle on a parallel RC, its gradient and its update against the derivative
// of the recursion that backward Euler makes of that circuit:
//
//     v_n = (C/h v_(n-1) + i_n) / (C/h + g)         dv_n/dg = (C/h dv_(n-1)/dg - v_n) / (C/h + g)
//
// Exits with 1 when the chip found something else.

#include <cmath>
#include <iostream>
#include <systemc>
#include <tellegen/learning.hpp>

using namespace tellegen;

namespace {

constexpr double g = 1e-3, c = 2e-9, h = 100e-9;  // [S], [F], [s]
constexpr std::size_t steps = 60;
constexpr double rate = 1;  // [S^2/(V^2 s)]

double input(std::size_t n) { return 1e-3 * std::sin(0.2 * static_cast<double>(n)); }   // [A]
double target(std::size_t n) { return 0.5 * std::cos(0.1 * static_cast<double>(n)); }   // [V]

/// dL/dg of L = h sum 1/2 (v_n - target_n)^2.
double expected_gradient() {
  double v = 0, slope = 0, gradient = 0;
  for (std::size_t n = 1; n <= steps; ++n) {
    v = (c / h * v + input(n)) / (c / h + g);
    slope = (c / h * slope - v) / (c / h + g);
    gradient += h * (v - target(n)) * slope;
  }
  return gradient;
}

bool holds(const char* what, double is, double expected) {
  const bool good = std::abs(is - expected) <= 1e-9 * std::abs(expected);
  std::cout << (good ? "  ok    " : "  WRONG ") << what << ": " << is << ", expected " << expected << '\n';
  return good;
}

}  // namespace

int sc_main(int, char**) {
  const auto circuit = std::make_shared<const Circuit>(read_deck_text("parallel RC\nI1 0 out 0\nR1 out 0 1k\nC1 out 0 2n\n.end\n", "rc.cir").circuit);
  const TimeGrid grid{.step = h, .steps = steps, .method = Method::be};
  std::int32_t trained = 0;
  while (circuit->parameters()[static_cast<std::size_t>(trained)].name != "r1.g") ++trained;
  const PlantSetup setup{.circuit = circuit,
                         .grid = grid,
                         .probes = {{circuit->find_node("out"), ground}},
                         .learning = {{.parameter = trained, .rate = rate, .minimum = 1e-6}},
                         .slots = {circuit->initial_slots().begin(), circuit->initial_slots().end()}};

  const chip::ChipDescription description{
      .circuit = circuit, .grid = grid, .probes = setup.probes, .driven_sources = {0}, .cells = {circuit->find_branch("r1")}};
  chip::EmulatedChip chip(description);
  ChipPlant plant(chip.bus(), setup, {.driven_sources = description.driven_sources, .cells = description.cells});

  Table stimulus(steps, 1);
  for (std::size_t n = 0; n < steps; ++n) stimulus.at(n, 0) = input(n + 1);
  const auto error = [](const Table& probes) {
    Table slope(probes.rows(), 1);
    for (std::size_t n = 0; n < probes.rows(); ++n) slope.at(n, 0) = h * (probes.at(n, 0) - target(n + 1));
    return slope;
  };
  const auto cycle = make_cycle(plant, *circuit, grid, Rule::echo, {}, stimulus, error, true);
  plant.run(cycle.program);

  bool good = holds("gradient in r1.g [V^2 s/S]", plant.gradient()[0], expected_gradient());
  good &= holds("updated conductance [S]", plant.parameters()[0], g - rate * expected_gradient());
  return good ? 0 : 1;
}
