// Random legal and illegal bus traffic against a shadow of the registers: a property of every transaction, at any moment.
// TELLEGEN_TEST_TRAFFIC=N in the environment runs N campaigns in place of twenty.

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <string>

#include "modules/shadow_registers.hpp"

using namespace tellegen;
using regmap::Phase;
using test::ChipBoard;
using namespace test::board;

namespace {

constexpr int transactions = 5000;

int campaigns() {
  const char* wanted = std::getenv("TELLEGEN_TEST_TRAFFIC");
  return wanted ? std::stoi(wanted) : 20;
}

/// One chip under fire.
class Campaign {
 public:
  explicit Campaign(unsigned seed) : random_(seed) {
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.set_sensitivity(&board.update_strobe().value_changed_event());
    options.dont_initialize();
    sc_core::sc_spawn([this] { updates_ += board.update_strobe().read(); }, "count_updates", &options);
  }

  void run() {
    for (int i = 0; i < transactions && is_sound; ++i) {
      CAPTURE(i);
      send(any());
      if (chance(2)) wait();
      watch();
    }
  }

  ChipBoard board;
  bool is_sound = true;
  std::map<tlm::tlm_response_status, int> answers;
  std::map<Phase, int> phases;
  std::map<std::uint32_t, int> causes;  // how often each was seen set
  int checked_updates = 0;

 private:
  bool chance(unsigned one_in) { return random_() % one_in == 0; }
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  void require(bool condition, const char* what) {
    if (condition) return;
    is_sound = false;
    FAIL_CHECK(what);
  }

  void send(Payload payload) {
    const auto expected = shadow_.predict(payload, peek(board, status) >> 8 & 1);
    const auto bytes = payload.bytes;
    const auto response = payload.send(board);
    ++answers[response];
    CAPTURE(payload.at);
    CAPTURE(static_cast<int>(payload.kind));
    CAPTURE(payload.width);
    CAPTURE(bytes.size());
    require(response == expected, "the response is the one that the rules of the map predict");
    if (response != tlm::TLM_OK_RESPONSE)
      require(payload.bytes == bytes, "a refused transaction returns no data");
    else
      require(shadow_.follow(payload), "a register reads what the rules of the map predict");
  }

  Payload word(tlm::tlm_command kind, std::uint32_t at, std::uint32_t value = 0) {
    Payload payload{.kind = kind, .at = at, .bytes = std::vector<unsigned char>(4), .width = 4};
    std::memcpy(payload.bytes.data(), &value, 4);
    return payload;
  }

  /// A place of the map mostly; now and then beside it, or anywhere.
  std::uint64_t any_place() {
    if (chance(30)) return random_() >> below(40);
    if (chance(12)) return below(0x500);
    const auto& block = regmap::blocks[below(static_cast<std::uint32_t>(regmap::blocks.size()))];
    const auto& reg = *block.registers[below(static_cast<std::uint32_t>(block.registers.size()))];
    return reg.address() + (chance(4) ? 4 * (reg.words() - 1) : 0);
  }

  std::uint32_t any_word() {
    static constexpr std::uint32_t often[] = {0, 1, 2, 3, 4, 6, 15, 0x3FF00000, 0xBFF00000, 0x3F50624D, 0x7FF00000, 0xFFF00000, 0x7FF80000, 0xFFFFFFFF, 0x10000, 0x20000};
    return chance(4) ? static_cast<std::uint32_t>(random_()) >> below(32) : often[below(std::size(often))];
  }

  /// What a sensible program would do next, so that programs get far.
  Payload next_command() {
    switch (board.sequencer.state()) {
      case Phase::idle:
      case Phase::done: return word(tlm::TLM_WRITE_COMMAND, command, load);
      case Phase::load: return word(tlm::TLM_WRITE_COMMAND, command, start);
      case Phase::turn: return word(tlm::TLM_WRITE_COMMAND, command, resume);
      default: return word(tlm::TLM_READ_COMMAND, status);
    }
  }

  Payload any() {
    if (chance(5)) return next_command();
    if (chance(25)) return word(tlm::TLM_WRITE_COMMAND, command, any_word());
    if (chance(12)) return word(tlm::TLM_WRITE_COMMAND, program, 0xF | (any_word() & 0x7C70));  // a whole cycle, somehow
    if (chance(12)) return word(tlm::TLM_WRITE_COMMAND, watchdog, chance(2) ? 0 : below(30));
    if (chance(12)) return word(tlm::TLM_WRITE_COMMAND, chance(2) ? cell : slot, below(3));
    Payload payload;
    payload.kind = chance(30) ? tlm::TLM_IGNORE_COMMAND : chance(2) ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND;
    payload.at = any_place();
    payload.bytes.resize(chance(20) ? below(20) : 4 * (1 + below(chance(3) ? 6 : 2)));
    for (std::size_t at = 0; at + 4 <= payload.bytes.size(); at += 4) {
      const auto value = any_word();
      std::memcpy(payload.bytes.data() + at, &value, 4);
    }
    payload.width = static_cast<unsigned>(payload.bytes.size());
    if (chance(6)) payload.width = 8;
    if (chance(20)) payload.width = below(24);
    payload.byte_enables = chance(60);
    return payload;
  }

  /// Part of a cycle, a few cycles, up to an edge, or on the edge within its deltas.
  void wait() {
    if (chance(4)) {
      board.wait_for_edge();
      for (auto deltas = below(4); deltas > 0; --deltas) board.wait(0);
    } else {
      board.wait(1e-3 * below(chance(8) ? 12000 : 1500));
    }
    const bool is_settled = board.settled();
    follow_updates();
    if (!is_settled) return;
    const auto pending = peek(board, irq_status);
    require(board.irq.read() == ((pending & shadow_.interrupt_mask()) != 0), "the interrupt line is STATUS and MASK");
    for (std::uint32_t cause = 1; cause <= watchdog_cause; cause *= 2) causes[cause] += (pending & cause) != 0;
  }

  /// The cells' updates, by the law, from what they show.
  void follow_updates() {
    if (std::exchange(seen_updates_, updates_) == updates_) return;
    ++checked_updates;
    const auto at_cell = shadow_.cell_number(), at_slot = shadow_.slot_number();
    for (const auto& which : all_slots) {
      send(word(tlm::TLM_WRITE_COMMAND, cell, which.cell));
      send(word(tlm::TLM_WRITE_COMMAND, slot, which.slot));
      Payload sum{.at = accumulator, .bytes = std::vector<unsigned char>(8), .width = 8};
      require(sum.send(board) == tlm::TLM_OK_RESPONSE, "accumulators can be read at any time");
      (void)shadow_.follow(sum);
      double value = 0;
      std::memcpy(&value, sum.bytes.data(), 8);
      shadow_.update_selected(value);
      send({.at = parameter, .bytes = std::vector<unsigned char>(8), .width = 8});
    }
    send(word(tlm::TLM_WRITE_COMMAND, cell, at_cell));
    send(word(tlm::TLM_WRITE_COMMAND, slot, at_slot));
  }

  /// What holds at any moment.
  void watch() {
    const auto seen = peek(board, status);
    const auto phase = static_cast<Phase>(seen & 0xF);
    ++phases[phase];
    require((seen & 0xF) <= 8, "the phase is one of the nine");
    require((seen & ~0xF0Fu) == 0, "STATUS has no other bits");
    const bool runs = phase == Phase::clamped || (phase >= Phase::nudged_plus && phase <= Phase::update);
    require((seen >> 8 & 1) == runs, "BUSY is told by the phase");
    require(((seen & (fault_bit | watchdog_bit)) == 0) || !runs, "a program that was ended does not run");
    require(peek(board, fault_phase) <= 7, "FAULT_PHASE is a phase of a program");
  }

  ShadowRegisters shadow_;
  std::mt19937_64 random_;
  int updates_ = 0, seen_updates_ = 0;
};

}  // namespace

TEST_CASE("random traffic, legal or not, at any time: every answer and every register as the map's rules say, and then the chip learns as ever") {
  const auto expected = [] {
    ChipBoard board;
    return learn(board);
  }();
  std::map<tlm::tlm_response_status, int> answers;
  std::map<Phase, int> phases;
  std::map<std::uint32_t, int> causes;
  int updates = 0;
  for (int campaign = 0; campaign < campaigns(); ++campaign) {
    CAPTURE(campaign);
    Campaign fire(static_cast<unsigned>(100 + campaign));
    fire.run();
    auto& board = fire.board;
    REQUIRE(write(board, command, abort_now) == bus::BusStatus::ok);
    REQUIRE(phase(board) == Phase::idle);
    REQUIRE(write(board, irq_status, all_causes) == bus::BusStatus::ok);
    CHECK(learn(board) == expected);
    for (const auto& [answer, count] : fire.answers) answers[answer] += count;
    for (const auto& [phase, count] : fire.phases) phases[phase] += count;
    for (const auto& [cause, count] : fire.causes) causes[cause] += count;
    updates += fire.checked_updates;
  }
  // The traffic went everywhere.
  for (const auto answer : {tlm::TLM_OK_RESPONSE, tlm::TLM_GENERIC_ERROR_RESPONSE, tlm::TLM_ADDRESS_ERROR_RESPONSE, tlm::TLM_COMMAND_ERROR_RESPONSE,
                            tlm::TLM_BURST_ERROR_RESPONSE, tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE})
    CHECK(answers[answer] > 20);
  for (std::uint32_t code = 0; code < regmap::phase_count; ++code) CHECK(phases[static_cast<Phase>(code)] > 0);
  for (const auto cause : {turn_cause, done_cause, watchdog_cause}) CHECK(causes[cause] > 0);
  CHECK(updates > 20);
}
