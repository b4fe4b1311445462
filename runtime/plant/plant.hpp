#pragma once
// A plant runs phase programs: the emulated chip behind its bus, or the solver itself as ideal hardware.

#include <memory>
#include <vector>

#include "hw_models/circuit/circuit.hpp"
#include "hw_models/solver/time_grid.hpp"
#include "runtime/plant/program.hpp"

namespace tellegen {

/// How one trained parameter learns on the chip.
struct LearningSetup {
  std::int32_t parameter = 0;  ///< index into the circuit's parameters
  double rate = 0;             ///< [p]^2/[L] in p <- clip(p - rate * accumulator)
  double minimum = -HUGE_VAL, maximum = HUGE_VAL;
  double decay = 0;            ///< part of the accumulator that a new presentation keeps
};

/// What both plants are built from.
struct PlantSetup {
  std::shared_ptr<const Circuit> circuit;
  TimeGrid grid;
  std::vector<Port> probes;             ///< outputs that are read and pushed
  std::vector<LearningSetup> learning;  ///< trained parameters, in the order of all results
  std::vector<double> slots;            ///< law parameters at the start
  std::vector<double> dc_sources = {};  ///< [V] or [A] by source: runs start from its operating point; empty: from rest
  std::size_t tail = 0;                 ///< clock ticks that a nudged phase may be longer than the clamped one
  std::vector<double> device_factors = {};  ///< by slot: the devices as built over those as designed; empty: as designed
};

/// Hardware under a controller. A plant keeps its parameters between programs.
class Plant {
 public:
  virtual ~Plant() = default;

  /// Runs every step of the program in order and fulfils its tickets.
  /// @throws ConvergenceError when the circuit has no solution; the parameters are then those before the program
  virtual void run(const PhaseProgram& program) = 0;
  /// Accumulators of the trained parameters [L]/[p], in the order of `PlantSetup::learning`.
  [[nodiscard]] virtual std::vector<double> gradient() = 0;
  /// Values of the trained parameters.
  [[nodiscard]] virtual std::vector<double> parameters() = 0;
  virtual void set_parameters(std::span<const double> values) = 0;

  /// Clock ticks of an analog phase.
  [[nodiscard]] virtual std::size_t ticks() const = 0;
  /// Analog steps in a clock tick; 1: every step is seen.
  [[nodiscard]] virtual std::size_t steps_per_tick() const = 0;
};

}  // namespace tellegen
