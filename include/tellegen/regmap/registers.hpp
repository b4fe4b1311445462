#pragma once
// The register map: the only place where the addresses of the chip are written. Hardware and drivers include it, and
// `tellegen regs` prints its documentation from it.
//
// Words have 32 bits, addresses count bytes, and every access is one aligned word. A bus error, which changes nothing: an
// access outside the map or against a register's access, a write to a "locked" one while SEQUENCER.STATUS.BUSY is set, a
// code that an enumerated field does not know, NaN or infinity where a finite number is expected. Counts beyond a limit of
// the chip (TICKS, TAIL, ECHO_SKEW, LOCK_IN_PERIOD) are held at it instead, and read back as what they became.

#include <cstddef>

#include "tellegen/regmap/register_types.hpp"

namespace tellegen::regmap {

/// State of the sequencer: an analog phase runs the circuit, the others move data.
enum class Phase : std::uint32_t { idle, load, clamped, turn, nudged_plus, nudged_minus, accumulate, update, done };
inline constexpr std::size_t phase_count = 9;

/// Which sample memory the WAVEFORM window looks into.
enum class BankKind : std::uint32_t { stimulus, probe, drive, drive_minus, clamp };

/// How a cell's trained parameter relates to its slot.
enum class View : std::uint32_t { identity, reciprocal };

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

namespace interrupt {
inline constexpr std::uint32_t base = 0x0100;

inline constexpr Field turn{"TURN", 0, 1, "the turn phase was entered"};
inline constexpr Field done{"DONE", 1, 1, "the program ended"};
inline constexpr Field fault{"FAULT", 2, 1, "the analog array did not converge"};
inline constexpr Field watchdog{"WATCHDOG", 3, 1, "a phase outlasted SEQUENCER.WATCHDOG"};
inline constexpr std::array fields{turn, done, fault, watchdog};

inline constexpr Register status{.base = base,
                                 .offset = 0x00,
                                 .name = "STATUS",
                                 .access = Access::w1c,
                                 .meaning = "what happened; stays set until cleared; a cause that comes with its clearing stays",
                                 .fields = fields};
inline constexpr Register mask{.base = base,
                               .offset = 0x04,
                               .name = "MASK",
                               .meaning = "1: this cause raises the interrupt line",
                               .fields = fields};

inline constexpr std::array registers{&status, &mask};
}  // namespace interrupt

namespace waveform {
inline constexpr std::uint32_t base = 0x0200;

inline constexpr std::array<EnumeratedValue, 5> kind_values{{
    {0, "STIMULUS", "converter of an input: one sample an analog step"},
    {1, "PROBE", "converter of an output: one sample a clock cycle, read only"},
    {2, "DRIVE", "converter of the nudge: one sample a clock cycle"},
    {3, "DRIVE_MINUS", "converter of the nudge in the phase of negative sign, where outputs are held at voltages"},
    {4, "CLAMP", "current monitor of a held output: sample 0 after the positive phase, 1 after the negative one; read only"},
}};
inline constexpr Field bank_kind{"KIND", 16, 3, "kind of converter", kind_values};
inline constexpr Field bank_index{"INDEX", 0, 16, "which of them"};
inline constexpr std::array bank_fields{bank_index, bank_kind};
inline constexpr Register bank{
    .base = base, .offset = 0x00, .name = "BANK", .meaning = "sample memory seen through DATA", .fields = bank_fields};
inline constexpr Register address{
    .base = base,
    .offset = 0x04,
    .name = "ADDRESS",
    .unit = "sample",
    .meaning = "sample seen through DATA; counts up after each access to DATA's high word"};
inline constexpr Register data{.base = base,
                               .offset = 0x08,
                               .name = "DATA",
                               .format = Format::f64,
                               .unit = "SI",
                               .meaning = "one sample: volt or ampere of its converter"};
inline constexpr Register stimuli{.base = base,
                                  .offset = 0x10,
                                  .name = "STIMULI",
                                  .access = Access::ro,
                                  .reset = std::nullopt,
                                  .meaning = "number of stimulus banks"};
inline constexpr Register probes{.base = base,
                                 .offset = 0x14,
                                 .name = "PROBES",
                                 .access = Access::ro,
                                 .reset = std::nullopt,
                                 .meaning = "number of probe banks"};
inline constexpr Register drives{.base = base,
                                 .offset = 0x18,
                                 .name = "DRIVES",
                                 .access = Access::ro,
                                 .reset = std::nullopt,
                                 .meaning = "number of drive banks"};
inline constexpr Register stimulus_depth{.base = base,
                                         .offset = 0x1C,
                                         .name = "STIMULUS_DEPTH",
                                         .access = Access::ro,
                                         .reset = std::nullopt,
                                         .unit = "sample",
                                         .meaning = "depth of a stimulus bank"};
inline constexpr Register tick_depth{.base = base,
                                     .offset = 0x20,
                                     .name = "TICK_DEPTH",
                                     .access = Access::ro,
                                     .reset = std::nullopt,
                                     .unit = "sample",
                                     .meaning = "depth of a probe or drive bank"};
inline constexpr Register peak_source_current{
    .base = base,
    .offset = 0x28,
    .name = "PEAK_SOURCE_CURRENT",
    .format = Format::f64,
    .access = Access::ro,
    .unit = "A",
    .meaning = "largest current that any independent source delivered in the clamped phase"};

inline constexpr std::array registers{
    &bank, &address, &data, &stimuli, &probes, &drives, &stimulus_depth, &tick_depth, &peak_source_current};
}  // namespace waveform

namespace cells {
inline constexpr std::uint32_t base = 0x0300;

inline constexpr std::array<EnumeratedValue, 2> view_values{{
    {0, "IDENTITY", "the trained parameter is the slot"},
    {1, "RECIPROCAL", "the trained parameter is 1 / slot"},
}};
inline constexpr Field view_kind{"VIEW", 0, 1, "what is trained", view_values};
inline constexpr std::array view_fields{view_kind};

inline constexpr Register select{
    .base = base, .offset = 0x00, .name = "SELECT", .meaning = "cell that the others show"};
inline constexpr Register slot{
    .base = base, .offset = 0x04, .name = "SLOT", .meaning = "parameter slot of that cell that the others show"};
inline constexpr Register count{.base = base,
                                .offset = 0x08,
                                .name = "COUNT",
                                .access = Access::ro,
                                .reset = std::nullopt,
                                .meaning = "number of cells"};
inline constexpr Register slots{.base = base,
                                .offset = 0x0C,
                                .name = "SLOTS",
                                .access = Access::ro,
                                .reset = std::nullopt,
                                .meaning = "number of parameter slots of the selected cell"};
inline constexpr Register parameter{.base = base,
                                    .offset = 0x10,
                                    .name = "PARAMETER",
                                    .format = Format::f64,
                                    .locked = true,
                                    .reset = std::nullopt,
                                    .unit = "SI",
                                    .meaning = "value p of the slot"};
inline constexpr Register accumulator{.base = base,
                                      .offset = 0x18,
                                      .name = "ACCUMULATOR",
                                      .format = Format::f64,
                                      .access = Access::ro,
                                      .unit = "loss / SI",
                                      .meaning = "gradient gathered by the accumulate phases"};
inline constexpr Register rate{.base = base,
                               .offset = 0x20,
                               .name = "RATE",
                               .format = Format::f64,
                               .locked = true,
                               .unit = "SI^2 / loss",
                               .meaning = "update: p <- clip(p - RATE * ACCUMULATOR); 0: this slot is not trained"};
inline constexpr Register minimum{.base = base,
                                  .offset = 0x28,
                                  .name = "MINIMUM",
                                  .format = Format::f64,
                                  .locked = true,
                                  .reset = std::bit_cast<std::uint64_t>(-std::numeric_limits<double>::infinity()),
                                  .unit = "SI",
                                  .meaning = "lower limit of the trained parameter",
                                  .numbers = Numbers::not_nan};
inline constexpr Register maximum{.base = base,
                                  .offset = 0x30,
                                  .name = "MAXIMUM",
                                  .format = Format::f64,
                                  .locked = true,
                                  .reset = std::bit_cast<std::uint64_t>(std::numeric_limits<double>::infinity()),
                                  .unit = "SI",
                                  .meaning = "upper limit of the trained parameter; where it is below MINIMUM it prevails",
                                  .numbers = Numbers::not_nan};
inline constexpr Register decay{
    .base = base,
    .offset = 0x38,
    .name = "DECAY",
    .format = Format::f64,
    .locked = true,
    .meaning = "fraction of the accumulator kept when a new LOAD begins; 0: plain descent, otherwise momentum; a program that does not "
               "end leaves the accumulator as it found it"};
inline constexpr Register view{.base = base,
                               .offset = 0x40,
                               .name = "VIEW",
                               .locked = true,
                               .meaning = "relation of the trained parameter to the slot",
                               .fields = view_fields};

inline constexpr std::array registers{&select, &slot,    &count,   &slots, &parameter, &accumulator,
                                      &rate,   &minimum, &maximum, &decay, &view};
}  // namespace cells

namespace correlator {
inline constexpr std::uint32_t base = 0x0400;

inline constexpr Register gain_plus{.base = base,
                                    .offset = 0x00,
                                    .name = "GAIN_PLUS",
                                    .format = Format::f64,
                                    .locked = true,
                                    .meaning = "accumulate adds GAIN_PLUS * C_plus to every accumulator"};
inline constexpr Register gain_minus{.base = base,
                                     .offset = 0x08,
                                     .name = "GAIN_MINUS",
                                     .format = Format::f64,
                                     .locked = true,
                                     .meaning = "accumulate adds GAIN_MINUS * C_minus to every accumulator"};

inline constexpr std::array registers{&gain_plus, &gain_minus};
}  // namespace correlator

inline constexpr std::array<Block, 5> blocks{{
    {"SEQUENCER", sequencer::base, 0x100, "drives the phases", sequencer::registers},
    {"INTERRUPT", interrupt::base, 0x100, "causes of the interrupt line", interrupt::registers},
    {"WAVEFORM", waveform::base, 0x100, "window into the sample memories behind the converters", waveform::registers},
    {"CELLS", cells::base, 0x100, "window into the synapse cells", cells::registers},
    {"CORRELATOR", correlator::base, 0x100, "gains that all cells share", correlator::registers},
}};
static_assert(map_is_sound(blocks), "registers overlap, are misaligned or leave their block, or fields do not fit");

/// Register that holds a word, and which of its words that is. Tests false outside the map.
struct Location {
  const Register* reg = nullptr;
  std::uint32_t word = 0;  // 1: high word of an f64
  constexpr explicit operator bool() const { return reg != nullptr; }
};

/// What lies at a byte address. Addresses that are no multiple of four lie nowhere.
[[nodiscard]] constexpr Location find(std::uint32_t byte_address) {
  if (byte_address % 4 != 0) return {};
  for (const Block& block : blocks) {
    if (byte_address < block.base || byte_address - block.base >= block.size) continue;
    for (const Register* reg : block.registers)
      if (byte_address >= reg->address() && byte_address < reg->end())
        return {reg, (byte_address - reg->address()) / 4};
  }
  return {};
}

}  // namespace tellegen::regmap
