// Netlists that a designer writes in C++.

#include <doctest/doctest.h>

#include <cmath>

#include "tellegen/chip.hpp"

using namespace tellegen;
using namespace tellegen::chip;
using namespace tellegen::units;

namespace {

constexpr double step = 1e-7;  // [s]
constexpr double rc = 1e-5;    // [s] of 10 kohm and 1 nF

TimeGrid grid_of(std::size_t steps, Method method = Method::bdf2) { return {.step = step, .steps = steps, .method = method}; }

/// Lets the simulation reach analog step n, which happens at n h.
void run_to_step(std::size_t n) {
  const auto until = sc_core::sc_time((static_cast<double>(n) + 0.5) * step, sc_core::SC_SEC);
  sc_core::sc_start(until - sc_core::sc_time_stamp());
}

void elaborate() { sc_core::sc_start(sc_core::SC_ZERO_TIME); }

/// What the elaboration of the modules at hand complains about.
std::string complaint() {
  try {
    elaborate();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

struct LowPass : sc_core::sc_module {
  Node in{"in"}, out{"out"};
  Ground gnd;
  VoltageSource v1{"v1", 1.0 * volt};
  Resistor r1{"r1", 10.0 * kilo_ohm};
  Capacitor c1{"c1", 1.0 * nano_farad};
  AnalogCluster cluster;

  LowPass(const sc_core::sc_module_name& name, const TimeGrid& grid) : sc_module(name), cluster("cluster", grid) {
    v1.p(in), v1.n(gnd);
    r1.p(in), r1.n(out);
    c1.p(out), c1.n(gnd);
  }
};

/// Subcircuit with an inner node.
struct Divider : sc_core::sc_module {
  Terminal a{"a"}, b{"b"}, tap{"tap"};
  Node mid{"mid"};
  Resistor r1{"r1", 1.0 * kilo_ohm}, r2{"r2", 1.0 * kilo_ohm}, r3{"r3", 2.0 * kilo_ohm};

  explicit Divider(const sc_core::sc_module_name& name) : sc_module(name) {
    r1.p(a), r1.n(mid);
    r2.p(mid), r2.n(tap);
    r3.p(tap), r3.n(b);
  }
};

/// Node voltages of the last step of the same circuit, from the solver alone.
std::vector<double> solved(CircuitBuilder builder, const TimeGrid& grid) {
  const auto circuit = std::make_shared<const Circuit>(std::move(builder).freeze());
  TransientEngine engine(circuit, grid);
  engine.begin(forward_network);
  std::vector<double> sources(circuit->sources().size());
  for (std::size_t n = 1; n <= grid.steps; ++n) {
    for (std::size_t s = 0; s < sources.size(); ++s) sources[s] = circuit->sources()[s].waveform.at(grid.time(n));
    REQUIRE(engine.step({.sources = sources, .injected = {}, .bias = {}}) == SolveStatus::converged);
  }
  return {engine.voltages().begin(), engine.voltages().end()};
}

}  // namespace

TEST_CASE("a low-pass of typed modules charges as backward Euler charges it, and as the exponential in the limit") {
  SimulationContext context(1.0 * pico_second);
  LowPass be("be", grid_of(300, Method::be)), bdf2("bdf2", grid_of(300, Method::bdf2));
  for (const std::size_t n : {1u, 2u, 50u, 300u}) {
    run_to_step(n);
    CHECK(be.cluster.voltage(be.out) == doctest::Approx(1 - std::pow(1 + step / rc, -static_cast<double>(n))).epsilon(1e-12));
  }
  CHECK(bdf2.cluster.voltage(bdf2.out) == doctest::Approx(1 - std::exp(-300 * step / rc)).epsilon(1e-3));
  CHECK(bdf2.cluster.voltage(bdf2.in) == 1);
}

TEST_CASE("modules at the top level, outside any module of the user, make a circuit too") {
  SimulationContext context(1.0 * pico_second);
  Node in{"in"}, out{"out"};
  Ground gnd;
  CurrentSource i1{"i1", 1.0 * milli_ampere};
  Resistor r1{"r1", 2.0 * kilo_ohm}, r2{"r2", 3.0 * kilo_ohm};
  AnalogCluster cluster{"cluster", grid_of(5)};
  i1.p(gnd), i1.n(in);
  r1.p(in), r1.n(out);
  r2.p(out), r2.n(gnd);
  run_to_step(5);
  CHECK(cluster.voltage(in) == doctest::Approx(5));
  CHECK(cluster.voltage(out) == doctest::Approx(3));
  CHECK(cluster.voltage(gnd) == 0);
}

TEST_CASE("modules of a subcircuit get hierarchical names, and its inner nodes are its own") {
  SimulationContext context(1.0 * pico_second);
  Node top{"top"}, left{"left"}, right{"right"};
  Ground gnd;
  VoltageSource v1{"v1", 4.0 * volt};
  Divider x1{"x1"}, x2{"x2"};
  Resistor load{"load", 1.0 * kilo_ohm};
  AnalogCluster cluster{"cluster", grid_of(1)};
  v1.p(top), v1.n(gnd);
  x1.a(top), x1.tap(left), x1.b(gnd);
  x2.a(top), x2.tap(right), x2.b(gnd);
  load.p(right), load.n(gnd);
  run_to_step(1);
  const auto& circuit = cluster.circuit();
  for (const auto* name : {"x1:r1", "x1:r2", "x2:r3", "load"}) CHECK(circuit.find_branch(name) >= 0);
  CHECK(circuit.find_branch("r1") == -1);
  CHECK(circuit.find_node("x1:mid") > 0);
  CHECK(circuit.find_node("x2:mid") != circuit.find_node("x1:mid"));
  CHECK(cluster.voltage(x1.mid) == doctest::Approx(3));
  CHECK(cluster.voltage(left) == doctest::Approx(2));
  CHECK(cluster.voltage(x2.mid) == doctest::Approx(2.5));
  CHECK(cluster.voltage(right) == doctest::Approx(1));
}

TEST_CASE("every kind of element and source, with and without a law, gives what the solver gives for the same circuit") {
  const TimeGrid grid = grid_of(40);
  const auto wave = Waveform(SineWave{.amplitude = 1e-3, .frequency = 2e5}, 0.0, false);
  std::vector<double> expected;
  {
    CircuitBuilder builder;
    for (const auto* name : {"a", "b", "c"}) builder.node(name);
    const Port ab{1, 2}, b0{2, 0}, c0{3, 0}, bc{2, 3};
    const auto branch = [&](const char* name, auto element, Port out, Port in, std::vector<double> values, LawId law = law_id<LinearLaw>()) {
      using E = decltype(element);
      builder.add_branch({.name = name, .element = element_id<E>(), .law = law, .orders = E::orders, .out = out, .in = in, .values = std::move(values), .where = {}});
    };
    branch("r", elements::Resistor{}, ab, ab, {1e-3});
    branch("rn", elements::Resistor{}, b0, b0, {1e-4, 2e-4, 0.3}, law_id<TanhLaw>());
    branch("c", elements::Capacitor{}, b0, b0, {1e-9});
    branch("cn", elements::Capacitor{}, c0, c0, {1e-10, 4e-10, 0.5}, law_id<TanhLaw>());
    branch("l", elements::Inductor{}, bc, bc, {1 / 1e-3});
    branch("d", elements::Diode{}, c0, c0, {1e-9, 1.5}, law_id<JunctionLaw>());
    branch("g", elements::Transconductor{}, c0, b0, {-2e-4});
    branch("gn", elements::Transconductor{}, c0, {1, 2}, {1e-5, 1e-6, 0.1}, law_id<SinhLaw>());
    branch("f", elements::FractionalMemristor{}, bc, bc, {1e-4});
    branch("fn", elements::FractionalMemristor{}, c0, c0, {1e-4, 1e-6, 1e-2}, law_id<SinhLaw>());
    branch("m", elements::Memristor{}, b0, b0, {1e-4});
    branch("mn", elements::Memristor{}, bc, bc, {1e-4, 1, 1e6}, law_id<PolynomialLaw>());
    branch("ln", elements::Inductor{}, c0, c0, {10, 1e-4, 1e-7}, law_id<SineLaw>());
    builder.add_branch({.name = "p", .element = element_id<elements::ConstantPhase>(), .law = law_id<LinearLaw>(), .orders = {.out = 0.7, .in = 1},
                        .out = c0, .in = c0, .values = {1e-8}, .where = {}});
    branch("ph", elements::ConstantPhase{}, b0, b0, {1e-8});
    builder.add_source({.name = "v", .kind = SourceKind::voltage, .port = {1, 0}, .waveform = Waveform(0.7), .where = {}});
    builder.add_source({.name = "i", .kind = SourceKind::current, .port = {0, 2}, .waveform = wave, .where = {}});
    expected = solved(std::move(builder), grid);
  }
  SimulationContext context(1.0 * pico_second);
  Node a{"node_a"}, b{"node_b"}, c{"node_c"};  // modules and nodes share SystemC's names
  Ground gnd;
  const auto between = [](auto& module, Node& p, Node& n) { module.p(p), module.n(n); };
  Resistor r{"r", 1.0 * kilo_ohm}, rn{"rn", tanh_law<elements::Resistor>(0.1 * milli_siemens, 0.2 * milli_ampere, 0.3 * volt)};
  Capacitor c1{"c", 1.0 * nano_farad}, cn{"cn", tanh_law<elements::Capacitor>(0.1 * nano_farad, 0.4 * nano_coulomb, 0.5 * volt)};
  Inductor l{"l", 1.0 * milli_henry};
  Diode d{"d", junction_law(1.0 * nano_ampere, 1.5)};
  Transconductor g{"g", -0.2 * milli_siemens}, gn{"gn", sinh_law<elements::Transconductor>(10.0 * micro_siemens, 1e-6 * ampere, 0.1 * volt)};
  FractionalMemristor f{"f", 0.1 * milli_siemens};
  FractionalMemristor fn{"fn", sinh_law<elements::FractionalMemristor>(0.1 * milli_siemens, 1e-6 * ampere_times_root_second, 1e-2 * weber_per_root_second)};
  Memristor m{"m", 0.1 * milli_siemens};
  Memristor mn{"mn", polynomial_law<elements::Memristor>(0.1 * milli_siemens, 1.0 * (siemens / weber), 1e6 * (siemens / (weber * weber)))};
  Inductor ln{"ln", sine_law<elements::Inductor>(10.0 / henry, 0.1 * milli_ampere, 0.1 * micro_weber)};
  ConstantPhase p{"p", constant_phase_law(1e-8, 0.7)}, ph{"ph", 1e-8 * siemens_times_root_second};
  VoltageSource v{"v", 0.7 * volt};
  CurrentSource i{"i", wave};
  AnalogCluster cluster{"cluster", grid};
  between(r, a, b), between(rn, b, gnd), between(c1, b, gnd), between(cn, c, gnd), between(l, b, c), between(d, c, gnd);
  between(g, c, gnd), g.cp(b), g.cn(gnd);
  between(gn, c, gnd), gn.cp(a), gn.cn(b);
  between(f, b, c), between(fn, c, gnd), between(m, b, gnd), between(mn, b, c), between(ln, c, gnd), between(p, c, gnd), between(ph, b, gnd);
  between(v, a, gnd), between(i, gnd, b);
  run_to_step(grid.steps);
  REQUIRE(!cluster.failure());
  REQUIRE(cluster.steps_done() == grid.steps);
  // The solver groups branches by kind and law in the order of their making, so even the round-off agrees.
  CHECK(cluster.voltage(a) == expected[1]);
  CHECK(cluster.voltage(b) == doctest::Approx(expected[2]).epsilon(1e-13));
  CHECK(cluster.voltage(c) == doctest::Approx(expected[3]).epsilon(1e-13));
  CHECK(std::abs(cluster.voltage(c)) > 1e-3);
}

TEST_CASE("a node that nothing is connected to is refused by its name") {
  SimulationContext context(1.0 * pico_second);
  LowPass low_pass("low_pass", grid_of(1));
  struct Loose : sc_core::sc_module {
    Node spare{"spare"};
    Resistor r1{"r1", 1.0 * ohm};
    Ground gnd;
    AnalogCluster cluster{"cluster", grid_of(1)};
    explicit Loose(const sc_core::sc_module_name& name) : sc_module(name) { r1.p(gnd), r1.n(gnd); }
  } loose("loose");
  CHECK_THROWS_WITH_AS(elaborate(), "spare: nothing is connected to this node", InputError);
}

TEST_CASE("an unbound terminal is refused by its full name") {
  SimulationContext context(1.0 * pico_second);
  struct Unbound : sc_core::sc_module {
    Node a{"a"};
    Resistor r1{"r1", 1.0 * ohm};
    AnalogCluster cluster{"cluster", grid_of(1)};
    explicit Unbound(const sc_core::sc_module_name& name) : sc_module(name) { r1.p(a); }
  } unbound("unbound");
  CHECK(complaint().find("unbound.r1.n") != std::string::npos);
}

TEST_CASE("a value outside its sign is refused by the module's name") {
  SimulationContext context(1.0 * pico_second);
  struct Negative : LowPass {
    Capacitor c2{"c2", -2.0 * nano_farad};
    explicit Negative(const sc_core::sc_module_name& name) : LowPass(name, grid_of(1)) { c2.p(out), c2.n(gnd); }
  } negative("negative");
  CHECK_THROWS_WITH_AS(elaborate(), "c2: capacitance must be positive, got -2e-09", InputError);
}

TEST_CASE("two nodes whose names differ in case alone are refused, not shorted") {
  SimulationContext context(1.0 * pico_second);
  struct Cased : LowPass {
    Node upper{"OUT"};
    explicit Cased(const sc_core::sc_module_name& name) : LowPass(name, grid_of(1)) {}
  } cased("cased");
  CHECK(complaint().find("both cased.out and cased.OUT bear this name") != std::string::npos);
}

TEST_CASE("a module without a cluster is refused, because nothing would simulate it") {
  SimulationContext context(1.0 * pico_second);
  Node a{"a"};
  Ground gnd;
  Resistor r1{"r1", 1.0 * ohm};
  r1.p(a), r1.n(gnd);
  CHECK_THROWS_WITH_AS(elaborate(), "r1: belongs to no analog cluster; put an AnalogCluster beside it or beside a module around it", InputError);
}

TEST_CASE("two clusters under two parents are two circuits that share ground and time") {
  SimulationContext context(1.0 * pico_second);
  Ground shared{"shared"};
  struct Half : LowPass {
    Resistor r2{"r2", 10.0 * kilo_ohm};
    Half(const sc_core::sc_module_name& name, Ground& outer, std::size_t steps) : LowPass(name, grid_of(steps, Method::be)) { r2.p(out), r2.n(outer); }
  } first("first", shared, 20), second("second", shared, 10);
  run_to_step(20);
  CHECK(first.cluster.steps_done() == 20);
  CHECK(second.cluster.steps_done() == 10);
  // Half the voltage and half the time constant.
  CHECK(first.cluster.voltage(first.out) == doctest::Approx(0.5 * (1 - std::pow(1 + 2 * step / rc, -20))).epsilon(1e-12));
  CHECK(second.cluster.voltage(second.out) == doctest::Approx(0.5 * (1 - std::pow(1 + 2 * step / rc, -10))).epsilon(1e-12));
  CHECK_THROWS_WITH_AS((void)first.cluster.voltage(second.out), "second.out: is no node of the analog cluster first.cluster", InputError);
}

TEST_CASE("a part with a cluster of its own stays out of the cluster around it") {
  SimulationContext context(1.0 * pico_second);
  struct Outer : LowPass {
    LowPass inner{"inner", grid_of(7)};
    explicit Outer(const sc_core::sc_module_name& name) : LowPass(name, grid_of(3)) {}
  } outer("outer");
  run_to_step(7);
  CHECK(outer.cluster.circuit().branches().size() == 2);
  CHECK(outer.inner.cluster.circuit().branches().size() == 2);
  CHECK(outer.cluster.steps_done() == 3);
  CHECK(outer.inner.cluster.steps_done() == 7);
}

TEST_CASE("a terminal bound into another cluster's circuit is refused") {
  SimulationContext context(1.0 * pico_second);
  LowPass other("other", grid_of(1));
  struct Reaching : LowPass {
    Resistor r2{"r2", 1.0 * ohm};
    Reaching(const sc_core::sc_module_name& name, Node& far) : LowPass(name, grid_of(1)) { r2.p(out), r2.n(far); }
  } reaching("reaching", other.out);
  CHECK_THROWS_WITH_AS(elaborate(), "r2: terminal n is bound to other.out, which lies outside this element's cluster; only ground is shared", InputError);
}

TEST_CASE("a second cluster beside the first is refused") {
  SimulationContext context(1.0 * pico_second);
  struct Twice : LowPass {
    AnalogCluster again{"again", grid_of(1)};
    explicit Twice(const sc_core::sc_module_name& name) : LowPass(name, grid_of(1)) {}
  } twice("twice");
  CHECK(complaint().find("twice.again: a second cluster beside twice.cluster") != std::string::npos);
}

TEST_CASE("a circuit is asked for too early with a sentence, not a crash") {
  SimulationContext context(1.0 * pico_second);
  LowPass low_pass("low_pass", grid_of(1));
  CHECK_THROWS_AS((void)low_pass.cluster.circuit(), std::logic_error);
  CHECK(low_pass.cluster.steps_done() == 0);
  elaborate();
  CHECK(low_pass.cluster.circuit().branches().size() == 2);
}

