#pragma once
// The circuit of a cluster in the making: names and nodes of modules, turned into those of a circuit.

#include <string>
#include <unordered_map>

#include "hw_models/chip/electrical.hpp"
#include "hw_models/circuit/circuit.hpp"

namespace tellegen::chip {

class AnalogModule;

/// Node numbers of a cluster, by node.
using NodeNumbers = std::unordered_map<const Node*, NodeIndex>;

/// Takes the nodes and modules below one parent and gives their circuit. Names are relative to that parent, levels are told
/// apart by colons: module r1 in module x1 beside the cluster becomes x1:r1.
class Netlist {
 public:
  /// @param parent  of the cluster; nothing for the top level
  explicit Netlist(const sc_core::sc_object* parent);

  /// @throws InputError two nodes of one name
  void add(const Node& node);
  /// @throws InputError as CircuitBuilder does, and for a terminal that is bound to a node of another cluster
  void add(AnalogModule& module);
  /// @throws InputError as CircuitBuilder::freeze does
  [[nodiscard]] Circuit freeze() && { return std::move(builder_).freeze(); }
  [[nodiscard]] const NodeNumbers& numbers() const { return numbers_; }

  // For the modules, in AnalogModule::contribute.
  [[nodiscard]] NodeIndex node_of(const Terminal& terminal) const;
  /// A branch without a name is named after its module.
  void add_branch(BranchSpec spec);
  void add_source(Source source);

 private:
  [[nodiscard]] std::string circuit_name(const sc_core::sc_object& object) const;

  std::size_t prefix_;  // characters of full names that lead to the parent
  CircuitBuilder builder_;
  NodeNumbers numbers_;
  std::unordered_map<NodeIndex, const Node*> node_of_number_;
  std::string module_name_;  // of the module that contributes now
};

}  // namespace tellegen::chip
