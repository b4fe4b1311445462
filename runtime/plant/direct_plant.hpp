#pragma once
#include "hw_models/solver/transient.hpp"
#include "hw_models/synapse/cell_tile.hpp"
#include "runtime/plant/plant.hpp"

namespace tellegen {

/// Ideal hardware, fast: the solver run phase by phase, every analog step seen by the controller and by the cells.
class DirectPlant final : public Plant {
 public:
  explicit DirectPlant(const PlantSetup& setup);

  void run(const PhaseProgram& program) override;
  [[nodiscard]] std::vector<double> gradient() override;
  [[nodiscard]] std::vector<double> parameters() override;
  void set_parameters(std::span<const double> values) override;
  [[nodiscard]] std::size_t ticks() const override { return grid_.steps; }
  [[nodiscard]] std::size_t steps_per_tick() const override { return 1; }

  /// Law parameters of the whole circuit as they stand now, as designed.
  [[nodiscard]] std::span<const double> slots() const { return slots_; }
  /// Largest sizes that the cells' signals had in the last clamped phase: by cell the controlling variable, then the internal states.
  [[nodiscard]] std::vector<std::vector<double>> trace_peaks() const;
  /// Sizes of the positive side's correlators after the last program, by cell and slot: of like cells the root mean square.
  [[nodiscard]] std::vector<std::vector<double>> readout_sizes() const;
  /// Node voltages [V] of the last clamped phase, by step and node.
  [[nodiscard]] const Table& clamped_voltages() const { return clamped_voltages_; }

 private:
  void carry_out(const PhaseProgram& program);
  [[nodiscard]] LearningSlot& slot_of(const LearningSetup& learning) const;
  void load_parameters();
  [[nodiscard]] ClampedRecord clamped(const NudgeWiring& wiring, const Table& stimulus);
  void nudged(const NudgeWiring& wiring, const phases::Nudged& phase);
  void begin_nudged(const NudgeWiring& wiring);
  [[nodiscard]] ReferenceState start_state() const;

  std::shared_ptr<const Circuit> circuit_;
  std::vector<Port> probes_;
  std::vector<LearningSetup> learning_;
  std::vector<double> slots_, device_factors_, built_;  // as designed; by slot; as built
  TransientEngine engine_;
  CellTile tile_;
  std::vector<std::int32_t> cell_of_branch_;
  TimeGrid grid_;
  std::vector<double> dc_sources_;
  ReferenceState start_;    // of the last clamped phase
  EngineState end_state_;   // of the last clamped phase, one step past its end
  Table stimulus_;          // of the last clamped phase
  Table clamped_voltages_;
};

}  // namespace tellegen
