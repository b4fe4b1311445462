#pragma once
// Small circuits written down by node names, and runs of them, for tests against closed forms.

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hw_models/circuit/circuit.hpp"
#include "hw_models/elements/element_list.hpp"
#include "hw_models/solver/adjoint.hpp"
#include "hw_models/solver/operating_point.hpp"

namespace tellegen::test {

/// Collects elements between named nodes; "0" is ground.
class Schematic {
 public:
  /// Linear element: `k0` is the slope of its law (conductance, capacitance, reciprocal inductance).
  template <class E>
  Schematic& linear(std::string_view name, std::string_view p, std::string_view n, double k0) {
    return add<E>(name, law_id<LinearLaw>(), E::orders, p, n, {k0});
  }
  template <class E, class Law>
  Schematic& with_law(std::string_view name, std::string_view p, std::string_view n, std::vector<double> values) {
    return add<E>(name, law_id<Law>(), E::orders, p, n, std::move(values));
  }
  Schematic& resistor(std::string_view name, std::string_view p, std::string_view n, double ohm) {
    return linear<elements::Resistor>(name, p, n, 1 / ohm);
  }
  Schematic& capacitor(std::string_view name, std::string_view p, std::string_view n, double farad) {
    return linear<elements::Capacitor>(name, p, n, farad);
  }
  Schematic& inductor(std::string_view name, std::string_view p, std::string_view n, double henry) {
    return linear<elements::Inductor>(name, p, n, 1 / henry);
  }
  Schematic& diode(std::string_view name, std::string_view p, std::string_view n, double is, double emission = 1) {
    return with_law<elements::Diode, JunctionLaw>(name, p, n, {is, emission});
  }
  /// Linear element of free orders: i = k0 D^(out + in) phi.
  Schematic& constant_phase(std::string_view name, std::string_view p, std::string_view n, double q, double alpha) {
    return add<elements::ConstantPhase>(name, law_id<LinearLaw>(), {.out = alpha, .in = 1}, p, n, {q});
  }
  template <class Law = LinearLaw>
  Schematic& transconductor(std::string_view name, std::string_view p, std::string_view n, std::string_view cp, std::string_view cn,
                            std::vector<double> values) {
    builder_.add_branch({.name = std::string(name), .element = element_id<elements::Transconductor>(), .law = law_id<Law>(),
                         .orders = elements::Transconductor::orders, .out = {builder_.node(p), builder_.node(n)},
                         .in = {builder_.node(cp), builder_.node(cn)}, .values = std::move(values), .where = {}});
    return *this;
  }
  Schematic& voltage_source(std::string_view name, std::string_view p, std::string_view n) { return source(SourceKind::voltage, name, p, n); }
  /// Drives its current out of the circuit at p and into it at n.
  Schematic& current_source(std::string_view name, std::string_view p, std::string_view n) { return source(SourceKind::current, name, p, n); }

  [[nodiscard]] std::shared_ptr<const Circuit> freeze() { return std::make_shared<const Circuit>(std::move(builder_).freeze()); }

 private:
  template <class E>
  Schematic& add(std::string_view name, LawId law, Orders orders, std::string_view p, std::string_view n, std::vector<double> values) {
    const Port port{builder_.node(p), builder_.node(n)};
    builder_.add_branch({.name = std::string(name), .element = element_id<E>(), .law = law, .orders = orders, .out = port, .in = port,
                         .values = std::move(values), .where = {}});
    return *this;
  }
  Schematic& source(SourceKind kind, std::string_view name, std::string_view p, std::string_view n) {
    builder_.add_source({.name = std::string(name), .kind = kind, .port = {builder_.node(p), builder_.node(n)}, .waveform = Waveform(0.0), .where = {}});
    return *this;
  }

  CircuitBuilder builder_;
};

/// Values of every source on the grid's times, one function of time per source in the order of the circuit.
inline Table sampled(const TimeGrid& grid, const std::vector<std::function<double(double)>>& waveforms) {
  Table sources(grid.steps, waveforms.size());
  for (std::size_t n = 0; n < grid.steps; ++n)
    for (std::size_t s = 0; s < waveforms.size(); ++s) sources.at(n, s) = waveforms[s](grid.time(n + 1));
  return sources;
}

/// Runs a circuit over the grid, driven by one function of time per source.
inline Trajectory simulate(const std::shared_ptr<const Circuit>& circuit, const TimeGrid& grid,
                           const std::vector<std::function<double(double)>>& waveforms, const ReferenceState& start = {}) {
  TransientEngine engine(circuit, grid);
  return run_forward(engine, sampled(grid, waveforms), start);
}

/// Voltage of a named node over the run.
inline std::vector<double> voltage(const Circuit& circuit, const Trajectory& run, std::string_view node) {
  return run.voltages.column(static_cast<std::size_t>(circuit.find_node(node)));
}

/// Operating point with the given source values and nothing else asked for.
inline OperatingPoint operating_point(const Circuit& circuit, std::vector<double> sources) {
  return find_operating_point(circuit, {.sources = std::move(sources), .slots = {circuit.initial_slots().begin(), circuit.initial_slots().end()},
                                        .first_guess = {}, .held = {}});
}

}  // namespace tellegen::test
