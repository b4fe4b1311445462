#include <doctest/doctest.h>

#include <limits>

#include "runtime/drivers/cells.hpp"
#include "tellegen/bus/recording_bus.hpp"

using namespace tellegen;
using bus::BusStatus;
using bus::RecordingBus;
using drivers::Cells;
using drivers::Status;
using drivers::View;
using Kind = RecordingBus::Kind;
using Writes = std::vector<RecordingBus::Transfer>;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Five cells; the selected one shows two slots.
RecordingBus small_chip() {
  RecordingBus bus;
  bus.preset(0x0308, 5);
  bus.preset(0x030C, 2);
  return bus;
}

/// The window is moved to cell 3, slot 1, then one register is written.
Writes window_then(std::uint32_t address, std::vector<std::uint32_t> words) {
  return {{Kind::write, 0x0300, {3}, BusStatus::ok},
          {Kind::write, 0x0304, {1}, BusStatus::ok},
          {Kind::write, address, std::move(words), BusStatus::ok}};
}
}  // namespace

TEST_CASE("counts are read: cells of the chip, slots of the selected cell") {
  RecordingBus bus = small_chip();
  Cells cells(bus);
  std::uint32_t number = 0;
  CHECK(cells.count(number) == Status::ok);
  CHECK(number == 5);
  CHECK(cells.slots(4, number) == Status::ok);
  CHECK(number == 2);
  CHECK(bus.writes() == Writes{{Kind::write, 0x0300, {4}, BusStatus::ok}});
  CHECK(cells.slots(5, number) == Status::bad_argument);
}

TEST_CASE("every setter moves the window and writes its own register") {
  RecordingBus bus = small_chip();
  Cells cells(bus);
  SUBCASE("parameter") {
    CHECK(cells.set_parameter(3, 1, 1.0) == Status::ok);
    CHECK(bus.writes() == window_then(0x0310, {0, 0x3FF00000}));
  }
  SUBCASE("rate") {
    CHECK(cells.set_rate(3, 1, -2.0) == Status::ok);
    CHECK(bus.writes() == window_then(0x0320, {0, 0xC0000000}));
  }
  SUBCASE("limits, both in one transfer") {
    CHECK(cells.set_limits(3, 1, -infinity, 1.0) == Status::ok);
    CHECK(bus.writes() == window_then(0x0328, {0, 0xFFF00000, 0, 0x3FF00000}));
  }
  SUBCASE("decay") {
    CHECK(cells.set_decay(3, 1, 0.5) == Status::ok);
    CHECK(bus.writes() == window_then(0x0338, {0, 0x3FE00000}));
  }
  SUBCASE("view") {
    CHECK(cells.set_view(3, 1, View::reciprocal) == Status::ok);
    CHECK(bus.writes() == window_then(0x0340, {1}));
  }
}

TEST_CASE("parameter and accumulator are read through the window") {
  RecordingBus bus = small_chip();
  bus.preset_double(0x0310, 1e-5);
  bus.preset_double(0x0318, -0.25);
  Cells cells(bus);
  double value = 0;
  CHECK(cells.parameter(3, 1, value) == Status::ok);
  CHECK(value == 1e-5);
  CHECK(cells.accumulator(3, 1, value) == Status::ok);
  CHECK(value == -0.25);
  CHECK(bus.writes().size() == 4);
}

TEST_CASE("a cell that is not there is refused and the window stays") {
  RecordingBus bus = small_chip();
  Cells cells(bus);
  double value = 7;
  CHECK(cells.set_parameter(5, 0, 1.0) == Status::bad_argument);
  CHECK(cells.accumulator(5, 0, value) == Status::bad_argument);
  CHECK(cells.set_view(5, 0, View::identity) == Status::bad_argument);
  CHECK(value == 7);
  CHECK(bus.writes().empty());
}

TEST_CASE("a slot that the cell has not is refused and no parameter is written") {
  RecordingBus bus = small_chip();
  Cells cells(bus);
  CHECK(cells.set_parameter(0, 2, 1.0) == Status::bad_argument);
  CHECK(cells.set_limits(0, 2, 0.0, 1.0) == Status::bad_argument);
  for (const auto& transfer : bus.writes()) CHECK(transfer.address == 0x0300);
}

TEST_CASE("values that no cell may hold are refused before the bus is touched") {
  RecordingBus bus = small_chip();
  Cells cells(bus);
  CHECK(cells.set_parameter(0, 0, not_a_number) == Status::bad_argument);
  CHECK(cells.set_parameter(0, 0, infinity) == Status::bad_argument);
  CHECK(cells.set_rate(0, 0, not_a_number) == Status::bad_argument);
  CHECK(cells.set_limits(0, 0, 2.0, 1.0) == Status::bad_argument);
  CHECK(cells.set_limits(0, 0, not_a_number, 1.0) == Status::bad_argument);
  CHECK(cells.set_decay(0, 0, -0.1) == Status::bad_argument);
  CHECK(cells.set_decay(0, 0, 1.1) == Status::bad_argument);
  CHECK(cells.set_decay(0, 0, not_a_number) == Status::bad_argument);
  CHECK(cells.set_view(0, 0, static_cast<View>(2)) == Status::bad_argument);
  CHECK(bus.transfers().empty());
}

TEST_CASE("while a program runs accumulators can be read and parameters not written") {
  RecordingBus bus = small_chip();
  bus.preset(0x000C, 0x106);
  bus.preset_double(0x0318, 4.0);
  Cells cells(bus);
  double value = 0;
  CHECK(cells.accumulator(0, 0, value) == Status::ok);
  CHECK(value == 4.0);
  CHECK(cells.set_parameter(0, 0, 1.0) == Status::busy);
  CHECK(cells.set_limits(0, 0, 0.0, 1.0) == Status::busy);
  CHECK(cells.set_view(0, 0, View::reciprocal) == Status::busy);
  CHECK(bus.stored_double(0x0310) == 0.0);
  CHECK(bus.stored(0x0340) == 0);
}

TEST_CASE("a bus failure in any transfer of a parameter write is told") {
  for (std::size_t at = 0; at < 5; ++at) {
    CAPTURE(at);
    RecordingBus bus = small_chip();
    bus.fail(BusStatus::address_error, at);
    Cells cells(bus);
    CHECK(cells.set_parameter(1, 1, 2.0) == Status::bus_error);
    CHECK(bus.stored_double(0x0310) == 0.0);
  }
}
