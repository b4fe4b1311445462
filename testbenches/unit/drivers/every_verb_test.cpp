// Every verb of every driver: its exact transfers, and what becomes of each of them that the bus does not carry out.

#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "runtime/drivers/cells.hpp"
#include "runtime/drivers/correlator.hpp"
#include "runtime/drivers/interrupts.hpp"
#include "runtime/drivers/sequencer.hpp"
#include "runtime/drivers/waveform_memory.hpp"
#include "tellegen/bus/recording_bus.hpp"

using namespace tellegen;
using bus::BusStatus;
using bus::RecordingBus;
using drivers::Status;
using regmap::Phase;

namespace {

using Kind = RecordingBus::Kind;
using Transfers = std::vector<RecordingBus::Transfer>;

RecordingBus::Transfer read(std::uint32_t at, std::vector<std::uint32_t> words) { return {Kind::read, at, std::move(words), BusStatus::ok}; }
RecordingBus::Transfer write(std::uint32_t at, std::vector<std::uint32_t> words) { return {Kind::write, at, std::move(words), BusStatus::ok}; }
RecordingBus::Transfer read_stream(std::uint32_t at, std::vector<std::uint32_t> words) { return {Kind::read_stream, at, std::move(words), BusStatus::ok}; }
RecordingBus::Transfer write_stream(std::uint32_t at, std::vector<std::uint32_t> words) { return {Kind::write_stream, at, std::move(words), BusStatus::ok}; }
const RecordingBus::Transfer wait{Kind::wait, 0, {}, BusStatus::ok};

struct Verb {
  std::string name;
  std::function<Status(bus::Bus&)> call;
  Transfers transfers;
  std::uint32_t phase = 0;  // that STATUS tells
};

constexpr std::uint32_t one_high = 0x3FF00000, half_high = 0x3FE00000;

/// Two stimuli of four samples, three probes, two drives of two samples; five cells of two slots.
RecordingBus chip(std::uint32_t phase) {
  RecordingBus bus;
  for (std::uint32_t i = 0; i < 5; ++i) bus.preset(0x0210 + 4 * i, std::array{2u, 3u, 2u, 4u, 2u}[i]);
  bus.preset(0x0308, 5), bus.preset(0x030C, 2);
  bus.preset(0x000C, phase);
  bus.preset(0x0018, 9), bus.preset(0x0020, 7), bus.preset(0x0064, 3), bus.preset(0x004C, 11);
  bus.preset(0x0100, 0b1001);
  for (const std::uint32_t at : {0x0208u, 0x0228u, 0x0310u, 0x0318u, 0x0028u, 0x0400u}) bus.preset_double(at, 1);
  bus.raise_interrupts(1);
  return bus;
}

Transfers window(std::uint32_t cell, std::uint32_t slot, RecordingBus::Transfer last) {
  return {read(0x0308, {5}), write(0x0300, {cell}), read(0x030C, {2}), write(0x0304, {slot}), std::move(last)};
}
Transfers bank(std::uint32_t which, RecordingBus::Transfer last) {
  return {read(0x0210, {2, 3, 2, 4, 2}), write(0x0200, {which}), write(0x0204, {0}), std::move(last)};
}
Transfers command(std::uint32_t phase, std::uint32_t bit) { return {read(0x000C, {phase}), write(0x0008, {bit}), read(0x000C, {phase})}; }

/// A verb with an output argument, which must keep its value whenever the verb fails.
template <class Output, class Driver, class Call>
std::function<Status(bus::Bus&)> reading(Output expected, Call call) {
  return [expected, call](bus::Bus& bus) {
    Driver driver(bus);
    Output output{};
    const Status status = call(driver, output);
    CHECK((output == expected) == (status == Status::ok));
    return status;
  };
}
template <class Driver, class Call>
std::function<Status(bus::Bus&)> doing(Call call) {
  return [call](bus::Bus& bus) {
    Driver driver(bus);
    return call(driver);
  };
}

std::vector<Verb> sequencer_verbs() {
  using drivers::Sequencer;
  const auto doing_it = [](auto call) { return doing<Sequencer>(call); };
  return {
      {"identify", doing_it([](auto& d) { return d.identify(); }), {read(0x0000, {0x544C474E}), read(0x0004, {0x00010001})}},
      {"load", doing_it([](auto& d) { return d.load(); }), command(8, 1), 8},
      {"start", doing_it([](auto& d) { return d.start(); }), command(1, 2), 1},
      {"resume", doing_it([](auto& d) { return d.resume(); }), command(3, 4), 3},
      {"abort", doing_it([](auto& d) { return d.abort(); }), {write(0x0008, {8}), read(0x000C, {0})}},
      {"state", reading<Sequencer::State, Sequencer>({.phase = Phase::turn}, [](auto& d, auto& o) { return d.state(o); }), {read(0x000C, {3})}, 3},
      {"phase", reading<Phase, Sequencer>(Phase::turn, [](auto& d, auto& o) { return d.phase(o); }), {read(0x000C, {3})}, 3},
      {"set_program", doing_it([](auto& d) { return d.set_program({.update = true, .nudge = 2}); }), {write(0x0010, {0x208})}},
      {"program", reading<bool, Sequencer>(true, [](auto& d, auto& o) {
         Sequencer::Program program{.update = true};
         const Status status = d.program(program);
         o = !program.update;
         return status;
       }), {read(0x0010, {0})}},
      {"set_ticks", doing_it([](auto& d) { return d.set_ticks(6); }), {write(0x0014, {6})}},
      {"ticks", reading<std::uint32_t, Sequencer>(1, [](auto& d, auto& o) { return d.ticks(o); }), {read(0x0014, {1})}},
      {"set_echo_skew", doing_it([](auto& d) { return d.set_echo_skew(-0.5); }), {write(0x001C, {0xFFFFFFFF})}},
      {"echo_skew", reading<bool, Sequencer>(true, [](auto& d, auto& o) {
         double skew = 9;
         const Status status = d.echo_skew(skew);
         o = skew == 0;
         return status;
       }), {read(0x001C, {0})}},
      {"set_readout", doing_it([](auto& d) { return d.set_readout({.weight_rate = 1, .lock_in_period = 5, .harmonics = 0x300000002}); }),
       {write(0x0028, {0, one_high}), write(0x0034, {5}), write(0x0038, {2}), write(0x003C, {3})}},
      {"readout", reading<Sequencer::Readout, Sequencer>({.weight_rate = 1}, [](auto& d, auto& o) { return d.readout(o); }),
       {read(0x0028, {0, one_high}), read(0x0034, {0}), read(0x0038, {0}), read(0x003C, {0})}},
      {"set_tail", doing_it([](auto& d) { return d.set_tail(4); }), {write(0x0030, {4}), read(0x0030, {4})}},
      {"steps_per_tick", reading<std::uint32_t, Sequencer>(9, [](auto& d, auto& o) { return d.steps_per_tick(o); }), {read(0x0018, {9})}},
      {"set_watchdog", doing_it([](auto& d) { return d.set_watchdog(77); }), {write(0x0024, {77})}},
      {"watchdog", reading<bool, Sequencer>(true, [](auto& d, auto& o) {
         std::uint32_t cycles = 9;
         const Status status = d.watchdog(cycles);
         o = cycles == 0;
         return status;
       }), {read(0x0024, {0})}},
      {"fault", reading<Sequencer::Fault, Sequencer>({Phase::turn, 7}, [](auto& d, auto& o) { return d.fault(o); }), {read(0x0064, {3}), read(0x0020, {7})}},
      {"cycles", reading<std::uint32_t, Sequencer>(11, [](auto& d, auto& o) { return d.cycles(Phase::turn, o); }), {read(0x004C, {11})}},
  };
}

std::vector<Verb> interrupt_verbs() {
  using drivers::Interrupts;
  using Causes = Interrupts::Causes;
  const Causes pending{.turn = true, .watchdog = true};
  return {
      {"enable", doing<Interrupts>([](auto& d) { return d.enable({.done = true, .watchdog = true}); }), {write(0x0104, {0b1010})}},
      {"enabled", reading<bool, Interrupts>(true, [](auto& d, auto& o) {
         Causes causes{.turn = true};
         const Status status = d.enabled(causes);
         o = !causes.any();
         return status;
       }), {read(0x0104, {0})}},
      {"pending", reading<Causes, Interrupts>(pending, [](auto& d, auto& o) { return d.pending(o); }), {read(0x0100, {0b1001})}},
      {"acknowledge", doing<Interrupts>([](auto& d) { return d.acknowledge({.fault = true}); }), {write(0x0100, {0b100})}},
      {"wait", reading<Causes, Interrupts>(pending, [](auto& d, auto& o) { return d.wait(o); }), {wait, read(0x0100, {0b1001}), write(0x0100, {0b1001})}},
  };
}

std::vector<Verb> waveform_verbs() {
  using drivers::WaveformMemory;
  using Samples = std::array<double, 2>;
  return {
      {"geometry", reading<WaveformMemory::Geometry, WaveformMemory>({2, 3, 2, 4, 2}, [](auto& d, auto& o) { return d.geometry(o); }),
       {read(0x0210, {2, 3, 2, 4, 2})}},
      {"write_stimulus", doing<WaveformMemory>([](auto& d) { return d.write_stimulus(1, std::array{1.0, 0.5}); }),
       bank(1, write_stream(0x0208, {0, one_high, 0, half_high}))},
      {"write_drive", doing<WaveformMemory>([](auto& d) { return d.write_drive(1, std::array{0.5}); }), bank(0x20001, write_stream(0x0208, {0, half_high}))},
      {"write_drive_minus", doing<WaveformMemory>([](auto& d) { return d.write_drive_minus(0, std::array{0.5}); }),
       bank(0x30000, write_stream(0x0208, {0, half_high}))},
      {"clamp_currents", reading<Samples, WaveformMemory>({1, 1}, [](auto& d, auto& o) { return d.clamp_currents(1, o[0], o[1]); }),
       bank(0x40001, read_stream(0x0208, {0, one_high, 0, one_high}))},
      {"read_probe", reading<Samples, WaveformMemory>({1, 1}, [](auto& d, auto& o) { return d.read_probe(2, o); }),
       bank(0x10002, read_stream(0x0208, {0, one_high, 0, one_high}))},
      {"peak_source_current", reading<double, WaveformMemory>(1, [](auto& d, auto& o) { return d.peak_source_current(o); }), {read(0x0228, {0, one_high})}},
  };
}

std::vector<Verb> cell_verbs() {
  using drivers::Cells;
  const auto doing_it = [](auto call) { return doing<Cells>(call); };
  return {
      {"count", reading<std::uint32_t, Cells>(5, [](auto& d, auto& o) { return d.count(o); }), {read(0x0308, {5})}},
      {"slots", reading<std::uint32_t, Cells>(2, [](auto& d, auto& o) { return d.slots(4, o); }), {read(0x0308, {5}), write(0x0300, {4}), read(0x030C, {2})}},
      {"set_parameter", doing_it([](auto& d) { return d.set_parameter(3, 1, 0.5); }), window(3, 1, write(0x0310, {0, half_high}))},
      {"parameter", reading<double, Cells>(1, [](auto& d, auto& o) { return d.parameter(3, 1, o); }), window(3, 1, read(0x0310, {0, one_high}))},
      {"accumulator", reading<double, Cells>(1, [](auto& d, auto& o) { return d.accumulator(0, 0, o); }), window(0, 0, read(0x0318, {0, one_high}))},
      {"set_rate", doing_it([](auto& d) { return d.set_rate(3, 1, 0.5); }), window(3, 1, write(0x0320, {0, half_high}))},
      {"set_limits", doing_it([](auto& d) { return d.set_limits(3, 1, 0.5, 1); }), window(3, 1, write(0x0328, {0, half_high, 0, one_high}))},
      {"set_decay", doing_it([](auto& d) { return d.set_decay(3, 1, 0.5); }), window(3, 1, write(0x0338, {0, half_high}))},
      {"set_view", doing_it([](auto& d) { return d.set_view(3, 1, drivers::View::reciprocal); }), window(3, 1, write(0x0340, {1}))},
  };
}

std::vector<Verb> correlator_verbs() {
  using drivers::Correlator;
  return {
      {"set_gains", doing<Correlator>([](auto& d) { return d.set_gains(1, 0.5); }), {write(0x0400, {0, one_high, 0, half_high})}},
      {"gains", reading<double, Correlator>(1, [](auto& d, auto& o) {
         double minus = 3;
         return d.gains(o, minus);
       }), {read(0x0400, {0, one_high, 0, 0})}},
  };
}

std::vector<Verb> every_verb() {
  std::vector<Verb> all;
  for (const auto& some : {sequencer_verbs(), interrupt_verbs(), waveform_verbs(), cell_verbs(), correlator_verbs()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

}  // namespace

TEST_CASE("every verb of every driver makes exactly its own transfers") {
  for (const auto& verb : every_verb()) {
    CAPTURE(verb.name);
    auto bus = chip(verb.phase);
    CHECK(verb.call(bus) == Status::ok);
    CHECK(bus.transfers() == verb.transfers);
  }
}

TEST_CASE("every answer of the bus that is not ok, to any transfer of any verb, ends the verb there and is told as what it is") {
  const std::pair<BusStatus, Status> answers[] = {{BusStatus::address_error, Status::bus_error}, {BusStatus::access_error, Status::bus_error},
                                                  {BusStatus::locked, Status::busy}, {BusStatus::timeout, Status::timeout}};
  for (const auto& verb : every_verb())
    for (std::size_t at = 0; at < verb.transfers.size(); ++at)
      for (const auto& [answer, expected] : answers) {
        CAPTURE(verb.name);
        CAPTURE(at);
        auto bus = chip(verb.phase);
        bus.fail(answer, at);
        CHECK(verb.call(bus) == expected);
        auto transfers = verb.transfers;
        transfers.resize(at + 1);
        transfers[at].words.clear();
        transfers[at].status = answer;
        CHECK(bus.transfers() == transfers);
      }
}
