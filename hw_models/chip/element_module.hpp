#pragma once
// Every element of the list as a SystemC module with terminals.

#include <fmt/format.h>
#include <memory>
#include <utility>
#include <vector>

#include "hw_models/chip/netlist.hpp"
#include "hw_models/elements/element_list.hpp"
#include "tellegen/units/quantities.hpp"

namespace tellegen::chip {

/// Module that adds a branch or a source to the circuit of its cluster: the nearest one beside it or above.
class AnalogModule : public sc_core::sc_module {
 public:
  /// Name in the circuit; empty: the module is named after its place below its cluster's parent.
  [[nodiscard]] const std::string& label() const { return label_; }
  void set_label(std::string label) { label_ = std::move(label); }
  /// Enters the netlist; called once, after elaboration.
  void join(Netlist& netlist) {
    contribute(netlist);
    joined_ = true;
  }

 protected:
  explicit AnalogModule(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {}
  virtual void contribute(Netlist& netlist) const = 0;
  void start_of_simulation() override {
    if (!joined_) throw InputError({}, name(), "belongs to no analog cluster; put an AnalogCluster beside it or beside a module around it");
  }

 private:
  std::string label_;
  bool joined_ = false;
};

/// Law of an element with its parameter values [SI], made by the functions below from the element's own quantities.
template <class E>
struct TypedLaw {
  LawChoice law = law_id<LinearLaw>();
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
/// f(z) = k0 z + k1 z^2 + k2 z^3 on element E.
template <class E>
TypedLaw<E> polynomial_law(Slope<E> k0, decltype(Slope<E>{} / typename E::Controlling{}) k1,
                           decltype(Slope<E>{} / (typename E::Controlling{} * typename E::Controlling{})) k2) {
  return {law_id<PolynomialLaw>(), {units::raw(k0), units::raw(k1), units::raw(k2)}};
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

/// Diode i = is (exp(v / (n Vt)) - 1).
inline TypedLaw<elements::Diode> junction_law(units::current is, double n) { return {law_id<JunctionLaw>(), {units::raw(is), n}}; }
/// Constant-phase element i = q D^alpha v. The unit of q depends on alpha, so q is a bare number in S s^alpha.
inline TypedLaw<elements::ConstantPhase> constant_phase_law(double q, double alpha) {
  return {law_id<LinearLaw>(), {q}, {.out = alpha, .in = elements::ConstantPhase::orders.in}};
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
///     Resistor r1{"r1", 10.0 * kilo_ohm};
///     r1.p(n1);
///     r1.n(gnd);
///
/// A wrong quantity (a capacitance for a resistor) does not compile.
template <class E>
  requires requires { typename E::Value; }
class ElementModule : public AnalogModule, public ControlTerminals<E::has_control_port> {
 public:
  Terminal p{"p"}, n{"n"};

  /// Linear element (for a diode: its saturation current).
  ElementModule(const sc_core::sc_module_name& name, typename E::Value value) : AnalogModule(name), law_(linear(units::raw(value))) {}
  /// Element with a law.
  ElementModule(const sc_core::sc_module_name& name, TypedLaw<E> law) : AnalogModule(name), law_(std::move(law)) {}

 private:
  void contribute(Netlist& netlist) const override {
    const Port out{netlist.node_of(p), netlist.node_of(n)};
    Port in = out;
    if constexpr (E::has_control_port) in = {netlist.node_of(this->cp), netlist.node_of(this->cn)};
    netlist.add_branch({.name = {}, .element = element_id<E>(), .law = law_.law, .orders = law_.orders, .out = out, .in = in, .values = law_.values,
                        .where = {}});
  }
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

/// Any branch of a circuit that exists already, its ports as a builder of the same nodes and sources takes them: for elements
/// that sense or hold more than their own terminals' voltage.
class BranchModule : public AnalogModule {
 public:
  BranchModule(const sc_core::sc_module_name& name, BranchSpec spec) : AnalogModule(name), spec_(std::move(spec)) {}

 private:
  void contribute(Netlist& netlist) const override { netlist.add_branch(spec_); }

  BranchSpec spec_;
};

/// Neighbouring branches of a circuit that exists already, as one module: the elements of a tile. They keep their names and their
/// order; ports are as for `BranchModule`.
class BranchRange : public AnalogModule {
 public:
  /// @param first, count  of the circuit's branches
  BranchRange(const sc_core::sc_module_name& name, std::shared_ptr<const Circuit> circuit, std::size_t first, std::size_t count)
      : AnalogModule(name), circuit_(std::move(circuit)), first_(first), count_(count) {}

 private:
  void contribute(Netlist& netlist) const override {
    for (const auto& branch : circuit_->branches().subspan(first_, count_))
      netlist.add_branch(circuit_->spec_of(branch, circuit_->initial_slots()));
  }

  std::shared_ptr<const Circuit> circuit_;
  std::size_t first_, count_;
};

/// Independent source; a current source drives its current from p through itself to n.
template <SourceKind source_kind>
class SourceModule : public AnalogModule {
 public:
  using Value = std::conditional_t<source_kind == SourceKind::voltage, units::voltage, units::current>;
  Terminal p{"p"}, n{"n"};

  SourceModule(const sc_core::sc_module_name& name, Value constant) : SourceModule(name, Waveform(units::raw(constant))) {}
  /// @param waveform  in volt or ampere
  SourceModule(const sc_core::sc_module_name& name, Waveform waveform, bool is_constraint = false)
      : AnalogModule(name), waveform_(std::move(waveform)), is_constraint_(is_constraint) {}

 private:
  void contribute(Netlist& netlist) const override {
    netlist.add_source({.name = {}, .kind = source_kind, .port = {netlist.node_of(p), netlist.node_of(n)}, .waveform = waveform_, .where = {},
                        .is_constraint = is_constraint_});
  }

  Waveform waveform_;
  bool is_constraint_ = false;
};

using VoltageSource = SourceModule<SourceKind::voltage>;
using CurrentSource = SourceModule<SourceKind::current>;

}  // namespace tellegen::chip
