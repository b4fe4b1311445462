// Probes and the ideal instruments behind them.

#include <doctest/doctest.h>

#include "hw_models/circuit/instruments.hpp"

#include "hw_models/elements/element_list.hpp"

using namespace tellegen;

namespace {

ProbeRequest probe(std::string text) { return {std::move(text), {"b.toml", 7}, "[[loss]] probe"}; }

/// Source v1 over r1, l1 and c1 in series, and a current source i1.
CircuitBuilder series_circuit() {
  CircuitBuilder builder;
  const auto a = builder.node("a"), b = builder.node("b"), c = builder.node("c");
  builder.add_source({.name = "v1", .kind = SourceKind::voltage, .port = {a, ground}, .waveform = Waveform(1.0), .where = {}});
  const auto add = [&](const char* name, ElementId element, Orders orders, Port port) {
    builder.add_branch({.name = name, .element = element, .orders = orders, .out = port, .in = port, .values = {1e-3}, .where = {}});
  };
  add("r1", element_id<elements::Resistor>(), elements::Resistor::orders, {a, b});
  add("l1", element_id<elements::Inductor>(), elements::Inductor::orders, {b, c});
  add("c1", element_id<elements::Capacitor>(), elements::Capacitor::orders, {c, ground});
  builder.add_source({.name = "i1", .kind = SourceKind::current, .port = {ground, c}, .waveform = Waveform(0.0), .where = {}});
  return builder;
}

Circuit measured(const std::vector<ProbeRequest>& probes) {
  auto builder = series_circuit();
  add_instruments(builder, probes);
  return std::move(builder).freeze();
}

std::string refusal(const std::string& text) {
  try {
    const auto circuit = measured({probe(text)});
    (void)resolve_probe(circuit, probe(text));
  } catch (const InputError& error) {
    return error.what();
  }
  return "(no error)";
}

}  // namespace

TEST_CASE("voltages, currents of voltage sources and voltages across elements need no instrument") {
  const std::vector<ProbeRequest> probes{probe("v(a)"), probe("v(a,b)"), probe("i(v1)"), probe("z(r1)"), probe("z(c1)")};
  const auto circuit = measured(probes);
  CHECK(circuit.branches().size() == 3);
  CHECK(circuit.sources().size() == 2);
  CHECK(resolve_probe(circuit, probes[0]).port == Port{1, ground});
  CHECK(resolve_probe(circuit, probes[1]).port == Port{1, 2});
  CHECK(resolve_probe(circuit, probes[2]).port == Port{4, ground});
  CHECK(resolve_probe(circuit, probes[3]).port == Port{1, 2});
  CHECK(resolve_probe(circuit, probes[4]).port == Port{3, ground});
  for (const auto& each : probes) CHECK(resolve_probe(circuit, each).unit == (each.text[0] == 'i' ? "A" : "V"));
}

TEST_CASE("an ammeter stands between an element and its first node") {
  const auto circuit = measured({probe("i(r1)"), probe("i(r1)"), probe("i(i1)")});
  REQUIRE(circuit.sources().size() == 4);
  const auto& ammeter = circuit.sources()[2];
  CHECK(ammeter.name == "i(r1)");
  CHECK(ammeter.is_instrument);
  CHECK(ammeter.port.p == 1);
  const auto& r1 = circuit.branches()[0];
  CHECK(r1.out == Port{ammeter.port.n, 2});
  CHECK(r1.in == r1.out);
  CHECK_FALSE(r1.is_instrument);
  CHECK(resolve_probe(circuit, probe("i(r1)")).port.p == circuit.find_unknown("i(r1)"));
  CHECK(circuit.unknown_name(resolve_probe(circuit, probe("i(i1)")).port.p) == "i(i1)");
  CHECK(circuit.unknown_name(resolve_probe(circuit, probe("i(v1)")).port.p) == "i(v1)");
}

TEST_CASE("flux and charge have a sensor, each once, and their units") {
  const auto circuit = measured({probe("q(c1)"), probe("z(l1)"), probe("z(l1)"), probe("i(c1)")});
  CHECK(circuit.sources().size() == 3);  // one ammeter serves charge and current
  CHECK(circuit.branches().size() == 7);
  CHECK(resolve_probe(circuit, probe("q(c1)")).unit == "C");
  CHECK(resolve_probe(circuit, probe("z(l1)")).unit == "Wb");
  const auto& sensor = circuit.branches()[circuit.find_branch("q(c1)")];
  CHECK(sensor.in == Port{circuit.find_unknown("i(c1)"), ground});
  CHECK(sensor.orders == Orders{.out = 0, .in = 0});
  CHECK(sensor.is_instrument);
}

TEST_CASE("a sensor reads the port that an ammeter leaves to its element") {
  const auto circuit = measured({probe("z(l1)"), probe("i(l1)")});
  CHECK(circuit.branches()[circuit.find_branch("z(l1)")].in == circuit.branches()[circuit.find_branch("l1")].out);
}

TEST_CASE("instruments have no parameters to train") {
  const auto bare = measured({}), with_all = measured({probe("q(c1)"), probe("z(l1)"), probe("i(r1)")});
  REQUIRE(with_all.parameters().size() == bare.parameters().size());
  for (std::size_t i = 0; i < bare.parameters().size(); ++i) CHECK(with_all.parameters()[i].name == bare.parameters()[i].name);
}

TEST_CASE("a probe of something that is not there is refused where it is asked for") {
  const std::string head = "b.toml:7: [[loss]] probe: ";
  CHECK(refusal("v(x)") == head + "\"v(x)\": the deck has no node \"x\"");
  CHECK(refusal("v(a,x)") == head + "\"v(a,x)\": the deck has no node \"x\"");
  CHECK(refusal("i(r9)") == head + "\"i(r9)\": the deck has no element \"r9\"");
  CHECK(refusal("z(r9)") == head + "\"z(r9)\": the deck has no element \"r9\"");
  CHECK(refusal("q(r9)") == head + "\"q(r9)\": the deck has no element \"r9\"");
  CHECK(refusal("z(v1)") == head + "\"z(v1)\": v1 has no controlling variable: it follows no law f(z)");
  CHECK(refusal("w(r1)") == head + "\"w(r1)\": no probe; expected v(node), v(node,node), i(element), z(element) or q(element)");
}
