#pragma once
// Circuits drawn at random for property tests, in normalised units (1 s, 1 A, 1 V).

#include <fmt/format.h>
#include <memory>
#include <random>

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

}  // namespace tellegen::test
