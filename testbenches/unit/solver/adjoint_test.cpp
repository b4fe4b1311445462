#include <doctest/doctest.h>

#include "circuits/gradient_check.hpp"
#include "circuits/random_circuits.hpp"

using namespace tellegen;
using namespace tellegen::elements;

namespace {

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
      CHECK(test::adjoint_error(mixed_circuit(seed), method) < 1e-7);
    }
}

TEST_CASE("adjoint gradient of a long run with half-order history equals central differences") {
  CHECK(test::adjoint_error(mixed_circuit(7), Method::bdf2, 400) < 1e-7);
}
