#pragma once
// Every element of the list as a SystemC module with terminals.

#include <fmt/format.h>
#include <utility>
#include <vector>

#include "hw_models/chip/electrical.hpp"
#include "hw_models/circuit/circuit.hpp"
#include "hw_models/elements/element_list.hpp"
#include "tellegen/units/quantities.hpp"

namespace tellegen::chip {

/// Module that adds a branch or a source to the circuit of its cluster.
class AnalogModule : public sc_core::sc_module {
 public:
  /// Adds this module to the circuit under `name`; called once, after elaboration.
  virtual void contribute(CircuitBuilder& circuit, const std::string& name) const = 0;

 protected:
  explicit AnalogModule(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {}
  static NodeIndex node_of(CircuitBuilder& circuit, const Terminal& terminal) {
    return circuit.node(const_cast<Terminal&>(terminal)->label());  // sc_port has no const access
  }
};

/// Law of an element with its parameter values, typed by the element's own quantities.
template <class E>
struct TypedLaw {
  LawId law = law_id<LinearLaw>();
  std::vector<double> values;
  Orders orders = E::orders;
};

template <class E>
using Slope = decltype(typename E::Through{} / typename E::Controlling{});

/// f(z) = k0 z + k1 tanh(z/z0) on element E: `tanh_law<elements::Capacitor>(1.0 * nano_farad, ...)`.
template <class E>
TypedLaw<E> tanh_law(Slope<E> k0, typename E::Through k1, typename E::Controlling z0) {
  return {law_id<TanhLaw>(), {units::raw(k0), units::raw(k1), units::raw(z0)}};
}
/// f(z) = k0 z + k1 sinh(z/z0) on element E.
template <class E>
TypedLaw<E> sinh_law(Slope<E> k0, typename E::Through k1, typename E::Controlling z0) {
  return {law_id<SinhLaw>(), {units::raw(k0), units::raw(k1), units::raw(z0)}};
}
/// f(z) = k0 z + k1 sin(z/z0) on element E.
template <class E>
TypedLaw<E> sine_law(Slope<E> k0, typename E::Through k1, typename E::Controlling z0) {
  return {law_id<SineLaw>(), {units::raw(k0), units::raw(k1), units::raw(z0)}};
}

/// Terminals of a control port; empty for a one-port.
template <bool has_control_port>
struct ControlTerminals {};
template <>
struct ControlTerminals<true> {
  Terminal cp{"cp"}, cn{"cn"};
};

/// Element E of the list as a hardware module with terminals p and n (and cp, cn of a controlled source):
///
///     ElementModule<elements::Resistor> r1{"r1", 10.0 * kilo_ohm};   r1.p(n1);   r1.n(ground);
///
/// A wrong quantity (a capacitance for a resistor) does not compile.
template <class E>
class ElementModule : public AnalogModule, public ControlTerminals<E::has_control_port> {
 public:
  Terminal p{"p"}, n{"n"};

  /// Linear element (for a diode: its saturation current).
  ElementModule(const sc_core::sc_module_name& name, typename E::Value value) : AnalogModule(name), law_(linear(units::raw(value))) {}
  /// Element with a law.
  ElementModule(const sc_core::sc_module_name& name, TypedLaw<E> law) : AnalogModule(name), law_(std::move(law)) {}

  void contribute(CircuitBuilder& circuit, const std::string& name) const override {
    const Port out{node_of(circuit, p), node_of(circuit, n)};
    Port in = out;
    if constexpr (E::has_control_port) in = {node_of(circuit, this->cp), node_of(circuit, this->cn)};
    circuit.add_branch({.name = name, .element = element_id<E>(), .law = law_.law, .orders = law_.orders, .out = out, .in = in,
                        .values = law_.values, .where = {}});
  }

 private:
  static TypedLaw<E> linear(double value) {
    if constexpr (E::views.empty())
      return {law_id<JunctionLaw>(), {value, 1.0}};
    else
      return {law_id<LinearLaw>(), {E::views[E::deck_value_view].kind == ViewKind::reciprocal ? 1.0 / value : value}};
  }

  TypedLaw<E> law_;
};

using Resistor = ElementModule<elements::Resistor>;
using Capacitor = ElementModule<elements::Capacitor>;
using Inductor = ElementModule<elements::Inductor>;
using Diode = ElementModule<elements::Diode>;
using Transconductor = ElementModule<elements::Transconductor>;
using FractionalMemristor = ElementModule<elements::FractionalMemristor>;
using Memristor = ElementModule<elements::Memristor>;
using ConstantPhase = ElementModule<elements::ConstantPhase>;

/// Independent source; a current source drives its current from p through itself to n.
template <SourceKind source_kind>
class SourceModule : public AnalogModule {
 public:
  Terminal p{"p"}, n{"n"};

  SourceModule(const sc_core::sc_module_name& name, Waveform waveform) : AnalogModule(name), waveform_(std::move(waveform)) {}
  void contribute(CircuitBuilder& circuit, const std::string& name) const override {
    circuit.add_source({.name = name, .kind = source_kind, .port = {node_of(circuit, p), node_of(circuit, n)}, .waveform = waveform_, .where = {}});
  }

 private:
  Waveform waveform_;
};

using VoltageSource = SourceModule<SourceKind::voltage>;
using CurrentSource = SourceModule<SourceKind::current>;

}  // namespace tellegen::chip
