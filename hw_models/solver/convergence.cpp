#include "hw_models/solver/convergence.hpp"

#include <fmt/format.h>

#include "hw_models/elements/element_description.hpp"
#include "tellegen/units/quantity_text.hpp"

namespace tellegen {

std::string explain(const ConvergenceFailure& failure, const Circuit& circuit, std::string_view remedy) {
  const auto nodes = circuit.node_count();
  const std::string unknown = failure.unknown < 0       ? std::string("the circuit")
                              : failure.unknown < nodes ? fmt::format("node {}", circuit.node_names()[failure.unknown])
                                                        : std::string("a branch current");
  const std::string place =
      failure.time < 0 ? std::string("at the operating point") : fmt::format("at t = {}", engineering(failure.time, "s"));
  if (failure.status == SolveStatus::singular)
    return fmt::format("no unique solution {}: the equations of {} are singular; look for a loop of sources and inductors, "
                       "elements that cancel, or a node without a conducting path", place, unknown);
  std::string text = fmt::format("no convergence {}: {}", place, unknown);
  if (failure.status == SolveStatus::not_finite)
    text += " left the range of finite numbers";
  else
    text += fmt::format(" oscillates between {} and {}", engineering(failure.low, "V"), engineering(failure.high, "V"));
  if (failure.branch >= 0) {
    const auto& branch = circuit.branches()[failure.branch];
    text += fmt::format(" around {} {}", describe(branch.element).name, branch.name);
  }
  return fmt::format("{}; {}", text, failure.time < 0 ? "try .nodeset values near the solution" : remedy);
}

}  // namespace tellegen
