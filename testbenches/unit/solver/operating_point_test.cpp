#include <doctest/doctest.h>

#include <cmath>
#include <fmt/format.h>
#include <random>

#include "circuits/schematic.hpp"

using namespace tellegen;
using namespace tellegen::elements;
using test::Schematic;

namespace {

double at(const Circuit& circuit, const OperatingPoint& point, std::string_view node) { return point.state.node_voltage[circuit.find_node(node)]; }
double current(const Circuit& circuit, const OperatingPoint& point, std::string_view branch) { return point.state.current[circuit.find_branch(branch)]; }
double controlling(const Circuit& circuit, const OperatingPoint& point, std::string_view branch) {
  return point.state.controlling[circuit.find_branch(branch)];
}

/// Largest sum of currents into a node but ground, over the largest current.
double kirchhoff_error(const Circuit& circuit, const OperatingPoint& point) {
  std::vector<double> sum(static_cast<std::size_t>(circuit.node_count()), 0.0);
  double largest = 0;
  const auto flow = [&](Port port, double i) {
    sum[port.p] += i, sum[port.n] -= i;
    largest = std::max(largest, std::abs(i));
  };
  for (std::size_t k = 0; k < circuit.branches().size(); ++k) flow(circuit.branches()[k].out, point.state.current[k]);
  for (std::size_t s = 0; s < circuit.sources().size(); ++s) flow(circuit.sources()[s].port, point.source_currents[s]);
  double error = 0;
  for (std::size_t node = 1; node < sum.size(); ++node) error = std::max(error, std::abs(sum[node]));
  return error / largest;
}

std::string failure_of(const Circuit& circuit, std::vector<double> sources) {
  try {
    (void)test::operating_point(circuit, std::move(sources));
  } catch (const ConvergenceError& error) {
    return error.what();
  }
  return "converged";
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("operating point of a diode fed through a resistor solves the scalar equation") {
  for (const double supply : {-20.0, 0.0, 0.3, 5.0, 100.0, 1e4}) {
    CAPTURE(supply);
    constexpr double is = 1e-14, r = 1e3, vt = JunctionLaw::thermal_voltage;
    const auto circuit = Schematic().voltage_source("v1", "in", "0").resistor("r1", "in", "a", r).diode("d1", "a", "0", is).freeze();
    const auto point = test::operating_point(*circuit, {supply});
    double low = std::min(supply, 0.0), high = std::min(std::max(supply, 0.0), 2.0);
    for (int i = 0; i < 200; ++i) {
      const double v = 0.5 * (low + high);
      (is * std::expm1(v / vt) + (v - supply) / r > 0 ? high : low) = v;
    }
    CHECK(at(*circuit, point, "a") == doctest::Approx(low).epsilon(1e-10));
    CHECK(point.source_currents[0] == doctest::Approx(-(supply - low) / r).epsilon(1e-9));
    CHECK(controlling(*circuit, point, "d1") == at(*circuit, point, "a"));
  }
}

TEST_CASE("in DC inductors are shorts, and equal ones in parallel share the current") {
  const auto circuit = Schematic().voltage_source("v1", "in", "0").resistor("r1", "in", "a", 50).inductor("l1", "a", "b", 1e-3).inductor("l2", "a", "b", 2e-3)
                           .resistor("r2", "b", "0", 50).freeze();
  const auto point = test::operating_point(*circuit, {10});
  CHECK(at(*circuit, point, "a") == doctest::Approx(5).epsilon(1e-10));
  CHECK(at(*circuit, point, "b") == doctest::Approx(5).epsilon(1e-10));
  CHECK(current(*circuit, point, "l1") == doctest::Approx(0.05).epsilon(1e-9));
  CHECK(current(*circuit, point, "l2") == doctest::Approx(0.05).epsilon(1e-9));
  CHECK(controlling(*circuit, point, "l1") == doctest::Approx(0.05 * 1e-3).epsilon(1e-9));  // flux l i
  CHECK(controlling(*circuit, point, "l2") == doctest::Approx(0.05 * 2e-3).epsilon(1e-9));
}

TEST_CASE("in DC capacitors and constant-phase elements are open") {
  const auto circuit = Schematic().voltage_source("v1", "in", "0").resistor("r1", "in", "a", 50).capacitor("c1", "a", "0", 1e-9)
                           .with_law<Capacitor, TanhLaw>("c2", "a", "in", {1e-9, 1e-9, 0.5}).constant_phase("ycpe!p1", "a", "0", 1e-6, 0.5).freeze();
  const auto point = test::operating_point(*circuit, {3});
  CHECK(at(*circuit, point, "a") == doctest::Approx(3).epsilon(1e-12));
  for (const auto name : {"c1", "c2", "ycpe!p1"}) CHECK(current(*circuit, point, name) == 0.0);
  CHECK(controlling(*circuit, point, "c1") == doctest::Approx(3));
  CHECK(std::abs(point.source_currents[0]) < 1e-12);
}

TEST_CASE("a node between capacitors alone rests at ground") {
  const auto circuit = Schematic().voltage_source("v1", "in", "0").capacitor("c1", "in", "a", 1e-9).capacitor("c2", "a", "0", 1e-9)
                           .resistor("r1", "a", "b", 1e3).capacitor("c3", "b", "0", 1e-9).freeze();
  const auto point = test::operating_point(*circuit, {3});
  CHECK(at(*circuit, point, "a") == 0.0);
  CHECK(at(*circuit, point, "b") == 0.0);
}

TEST_CASE("half-order elements and memristors at rest conduct with the slope of their law at the origin") {
  const auto circuit = Schematic().voltage_source("v1", "in", "0").with_law<FractionalMemristor, SinhLaw>("yfmem!f1", "in", "a", {0.1, 0.2, 0.5})
                           .with_law<Memristor, PolynomialLaw>("ymem!m1", "a", "0", {0.25, 3, 4}).freeze();
  const auto point = test::operating_point(*circuit, {3});
  CHECK(at(*circuit, point, "a") == doctest::Approx(3 * 0.5 / 0.75));
  CHECK(controlling(*circuit, point, "yfmem!f1") == 0.0);
  CHECK(controlling(*circuit, point, "ymem!m1") == 0.0);
}

TEST_CASE("a transconductor amplifies in DC") {
  const auto circuit = Schematic().voltage_source("v1", "in", "0").transconductor("g1", "out", "0", "in", "0", {2e-3}).resistor("r1", "out", "0", 1e4).freeze();
  CHECK(at(*circuit, test::operating_point(*circuit, {0.1}), "out") == doctest::Approx(-2));
}

TEST_CASE("ten volts over twenty diodes in series divide evenly, fed by a source or through a resistor") {
  for (const bool resistor : {false, true}) {
    CAPTURE(resistor);
    Schematic chain;
    chain.voltage_source("v1", resistor ? "in" : "n0", "0");
    if (resistor) chain.resistor("r1", "in", "n0", 1);
    for (int i = 0; i < 20; ++i) chain.diode(fmt::format("d{}", i), fmt::format("n{}", i), i == 19 ? "0" : fmt::format("n{}", i + 1), 1e-14);
    const auto circuit = chain.freeze();
    const auto point = test::operating_point(*circuit, {10});
    const double top = at(*circuit, point, "n0");
    CHECK(top <= 10.0);
    CHECK(top > 9.9);
    for (int i = 1; i < 20; ++i) CHECK(at(*circuit, point, fmt::format("n{}", i)) == doctest::Approx(top * (20 - i) / 20).epsilon(1e-8));
    CHECK(current(*circuit, point, "d7") == doctest::Approx(1e-14 * std::expm1(top / 20 / JunctionLaw::thermal_voltage)).epsilon(1e-6));
  }
}

TEST_CASE("a dense layered network clamped by antiparallel diodes finds its point from five-volt inputs") {
  for (const unsigned seed : {1u, 2u, 3u}) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto uniform = [&](double low, double high) { return std::uniform_real_distribution<double>(low, high)(random); };
    Schematic net;
    std::vector<double> sources;
    std::vector<std::string> previous;
    const auto source = [&](const std::string& node, double value) {
      net.voltage_source("v" + node, node, "0");
      sources.push_back(value);
    };
    for (int i = 0; i < 8; ++i) {
      previous.push_back(fmt::format("x{}", i));
      source(previous.back(), uniform(-5, 5));
    }
    source("up", 0.2);
    source("down", -0.2);
    for (int layer = 1; layer <= 3; ++layer) {
      std::vector<std::string> present;
      for (int j = 0; j < 12; ++j) {
        const auto node = fmt::format("h{}_{}", layer, j);
        for (const auto& from : previous) net.resistor(fmt::format("r{}_{}", from, node), from, node, 1 / uniform(1e-7, 1e-5));
        if (layer < 3) net.diode("du" + node, node, "up", 1e-9).diode("dd" + node, "down", node, 1e-9);
        else net.resistor("ro" + node, node, "0", 1e6);
        present.push_back(node);
      }
      previous = present;
    }
    const auto circuit = net.freeze();
    const auto point = test::operating_point(*circuit, sources);
    CHECK(kirchhoff_error(*circuit, point) < 1e-9);
    for (NodeIndex node = 1; node < circuit->node_count(); ++node)
      if (circuit->node_names()[node].starts_with("h1")) CHECK(std::abs(point.state.node_voltage[node]) < 0.7);
  }
}

TEST_CASE("a bridge of stacked diodes between rails of a thousand volts satisfies Kirchhoff's law") {
  Schematic bridge;
  bridge.voltage_source("vp", "p", "0").voltage_source("vn", "n", "0").resistor("r1", "p", "a", 10).resistor("r2", "n", "b", 10);
  bridge.diode("d1", "a", "c", 1e-12).diode("d2", "c", "b", 1e-15, 2).diode("d3", "a", "d", 1e-9).diode("d4", "d", "b", 1e-13).resistor("r3", "c", "d", 1e3);
  const auto circuit = bridge.freeze();
  CHECK(kirchhoff_error(*circuit, test::operating_point(*circuit, {1000, -1000})) < 1e-9);
}

TEST_CASE("a saturating conductance that is asked for more than it carries has no operating point, and the node is named") {
  const auto circuit = Schematic().current_source("i1", "0", "a").with_law<Resistor, TanhLaw>("r1", "a", "0", {0, 1, 0.5}).freeze();
  CHECK(failure_of(*circuit, {0.9}) == "converged");
  const auto message = failure_of(*circuit, {2});
  CAPTURE(message);
  CHECK(contains(message, "at the operating point"));
  CHECK(contains(message, "node a"));
}

TEST_CASE("a Josephson inductor carries any current below its critical one, at the flux of the inverse sine") {
  const auto circuit = Schematic().current_source("i1", "0", "a").with_law<Inductor, SineLaw>("l1", "a", "0", {0, 1e-6, 3e-16}).freeze();
  for (const double ratio : {-0.999, -0.5, 0.0, 1e-9, 0.3, 0.9, 0.9999})
    CHECK(controlling(*circuit, test::operating_point(*circuit, {ratio * 1e-6}), "l1") == doctest::Approx(3e-16 * std::asin(ratio)).epsilon(1e-9));
  const auto message = failure_of(*circuit, {1.1e-6});
  CAPTURE(message);
  CHECK(contains(message, "inductor l1 cannot carry 1.1 uA"));
}

TEST_CASE("flux of a nonlinear inductor is the inverse of its law, for every law") {
  const auto check = []<class Law>(std::vector<double> values, double amperes) {
    CAPTURE(Law::keyword);
    CAPTURE(amperes);
    const auto circuit = Schematic().current_source("i1", "0", "a").with_law<Inductor, Law>("l1", "a", "0", values).freeze();
    const double z = controlling(*circuit, test::operating_point(*circuit, {amperes}), "l1");
    double f = 0, slope = 0;
    Law::template evaluate<double>(values.data(), z, f, slope);
    CHECK(f == doctest::Approx(amperes).epsilon(1e-9));
  };
  for (const double amperes : {-3.0, -0.01, 1e-9, 0.5, 40.0}) {
    check.operator()<PolynomialLaw>({1e3, 2e4, 3e6}, amperes);
    check.operator()<PolynomialLaw>({0, 0, 3e6}, amperes);
    check.operator()<TanhLaw>({1e3, 1, 1e-4}, amperes);
    check.operator()<SinhLaw>({0, 1e-3, 1e-6}, amperes);
    check.operator()<SineLaw>({2e3, 0.1, 1e-4}, amperes);
  }
}

TEST_CASE("a held node has its value whatever is connected, and holds what floats with it") {
  const auto circuit = Schematic().current_source("i1", "0", "a").resistor("r1", "a", "0", 1).resistor("r2", "b", "c", 1e9).capacitor("c1", "b", "0", 1e-12)
                           .capacitor("c2", "c", "0", 1e-12).freeze();
  const auto point = find_operating_point(*circuit, {.sources = {1}, .slots = {circuit->initial_slots().begin(), circuit->initial_slots().end()},
                                                     .first_guess = {}, .held = {{circuit->find_node("a"), 3.0}, {circuit->find_node("b"), 2.0}}});
  CHECK(at(*circuit, point, "a") == doctest::Approx(3));
  CHECK(at(*circuit, point, "b") == doctest::Approx(2));
  CHECK(at(*circuit, point, "c") == doctest::Approx(2).epsilon(1e-9));
}

TEST_CASE("a first guess chooses the branch of a bistable circuit") {
  // i = -v + v^3 has the points -1, 0 and 1.
  const auto circuit = Schematic().current_source("i1", "0", "a").with_law<Resistor, PolynomialLaw>("r1", "a", "0", {-1, 0, 1}).freeze();
  for (const auto& [guess, expected] : {std::pair{0.8, 1.0}, std::pair{-0.7, -1.0}, std::pair{0.1, 0.0}}) {
    const auto point = find_operating_point(*circuit, {.sources = {0}, .slots = {circuit->initial_slots().begin(), circuit->initial_slots().end()},
                                                       .first_guess = {{circuit->find_node("a"), guess}}, .held = {}});
    CHECK(at(*circuit, point, "a") == doctest::Approx(expected).epsilon(1e-12).scale(1));
  }
}

TEST_CASE("an inductor straight across a voltage source has no operating point, across a dead one it has") {
  const auto circuit = Schematic().voltage_source("v1", "a", "0").inductor("l1", "a", "0", 1e-3).resistor("r1", "a", "0", 1).freeze();
  const auto message = failure_of(*circuit, {1});
  CAPTURE(message);
  CHECK(contains(message, "node a"));
  CHECK(contains(message, "loop of sources and inductors"));
  CHECK(failure_of(*circuit, {0}) == "converged");
}

TEST_CASE("elements between ground and ground alone are a circuit without unknowns") {
  const auto circuit = Schematic().resistor("r1", "0", "0", 1).current_source("i1", "0", "0").freeze();
  CHECK(test::operating_point(*circuit, {1}).state.node_voltage == std::vector<double>{0.0});
  const auto run = test::simulate(circuit, {.step = 1, .steps = 2, .method = Method::bdf2}, {[](double) { return 1.0; }});
  CHECK(run.voltages.at(1, 0) == 0.0);
}

TEST_CASE("a start by given node voltages keeps memories at rest and takes laws of the voltage at it") {
  const auto circuit = Schematic().capacitor("c1", "a", "0", 1).inductor("l1", "a", "0", 1).with_law<Resistor, TanhLaw>("r1", "a", "0", {0.1, 0.2, 0.5})
                           .linear<FractionalMemristor>("yfmem!f1", "a", "0", 0.3).freeze();
  const auto state = initial_state(*circuit, circuit->initial_slots(), std::vector<std::pair<NodeIndex, double>>{{circuit->find_node("a"), 2.0}});
  CHECK(state.node_voltage == std::vector<double>{0, 2});
  CHECK(state.current == std::vector<double>{0, 0, 0.1 * 2 + 0.2 * std::tanh(4.0), 0});
  CHECK(state.controlling == std::vector<double>{2, 0, 2, 0});
  CHECK(state.voltage == std::vector<double>{2, 0, 2, 0});
}

TEST_CASE("a law that is flat at rest has an operating point at rest and away from it") {
  const auto circuit = Schematic().current_source("i1", "0", "a").with_law<Resistor, PolynomialLaw>("r1", "a", "0", {0, 0, 2}).freeze();
  CHECK(at(*circuit, test::operating_point(*circuit, {0}), "a") == 0.0);
  CHECK(at(*circuit, test::operating_point(*circuit, {16}), "a") == doctest::Approx(2));
  CHECK(at(*circuit, test::operating_point(*circuit, {-2e-9}), "a") == doctest::Approx(-1e-3));
}
