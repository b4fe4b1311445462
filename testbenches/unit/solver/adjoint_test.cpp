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

TEST_CASE("adjoint gradient of a circuit of approximated elements equals its own central differences") {
  for (const unsigned seed : {1u, 2u, 3u})
    for (const Method method : {Method::be, Method::bdf2, Method::trap})
      for (const History history : {History::fft, History::exponentials_20, History::exponentials_32}) {
        CAPTURE(seed);
        CAPTURE(name_of(method));
        CAPTURE(name_of(history));
        CHECK(test::adjoint_error(mixed_circuit(seed), method, 60, history) < 1e-8);
      }
}

TEST_CASE("adjoint gradient of a circuit of approximated elements differs from that of the true one by the approximation's error") {
  constexpr std::size_t steps = 1000;
  const auto circuit = mixed_circuit(3);
  for (const Method method : {Method::be, Method::bdf2, Method::trap}) {
    const auto gradient = [&](History history) { return test::gradient_by_adjoint(circuit, {.step = test::check_step, .steps = steps, .method = method, .history = history}); };
    const auto direct = gradient(History::direct);
    const auto distance = [&](History history) {
      const auto other = gradient(history);
      double difference = 0, size = 0;
      for (std::size_t p = 0; p < direct.size(); ++p) {
        const double scale = circuit->initial_slots()[p];
        difference += std::pow((other[p] - direct[p]) * scale, 2);
        size += std::pow(direct[p] * scale, 2);
      }
      return std::sqrt(difference / size);
    };
    CAPTURE(name_of(method));
    const double largest_20 = method == Method::trap ? 1e-4 : 2e-6, largest_32 = method == Method::trap ? 2e-6 : 2e-9;
    CHECK(distance(History::fft) < 1e-12);
    CHECK(distance(History::exponentials_20) < largest_20);
    CHECK(distance(History::exponentials_32) < largest_32);
  }
}
