#pragma once
// Terms in their simplest form: what derivatives are written with.

#include <initializer_list>

#include "hw_models/expression/expression_graph.hpp"

namespace tellegen {

/// Makes terms of a graph and simplifies each by its own operands: constants are folded, 0 and 1 drop out, signs and
/// constant factors move outwards, x - x and x / x vanish, both arms of a choice being one makes it that.
///
/// As in all symbolic algebra 0 x = 0 also where x is infinite, and x / x = 1 also where x is 0.
class Algebra {
 public:
  using Index = ExpressionGraph::Index;
  explicit Algebra(ExpressionGraph& graph) : graph_(graph) {}

  Index constant(double value) { return graph_.constant(value); }
  Index sum(Index a, Index b);
  Index difference(Index a, Index b);
  Index product(Index a, Index b);
  Index quotient(Index a, Index b);
  Index negative(Index a);
  Index power(Index base, Index exponent);
  /// `then` where `condition` is not 0, else `otherwise`.
  Index choice(Index condition, Index then, Index otherwise);
  /// Any operation; folded when all operands are constants.
  Index apply(OperationId operation, std::initializer_list<Index> operands);

  Index square(Index a) { return product(a, a); }
  [[nodiscard]] bool is_zero(Index a) const { return graph_.is_constant(a, 0); }

 private:
  [[nodiscard]] bool is(Index a, OperationId operation) const { return graph_.node(a).operation == operation; }
  [[nodiscard]] bool is_constant(Index a) const { return graph_.is_constant(a); }
  [[nodiscard]] bool is_constant(Index a, double value) const { return graph_.is_constant(a, value); }
  /// Operand of an operation by its place.
  [[nodiscard]] Index operand(Index a, std::size_t place) const { return graph_.operands(a)[place]; }

  ExpressionGraph& graph_;
};

/// The operation on constants, folded; otherwise the plain term. Never changes a value by as much as a bit.
ExpressionGraph::Index folded(ExpressionGraph& graph, OperationId operation,
                              std::span<const ExpressionGraph::Index> operands);

}  // namespace tellegen
