#pragma once
// All analog modules below one parent, solved together on their own step inside SystemC time.

#include <memory>
#include <optional>
#include <vector>

#include "hw_models/chip/element_module.hpp"
#include "hw_models/solver/transient.hpp"

namespace tellegen::chip {

/// Solver of the analog modules that stand beside it or below those beside it, but for those that have a cluster of their own.
///
/// A free-running cluster advances by one analog step every `grid.step` from time zero on, its sources following their own
/// waveforms: step n happens at the instant nearest to n h that SystemC's time resolution knows. A controlled one is advanced
/// by whoever derives from it. Steps are counted and their size is an exact double; SystemC time only says when a step
/// happens and never enters the physics.
///
/// sc_start(t) leaves what happens at t itself to the next start: simulate a little past a step to see it.
class AnalogCluster : public sc_core::sc_module {
 public:
  enum class Pace { free_running, controlled };

  SC_HAS_PROCESS(AnalogCluster);
  AnalogCluster(const sc_core::sc_module_name& name, const TimeGrid& grid, Pace pace = Pace::free_running, std::vector<Port> clamps = {},
                std::size_t spare_steps = 0);

  /// The circuit that the modules make.
  /// @throws std::logic_error before elaboration
  [[nodiscard]] const Circuit& circuit() const;
  /// Voltage [V] of a node after the last step.
  /// @throws InputError the node is not one of this cluster's
  [[nodiscard]] double voltage(const Node& node) const;
  [[nodiscard]] double voltage(NodeIndex node) const { return engine_->voltages()[node]; }
  [[nodiscard]] std::size_t steps_done() const { return engine_ ? engine_->steps_done() : 0; }
  /// Notified at each step of a free-running cluster, as soon as its voltages are there.
  [[nodiscard]] const sc_core::sc_event& stepped() const { return stepped_; }
  /// What stopped the analog simulation; nothing while it runs.
  [[nodiscard]] const std::optional<ConvergenceFailure>& failure() const { return failure_; }

 protected:
  void end_of_elaboration() override;
  [[nodiscard]] TransientEngine& engine() { return *engine_; }
  [[nodiscard]] const TransientEngine& engine() const { return *engine_; }
  [[nodiscard]] const TimeGrid& grid() const { return grid_; }
  [[nodiscard]] const std::shared_ptr<const Circuit>& shared_circuit() const { return circuit_; }
  /// One step of an engine of the circuit; false when there is no solution, and `failure()` tells why.
  [[nodiscard]] bool advance(TransientEngine& engine, const StepDrive& drive);
  void begin(NetworkMode mode, const ReferenceState& start = {});

 private:
  void run_freely();
  void step_freely();

  TimeGrid grid_;
  std::vector<Port> clamps_;
  std::size_t spare_steps_ = 0;
  std::shared_ptr<const Circuit> circuit_;
  std::optional<TransientEngine> engine_;
  std::optional<ConvergenceFailure> failure_;
  std::vector<double> source_values_;
  NodeNumbers node_numbers_;
  sc_core::sc_event stepped_{"stepped"};
  bool started_ = false;
};

}  // namespace tellegen::chip
