#pragma once
// The register map: the only place where the addresses of the chip are written, with the header of the sequencer's block. Hardware and
// drivers include it, and `tellegen regs` prints its documentation from it.
//
// Words have 32 bits, addresses count bytes, and every access is one aligned word. A bus error, which changes nothing: an
// access outside the map or against a register's access, a write to a "locked" one while SEQUENCER.STATUS.BUSY is set, a
// code that an enumerated field does not know, NaN or infinity where a finite number is expected. Counts beyond a limit of
// the chip (TICKS, TAIL, ECHO_SKEW, LOCK_IN_PERIOD) are held at it instead, and read back as what they became.

#include <cstddef>

#include "tellegen/regmap/register_types.hpp"
#include "tellegen/regmap/sequencer_registers.hpp"

namespace tellegen::regmap {

/// Which sample memory the WAVEFORM window looks into.
enum class BankKind : std::uint32_t { stimulus, probe, drive, drive_minus, clamp };

/// How a cell's trained parameter relates to its slot.
enum class View : std::uint32_t { identity, reciprocal };

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
