#include <doctest/doctest.h>

#include <cmath>

#include "hw_models/solver/adjoint.hpp"
#include "circuits/random_circuits.hpp"

using namespace tellegen;
using namespace tellegen::elements;

namespace {

constexpr double step = 0.1;  // [s]

Table drive(const Circuit& circuit, std::size_t steps) {
  Table sources(steps, circuit.sources().size());
  for (std::size_t n = 0; n < steps; ++n)
    for (std::size_t s = 0; s < sources.columns(); ++s) {
      const double t = static_cast<double>(n + 1) * step;
      sources.at(n, s) = std::sin((1.3 + static_cast<double>(s)) * t) + 0.5 * std::cos(3.1 * t);
    }
  return sources;
}

/// 1/2 h sum (v_probe - r)^2 and its slope.
double loss_of(const Trajectory& run, NodeIndex probe, Table* slope) {
  double loss = 0;
  for (std::size_t n = 0; n < run.voltages.rows(); ++n) {
    const double target = 0.3 * std::sin(2 * static_cast<double>(n + 1) * step) + 0.1;
    const double error = run.voltages.at(n, probe) - target;
    loss += 0.5 * step * error * error;
    if (slope) slope->at(n, probe) = step * error;
  }
  return loss;
}

/// |adjoint - central differences| / |adjoint|, entries scaled by the parameter.
double gradient_error(const std::shared_ptr<const Circuit>& circuit, Method method, std::size_t steps = 60) {
  TransientEngine engine(circuit, {.step = step, .steps = steps, .method = method});
  const auto sources = drive(*circuit, steps);
  const NodeIndex probe = circuit->node_count() - 1;
  const auto run = run_forward(engine, sources);
  Table slope(steps, circuit->node_count());
  loss_of(run, probe, &slope);
  const auto exact = adjoint_gradient(engine, run, slope);
  double difference = 0, size = 0;
  std::vector<double> slots(circuit->initial_slots().begin(), circuit->initial_slots().end());
  for (std::size_t p = 0; p < slots.size(); ++p) {
    const double value = slots[p], change = 2e-5 * std::abs(value);
    double loss[2];
    for (const int side : {0, 1}) {
      slots[p] = value + (side ? -change : change);
      engine.set_slots(slots);
      loss[side] = loss_of(run_forward(engine, sources), probe, nullptr);
    }
    slots[p] = value;
    engine.set_slots(slots);
    const double measured = (loss[0] - loss[1]) / (2 * change);
    difference += std::pow((measured - exact[p]) * value, 2);
    size += std::pow(exact[p] * value, 2);
  }
  return std::sqrt(difference / size);
}

/// A circuit of every element kind: all skews at once, directed, with a floating voltage source.
std::shared_ptr<const Circuit> mixed_circuit(unsigned seed) {
  test::CircuitGenerator make(seed);
  const auto a = make.node(1), b = make.node(2), c = make.node(3), d = make.node(4);
  make.source(SourceKind::current, "i1", ground, a);
  make.source(SourceKind::voltage, "v1", b, c);
  make.nonlinear<Capacitor>("c1", make.any_law(), a, ground);
  make.linear<Capacitor>("c2", c, ground, make.uniform(0.3, 1));
  make.linear<Capacitor>("c3", d, ground, make.uniform(0.3, 1));
  make.nonlinear<Resistor>("r1", make.any_law(), a, b);
  make.linear<Resistor>("r2", d, ground, make.uniform(0.3, 1));
  make.nonlinear<Inductor>("l1", make.any_law(), b, ground);
  make.nonlinear<FractionalMemristor>("yfmem!f1", make.any_law(), c, d);
  make.nonlinear<Memristor>("ymem!m1", make.any_law(), a, d);
  make.nonlinear_between<Transconductor>("g1", law_id<TanhLaw>(), {d, ground}, {a, b}, -1);
  make.builder().add_branch({.name = "ycpe!p1", .element = element_id<ConstantPhase>(), .law = law_id<LinearLaw>(),
                             .orders = {.out = 0.6, .in = 1}, .out = {b, d}, .in = {b, d}, .values = {0.4}, .where = {}});
  make.builder().add_branch({.name = "d1", .element = element_id<Diode>(), .law = law_id<JunctionLaw>(), .orders = Diode::orders,
                             .out = {d, ground}, .in = {d, ground}, .values = {1e-3, 8.0}, .where = {}});
  return make.freeze();
}

}  // namespace

TEST_CASE("adjoint gradient of a circuit of every element kind equals central differences, for every method") {
  for (const unsigned seed : {1u, 2u, 3u, 4u, 5u})
    for (const Method method : {Method::be, Method::bdf2, Method::trap}) {
      CAPTURE(seed);
      CAPTURE(name_of(method));
      CHECK(gradient_error(mixed_circuit(seed), method) < 1e-7);
    }
}

TEST_CASE("adjoint gradient of a long run with half-order history equals central differences") {
  CHECK(gradient_error(mixed_circuit(7), Method::bdf2, 400) < 1e-7);
}
