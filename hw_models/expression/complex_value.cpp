#include "hw_models/expression/complex_value.hpp"

#include <numbers>
#include <vector>

namespace tellegen {
namespace {

using Complex = std::complex<double>;

/// The analytic continuation of an operation; nothing for one that has none.
std::optional<Complex> analytic(OperationId operation, std::span<const Complex> x) {
  switch (operation) {
    case OperationId::sin: return std::sin(x[0]);
    case OperationId::cos: return std::cos(x[0]);
    case OperationId::tan: return std::tan(x[0]);
    case OperationId::asin: return std::asin(x[0]);
    case OperationId::acos: return std::acos(x[0]);
    case OperationId::atan: return std::atan(x[0]);
    case OperationId::sinh: return std::sinh(x[0]);
    case OperationId::cosh: return std::cosh(x[0]);
    case OperationId::tanh: return std::tanh(x[0]);
    case OperationId::sech: return 1.0 / std::cosh(x[0]);
    case OperationId::asinh: return std::asinh(x[0]);
    case OperationId::acosh: return std::acosh(x[0]);
    case OperationId::atanh: return std::atanh(x[0]);
    case OperationId::exp: return std::exp(x[0]);
    case OperationId::ln:
    case OperationId::log: return std::log(x[0]);
    case OperationId::log10: return std::log(x[0]) / std::numbers::ln10;
    case OperationId::sqrt: return std::sqrt(x[0]);
    case OperationId::hypot: return std::sqrt(x[0] * x[0] + x[1] * x[1]);
    case OperationId::add: return x[0] + x[1];
    case OperationId::subtract: return x[0] - x[1];
    case OperationId::multiply: return x[0] * x[1];
    case OperationId::divide: return x[0] / x[1];
    case OperationId::negate: return -x[0];
    case OperationId::pow:
    case OperationId::power: {
      if (x[1].imag() != 0) return std::pow(x[0], x[1]);
      // A whole power of a base on the negative axis stays on the axis.
      constexpr double largest_whole = 64;
      const double exponent = x[1].real();
      if (exponent != std::floor(exponent) || std::abs(exponent) > largest_whole) return std::pow(x[0], exponent);
      Complex product = 1;
      for (int i = 0; i < static_cast<int>(std::abs(exponent)); ++i) product *= x[0];
      return exponent < 0 ? 1.0 / product : product;
    }
    default: return std::nullopt;
  }
}

}  // namespace

std::complex<double> complex_value(const ExpressionGraph& graph, std::span<const std::complex<double>> values_of_variables) {
  std::vector<Complex> value(graph.size()), operands;
  std::vector<double> real;
  for (std::size_t i = 0; i < graph.size(); ++i) {
    const auto& node = graph.node(static_cast<ExpressionGraph::Index>(i));
    if (node.operation == OperationId::constant) {
      value[i] = node.constant;
    } else if (node.operation == OperationId::variable) {
      value[i] = values_of_variables[static_cast<std::size_t>(node.variable)];
    } else {
      operands.clear(), real.clear();
      for (const auto operand : graph.operands(node)) operands.push_back(value[static_cast<std::size_t>(operand)]), real.push_back(operands.back().real());
      if (node.operation == OperationId::choose)
        value[i] = real[0] != 0 ? operands[1] : operands[2];
      else if (const auto continued = analytic(node.operation, operands))
        value[i] = *continued;
      else
        value[i] = operation_of(node.operation).apply(real.data(), static_cast<int>(real.size()));
    }
  }
  return value.back();
}

std::optional<std::string_view> operation_not_analytic(const ExpressionGraph& graph, std::int32_t variable) {
  std::vector<bool> depends(graph.size(), false);
  for (std::size_t i = 0; i < graph.size(); ++i) {
    const auto& node = graph.node(static_cast<ExpressionGraph::Index>(i));
    if (node.operation == OperationId::variable) depends[i] = node.variable == variable;
    const auto operands = graph.operands(node);
    for (const auto operand : operands) depends[i] = depends[i] || depends[static_cast<std::size_t>(operand)];
    if (operands.empty() || !depends[i]) continue;
    // A choice between analytic arms by a condition that does not move is analytic.
    if (node.operation == OperationId::choose && !depends[static_cast<std::size_t>(operands[0])]) continue;
    const std::vector<Complex> anywhere(operands.size(), Complex(0.5, 0.5));
    if (!analytic(node.operation, anywhere)) return operation_of(node.operation).name;
  }
  return std::nullopt;
}

}  // namespace tellegen
