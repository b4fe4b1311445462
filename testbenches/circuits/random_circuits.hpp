#pragma once
// Circuits drawn at random for property tests, in normalised units (1 s, 1 A, 1 V).

#include <fmt/format.h>
#include <memory>
#include <random>
#include <vector>

#include "hw_models/circuit/circuit.hpp"
#include "hw_models/elements/element_list.hpp"

namespace tellegen::test {

/// Draws connected circuits from a list of element kinds.
class CircuitGenerator {
 public:
  explicit CircuitGenerator(unsigned seed) : random_(seed) {}

  double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }
  int integer(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }

  template <class E>
  void linear(std::string name, NodeIndex p, NodeIndex n, double k0) {
    builder_.add_branch({.name = std::move(name), .element = element_id<E>(), .law = law_id<LinearLaw>(), .orders = E::orders,
                         .out = {p, n}, .in = {p, n}, .values = {k0}, .where = {}});
  }
  template <class E>
  void nonlinear(std::string name, LawId law, NodeIndex p, NodeIndex n) {
    nonlinear_between<E>(std::move(name), law, {p, n}, {p, n}, 1);
  }
  /// sign -1 makes a directed branch that does not run away.
  template <class E>
  void nonlinear_between(std::string name, LawId law, Port out, Port in, double sign) {
    const double last = law == law_id<PolynomialLaw>() ? uniform(0.1, 0.4) : uniform(0.6, 1.2);
    const double factor = law == law_id<PolynomialLaw>() ? sign : 1;
    builder_.add_branch({.name = std::move(name), .element = element_id<E>(), .law = law, .orders = E::orders, .out = out, .in = in,
                         .values = {sign * uniform(0.1, 0.5), sign * uniform(0.2, 0.7), factor * last}, .where = {}});
  }
  LawId any_law() {
    const LawId laws[] = {law_id<TanhLaw>(), law_id<SinhLaw>(), law_id<PolynomialLaw>(), law_id<SineLaw>()};
    return laws[integer(0, 3)];
  }
  NodeIndex node(int i) { return i == 0 ? ground : builder_.node(fmt::format("n{}", i)); }
  void source(SourceKind kind, std::string name, NodeIndex p, NodeIndex n) {
    builder_.add_source({.name = std::move(name), .kind = kind, .port = {p, n}, .waveform = Waveform(0.0), .where = {}});
  }
  CircuitBuilder& builder() { return builder_; }
  std::shared_ptr<const Circuit> freeze() { return std::make_shared<const Circuit>(std::move(builder_).freeze()); }

 private:
  std::mt19937 random_;
  CircuitBuilder builder_;
};

/// A connected circuit of 2 to 6 nodes with elements of any kind between any of them, all laws and skews, possibly directed
/// and with a floating voltage source. Every node has a capacitor to ground, so that no run is stiff beyond reason.
inline std::shared_ptr<const Circuit> random_circuit(unsigned seed) {
  using namespace elements;
  CircuitGenerator make(seed);
  const int nodes = make.integer(2, 6);
  std::vector<NodeIndex> node{ground};
  for (int i = 1; i <= nodes; ++i) node.push_back(make.node(i));
  make.source(SourceKind::current, "i1", ground, node[1]);
  const bool floating = nodes > 2 && make.integer(0, 2) == 0;
  if (floating) make.source(SourceKind::voltage, "v1", node[2], node[3]);
  for (int i = 1; i <= nodes; ++i) make.linear<Capacitor>(fmt::format("c{}", i), node[i], ground, make.uniform(0.3, 1));
  const int elements = nodes + make.integer(1, 6);
  for (int k = 0; k < elements; ++k) {
    // The first elements make a chain through all nodes.
    const int p = k + 1 < nodes ? k + 1 : make.integer(0, nodes);
    int n = k + 1 < nodes ? k + 2 : make.integer(0, nodes - 1);
    if (k + 1 >= nodes && n >= p) ++n;
    const auto name = [&](std::string_view letter) { return fmt::format("{}x{}", letter, k); };
    const NodeIndex a = node[p], b = node[n];
    const bool in_chain = k + 1 < nodes;
    switch (make.integer(0, in_chain ? 7 : 8)) {  // a directed element does not connect its control node
      case 0: make.linear<Resistor>(name("r"), a, b, make.uniform(0.2, 1)); break;
      case 1: make.nonlinear<Resistor>(name("r"), make.any_law(), a, b); break;
      case 2: make.nonlinear<Capacitor>(name("c"), law_id<TanhLaw>(), a, b); break;
      case 3: make.nonlinear<Inductor>(name("l"), make.any_law(), a, b); break;
      case 4: make.nonlinear<FractionalMemristor>(name("yfmem!"), make.any_law(), a, b); break;
      case 5: make.nonlinear<Memristor>(name("ymem!"), make.any_law(), a, b); break;
      case 6:
        make.builder().add_branch({.name = name("d"), .element = element_id<Diode>(), .law = law_id<JunctionLaw>(), .orders = Diode::orders,
                                   .out = {a, b}, .in = {a, b}, .values = {make.uniform(1e-3, 1e-2), make.uniform(6, 12)}, .where = {}});
        break;
      case 7:
        make.builder().add_branch({.name = name("ycpe!"), .element = element_id<ConstantPhase>(), .law = law_id<LinearLaw>(),
                                   .orders = {.out = make.uniform(0.1, 0.9), .in = 1}, .out = {a, b}, .in = {a, b},
                                   .values = {make.uniform(0.2, 0.8)}, .where = {}});
        break;
      default:
        make.nonlinear_between<Transconductor>(name("g"), law_id<TanhLaw>(), {a, ground}, {b, node[make.integer(0, nodes)]}, -1);
        break;
    }
  }
  return make.freeze();
}

}  // namespace tellegen::test
