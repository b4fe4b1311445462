#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <vector>

#include "runtime/drivers/correlator.hpp"
#include "tellegen/bus/recording_bus.hpp"

using namespace tellegen;
using bus::BusStatus;
using bus::RecordingBus;
using drivers::Correlator;
using drivers::Status;

TEST_CASE("both gains are written in one transfer and read back") {
  RecordingBus bus;
  Correlator correlator(bus);
  REQUIRE(correlator.set_gains(0.5, -2.0) == Status::ok);
  REQUIRE(bus.transfers().size() == 1);
  CHECK(bus.transfers()[0] ==
        RecordingBus::Transfer{RecordingBus::Kind::write, 0x0400, {0, 0x3FE00000, 0, 0xC0000000}, BusStatus::ok});
  double plus = 0;
  double minus = 0;
  CHECK(correlator.gains(plus, minus) == Status::ok);
  CHECK(plus == 0.5);
  CHECK(minus == -2.0);
}

TEST_CASE("gains that are no numbers are refused before the bus is touched") {
  RecordingBus bus;
  Correlator correlator(bus);
  CHECK(correlator.set_gains(std::numeric_limits<double>::quiet_NaN(), 0.0) == Status::bad_argument);
  CHECK(correlator.set_gains(0.0, std::numeric_limits<double>::infinity()) == Status::bad_argument);
  CHECK(bus.transfers().empty());
}

TEST_CASE("while a program runs neither gain changes") {
  RecordingBus bus;
  bus.preset(0x000C, 0x104);
  Correlator correlator(bus);
  CHECK(correlator.set_gains(1.0, 1.0) == Status::busy);
  CHECK(bus.stored_double(0x0400) == 0.0);
  CHECK(bus.stored_double(0x0408) == 0.0);
}

TEST_CASE("every driver status has a name of its own") {
  std::vector<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Status::bus_error); ++code) {
    const std::string_view name = drivers::name_of(static_cast<Status>(code));
    CHECK(std::find(names.begin(), names.end(), name) == names.end());
    names.push_back(name);
  }
}
