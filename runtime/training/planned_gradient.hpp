#pragma once
// Loss and exact gradient of a run from rest by the planned engine: one linear solve a step, with checkpoints where memory is short.

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "hw_models/batch/batch_transient.hpp"
#include "hw_models/solver/trajectory.hpp"
#include "runtime/training/loss.hpp"

namespace tellegen {

class PlannedGradient {
 public:
  /// @param probes   voltages between nodes
  /// @param driven   sources that the stimulus moves
  /// @param trained  slots that the gradient must cover
  /// @param memory   [bytes] of stored trajectories, above which runs are repeated from checkpoints
  /// @returns the engine, or in a few words why the general one is needed
  [[nodiscard]] static std::variant<PlannedGradient, std::string> make(std::shared_ptr<const Circuit> circuit, const TimeGrid& grid, std::vector<Port> probes,
                                                                       std::vector<std::int32_t> driven, std::span<const std::int32_t> trained, std::size_t memory);

  struct Result {
    double loss = 0;
    std::span<const double> by_slot;  ///< dL/dslot, until the next run
  };
  /// @param stimulus  sources by step and source
  /// @throws ConvergenceError, and std::invalid_argument when the values of the slots need another engine
  [[nodiscard]] Result run(std::span<const double> slots, const Table& stimulus, const Loss& loss);
  [[nodiscard]] const BatchTransient& engine() const { return batch_; }

 private:
  PlannedGradient(BatchTransient batch, std::vector<Port> probes, std::vector<NodeIndex> nodes)
      : batch_(std::move(batch)), probes_(std::move(probes)), nodes_(std::move(nodes)) {}

  BatchTransient batch_;
  std::vector<Port> probes_;
  std::vector<NodeIndex> nodes_;  // of the probes, each once
};

}  // namespace tellegen
