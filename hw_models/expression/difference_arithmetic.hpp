#pragma once
// Arithmetic of values that move: how much each operation's result changes when its operands do, without cancellation.

#include <span>

#include "hw_models/expression/expression_graph.hpp"

namespace tellegen {

/// A term at its start, how far it moves from there, and where it ends. The end is a value of its own, not the sum of the
/// other two: so it stays finite where the start is not.
struct Difference {
  double value = 0;
  double change = 0;
  double end = 0;
};

/// Result of an operation whose operands move.
///
/// Where a formula for f(x + d) - f(x) is known that keeps the relative precision of small d it is used (products,
/// quotients, powers, exponential, circular and hyperbolic functions and their inverses); a choice between operands
/// (min, max, limit, ?:) moves as the chosen one does; what only steps is the difference of its two values.
[[nodiscard]] Difference apply_to_differences(OperationId operation, std::span<const Difference> operands);

/// Change of the last term of `graph` when every variable moves from `at` by `by`.
[[nodiscard]] double change_of(const ExpressionGraph& graph, std::span<const double> at, std::span<const double> by);

}  // namespace tellegen
