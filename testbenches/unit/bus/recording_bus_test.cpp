#include <doctest/doctest.h>

#include <array>

#include "tellegen/bus/recording_bus.hpp"

using namespace tellegen::bus;
using Kind = RecordingBus::Kind;

namespace {
std::uint32_t read_one(Bus& bus, std::uint32_t address) {
  std::array<std::uint32_t, 1> word{0xBAD};
  REQUIRE(bus.read(address, word) == BusStatus::ok);
  return word[0];
}
BusStatus write_one(Bus& bus, std::uint32_t address, std::uint32_t word) {
  return bus.write(address, std::array{word});
}
}  // namespace

TEST_CASE("registers start at their reset values and keep what is written") {
  RecordingBus bus;
  CHECK(read_one(bus, 0x0000) == 0x544C474E);
  CHECK(read_one(bus, 0x0014) == 1);
  REQUIRE(write_one(bus, 0x0014, 7) == BusStatus::ok);
  CHECK(read_one(bus, 0x0014) == 7);
}

TEST_CASE("every transfer is recorded with its words and its status") {
  RecordingBus bus;
  bus.preset(0x0210, 3);
  CHECK(read_one(bus, 0x0210) == 3);
  CHECK(bus.write(0x0300, std::array<std::uint32_t, 2>{5, 1}) == BusStatus::ok);
  CHECK(write_one(bus, 0x0000, 9) == BusStatus::access_error);
  REQUIRE(bus.transfers().size() == 3);
  CHECK(bus.transfers()[0] == RecordingBus::Transfer{Kind::read, 0x0210, {3}, BusStatus::ok});
  CHECK(bus.transfers()[1] == RecordingBus::Transfer{Kind::write, 0x0300, {5, 1}, BusStatus::ok});
  CHECK(bus.transfers()[2] == RecordingBus::Transfer{Kind::write, 0x0000, {}, BusStatus::access_error});
  CHECK(bus.writes().size() == 2);
  bus.forget_transfers();
  CHECK(bus.transfers().empty());
}

TEST_CASE("scripted words come in turn and the last one stays") {
  RecordingBus bus;
  bus.script(0x000C, {2, 2, 3});
  CHECK(read_one(bus, 0x000C) == 2);
  CHECK(read_one(bus, 0x000C) == 2);
  CHECK(read_one(bus, 0x000C) == 3);
  CHECK(read_one(bus, 0x000C) == 3);
}

TEST_CASE("writing a one clears a w1c bit and a zero leaves it") {
  RecordingBus bus;
  bus.preset(0x0100, 0b101);
  REQUIRE(write_one(bus, 0x0100, 0b011) == BusStatus::ok);
  CHECK(read_one(bus, 0x0100) == 0b100);
}

TEST_CASE("a busy STATUS locks the locked registers") {
  RecordingBus bus;
  bus.preset(0x000C, 0x103);
  CHECK(write_one(bus, 0x0010, 1) == BusStatus::locked);
  CHECK(bus.stored(0x0010) == 0);
  bus.preset(0x000C, 8);
  CHECK(write_one(bus, 0x0010, 1) == BusStatus::ok);
}

TEST_CASE("streams repeat the two words of one register") {
  RecordingBus bus;
  bus.script_doubles(0x0208, std::array{1.5, -2.0});
  std::array<std::uint32_t, 4> words{};
  REQUIRE(bus.read_stream(0x0208, words) == BusStatus::ok);
  CHECK(words == std::array<std::uint32_t, 4>{0, 0x3FF80000, 0, 0xC0000000});
  REQUIRE(bus.write_stream(0x0208, std::array<std::uint32_t, 4>{1, 2, 3, 4}) == BusStatus::ok);
  CHECK(bus.stored(0x0208) == 3);
  CHECK(bus.stored(0x020C) == 4);
  CHECK(bus.transfers().back().words == std::vector<std::uint32_t>{1, 2, 3, 4});
}

TEST_CASE("an injected failure hits the chosen transfer alone and changes nothing") {
  RecordingBus bus;
  bus.fail(BusStatus::timeout, 1);
  CHECK(write_one(bus, 0x0014, 2) == BusStatus::ok);
  CHECK(write_one(bus, 0x0014, 3) == BusStatus::timeout);
  CHECK(bus.stored(0x0014) == 2);
  CHECK(write_one(bus, 0x0014, 4) == BusStatus::ok);
}

TEST_CASE("a wait beyond the raised interrupts times out") {
  RecordingBus bus;
  bus.raise_interrupts(1);
  CHECK(bus.wait_for_interrupt() == BusStatus::ok);
  CHECK(bus.wait_for_interrupt() == BusStatus::timeout);
  CHECK(bus.transfers().back().kind == Kind::wait);
}

TEST_CASE("every bus status has a name of its own") {
  CHECK(name_of(BusStatus::ok) == "ok");
  CHECK(name_of(BusStatus::locked) == "locked");
  CHECK(name_of(BusStatus::address_error) != name_of(BusStatus::access_error));
}

TEST_CASE("what a register cannot hold is refused or dropped, as on a chip") {
  RecordingBus bus;
  CHECK(write_one(bus, 0x0010, 0x300) == BusStatus::access_error);
  CHECK(bus.stored(0x0010) == 0);
  CHECK(write_one(bus, 0x0104, 0xFFFFFFFF) == BusStatus::ok);
  CHECK(bus.stored(0x0104) == 0xF);
  CHECK(bus.write(0x0310, std::array<std::uint32_t, 2>{0, 0x7FF80000}) == BusStatus::access_error);
  CHECK(bus.write_stream(0x0310, std::array<std::uint32_t, 4>{0, 0x3FF00000, 0, 0x7FF00000}) == BusStatus::access_error);
  CHECK(bus.stored_double(0x0310) == 0);
  CHECK(write_one(bus, 0x0328, 1) == BusStatus::ok);
  CHECK(write_one(bus, 0x032C, 0xFFF00000) == BusStatus::access_error);  // a NaN with the low word before it
}
