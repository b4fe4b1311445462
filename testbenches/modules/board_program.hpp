#pragma once
// Software for the chip board, written against literal addresses: single accesses, a set-up, one whole learning cycle, and
// transactions that no well-behaved bus makes.

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cmath>
#include <vector>

#include "modules/chip_board.hpp"

namespace tellegen::test::board {

// The map, repeated by hand.
inline constexpr std::uint32_t id = 0x000, version = 0x004, command = 0x008, status = 0x00C, program = 0x010, ticks = 0x014, steps_per_tick = 0x018,
                               echo_skew = 0x01C, fault_tick = 0x020, watchdog = 0x024, weight_rate = 0x028, tail = 0x030, lock_in_period = 0x034,
                               harmonics_low = 0x038, harmonics_high = 0x03C, cycles_idle = 0x040, cycles_clamped = 0x048, fault_phase = 0x064;
inline constexpr std::uint32_t irq_status = 0x100, irq_mask = 0x104;
inline constexpr std::uint32_t bank = 0x200, address = 0x204, data = 0x208, stimuli = 0x210, probes = 0x214, drives = 0x218, stimulus_depth = 0x21C,
                               tick_depth = 0x220, peak_current = 0x228;
inline constexpr std::uint32_t cell = 0x300, slot = 0x304, cell_count = 0x308, slots = 0x30C, parameter = 0x310, accumulator = 0x318, rate = 0x320,
                               minimum = 0x328, maximum = 0x330, decay = 0x338, view = 0x340;
inline constexpr std::uint32_t gain_plus = 0x400, gain_minus = 0x408;

inline constexpr std::uint32_t load = 1, start = 2, resume = 4, abort_now = 8;
inline constexpr std::uint32_t turn_cause = 1, done_cause = 2, fault_cause = 4, watchdog_cause = 8, all_causes = 15;
inline constexpr std::uint32_t fault_bit = 0x400, watchdog_bit = 0x800;  // of STATUS
inline constexpr std::uint32_t stimulus_bank = 0x00000, probe_bank = 0x10000, drive_bank = 0x20000, drive_minus_bank = 0x30000, clamp_bank = 0x40000;

inline bus::Bus& bus_of(bus::Bus& bus) { return bus; }
inline bus::Bus& bus_of(ChipBoard& board) { return board.bus; }

/// An exception of the transfer itself comes through: it is not evaluated within the check.
inline void must(bus::BusStatus answer) { REQUIRE(answer == bus::BusStatus::ok); }

template <class Chip>
std::uint32_t read(Chip& chip, std::uint32_t at) {
  std::array<std::uint32_t, 1> word{};
  must(bus_of(chip).read(at, word));
  return word[0];
}
template <class Chip>
bus::BusStatus write(Chip& chip, std::uint32_t at, std::uint32_t word) {
  return bus_of(chip).write(at, std::array{word});
}
template <class Chip>
double read_double(Chip& chip, std::uint32_t at) {
  std::array<std::uint32_t, 2> words{};
  must(bus_of(chip).read(at, words));
  return regmap::double_of(words[0], words[1]);
}
template <class Chip>
bus::BusStatus write_double(Chip& chip, std::uint32_t at, double value) {
  return bus_of(chip).write(at, regmap::words_of(value));
}

template <class Chip>
regmap::Phase phase(Chip& chip) {
  return static_cast<regmap::Phase>(read(chip, status) & 0xF);
}
template <class Chip>
void expect_phase(Chip& chip, regmap::Phase expected) {
  const auto now = phase(chip);
  REQUIRE(now == expected);
}
template <class Chip>
bool is_busy(Chip& chip) {
  return read(chip, status) >> 8 & 1;
}

template <class Chip>
void write_samples(Chip& chip, std::uint32_t which, std::span<const double> samples) {
  std::vector<std::uint32_t> words;
  for (const double sample : samples)
    for (const auto word : regmap::words_of(sample)) words.push_back(word);
  must(write(chip, bank, which));
  must(write(chip, address, 0));
  must(bus_of(chip).write_stream(data, words));
}
template <class Chip>
std::vector<double> read_samples(Chip& chip, std::uint32_t which, std::size_t count) {
  std::vector<std::uint32_t> words(2 * count);
  must(write(chip, bank, which));
  must(write(chip, address, 0));
  must(bus_of(chip).read_stream(data, words));
  std::vector<double> samples;
  for (std::size_t i = 0; i < count; ++i) samples.push_back(regmap::double_of(words[2 * i], words[2 * i + 1]));
  return samples;
}

/// Issues a command and waits for the interrupt that follows it.
template <class Chip>
void run_to_interrupt(Chip& chip, std::uint32_t which) {
  must(write(chip, command, which));
  must(bus_of(chip).wait_for_interrupt());
  must(write(chip, irq_status, read(chip, irq_status)));
}

struct CellSlot {
  std::uint32_t cell, slot;
  double value;
};
inline constexpr CellSlot all_slots[] = {{0, 0, 0.5}, {0, 1, 1.0}, {0, 2, 0.8}, {1, 0, 2.0}};

template <class Chip>
void select(Chip& chip, const CellSlot& which) {
  must(write(chip, cell, which.cell));
  must(write(chip, slot, which.slot));
}

inline std::vector<double> drive() { return {1e-3, -2e-3, 0.5e-3, 1e-3, 2e-3, -1e-3}; }

/// Puts every register where a program needs it.
template <class Chip>
void set_up(Chip& chip, double kept_part = 0) {
  must(write(chip, irq_mask, all_causes));
  must(write(chip, program, 0b0101111));
  must(write(chip, ticks, ChipBoard::ticks));
  must(write_double(chip, weight_rate, 0));
  for (const auto at : {watchdog, tail, lock_in_period, harmonics_low, harmonics_high}) must(write(chip, at, 0));
  must(write(chip, echo_skew, std::bit_cast<std::uint32_t>(-2)));
  for (const auto& which : all_slots) {
    select(chip, which);
    must(write(chip, view, 0));
    for (const auto& [at, value] : {std::pair{parameter, which.value}, {rate, 1e-4}, {minimum, 1e-3}, {maximum, 10.0}, {decay, kept_part}})
      must(write_double(chip, at, value));
  }
}

/// One learning cycle, from load to done.
template <class Chip>
void present(Chip& chip) {
  must(write(chip, command, load));
  std::vector<double> wave;
  for (int n = 0; n < 12; ++n) wave.push_back(std::sin(0.4 * n) + 0.3);
  write_samples(chip, stimulus_bank, wave);
  run_to_interrupt(chip, start);
  expect_phase(chip, regmap::Phase::turn);
  write_samples(chip, drive_bank, drive());
  must(write_double(chip, gain_plus, -500));
  must(write_double(chip, gain_minus, 500));
  run_to_interrupt(chip, resume);
  expect_phase(chip, regmap::Phase::done);
}

/// What the cells hold: accumulator and parameter of every slot.
template <class Chip>
std::vector<double> learned(Chip& chip) {
  std::vector<double> values;
  for (const auto& which : all_slots) {
    select(chip, which);
    values.push_back(read_double(chip, accumulator));
    values.push_back(read_double(chip, parameter));
  }
  return values;
}

/// Probes, gradient and parameters of one whole learning cycle.
template <class Chip>
std::vector<double> learn(Chip& chip) {
  set_up(chip);
  present(chip);
  auto results = read_samples(chip, probe_bank, ChipBoard::ticks);
  for (const double value : learned(chip)) results.push_back(value);
  return results;
}

/// A transaction with everything that a payload can say.
struct Payload {
  tlm::tlm_command kind = tlm::TLM_READ_COMMAND;
  std::uint64_t at = 0;
  std::vector<unsigned char> bytes;
  unsigned width = 0;
  bool byte_enables = false;

  tlm::tlm_response_status send(ChipBoard& board) {
    tlm::tlm_generic_payload transaction;
    transaction.set_command(kind);
    transaction.set_address(at);
    transaction.set_data_ptr(bytes.empty() ? nullptr : bytes.data());
    transaction.set_data_length(static_cast<unsigned>(bytes.size()));
    transaction.set_streaming_width(width);
    unsigned char enables[4] = {0xFF, 0xFF, 0, 0};
    if (byte_enables) transaction.set_byte_enable_ptr(enables), transaction.set_byte_enable_length(4);
    return board.transport(transaction);
  }
};

/// One word at the present time: none passes.
[[nodiscard]] inline std::uint32_t peek(ChipBoard& board, std::uint32_t at) {
  Payload payload{.at = at, .bytes = std::vector<unsigned char>(4), .width = 4};
  REQUIRE(payload.send(board) == tlm::TLM_OK_RESPONSE);
  std::uint32_t word = 0;
  std::memcpy(&word, payload.bytes.data(), 4);
  return word;
}
[[nodiscard]] inline double peek_double(ChipBoard& board, std::uint32_t at) {
  const auto low = peek(board, at);
  return regmap::double_of(low, peek(board, at + 4));
}
[[nodiscard]] inline tlm::tlm_response_status poke(ChipBoard& board, std::uint32_t at, std::uint32_t word) {
  Payload payload{.kind = tlm::TLM_WRITE_COMMAND, .at = at, .bytes = std::vector<unsigned char>(4), .width = 4};
  std::memcpy(payload.bytes.data(), &word, 4);
  return payload.send(board);
}

}  // namespace tellegen::test::board
