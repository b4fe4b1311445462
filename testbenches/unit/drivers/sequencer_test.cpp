#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "runtime/drivers/sequencer.hpp"
#include "tellegen/bus/recording_bus.hpp"

using namespace tellegen;
using bus::BusStatus;
using bus::RecordingBus;
using drivers::Phase;
using drivers::Sequencer;
using drivers::Status;
using Kind = RecordingBus::Kind;
using Writes = std::vector<RecordingBus::Transfer>;

namespace {
Writes written(std::uint32_t address, std::uint32_t word) { return {{Kind::write, address, {word}, BusStatus::ok}}; }
}  // namespace

TEST_CASE("the sequencer is identified by its letters and major version") {
  RecordingBus bus;
  Sequencer sequencer(bus);
  CHECK(sequencer.identify() == Status::ok);
  bus.preset(0x0004, 0x00010007);
  CHECK(sequencer.identify() == Status::ok);
  bus.preset(0x0004, 0x00020000);
  CHECK(sequencer.identify() == Status::wrong_device);
  bus.preset(0x0004, 0x00010000);
  bus.preset(0x0000, 0x12345678);
  CHECK(sequencer.identify() == Status::wrong_device);
}

TEST_CASE("each command writes its one bit, in its phase only") {
  struct Row {
    Status (Sequencer::*command)();
    std::uint32_t bit;
    std::vector<std::uint32_t> legal;
    Status otherwise;
  };
  const Row rows[] = {{&Sequencer::load, 1, {0, 8}, Status::busy},
                      {&Sequencer::start, 2, {1}, Status::wrong_phase},
                      {&Sequencer::resume, 4, {3}, Status::wrong_phase}};
  for (const Row& row : rows) {
    for (std::uint32_t phase = 0; phase <= 8; ++phase) {
      CAPTURE(row.bit);
      CAPTURE(phase);
      RecordingBus bus;
      bus.preset(0x000C, phase | (phase == 0 || phase == 8 ? 0u : 0x100u));
      Sequencer sequencer(bus);
      const bool legal = std::find(row.legal.begin(), row.legal.end(), phase) != row.legal.end();
      CHECK((sequencer.*row.command)() == (legal ? Status::ok : row.otherwise));
      CHECK(bus.writes() == (legal ? written(0x0008, row.bit) : Writes{}));
    }
  }
}

TEST_CASE("abort is written in any phase") {
  for (std::uint32_t phase = 0; phase <= 8; ++phase) {
    RecordingBus bus;
    bus.preset(0x000C, phase | 0x100);
    Sequencer sequencer(bus);
    CHECK(sequencer.abort() == Status::ok);
    CHECK(bus.writes() == written(0x0008, 8));
  }
}

TEST_CASE("a command that the device refuses is told") {
  RecordingBus bus;
  bus.script(0x000C, {0x000, 0x200});
  Sequencer sequencer(bus);
  CHECK(sequencer.load() == Status::refused);
}

TEST_CASE("status is taken apart into phase, busy, refused, fault and watchdog") {
  RecordingBus bus;
  Sequencer sequencer(bus);
  Sequencer::State state;
  bus.preset(0x000C, 0x103);
  REQUIRE(sequencer.state(state) == Status::ok);
  CHECK(state == Sequencer::State{Phase::turn, true, false, false});
  bus.preset(0x000C, 0x600);
  REQUIRE(sequencer.state(state) == Status::ok);
  CHECK(state == Sequencer::State{Phase::idle, false, true, true, false});
  bus.preset(0x000C, 0x800);
  REQUIRE(sequencer.state(state) == Status::ok);
  CHECK(state == Sequencer::State{.watchdog = true});
}

TEST_CASE("a phase that the map does not know is a bad reply and leaves the output alone") {
  RecordingBus bus;
  bus.preset(0x000C, 9);
  Sequencer sequencer(bus);
  Phase phase = Phase::update;
  CHECK(sequencer.phase(phase) == Status::bad_reply);
  CHECK(phase == Phase::update);
  CHECK(sequencer.load() == Status::bad_reply);
  CHECK(bus.writes().empty());
}

TEST_CASE("a program is one word, each switch its own bit, and reads back") {
  using Program = Sequencer::Program;
  const std::pair<Program, std::uint32_t> rows[] = {
      {{}, 0x00},
      {{.nudged_plus = true}, 0x01},
      {{.nudged_minus = true}, 0x02},
      {{.accumulate = true}, 0x04},
      {{.update = true}, 0x08},
      {{.swap_ports = true}, 0x10},
      {{.replay_bias = true}, 0x20},
      {{.product_only = true}, 0x40},
      {{.nudge = 1}, 0x100},
      {{.nudge = 2}, 0x200},
      {{.flip_loss = true}, 0x400},
      {{.potential = true}, 0x800},
      {{.settled_only = true}, 0x1000},
      {{.clamp_outputs = true}, 0x2000},
      {{.turn_again = true}, 0x4000},
      {{.lockstep = true}, 0x8000},
      {{.nudged_plus = true, .accumulate = true, .update = true}, 0x0D},
  };
  for (const auto& [program, word] : rows) {
    RecordingBus bus;
    Sequencer sequencer(bus);
    REQUIRE(sequencer.set_program(program) == Status::ok);
    CHECK(bus.writes() == written(0x0010, word));
    Program back{.update = true, .product_only = true};
    REQUIRE(sequencer.program(back) == Status::ok);
    CHECK(back == program);
  }
}

TEST_CASE("settings are refused as busy while a program runs") {
  RecordingBus bus;
  bus.preset(0x000C, 0x102);
  Sequencer sequencer(bus);
  CHECK(sequencer.set_program({.update = true}) == Status::busy);
  CHECK(sequencer.set_ticks(10) == Status::busy);
  CHECK(sequencer.set_echo_skew(0.5) == Status::busy);
  CHECK(sequencer.set_watchdog(5) == Status::busy);
  CHECK(bus.stored(0x0010) == 0);
  CHECK(bus.stored(0x0014) == 1);
  CHECK(bus.stored(0x001C) == 0);
}

TEST_CASE("a phase of no cycles is refused before the bus is touched") {
  RecordingBus bus;
  Sequencer sequencer(bus);
  CHECK(sequencer.set_ticks(0) == Status::bad_argument);
  CHECK(bus.transfers().empty());
  CHECK(sequencer.set_ticks(4096) == Status::ok);
  CHECK(bus.writes() == written(0x0014, 4096));
  std::uint32_t ticks = 0;
  CHECK(sequencer.ticks(ticks) == Status::ok);
  CHECK(ticks == 4096);
}

TEST_CASE("the echo's skew is written in halves, negative ones in two's complement") {
  for (const auto& [skew, word] : {std::pair{-1.0, 0xFFFFFFFEu}, std::pair{0.0, 0u}, std::pair{0.5, 1u},
                                   std::pair{-0.5, 0xFFFFFFFFu}, std::pair{2.0, 4u}}) {
    RecordingBus bus;
    Sequencer sequencer(bus);
    CHECK(sequencer.set_echo_skew(skew) == Status::ok);
    CHECK(bus.writes() == written(0x001C, word));
    double back = 99;
    CHECK(sequencer.echo_skew(back) == Status::ok);
    CHECK(back == skew);
  }
}

TEST_CASE("a skew that is no multiple of a half, or out of range, is refused before the bus is touched") {
  RecordingBus bus;
  Sequencer sequencer(bus);
  for (const double skew : {0.25, 2.5, -3.0, 1e300, std::numeric_limits<double>::quiet_NaN()})
    CHECK(sequencer.set_echo_skew(skew) == Status::bad_argument);
  CHECK(bus.transfers().empty());
}

TEST_CASE("counters are read from their own words") {
  RecordingBus bus;
  bus.preset(0x0018, 100);
  bus.preset(0x0020, 17);
  for (std::uint32_t i = 0; i < 9; ++i) bus.preset(0x0040 + 4 * i, 1000 + i);
  Sequencer sequencer(bus);
  std::uint32_t value = 0;
  CHECK(sequencer.steps_per_tick(value) == Status::ok);
  CHECK(value == 100);
  Sequencer::Fault fault;
  bus.preset(0x0064, 5);
  CHECK(sequencer.fault(fault) == Status::ok);
  CHECK(fault == Sequencer::Fault{Phase::nudged_minus, 17});
  bus.preset(0x0064, 9);
  CHECK(sequencer.fault(fault) == Status::bad_reply);
  CHECK(fault == Sequencer::Fault{Phase::nudged_minus, 17});
  CHECK(sequencer.cycles(Phase::idle, value) == Status::ok);
  CHECK(value == 1000);
  CHECK(sequencer.cycles(Phase::nudged_minus, value) == Status::ok);
  CHECK(value == 1005);
  CHECK(sequencer.cycles(Phase::done, value) == Status::ok);
  CHECK(value == 1008);
  CHECK(sequencer.cycles(static_cast<Phase>(9), value) == Status::bad_argument);
}

TEST_CASE("a bus failure comes through every sequencer call as what it is") {
  RecordingBus bus;
  Sequencer sequencer(bus);
  bus.fail(BusStatus::timeout);
  CHECK(sequencer.load() == Status::timeout);
  bus.fail(BusStatus::address_error, 1);  // the command itself, after the guard's read
  CHECK(sequencer.load() == Status::bus_error);
  bus.fail(BusStatus::access_error, 2);  // the read back
  CHECK(sequencer.load() == Status::bus_error);
  std::uint32_t cycles = 5;
  bus.fail(BusStatus::timeout);
  CHECK(sequencer.cycles(Phase::turn, cycles) == Status::timeout);
  CHECK(cycles == 5);
}
