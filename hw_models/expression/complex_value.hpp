#pragma once
// Expressions at complex arguments.

#include <complex>
#include <optional>
#include <span>
#include <string_view>

#include "hw_models/expression/expression_graph.hpp"

namespace tellegen {

/// Value of the graph's last term with complex variables. Analytic operations are continued from the real axis; every other one
/// takes the real parts of what it is applied to.
[[nodiscard]] std::complex<double> complex_value(const ExpressionGraph& graph, std::span<const std::complex<double>> values_of_variables);

/// Name of an operation that is not analytic and that the variable goes through; nothing when there is none.
[[nodiscard]] std::optional<std::string_view> operation_not_analytic(const ExpressionGraph& graph, std::int32_t variable);

}  // namespace tellegen
