#include "hw_models/chip/phase_sequencer.hpp"

namespace tellegen::chip {

bool PhaseSequencer::busy() const {
  switch (state()) {
    case Phase::clamped:
    case Phase::nudged_plus:
    case Phase::nudged_minus:
    case Phase::accumulate:
    case Phase::update:
      return true;
    default:
      return false;
  }
}

void PhaseSequencer::raise(std::uint32_t cause) {
  causes_ |= cause;
  cause_event_.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace tellegen::chip
