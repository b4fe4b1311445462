#include <doctest/doctest.h>

#include "runtime/drivers/interrupts.hpp"
#include "tellegen/bus/recording_bus.hpp"

using namespace tellegen;
using bus::BusStatus;
using bus::RecordingBus;
using drivers::Interrupts;
using drivers::Status;

TEST_CASE("enabling writes exactly the named causes to the mask") {
  RecordingBus bus;
  Interrupts interrupts(bus);
  CHECK(interrupts.enable({.turn = true, .fault = true}) == Status::ok);
  CHECK(bus.stored(0x0104) == 0b101);
  CHECK(interrupts.enable({.watchdog = true}) == Status::ok);
  CHECK(bus.stored(0x0104) == 0b1000);
  CHECK(interrupts.enable({.done = true}) == Status::ok);
  CHECK(bus.stored(0x0104) == 0b010);
  Interrupts::Causes causes;
  CHECK(interrupts.enabled(causes) == Status::ok);
  CHECK(causes == Interrupts::Causes{.done = true});
}

TEST_CASE("acknowledging clears the named causes and no others") {
  RecordingBus bus;
  bus.preset(0x0100, 0b1111);
  Interrupts interrupts(bus);
  CHECK(interrupts.acknowledge({.turn = true}) == Status::ok);
  CHECK(bus.stored(0x0100) == 0b1110);
  Interrupts::Causes causes;
  CHECK(interrupts.pending(causes) == Status::ok);
  CHECK(causes == Interrupts::Causes{.done = true, .fault = true, .watchdog = true});
}

TEST_CASE("a wait tells what happened and acknowledges it") {
  RecordingBus bus;
  bus.raise_interrupts(1);
  bus.preset(0x0100, 0b010);
  Interrupts interrupts(bus);
  Interrupts::Causes causes;
  CHECK(interrupts.wait(causes) == Status::ok);
  CHECK(causes == Interrupts::Causes{.done = true});
  CHECK(bus.stored(0x0100) == 0);
}

TEST_CASE("a wait without an interrupt times out and leaves the output alone") {
  RecordingBus bus;
  bus.preset(0x0100, 0b001);
  Interrupts interrupts(bus);
  Interrupts::Causes causes{.fault = true};
  CHECK(interrupts.wait(causes) == Status::timeout);
  CHECK(causes == Interrupts::Causes{.fault = true});
  CHECK(bus.writes().empty());
}

TEST_CASE("an interrupt without a cause is a bad reply") {
  RecordingBus bus;
  bus.raise_interrupts(1);
  Interrupts interrupts(bus);
  Interrupts::Causes causes;
  CHECK(interrupts.wait(causes) == Status::bad_reply);
  CHECK(bus.writes().empty());
}

TEST_CASE("a failed acknowledge is told, and the output stays") {
  RecordingBus bus;
  bus.raise_interrupts(1);
  bus.preset(0x0100, 0b001);
  bus.fail(BusStatus::address_error, 2);
  Interrupts interrupts(bus);
  Interrupts::Causes causes;
  CHECK(interrupts.wait(causes) == Status::bus_error);
  CHECK_FALSE(causes.any());
}
