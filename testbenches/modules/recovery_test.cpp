// Programs that are cut short at any moment: nothing of them is left, or all of them is.

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

#include "modules/board_program.hpp"

using namespace tellegen;
using bus::BusStatus;
using regmap::Phase;
using test::ChipBoard;
using namespace test::board;

namespace {

using Bits = std::vector<std::uint64_t>;
using Random = std::mt19937_64;

Bits bits_of(const std::vector<double>& values) {
  Bits bits;
  for (const double value : values) bits.push_back(std::bit_cast<std::uint64_t>(value));
  return bits;
}

/// Half of every accumulator is kept: what a presentation leaves behind shows in all that follow.
constexpr double kept_part = 0.5;

/// What an undisturbed chip has learned after 0, 1, 2 and 3 learning cycles.
const std::vector<Bits>& undisturbed() {
  static const auto all = [] {
    ChipBoard board;
    set_up(board, kept_part);
    std::vector<Bits> after{bits_of(learned(board))};
    for (int cycle = 0; cycle < 3; ++cycle) present(board), after.push_back(bits_of(learned(board)));
    return after;
  }();
  return all;
}

/// The software is gone: thrown out of a transfer.
struct Gone {};

/// Bus of software that vanishes after a number of words: in the middle of a double, of a burst, of a wait.
class VanishingBus final : public bus::Bus {
 public:
  VanishingBus(ChipBoard& board, std::size_t words, double cycles_in_wait) : board_(board), words_(words), cycles_in_wait_(cycles_in_wait) {}

  BusStatus read(std::uint32_t at, std::span<std::uint32_t> words) override {
    return pass(words, [&](auto some) { return board_.bus.read(at, some); });
  }
  BusStatus write(std::uint32_t at, std::span<const std::uint32_t> words) override {
    return pass(words, [&](auto some) { return board_.bus.write(at, some); });
  }
  BusStatus read_stream(std::uint32_t at, std::span<std::uint32_t> words) override {
    return pass(words, [&](auto some) { return some.size() % 2 ? BusStatus::ok : board_.bus.read_stream(at, some); });
  }
  BusStatus write_stream(std::uint32_t at, std::span<const std::uint32_t> words) override {
    return pass(words, [&](auto some) { return some.size() % 2 ? board_.bus.write(at, some.first(1)) : board_.bus.write_stream(at, some); });
  }
  BusStatus wait_for_interrupt() override {
    if (words_ < patience_) {
      board_.wait(cycles_in_wait_);
      throw Gone{};
    }
    words_ -= patience_;
    return board_.bus.wait_for_interrupt();
  }

 private:
  static constexpr std::size_t patience_ = 20;  // a wait counts as so many words

  template <class Words, class Transfer>
  BusStatus pass(Words words, const Transfer& transfer) {
    if (words.size() <= words_) {
      words_ -= words.size();
      return transfer(words);
    }
    if (words_ > 0) (void)transfer(words.first(words_));
    throw Gone{};
  }

  ChipBoard& board_;
  std::size_t words_;
  double cycles_in_wait_;
};

/// How many cycles count after a program that was cut short: one, as the cells are as before it, or two, after its update.
/// Anything between is a failure.
std::size_t whole_cycles(ChipBoard& board) {
  const auto now = bits_of(learned(board));
  const bool is_before = now == undisturbed()[1], is_after = now == undisturbed()[2];
  CHECK((is_before || is_after));
  return is_after ? 2 : 1;
}

/// A fresh cycle gives the bits of a chip that was never disturbed.
void check_recovery(ChipBoard& board, std::size_t cycles) {
  REQUIRE(write(board, irq_status, all_causes) == BusStatus::ok);
  CHECK(write(board, watchdog, 0) == BusStatus::ok);
  present(board);
  CHECK(bits_of(learned(board)) == undisturbed()[cycles + 1]);
}

void abort_and_check(ChipBoard& board, std::map<Phase, int>& seen) {
  ++seen[board.sequencer.state()];
  REQUIRE(poke(board, command, abort_now) == tlm::TLM_OK_RESPONSE);
  board.wait(1.25);
  REQUIRE(phase(board) == Phase::idle);
  check_recovery(board, whole_cycles(board));
}

/// Starts the second of two cycles and brings it to a running phase: clamped, or the first after turn.
void run_second_cycle(ChipBoard& board, bool past_turn) {
  REQUIRE(write(board, command, load) == BusStatus::ok);
  if (!past_turn) {
    REQUIRE(write(board, command, start) == BusStatus::ok);
    return;
  }
  run_to_interrupt(board, start);
  REQUIRE(write(board, command, resume) == BusStatus::ok);
}

}  // namespace

TEST_CASE("the cycles of these tests differ from one another, momentum included") {
  const std::set<Bits> all(undisturbed().begin(), undisturbed().end());
  CHECK(all.size() == 4);
  ChipBoard board;
  set_up(board, 0);
  present(board), present(board);
  CHECK(bits_of(learned(board)) != undisturbed()[2]);
}

TEST_CASE("software that vanishes within any word of a learning cycle leaves a chip that an abort makes as good as new") {
  Random random(11);
  std::map<Phase, int> seen;
  for (std::size_t words = 0; words < 130; ++words) {
    CAPTURE(words);
    ChipBoard board;
    set_up(board, kept_part);
    present(board);
    VanishingBus software(board, words, 0.25 * static_cast<double>(random() % 64));
    bool is_gone = false;
    try {
      present(software);
    } catch (const Gone&) {
      is_gone = true;
    }
    if (is_gone) {
      abort_and_check(board, seen);
    } else {
      CHECK(whole_cycles(board) == 2);
    }
  }
  for (const auto phase : {Phase::load, Phase::clamped, Phase::turn, Phase::nudged_plus, Phase::nudged_minus}) CHECK(seen[phase] > 0);
}

TEST_CASE("an abort at any quarter of any clock cycle, on the edges too, leaves the cells as before the program or as after its update") {
  std::map<Phase, int> seen;
  for (const bool past_turn : {false, true})
    for (int quarter = 0; quarter < 4 * (past_turn ? 17 : 9); ++quarter)
      for (const int deltas : {0, 1, 2}) {
        CAPTURE(quarter);
        ChipBoard board;
        set_up(board, kept_part);
        present(board);
        run_second_cycle(board, past_turn);
        board.wait_for_edge();
        board.wait(0.25 * quarter);
        for (int i = 0; i < deltas; ++i) board.wait(0);
        abort_and_check(board, seen);
      }
  for (const auto phase : {Phase::clamped, Phase::turn, Phase::nudged_plus, Phase::nudged_minus, Phase::accumulate, Phase::update, Phase::done})
    CHECK(seen[phase] > 0);
}

TEST_CASE("an abort between accumulate and the end takes the aborted gradient out of the accumulators again") {
  for (const bool with_update : {false, true}) {
    ChipBoard board;
    set_up(board, kept_part);
    present(board);
    const auto before = bits_of(learned(board));
    REQUIRE(write(board, program, with_update ? 0b0101111 : 0b0100111) == BusStatus::ok);
    run_second_cycle(board, true);
    const auto at = board.sequencer.state();
    while (board.sequencer.state() != Phase::accumulate) board.wait(0.25);
    REQUIRE(poke(board, command, abort_now) == tlm::TLM_OK_RESPONSE);
    CHECK(at == Phase::nudged_plus);
    board.wait(0.1);
    REQUIRE(poke(board, cell, 0) == tlm::TLM_OK_RESPONSE);
    REQUIRE(poke(board, slot, 0) == tlm::TLM_OK_RESPONSE);
    CHECK(bits_of({peek_double(board, accumulator)})[0] != before[0]);  // gathered already
    board.wait(1);
    CHECK(bits_of(learned(board)) == before);
    CHECK(phase(board) == Phase::idle);
  }
}

TEST_CASE("loads that are aborted again and again do not wear the momentum down") {
  ChipBoard board;
  set_up(board, kept_part);
  present(board);
  for (int i = 0; i < 20; ++i) {
    REQUIRE(write(board, command, load) == BusStatus::ok);
    REQUIRE(write(board, command, abort_now) == BusStatus::ok);
  }
  CHECK(whole_cycles(board) == 1);
  check_recovery(board, 1);
}

TEST_CASE("an abort from done keeps what the program did, with and without an update of its own") {
  for (const std::uint32_t bits : {0b0101111u, 0b0100111u, 0b0100011u}) {
    ChipBoard board;
    set_up(board, kept_part);
    present(board);
    REQUIRE(write(board, program, bits) == BusStatus::ok);
    present(board);
    const auto done = bits_of(learned(board));
    REQUIRE(write(board, command, abort_now) == BusStatus::ok);
    CHECK(phase(board) == Phase::idle);
    CHECK(bits_of(learned(board)) == done);
  }
}

TEST_CASE("a fault of the analog array in any cycle leaves the cells as before the program, and the next one runs as if it had not been") {
  for (const bool past_turn : {false, true})
    for (int cycle = 0; cycle < (past_turn ? 12 : 6); ++cycle) {
      CAPTURE(cycle);
      ChipBoard board;
      set_up(board, kept_part);
      present(board);
      run_second_cycle(board, past_turn);
      if (cycle > 0) {
        board.wait_for_edge();
        board.wait(cycle - 0.25);
      }
      board.set_fault(true);
      CHECK(board.bus.wait_for_interrupt() == BusStatus::ok);
      board.set_fault(false);
      board.wait(1);
      CHECK(read(board, irq_status) == fault_cause);
      CHECK(read(board, status) == fault_bit);
      CHECK(read(board, fault_phase) == (past_turn ? (cycle < 6 ? 4 : 5) : 2));
      CHECK(read(board, fault_tick) == static_cast<std::uint32_t>(cycle % 6));
      CHECK(whole_cycles(board) == 1);
      check_recovery(board, 1);
    }
}

TEST_CASE("a watchdog that ends any phase leaves the cells as before the program, and the next one runs as if it had not been") {
  struct Row {
    std::uint32_t before_turn, after_turn;  // WATCHDOG
    std::uint32_t tail;
    std::uint32_t phase, tick;
  };
  for (const Row& row : {Row{1, 0, 0, 2, 1}, Row{3, 0, 0, 2, 3}, Row{5, 0, 0, 2, 5}, Row{0, 2, 0, 4, 2}, Row{0, 5, 0, 4, 5}, Row{0, 8, 4, 4, 8}, Row{60, 60, 0, 3, 60}}) {
    CAPTURE(row.tick);
    ChipBoard board;
    set_up(board, kept_part);
    present(board);
    REQUIRE(write(board, tail, row.tail) == BusStatus::ok);
    REQUIRE(write(board, watchdog, row.before_turn) == BusStatus::ok);
    REQUIRE(write(board, command, load) == BusStatus::ok);
    REQUIRE(write(board, command, start) == BusStatus::ok);
    REQUIRE(board.bus.wait_for_interrupt() == BusStatus::ok);
    if (row.phase > 2) {
      CHECK(read(board, irq_status) == turn_cause);
      REQUIRE(write(board, irq_status, turn_cause) == BusStatus::ok);
      REQUIRE(write(board, watchdog, row.after_turn) == BusStatus::ok);
      if (row.phase > 3) REQUIRE(write(board, command, resume) == BusStatus::ok);
      REQUIRE(board.bus.wait_for_interrupt() == BusStatus::ok);
    }
    CHECK(read(board, irq_status) == watchdog_cause);
    CHECK(read(board, status) == watchdog_bit);
    CHECK(read(board, fault_phase) == row.phase);
    CHECK(read(board, fault_tick) == row.tick);
    CHECK(whole_cycles(board) == 1);
    REQUIRE(write(board, tail, 0) == BusStatus::ok);
    check_recovery(board, 1);
  }
}
