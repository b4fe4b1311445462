#include <doctest/doctest.h>

#include <cmath>

#include "circuits/class_circuits.hpp"
#include "hw_models/solver/adjoint.hpp"
#include "runtime/plant/direct_plant.hpp"
#include "runtime/protocols/echo.hpp"

using namespace tellegen;
using test::CircuitClass;

namespace {

constexpr TimeGrid grid{.step = 0.1, .steps = 80, .method = Method::bdf2};

struct Comparison {
  double relative_error = 0;
  Classification classification;
};

/// Gradient by the rule on the direct plant against the adjoint, entries scaled by the parameter.
Comparison compare(const std::shared_ptr<const Circuit>& circuit, Rule rule, EchoOptions options, double amplitude = 1) {
  const NodeIndex probe = circuit->node_count() - 1;
  Table stimulus(grid.steps, circuit->sources().size());
  std::vector<double> target(grid.steps);
  for (std::size_t n = 0; n < grid.steps; ++n) {
    const double t = grid.time(n + 1);
    stimulus.at(n, 0) = std::sin(1.3 * t) + 0.5 * std::cos(3.1 * t);
    target[n] = 0.3 * std::sin(2 * t) + 0.1;
  }
  TransientEngine engine(circuit, grid);
  const auto run = run_forward(engine, stimulus);
  Table slope(grid.steps, static_cast<std::size_t>(circuit->node_count()));
  for (std::size_t n = 0; n < grid.steps; ++n) slope.at(n, probe) = grid.step * (run.voltages.at(n, probe) - target[n]);
  const auto exact_slots = adjoint_gradient(engine, run, slope);

  PlantSetup setup{.circuit = circuit, .grid = grid, .probes = {{probe, ground}}, .learning = {},
                   .slots = {circuit->initial_slots().begin(), circuit->initial_slots().end()}};
  for (std::size_t p = 0; p < circuit->parameters().size(); ++p)
    if (circuit->parameters()[p].primary) setup.learning.push_back({.parameter = static_cast<std::int32_t>(p)});
  DirectPlant plant(setup);
  options.beta *= amplitude;
  const auto cycle = make_echo_cycle(plant, *circuit, grid, rule, options, stimulus,
                                     [&](const Table& probes) {
                                       Table e(grid.steps, 1);
                                       for (std::size_t n = 0; n < grid.steps; ++n) e.at(n, 0) = grid.step * (probes.at(n, 0) - target[n]);
                                       return e;
                                     },
                                     false);
  plant.run(cycle.program);
  const auto estimate = plant.gradient();
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < estimate.size(); ++i) {
    const auto& parameter = circuit->parameters()[setup.learning[i].parameter];
    const double value = circuit->parameter_value(parameter, setup.slots);
    const double slot = setup.slots[parameter.slot];
    const double exact = exact_slots[parameter.slot] * (parameter.view == ViewKind::reciprocal ? -slot * slot : 1);
    difference += std::pow((estimate[i] - exact) * value, 2);
    size += std::pow(exact * value, 2);
  }
  return {std::sqrt(difference / size), classify(*circuit, rule, {.centred = options.centred, .ports_swapped = options.ports_swapped})};
}

}  // namespace

TEST_CASE("the echo is exact on linear circuits at any amplitude, controlled sources swapped") {
  for (const unsigned seed : {1u, 2u, 3u})
    for (const double beta : {1e-6, 1e-2, 1.0, 1e3})
      for (const auto kind : {CircuitClass::linear, CircuitClass::directed_linear}) {
        const auto result = compare(test::make_circuit(kind, seed), Rule::echo, {.beta = beta});
        CHECK(result.relative_error < 1e-10);
        CHECK(result.classification.verdict == Verdict::exact);
      }
}

TEST_CASE("the centred biased echo is exact on linear circuits") {
  for (const unsigned seed : {1u, 2u, 3u}) CHECK(compare(test::make_circuit(CircuitClass::linear, seed), Rule::biased_echo, {.beta = 1e-2}).relative_error < 1e-10);
}

TEST_CASE("the centred biased echo errs with beta squared where all nonlinear elements share a skew, the one-sided with beta") {
  for (const auto kind : {CircuitClass::resistive_nonlinear, CircuitClass::kendall, CircuitClass::memristive, CircuitClass::directed})
    for (const unsigned seed : {1u, 2u, 3u, 4u, 5u}) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(seed);
      const auto circuit = test::make_circuit(kind, seed);
      const auto coarse = compare(circuit, Rule::biased_echo, {.beta = 1e-2});
      const auto fine = compare(circuit, Rule::biased_echo, {.beta = 1e-3});
      CHECK(coarse.classification.verdict == Verdict::exact_as_beta_vanishes);
      CHECK(coarse.relative_error / fine.relative_error > 90);
      CHECK(coarse.relative_error / fine.relative_error < 110);
      const auto one_coarse = compare(circuit, Rule::biased_echo, {.beta = 1e-2, .centred = false});
      const auto one_fine = compare(circuit, Rule::biased_echo, {.beta = 1e-3, .centred = false});
      CHECK(one_coarse.relative_error / one_fine.relative_error > 9);
      CHECK(one_coarse.relative_error / one_fine.relative_error < 11);
    }
}

TEST_CASE("mixed skews and unswapped ports are called biased and are, naming the element") {
  for (const unsigned seed : {1u, 2u, 3u}) {
    const auto mixed = compare(test::make_circuit(CircuitClass::mixed_skew, seed), Rule::biased_echo, {.beta = 1e-4});
    CHECK(mixed.classification.verdict == Verdict::biased);
    CHECK(mixed.classification.reason.find("c1 (capacitor") != std::string::npos);
    CHECK(mixed.relative_error > 1e-3);
    const auto fixed = compare(test::make_circuit(CircuitClass::directed, seed), Rule::biased_echo, {.beta = 1e-4, .ports_swapped = false});
    CHECK(fixed.classification.verdict == Verdict::biased);
    CHECK(fixed.classification.reason.find("g1 (transconductor)") != std::string::npos);
    CHECK(fixed.relative_error > 1e-2);
    const auto unbiased = compare(test::make_circuit(CircuitClass::kendall, seed), Rule::echo, {.beta = 1e-4});
    CHECK(unbiased.classification.verdict == Verdict::biased);
    CHECK(unbiased.relative_error > 1e-3);
  }
}
