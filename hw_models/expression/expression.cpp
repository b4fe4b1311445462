#include "hw_models/expression/expression.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

#include "hw_models/expression/algebra.hpp"
#include "hw_models/expression/complex_value.hpp"
#include "hw_models/expression/derivative.hpp"
#include "hw_models/expression/difference_arithmetic.hpp"
#include "hw_models/expression/expression_parser.hpp"

namespace tellegen {

Expression::Expression(ExpressionGraph graph)
    : graph_(std::make_shared<const ExpressionGraph>(std::move(graph))),
      program_(*graph_, static_cast<ExpressionGraph::Index>(graph_->size()) - 1) {}

Expression Expression::related(ExpressionGraph graph, std::string text) const {
  Expression result(std::move(graph));
  result.text_ = std::move(text);
  result.where_ = where_;
  result.subject_ = subject_;
  result.variables_ = variables_;
  return result;
}

Expression Expression::parse(std::string_view text, const SourceLocation& where, std::string_view subject,
                             ExpressionNames names) {
  ExpressionParser parser(text, where, subject, names);
  parser.parse();
  Expression result(parser.graph());
  result.text_ = std::string(text);
  result.where_ = where;
  result.subject_ = std::string(subject);
  result.variables_ = parser.variables();
  return result;
}

double Expression::evaluate(const NameLookup& lookup) const {
  std::vector<double> values;
  values.reserve(variables_.size());
  for (const auto& name : variables_) {
    const auto value = lookup(name);
    if (!value) throw InputError(where_, subject_, fmt::format("expression \"{}\": unknown name \"{}\"", text_, name));
    values.push_back(*value);
  }
  return evaluate(values);
}

Expression Expression::derivative(std::string_view variable) const {
  const auto number = std::ranges::find(variables_, variable) - variables_.begin();
  return related(derivative_of(*graph_, static_cast<std::int32_t>(number)), fmt::format("d/d{} ({})", variable, text_));
}

double Expression::change(std::span<const double> at, std::span<const double> by) const {
  return change_of(*graph_, at, by);
}

std::complex<double> Expression::evaluate_complex(std::span<const std::complex<double>> values_of_variables) const {
  return complex_value(*graph_, values_of_variables);
}

std::optional<std::string_view> Expression::not_analytic_in(std::string_view variable) const {
  const auto number = static_cast<std::int32_t>(std::ranges::find(variables_, variable) - variables_.begin());
  return operation_not_analytic(*graph_, number);
}

Expression Expression::with(const NameLookup& values) const {
  std::vector<std::optional<double>> bound;
  std::vector<std::int32_t> place;
  std::vector<std::string> left;
  for (const auto& name : variables_) {
    bound.push_back(values(name));
    place.push_back(static_cast<std::int32_t>(left.size()));
    if (!bound.back()) left.push_back(name);
  }
  auto result = related(rebuilt(bound, place), text_);
  result.variables_ = std::move(left);
  return result;
}

Expression Expression::in_variables(std::span<const std::string> names) const {
  std::vector<std::int32_t> place;
  for (const auto& name : variables_) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end())
      throw InputError(where_, subject_, fmt::format("expression \"{}\": unknown name \"{}\"; known are {}", text_, name,
                                                     fmt::join(names, ", ")));
    place.push_back(static_cast<std::int32_t>(found - names.begin()));
  }
  auto result = related(rebuilt(std::vector<std::optional<double>>(variables_.size()), place), text_);
  result.variables_.assign(names.begin(), names.end());
  return result;
}

ExpressionGraph Expression::rebuilt(std::span<const std::optional<double>> bound,
                                    std::span<const std::int32_t> place) const {
  ExpressionGraph graph;
  std::vector<ExpressionGraph::Index> terms, operands;
  for (std::size_t index = 0; index < graph_->size(); ++index) {
    const auto& node = graph_->node(static_cast<ExpressionGraph::Index>(index));
    if (node.operation == OperationId::constant) {
      terms.push_back(graph.constant(node.constant));
    } else if (node.operation == OperationId::variable) {
      const auto& value = bound[node.variable];
      terms.push_back(value ? graph.constant(*value) : graph.variable(place[node.variable]));
    } else {
      operands.clear();
      for (const auto operand : graph_->operands(node)) operands.push_back(terms[operand]);
      terms.push_back(folded(graph, node.operation, operands));
    }
  }
  return graph.reduced_to(terms.back());
}

std::optional<double> Expression::constant_value() const {
  const auto& last = graph_->node(static_cast<ExpressionGraph::Index>(graph_->size()) - 1);
  if (last.operation != OperationId::constant) return std::nullopt;
  return last.constant;
}

bool Expression::depends_on(std::string_view variable) const {
  const auto number = static_cast<std::int32_t>(std::ranges::find(variables_, variable) - variables_.begin());
  for (std::size_t index = 0; index < graph_->size(); ++index) {
    const auto& node = graph_->node(static_cast<ExpressionGraph::Index>(index));
    if (node.operation == OperationId::variable && node.variable == number) return true;
  }
  return false;
}

std::vector<std::vector<Expression>> Expression::operands_of(OperationId operation) const {
  std::vector<std::vector<Expression>> found;
  for (std::size_t index = 0; index < graph_->size(); ++index) {
    const auto& node = graph_->node(static_cast<ExpressionGraph::Index>(index));
    if (node.operation != operation) continue;
    auto& operands = found.emplace_back();
    for (const auto operand : graph_->operands(node)) operands.push_back(related(graph_->reduced_to(operand), text_));
  }
  return found;
}

}  // namespace tellegen
