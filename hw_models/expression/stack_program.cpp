#include "hw_models/expression/stack_program.hpp"

#include <algorithm>
#include <array>

namespace tellegen {

StackProgram::StackProgram(const ExpressionGraph& graph, ExpressionGraph::Index root) {
  using Index = ExpressionGraph::Index;
  const auto uses = graph.uses(root);
  std::vector<std::int32_t> kept_as(graph.size(), -1);
  std::size_t depth = 0;
  const auto push = [&](const Instruction& instruction) {
    instructions_.push_back(instruction);
    stack_depth_ = std::max(stack_depth_, ++depth);
  };
  const auto emit = [&](Index index) {
    const auto& node = graph.node(index);
    switch (node.operation) {
      case OperationId::constant: return push({Action::constant, node.operation, 0, node.constant});
      case OperationId::variable: return push({Action::variable, node.operation, node.variable});
      default: break;
    }
    const auto action = node.operation == OperationId::add        ? Action::add
                        : node.operation == OperationId::subtract ? Action::subtract
                        : node.operation == OperationId::multiply ? Action::multiply
                        : node.operation == OperationId::divide   ? Action::divide
                                                                  : Action::apply;
    instructions_.push_back({action, node.operation, node.operand_count});
    depth -= static_cast<std::size_t>(node.operand_count - 1);
    if (uses[index] < 2) return;
    kept_as[index] = static_cast<std::int32_t>(kept_++);
    instructions_.push_back({Action::keep, node.operation, kept_as[index]});
  };

  struct Visit {
    Index index;
    std::int32_t next_operand;
  };
  std::vector<Visit> open{{root, 0}};
  while (!open.empty()) {
    auto& visit = open.back();
    const auto operands = graph.operands(visit.index);
    if (visit.next_operand == 0 && kept_as[visit.index] >= 0) {
      push({Action::recall, OperationId::variable, kept_as[visit.index]});
      open.pop_back();
    } else if (visit.next_operand < static_cast<std::int32_t>(operands.size())) {
      const auto next = operands[visit.next_operand++];
      open.push_back({next, 0});
    } else {
      const auto finished = visit.index;
      open.pop_back();
      emit(finished);
    }
  }
}

double StackProgram::run(std::span<const double> values_of_variables) const {
  std::array<double, 32> small{};
  std::vector<double> large;
  if (stack_depth_ + kept_ > small.size()) large.resize(stack_depth_ + kept_);
  double* const kept = large.empty() ? small.data() : large.data();
  double* top = kept + kept_;  // one past the last value
  for (const auto& instruction : instructions_) {
    switch (instruction.action) {
      case Action::constant: *top++ = instruction.constant; break;
      case Action::variable: *top++ = values_of_variables[instruction.argument]; break;
      case Action::keep: kept[instruction.argument] = top[-1]; break;
      case Action::recall: *top++ = kept[instruction.argument]; break;
      case Action::add: --top, top[-1] = top[-1] + top[0]; break;
      case Action::subtract: --top, top[-1] = top[-1] - top[0]; break;
      case Action::multiply: --top, top[-1] = top[-1] * top[0]; break;
      case Action::divide: --top, top[-1] = top[-1] / top[0]; break;
      case Action::apply:
        top -= instruction.argument;
        *top = operation_of(instruction.operation).apply(top, instruction.argument);
        ++top;
        break;
    }
  }
  return top[-1];
}

}  // namespace tellegen
