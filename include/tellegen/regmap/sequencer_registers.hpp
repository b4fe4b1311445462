#pragma once
// Registers of the SEQUENCER block. How they are written and read: `registers.hpp`.

#include <cstddef>

#include "tellegen/regmap/register_types.hpp"

namespace tellegen::regmap {

/// State of the sequencer: an analog phase runs the circuit, the others move data.
enum class Phase : std::uint32_t { idle, load, clamped, turn, nudged_plus, nudged_minus, accumulate, update, done };
inline constexpr std::size_t phase_count = 9;

namespace sequencer {
inline constexpr std::uint32_t base = 0x0000;

inline constexpr std::uint32_t id_value = 0x544C474E;  // "TLGN"
inline constexpr std::uint32_t version_value = 0x00010001;

inline constexpr Register id{.base = base,
                             .offset = 0x00,
                             .name = "ID",
                             .access = Access::ro,
                             .reset = id_value,
                             .meaning = "identifies the device: \"TLGN\""};
inline constexpr Register version{.base = base,
                                  .offset = 0x04,
                                  .name = "VERSION",
                                  .access = Access::ro,
                                  .reset = version_value,
                                  .meaning = "of this map: major in the high half word, minor in the low one"};

inline constexpr Field command_load{"LOAD", 0, 1, "idle or done -> load"};
inline constexpr Field command_start{"START", 1, 1, "load -> clamped"};
inline constexpr Field command_resume{"RESUME", 2, 1, "turn -> next enabled phase"};
inline constexpr Field command_abort{"ABORT", 3, 1, "any phase -> idle; the cells are as before LOAD, or as after the update where one was made"};
inline constexpr std::array command_fields{command_load, command_start, command_resume, command_abort};
inline constexpr Register command{.base = base,
                                  .offset = 0x08,
                                  .name = "COMMAND",
                                  .access = Access::wo,
                                  .meaning = "one command a write: ABORT before LOAD, START, RESUME",
                                  .fields = command_fields};

inline constexpr std::array<EnumeratedValue, phase_count> phase_values{{
    {0, "IDLE", "nothing runs"},
    {1, "LOAD", "parameters and stimuli are written"},
    {2, "CLAMPED", "inputs clamped to the stimulus, outputs free; the forward run"},
    {3, "TURN", "firmware reads the probes and writes the drive"},
    {4, "NUDGED_PLUS", "outputs pushed by the error"},
    {5, "NUDGED_MINUS", "outputs pushed by the error with its sign changed"},
    {6, "ACCUMULATE", "cells add their correlations to their accumulators"},
    {7, "UPDATE", "cells step their own parameters"},
    {8, "DONE", "the program ended"},
}};
inline constexpr Field status_phase{"PHASE", 0, 4, "phase of the sequencer", phase_values};
inline constexpr Field status_busy{"BUSY", 8, 1, "the array runs: the phase is clamped, nudged, accumulate or update"};
inline constexpr Field status_refused{"REFUSED", 9, 1, "the last command was illegal in its phase"};
inline constexpr Field status_fault{"FAULT", 10, 1, "the analog array did not converge; the phase went to idle; cleared by LOAD"};
inline constexpr Field status_watchdog{"WATCHDOG", 11, 1, "a phase outlasted WATCHDOG; the phase went to idle; cleared by LOAD"};
inline constexpr std::array status_fields{status_phase, status_busy, status_refused, status_fault, status_watchdog};
inline constexpr Register status{.base = base,
                                 .offset = 0x0C,
                                 .name = "STATUS",
                                 .access = Access::ro,
                                 .meaning = "where the program is",
                                 .fields = status_fields};

inline constexpr Field program_nudged_plus{"NUDGED_PLUS", 0, 1, "run the nudged phase of positive sign after turn"};
inline constexpr Field program_nudged_minus{"NUDGED_MINUS", 1, 1, "run the nudged phase of negative sign after turn"};
inline constexpr Field program_accumulate{"ACCUMULATE", 2, 1, "run the accumulate phase"};
inline constexpr Field program_update{"UPDATE", 3, 1, "run the update phase"};
inline constexpr Field program_swap_ports{"SWAP_PORTS", 4, 1,
                                          "controlled sources swap output and control port in the nudged phases"};
inline constexpr Field program_replay_bias{
    "REPLAY_BIAS", 5, 1, "nonlinear elements are biased by their replayed records in the nudged phases"};
inline constexpr Field program_product_only{"PRODUCT_ONLY", 6, 1,
                                            "correlators multiply echo and record even in cells of the echo's skew"};
inline constexpr std::array<EnumeratedValue, 3> nudge_values{{
    {0, "ECHO", "sources at zero; the array carries the deviation from the records, replayed in reverse"},
    {1, "FORWARD", "as the clamped phase, with the drives added"},
    {2, "REVERSAL", "from the end state of the clamped phase with time reversed: capacitors exchange their terminals"},
}};
inline constexpr Field program_nudge{"NUDGE", 8, 2, "how the nudged phases run", nudge_values};
inline constexpr Field program_flip_loss{"FLIP_LOSS", 10, 1, "linear resistors are negative conductances in the nudged phases"};
inline constexpr Field program_potential{"POTENTIAL", 11, 1,
                                         "correlators of the echo's skew integrate the potential's own slope, not its change from the record"};
inline constexpr Field program_settled_only{"SETTLED_ONLY", 12, 1, "correlators hold the last step of a nudged phase instead of a sum"};
inline constexpr Field program_clamp_outputs{"CLAMP_OUTPUTS", 13, 1, "drives are voltages at which the outputs are held"};
inline constexpr Field program_turn_again{"TURN_AGAIN", 14, 1, "a second turn phase comes between the nudged phases and accumulate"};
inline constexpr Field program_lockstep{"LOCKSTEP", 15, 1, "both nudged phases at once, as NUDGED_PLUS, where the array has a twin; else it stays 0"};
inline constexpr std::array program_fields{program_nudged_plus, program_nudged_minus, program_accumulate,   program_update,
                                           program_swap_ports,  program_replay_bias,  program_product_only, program_nudge,
                                           program_flip_loss,   program_potential,    program_settled_only, program_clamp_outputs,
                                           program_turn_again,  program_lockstep};
inline constexpr Register program{.base = base,
                                  .offset = 0x10,
                                  .name = "PROGRAM",
                                  .locked = true,
                                  .meaning = "which phases run after turn, and how",
                                  .fields = program_fields};

inline constexpr Register ticks{.base = base,
                                .offset = 0x14,
                                .name = "TICKS",
                                .locked = true,
                                .reset = 1u,
                                .unit = "clock cycle",
                                .meaning = "length of each analog phase, 1 to WAVEFORM.TICK_DEPTH"};
inline constexpr Register steps_per_tick{.base = base,
                                         .offset = 0x18,
                                         .name = "STEPS_PER_TICK",
                                         .access = Access::ro,
                                         .reset = std::nullopt,
                                         .unit = "analog step",
                                         .meaning = "analog steps in one clock cycle"};
inline constexpr Register echo_skew{.base = base,
                                    .offset = 0x1C,
                                    .name = "ECHO_SKEW",
                                    .format = Format::i32,
                                    .locked = true,
                                    .unit = "1/2",
                                    .meaning = "skew s of the echo, counted in halves: s = value / 2, -4 to 4"};
inline constexpr Register fault_tick{.base = base,
                                     .offset = 0x20,
                                     .name = "FAULT_TICK",
                                     .access = Access::ro,
                                     .unit = "clock cycle",
                                     .meaning = "cycle of FAULT_PHASE, from 0, in which the last fault or watchdog expiry happened"};
inline constexpr Register watchdog{
    .base = base,
    .offset = 0x24,
    .name = "WATCHDOG",
    .locked = true,
    .unit = "clock cycle",
    .meaning = "longest that a phase from clamped to update, turn included, may last; one that goes on is ended, without an update, "
               "with its next cycle. 0: off. Load, where nothing runs, is not watched"};

inline constexpr Register weight_rate{.base = base,
                                      .offset = 0x28,
                                      .name = "WEIGHT_RATE",
                                      .format = Format::f64,
                                      .locked = true,
                                      .unit = "1/s",
                                      .meaning = "readout at time t of a nudged phase is weighted by exp(-rate t)"};
inline constexpr Register tail{.base = base,
                               .offset = 0x30,
                               .name = "TAIL",
                               .locked = true,
                               .unit = "clock cycle",
                               .meaning = "cycles by which an echo is longer than the clamped phase, to ring out; other nudges take none"};
inline constexpr Register lock_in_period{.base = base,
                                         .offset = 0x34,
                                         .name = "LOCK_IN_PERIOD",
                                         .locked = true,
                                         .unit = "clock cycle",
                                         .meaning = "period of the drive for cells that lock in, 0 to WAVEFORM.TICK_DEPTH; 0: they keep traces instead"};
inline constexpr Register harmonics_low{.base = base,
                                        .offset = 0x38,
                                        .name = "HARMONICS_LOW",
                                        .locked = true,
                                        .meaning = "bit h: harmonic h of the period is detected, 0 to 31"};
inline constexpr Register harmonics_high{.base = base,
                                         .offset = 0x3C,
                                         .name = "HARMONICS_HIGH",
                                         .locked = true,
                                         .meaning = "bit h: harmonic 32 + h is detected"};

inline constexpr Field fault_phase_field{"PHASE", 0, 4, "phase of the sequencer", phase_values};
inline constexpr std::array fault_phase_fields{fault_phase_field};
inline constexpr Register fault_phase{.base = base,
                                      .offset = 0x64,
                                      .name = "FAULT_PHASE",
                                      .access = Access::ro,
                                      .meaning = "phase in which the last fault or watchdog expiry happened; idle: there was none",
                                      .fields = fault_phase_fields};

/// One cycle counter a phase, indexed by Phase.
inline constexpr std::array<Register, phase_count> cycles = [] {
  constexpr std::array<std::string_view, phase_count> names{
      "CYCLES_IDLE",         "CYCLES_LOAD",       "CYCLES_CLAMPED", "CYCLES_TURN", "CYCLES_NUDGED_PLUS",
      "CYCLES_NUDGED_MINUS", "CYCLES_ACCUMULATE", "CYCLES_UPDATE",  "CYCLES_DONE"};
  std::array<Register, phase_count> all{};
  for (std::uint32_t i = 0; i < phase_count; ++i)
    all[i] = Register{.base = base,
                      .offset = 0x40 + 4 * i,
                      .name = names[i],
                      .access = Access::ro,
                      .unit = "clock cycle",
                      .meaning = "spent in this phase since the last LOAD"};
  return all;
}();

inline constexpr std::array registers{
    &id,        &version,   &command,   &status,    &program,   &ticks,     &steps_per_tick, &echo_skew, &fault_tick,
    &watchdog, &weight_rate, &tail, &lock_in_period, &harmonics_low, &harmonics_high,
    &cycles[0], &cycles[1], &cycles[2], &cycles[3], &cycles[4], &cycles[5], &cycles[6],      &cycles[7], &cycles[8],
    &fault_phase};
}  // namespace sequencer

}  // namespace tellegen::regmap
