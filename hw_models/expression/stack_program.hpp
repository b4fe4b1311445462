#pragma once
// What an expression is evaluated by: a stack machine without branches.

#include <cstdint>
#include <span>
#include <vector>

#include "hw_models/expression/expression_graph.hpp"

namespace tellegen {

/// Terms of a graph in the order of their evaluation. A term that is needed again is kept and recalled.
class StackProgram {
 public:
  StackProgram() = default;
  StackProgram(const ExpressionGraph& graph, ExpressionGraph::Index root);

  [[nodiscard]] double run(std::span<const double> values_of_variables) const;

 private:
  enum class Action : std::uint8_t { constant, variable, keep, recall, add, subtract, multiply, divide, apply };
  struct Instruction {
    Action action;
    OperationId operation;      ///< of apply
    std::int32_t argument = 0;  ///< number of the variable or of the kept term, or how many arguments are applied to
    double constant = 0;
  };

  std::vector<Instruction> instructions_;
  std::size_t stack_depth_ = 0;
  std::size_t kept_ = 0;
};

}  // namespace tellegen
