#pragma once

#include "runtime/drivers/register_port.hpp"

namespace tellegen::drivers {

using regmap::Phase;

/// Driver of the SEQUENCER block, which runs the phases of one learning step:
///
///     load -> clamped -> turn -> [nudged_plus] -> [nudged_minus] -> [accumulate] -> [update] -> done
///
/// Phases in brackets run when the program enables them. Commands return at once; the INTERRUPT block tells when the
/// turn phase is entered and when the program is done.
class Sequencer {
 public:
  /// Which phases run after turn, and how.
  struct Program {
    bool nudged_plus = false;
    bool nudged_minus = false;
    bool accumulate = false;
    bool update = false;
    bool swap_ports = false;    // controlled sources swap output and control port in nudged phases
    bool replay_bias = false;   // nonlinear elements are biased by their replayed records
    bool product_only = false;  // correlators multiply echo and record even in cells of the echo's skew
    std::uint32_t nudge = 0;    // 0 echo, 1 forward, 2 reversal
    bool flip_loss = false;     // linear resistors are negative conductances in nudged phases
    bool potential = false;     // correlators integrate the potential's own slope
    bool settled_only = false;  // correlators hold the last step
    bool clamp_outputs = false; // drives are voltages at which outputs are held
    bool turn_again = false;    // a second turn phase before accumulate
    bool lockstep = false;      // both nudged phases at once, on the array and its twin
    friend bool operator==(const Program&, const Program&) = default;
  };

  /// What STATUS says.
  struct State {
    Phase phase = Phase::idle;
    bool busy = false;     // the array runs: clamped, nudged, accumulate or update
    bool refused = false;  // the last command was illegal in its phase
    bool fault = false;    // the analog array did not converge
    bool watchdog = false; // a phase outlasted its limit
    friend bool operator==(const State&, const State&) = default;
  };

  explicit Sequencer(bus::Bus& bus) : port_(bus) {}

  /// Checks that the device is one that this driver was written for.
  /// @returns wrong_device when ID differs, or the major half of VERSION.
  [[nodiscard]] Status identify();

  /// Enters the load phase, in which parameters and stimuli are written.
  /// @returns busy unless the phase is idle or done; nothing is written then. refused when the device refuses.
  [[nodiscard]] Status load();
  /// Starts the clamped phase of the loaded program; the TURN interrupt tells its end.
  /// @returns wrong_phase unless the phase is load; nothing is written then. refused when the device refuses.
  [[nodiscard]] Status start();
  /// Leaves the turn phase for the next phase that the program enables; the DONE interrupt tells the program's end.
  /// @returns wrong_phase unless the phase is turn; nothing is written then. refused when the device refuses.
  [[nodiscard]] Status resume();
  /// Returns to idle from any phase; no cell is updated, and accumulators are as before the load.
  [[nodiscard]] Status abort();

  [[nodiscard]] Status state(State& state);
  [[nodiscard]] Status phase(Phase& phase);

  /// @returns busy while a program runs.
  [[nodiscard]] Status set_program(const Program& program);
  [[nodiscard]] Status program(Program& program);
  /// @param cycles length of each analog phase [clock cycle], at least 1
  /// @returns bad_argument for 0; busy while a program runs.
  [[nodiscard]] Status set_ticks(std::uint32_t cycles);
  [[nodiscard]] Status ticks(std::uint32_t& cycles);
  /// @param skew s = a - b of the elements that the echo is exact for; a multiple of 1/2
  /// @returns bad_argument when it is none, or beyond +-2; busy while a program runs.
  [[nodiscard]] Status set_echo_skew(double skew);
  [[nodiscard]] Status echo_skew(double& skew);

  /// How cells read nudged phases beside the program's bits.
  struct Readout {
    double weight_rate = 0;            // [1/s] readout weighted by exp(-rate t)
    std::uint32_t lock_in_period = 0;  // [clock cycle] 0: off
    std::uint64_t harmonics = 0;       // bit h: harmonic h is detected
    friend bool operator==(const Readout&, const Readout&) = default;
  };
  /// @returns bad_argument for a rate that is not finite; busy while a program runs.
  [[nodiscard]] Status set_readout(const Readout& readout);
  [[nodiscard]] Status readout(Readout& readout);
  /// @param cycles by which an echo is longer than the clamped phase [clock cycle]
  /// @returns bad_argument when the chip takes fewer; busy while a program runs.
  [[nodiscard]] Status set_tail(std::uint32_t cycles);

  /// Analog steps in one clock cycle.
  [[nodiscard]] Status steps_per_tick(std::uint32_t& steps);
  /// @param cycles longest that a phase may last from clamped to update, turn included; one that goes on is ended in idle
  ///        without an update. 0: for ever
  /// @returns busy while the array runs.
  [[nodiscard]] Status set_watchdog(std::uint32_t cycles);
  [[nodiscard]] Status watchdog(std::uint32_t& cycles);

  /// Where a program was ended by a fault or the watchdog.
  struct Fault {
    Phase phase = Phase::idle;  // idle: nowhere yet
    std::uint32_t tick = 0;     // clock cycle of that phase, from 0
    friend bool operator==(const Fault&, const Fault&) = default;
  };
  /// The last one.
  [[nodiscard]] Status fault(Fault& fault);
  /// Clock cycles spent in a phase since the last load.
  [[nodiscard]] Status cycles(Phase phase, std::uint32_t& cycles);

 private:
  [[nodiscard]] Status issue(const regmap::Field& command);

  RegisterPort port_;
};

}  // namespace tellegen::drivers
