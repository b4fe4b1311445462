#pragma once
// One synapse cell by itself: what a cell module wraps.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "hw_models/synapse/cell_array.hpp"

namespace tellegen {

/// What a single cell sees in one analog step of a nudged phase; see `NudgedSignals`.
struct NudgedSample {
  double bias = 0;                     ///< [z]
  double dz = 0;                       ///< [z]
  double v_out = 0;                    ///< [V]
  std::span<const double> states{};    ///< of a branch that has internal states
};

/// Synapse cell of one branch: an array of one.
class CellPhysics {
 public:
  /// @param branch  the branch that the cell belongs to; `index` its place in the circuit
  /// @param slots   law parameters of the whole circuit
  /// @param grid    analog grid; `depth` words of trace memory
  CellPhysics(const Branch& branch, std::int32_t index, std::span<const double> slots, const TimeGrid& grid, std::size_t depth)
      : array_(std::vector{CellSite{&branch, index}}, slots, grid, depth) {}

  [[nodiscard]] CellArray& array() { return array_; }
  [[nodiscard]] std::size_t slot_count() const { return array_.slot_count(); }
  [[nodiscard]] LearningSlot& slot(std::size_t s) { return array_.slot(0, s); }
  [[nodiscard]] const LearningSlot& slot(std::size_t s) const { return array_.slot(0, s); }
  [[nodiscard]] double law_parameter(std::size_t s) const { return array_.law_parameter(0, s); }
  [[nodiscard]] std::size_t depth() const { return array_.depth(); }

  void configure(const NudgeReading& reading) { array_.configure(reading); }
  void begin_presentation() { array_.begin_presentation(); }
  void keep_presentation() { array_.keep_presentation(); }
  void undo_presentation() { array_.undo_presentation(); }
  /// Stores z and the internal states of clock tick k = 0..depth-1 in the trace memory.
  void record(std::size_t tick, double z, std::span<const double> states = {});
  [[nodiscard]] double recorded(std::ptrdiff_t tick) const { return array_.recorded(tick)[0]; }
  void begin_echo(Side side) { array_.begin_echo(side); }
  void correlate(const NudgedSample& sample, std::size_t step, std::size_t steps) {
    array_.correlate({.bias = &sample.bias, .dz = &sample.dz, .v_out = &sample.v_out, .states = sample.states.data()}, step,
                     steps);
  }
  void accumulate(double gain_plus, double gain_minus) { array_.accumulate(gain_plus, gain_minus); }
  void update() { array_.update(); }

 private:
  CellArray array_;
};

}  // namespace tellegen
