#include "hw_models/chip/watchdog.hpp"

#include <utility>

namespace tellegen::chip {

using regmap::Phase;

Watchdog::Watchdog(const sc_core::sc_module_name& name, PhaseSequencer& sequencer) : sc_core::sc_module(name), sequencer_(sequencer) {
  SC_METHOD(on_falling_edge);
  dont_initialize();
  sensitive << clock.neg();
  SC_METHOD(on_phase);
  dont_initialize();
  sensitive << phase;
}

bool Watchdog::is_watched() const { return present_phase() >= Phase::clamped && present_phase() <= Phase::update; }

/// Half a cycle before the edge that takes the abort: neither depends on the order of processes.
void Watchdog::on_falling_edge() {
  cycle_phase_ = present_phase();
  if (is_armed() && cycles_ >= limit) {
    has_barked_ = true;
    expired_phase_ = cycle_phase_;
    expired_tick_ = cycles_;
    sequencer_.issue(Command::abort);
  }
  ++cycles_;
}

/// An expiry is told when the sequencer has gone to idle, so that whoever hears of it can load at once.
void Watchdog::on_phase() {
  cycles_ = 0;
  if (present_phase() == Phase::load) expired_ = false;
  if (!std::exchange(has_barked_, false) || present_phase() != Phase::idle) return;
  expired_ = true;
  causes_ |= regmap::interrupt::watchdog.mask();
  cause_event_.notify(sc_core::SC_ZERO_TIME);
}

std::uint32_t Watchdog::take_causes() { return std::exchange(causes_, 0); }

}  // namespace tellegen::chip
