#include "hw_models/expression/expression_graph.hpp"

#include <algorithm>
#include <bit>

namespace tellegen {
namespace {

std::size_t mixed(std::size_t hash, std::uint64_t value) {
  constexpr std::uint64_t golden_ratio = 0x9e3779b97f4a7c15;
  hash ^= value + golden_ratio + (hash << 6) + (hash >> 2);
  return hash * golden_ratio;
}

}  // namespace

ExpressionGraph::Index ExpressionGraph::constant(double value) {
  return add({.operation = OperationId::constant, .constant = value}, {});
}

ExpressionGraph::Index ExpressionGraph::variable(std::int32_t number) {
  return add({.operation = OperationId::variable, .variable = number}, {});
}

ExpressionGraph::Index ExpressionGraph::apply(OperationId operation, std::span<const Index> operands) {
  return add({.operation = operation}, operands);
}

ExpressionGraph::Index ExpressionGraph::add(const Node& node, std::span<const Index> operands) {
  // By its bits: 0 and -0 are different constants, and one NaN equals another.
  const auto bits = std::bit_cast<std::uint64_t>(node.constant);
  std::size_t hash = mixed(mixed(static_cast<std::size_t>(node.operation), node.variable), bits);
  for (const Index operand : operands) hash = mixed(hash, operand);
  const auto [first, last] = known_.equal_range(hash);
  for (auto found = first; found != last; ++found) {
    const auto& other = nodes_[found->second];
    if (other.operation == node.operation && other.variable == node.variable &&
        std::bit_cast<std::uint64_t>(other.constant) == bits && std::ranges::equal(this->operands(other), operands))
      return found->second;
  }
  Node added = node;
  added.first_operand = static_cast<std::int32_t>(operands_.size());
  added.operand_count = static_cast<std::int32_t>(operands.size());
  const std::vector<Index> own(operands.begin(), operands.end());  // the caller's may lie in operands_
  operands_.insert(operands_.end(), own.begin(), own.end());
  const auto index = static_cast<Index>(nodes_.size());
  nodes_.push_back(added);
  known_.emplace(hash, index);
  return index;
}

std::vector<std::int32_t> ExpressionGraph::uses(Index root) const {
  std::vector<std::int32_t> count(nodes_.size(), 0);
  count[root] = 1;
  for (Index index = root; index >= 0; --index)
    if (count[index] > 0)
      for (const Index operand : operands(index)) ++count[operand];
  return count;
}

ExpressionGraph ExpressionGraph::reduced_to(Index root) const {
  const auto needed = uses(root);
  ExpressionGraph result;
  std::vector<Index> place(nodes_.size(), -1), moved;
  for (Index index = 0; index <= root; ++index) {
    if (needed[index] == 0) continue;
    moved.clear();
    for (const Index operand : operands(index)) moved.push_back(place[operand]);
    place[index] = result.add(nodes_[index], moved);
  }
  return result;
}

}  // namespace tellegen
