// Chips as they would be built, through their bus: what each non-ideality does, and that it is the same however the cells are laid out.

#include <doctest/doctest.h>

#include <fmt/format.h>
#include <cmath>
#include <complex>
#include <functional>
#include <numbers>
#include <set>
#include <string>
#include <systemc>

#include "hw_models/nonideal/option_list.hpp"
#include "modules/learning_bench.hpp"

using namespace tellegen;
using test::ChipUnderTest, test::CircuitClass, test::BenchCycle, test::LearningBench, test::nonideal_chip, test::relative_difference;

namespace {

constexpr std::size_t steps_per_tick = 3;

struct Learned {
  std::vector<double> gradient, parameters;
  friend bool operator==(const Learned&, const Learned&) = default;
};

Learned learn(const LearningBench& bench, chip::ChipDescription description, const BenchCycle& options = {}, int cycles = 2) {
  ChipUnderTest chip(bench, std::move(description));
  for (int cycle = 0; cycle < cycles; ++cycle) chip.plant.run(bench.cycle(chip.plant, options).program);
  return {chip.plant.gradient(), chip.plant.parameters()};
}

Learned learn(const LearningBench& bench, const NonIdealities& nonideal, chip::CellLayout layout = test::usual_layout(), const BenchCycle& options = {}) {
  return learn(bench, nonideal_chip(bench, nonideal, steps_per_tick, layout, options), options);
}

struct Trial {
  std::string option;
  std::function<void(NonIdealities&)> set;
  bool is_random = false;  // another seed, another result
};

std::vector<Trial> trials() {
  using N = NonIdealities;
  std::vector<Trial> all;
  const auto converter = [&](const std::string& table, ConverterSpec N::*spec) {
    const auto add = [&](const std::string& key, std::function<void(ConverterSpec&)> set, bool is_random = false) {
      all.push_back({table + "." + key, [spec, set](N& chip) { set(chip.*spec); }, is_random});
    };
    add("bits", [](ConverterSpec& c) { c.bits = 5; });
    add("range", [](ConverterSpec& c) { c.bits = 12, c.range = 0.5; });
    add("noise", [](ConverterSpec& c) { c.noise = 0.01; }, true);
    if (table == "chip.trace") return;
    add("inl", [](ConverterSpec& c) { c.bits = 8, c.inl = 3; });
    add("dnl", [](ConverterSpec& c) { c.bits = 8, c.dnl = 0.5; }, true);
    add("offset", [](ConverterSpec& c) { c.offset = 0.01; });
    if (table != "chip.probe") add("settling", [](ConverterSpec& c) { c.settling = 0.1; });
  };
  converter("chip.stimulus", &N::stimulus);
  converter("chip.drive", &N::drive);
  converter("chip.probe", &N::probe);
  converter("chip.trace", &N::trace);
  all.push_back({"chip.probe.full_scale", [](N& chip) { chip.probe.bits = 6, chip.probe.full_scale = 0.7; }});
  for (const auto& [table, sampling] : {std::pair(std::string("chip.probe"), &N::probe_sampling), {"chip.trace", &N::trace_sampling}}) {
    all.push_back({table + ".early", [sampling](N& chip) { (chip.*sampling).early = 0.04; }});
    all.push_back({table + ".jitter", [sampling](N& chip) { (chip.*sampling).jitter = 0.03; }, true});
    all.push_back({table + ".converters", [sampling](N& chip) { (chip.*sampling).converters = 1; }});
  }
  all.push_back({"chip.trace.depth", [](N& chip) { chip.trace_memory.depth = 5; }});
  all.push_back({"chip.trace.droop", [](N& chip) { chip.trace_memory.droop = 0.05; }});
  all.push_back({"chip.correlator.gain", [](N& chip) { chip.correlator.gain = 0.1; }});
  all.push_back({"chip.correlator.gain_mismatch", [](N& chip) { chip.correlator.gain_mismatch = 0.1; }, true});
  all.push_back({"chip.correlator.side_gain", [](N& chip) { chip.correlator.side_gain = 0.1; }});
  all.push_back({"chip.correlator.offset", [](N& chip) { chip.correlator.offset = 0.1; }});
  all.push_back({"chip.correlator.offset_mismatch", [](N& chip) { chip.correlator.offset_mismatch = 0.1; }, true});
  all.push_back({"chip.drift.passes", [](N& chip) { chip.drift = 0.01; }, true});
  all.push_back({"chip.mismatch.twin", [](N& chip) { chip.passes = PassOrder::lockstep, chip.twin_mismatch = 0.05; }, true});
  all.push_back({"chip.programming.bits", [](N& chip) { chip.programming.bits = 6; }});
  all.push_back({"chip.programming.write_noise", [](N& chip) { chip.programming.write_noise = 0.01; }, true});
  all.push_back({"chip.programming.curve", [](N& chip) { chip.programming.curve = {{0, 0.02, 0.001}, {1, 0.004, 0.03}}; }});
  all.push_back({"chip.noise.temperature", [](N& chip) { chip.temperature = 1e19; }, true});
  all.push_back({"chip.replay.sampled", [](N& chip) { chip.replay = Replay::sampled; }});
  all.push_back({"chip.replay.interpolated", [](N& chip) { chip.replay = Replay::interpolated; }});
  return all;
}

/// One-sided where the option is the same on both sides and so cancels in their difference.
BenchCycle cycle_for(const std::string& option) {
  BenchCycle cycle;
  cycle.centred = option.find("offset") == std::string::npos;
  return cycle;
}

LearningBench small_bench() {
  LearningBench bench(CircuitClass::directed, 3, 40);
  bench.add_probe({1, ground});
  for (auto& learning : bench.setup.learning) learning.rate = 0.05;  // far enough for a pulse
  return bench;
}

}  // namespace

TEST_CASE("a chip of non-idealities that are all zero is the ideal chip, to the last bit") {
  const auto bench = small_bench();
  CHECK(learn(bench, NonIdealities{}) == learn(bench, bench.chip(steps_per_tick)));
}

TEST_CASE("each non-ideality changes what is learned, the same way in a tile and cell by cell, again and again; a random one by its seed") {
  const auto bench = small_bench();
  const auto ideal_centred = learn(bench, NonIdealities{}), ideal_one_sided = learn(bench, NonIdealities{}, test::usual_layout(), cycle_for("offset"));
  for (const auto& trial : trials()) {
    CAPTURE(trial.option);
    NonIdealities chip;
    trial.set(chip);
    const auto options = cycle_for(trial.option);
    const auto in_tile = learn(bench, chip, chip::CellLayout::tile, options);
    CHECK(in_tile != (options.centred ? ideal_centred : ideal_one_sided));
    CHECK(in_tile == learn(bench, chip, chip::CellLayout::modules, options));
    chip.seed = 77;
    CHECK((learn(bench, chip, chip::CellLayout::tile, options) != in_tile) == trial.is_random);
  }
}

TEST_CASE("there is a trial of every option but those of the circuit itself, of rules with negative conductances, and of energies") {
  std::set<std::string> tried;
  for (const auto& trial : trials()) tried.insert(trial.option);
  for (const auto& option : nonideal_options()) {
    const auto name = fmt::format("{}.{}", option.table, option.key);
    const bool is_elsewhere = name == "chip.mismatch.elements" || option.table == "chip.leakage" || option.table == "chip.lines" ||
                              option.table == "chip.negative_conductance" || option.table == "chip.energy" || name == "chip.programming.range";
    CAPTURE(name);
    CHECK((is_elsewhere || tried.contains(name)));
  }
}

TEST_CASE("both passes at once on equal arrays find what they find one after the other, in fewer cycles") {
  const LearningBench bench(CircuitClass::kendall, 4, 40);
  NonIdealities lockstep;
  lockstep.passes = PassOrder::lockstep;
  CHECK(learn(bench, lockstep) == learn(bench, NonIdealities{}));
  lockstep.drift = 0.01;
  NonIdealities sequential;
  sequential.drift = 0.01;
  CHECK(learn(bench, lockstep) != learn(bench, sequential));
}

TEST_CASE("in lockstep the negative pass costs no cycle of its own") {
  const LearningBench bench(CircuitClass::kendall, 4, 40);
  const auto cycles_of = [&](PassOrder passes) {
    NonIdealities chip;
    chip.passes = passes;
    ChipUnderTest under_test(bench, nonideal_chip(bench, chip, steps_per_tick));
    under_test.plant.run(bench.cycle(under_test.plant).program);
    std::uint32_t cycles = 0;
    for (const auto& [phase, count] : under_test.plant.phase_cycles())
      if (phase == regmap::Phase::nudged_plus || phase == regmap::Phase::nudged_minus) cycles += count;
    return cycles;
  };
  CHECK(cycles_of(PassOrder::sequential) == 28);
  CHECK(cycles_of(PassOrder::lockstep) == 14);
}

TEST_CASE("a correlator's gain scales the gradient, and the gain of one side by half of it where the sides are opposite") {
  const LearningBench bench(CircuitClass::resistive_nonlinear, 5, 40);
  const auto gradient_of = [&](const NonIdealities& chip) { return learn(bench, nonideal_chip(bench, chip, 1), {.with_update = false}, 1).gradient; };
  const auto ideal = gradient_of({});
  NonIdealities gain, side;
  gain.correlator.gain = 0.2;
  side.correlator.side_gain = 0.2;
  const auto scaled = gradient_of(gain), tilted = gradient_of(side);
  for (std::size_t i = 0; i < ideal.size(); ++i) CHECK(scaled[i] == doctest::Approx(1.2 * ideal[i]).epsilon(1e-12));
  // C+ and C- are opposite up to the order of beta, so that a gain of +-10 % on them cancels.
  CHECK(relative_difference(tilted, ideal) < 1e-3);
  CHECK(tilted != ideal);
}

TEST_CASE("an offset of the correlators cancels between two sides and stays with one") {
  const LearningBench bench(CircuitClass::resistive_nonlinear, 5, 40);
  NonIdealities chip;
  chip.correlator.offset = 0.5;
  for (const bool centred : {true, false}) {
    const BenchCycle options{.centred = centred, .with_update = false};
    const auto ideal = learn(bench, nonideal_chip(bench, {}, 1, test::usual_layout(), options), options, 1).gradient;
    const auto shifted = learn(bench, nonideal_chip(bench, chip, 1, test::usual_layout(), options), options, 1).gradient;
    CAPTURE(centred);
    CHECK((relative_difference(shifted, ideal) < 1e-9) == centred);
  }
}

TEST_CASE("a trace of more bits is a better gradient") {
  const LearningBench bench(CircuitClass::kendall, 6, 120);
  const BenchCycle options{.with_update = false};
  const auto ideal = learn(bench, nonideal_chip(bench, {}, 1), options, 1).gradient;
  std::vector<double> errors;
  for (const double bits : {4.0, 8.0, 12.0, 16.0}) {
    NonIdealities chip;
    chip.trace.bits = bits;
    errors.push_back(relative_difference(learn(bench, nonideal_chip(bench, chip, 1), options, 1).gradient, ideal));
  }
  for (std::size_t i = 0; i + 1 < errors.size(); ++i) {
    CHECK(errors[i] > 4 * errors[i + 1]);
    CHECK(errors[i] < 64 * errors[i + 1]);
  }
}

namespace {

/// Resistor and capacitor alone, warm.
struct WarmRc {
  static constexpr double r = 1e6, c = 1e-12, temperature = 300, step = r * c / 100;
  std::vector<double> v;

  explicit WarmRc(std::size_t steps) {
    CircuitBuilder builder;
    builder.node("a");
    builder.add_source({.name = "i1", .kind = SourceKind::current, .port = {0, 1}, .waveform = Waveform(0.0), .where = {}});
    builder.add_branch({.name = "r1", .element = element_id<elements::Resistor>(), .orders = elements::Resistor::orders, .out = {1, 0}, .in = {1, 0}, .values = {1 / r}, .where = {}});
    builder.add_branch({.name = "c1", .element = element_id<elements::Capacitor>(), .orders = elements::Capacitor::orders, .out = {1, 0}, .in = {1, 0}, .values = {c}, .where = {}});
    LearningBench bench(std::make_shared<const Circuit>(std::move(builder).freeze()), steps);
    bench.set_step(step);
    bench.stimulus = Table(steps, 1);
    auto description = bench.chip(1);
    NonIdealities chip;
    chip.temperature = temperature;
    description.nonideal = std::make_shared<const NonIdealities>(chip);
    ChipUnderTest under_test(bench, std::move(description));
    PhaseProgram program(NudgeWiring{});
    const auto record = program.clamped(bench.stimulus);
    under_test.plant.run(program);
    v = record.get().probes.column(0);
  }
};

constexpr double boltzmann = 1.380649e-23;

}  // namespace

TEST_CASE("Johnson noise on an RC has the variance kT/C within three standard errors, and the spectrum of its low-pass") {
  const std::size_t steps = 300'000, settling = 2'000;
  const WarmRc rc(steps);
  const double expected = boltzmann * WarmRc::temperature / WarmRc::c;
  double sum = 0, squares = 0;
  for (std::size_t n = settling; n < steps; ++n) sum += rc.v[n], squares += rc.v[n] * rc.v[n];
  const double count = static_cast<double>(steps - settling);
  // v^2 is correlated over RC/2 to either side: T/RC independent samples, each of variance 2 (kT/C)^2.
  const double independent = count * WarmRc::step / (WarmRc::r * WarmRc::c);
  CHECK(std::abs(squares / count / expected - 1) < 3 * std::sqrt(2 / independent));
  CHECK(std::abs(sum / count) < 3 * std::sqrt(2 * expected / independent));

  // Two-sided density 2kTR / |1 + s RC|^2, s = (3 - 4q + q^2)/2h of bdf2, averaged over segments and bands.
  constexpr std::size_t length = 2'000, segments = 140;
  for (const auto& [low, high] : {std::pair(1, 3), {3, 8}, {20, 40}}) {
    double seen = 0, known = 0;
    for (int bin = low; bin < high; ++bin) {
      const double turn = 2 * std::numbers::pi * bin / static_cast<double>(length);
      const auto q = std::polar(1.0, -turn);
      const auto s = (3.0 - 4.0 * q + q * q) / (2 * WarmRc::step);
      known += 2 * boltzmann * WarmRc::temperature * WarmRc::r / std::norm(1.0 + s * WarmRc::r * WarmRc::c);
      for (std::size_t segment = 0; segment < segments; ++segment) {
        std::complex<double> phasor = 0;
        for (std::size_t n = 0; n < length; ++n) {
          const double window = 1 - std::cos(2 * std::numbers::pi * (static_cast<double>(n) + 0.5) / static_cast<double>(length));
          phasor += window * rc.v[settling + segment * length + n] * std::polar(1.0, -turn * static_cast<double>(n));
        }
        seen += std::norm(phasor) * WarmRc::step / (1.5 * static_cast<double>(length) * static_cast<double>(segments));
      }
    }
    CAPTURE(low);
    // A window of this kind shares neighbouring bins: about half of them are independent.
    CHECK(std::abs(seen / known - 1) < 4 / std::sqrt(0.5 * segments * (high - low)) + 0.02);
  }
}
