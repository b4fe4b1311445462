#pragma once
// A circuit: nodes, branches, sources, parameters. Built once, then const; every state lives elsewhere.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hw_models/circuit/waveform.hpp"
#include "hw_models/elements/element_description.hpp"
#include "hw_models/elements/law_list.hpp"
#include "tellegen/units/input_error.hpp"

namespace tellegen {

/// Node number; 0 is ground.
using NodeIndex = std::int32_t;
inline constexpr NodeIndex ground = 0;

struct Port {
  NodeIndex p = ground;
  NodeIndex n = ground;
  friend bool operator==(const Port&, const Port&) = default;
};

/// One constitutive branch: current i = D^a f(D^b phi) from `out.p` through the element to `out.n`, phi the flux of `in`.
struct Branch {
  std::string name;  ///< lower case, hierarchical: "r1", "yfmem!f1", "x1:r3"
  ElementId element{};
  LawId law{};
  Orders orders;
  Port out;
  Port in;  ///< equals `out` for a one-port
  std::int32_t first_slot = 0;
  std::int32_t slots = 0;
  SourceLocation where;

  [[nodiscard]] bool is_two_port() const { return !(in == out); }
};

enum class SourceKind { voltage, current };

/// Independent source. A current source drives its current from p through itself to n, as in SPICE.
struct Source {
  std::string name;
  SourceKind kind = SourceKind::current;
  Port port;
  Waveform waveform;
  SourceLocation where;
};

/// A user's name for one slot of a branch's law: `r1.g`, `c1.c`, `yfmem!m1.k1`.
struct Parameter {
  std::string name;
  std::string unit;
  std::int32_t branch = 0;
  std::int32_t slot = 0;  ///< index into the circuit's slot values
  ViewKind view = ViewKind::identity;
  Sign sign = Sign::any;
  bool primary = true;  ///< false: reached only by its own name or a pattern that names it (`r1.r`)
};

/// What `CircuitBuilder::add_branch` takes; slot values in the order of the law's parameters.
struct BranchSpec {
  std::string name;
  ElementId element{};
  LawId law = law_id<LinearLaw>();
  Orders orders;
  Port out;
  Port in;
  std::vector<double> values;
  SourceLocation where;
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

  /// Node of that name (case-insensitive, "gnd" is ground), -1 when there is none.
  [[nodiscard]] NodeIndex find_node(std::string_view name) const;
  /// Index of that source, -1 when there is none.
  [[nodiscard]] std::int32_t find_source(std::string_view name) const;
  [[nodiscard]] std::int32_t find_branch(std::string_view name) const;

  [[nodiscard]] double parameter_value(const Parameter& parameter, std::span<const double> slots) const;
  void set_parameter(const Parameter& parameter, double value, std::span<double> slots) const;

 private:
  friend class CircuitBuilder;
  std::vector<std::string> node_names_;
  std::unordered_map<std::string, NodeIndex> node_index_;
  std::vector<Branch> branches_;
  std::vector<Source> sources_;
  std::vector<Parameter> parameters_;
  std::vector<double> slots_;
};

/// Collects a circuit, then freezes it.
class CircuitBuilder {
 public:
  CircuitBuilder();

  /// Node of that name, made at its first use. "0" and "gnd" are ground.
  NodeIndex node(std::string_view name);

  /// @throws InputError duplicate name, wrong number of values, a value outside its sign, orders outside [0, 1.5]
  void add_branch(BranchSpec spec);
  /// @throws InputError duplicate name
  void add_source(Source source);

  /// Checks the topology and gives the circuit.
  /// @throws InputError no ground; a node with a single connection; a loop of voltage sources; a node that no element
  ///         ties to the rest (cut set of current sources)
  [[nodiscard]] Circuit freeze() &&;

 private:
  void check_topology() const;
  void check_unique(const std::string& name, const SourceLocation& where);

  Circuit circuit_;
  std::unordered_map<std::string, SourceLocation> names_;
};

/// Lower-case copy: names in decks are case-insensitive.
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace tellegen
