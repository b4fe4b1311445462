// One synapse cell through its ports: strobes in, accumulators and parameters out.

#include <doctest/doctest.h>

#include <cmath>

#include "hw_models/chip/simulation_context.hpp"
#include "hw_models/chip/synapse_cell.hpp"
#include "hw_models/elements/element_list.hpp"

using namespace tellegen;
using namespace tellegen::chip;
using sc_core::sc_signal;

namespace {

constexpr std::size_t depth = 6;

/// Cell of a nonlinear resistor f(v) = k0 v + k1 tanh(v/z0), with its wires.
class CellBench {
 public:
  CellBench() {
    cell.phase(phase), cell.present(present), cell.sample(sample), cell.accumulate(accumulate), cell.update(update);
    cell.sampled_tick(sampled_tick), cell.gain_plus(gain_plus), cell.gain_minus(gain_minus);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    cell.physics().configure({.skew = -1});
  }

  using Wire = sc_signal<bool, sc_core::SC_MANY_WRITERS>;
  void strobe(Wire& wire) {
    wire.write(true);
    settle();
    wire.write(false);
    settle();
  }
  void take_sample(std::uint32_t tick, double value) {
    signal = value;
    sampled_tick.write(tick);
    strobe(sample);
  }
  /// One nudged phase of a single analog step.
  void nudge(Side side, double bias, double dz) {
    cell.physics().begin_echo(side);
    cell.physics().correlate({.bias = bias, .dz = dz, .v_out = dz}, 0, 1);
  }
  void set_gains(double plus, double minus) {
    gain_plus.write(plus);
    gain_minus.write(minus);
    settle();
  }
  [[nodiscard]] LearningSlot& slot(std::size_t s) { return cell.physics().slot(s); }

 private:
  static void settle() { sc_core::sc_start(1, sc_core::SC_NS); }
  static CellPhysics physics() {
    CircuitBuilder builder;
    builder.node("a");
    builder.add_branch({.name = "r1", .element = element_id<elements::Resistor>(), .law = law_id<TanhLaw>(), .orders = elements::Resistor::orders,
                        .out = {1, 0}, .in = {1, 0}, .values = {0.5, 2, 0.8}, .where = {}});
    builder.add_source({.name = "i1", .kind = SourceKind::current, .port = {0, 1}, .waveform = Waveform(0.0), .where = {}});
    const auto circuit = std::move(builder).freeze();
    return {circuit.branches()[0], 0, circuit.initial_slots(), {.step = 0.1, .steps = 2 * depth}, depth};
  }

  SimulationContext context_{1e-12};

 public:
  Wire present{"present"}, sample{"sample"}, accumulate{"accumulate"}, update{"update"};
  sc_signal<std::uint32_t, sc_core::SC_MANY_WRITERS> phase{"phase"}, sampled_tick{"sampled_tick"};
  sc_signal<double, sc_core::SC_MANY_WRITERS> gain_plus{"gain_plus"}, gain_minus{"gain_minus"};
  double signal = 0;
  SynapseCell cell{"cell", physics(), [this] { return signal; }};
};

}  // namespace

TEST_CASE("each sample strobe puts the branch signal of that moment at the address on the port, and nothing else does") {
  CellBench bench;
  for (const std::uint32_t tick : {0u, 1u, 2u, 3u, 4u, 5u}) bench.take_sample(tick, 0.25 * tick + 1);
  bench.signal = 99;  // moves on without a strobe
  bench.strobe(bench.present), bench.strobe(bench.accumulate), bench.strobe(bench.update);
  for (std::size_t tick = 0; tick < depth; ++tick) CHECK(bench.cell.physics().recorded(tick) == 0.25 * static_cast<double>(tick) + 1);
  bench.take_sample(3, -7);
  CHECK(bench.cell.physics().recorded(3) == -7);
  CHECK(bench.cell.physics().recorded(2) == 1.5);
}

TEST_CASE("accumulate adds the two correlators, each with its gain, once a strobe") {
  CellBench bench;
  const double bias = 0.4, dz = 0.1, z0 = 0.8, k1 = 2;
  bench.nudge(Side::plus, bias, dz);
  bench.nudge(Side::minus, bias, -dz);
  // dF/dk0 = z^2/2, dF/dk1 = z0 ln cosh(z/z0)
  const auto contrast_k0 = [&](double d) { return 0.5 * (std::pow(bias + d, 2) - bias * bias); };
  const auto contrast_k1 = [&](double d) { return z0 * std::log(std::cosh((bias + d) / z0) / std::cosh(bias / z0)); };
  bench.set_gains(-5, 3);
  CHECK(bench.slot(0).accumulator == 0);
  bench.strobe(bench.accumulate);
  const double once_k0 = -5 * contrast_k0(dz) + 3 * contrast_k0(-dz);
  const double once_k1 = -5 * contrast_k1(dz) + 3 * contrast_k1(-dz);
  CHECK(bench.slot(0).accumulator == doctest::Approx(once_k0).epsilon(1e-12));
  CHECK(bench.slot(1).accumulator == doctest::Approx(once_k1).epsilon(1e-12));
  CHECK(bench.slot(2).accumulator != 0);
  bench.strobe(bench.accumulate);
  CHECK(bench.slot(0).accumulator == doctest::Approx(2 * once_k0).epsilon(1e-12));
  CHECK(bench.slot(0).value == 0.5);
  CHECK(k1 == bench.slot(1).value);
}

TEST_CASE("update moves each trained slot against its accumulator, clips it, and leaves the others alone") {
  CellBench bench;
  bench.slot(0).accumulator = 3, bench.slot(0).rate = 0.1;
  bench.slot(1).accumulator = 4;  // rate 0: not trained
  bench.slot(1).minimum = 100;    // and so not clipped either
  bench.slot(2).accumulator = -5, bench.slot(2).rate = 0.1, bench.slot(2).maximum = 1;
  bench.strobe(bench.update);
  CHECK(bench.slot(0).value == doctest::Approx(0.2));
  CHECK(bench.slot(1).value == 2);
  CHECK(bench.slot(2).value == 1);
  bench.slot(0).minimum = 0.1;
  bench.strobe(bench.update);
  CHECK(bench.slot(0).value == 0.1);
  CHECK(bench.slot(0).accumulator == 3);
}

TEST_CASE("a reciprocal view trains the inverse of the law's parameter, with the chain rule inside the cell") {
  CellBench bench;
  bench.slot(0).view = ViewKind::reciprocal;
  bench.slot(0).value = 2;  // k0 = 1/2
  CHECK(bench.cell.physics().law_parameter(0) == 0.5);
  bench.nudge(Side::plus, 0, 0.2);
  bench.set_gains(10, 0);
  bench.strobe(bench.accumulate);
  CHECK(bench.slot(0).accumulator == doctest::Approx(-0.25 * 10 * 0.5 * 0.04).epsilon(1e-12));
}

TEST_CASE("present keeps the decay part of the accumulators and empties the correlators") {
  CellBench bench;
  bench.slot(0).accumulator = 3, bench.slot(0).decay = 0.9;
  bench.slot(1).accumulator = 4;
  bench.nudge(Side::plus, 0.4, 0.1);
  bench.strobe(bench.present);
  CHECK(bench.slot(0).accumulator == doctest::Approx(2.7));
  CHECK(bench.slot(1).accumulator == 0);
  bench.set_gains(1, 1);
  bench.strobe(bench.accumulate);
  CHECK(bench.slot(0).accumulator == doctest::Approx(2.7));
}

TEST_CASE("a cell forgets an accumulator that is no number, unless it is to keep some of it") {
  CellBench bench;
  bench.slot(0).accumulator = NAN;
  bench.slot(1).accumulator = HUGE_VAL;
  bench.strobe(bench.present);
  CHECK(bench.slot(0).accumulator == 0);
  CHECK(bench.slot(1).accumulator == 0);
}
