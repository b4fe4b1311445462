// A free-running cluster: when its steps happen, and that time's resolution stays out of the physics.

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

#include "tellegen/chip.hpp"

using namespace tellegen;
using namespace tellegen::chip;
using namespace tellegen::units;
using sc_core::sc_time;

namespace {

/// Van der Pol-like loop: nonlinear, with memory, so that one step more or less would show.
struct Oscillator : sc_core::sc_module {
  Node a{"a"};
  Ground gnd;
  Capacitor c1{"c1", 1.0 * nano_farad};
  Inductor l1{"l1", 1.0 * milli_henry};
  Resistor r1{"r1", tanh_law<elements::Resistor>(1.0 * milli_siemens, -2.0 * milli_ampere, 1.0 * volt)};
  CurrentSource i1{"i1", Waveform(SineWave{.amplitude = 1e-3, .frequency = 1e5}, 0, false)};
  AnalogCluster cluster;
  std::vector<sc_time> instants;
  std::vector<double> voltages;

  SC_HAS_PROCESS(Oscillator);
  Oscillator(const sc_core::sc_module_name& name, const TimeGrid& grid) : sc_module(name), cluster("cluster", grid) {
    c1.p(a), c1.n(gnd);
    l1.p(a), l1.n(gnd);
    r1.p(a), r1.n(gnd);
    i1.p(gnd), i1.n(a);
    SC_METHOD(watch);
    dont_initialize();
    sensitive << cluster.stepped();
  }
  void watch() {
    instants.push_back(sc_core::sc_time_stamp());
    voltages.push_back(cluster.voltage(a));
  }
};

struct Record {
  std::vector<sc_time> instants;
  std::vector<double> voltages;
};

Record simulate(const TimeGrid& grid, const sc_time& until) {
  Oscillator oscillator("oscillator", grid);
  sc_core::sc_start(until);
  CHECK(oscillator.cluster.steps_done() == oscillator.voltages.size());
  return {oscillator.instants, oscillator.voltages};
}

}  // namespace

TEST_CASE("step n of a free-running cluster happens at n h, and none after the last") {
  SimulationContext context(1.0 * pico_second);
  Oscillator oscillator("oscillator", {.step = 2.5e-8, .steps = 400});
  sc_core::sc_start(sc_time(30, sc_core::SC_US));
  REQUIRE(oscillator.instants.size() == 400);
  CHECK(oscillator.cluster.steps_done() == 400);
  bool all_at_their_time = true;
  for (std::size_t n = 1; n <= 400; ++n) all_at_their_time &= oscillator.instants[n - 1] == sc_time(25.0 * static_cast<double>(n), sc_core::SC_NS);
  CHECK(all_at_their_time);
}

TEST_CASE("nothing has happened at time zero, and a start up to a step leaves that step to the next start") {
  SimulationContext context(1.0 * pico_second);
  Oscillator oscillator("oscillator", {.step = 1e-7, .steps = 10});
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  CHECK(oscillator.cluster.steps_done() == 0);
  CHECK(oscillator.cluster.voltage(oscillator.a) == 0);
  sc_core::sc_start(sc_time(0.3, sc_core::SC_US));
  CHECK(oscillator.cluster.steps_done() == 2);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  CHECK(oscillator.cluster.steps_done() == 3);
}

TEST_CASE("the physics is the same to the last bit whatever the resolution of simulated time") {
  const TimeGrid grid{.step = 2.5e-8, .steps = 300};
  std::vector<double> first;
  for (const auto& resolution : {femto_second, pico_second, nano_second, 100.0 * nano_second}) {
    SimulationContext context(resolution);
    const auto record = simulate(grid, sc_time(100, sc_core::SC_US));
    REQUIRE(record.voltages.size() == grid.steps);
    if (first.empty()) first = record.voltages;
    CHECK(record.voltages == first);
  }
}

TEST_CASE("a step of a third of a nanosecond is counted exactly: three thousand of them fill a microsecond") {
  SimulationContext context(1.0 * pico_second);
  const TimeGrid grid{.step = 1e-9 / 3, .steps = 6000};
  const auto record = simulate(grid, sc_time(1, sc_core::SC_US) + sc_time(1, sc_core::SC_PS));
  REQUIRE(record.instants.size() == 3000);
  CHECK(record.instants.back() == sc_time(1, sc_core::SC_US));
  CHECK(record.instants[0] == sc_time(333, sc_core::SC_PS));
  CHECK(record.instants[1] == sc_time(667, sc_core::SC_PS));
  CHECK(record.instants[2] == sc_time(1, sc_core::SC_NS));
}

TEST_CASE("steps shorter than the resolution share an instant and are all made") {
  SimulationContext context(1.0 * nano_second);
  const TimeGrid grid{.step = 1e-10, .steps = 1000};
  const auto record = simulate(grid, sc_time(101, sc_core::SC_NS));
  CHECK(record.instants.size() == 1000);
}

TEST_CASE("a cluster without a solution stops, says why, and lets the rest of the simulation go on") {
  SimulationContext context(1.0 * pico_second);
  struct Hopeless : sc_core::sc_module {
    Node a{"a"}, b{"b"};
    Ground gnd;
    CurrentSource i1{"i1", 1.0 * ampere};
    // A saturating conductance cannot carry the source's current.
    Resistor r1{"r1", tanh_law<elements::Resistor>(0.0 * siemens, 1.0 * milli_ampere, 1.0 * volt)}, r2{"r2", 1.0 * ohm};
    AnalogCluster cluster{"cluster", {.step = 1e-7, .steps = 10}};
    explicit Hopeless(const sc_core::sc_module_name& name) : sc_module(name) {
      i1.p(gnd), i1.n(a);
      r1.p(a), r1.n(b);
      r2.p(b), r2.n(gnd);
    }
  } hopeless("hopeless");
  Oscillator other("other", {.step = 1e-7, .steps = 10});
  sc_core::sc_start(sc_time(2, sc_core::SC_US));
  REQUIRE(hopeless.cluster.failure());
  CHECK(hopeless.cluster.steps_done() == 0);
  CHECK(explain(*hopeless.cluster.failure(), hopeless.cluster.circuit()).find("at t = 100 ns") != std::string::npos);
  CHECK(other.cluster.steps_done() == 10);
}

TEST_CASE("a hundred simulations in one process give the same bits and take less than two seconds") {
  const TimeGrid grid{.step = 2.5e-8, .steps = 300};
  const auto start = std::chrono::steady_clock::now();
  std::vector<double> first;
  for (int run = 0; run < 100; ++run) {
    SimulationContext context(1.0 * pico_second);
    const auto record = simulate(grid, sc_time(10, sc_core::SC_US));
    if (first.empty()) first = record.voltages;
    CHECK(record.voltages == first);
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  CHECK(first.size() == 300);
  CHECK(taken.count() < 2);
}
