#pragma once
#include <functional>
#include <string>

#include "runtime/drivers/cells.hpp"
#include "runtime/drivers/correlator.hpp"
#include "runtime/drivers/interrupts.hpp"
#include "runtime/drivers/sequencer.hpp"
#include "runtime/drivers/waveform_memory.hpp"
#include "runtime/plant/plant.hpp"

namespace tellegen {

/// What the runtime knows of a chip's layout beside its registers.
struct ChipLayout {
  std::vector<std::int32_t> driven_sources;  ///< source of each stimulus bank
  std::vector<std::int32_t> cells;           ///< branch of each cell
  bool has_twin = false;                     ///< a second array, on which the negative pass runs beside the positive one
};

/// Clock cycles that a program spent in one phase.
struct PhaseCycles {
  regmap::Phase phase;
  std::uint32_t cycles;
};

/// The chip as a plant: phase programs carried out by drivers over the bus. No gradient is computed here; the cells do.
/// Each program runs under the chip's watchdog; one that it ends is a std::runtime_error that says in which phase.
class ChipPlant final : public Plant {
 public:
  /// @param fault_text  gives the sentence that explains a fault of the analog array; only a simulation can
  /// @throws std::runtime_error when the bus or the device does not answer as the register map says
  ChipPlant(bus::Bus& bus, const PlantSetup& setup, ChipLayout layout, std::function<std::string()> fault_text = {});

  void run(const PhaseProgram& program) override;
  [[nodiscard]] std::vector<double> gradient() override;
  [[nodiscard]] std::vector<double> parameters() override;
  void set_parameters(std::span<const double> values) override;
  [[nodiscard]] std::size_t ticks() const override { return ticks_; }
  [[nodiscard]] std::size_t steps_per_tick() const override { return steps_per_tick_; }

  /// Cycles of each phase of the last program, in the order of the phases.
  [[nodiscard]] std::vector<PhaseCycles> phase_cycles();

 private:
  struct CellSlot {
    std::uint32_t cell, slot;
  };
  void clear();
  void load(const Table& stimulus);
  void resume();
  [[nodiscard]] std::uint32_t watchdog_limit(std::size_t analog_cycles);
  void explain_expiry();
  [[nodiscard]] ClampedRecord clamped();
  [[nodiscard]] std::vector<double> clamp_currents(Side side);
  void await(bool program_end);

  drivers::Sequencer sequencer_;
  drivers::Interrupts interrupts_;
  drivers::WaveformMemory waveforms_;
  drivers::Cells cells_;
  drivers::Correlator correlator_;
  std::shared_ptr<const Circuit> circuit_;
  std::vector<LearningSetup> learning_;
  std::vector<CellSlot> place_;  // of each trained parameter
  ChipLayout layout_;
  std::function<std::string()> fault_text_;
  std::size_t steps_ = 0, ticks_ = 0, steps_per_tick_ = 1, probes_ = 0;
};

}  // namespace tellegen
