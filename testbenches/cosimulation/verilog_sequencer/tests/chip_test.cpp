// Chips with the Verilog sequencer against chips with their own: the same bus traffic, the same analog array, cells and
// registers.

#include <doctest/doctest.h>

#include <random>
#include <set>
#include <systemc>

#include "cosimulation/verilog_sequencer/verilog_sequencer.hpp"
#include "hw_models/circuit/deck/deck.hpp"
#include "hw_models/solver/convergence.hpp"
#include "modules/learning_bench.hpp"
#include "runtime/drivers/sequencer.hpp"

using namespace tellegen;
using regmap::Phase;
using test::BenchCycle, test::ChipUnderTest, test::CircuitClass, test::LearningBench;

namespace {

/// The same bench on a chip whose sequencer is Verilog.
LearningBench in_verilog(LearningBench bench) {
  bench.make_sequencer = cosimulation::make_verilog_sequencer;
  return bench;
}

/// What a chip has learned and how long it took, after a few cycles.
struct Outcome {
  std::vector<double> gradient, parameters;
  std::vector<std::uint32_t> cycles;
  double time;  // [s]
  bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(ChipUnderTest& chip) {
  Outcome outcome{.gradient = chip.plant.gradient(), .parameters = chip.plant.parameters(), .cycles = {}, .time = 0};
  for (const auto& phase : chip.plant.phase_cycles()) outcome.cycles.push_back(phase.cycles);
  outcome.time = chip.chip.simulated_time();
  return outcome;
}

Outcome learn(const LearningBench& bench, std::size_t steps_per_tick, const BenchCycle& options = {}) {
  ChipUnderTest chip(bench, steps_per_tick);
  const auto before = chip.plant.parameters();
  for (int epoch = 0; epoch < 3; ++epoch) chip.plant.run(bench.cycle(chip.plant, options).program);
  CHECK(chip.plant.parameters() != before);
  return outcome_of(chip);
}

void check_same(const LearningBench& bench, std::size_t steps_per_tick, const BenchCycle& options = {}) {
  CAPTURE(steps_per_tick);
  const auto own = learn(bench, steps_per_tick, options), verilog = learn(in_verilog(bench), steps_per_tick, options);
  CHECK(verilog.gradient == own.gradient);
  CHECK(verilog.parameters == own.parameters);
  CHECK(verilog.cycles == own.cycles);
  CHECK(verilog.time == own.time);
  CHECK(own.cycles[static_cast<std::size_t>(Phase::clamped)] ==
        (bench.grid.steps + steps_per_tick - 1) / steps_per_tick);
}

/// i1 into a resistor of i = sin(2 v), a capacitor behind it: above 1 A there is no solution.
LearningBench limited() {
  auto deck = read_deck_text(
      "limited\nI1 0 a 0\nR1 a b limit\n.model limit R (law=sine k0=0 k1=1 z0=0.5)\nR2 b 0 2\nC2 b 0 0.3\n.end\n",
      "limited.cir");
  LearningBench bench(std::make_shared<const Circuit>(std::move(deck.circuit)), 20);
  for (std::size_t n = 0; n < 20; ++n) bench.stimulus.at(n, 0) *= 0.3;
  return bench;
}

/// Everything that a bus answers to one random program of transfers; the bus is slow, so that phases go on meanwhile,
/// and no word ends at a clock edge, where it would be the kernel's choice which comes first.
std::vector<std::uint32_t> answers(LearningBench bench, unsigned seed, std::set<Phase>& seen) {
  bench.bus_clock = 47;  // [Hz] about a fifth of a clock cycle a word
  ChipUnderTest chip(bench);
  auto& bus = chip.chip.bus();
  std::mt19937 generator(seed);
  const auto random = [&] { return static_cast<std::uint32_t>(generator()); };
  std::vector<std::uint32_t> heard;
  const auto write = [&](const regmap::Register& reg, std::uint32_t word) {
    heard.push_back(static_cast<std::uint32_t>(bus.write(reg.address(), {&word, 1})));
  };
  const auto read = [&](const regmap::Register& reg) {
    std::uint32_t word = 0;
    heard.push_back(static_cast<std::uint32_t>(bus.read(reg.address(), {&word, 1})));
    heard.push_back(word);
  };
  using namespace regmap;
  constexpr std::uint32_t all_causes = 0b111;
  for (int transfer = 0; transfer < 4000; ++transfer) {
    switch (random() % 12) {
      case 0:
        write(sequencer::command, 1u << random() % 4);
        break;
      case 1:
        write(sequencer::command, sequencer::command_load.mask());
        break;
      case 2:
        write(sequencer::command, sequencer::command_start.mask());
        break;
      case 3:
        write(sequencer::command, sequencer::command_resume.mask());
        break;
      case 4:
        write(sequencer::program, random());
        break;
      case 5:
        write(sequencer::ticks, 1 + random() % 6);
        break;
      case 6:
        write(interrupt::mask, random());
        break;
      case 7:
        write(interrupt::status, random());
        break;
      case 8:
        heard.push_back(static_cast<std::uint32_t>(bus.wait_for_interrupt()));
        break;
      case 9:
        read(sequencer::cycles[random() % phase_count]);
        break;
      case 10:
        read(interrupt::status);
        break;
      default:
        read(sequencer::status);
        seen.insert(static_cast<Phase>(sequencer::status_phase.get(heard.back())));
    }
  }
  // Whatever happened, the chip learns.
  drivers::Sequencer sequencer(bus);
  REQUIRE(sequencer.abort() == drivers::Status::ok);
  write(interrupt::mask, all_causes);
  write(interrupt::status, all_causes);
  chip.plant.run(bench.cycle(chip.plant, {.with_update = false}).program);
  for (const double slope : chip.plant.gradient())
    for (const auto word : words_of(slope)) heard.push_back(word);
  return heard;
}

}  // namespace

TEST_CASE("a chip with a Verilog sequencer learns as one with its own, to the last bit and clock cycle, for every class of circuits") {
  for (const auto kind :
       {CircuitClass::linear, CircuitClass::directed_linear, CircuitClass::resistive_nonlinear, CircuitClass::kendall,
        CircuitClass::memristive, CircuitClass::mixed_skew, CircuitClass::directed}) {
    CAPTURE(static_cast<int>(kind));
    for (const std::size_t steps_per_tick : {1u, 3u}) check_same(LearningBench(kind, 11), steps_per_tick);
    check_same(LearningBench(kind, 12), 1, {.rule = Rule::echo});
    check_same(LearningBench(kind, 13), 1, {.centred = false, .ports_swapped = false});
  }
}

TEST_CASE("the fractional network learns the same under either sequencer") {
  auto deck = read_deck(TELLEGEN_SOURCE_DIR "/testbenches/validation/references/fractional_network/deck.cir");
  LearningBench bench(std::make_shared<const Circuit>(std::move(deck.circuit)), 60);
  bench.set_step(10e-9);
  for (std::size_t n = 0; n < 60; ++n)
    for (double& value : bench.stimulus.row(n)) value *= 1e-3;
  check_same(bench, 1);
  check_same(bench, 4);
}

TEST_CASE("an echo that rings out in a tail is the same under either sequencer") {
  LearningBench ringing(CircuitClass::linear, 4, 30);
  ringing.setup.tail = 12;
  check_same(ringing, 1, {.rule = Rule::echo});
  check_same(ringing, 2, {.rule = Rule::echo});
}

TEST_CASE("a program with a second turn is the same under either sequencer") {
  LearningBench settled(CircuitClass::resistive_nonlinear, 5, 1500);
  for (std::size_t n = 0; n < 1500; ++n)
    for (double& value : settled.stimulus.row(n)) value = 0.4;
  for (auto& wave : settled.target) std::ranges::fill(wave, 0.1);
  check_same(settled, 1, {.rule = Rule::coupled});
}

TEST_CASE("either sequencer lets the bus answer the same to thousands of random commands, legal, illegal and aborting") {
  const LearningBench bench(CircuitClass::resistive_nonlinear, 6, 30);
  std::set<Phase> seen;
  for (const unsigned seed : {1u, 2u, 3u}) {
    CAPTURE(seed);
    const auto own = answers(bench, seed, seen);
    CHECK(answers(in_verilog(bench), seed, seen) == own);
    CHECK(answers(in_verilog(bench), seed + 1, seen) != own);
  }
  CHECK(seen.size() == regmap::phase_count);
}

TEST_CASE("an analog fault under the Verilog sequencer ends in idle with the solver's sentence, no parameter moved, and the next program runs") {
  const auto bench = in_verilog(limited());
  const auto expected = learn(bench, 1);
  LearningBench overdriven = bench;
  for (std::size_t n = 0; n < 20; ++n) overdriven.stimulus.at(n, 0) *= 10;
  const auto complaint = [&](ChipUnderTest& chip) {
    try {
      chip.plant.run(overdriven.cycle(chip.plant).program);
    } catch (const ConvergenceError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto own = [&] {
    ChipUnderTest chip(limited());
    return complaint(chip);
  }();
  ChipUnderTest chip(bench);
  const auto before = chip.plant.parameters();
  CHECK(complaint(chip) == own);
  CHECK(own.find("no convergence at t = ") == 0);
  drivers::Sequencer::State state;
  REQUIRE(drivers::Sequencer(chip.chip.bus()).state(state) == drivers::Status::ok);
  CHECK(state.phase == Phase::idle);
  CHECK(state.fault);
  CHECK(chip.plant.parameters() == before);
  for (int epoch = 0; epoch < 3; ++epoch) chip.plant.run(bench.cycle(chip.plant).program);
  CHECK(chip.plant.parameters() == expected.parameters);
}
