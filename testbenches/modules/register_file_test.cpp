// The register file as a bus sees it: literal addresses, every refusal, and what a mad master cannot break.

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cmath>
#include <random>
#include <set>

#include "modules/board_program.hpp"

using namespace tellegen;
using bus::BusStatus;
using regmap::Phase;
using test::ChipBoard;
using namespace test::board;

TEST_CASE("a chip says who it is and how it is built") {
  ChipBoard board;
  CHECK(read(board, id) == 0x544C474E);
  CHECK(read(board, steps_per_tick) == 2);
  CHECK(read(board, stimuli) == 1);
  CHECK(read(board, 0x214) == 1);
  CHECK(read(board, 0x218) == 1);
  CHECK(read(board, 0x21C) == 12);
  CHECK(read(board, 0x220) == 6);
  CHECK(read(board, cell_count) == 2);
  CHECK(read(board, slots) == 3);
  CHECK(read_double(board, maximum) == HUGE_VAL);
  CHECK(read_double(board, minimum) == -HUGE_VAL);
}

TEST_CASE("addresses where nothing is, unaligned ones and ones beyond 32 bits are address errors") {
  ChipBoard board;
  std::array<std::uint32_t, 1> word{};
  for (const std::uint32_t at : {0x068u, 0x0FCu, 0x108u, 0x224u, 0x230u, 0x344u, 0x410u, 0x500u, 0x002u, 0x301u, 0xFFFFFFFCu}) {
    CAPTURE(at);
    CHECK(board.bus.read(at, word) == BusStatus::address_error);
    CHECK(board.bus.write(at, word) == BusStatus::address_error);
  }
  Payload far{.at = 0x1'0000'0000, .bytes = std::vector<unsigned char>(4), .width = 4};
  CHECK(far.send(board) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_CASE("a read of a write-only register and a write to a read-only one are access errors and change nothing") {
  ChipBoard board;
  std::array<std::uint32_t, 1> word{0x55};
  CHECK(board.bus.read(command, word) == BusStatus::access_error);
  CHECK(word[0] == 0x55);
  for (const auto at : {id, status, steps_per_tick, cycles_clamped, stimuli, peak_current, cell_count, slots, accumulator}) {
    CAPTURE(at);
    CHECK(write(board, at, 7) == BusStatus::access_error);
  }
  // A burst that meets one such word does nothing at all.
  CHECK(board.bus.write(program, std::array<std::uint32_t, 3>{0b11, 3, 9}) == BusStatus::access_error);
  CHECK(read(board, program) == 0);
  CHECK(read(board, ticks) == 1);
}

TEST_CASE("payloads that are no burst of whole words are refused") {
  ChipBoard board;
  const auto bytes = [](std::size_t n) { return std::vector<unsigned char>(n); };
  for (const std::size_t length : {1u, 2u, 3u, 5u, 6u, 7u}) CHECK(Payload{.at = program, .bytes = bytes(length), .width = 8}.send(board) == tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(Payload{.at = program, .bytes = {}, .width = 4}.send(board) == tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(Payload{.at = program, .bytes = bytes(4), .width = 4, .byte_enables = true}.send(board) == tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  for (const unsigned width : {0u, 4u, 12u}) CHECK(Payload{.at = data, .bytes = bytes(16), .width = width}.send(board) == tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(Payload{.kind = tlm::TLM_WRITE_COMMAND, .at = data, .bytes = bytes(16), .width = 8}.send(board) == tlm::TLM_OK_RESPONSE);
}

TEST_CASE("the ignore command reads nothing and writes nothing") {
  ChipBoard board;
  Payload ignored{.kind = tlm::TLM_IGNORE_COMMAND, .at = id, .bytes = {1, 2, 3, 4}, .width = 4};
  CHECK(ignored.send(board) == tlm::TLM_OK_RESPONSE);
  CHECK(ignored.bytes == std::vector<unsigned char>{1, 2, 3, 4});
}

TEST_CASE("locked registers refuse writes while the array runs, and only then") {
  ChipBoard board;
  set_up(board);
  const auto try_all = [&] {
    std::vector<BusStatus> answers;
    for (const auto at : {program, ticks, echo_skew, watchdog, tail, lock_in_period, harmonics_low, harmonics_high, view}) answers.push_back(write(board, at, read(board, at)));
    for (const auto at : {weight_rate, parameter, rate, minimum, maximum, decay, gain_plus, gain_minus}) answers.push_back(write_double(board, at, read_double(board, at)));
    return answers;
  };
  const std::vector admitted(17, BusStatus::ok), refused(17, BusStatus::locked);
  CHECK(try_all() == admitted);
  REQUIRE(write(board, command, load) == BusStatus::ok);
  CHECK(try_all() == admitted);  // parameters are written in load
  REQUIRE(write(board, command, start) == BusStatus::ok);
  REQUIRE(is_busy(board));
  CHECK(try_all() == refused);
  CHECK(write(board, irq_mask, 0b111) == BusStatus::ok);  // these are not locked
  CHECK(write(board, cell, 0) == BusStatus::ok);
  CHECK(write(board, address, 0) == BusStatus::ok);
  REQUIRE(board.bus.wait_for_interrupt() == BusStatus::ok);
  REQUIRE(phase(board) == Phase::turn);
  CHECK(try_all() == admitted);  // gains are written in turn
  write_samples(board, drive_bank, drive());
  CHECK(read_samples(board, drive_bank, 6) == drive());
  REQUIRE(write(board, irq_status, 0b111) == BusStatus::ok);
  REQUIRE(write(board, command, resume) == BusStatus::ok);
  CHECK(try_all() == refused);
  REQUIRE(board.bus.wait_for_interrupt() == BusStatus::ok);
  CHECK(try_all() == admitted);
}

TEST_CASE("writing the high word of a double commits both words, reading the low word latches the high one") {
  ChipBoard board;
  REQUIRE(write_double(board, rate, 1.25) == BusStatus::ok);
  const auto [low, high] = regmap::words_of(-3.7e11);
  REQUIRE(write(board, rate, low) == BusStatus::ok);
  CHECK(read_double(board, rate) == 1.25);
  REQUIRE(write(board, rate + 4, high) == BusStatus::ok);
  CHECK(read_double(board, rate) == -3.7e11);
  // The value changes between the reads of its two halves: what is read is the old one, whole.
  CHECK(read(board, rate) == low);
  REQUIRE(write_double(board, rate, 5.5) == BusStatus::ok);
  CHECK(read(board, rate + 4) == high);
}

TEST_CASE("a stream passes one double after the other, and the window moves on") {
  ChipBoard board;
  const std::vector<double> samples{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  write_samples(board, stimulus_bank, samples);
  CHECK(read(board, address) == 12);
  CHECK(read_samples(board, stimulus_bank, 12) == samples);
  REQUIRE(write(board, address, 4) == BusStatus::ok);
  CHECK(read_double(board, data) == 5);
  CHECK(read_double(board, data) == 6);
  std::array<std::uint32_t, 3> odd{};
  CHECK(board.bus.read_stream(data, odd) == BusStatus::access_error);
  std::array<std::uint32_t, 4> pair{};
  CHECK(board.bus.read_stream(program, pair) == BusStatus::access_error);
  CHECK(board.bus.read_stream(data + 4, pair) == BusStatus::access_error);
  CHECK(read(board, address) == 6);
}

TEST_CASE("a window beyond the memories reads zero and takes no writes") {
  ChipBoard board;
  set_up(board);
  const std::vector<double> samples(12, 2.5);
  write_samples(board, stimulus_bank, samples);
  for (const auto& [which, at] : {std::pair{stimulus_bank + 1, 0u}, {stimulus_bank, 12u}, {stimulus_bank, 0xFFFFFFFFu}, {probe_bank + 1, 0u},
                                  {drive_bank, 6u}, {drive_bank + 0xFFFF, 0u}, {0x30000u, 6u}, {0x40001u, 0u}, {0x40000u, 2u}}) {
    CAPTURE(which);
    REQUIRE(write(board, bank, which) == BusStatus::ok);
    REQUIRE(write(board, address, at) == BusStatus::ok);
    CHECK(write_double(board, data, 7) == BusStatus::ok);
    REQUIRE(write(board, address, at) == BusStatus::ok);
    CHECK(read_double(board, data) == 0);
  }
  CHECK(read_samples(board, stimulus_bank, 12) == samples);
  for (const CellSlot& nowhere : {CellSlot{2, 0, 0}, CellSlot{0xFFFFFFFF, 0, 0}, CellSlot{0, 3, 0}, CellSlot{1, 1, 0}}) {
    select(board, nowhere);
    for (const auto at : {parameter, rate, minimum, maximum, decay}) {
      CHECK(write_double(board, at, 7) == BusStatus::ok);
      CHECK(read_double(board, at) == 0);
    }
    CHECK(read_double(board, accumulator) == 0);
    CHECK(write(board, view, 1) == BusStatus::ok);
    CHECK(read(board, view) == 0);
  }
  for (const auto& which : all_slots) {
    select(board, which);
    CHECK(read_double(board, parameter) == which.value);
  }
}

TEST_CASE("probe memories are read only") {
  ChipBoard board;
  write_samples(board, probe_bank, std::vector<double>(6, 3.0));
  CHECK(read_samples(board, probe_bank, 6) == std::vector<double>(6, 0.0));
}

TEST_CASE("a change of view keeps the law's parameter and inverts the trained one") {
  ChipBoard board;
  set_up(board);
  const double before = learn(board).back();
  set_up(board);
  select(board, {1, 0, 0});
  REQUIRE(write(board, view, 1) == BusStatus::ok);
  CHECK(read(board, view) == 1);
  CHECK(read_double(board, parameter) == 0.5);
  REQUIRE(write(board, view, 1) == BusStatus::ok);  // again: nothing changes
  CHECK(read_double(board, parameter) == 0.5);
  REQUIRE(write(board, view, 0) == BusStatus::ok);
  CHECK(read_double(board, parameter) == 2);
  CHECK(before != 2);
}

TEST_CASE("a cause that arises at the very time at which it is cleared stays, whichever comes first; one that arose before goes") {
  // The line rises one process after the clock's edge: the bus comes before, between and after.
  for (const int deltas : {0, 1, 2, 3, 6}) {
    CAPTURE(deltas);
    ChipBoard board;
    set_up(board);
    REQUIRE(write(board, ticks, 1) == BusStatus::ok);
    REQUIRE(write(board, command, load) == BusStatus::ok);
    REQUIRE(write(board, command, start) == BusStatus::ok);
    board.wait_for_edge();
    for (int i = 0; i < deltas; ++i) board.wait(0);
    REQUIRE(poke(board, irq_status, all_causes) == tlm::TLM_OK_RESPONSE);
    for (int i = 0; i < 6; ++i) board.wait(0);
    CHECK(peek(board, irq_status) == turn_cause);
    CHECK(board.irq.read());
    board.wait(0.1);
    REQUIRE(poke(board, irq_status, all_causes) == tlm::TLM_OK_RESPONSE);
    CHECK(peek(board, irq_status) == 0);
  }
}

TEST_CASE("an abort that the clock has not taken yet is not replaced by another command, any other is") {
  ChipBoard board;
  set_up(board);
  REQUIRE(write(board, command, load) == BusStatus::ok);
  REQUIRE(poke(board, command, abort_now) == tlm::TLM_OK_RESPONSE);
  for (const auto late : {start, load, resume, 0u}) REQUIRE(poke(board, command, late) == tlm::TLM_OK_RESPONSE);
  board.wait(1);
  CHECK(phase(board) == Phase::idle);
  REQUIRE(poke(board, command, start) == tlm::TLM_OK_RESPONSE);
  REQUIRE(poke(board, command, 0) == tlm::TLM_OK_RESPONSE);  // no command: the last one stays
  REQUIRE(poke(board, command, load) == tlm::TLM_OK_RESPONSE);
  board.wait(1);
  CHECK(phase(board) == Phase::load);
  CHECK((read(board, status) & 0x200) == 0);
}

TEST_CASE("causes stay until a one is written to them, and the line is high while an unmasked one is set") {
  ChipBoard board;
  set_up(board);
  REQUIRE(write(board, irq_mask, 0b010) == BusStatus::ok);  // done alone
  REQUIRE(write(board, command, load) == BusStatus::ok);
  REQUIRE(write(board, command, start) == BusStatus::ok);
  while (is_busy(board)) board.wait(1);
  CHECK(read(board, irq_status) == 0b001);
  CHECK(!board.irq.read());
  REQUIRE(write(board, irq_mask, 0b001) == BusStatus::ok);
  CHECK(board.irq.read());
  REQUIRE(write(board, irq_status, 0b110) == BusStatus::ok);  // other causes
  CHECK(read(board, irq_status) == 0b001);
  CHECK(board.irq.read());
  REQUIRE(write(board, irq_status, 0b001) == BusStatus::ok);
  CHECK(read(board, irq_status) == 0);
  CHECK(!board.irq.read());
}

TEST_CASE("waiting for an interrupt that is masked ends when the program does, instead of never") {
  ChipBoard board;
  set_up(board);
  REQUIRE(write(board, irq_mask, 0) == BusStatus::ok);
  CHECK(board.bus.wait_for_interrupt() == BusStatus::timeout);
  REQUIRE(write(board, command, load) == BusStatus::ok);
  REQUIRE(write(board, command, start) == BusStatus::ok);
  CHECK(board.bus.wait_for_interrupt() == BusStatus::timeout);
  CHECK(phase(board) == Phase::turn);
  REQUIRE(write(board, irq_mask, 0b111) == BusStatus::ok);
  CHECK(board.bus.wait_for_interrupt() == BusStatus::ok);
}

TEST_CASE("one word with several commands is the strongest of them: abort, load, start, resume") {
  ChipBoard board;
  set_up(board);
  REQUIRE(write(board, command, load | start | resume) == BusStatus::ok);
  CHECK(phase(board) == Phase::load);
  REQUIRE(write(board, command, 0xFFFFFFFF) == BusStatus::ok);
  CHECK(phase(board) == Phase::idle);
  REQUIRE(write(board, command, 0xFFFFFFF0) == BusStatus::ok);
  CHECK(phase(board) == Phase::idle);
}

TEST_CASE("shorter phases replay what was recorded in them, not what lies deeper in the trace memory") {
  const auto gradient = [](bool after_a_long_program) {
    ChipBoard board;
    if (after_a_long_program) (void)learn(board);
    set_up(board);
    REQUIRE(write(board, ticks, 4) == BusStatus::ok);
    REQUIRE(write(board, command, load) == BusStatus::ok);
    write_samples(board, stimulus_bank, std::vector<double>{1, 1, 2, 2, 1, 1, -1, -1, 50, 50, 50, 50});
    run_to_interrupt(board, start);
    CHECK(read(board, cycles_clamped) == 4);
    write_samples(board, drive_bank, drive());
    REQUIRE(write_double(board, gain_plus, -500) == BusStatus::ok);
    REQUIRE(write_double(board, gain_minus, 500) == BusStatus::ok);
    run_to_interrupt(board, resume);
    std::vector<double> all;
    for (const auto& which : all_slots) {
      select(board, which);
      all.push_back(read_double(board, accumulator));
    }
    return all;
  };
  const auto fresh = gradient(false);
  CHECK(gradient(true) == fresh);
  CHECK(fresh[0] != 0);
}

TEST_CASE("a tail lengthens echoes alone: other nudges end with the records and the stimulus that they go along") {
  const auto nudged_cycles = [](std::uint32_t nudge) {
    ChipBoard board;
    set_up(board);
    REQUIRE(write(board, program, 0b0101111 | nudge << 8) == BusStatus::ok);
    REQUIRE(write(board, tail, 100) == BusStatus::ok);
    CHECK(read(board, tail) == 4);  // what the array was planned for
    REQUIRE(write(board, command, load) == BusStatus::ok);
    run_to_interrupt(board, start);
    CHECK(read(board, cycles_clamped) == ChipBoard::ticks);
    run_to_interrupt(board, resume);
    return read(board, 0x0050u);
  };
  CHECK(nudged_cycles(0) == ChipBoard::ticks + 4);
  CHECK(nudged_cycles(1) == ChipBoard::ticks);
  CHECK(nudged_cycles(2) == ChipBoard::ticks);
}

TEST_CASE("thousands of random transactions at random times leave the chip able to learn, to the last bit") {
  const auto expected = [] {
    ChipBoard board;
    return learn(board);
  }();
  CHECK(std::ranges::all_of(expected, [](double x) { return std::isfinite(x); }));
  std::mt19937_64 random(7);
  std::set<Phase> disturbed;
  for (int campaign = 0; campaign < 4; ++campaign) {
    ChipBoard board;
    std::array<int, 8> answers{};
    bool all_known = true;
    for (int i = 0; i < 6000; ++i) {
      Payload payload;
      payload.kind = random() % 3 ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND;
      // Mostly places of the map, now and then any address.
      const auto& block = regmap::blocks[random() % regmap::blocks.size()];
      payload.at = block.registers[random() % block.registers.size()]->address();
      if (random() % 8 == 0) payload.at = random() % 2 ? random() % 0x500 : random() >> (random() % 40);
      // Commands come often, so that programs run into the noise.
      if (random() % 4 == 0) payload.kind = tlm::TLM_WRITE_COMMAND, payload.at = command;
      payload.bytes.resize(random() % 12 ? 4 * (1 + random() % 4) : random() % 20);
      const double values[] = {0.0, 1.0, -1e300, NAN, HUGE_VAL, 1e-9};
      for (std::size_t b = 0; b < payload.bytes.size(); ++b) payload.bytes[b] = static_cast<unsigned char>(random() % 3 ? random() % 16 : random());
      if (payload.bytes.size() == 8 && random() % 2) std::memcpy(payload.bytes.data(), &values[random() % 6], 8);
      if (payload.at == command && payload.bytes.size() >= 4) payload.bytes[0] = static_cast<unsigned char>(1 << random() % 4);
      payload.width = random() % 8 ? static_cast<unsigned>(payload.bytes.size()) : static_cast<unsigned>(random() % 16);
      payload.byte_enables = random() % 40 == 0;
      const auto response = payload.send(board);
      all_known &= response != tlm::TLM_INCOMPLETE_RESPONSE;
      ++answers[static_cast<std::size_t>(-response + 1) % answers.size()];
      if (random() % 2) board.wait(1e-3 * static_cast<double>(random() % 4000));
      disturbed.insert(board.sequencer.state());
    }
    CHECK(all_known);
    CHECK(answers[0] > 1000);  // many were carried out
    REQUIRE(write(board, command, abort_now) == BusStatus::ok);
    REQUIRE(phase(board) == Phase::idle);
    REQUIRE(write(board, irq_status, all_causes) == BusStatus::ok);
    CHECK(learn(board) == expected);
  }
  CHECK(disturbed.size() == regmap::phase_count);
}
