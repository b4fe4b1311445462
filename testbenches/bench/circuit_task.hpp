#pragma once
// What the benchmarks of circuits time: one interface, behind which engines are exchanged.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "hw_models/circuit/deck/deck.hpp"
#include "hw_models/linear/linear_plan.hpp"
#include "hw_models/solver/adjoint.hpp"
#include "hw_models/solver/operating_point.hpp"

namespace tellegen::bench {

/// Work on a deck's only analysis, ready to be repeated: whatever is planned once per topology is planned.
class CircuitTask {
 public:
  virtual ~CircuitTask() = default;
  /// The transient or the operating point of every sample.
  virtual void solve() = 0;
  /// The same with the gradient of half the squared probe voltages in all parameters.
  virtual void gradient() = 0;
  /// Time steps of `solve`; 1 for an operating point.
  [[nodiscard]] virtual std::size_t steps() const = 0;
  /// Multiplications and additions per step and sample of the linear systems in the last `solve`; nothing: not counted.
  [[nodiscard]] virtual std::optional<double> flops() const = 0;
};

/// What a deck is solved from, shared by all tasks.
struct Problem {
  std::shared_ptr<const Circuit> circuit;
  std::vector<NodeIndex> probes;
  std::vector<double> slots;

  explicit Problem(const Deck& deck) : circuit(std::make_shared<const Circuit>(deck.circuit)) {
    for (const auto& output : deck.saved) probes.push_back(circuit->find_node(output.p));
    slots.assign(circuit->initial_slots().begin(), circuit->initial_slots().end());
  }

  [[nodiscard]] std::vector<double> sources_at(double time) const {
    std::vector<double> values;
    for (const auto& source : circuit->sources()) values.push_back(source.waveform.at(time));
    return values;
  }
  [[nodiscard]] OperatingPoint operating_point() const {
    return find_operating_point(*circuit, {.sources = sources_at(0), .slots = slots, .first_guess = {}, .held = {}});
  }
};

/// Cost of the equations of all unknowns under the plan that the engine of one sample has, which is KLU.
[[nodiscard]] inline PlanDescription cost_of_equations(const Circuit& circuit) {
  SystemShape shape{.size = circuit.unknown_count() - 1, .entries = {}, .is_symmetric = false, .own = {}};
  const auto add = [&](NodeIndex row, NodeIndex column) {
    if (row != ground && column != ground) shape.entries.push_back({row - 1, column - 1});
  };
  for (NodeIndex unknown = 1; unknown < circuit.unknown_count(); ++unknown) add(unknown, unknown);
  for (const auto& branch : circuit.branches())
    for (const auto row : {branch.out.p, branch.out.n})
      for (const auto column : {branch.in.p, branch.in.n}) add(row, column);
  for (std::size_t s = 0; s < circuit.sources().size(); ++s) {
    const auto current = circuit.current_unknown(static_cast<std::int32_t>(s));
    if (current < 0) continue;
    for (const auto node : {circuit.sources()[s].port.p, circuit.sources()[s].port.n}) {
      add(node, current);
      add(current, node);
    }
  }
  const auto place = [](const MatrixEntry& entry) { return std::pair(entry.column, entry.row); };
  std::ranges::sort(shape.entries, {}, place);
  const auto repeated = std::ranges::unique(shape.entries);
  shape.entries.erase(repeated.begin(), repeated.end());
  return make_klu_plan(shape)->description();
}

}  // namespace tellegen::bench
