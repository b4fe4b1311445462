#pragma once
// The watchdog over the sequencer's phases.

#include <cstdint>
#include <systemc>

#include "hw_models/chip/phase_sequencer.hpp"
#include "tellegen/regmap/registers.hpp"

namespace tellegen::chip {

/// Ends a phase of a running program that outlasts a limit, whatever keeps it: firmware that never leaves turn, TICKS or TAIL
/// beyond reason, a sequencer that hangs. A block of its own, so that it guards any sequencer that takes commands.
///
///     limit N:  cycles 0 .. N-1 of a phase pass; in the middle of cycle N it commands an abort, which ends that cycle in idle
///
/// The phases from clamped to update are watched, each anew; a second turn that follows the first at once counts with it.
/// Load is not: nothing runs there, and how long software takes to fill memories is its own affair.
class Watchdog : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<std::uint32_t> phase{"phase"};

  SC_HAS_PROCESS(Watchdog);
  Watchdog(const sc_core::sc_module_name& name, PhaseSequencer& sequencer);

  std::uint32_t limit = 0;  ///< [clock cycle] WATCHDOG register; 0: off

  /// Whether it ended a program; until the next load.
  [[nodiscard]] bool expired() const { return expired_; }
  /// Where it last ended one: the phase, and the cycle of it, from 0.
  [[nodiscard]] regmap::Phase expired_phase() const { return expired_phase_; }
  [[nodiscard]] std::uint32_t expired_tick() const { return expired_tick_; }
  /// Phase of the clock cycle that passes, or at its end has just passed: where a fault that ends a program happened.
  [[nodiscard]] regmap::Phase cycle_phase() const { return cycle_phase_; }
  /// Whether the present phase will end if nothing else ends it.
  [[nodiscard]] bool is_armed() const { return limit != 0 && is_watched(); }
  /// Causes of an interrupt that arose since the last call, as bits of INTERRUPT.STATUS.
  [[nodiscard]] std::uint32_t take_causes();
  /// Notified when a cause arises.
  [[nodiscard]] const sc_core::sc_event& cause_event() const { return cause_event_; }

 private:
  void on_falling_edge();
  void on_phase();
  [[nodiscard]] bool is_watched() const;
  [[nodiscard]] regmap::Phase present_phase() const { return static_cast<regmap::Phase>(phase.read()); }

  PhaseSequencer& sequencer_;
  regmap::Phase cycle_phase_ = regmap::Phase::idle;
  std::uint32_t cycles_ = 0;  // of the present phase, whole ones
  bool has_barked_ = false;   // commanded the abort; it has not been taken yet
  bool expired_ = false;
  regmap::Phase expired_phase_ = regmap::Phase::idle;
  std::uint32_t expired_tick_ = 0;
  std::uint32_t causes_ = 0;
  sc_core::sc_event cause_event_{"cause_event"};
};

}  // namespace tellegen::chip
