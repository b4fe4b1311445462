#pragma once
// A synapse cell as hardware: the cell's physics behind strobes.

#include <functional>
#include <systemc>

#include "hw_models/synapse/cell.hpp"
#include "tellegen/regmap/registers.hpp"

namespace tellegen::chip {

/// What the sequencer's phase tells cells: done keeps what the presentation did to their accumulators; idle, the end of a program
/// that was aborted or failed, undoes it, unless an update stands between.
template <class Cells>
void follow_phase(Cells& cells, regmap::Phase phase) {
  if (phase == regmap::Phase::done) cells.keep_presentation();
  if (phase == regmap::Phase::idle) cells.undo_presentation();
}

/// Synapse cell of one branch: trace memory, replay, correlator, accumulator, local update.
///
/// | port         | strobe or signal                                                              |
/// |--------------|-------------------------------------------------------------------------------|
/// | phase        | of the sequencer: its end is done, or idle (see `follow_phase`)                |
/// | present      | a new presentation begins: accumulators keep their decay part                 |
/// | sample       | the branch signal enters the trace memory at address `sampled_tick`           |
/// | accumulate   | gain_plus C_plus + gain_minus C_minus into the accumulators                   |
/// | update       | p <- clip(p - rate * accumulator), here and nowhere else                      |
///
/// The analog side (correlate) is called by the array at every analog step of a nudged phase: a multiplier and an
/// integrator have no clock.
class SynapseCell : public sc_core::sc_module {
 public:
  sc_core::sc_in<std::uint32_t> phase{"phase"};
  sc_core::sc_in<bool> present{"present"}, sample{"sample"}, accumulate{"accumulate"}, update{"update"};
  sc_core::sc_in<std::uint32_t> sampled_tick{"sampled_tick"};
  sc_core::sc_in<double> gain_plus{"gain_plus"}, gain_minus{"gain_minus"};

  SC_HAS_PROCESS(SynapseCell);
  /// @param branch_signal  reads the controlling variable of the cell's branch
  /// @param branch_states  reads its internal states; nothing: there are none
  SynapseCell(const sc_core::sc_module_name& name, CellPhysics physics, std::function<double()> branch_signal,
              std::function<std::span<const double>()> branch_states = {});

  [[nodiscard]] CellPhysics& physics() { return physics_; }
  [[nodiscard]] const CellPhysics& physics() const { return physics_; }

 private:
  void on_phase() { follow_phase(physics_, static_cast<regmap::Phase>(phase.read())); }
  void on_present() { physics_.begin_presentation(); }
  void on_sample() { physics_.record(sampled_tick.read(), branch_signal_(), branch_states_ ? branch_states_() : std::span<const double>{}); }
  void on_accumulate() { physics_.accumulate(gain_plus.read(), gain_minus.read()); }
  void on_update() { physics_.update(); }

  CellPhysics physics_;
  std::function<double()> branch_signal_;
  std::function<std::span<const double>()> branch_states_;
};

}  // namespace tellegen::chip
