#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "hw_models/circuit/circuit.hpp"
#include "hw_models/elements/element_list.hpp"

using namespace tellegen;
using namespace tellegen::elements;

namespace {

/// A builder whose elements come from successive lines of one file.
class Netlist {
 public:
  template <class E, class Law = LinearLaw>
  Netlist& add(std::string_view name, std::string_view p, std::string_view n, std::vector<double> values, Orders orders = E::orders) {
    const Port port{builder_.node(p), builder_.node(n)};
    builder_.add_branch({.name = std::string(name), .element = element_id<E>(), .law = law_id<Law>(), .orders = orders, .out = port, .in = port,
                         .values = std::move(values), .where = {"net.cir", ++line_}});
    return *this;
  }
  Netlist& controlled(std::string_view name, Port out, Port in) {
    builder_.add_branch({.name = std::string(name), .element = element_id<Transconductor>(), .law = law_id<LinearLaw>(),
                         .orders = Transconductor::orders, .out = out, .in = in, .values = {1}, .where = {"net.cir", ++line_}});
    return *this;
  }
  Netlist& source(SourceKind kind, std::string_view name, std::string_view p, std::string_view n) {
    builder_.add_source({.name = std::string(name), .kind = kind, .port = {builder_.node(p), builder_.node(n)}, .waveform = Waveform(1.0),
                         .where = {"net.cir", ++line_}});
    return *this;
  }
  Netlist& resistor(std::string_view name, std::string_view p, std::string_view n) { return add<Resistor>(name, p, n, {1}); }
  Netlist& voltage(std::string_view name, std::string_view p, std::string_view n) { return source(SourceKind::voltage, name, p, n); }
  Netlist& current(std::string_view name, std::string_view p, std::string_view n) { return source(SourceKind::current, name, p, n); }
  NodeIndex node(std::string_view name) { return builder_.node(name); }

  Circuit freeze() { return std::move(builder_).freeze(); }
  std::string error() {
    try {
      (void)freeze();
    } catch (const InputError& refused) {
      return refused.what();
    }
    return "accepted";
  }

 private:
  CircuitBuilder builder_;
  int line_ = 0;
};

template <class F>
std::string error_of(F build) {
  try {
    build();
  } catch (const InputError& refused) {
    return refused.what();
  }
  return "accepted";
}

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("a node with a single connection is refused with the file and line of its only element") {
  CHECK(Netlist().voltage("V1", "a", "0").resistor("R1", "a", "0").resistor("R2", "a", "out").error() ==
        "net.cir:3: r2: node \"out\" is dangling: nothing else is connected to it");
}

TEST_CASE("a voltage source loop is refused with its file and line, through ground or not") {
  const std::string message = "closes a loop of voltage sources; put a resistor in the loop";
  CHECK(Netlist().voltage("V1", "a", "0").resistor("R1", "a", "0").voltage("V2", "0", "a").error() == "net.cir:3: v2: " + message);
  CHECK(Netlist().voltage("V1", "a", "b").voltage("V2", "b", "c").resistor("R1", "a", "0").voltage("V3", "c", "a").error() == "net.cir:4: v3: " + message);
  CHECK(Netlist().voltage("V1", "a", "0").voltage("V2", "b", "0").resistor("R1", "a", "b").voltage("V3", "a", "b").error() == "net.cir:4: v3: " + message);
  CHECK(Netlist().resistor("R1", "a", "0").voltage("V1", "a", "a").error() == "net.cir:2: v1: " + message);
}

TEST_CASE("voltage sources in series and in a star are no loop") {
  CHECK(Netlist().voltage("V1", "a", "0").voltage("V2", "b", "a").voltage("V3", "c", "a").resistor("R1", "b", "c").error() == "accepted");
}

TEST_CASE("a node that is only sensed is refused") {
  Netlist net;
  net.resistor("R1", "a", "0").current("I1", "0", "a");
  const Port sensed{net.node("s"), ground}, out{net.node("a"), ground};
  net.controlled("G1", out, sensed).controlled("G2", out, sensed);
  CHECK(net.error() == "net.cir:3: g1: node \"s\" is only sensed, nothing drives it");
}

TEST_CASE("a node between current sources, controlled or not, has no path to ground and is refused") {
  CHECK(Netlist().resistor("R1", "b", "0").current("I1", "a", "0").current("I2", "a", "b").error() ==
        "net.cir:2: i1: node \"a\" has no path to ground but through current sources");
  Netlist net;
  net.resistor("R1", "b", "0").current("I1", "0", "b").current("I2", "0", "a");
  net.controlled("G1", {net.node("a"), ground}, {net.node("b"), ground});
  CHECK(net.error() == "net.cir:4: g1: node \"a\" has no path to ground but through current sources");
}

TEST_CASE("a capacitor, an inductor and a diode tie a node as well as a resistor") {
  CHECK(Netlist().current("I1", "0", "a").add<Capacitor>("C1", "a", "0", {1e-9}).error() == "accepted");
  CHECK(Netlist().current("I1", "0", "a").add<Inductor>("L1", "a", "0", {1e9}).error() == "accepted");
  CHECK(Netlist().current("I1", "0", "a").add<Diode, JunctionLaw>("D1", "a", "0", {1e-14, 1}).error() == "accepted");
}

TEST_CASE("a circuit without ground or without elements is refused") {
  CHECK(Netlist().voltage("V1", "a", "b").resistor("R1", "a", "b").error() == "net.cir:2: circuit: no element is connected to ground (node 0)");
  CHECK(Netlist().error() == "circuit: has no element");
}

TEST_CASE("an island without a path to ground is refused") {
  CHECK(Netlist().voltage("V1", "a", "0").resistor("R1", "a", "0").resistor("R2", "b", "c").resistor("R3", "c", "b").error() ==
        "net.cir:3: r2: node \"b\" has no path to ground but through current sources");
}

TEST_CASE("a name is used once, whatever its case and whether element or source") {
  CHECK(error_of([] { Netlist().resistor("R1", "a", "0").resistor("r1", "a", "0"); }) == "net.cir:2: r1: this name is already used in line 1");
  CHECK(error_of([] { Netlist().voltage("x", "a", "0").resistor("X", "a", "0"); }) == "net.cir:2: x: this name is already used in line 1");
  CHECK(error_of([] { Netlist().voltage("V1", "a", "0").current("v1", "a", "0"); }) == "net.cir:2: v1: this name is already used in line 1");
}

TEST_CASE("node names are case-insensitive, and gnd is ground") {
  const auto circuit = Netlist().voltage("V1", "IN", "GND").resistor("R1", "in", "0").freeze();
  CHECK(circuit.node_count() == 2);
  CHECK(circuit.find_node("In") == 1);
  CHECK(circuit.find_node("gnd") == ground);
  CHECK(circuit.find_node("nowhere") == -1);
  CHECK(circuit.find_source("v1") == 0);
  CHECK(circuit.find_branch("R1") == 0);
  CHECK(circuit.find_branch("v1") == -1);
}

TEST_CASE("a law with a wrong number of values is refused") {
  CHECK(error_of([] { Netlist().add<Resistor, TanhLaw>("R1", "a", "0", {1, 2}); }) == "net.cir:1: r1: law tanh takes 3 parameters, got 2");
  CHECK(error_of([] { Netlist().add<Resistor>("R1", "a", "0", {}); }) == "net.cir:1: r1: law linear takes 1 parameters, got 0");
}

TEST_CASE("orders outside 0 to 1.5 are refused") {
  for (const Orders orders : {Orders{-0.1, 1}, Orders{0, -1e-9}, Orders{1.6, 1}, Orders{0.5, 2}, Orders{not_a_number, 1}, Orders{0, not_a_number}})
    CHECK(error_of([&] { Netlist().add<ConstantPhase>("P1", "a", "0", {1}, orders); }).ends_with("both must lie in 0 to 1.5"));
  CHECK(error_of([] { Netlist().add<ConstantPhase>("P1", "a", "0", {1}, {.out = 1.5, .in = 1.5}); }) == "accepted");
}

TEST_CASE("values that the element's sign forbids are refused with the quantity and the value") {
  CHECK(error_of([] { Netlist().add<Capacitor>("C3", "a", "0", {-2e-9}); }) == "net.cir:1: c3: capacitance must be positive, got -2e-09");
  CHECK(error_of([] { Netlist().add<Capacitor>("C3", "a", "0", {0}); }) == "net.cir:1: c3: capacitance must be positive, got 0");
  CHECK(error_of([] { Netlist().add<Inductor>("L1", "a", "0", {-1}); }) == "net.cir:1: l1: inductance must be positive, got -1");
  CHECK(error_of([] { Netlist().add<Resistor>("R1", "a", "0", {0}); }) == "net.cir:1: r1: conductance must not be zero");
  CHECK(error_of([] { Netlist().add<Resistor>("R1", "a", "0", {-1}); }) == "accepted");
  CHECK(error_of([] { Netlist().add<Diode, JunctionLaw>("D1", "a", "0", {0, 1}); }) == "net.cir:1: d1: is must be positive, got 0");
  CHECK(error_of([] { Netlist().add<Resistor, TanhLaw>("R1", "a", "0", {1, 1, -0.5}); }) == "net.cir:1: r1: z0 must be positive, got -0.5");
}

TEST_CASE("values that are no finite numbers are refused, for every element and law") {
  for (const double bad : {not_a_number, infinity, -infinity}) {
    CHECK(error_of([&] { Netlist().add<Resistor>("R1", "a", "0", {bad}); }).starts_with("net.cir:1: r1: "));
    CHECK(error_of([&] { Netlist().add<Capacitor>("C1", "a", "0", {bad}); }).starts_with("net.cir:1: c1: capacitance must be a finite number"));
    CHECK(error_of([&] { Netlist().add<Inductor>("L1", "a", "0", {bad}); }).starts_with("net.cir:1: l1: "));
    CHECK(error_of([&] { Netlist().add<Memristor>("M1", "a", "0", {bad}); }).starts_with("net.cir:1: m1: memductance must be a finite number"));
    for (int slot = 0; slot < 3; ++slot) {
      std::vector<double> values{1, 1, 1};
      values[static_cast<std::size_t>(slot)] = bad;
      CHECK(error_of([&] { Netlist().add<Resistor, SinhLaw>("R1", "a", "0", values); }).find("must be a finite number") != std::string::npos);
      CHECK(error_of([&] { Netlist().add<Capacitor, PolynomialLaw>("C1", "a", "0", values); }).find("must be a finite number") != std::string::npos);
    }
  }
  CHECK(error_of([] { Netlist().add<Inductor>("L1", "a", "0", {0}); }).starts_with("net.cir:1: l1: inductance must be"));
}

TEST_CASE("a refused element leaves nothing behind") {
  Netlist net;
  net.voltage("V1", "a", "0");
  CHECK(error_of([&] { net.add<Resistor>("R1", "a", "0", {not_a_number}); }) != "accepted");
  net.resistor("R1", "a", "0");
  const auto circuit = net.freeze();
  CHECK(circuit.branches().size() == 1);
  CHECK(circuit.initial_slots().size() == 2);  // the conductance and the level of the source
  CHECK(circuit.parameters().size() == 3);     // r1.g, r1.r, v1.dc
}

TEST_CASE("parameters are named after their device, in their own unit, through their view") {
  const auto circuit = Netlist().voltage("V1", "a", "0").add<Resistor>("R1", "a", "0", {1e-3}).add<Inductor>("L1", "a", "b", {1e3})
                           .add<FractionalMemristor, SinhLaw>("YFMEM!M1", "b", "0", {1, 2, 3}).add<ConstantPhase>("YCPE!P1", "b", "0", {1e-6}, {.out = 0.6, .in = 1})
                           .freeze();
  const auto find = [&](std::string_view name) -> const Parameter& {
    const auto parameters = circuit.parameters();
    const auto found = std::ranges::find(parameters, name, &Parameter::name);
    REQUIRE(found != parameters.end());
    return *found;
  };
  std::vector<double> slots(circuit.initial_slots().begin(), circuit.initial_slots().end());
  CHECK(find("r1.g").unit == "S");
  CHECK(find("r1.g").primary);
  CHECK(find("r1.r").unit == "ohm");
  CHECK_FALSE(find("r1.r").primary);
  CHECK(circuit.parameter_value(find("r1.r"), slots) == doctest::Approx(1000));
  CHECK(circuit.parameter_value(find("l1.l"), slots) == doctest::Approx(1e-3));
  CHECK(find("yfmem!m1.k1").unit == "A s^1/2");
  CHECK(find("ycpe!p1.q").unit == "S s^0.6");
  circuit.set_parameter(find("r1.r"), 50, slots);
  CHECK(circuit.parameter_value(find("r1.g"), slots) == doctest::Approx(0.02));
  circuit.set_parameter(find("yfmem!m1.z0"), 7, slots);
  CHECK(slots[static_cast<std::size_t>(find("yfmem!m1.z0").slot)] == 7);
}
