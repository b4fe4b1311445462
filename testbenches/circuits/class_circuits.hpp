#pragma once
// One random circuit of each class that the theory distinguishes.

#include "circuits/random_circuits.hpp"

namespace tellegen::test {

enum class CircuitClass { linear, directed_linear, resistive_nonlinear, kendall, memristive, mixed_skew, directed };

inline std::shared_ptr<const Circuit> make_circuit(CircuitClass kind, unsigned seed) {
  using namespace elements;
  CircuitGenerator make(seed);
  const auto a = make.node(1), b = make.node(2), c = make.node(3);
  make.source(SourceKind::current, "i1", ground, a);
  const auto linear_capacitors = [&] {
    make.linear<Capacitor>("c1", a, ground, make.uniform(0.5, 1));
    make.linear<Capacitor>("c2", b, ground, make.uniform(0.5, 1));
    make.linear<Capacitor>("c3", c, ground, make.uniform(0.5, 1));
  };
  const auto edges = [&]<class E>(std::string_view name) {
    make.nonlinear<E>(fmt::format("{}1", name), make.any_law(), a, b);
    make.nonlinear<E>(fmt::format("{}2", name), make.any_law(), b, c);
    make.nonlinear<E>(fmt::format("{}3", name), make.any_law(), a, c);
  };
  make.linear<Resistor>("r9", c, ground, make.uniform(0.3, 0.8));
  switch (kind) {
    case CircuitClass::linear:
    case CircuitClass::directed_linear:
      linear_capacitors();
      make.linear<Resistor>("r1", a, b, make.uniform(0.3, 1));
      make.linear<Inductor>("l1", b, c, make.uniform(0.3, 1));
      make.builder().add_branch({.name = "ycpe!p1", .element = element_id<ConstantPhase>(), .law = law_id<LinearLaw>(),
                                 .orders = {.out = 0.6, .in = 1}, .out = {a, c}, .in = {a, c}, .values = {0.4}, .where = {}});
      if (kind == CircuitClass::directed_linear)
        make.builder().add_branch({.name = "g1", .element = element_id<Transconductor>(), .law = law_id<LinearLaw>(),
                                   .orders = Transconductor::orders, .out = {c, ground}, .in = {a, ground}, .values = {-0.7}, .where = {}});
      break;
    case CircuitClass::resistive_nonlinear:
      linear_capacitors();
      edges.operator()<Resistor>("r");
      make.linear<Inductor>("l1", b, ground, make.uniform(0.2, 0.6));
      break;
    case CircuitClass::kendall:
      make.nonlinear<Capacitor>("c1", law_id<TanhLaw>(), a, ground);
      make.nonlinear<Capacitor>("c2", law_id<TanhLaw>(), b, ground);
      make.linear<Capacitor>("c3", c, ground, make.uniform(0.5, 1));
      edges.operator()<FractionalMemristor>("yfmem!f");
      make.nonlinear<Inductor>("l1", make.any_law(), b, ground);
      make.linear<Resistor>("r8", a, b, make.uniform(0.2, 0.6));
      break;
    case CircuitClass::memristive:
      linear_capacitors();
      edges.operator()<Memristor>("ymem!m");
      make.linear<Inductor>("l1", b, ground, make.uniform(0.2, 0.6));
      break;
    case CircuitClass::mixed_skew:
      make.nonlinear<Capacitor>("c1", law_id<TanhLaw>(), a, ground);
      make.nonlinear<Capacitor>("c2", law_id<TanhLaw>(), b, ground);
      make.nonlinear<Capacitor>("c3", law_id<TanhLaw>(), c, ground);
      edges.operator()<Resistor>("r");
      break;
    case CircuitClass::directed:
      linear_capacitors();
      make.linear<Resistor>("r1", a, ground, make.uniform(0.3, 0.8));
      make.nonlinear_between<Transconductor>("g1", law_id<TanhLaw>(), {b, ground}, {a, ground}, -1);
      make.nonlinear<Resistor>("r2", law_id<SinhLaw>(), b, ground);
      make.nonlinear_between<Transconductor>("g2", law_id<TanhLaw>(), {c, ground}, {b, ground}, -1);
      break;
  }
  return make.freeze();
}

}  // namespace tellegen::test
