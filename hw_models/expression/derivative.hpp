#pragma once
#include "hw_models/expression/expression_graph.hpp"

namespace tellegen {

/// Derivative of the last term of `graph` by a variable, as the last term of a graph of its own.
[[nodiscard]] ExpressionGraph derivative_of(const ExpressionGraph& graph, std::int32_t variable);

}  // namespace tellegen
