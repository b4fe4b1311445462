#pragma once
// All analog modules below one parent, solved together on their own step inside SystemC time.

#include <memory>
#include <optional>
#include <vector>

#include "hw_models/chip/element_module.hpp"
#include "hw_models/solver/transient.hpp"

namespace tellegen::chip {

/// Solver of the analog modules that stand beside or below it in the module hierarchy.
///
/// A free-running cluster advances by one analog step every `grid.step` from time zero on, its sources following their own
/// waveforms. A controlled one is advanced by whoever derives from it. Steps are counted and their size is an exact
/// double; SystemC time only says when a step happens and never enters the physics.
class AnalogCluster : public sc_core::sc_module {
 public:
  enum class Pace { free_running, controlled };

  SC_HAS_PROCESS(AnalogCluster);
  AnalogCluster(const sc_core::sc_module_name& name, const TimeGrid& grid, Pace pace = Pace::free_running);

  /// The circuit that the modules make; valid after elaboration.
  [[nodiscard]] const Circuit& circuit() const { return *circuit_; }
  /// Voltage [V] of a node after the last step.
  [[nodiscard]] double voltage(const Node& node) const;
  [[nodiscard]] double voltage(NodeIndex node) const { return engine_->voltages()[node]; }
  [[nodiscard]] std::size_t steps_done() const { return engine_->steps_done(); }
  /// What stopped the analog simulation; nothing while it runs.
  [[nodiscard]] const std::optional<ConvergenceFailure>& failure() const { return failure_; }

 protected:
  void end_of_elaboration() override;
  [[nodiscard]] TransientEngine& engine() { return *engine_; }
  [[nodiscard]] const TransientEngine& engine() const { return *engine_; }
  [[nodiscard]] const TimeGrid& grid() const { return grid_; }
  /// One step; false when there is no solution, and `failure()` tells why.
  [[nodiscard]] bool advance(const StepDrive& drive);
  void begin(NetworkMode mode);

 private:
  void run_freely();

  TimeGrid grid_;
  std::shared_ptr<const Circuit> circuit_;
  std::optional<TransientEngine> engine_;
  std::optional<ConvergenceFailure> failure_;
  std::vector<double> source_values_;
  sc_core::sc_time step_time_;
};

}  // namespace tellegen::chip
