#pragma once
// A chip built for an experiment, with the plant that drives it.

#include <memory>

#include "hw_models/chip/emulated_chip.hpp"
#include "runtime/training/experiment.hpp"

namespace tellegen::cli {

/// Which chip is built.
enum class Realism {
  as_stated,  ///< with the bench's non-idealities and its schedule
  ideal,      ///< without them; devices, leakage and lines stay those of the circuit as built
};

/// Emulated chip and its plant. Only one may exist at a time.
class ChipBench {
 public:
  /// @param steps_per_clock  analog steps per chip clock
  /// @param make_sequencer  makes a sequencer in place of the chip's own; empty: its own
  /// @throws InputError a non-ideality that the rule or the bench gives no place: it would change nothing
  ChipBench(const Experiment& experiment, std::size_t steps_per_clock, Realism realism = Realism::as_stated, chip::SequencerFactory make_sequencer = {});

  [[nodiscard]] ChipPlant& plant() { return *plant_; }
  [[nodiscard]] chip::EmulatedChip& chip() { return *chip_; }
  [[nodiscard]] const chip::ChipDescription& description() const { return description_; }

 private:
  chip::ChipDescription description_;
  std::unique_ptr<chip::EmulatedChip> chip_;
  std::unique_ptr<ChipPlant> plant_;
};

/// @param trains  whether the cells are to update themselves, too
/// @throws InputError the bench's rule, or its optimizer, is none for a chip; or a non-ideality that they give no place
void require_learnable_on_chip(const Experiment& experiment, bool trains);

}  // namespace tellegen::cli
