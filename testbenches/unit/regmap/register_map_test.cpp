// Addresses are repeated here as literals on purpose: software in the field knows them as numbers.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <utility>

#include "tellegen/regmap/registers.hpp"

using namespace tellegen;
using regmap::Access;
using regmap::Field;
using regmap::Format;
using regmap::Register;

namespace {
struct Expected {
  std::uint32_t address;
  const Register& reg;
  Format format;
  Access access;
  bool locked;
};
}  // namespace

TEST_CASE("every register has its published address, format and access") {
  namespace seq = regmap::sequencer;
  namespace irq = regmap::interrupt;
  namespace wave = regmap::waveform;
  namespace cells = regmap::cells;
  namespace cor = regmap::correlator;
  const Expected all[] = {
      {0x0000, seq::id, Format::u32, Access::ro, false},
      {0x0004, seq::version, Format::u32, Access::ro, false},
      {0x0008, seq::command, Format::u32, Access::wo, false},
      {0x000C, seq::status, Format::u32, Access::ro, false},
      {0x0010, seq::program, Format::u32, Access::rw, true},
      {0x0014, seq::ticks, Format::u32, Access::rw, true},
      {0x0018, seq::steps_per_tick, Format::u32, Access::ro, false},
      {0x001C, seq::echo_skew, Format::i32, Access::rw, true},
      {0x0020, seq::fault_tick, Format::u32, Access::ro, false},
      {0x0024, seq::watchdog, Format::u32, Access::rw, true},
      {0x0028, seq::weight_rate, Format::f64, Access::rw, true},
      {0x0030, seq::tail, Format::u32, Access::rw, true},
      {0x0034, seq::lock_in_period, Format::u32, Access::rw, true},
      {0x0038, seq::harmonics_low, Format::u32, Access::rw, true},
      {0x003C, seq::harmonics_high, Format::u32, Access::rw, true},
      {0x0040, seq::cycles[0], Format::u32, Access::ro, false},
      {0x0048, seq::cycles[2], Format::u32, Access::ro, false},
      {0x0060, seq::cycles[8], Format::u32, Access::ro, false},
      {0x0064, seq::fault_phase, Format::u32, Access::ro, false},
      {0x0100, irq::status, Format::u32, Access::w1c, false},
      {0x0104, irq::mask, Format::u32, Access::rw, false},
      {0x0200, wave::bank, Format::u32, Access::rw, false},
      {0x0204, wave::address, Format::u32, Access::rw, false},
      {0x0208, wave::data, Format::f64, Access::rw, false},
      {0x0210, wave::stimuli, Format::u32, Access::ro, false},
      {0x0214, wave::probes, Format::u32, Access::ro, false},
      {0x0218, wave::drives, Format::u32, Access::ro, false},
      {0x021C, wave::stimulus_depth, Format::u32, Access::ro, false},
      {0x0220, wave::tick_depth, Format::u32, Access::ro, false},
      {0x0228, wave::peak_source_current, Format::f64, Access::ro, false},
      {0x0300, cells::select, Format::u32, Access::rw, false},
      {0x0304, cells::slot, Format::u32, Access::rw, false},
      {0x0308, cells::count, Format::u32, Access::ro, false},
      {0x030C, cells::slots, Format::u32, Access::ro, false},
      {0x0310, cells::parameter, Format::f64, Access::rw, true},
      {0x0318, cells::accumulator, Format::f64, Access::ro, false},
      {0x0320, cells::rate, Format::f64, Access::rw, true},
      {0x0328, cells::minimum, Format::f64, Access::rw, true},
      {0x0330, cells::maximum, Format::f64, Access::rw, true},
      {0x0338, cells::decay, Format::f64, Access::rw, true},
      {0x0340, cells::view, Format::u32, Access::rw, true},
      {0x0400, cor::gain_plus, Format::f64, Access::rw, true},
      {0x0408, cor::gain_minus, Format::f64, Access::rw, true},
  };
  for (const Expected& expected : all) {
    CAPTURE(expected.reg.name);
    CHECK(expected.reg.address() == expected.address);
    CHECK(expected.reg.format == expected.format);
    CHECK(expected.reg.access == expected.access);
    CHECK(expected.reg.locked == expected.locked);
  }
  std::size_t registers = 0;
  for (const regmap::Block& block : regmap::blocks) registers += block.registers.size();
  CHECK(registers == std::size(all) + 6);  // six of the nine cycle counters are not listed above
}

TEST_CASE("every field has its published bits") {
  namespace seq = regmap::sequencer;
  namespace wave = regmap::waveform;
  CHECK(seq::command_load.mask() == 0x1);
  CHECK(seq::command_start.mask() == 0x2);
  CHECK(seq::command_resume.mask() == 0x4);
  CHECK(seq::command_abort.mask() == 0x8);
  CHECK(seq::status_phase.mask() == 0xF);
  CHECK(seq::status_busy.mask() == 0x100);
  CHECK(seq::status_refused.mask() == 0x200);
  CHECK(seq::status_fault.mask() == 0x400);
  CHECK(seq::status_watchdog.mask() == 0x800);
  CHECK(seq::fault_phase_field.mask() == 0xF);
  CHECK(seq::program_nudged_plus.mask() == 0x01);
  CHECK(seq::program_nudged_minus.mask() == 0x02);
  CHECK(seq::program_accumulate.mask() == 0x04);
  CHECK(seq::program_update.mask() == 0x08);
  CHECK(seq::program_swap_ports.mask() == 0x10);
  CHECK(seq::program_replay_bias.mask() == 0x20);
  CHECK(seq::program_product_only.mask() == 0x40);
  CHECK(seq::program_nudge.mask() == 0x300);
  CHECK(seq::program_flip_loss.mask() == 0x400);
  CHECK(seq::program_potential.mask() == 0x800);
  CHECK(seq::program_settled_only.mask() == 0x1000);
  CHECK(seq::program_clamp_outputs.mask() == 0x2000);
  CHECK(seq::program_turn_again.mask() == 0x4000);
  CHECK(seq::program_lockstep.mask() == 0x8000);
  CHECK(regmap::interrupt::turn.mask() == 0x1);
  CHECK(regmap::interrupt::done.mask() == 0x2);
  CHECK(regmap::interrupt::fault.mask() == 0x4);
  CHECK(regmap::interrupt::watchdog.mask() == 0x8);
  CHECK(wave::bank_index.mask() == 0x0000FFFF);
  CHECK(wave::bank_kind.mask() == 0x00070000);
}

TEST_CASE("identity, version and limits reset to their published values") {
  CHECK(regmap::sequencer::id.reset == 0x544C474Eu);
  CHECK(regmap::sequencer::version.reset == 0x00010001u);
  CHECK(std::bit_cast<double>(*regmap::cells::minimum.reset) == -INFINITY);
  CHECK(std::bit_cast<double>(*regmap::cells::maximum.reset) == INFINITY);
  CHECK_FALSE(regmap::cells::count.reset.has_value());
}

TEST_CASE("setting a field leaves the other bits as they were, and reads back") {
  constexpr Field field{"F", 4, 3, ""};
  CHECK(field.set(0xFFFFFFFF, 0) == 0xFFFFFF8F);
  CHECK(field.set(0, 5) == 0x50);
  CHECK(field.get(field.set(0xABCD0123, 6)) == 6);
  CHECK(field.set(0, 8) == 0);  // the fourth bit does not fit
  constexpr Field whole{"W", 0, 32, ""};
  CHECK(whole.mask() == 0xFFFFFFFF);
  CHECK(whole.set(1, 0xDEADBEEF) == 0xDEADBEEF);
}

TEST_CASE("a double is two words, the low one first") {
  const auto words = regmap::words_of(1.0);
  CHECK(words[0] == 0x00000000);
  CHECK(words[1] == 0x3FF00000);
  for (const double value : {0.0, -0.0, 3.3e-9, -1e300, 5e-324}) {
    const auto [low, high] = regmap::words_of(value);
    CHECK(std::bit_cast<std::uint64_t>(regmap::double_of(low, high)) == std::bit_cast<std::uint64_t>(value));
  }
}

TEST_CASE("an address finds its register and word, and holes hold nothing") {
  CHECK(regmap::find(0x000C).reg == &regmap::sequencer::status);
  CHECK(regmap::find(0x0208).reg == &regmap::waveform::data);
  CHECK(regmap::find(0x0208).word == 0);
  CHECK(regmap::find(0x020C).reg == &regmap::waveform::data);
  CHECK(regmap::find(0x020C).word == 1);
  CHECK_FALSE(regmap::find(0x0068));  // behind FAULT_PHASE
  CHECK_FALSE(regmap::find(0x0410));
  CHECK_FALSE(regmap::find(0x0500));
  CHECK_FALSE(regmap::find(0x000D));  // not a word's address
  CHECK_FALSE(regmap::find(0xFFFFFFFC));
}

TEST_CASE("the soundness check refuses overlap, misalignment, stray blocks and fields that do not fit") {
  static constexpr Register first{.base = 0x100, .offset = 0, .name = "A", .format = Format::f64};
  static constexpr Register inside{.base = 0x100, .offset = 4, .name = "B"};
  static constexpr Register behind{.base = 0x100, .offset = 8, .name = "C"};
  static constexpr Register odd{.base = 0x100, .offset = 12, .name = "D", .format = Format::f64};
  static constexpr Register foreign{.base = 0x200, .offset = 8, .name = "E"};
  static constexpr std::array good{&first, &behind};
  static constexpr std::array overlap{&first, &inside};
  static constexpr std::array misaligned{&first, &odd};
  static constexpr std::array astray{&first, &foreign};
  CHECK(regmap::block_is_sound({"X", 0x100, 0x20, "", good}));
  CHECK_FALSE(regmap::block_is_sound({"X", 0x100, 0x20, "", overlap}));
  CHECK_FALSE(regmap::block_is_sound({"X", 0x100, 0x20, "", misaligned}));
  CHECK_FALSE(regmap::block_is_sound({"X", 0x100, 0x20, "", astray}));
  CHECK_FALSE(regmap::block_is_sound({"X", 0x100, 0x0A, "", good}));

  static constexpr std::array shared_bit{Field{"A", 0, 2, ""}, Field{"B", 1, 1, ""}};
  static constexpr std::array beyond{Field{"A", 31, 2, ""}};
  static constexpr std::array<regmap::EnumeratedValue, 1> two{{{2, "TWO", ""}}};
  static constexpr std::array value_beyond{Field{"A", 0, 1, "", two}};
  CHECK_FALSE(regmap::fields_fit({.name = "R", .fields = shared_bit}));
  CHECK_FALSE(regmap::fields_fit({.name = "R", .fields = beyond}));
  CHECK_FALSE(regmap::fields_fit({.name = "R", .fields = value_beyond}));

  const std::array<regmap::Block, 2> clash{{{"X", 0x100, 0x20, "", good}, {"Y", 0x110, 0x20, "", {}}}};
  CHECK_FALSE(regmap::map_is_sound(clash));
  CHECK(regmap::map_is_sound(regmap::blocks));
}

TEST_CASE("the phases of the code are the enumerated values of STATUS.PHASE") {
  using regmap::Phase;
  const auto& values = regmap::sequencer::phase_values;
  const std::pair<Phase, std::string_view> named[] = {{Phase::idle, "IDLE"},
                                                      {Phase::load, "LOAD"},
                                                      {Phase::clamped, "CLAMPED"},
                                                      {Phase::turn, "TURN"},
                                                      {Phase::nudged_plus, "NUDGED_PLUS"},
                                                      {Phase::nudged_minus, "NUDGED_MINUS"},
                                                      {Phase::accumulate, "ACCUMULATE"},
                                                      {Phase::update, "UPDATE"},
                                                      {Phase::done, "DONE"}};
  REQUIRE(std::size(named) == values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(values[i].value == i);
    CHECK(static_cast<std::uint32_t>(named[i].first) == i);
    CHECK(values[i].name == named[i].second);
    CHECK(regmap::sequencer::cycles[i].name == "CYCLES_" + std::string(named[i].second));
  }
}

TEST_CASE("a register knows its bits, its codes and its numbers") {
  CHECK(regmap::sequencer::program.known_bits() == 0xFF7F);
  CHECK(regmap::sequencer::ticks.known_bits() == 0xFFFFFFFF);
  CHECK(regmap::waveform::bank.known_bits() == 0x7FFFF);
  CHECK(regmap::sequencer::program.takes_word(0xFFFFFCFF));
  CHECK_FALSE(regmap::sequencer::program.takes_word(0x300));
  CHECK(regmap::interrupt::mask.takes_word(0xFFFFFFFF));
  const Register& finite = regmap::cells::parameter;
  const Register& limit = regmap::cells::minimum;
  CHECK(finite.takes_double(0xFFFFFFFF, 0x7FEFFFFF));
  CHECK_FALSE(finite.takes_double(0, 0x7FF00000));
  CHECK(limit.takes_double(0, 0xFFF00000));
  CHECK_FALSE(limit.takes_double(1, 0xFFF00000));
  CHECK_FALSE(limit.takes_double(0, 0x7FF80000));
}
