// What registers take and keep: limits, reserved bits, codes, numbers, halves of doubles.

#include <doctest/doctest.h>

#include <tuple>

#include "modules/board_program.hpp"

using namespace tellegen;
using bus::BusStatus;
using test::ChipBoard;
using namespace test::board;

TEST_CASE("counts beyond what the chip can do are held at its limit, and read back so") {
  ChipBoard board;
  for (const auto& [at, asked, got] : {std::tuple{echo_skew, 4u, 4u}, {echo_skew, 5u, 4u}, {echo_skew, 0x7FFFFFFFu, 4u}, {echo_skew, 0xFFFFFFFCu, 0xFFFFFFFCu},
                                       {echo_skew, 0xFFFFFFFBu, 0xFFFFFFFCu}, {echo_skew, 0x80000000u, 0xFFFFFFFCu}, {tail, 4u, 4u}, {tail, 5u, 4u},
                                       {lock_in_period, 6u, 6u}, {lock_in_period, 0x80000000u, 6u}, {watchdog, 0xFFFFFFFFu, 0xFFFFFFFFu}}) {
    CAPTURE(at);
    REQUIRE(write(board, at, asked) == BusStatus::ok);
    CHECK(read(board, at) == got);
  }
  for (const auto& [asked, got] : {std::pair{0u, 1u}, {1u, 1u}, {6u, 6u}, {7u, 6u}, {0xFFFFFFFFu, 6u}}) {
    REQUIRE(write(board, ticks, asked) == BusStatus::ok);
    CHECK(read(board, ticks) == got);
  }
}

TEST_CASE("bits that a register does not have read zero, and what is written to them is dropped") {
  ChipBoard board;
  for (const auto& [at, kept] : {std::pair{program, 0x7C7Fu}, {irq_mask, 0xFu}, {bank, 0x4FCFFu}, {view, 1u}}) {
    CAPTURE(at);
    REQUIRE(write(board, at, ~0x30300u) == BusStatus::ok);  // but for codes that NUDGE and KIND do not know
    CHECK(read(board, at) == kept);
    REQUIRE(write(board, at, ~kept & ~0x30300u) == BusStatus::ok);
    CHECK(read(board, at) == 0);
  }
  std::array<std::uint32_t, 1> word{};
  REQUIRE(board.bus.read(status, word) == BusStatus::ok);
  CHECK((word[0] & ~0xF0Fu) == 0);
}

TEST_CASE("a code that an enumerated field does not know is refused, with the whole burst that it comes in") {
  ChipBoard board;
  REQUIRE(write(board, program, 0x20F) == BusStatus::ok);
  CHECK(write(board, program, 0x30F) == BusStatus::access_error);
  CHECK(board.bus.write(program, std::array<std::uint32_t, 2>{0x101, 5}) == BusStatus::ok);
  CHECK(board.bus.write(program, std::array<std::uint32_t, 2>{0x3FF, 3}) == BusStatus::access_error);
  CHECK(read(board, program) == 0x101);
  CHECK(read(board, ticks) == 5);
  REQUIRE(write(board, bank, 0x40000) == BusStatus::ok);
  for (const auto kind : {5u, 6u, 7u}) CHECK(write(board, bank, kind << 16) == BusStatus::access_error);
  CHECK(board.bus.write(bank, std::array<std::uint32_t, 2>{0x50000, 3}) == BusStatus::access_error);
  CHECK(read(board, bank) == 0x40000);
  CHECK(read(board, address) == 0);
}

TEST_CASE("registers that must be finite refuse NaN and infinity, limits refuse NaN alone, by word, burst and stream") {
  ChipBoard board;
  set_up(board);
  REQUIRE(write(board, bank, drive_bank) == BusStatus::ok);
  const double signalling = std::bit_cast<double>(0x7FF0000000000001);  // a NaN by its low word alone
  for (const auto at : {weight_rate, data, parameter, rate, decay, gain_plus, gain_minus, minimum, maximum}) {
    CAPTURE(at);
    REQUIRE(write(board, address, 0) == BusStatus::ok);
    REQUIRE(write_double(board, at, 0.5) == BusStatus::ok);
    const bool is_limit = at == minimum || at == maximum;
    for (const double value : {double(NAN), -double(NAN), signalling, HUGE_VAL, -HUGE_VAL}) {
      const bool is_taken = is_limit && std::isinf(value);
      const auto expected = is_taken ? BusStatus::ok : BusStatus::access_error;
      const auto [low, high] = regmap::words_of(value);
      const auto now = [&] {
        REQUIRE(write(board, address, 0) == BusStatus::ok);
        return read_double(board, at);
      };
      REQUIRE(write(board, address, 0) == BusStatus::ok);
      CHECK(write_double(board, at, value) == expected);
      CHECK(now() == (is_taken ? value : 0.5));
      REQUIRE(write(board, address, 0) == BusStatus::ok);
      CHECK(board.bus.write_stream(at, std::array{0u, 0x40000000u, low, high}) == expected);  // not even the 2 before it
      CHECK(now() == (is_taken ? value : 0.5));
      REQUIRE(write(board, address, 0) == BusStatus::ok);
      CHECK(write(board, at, low) == BusStatus::ok);  // a low word alone is no number yet
      CHECK(write(board, at + 4, high) == expected);
      CHECK(now() == (is_taken ? value : 0.5));
      REQUIRE(write(board, address, 0) == BusStatus::ok);
      REQUIRE(write_double(board, at, 0.5) == BusStatus::ok);
    }
  }
}

TEST_CASE("half a double waits for its own register: no other takes it, and it serves once") {
  ChipBoard board;
  set_up(board);
  const auto [low, high] = regmap::words_of(1.0 / 3);
  const double high_alone = regmap::double_of(0, high);
  REQUIRE(write_double(board, rate, 2) == BusStatus::ok);
  REQUIRE(write(board, rate, low) == BusStatus::ok);
  REQUIRE(write(board, gain_plus + 4, high) == BusStatus::ok);
  CHECK(read_double(board, gain_plus) == high_alone);
  REQUIRE(write(board, rate + 4, high) == BusStatus::ok);  // the word that waited was given up with the other's commit
  CHECK(read_double(board, rate) == high_alone);
  REQUIRE(write_double(board, rate, 1.0 / 3) == BusStatus::ok);
  REQUIRE(write(board, rate + 4, high) == BusStatus::ok);
  CHECK(read_double(board, rate) == high_alone);
  // A refused high word leaves the low one waiting: the transfer changed nothing.
  REQUIRE(write(board, rate, low) == BusStatus::ok);
  CHECK(write(board, rate + 4, 0x7FF00000) == BusStatus::access_error);
  REQUIRE(write(board, rate + 4, high) == BusStatus::ok);
  CHECK(read_double(board, rate) == 1.0 / 3);
  // Reads: the high word of another register is its own.
  REQUIRE(write_double(board, gain_minus, -7) == BusStatus::ok);
  CHECK(read(board, rate) == low);
  CHECK(read(board, gain_minus + 4) == regmap::words_of(-7.0)[1]);
  REQUIRE(write_double(board, rate, 4) == BusStatus::ok);
  CHECK(read(board, rate + 4) == regmap::words_of(4.0)[1]);
}

TEST_CASE("a maximum below the minimum prevails, so that an update is never undefined") {
  ChipBoard board;
  set_up(board);
  select(board, all_slots[3]);
  REQUIRE(write_double(board, minimum, 3) == BusStatus::ok);
  REQUIRE(write_double(board, maximum, 1.5) == BusStatus::ok);
  present(board);
  select(board, all_slots[3]);
  CHECK(read_double(board, parameter) == 1.5);
}
