#include <doctest/doctest.h>

#include "tellegen/bus/access_rules.hpp"

using namespace tellegen::bus;

TEST_CASE("words outside the map are address errors") {
  CHECK(admit_read(0x0024, 1) == BusStatus::address_error);
  CHECK(admit_read(0x0005, 1) == BusStatus::address_error);
  CHECK(admit_write(0x0500, 1, false) == BusStatus::address_error);
  CHECK(admit_read(0xFFFFFFFC, 2) == BusStatus::address_error);
}

TEST_CASE("reading a write-only and writing a read-only register are access errors") {
  CHECK(admit_read(0x0008, 1) == BusStatus::access_error);
  CHECK(admit_write(0x0008, 1, true) == BusStatus::ok);
  CHECK(admit_write(0x0000, 1, false) == BusStatus::access_error);
  CHECK(admit_write(0x031C, 1, false) == BusStatus::access_error);
}

TEST_CASE("a locked register refuses writes while the sequencer is busy, and reads never") {
  CHECK(admit_write(0x0014, 1, true) == BusStatus::locked);
  CHECK(admit_write(0x0014, 1, false) == BusStatus::ok);
  CHECK(admit_read(0x0014, 1) == BusStatus::ok);
  CHECK(admit_write(0x0200, 1, true) == BusStatus::ok);  // waveforms are written in the turn phase
}

TEST_CASE("one bad word refuses a whole burst") {
  CHECK(admit_read(0x0210, 5) == BusStatus::ok);
  CHECK(admit_read(0x0210, 6) == BusStatus::address_error);
  CHECK(admit_read(0x0000, 4) == BusStatus::access_error);
  CHECK(admit_write(0x0300, 3, false) == BusStatus::access_error);
  CHECK(admit_write(0x0300, 0, false) == BusStatus::ok);
}

TEST_CASE("only an f64 register can be streamed, from its low word and in whole doubles") {
  CHECK(admit_write_stream(0x0208, 6, true) == BusStatus::ok);
  CHECK(admit_read_stream(0x0208, 6) == BusStatus::ok);
  CHECK(admit_read_stream(0x0208, 5) == BusStatus::access_error);
  CHECK(admit_read_stream(0x020C, 6) == BusStatus::access_error);
  CHECK(admit_read_stream(0x0204, 6) == BusStatus::access_error);
  CHECK(admit_write_stream(0x0228, 2, false) == BusStatus::access_error);
  CHECK(admit_write_stream(0x0310, 2, true) == BusStatus::locked);
  CHECK(admit_read_stream(0x0600, 2) == BusStatus::address_error);
}
