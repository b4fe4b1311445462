#include "hw_models/expression/algebra.hpp"

#include <algorithm>
#include <vector>

namespace tellegen {

using Index = ExpressionGraph::Index;
using enum OperationId;

Index folded(ExpressionGraph& graph, OperationId operation, std::span<const Index> operands) {
  if (operation == choose && graph.is_constant(operands[0]))
    return graph.node(operands[0]).constant != 0 ? operands[1] : operands[2];
  if (!std::ranges::all_of(operands, [&](Index operand) { return graph.is_constant(operand); }))
    return graph.apply(operation, operands);
  std::vector<double> values;
  for (const Index operand : operands) values.push_back(graph.node(operand).constant);
  return graph.constant(operation_of(operation).apply(values.data(), static_cast<int>(values.size())));
}

Index Algebra::apply(OperationId operation, std::initializer_list<Index> operands) {
  return folded(graph_, operation, std::span(operands.begin(), operands.size()));
}

Index Algebra::sum(Index a, Index b) {
  if (is_constant(a, 0)) return b;
  if (is_constant(b, 0)) return a;
  if (a == b) return product(constant(2), a);
  if (is(b, negate)) return difference(a, operand(b, 0));
  if (is(a, negate)) return difference(b, operand(a, 0));
  return apply(add, {a, b});
}

Index Algebra::difference(Index a, Index b) {
  if (is_constant(b, 0)) return a;
  if (is_constant(a, 0)) return negative(b);
  if (a == b) return constant(0);
  if (is(b, negate)) return sum(a, operand(b, 0));
  return apply(subtract, {a, b});
}

Index Algebra::negative(Index a) {
  if (is(a, negate)) return operand(a, 0);
  if (is(a, subtract)) return apply(subtract, {operand(a, 1), operand(a, 0)});
  return apply(negate, {a});
}

Index Algebra::product(Index a, Index b) {
  if (is_constant(a, 0) || is_constant(b, 0)) return constant(0);
  if (is_constant(b) && !is_constant(a)) std::swap(a, b);
  if (is_constant(a, 1)) return b;
  if (is_constant(a, -1)) return negative(b);
  if (is(a, negate)) return negative(product(operand(a, 0), b));
  if (is(b, negate)) return negative(product(a, operand(b, 0)));
  if (is_constant(a) && is(b, multiply) && is_constant(operand(b, 0)))
    return product(apply(multiply, {a, operand(b, 0)}), operand(b, 1));
  if (!is_constant(a) && is(b, multiply) && is_constant(operand(b, 0)))
    return product(operand(b, 0), product(a, operand(b, 1)));
  if (is(a, multiply) && is_constant(operand(a, 0)) && !is_constant(b))
    return product(operand(a, 0), product(operand(a, 1), b));
  if (is(a, divide) && is_constant(operand(a, 0), 1)) return quotient(b, operand(a, 1));
  if (is(b, divide) && is_constant(operand(b, 0), 1)) return quotient(a, operand(b, 1));
  return apply(multiply, {a, b});
}

Index Algebra::quotient(Index a, Index b) {
  if (is_constant(a, 0) && !is_constant(b, 0)) return constant(0);
  if (is_constant(b, 1)) return a;
  if (is_constant(b, -1)) return negative(a);
  if (a == b && !is_constant(a)) return constant(1);
  if (is(a, negate)) return negative(quotient(operand(a, 0), b));
  if (is(b, negate)) return negative(quotient(a, operand(b, 0)));
  if (is(a, multiply) && operand(a, 1) == b) return operand(a, 0);
  if (is(a, multiply) && operand(a, 0) == b) return operand(a, 1);
  return apply(divide, {a, b});
}

Index Algebra::power(Index base, Index exponent) {
  if (is_constant(exponent, 0)) return constant(1);
  if (is_constant(exponent, 1)) return base;
  return apply(OperationId::power, {base, exponent});
}

Index Algebra::choice(Index condition, Index then, Index otherwise) {
  if (then == otherwise) return then;
  return apply(choose, {condition, then, otherwise});
}

}  // namespace tellegen
