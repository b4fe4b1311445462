#pragma once
// Nodes and terminals: how analog modules are wired.

#include <string>
#include <systemc>

namespace tellegen::chip {

class Node;

/// What a terminal is bound to.
class NodeInterface : public virtual sc_core::sc_interface {
 public:
  [[nodiscard]] virtual const Node& node() const = 0;
};

/// Electrical node. Terminals bound to one node share its potential; their currents add up to zero.
///
/// In the circuit it bears the name of its place below its cluster's parent ("x1:mid"), as in a deck.
class Node : public sc_core::sc_prim_channel, public NodeInterface {
 public:
  explicit Node(const char* name) : sc_core::sc_prim_channel(name) {}
  /// A node that bears `label` in the circuit, wherever it stands. "0" and "gnd" are ground.
  Node(const char* name, std::string label) : sc_core::sc_prim_channel(name), label_(std::move(label)) {}
  [[nodiscard]] const Node& node() const override { return *this; }
  /// Empty: the node is named after its place.
  [[nodiscard]] const std::string& label() const { return label_; }

 private:
  std::string label_;
};

/// The reference node. There may be many; they are all one.
class Ground : public Node {
 public:
  explicit Ground(const char* name = "ground") : Node(name, "0") {}
};

/// Terminal of an analog module; binds to exactly one node, `r1.p(n1);`, or to a terminal of the module around it.
using Terminal = sc_core::sc_port<NodeInterface, 1, sc_core::SC_ONE_OR_MORE_BOUND>;

}  // namespace tellegen::chip
