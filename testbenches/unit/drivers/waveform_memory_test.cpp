#include <doctest/doctest.h>

#include <array>
#include <limits>

#include "runtime/drivers/waveform_memory.hpp"
#include "tellegen/bus/recording_bus.hpp"

using namespace tellegen;
using bus::BusStatus;
using bus::RecordingBus;
using drivers::Status;
using drivers::WaveformMemory;
using Kind = RecordingBus::Kind;
using Writes = std::vector<RecordingBus::Transfer>;

namespace {
/// Two stimuli of four samples, three probes and one drive of two samples.
RecordingBus small_chip() {
  RecordingBus bus;
  bus.preset(0x0210, 2);
  bus.preset(0x0214, 3);
  bus.preset(0x0218, 1);
  bus.preset(0x021C, 4);
  bus.preset(0x0220, 2);
  return bus;
}
}  // namespace

TEST_CASE("the geometry is read from its five words") {
  RecordingBus bus = small_chip();
  WaveformMemory memory(bus);
  WaveformMemory::Geometry geometry;
  REQUIRE(memory.geometry(geometry) == Status::ok);
  CHECK(geometry == WaveformMemory::Geometry{2, 3, 1, 4, 2});
}

TEST_CASE("a stimulus selects its bank, rewinds, and streams low word first") {
  RecordingBus bus = small_chip();
  WaveformMemory memory(bus);
  REQUIRE(memory.write_stimulus(1, std::array{1.0, -2.0}) == Status::ok);
  CHECK(bus.writes() == Writes{{Kind::write, 0x0200, {0x00000001}, BusStatus::ok},
                               {Kind::write, 0x0204, {0}, BusStatus::ok},
                               {Kind::write_stream, 0x0208, {0, 0x3FF00000, 0, 0xC0000000}, BusStatus::ok}});
}

TEST_CASE("a drive goes to the drive banks, and the buffer of an earlier call leaves no trace") {
  RecordingBus bus = small_chip();
  WaveformMemory memory(bus);
  REQUIRE(memory.write_stimulus(0, std::array{1.0, 2.0, 3.0, 4.0}) == Status::ok);
  bus.forget_transfers();
  REQUIRE(memory.write_drive(0, std::array{0.5}) == Status::ok);
  CHECK(bus.writes() == Writes{{Kind::write, 0x0200, {0x00020000}, BusStatus::ok},
                               {Kind::write, 0x0204, {0}, BusStatus::ok},
                               {Kind::write_stream, 0x0208, {0, 0x3FE00000}, BusStatus::ok}});
}

TEST_CASE("a probe is read in order from its own bank") {
  RecordingBus bus = small_chip();
  bus.script_doubles(0x0208, std::array{0.25, -3e-9});
  WaveformMemory memory(bus);
  std::array<double, 2> samples{};
  REQUIRE(memory.read_probe(2, samples) == Status::ok);
  CHECK(samples == std::array{0.25, -3e-9});
  CHECK(bus.writes() ==
        Writes{{Kind::write, 0x0200, {0x00010002}, BusStatus::ok}, {Kind::write, 0x0204, {0}, BusStatus::ok}});
}

TEST_CASE("banks and lengths beyond the chip are refused and nothing is written") {
  RecordingBus bus = small_chip();
  WaveformMemory memory(bus);
  const std::array five{1.0, 2.0, 3.0, 4.0, 5.0};
  std::array<double, 3> three{7, 7, 7};
  CHECK(memory.write_stimulus(2, std::array{1.0}) == Status::bad_argument);
  CHECK(memory.write_stimulus(0, five) == Status::bad_argument);
  CHECK(memory.write_drive(1, std::array{1.0}) == Status::bad_argument);
  CHECK(memory.write_drive(0, std::array{1.0, 2.0, 3.0}) == Status::bad_argument);
  CHECK(memory.read_probe(3, std::span(three).first(1)) == Status::bad_argument);
  CHECK(memory.read_probe(0, three) == Status::bad_argument);
  CHECK(three == std::array<double, 3>{7, 7, 7});
  CHECK(bus.writes().empty());
}

TEST_CASE("samples that are no numbers are refused before the bus is touched") {
  RecordingBus bus = small_chip();
  WaveformMemory memory(bus);
  CHECK(memory.write_stimulus(0, std::array{0.0, std::numeric_limits<double>::quiet_NaN()}) == Status::bad_argument);
  CHECK(memory.write_drive(0, std::array{std::numeric_limits<double>::infinity()}) == Status::bad_argument);
  CHECK(bus.transfers().empty());
}

TEST_CASE("the peak source current is one double") {
  RecordingBus bus;
  bus.preset_double(0x0228, 3.5e-3);
  WaveformMemory memory(bus);
  double current = 0;
  CHECK(memory.peak_source_current(current) == Status::ok);
  CHECK(current == 3.5e-3);
}

TEST_CASE("a bus failure in any transfer of a stimulus or a probe is told") {
  for (std::size_t at = 0; at < 4; ++at) {
    CAPTURE(at);
    RecordingBus bus = small_chip();
    bus.fail(BusStatus::timeout, at);
    WaveformMemory memory(bus);
    CHECK(memory.write_stimulus(0, std::array{1.0}) == Status::timeout);
    bus.fail(BusStatus::timeout, at);
    std::array<double, 1> sample{7};
    CHECK(memory.read_probe(0, sample) == Status::timeout);
    CHECK(sample[0] == 7);
  }
}
