#pragma once
// A circuit: nodes, branches, sources, parameters. Built once, then const; every state lives elsewhere.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hw_models/circuit/waveform.hpp"
#include "hw_models/elements/element_description.hpp"
#include "hw_models/elements/hodgkin_huxley.hpp"
#include "hw_models/elements/law_list.hpp"
#include "tellegen/units/input_error.hpp"

namespace tellegen {

class Behaviour;

/// Place of an unknown: 0 is ground, then the nodes, then the currents of the voltage sources in the order of the sources.
using NodeIndex = std::int32_t;
inline constexpr NodeIndex ground = 0;

/// While a circuit is being built: the current of its source of that index (in the order of `add_source`), as the terminal of
/// a port that senses or is driven in that source's row. `freeze` turns it into the place of the unknown.
[[nodiscard]] constexpr NodeIndex current_of_source(std::int32_t source) { return -1 - source; }

/// Pair of terminals. Both are nodes where a voltage is meant; {current of a source, ground} senses that source's current,
/// and {ground, current of a source} as an output adds to the voltage that the source holds.
struct Port {
  NodeIndex p = ground;
  NodeIndex n = ground;
  friend bool operator==(const Port&, const Port&) = default;
};

/// How a branch's current follows from what it senses.
enum class BranchKind : std::uint8_t {
  law,          ///< i = D^a f(D^b phi)
  membrane,     ///< Hodgkin-Huxley patch: three gates as internal states
  behavioural,  ///< i = g(inputs, t), an expression
};

/// One constitutive branch: current i = D^a f(D^b phi) from `out.p` through the element to `out.n`, phi the flux of `in`; or
/// one of the other kinds.
///
/// | kind        | slots                       | internal states, per step                                    |
/// |-------------|-----------------------------|--------------------------------------------------------------|
/// | law         | parameters of the law       | none                                                         |
/// | membrane    | c gna gk gl ena ek el area  | gates m, h, n                                                |
/// | behavioural | none                        | values of the inputs                                         |
struct Branch {
  std::string name;  ///< lower case, hierarchical: "r1", "yfmem!f1", "x1:r3"
  ElementId element{};
  BranchKind kind = BranchKind::law;
  LawChoice law;
  Orders orders;
  Port out;
  Port in;  ///< equals `out` for a one-port
  std::int32_t first_slot = 0;
  std::int32_t slots = 0;
  std::int32_t first_state = 0;
  std::int32_t states = 0;
  std::shared_ptr<const Behaviour> behaviour = nullptr;  ///< of a behavioural branch
  std::vector<Port> inputs = {};                         ///< of a behavioural branch
  SourceLocation where;
  bool is_instrument = false;  ///< part of a probe, not of the user's circuit

  [[nodiscard]] bool is_two_port() const { return !(in == out); }
  [[nodiscard]] bool is_linear() const;
  /// Whether it fixes the voltage between its terminals once its current is known, so that neither floats: a one-port, or a
  /// behavioural source that senses both of them.
  [[nodiscard]] bool ties_terminals() const;
};

/// Whether a branch drives one port by another: its echo needs the two exchanged. The windings of a transformer are two-ports in
/// form only; together they are reciprocal.
[[nodiscard]] bool is_directed(const Branch& branch);

/// Name of a branch's law as reports write it: "linear", "tanh", "gates", "expression".
[[nodiscard]] std::string_view law_name(const Branch& branch);

enum class SourceKind { voltage, current };

/// Independent source. A current source drives its current from p through itself to n, as in SPICE.
struct Source {
  std::string name;
  SourceKind kind = SourceKind::current;
  Port port;
  Waveform waveform;
  SourceLocation where;
  std::int32_t dc_slot = -1;   ///< slot of the level of a constant source, which no law reads; -1: the source is no parameter
  bool is_constraint = false;  ///< holds the voltage that branches in its row give (E, H, coupled inductors), no input of its own
  bool is_instrument = false;  ///< an ammeter
};

/// A user's name for one slot of a branch's law: `r1.g`, `c1.c`, `yfmem!m1.k1`.
struct Parameter {
  std::string name;
  std::string unit;
  std::int32_t branch = 0;  ///< -1: a parameter of a source
  std::int32_t slot = 0;    ///< index into the circuit's slot values
  ViewKind view = ViewKind::identity;
  Sign sign = Sign::any;
  bool primary = true;  ///< false: reached only by its own name or a pattern that names it (`r1.r`)
};

/// What `CircuitBuilder::add_branch` takes; slot values in the order of the law's parameters.
struct BranchSpec {
  std::string name;
  ElementId element{};
  LawChoice law = law_id<LinearLaw>();
  Orders orders;
  Port out;
  Port in;
  std::vector<double> values;
  SourceLocation where;
  BranchKind kind = BranchKind::law;
  std::shared_ptr<const Behaviour> behaviour = nullptr;
  std::vector<Port> inputs = {};
  bool is_hidden = false;  ///< offers no parameters: an instrument, or part of an element that names its own
  bool is_instrument = false;  ///< part of a probe, not of the user's circuit
};

/// Mutual inductance of two coupled inductors, m = k sqrt(l1 l2) in a slot of each of the two branches that carry it.
struct Coupling {
  std::int32_t k_slot = 0;                 ///< coupling coefficient: behind the slots of all branches, no law reads it
  std::array<std::int32_t, 2> m_slots{};   ///< [H]
  std::int32_t l1_slot = 0;                ///< [H]
  std::int32_t l2_slot = 0;                ///< [H]
};

/// Frozen circuit. Trainable values are given separately as a vector of slots, so that one circuit serves many states.
class Circuit {
 public:
  [[nodiscard]] std::span<const std::string> node_names() const { return node_names_; }  ///< [0] is "0"
  [[nodiscard]] std::int32_t node_count() const { return static_cast<std::int32_t>(node_names_.size()); }
  [[nodiscard]] std::span<const Branch> branches() const { return branches_; }
  [[nodiscard]] std::span<const Source> sources() const { return sources_; }
  [[nodiscard]] std::span<const Parameter> parameters() const { return parameters_; }
  /// Slot values as built; a run takes its own copy.
  [[nodiscard]] std::span<const double> initial_slots() const { return slots_; }
  [[nodiscard]] std::span<const Coupling> couplings() const { return couplings_; }
  /// Length of the vector of unknowns: ground, nodes, currents of the voltage sources.
  [[nodiscard]] std::int32_t unknown_count() const { return unknown_count_; }
  /// Place of a voltage source's current among the unknowns, -1 for a current source.
  [[nodiscard]] NodeIndex current_unknown(std::int32_t source) const { return current_unknown_[source]; }
  /// Name of a terminal or unknown: a node's own, "i(v1)" for the current of a voltage source.
  [[nodiscard]] std::string unknown_name(NodeIndex place) const;
  /// Internal states of all branches.
  [[nodiscard]] std::int32_t state_count() const { return state_count_; }
  /// What `add_branch` took, with terminals as a builder wants them: a copy of the circuit is made of these.
  [[nodiscard]] BranchSpec spec_of(const Branch& branch, std::span<const double> slots) const;

  /// Node of that name (case-insensitive, "gnd" is ground), -1 when there is none.
  [[nodiscard]] NodeIndex find_node(std::string_view name) const;
  /// Place of the unknown that `unknown_name` gives that name (case-insensitive), -1 when there is none.
  [[nodiscard]] NodeIndex find_unknown(std::string_view name) const;
  /// Index of that source, -1 when there is none.
  [[nodiscard]] std::int32_t find_source(std::string_view name) const;
  [[nodiscard]] std::int32_t find_branch(std::string_view name) const;

  [[nodiscard]] double parameter_value(const Parameter& parameter, std::span<const double> slots) const;
  /// Sets a parameter and every slot that follows from it.
  void set_parameter(const Parameter& parameter, double value, std::span<double> slots) const;
  /// dL/dp of a parameter from dL/dslot of all slots.
  [[nodiscard]] double parameter_slope(const Parameter& parameter, std::span<const double> slots, std::span<const double> slope_by_slot) const;

 private:
  friend class CircuitBuilder;
  std::vector<std::string> node_names_;
  std::unordered_map<std::string, NodeIndex> node_index_;
  std::vector<Branch> branches_;
  std::vector<Source> sources_;
  std::vector<Parameter> parameters_;
  std::vector<double> slots_;
  std::vector<Coupling> couplings_;
  std::vector<NodeIndex> current_unknown_;
  std::int32_t unknown_count_ = 0;
  std::int32_t state_count_ = 0;
};

/// Collects a circuit, then freezes it.
class CircuitBuilder {
 public:
  CircuitBuilder();

  /// Node of that name, made at its first use. "0" and "gnd" are ground.
  NodeIndex node(std::string_view name);

  /// @throws InputError duplicate name, wrong number of values, a value outside its sign, orders outside [0, 1.5]
  void add_branch(BranchSpec spec);
  /// @returns index of the source
  /// @throws InputError duplicate name
  std::int32_t add_source(Source source);
  /// Source that holds the voltage of an element's output at what the branches in its row add up to; bears the element's name.
  std::int32_t add_constraint(std::string_view element, Port port, const SourceLocation& where);
  /// Puts a source of 0 V in series with an element, at its first output node: its current is the element's own, from p through
  /// the element to n.
  /// @param name  of the ammeter; the node between the two is "node of NAME"
  /// @returns index of the source
  /// @throws std::invalid_argument no such branch or current source, or one whose output is a source's row
  std::int32_t add_ammeter(std::string_view element, std::string_view name, const SourceLocation& where);
  /// Moves the terminal of a one-port from one node to another.
  void move_terminal(std::int32_t branch, NodeIndex from, NodeIndex to);
  /// Couples two inductors that were added in the current form (orders a = b = 1 in the rows of their constraints).
  /// @throws InputError unknown branch, two that are coupled already, or a coefficient outside -1 to 1
  void add_coupling(std::string_view name, ElementId element, std::string_view first, std::string_view second, double k, const SourceLocation& where);
  [[nodiscard]] const Circuit& so_far() const { return circuit_; }

  /// Checks the topology and gives the circuit.
  /// @throws InputError no ground; a node with a single connection; a loop of voltage sources; a node that no element
  ///         ties to the rest (cut set of current sources)
  [[nodiscard]] Circuit freeze() &&;

 private:
  void check_topology() const;
  void number_unknowns();
  void name_couplings();
  void name_sources();
  void check_unique(const std::string& name, const SourceLocation& where);

  Circuit circuit_;
  std::unordered_map<std::string, SourceLocation> names_;
  std::vector<double> coupling_coefficients_;
};

/// Lower-case copy: names in decks are case-insensitive.
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace tellegen
