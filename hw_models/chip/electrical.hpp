#pragma once
// Nodes and terminals: how analog modules are wired.

#include <string>
#include <systemc>

namespace tellegen::chip {

/// What a terminal is bound to.
class NodeInterface : public virtual sc_core::sc_interface {
 public:
  /// Name of the node in the circuit; "0" is ground.
  [[nodiscard]] virtual const std::string& label() const = 0;
};

/// Electrical node. Terminals bound to one node share its potential; their currents add up to zero.
class Node : public sc_core::sc_prim_channel, public NodeInterface {
 public:
  explicit Node(const char* name) : sc_core::sc_prim_channel(name), label_(name) {}
  /// A node whose circuit name differs from its place in the module hierarchy.
  Node(const char* name, std::string label) : sc_core::sc_prim_channel(name), label_(std::move(label)) {}
  [[nodiscard]] const std::string& label() const override { return label_; }

 private:
  std::string label_;
};

/// The reference node.
class Ground : public Node {
 public:
  explicit Ground(const char* name = "ground") : Node(name, "0") {}
};

/// Terminal of an analog module; binds to exactly one node: `r1.p(n1);`
using Terminal = sc_core::sc_port<NodeInterface, 1, sc_core::SC_ONE_OR_MORE_BOUND>;

}  // namespace tellegen::chip
