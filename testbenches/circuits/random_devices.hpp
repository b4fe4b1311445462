#pragma once
// Circuits drawn at random from all element kinds: those that sense or hold currents, coupled inductors and expressions too.

#include "circuits/random_circuits.hpp"
#include "hw_models/circuit/behaviour.hpp"

namespace tellegen::test {

/// Adds the devices that take a row, a source's current or an expression.
class DeviceGenerator : public CircuitGenerator {
 public:
  using CircuitGenerator::CircuitGenerator;

  /// Controlled source with a random law; `out` is where a current goes or where a voltage is held, `in` what is sensed.
  template <class E>
  void controlled(const std::string& name, Port out, Port in) {
    if (holds_voltage<E>()) out = {ground, current_of_source(builder().add_constraint(name, out, {}))};
    if (integer(0, 1) == 0) {
      builder().add_branch({.name = name, .element = element_id<E>(), .law = law_id<LinearLaw>(), .orders = E::orders, .out = out, .in = in,
                            .values = {uniform(-0.6, 0.6)}, .where = {}});
      return;
    }
    builder().add_branch({.name = name, .element = element_id<E>(), .law = law_id<TanhLaw>(), .orders = E::orders, .out = out, .in = in,
                          .values = {uniform(-0.3, 0.3), uniform(-0.4, 0.4), uniform(0.5, 1)}, .where = {}});
  }
  /// Voltage source of 0 V from a to b: what is sensed is {current of it, ground}.
  Port ammeter(const std::string& name, NodeIndex a, NodeIndex b) {
    const auto source = builder().add_source({.name = name, .kind = SourceKind::voltage, .port = {a, b}, .waveform = Waveform(0.0), .where = {}, .is_constraint = true});
    return {current_of_source(source), ground};
  }
  void winding(const std::string& name, NodeIndex p, NodeIndex n, double henry) {
    const NodeIndex current = current_of_source(builder().add_constraint(name, {p, n}, {}));
    builder().add_branch({.name = name, .element = element_id<CoupledInductor>(), .law = law_id<LinearLaw>(), .orders = CoupledInductor::orders,
                          .out = {ground, current}, .in = {current, ground}, .values = {henry}, .where = {}});
  }
  /// Element of random orders; those with a + b below 1 get a linear part that carries a direct current.
  void general(const std::string& name, Port out, Port in, LawId law) {
    constexpr double choices[] = {0, 0.25, 0.5, 0.8, 1, 1.2};
    const Orders orders{.out = choices[integer(0, 5)], .in = choices[integer(0, 5)]};
    const bool is_directed = !(out == in);
    std::vector<double> values{uniform(0.1, 0.3)};
    if (law != law_id<LinearLaw>()) values = {uniform(0.1, 0.3), uniform(0.1, 0.3), uniform(0.6, 1.2)};
    // A directed element that integrates what it senses would run away.
    builder().add_branch({.name = name, .element = element_id<GeneralElement>(), .law = law, .orders = is_directed ? Orders{.out = 0, .in = 1} : orders, .out = out,
                          .in = in, .values = values, .where = {}});
  }
  void behavioural(const std::string& name, Port out, std::vector<Port> inputs, std::vector<std::string> names, const std::string& text) {
    const auto g = Expression::parse(text, {}, name, ExpressionNames::circuit);
    builder().add_branch({.name = name, .element = element_id<BehaviouralSource>(), .orders = BehaviouralSource::orders, .out = out, .in = out, .values = {},
                          .where = {}, .kind = BranchKind::behavioural, .behaviour = std::make_shared<const Behaviour>(g, std::move(names)), .inputs = std::move(inputs)});
  }

 private:
  using CoupledInductor = elements::CoupledInductor;
  using GeneralElement = elements::GeneralElement;
  using BehaviouralSource = elements::BehaviouralSource;
  template <class E>
  static constexpr bool holds_voltage() {
    if constexpr (requires { E::output; }) return E::output == PortKind::voltage;
    return false;
  }
};

/// What a random circuit of devices may hold.
struct DeviceChoice {
  bool explicit_time = true;  ///< an expression knows the time
};

/// Three nodes with a capacitor and a resistor to ground each, so that every start from DC exists; between them one each of
/// E, F, G, H, K, two general elements, two behavioural sources, and nonlinear one-ports of every skew.
inline std::shared_ptr<const Circuit> random_devices(unsigned seed, DeviceChoice choice = {}) {
  using namespace elements;
  DeviceGenerator make(seed);
  const NodeIndex node[] = {ground, make.node(1), make.node(2), make.node(3)};
  const auto any = [&] { return node[make.integer(1, 3)]; };
  const auto other = [&](NodeIndex a) {
    NodeIndex b = a;
    while (b == a) b = node[make.integer(0, 3)];
    return b;
  };
  const auto pair = [&] {
    const NodeIndex a = any();
    return Port{a, other(a)};
  };
  make.source(SourceKind::current, "i1", ground, node[1]);
  for (int i = 1; i <= 3; ++i) {
    make.linear<Capacitor>(fmt::format("c{}", i), node[i], ground, make.uniform(0.4, 1));
    make.linear<Resistor>(fmt::format("r{}", i), node[i], ground, make.uniform(0.8, 1.5));
  }
  // Whatever holds a voltage does so at a node of its own behind a resistor.
  int next = 4;
  const auto behind_resistor = [&](std::string_view name) {
    const NodeIndex own = make.node(next++);
    make.linear<Resistor>(fmt::format("r{}", name), own, any(), make.uniform(0.3, 0.8));
    return own;
  };
  const NodeIndex metered = behind_resistor("m"), a = any();
  const Port meter = make.ammeter("vm", a, metered);
  make.controlled<VoltageAmplifier>("e1", {behind_resistor("e"), ground}, pair());
  make.controlled<CurrentAmplifier>("f1", pair(), meter);
  make.controlled<Transconductor>("g1", pair(), pair());
  make.controlled<Transresistor>("h1", {behind_resistor("h"), ground}, meter);
  make.winding("l1", behind_resistor("l1"), ground, make.uniform(0.5, 1));
  make.winding("l2", behind_resistor("l2"), ground, make.uniform(0.5, 1));
  make.builder().add_coupling("k1", element_id<MutualInductance>(), "l1", "l2", make.uniform(-0.8, 0.8), {});
  const Port one = pair();
  make.general("yel!a", one, one, make.any_law());
  make.general("yel!b", pair(), pair(), law_id<TanhLaw>());
  const std::string time = choice.explicit_time ? "+0.1*sin(3*time)*v(y)" : "";
  make.behavioural("b1", pair(), {pair(), pair()}, {"v(x)", "v(y)"}, "0.2*tanh(v(x)-0.5*v(y))+0.1*v(x)*v(y)" + time);
  const NodeIndex held = behind_resistor("b2");
  const Port row{ground, current_of_source(make.builder().add_constraint("b2", {held, ground}, {}))};
  make.behavioural("b2", row, {pair(), meter}, {"v(x)", "i(vm)"}, "0.3*exp(0.4*v(x))*i(vm)-0.2*v(x)");
  make.nonlinear<Inductor>("l3", make.integer(0, 1) ? law_id<SinhLaw>() : law_id<PolynomialLaw>(), behind_resistor("l3"), ground);
  make.nonlinear<FractionalMemristor>("yfmem!1", make.any_law(), any(), ground);
  const auto between = [&](auto&& add) {
    const Port port = pair();
    add(port.p, port.n);
  };
  between([&](NodeIndex p, NodeIndex n) { make.nonlinear<Memristor>("ymem!1", make.any_law(), p, n); });
  between([&](NodeIndex p, NodeIndex n) { make.nonlinear<Resistor>("rn", make.any_law(), p, n); });
  between([&](NodeIndex p, NodeIndex n) { make.nonlinear<Capacitor>("cn", law_id<TanhLaw>(), p, n); });
  return make.freeze();
}

}  // namespace tellegen::test
