#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "hw_models/expression/expression.hpp"
#include "hw_models/expression/expression_graph.hpp"

namespace tellegen {

/// Recursive descent over the grammar in expression.hpp; makes the terms as it goes.
class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, const SourceLocation& where, std::string_view subject, ExpressionNames names)
      : text_(text), where_(where), subject_(subject), names_(names) {}

  /// Reads the whole text; its term is the last one of `graph()`.
  /// @throws InputError syntax error, unknown function, wrong number of arguments
  void parse();

  [[nodiscard]] const ExpressionGraph& graph() const { return graph_; }
  [[nodiscard]] const std::vector<std::string>& variables() const { return variables_; }

 private:
  [[noreturn]] void fail(std::string_view what) const;
  void choice();
  void logical_or();
  void logical_and();
  void comparison();
  void sum();
  void product();
  void unary();
  void power();
  void atom();
  void function(const std::string& name, std::size_t first);
  void circuit_variable(const std::string& name);
  void variable(const std::string& name);
  void emit(std::string_view name);
  void apply(OperationId operation, std::size_t arguments);
  void skip_blanks();
  bool next_is(std::string_view symbol);
  bool take(std::string_view symbol);

  std::string_view text_;
  const SourceLocation& where_;
  std::string_view subject_;
  ExpressionNames names_;
  std::size_t at_ = 0;
  int nesting_ = 0;
  ExpressionGraph graph_;
  std::vector<ExpressionGraph::Index> terms_;  ///< read but not yet used, as on a stack
  std::vector<std::string> variables_;
};

}  // namespace tellegen
