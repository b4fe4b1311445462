#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cmath>
#include <vector>

#include "tellegen/bus/access_rules.hpp"
#include "tellegen/regmap/registers.hpp"

using namespace tellegen::bus;

namespace {
using Words = std::vector<std::uint32_t>;
const Words zero(1), zeros(6);
}  // namespace

TEST_CASE("words outside the map are address errors") {
  CHECK(admit_read(0x0068, 1) == BusStatus::address_error);
  CHECK(admit_read(0x0005, 1) == BusStatus::address_error);
  CHECK(admit_write(0x0500, zero, false) == BusStatus::address_error);
  CHECK(admit_read(0xFFFFFFFC, 2) == BusStatus::address_error);
}

TEST_CASE("reading a write-only and writing a read-only register are access errors") {
  CHECK(admit_read(0x0008, 1) == BusStatus::access_error);
  CHECK(admit_write(0x0008, zero, true) == BusStatus::ok);
  CHECK(admit_write(0x0000, zero, false) == BusStatus::access_error);
  CHECK(admit_write(0x031C, zero, false) == BusStatus::access_error);
}

TEST_CASE("a locked register refuses writes while the sequencer is busy, and reads never") {
  CHECK(admit_write(0x0014, zero, true) == BusStatus::locked);
  CHECK(admit_write(0x0014, zero, false) == BusStatus::ok);
  CHECK(admit_read(0x0014, 1) == BusStatus::ok);
  CHECK(admit_write(0x0200, zero, true) == BusStatus::ok);  // waveforms are written in the turn phase
}

TEST_CASE("one bad word refuses a whole burst") {
  CHECK(admit_read(0x0210, 5) == BusStatus::ok);
  CHECK(admit_read(0x0210, 6) == BusStatus::address_error);
  CHECK(admit_read(0x0000, 4) == BusStatus::access_error);
  CHECK(admit_write(0x0300, Words(3), false) == BusStatus::access_error);
  CHECK(admit_write(0x0300, {}, false) == BusStatus::ok);
}

TEST_CASE("only an f64 register can be streamed, from its low word and in whole doubles") {
  CHECK(admit_write_stream(0x0208, zeros, true) == BusStatus::ok);
  CHECK(admit_read_stream(0x0208, 6) == BusStatus::ok);
  CHECK(admit_read_stream(0x0208, 5) == BusStatus::access_error);
  CHECK(admit_read_stream(0x020C, 6) == BusStatus::access_error);
  CHECK(admit_read_stream(0x0204, 6) == BusStatus::access_error);
  CHECK(admit_write_stream(0x0228, Words(2), false) == BusStatus::access_error);
  CHECK(admit_write_stream(0x0310, Words(2), true) == BusStatus::locked);
  CHECK(admit_read_stream(0x0600, 2) == BusStatus::address_error);
}

TEST_CASE("a code that an enumerated field does not know is refused, reserved bits around it are nobody's business") {
  CHECK(admit_write(0x0010, Words{0x200}, false) == BusStatus::ok);
  CHECK(admit_write(0x0010, Words{0x300}, false) == BusStatus::access_error);
  CHECK(admit_write(0x0010, Words{0xFFFF8000}, false) == BusStatus::ok);
  CHECK(admit_write(0x0200, Words{0x4FFFF}, false) == BusStatus::ok);
  CHECK(admit_write(0x0200, Words{0x50000}, false) == BusStatus::access_error);
  CHECK(admit_write(0x0010, Words{0x300}, true) == BusStatus::locked);  // locked before it is looked at
}

TEST_CASE("numbers: finite where they must be, never NaN, in words, bursts and streams, with the low word that waits") {
  const auto words = [](double value) {
    const auto both = tellegen::regmap::words_of(value);
    return Words(both.begin(), both.end());
  };
  const double signalling = std::bit_cast<double>(0x7FF0000000000001);
  for (const std::uint32_t at : {0x0028u, 0x0208u, 0x0310u, 0x0320u, 0x0338u, 0x0400u, 0x0408u, 0x0328u, 0x0330u}) {
    CAPTURE(at);
    const bool is_limit = at == 0x0328 || at == 0x0330;
    for (const double value : {1.5, -0.0, 5e-324, 1.7e308, HUGE_VAL, -HUGE_VAL, double(NAN), signalling}) {
      const bool is_taken = std::isfinite(value) || (is_limit && std::isinf(value));
      const auto expected = is_taken ? BusStatus::ok : BusStatus::access_error;
      CHECK(admit_write(at, words(value), false) == expected);
      CHECK(admit_write_stream(at, words(value), false) == expected);
      const auto both = words(value);
      CHECK(admit_write(at, Words{both[0]}, false) == BusStatus::ok);
      const auto* reg = tellegen::regmap::find(at).reg;
      CHECK(admit_write(at + 4, Words{both[1]}, false, {reg, both[0]}) == expected);
    }
    CHECK(admit_write_stream(at, Words{0, 0, 0, 0x7FF80000}, false) == BusStatus::access_error);
  }
  // Infinity's high word with another register's low word is infinity still.
  CHECK(admit_write(0x032C, Words{0x7FF00000}, false, {&tellegen::regmap::cells::maximum, 1}) == BusStatus::ok);
  CHECK(admit_write(0x0328, Words{0, 0x7FF00000, 1, 0x7FF00000}, false) == BusStatus::access_error);
}
