#pragma once
// Nodes of an expression: every subterm once, operands before what is made of them.

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "hw_models/expression/operations.hpp"

namespace tellegen {

/// Terms built bottom-up and shared: asking twice for the same term gives the same node.
///
/// Operands always have smaller numbers than what is made of them, so a pass over all nodes in order needs no recursion,
/// however long the expression is.
class ExpressionGraph {
 public:
  using Index = std::int32_t;

  struct Node {
    OperationId operation = OperationId::constant;
    std::int32_t variable = 0;       ///< of a variable: its number
    double constant = 0;             ///< of a constant: its value
    std::int32_t first_operand = 0;  ///< of an operation: where its operands stand
    std::int32_t operand_count = 0;
  };

  Index constant(double value);
  Index variable(std::int32_t number);
  /// The operation itself, nothing simplified.
  Index apply(OperationId operation, std::span<const Index> operands);

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] const Node& node(Index index) const { return nodes_[index]; }
  [[nodiscard]] std::span<const Index> operands(const Node& node) const {
    return std::span(operands_).subspan(node.first_operand, node.operand_count);
  }
  [[nodiscard]] std::span<const Index> operands(Index index) const { return operands(nodes_[index]); }
  [[nodiscard]] bool is_constant(Index index) const { return nodes_[index].operation == OperationId::constant; }
  [[nodiscard]] bool is_constant(Index index, double value) const {
    return is_constant(index) && nodes_[index].constant == value;
  }

  /// How often each node is an operand of what `root` needs; the root counts once for itself, 0 is not needed.
  [[nodiscard]] std::vector<std::int32_t> uses(Index root) const;

  /// Only what `root` needs, in the same order; the root is the last node.
  [[nodiscard]] ExpressionGraph reduced_to(Index root) const;

 private:
  Index add(const Node& node, std::span<const Index> operands);

  std::vector<Node> nodes_;
  std::vector<Index> operands_;
  std::unordered_multimap<std::size_t, Index> known_;  ///< by hash of the content
};

}  // namespace tellegen
