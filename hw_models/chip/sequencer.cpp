#include "hw_models/chip/sequencer.hpp"

#include <utility>

namespace tellegen::chip {

Sequencer::Sequencer(const sc_core::sc_module_name& name) : PhaseSequencer(name) {
  SC_METHOD(on_rising_edge);
  dont_initialize();
  sensitive << clock.pos();
  SC_METHOD(on_falling_edge);
  dont_initialize();
  sensitive << clock.neg();
}

void Sequencer::on_rising_edge() {
  ++cycles_[static_cast<std::size_t>(phase_)];
  if (analog_fault.read() && busy()) {
    fault_ = true;
    fault_tick_ = tick_;
    enter(Phase::idle);
    raise(regmap::interrupt::fault.mask());
    return;
  }
  if (pending() && obey(take_command())) return;
  switch (phase_) {
    case Phase::clamped:
    case Phase::nudged_plus:
    case Phase::nudged_minus: return run_analog_phase();
    case Phase::accumulate:
    case Phase::update: return enter(after(phase_));
    default: return;
  }
}

/// False when the command is illegal in the present phase, which then goes on as if there had been none.
bool Sequencer::obey(Command command) {
  const bool is_legal = command == Command::load     ? phase_ == Phase::idle || phase_ == Phase::done
                        : command == Command::start  ? phase_ == Phase::load
                        : command == Command::resume ? phase_ == Phase::turn
                                                     : command == Command::abort;
  refused_ = !is_legal;
  if (!is_legal) return false;
  switch (command) {
    case Command::load:
      fault_ = false;
      cycles_.fill(0);
      pulse(present);
      enter(Phase::load);
      break;
    case Command::start: enter(Phase::clamped); break;
    case Command::resume: enter(after(Phase::turn)); break;
    default: enter(Phase::idle);
  }
  return true;
}

/// End of an analog cycle: its results are sampled, and the next cycle or the next phase begins.
void Sequencer::run_analog_phase() {
  if (phase_ == Phase::clamped) {
    sampled_tick.write(tick_);
    pulse(sample);
  }
  const std::uint32_t length = settings.ticks + (phase_ == Phase::clamped ? 0 : settings.tail);
  if (tick_ + 1 >= length) return enter(after(phase_));
  tick.write(++tick_);
  cycle.write(cycle_ = !cycle_);
}

Phase Sequencer::after(Phase current) const {
  using namespace regmap::sequencer;
  // Each case falls through to the next phase when the program leaves its own out.
  switch (current) {
    case Phase::clamped: return Phase::turn;
    case Phase::turn:
      if (enabled(program_nudged_plus) && !turned_again_) return Phase::nudged_plus;
      [[fallthrough]];
    case Phase::nudged_plus:
      if (enabled(program_nudged_minus) && !turned_again_ && !(current == Phase::nudged_plus && enabled(program_lockstep))) return Phase::nudged_minus;
      [[fallthrough]];
    case Phase::nudged_minus:
      if (enabled(program_turn_again) && !turned_again_) return Phase::turn;
      if (enabled(program_accumulate)) return Phase::accumulate;
      [[fallthrough]];
    case Phase::accumulate:
      if (enabled(program_update)) return Phase::update;
      [[fallthrough]];
    default: return Phase::done;
  }
}

void Sequencer::enter(Phase next) {
  turned_again_ = next == Phase::turn && (phase_ == Phase::nudged_plus || phase_ == Phase::nudged_minus || phase_ == Phase::turn);
  phase_ = next;
  phase.write(static_cast<std::uint32_t>(next));
  switch (next) {
    case Phase::clamped:
    case Phase::nudged_plus:
    case Phase::nudged_minus:
      tick.write(tick_ = 0);
      cycle.write(cycle_ = !cycle_);
      break;
    case Phase::turn: raise(regmap::interrupt::turn.mask()); break;
    case Phase::accumulate: pulse(accumulate); break;
    case Phase::update: pulse(update); break;
    case Phase::done: raise(regmap::interrupt::done.mask()); break;
    default: break;
  }
}

/// Raises a strobe until the clock falls.
void Sequencer::pulse(sc_core::sc_out<bool>& strobe) {
  strobe.write(true);
  strobes_are_low_ = false;
}

void Sequencer::on_falling_edge() {
  if (std::exchange(strobes_are_low_, true)) return;
  for (auto* strobe : {&sample, &present, &accumulate, &update}) strobe->write(false);
}

}  // namespace tellegen::chip
