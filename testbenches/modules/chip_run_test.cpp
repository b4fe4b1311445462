// Whole programs on the emulated chip, through its bus alone.

#include <doctest/doctest.h>

#include <random>
#include <systemc>

#include "hw_models/solver/convergence.hpp"
#include "modules/learning_bench.hpp"
#include "runtime/drivers/interrupts.hpp"
#include "runtime/drivers/sequencer.hpp"

using namespace tellegen;
using regmap::Phase;
using test::ChipUnderTest, test::CircuitClass, test::BenchCycle, test::LearningBench, test::relative_difference;

namespace {

BranchSpec resistor(std::string name, Port port, std::vector<double> values, LawId law = law_id<LinearLaw>()) {
  return {.name = std::move(name), .element = element_id<elements::Resistor>(), .law = law, .orders = elements::Resistor::orders, .out = port,
          .in = port, .values = std::move(values), .where = {}};
}
BranchSpec capacitor(std::string name, Port port, double c) {
  return {.name = std::move(name), .element = element_id<elements::Capacitor>(), .law = law_id<LinearLaw>(), .orders = elements::Capacitor::orders,
          .out = port, .in = port, .values = {c}, .where = {}};
}
Source source(std::string name, SourceKind kind, Port port, Waveform waveform = Waveform(0.0)) {
  return {.name = std::move(name), .kind = kind, .port = port, .waveform = std::move(waveform), .where = {}};
}
std::shared_ptr<const Circuit> freeze(CircuitBuilder& builder) { return std::make_shared<const Circuit>(std::move(builder).freeze()); }

/// Three inputs of both kinds into a saturating network of three nodes.
std::shared_ptr<const Circuit> mixed_inputs() {
  CircuitBuilder builder;
  for (const auto* name : {"a", "b", "c"}) builder.node(name);
  builder.add_source(source("v1", SourceKind::voltage, {1, 0}));
  builder.add_source(source("i1", SourceKind::current, {0, 2}));
  builder.add_source(source("v2", SourceKind::voltage, {3, 0}, Waveform(SineWave{.offset = 0.1, .amplitude = 0.7, .frequency = 0.3}, 0, false)));
  builder.add_branch(resistor("r1", {1, 2}, {0.3, 0.5, 0.6}, law_id<TanhLaw>()));
  builder.add_branch(resistor("r2", {2, 3}, {0.8}));
  builder.add_branch(resistor("r3", {2, 0}, {0.2, 0.1, 0.3}, law_id<SinhLaw>()));
  builder.add_branch(capacitor("c1", {2, 0}, 0.9));
  return freeze(builder);
}

/// i1 must pass a resistor of i = sin(2 v): above 1 A there is no solution, and Newton's method wanders.
std::shared_ptr<const Circuit> limited() {
  CircuitBuilder builder;
  builder.node("a"), builder.node("b");
  builder.add_source(source("i1", SourceKind::current, {0, 1}));
  builder.add_branch(resistor("r1", {1, 2}, {0, 1, 0.5}, law_id<SineLaw>()));
  builder.add_branch(resistor("r2", {2, 0}, {0.5}));
  builder.add_branch(capacitor("c2", {2, 0}, 0.3));
  return freeze(builder);
}

void scale(Table& stimulus, double factor) {
  for (std::size_t n = 0; n < stimulus.rows(); ++n)
    for (double& value : stimulus.row(n)) value *= factor;
}

std::string complaint(Plant& plant, const PhaseProgram& program) {
  try {
    plant.run(program);
  } catch (const ConvergenceError& error) {
    return error.what();
  }
  return "";
}

std::vector<double> train_on_chip(const LearningBench& bench, int epochs, std::size_t steps_per_tick = 1) {
  ChipUnderTest chip(bench, steps_per_tick);
  for (int epoch = 0; epoch < epochs; ++epoch) chip.plant.run(bench.cycle(chip.plant).program);
  return chip.plant.parameters();
}

void check_against_direct(const LearningBench& bench, const BenchCycle& options = {}) {
  DirectPlant direct(bench.setup);
  ChipUnderTest chip(bench);
  for (int epoch = 0; epoch < 3; ++epoch) {
    const auto on_direct = bench.cycle(direct, options), on_chip = bench.cycle(chip.plant, options);
    direct.run(on_direct.program);
    chip.plant.run(on_chip.program);
    CHECK(on_chip.record.get().peak_source_current == doctest::Approx(on_direct.record.get().peak_source_current).epsilon(1e-9));
    if (!bench.setup.learning.empty()) CHECK(relative_difference(chip.plant.gradient(), direct.gradient()) < 1e-9);
  }
  if (!bench.setup.learning.empty()) CHECK(relative_difference(chip.plant.parameters(), direct.parameters()) < 1e-9);
}

}  // namespace

TEST_CASE("a last clock cycle that reaches past the grid changes nothing: it holds the stimulus and has no error") {
  for (const auto kind : {CircuitClass::kendall, CircuitClass::directed}) {
    const LearningBench odd(kind, 5, 81);
    LearningBench even(kind, 5, 82);
    even.counted_steps = 81;
    even.stimulus.at(81, 0) = even.stimulus.at(80, 0);
    CHECK(train_on_chip(odd, 3, 2) == train_on_chip(even, 3, 2));
    // With every step seen there is nothing to pad.
    check_against_direct(odd);
  }
}

TEST_CASE("momentum over several cycles is that of the direct plant") {
  LearningBench bench(CircuitClass::resistive_nonlinear, 4);
  for (auto& learning : bench.setup.learning) learning.decay = 0.8;
  DirectPlant direct(bench.setup);
  ChipUnderTest chip(bench);
  for (int epoch = 0; epoch < 6; ++epoch)
    for (Plant* plant : {static_cast<Plant*>(&direct), static_cast<Plant*>(&chip.plant)}) plant->run(bench.cycle(*plant).program);
  CHECK(relative_difference(chip.plant.parameters(), direct.parameters()) < 1e-9);
  CHECK(relative_difference(chip.plant.gradient(), direct.gradient()) < 1e-9);
}

TEST_CASE("inputs of both kinds, a source on its own waveform and several probes, one between two nodes, learn as on the direct plant") {
  LearningBench bench(mixed_inputs());
  bench.setup.probes.clear(), bench.target.clear();
  for (const Port probe : {Port{2, 0}, Port{1, 2}, Port{3, 0}}) bench.add_probe(probe);
  check_against_direct(bench);
  bench.let_follow_waveforms(2);
  REQUIRE(bench.driven == std::vector<std::int32_t>{0, 1});
  check_against_direct(bench);
  bench.let_follow_waveforms(1);
  check_against_direct(bench, {.rule = Rule::echo});
}

TEST_CASE("a chip without trained parameters, without nonlinear elements or without probes runs its programs") {
  LearningBench bench(mixed_inputs());
  bench.setup.learning.clear();
  check_against_direct(bench);

  LearningBench linear(CircuitClass::linear, 1);
  linear.setup.learning.clear();
  REQUIRE(linear.chip(1).cells.empty());
  check_against_direct(linear, {.rule = Rule::echo});

  LearningBench blind(mixed_inputs());
  blind.setup.probes.clear(), blind.target.clear();
  ChipUnderTest chip(blind);
  chip.plant.run(blind.cycle(chip.plant).program);
  CHECK(chip.plant.phase_cycles()[2].cycles == 80);
  for (const double slope : chip.plant.gradient()) CHECK(slope == 0);
}

TEST_CASE("a chip of sources alone runs, and tells the current that they deliver") {
  CircuitBuilder builder;
  builder.node("a");
  builder.add_source(source("v1", SourceKind::voltage, {1, 0}));
  builder.add_source(source("i1", SourceKind::current, {0, 1}, Waveform(0.25)));
  LearningBench bench(freeze(builder), 10);
  bench.let_follow_waveforms(1);
  ChipUnderTest chip(bench);
  const auto cycle = bench.cycle(chip.plant);
  chip.plant.run(cycle.program);
  CHECK(cycle.record.get().peak_source_current == 0.25);
  for (std::size_t n = 0; n < 10; ++n) CHECK(cycle.record.get().probes.at(n, 0) == bench.stimulus.at(n, 0));
}

TEST_CASE("the peak current is that of the last clamped phase, not the largest ever") {
  const LearningBench bench(CircuitClass::linear, 2, 20);
  LearningBench louder = bench;
  scale(louder.stimulus, 3);
  ChipUnderTest chip(bench);
  const auto peak_of = [&](const LearningBench& task) {
    const auto cycle = task.cycle(chip.plant, {.rule = Rule::echo, .with_update = false});
    chip.plant.run(cycle.program);
    return cycle.record.get().peak_source_current;
  };
  const double quiet = peak_of(bench);
  CHECK(peak_of(louder) == doctest::Approx(3 * quiet));
  CHECK(peak_of(bench) == quiet);
}

TEST_CASE("each phase takes the clock cycles that it should, and the others none beside") {
  const LearningBench bench(CircuitClass::kendall, 1);
  for (const std::size_t steps_per_tick : {1u, 3u, 8u}) {
    ChipUnderTest chip(bench, steps_per_tick);
    chip.plant.run(bench.cycle(chip.plant).program);
    const auto cycles = chip.plant.phase_cycles();
    const auto of = [&](Phase phase) { return cycles[static_cast<std::size_t>(phase)].cycles; };
    const auto ticks = (80 + steps_per_tick - 1) / steps_per_tick;
    for (const auto phase : {Phase::clamped, Phase::nudged_plus, Phase::nudged_minus}) CHECK(of(phase) == ticks);
    CHECK(of(Phase::accumulate) == 1);
    CHECK(of(Phase::update) == 1);
    CHECK(of(Phase::load) > 0);
    CHECK(of(Phase::turn) > 0);
  }
}

TEST_CASE("aborts by the driver in the middle of a learning run leave what is learned as if there had been none") {
  LearningBench bench(CircuitClass::resistive_nonlinear, 6, 30);
  bench.bus_clock = 50;  // [Hz] a fifth of a clock cycle a word, so that reads let the phases go on
  const auto expected = train_on_chip(bench, 9);
  ChipUnderTest chip(bench);
  drivers::Sequencer sequencer(chip.chip.bus());
  drivers::Interrupts interrupts(chip.chip.bus());
  std::mt19937 random(3);
  const auto pass = [&](std::size_t words) {
    drivers::Sequencer::State state;
    for (std::size_t i = 0; i < words; ++i) REQUIRE(sequencer.state(state) == drivers::Status::ok);
  };
  std::vector<bool> seen(regmap::phase_count);
  const auto abort_now = [&] {
    Phase phase{};
    REQUIRE(sequencer.phase(phase) == drivers::Status::ok);
    seen[static_cast<std::size_t>(phase)] = true;
    const auto before = chip.plant.parameters();
    REQUIRE(sequencer.abort() == drivers::Status::ok);
    REQUIRE(sequencer.phase(phase) == drivers::Status::ok);
    CHECK(phase == Phase::idle);
    CHECK(chip.plant.parameters() == before);
  };
  for (int epoch = 0; epoch < 9; ++epoch) {
    REQUIRE(sequencer.load() == drivers::Status::ok);
    if (epoch % 3 > 0) {
      REQUIRE(sequencer.start() == drivers::Status::ok);
      pass(random() % 100);
    }
    if (epoch % 3 > 1) {
      drivers::Interrupts::Causes causes;
      pass(250);
      REQUIRE(interrupts.wait(causes) == drivers::Status::ok);
      REQUIRE(sequencer.resume() == drivers::Status::ok);
      pass(random() % 200);
    }
    abort_now();
    chip.plant.run(bench.cycle(chip.plant).program);
  }
  CHECK(chip.plant.parameters() == expected);
  for (const auto phase : {Phase::load, Phase::clamped}) CHECK(seen[static_cast<std::size_t>(phase)]);
  CHECK((seen[4] || seen[5]));
}

TEST_CASE("a circuit without a solution stops the program with the solver's sentence and leaves every parameter as it was") {
  LearningBench bench(limited(), 20);
  bench.setup.probes = {{1, 0}};
  scale(bench.stimulus, 0.3);
  const auto expected = [&] {
    ChipUnderTest chip(bench);
    chip.plant.run(bench.cycle(chip.plant).program);
    return chip.plant.gradient();
  }();
  LearningBench overdriven = bench;
  scale(overdriven.stimulus, 10);
  for (const bool in_nudged_phase : {false, true}) {
    CAPTURE(in_nudged_phase);
    const auto program_for = [&](const Plant& plant) {
      return in_nudged_phase ? bench.cycle(plant, {.beta = 50}).program : overdriven.cycle(plant).program;
    };
    DirectPlant direct(bench.setup);
    ChipUnderTest chip(bench);
    const auto before = chip.plant.parameters();
    const auto sentence = complaint(chip.plant, program_for(chip.plant));
    INFO(sentence);
    CHECK(sentence.find("no convergence at t = ") == 0);
    CHECK(sentence == complaint(direct, program_for(direct)));
    CHECK(chip.plant.parameters() == before);
    // The chip is as good as new.
    chip.plant.run(bench.cycle(chip.plant).program);
    CHECK(chip.plant.gradient() == expected);
  }
}

TEST_CASE("a run that has no operating point to start from is a fault like any other, and the chip runs on when it has one") {
  LearningBench bench(limited(), 20);
  bench.setup.probes = {{1, 0}};
  bench.setup.dc_sources = {3};  // [A] more than r1 can carry
  scale(bench.stimulus, 0.1);
  ChipUnderTest chip(bench);
  DirectPlant direct(bench.setup);
  const auto before = chip.plant.parameters();
  for (int again = 0; again < 2; ++again) {
    const auto sentence = complaint(chip.plant, bench.cycle(chip.plant).program);
    CHECK(sentence != "");
    CHECK(sentence == complaint(direct, bench.cycle(direct).program));
    CHECK(chip.plant.parameters() == before);
  }
  auto stronger = before;
  for (std::size_t p = 0; p < stronger.size(); ++p)
    if (bench.circuit->parameters()[bench.setup.learning[p].parameter].branch == 0) stronger[p] = 5;
  REQUIRE(stronger != before);
  for (Plant* plant : {static_cast<Plant*>(&chip.plant), static_cast<Plant*>(&direct)}) {
    plant->set_parameters(stronger);
    plant->run(bench.cycle(*plant).program);
  }
  CHECK(chip.plant.gradient() == direct.gradient());
}

TEST_CASE("a controller that gives up in turn leaves a chip that runs the next program") {
  const LearningBench bench(CircuitClass::linear, 1);
  LearningBench silent = bench;
  scale(silent.stimulus, 0);
  ChipUnderTest chip(bench);
  CHECK_THROWS_AS(chip.plant.run(silent.cycle(chip.plant, {.rule = Rule::echo}).program), InputError);
  chip.plant.run(bench.cycle(chip.plant, {.rule = Rule::echo}).program);
  CHECK(chip.plant.gradient()[0] != 0);
}

TEST_CASE("outputs that are held stay at their last level while an echo rings out, as on the direct plant") {
  LearningBench bench(CircuitClass::linear, 4, 30);
  bench.setup.tail = 12;
  const auto currents_and_gradient = [&](Plant& plant) {
    PhaseProgram program({.clamp_outputs = true, .tail = bench.setup.tail, .reading = {}});
    const auto record = program.clamped(bench.stimulus);
    Nudge nudge{.drive = Table(plant.ticks(), 1), .gain_plus = 1, .beta = 1};
    for (std::size_t k = 0; k < plant.ticks(); ++k) nudge.drive.at(k, 0) = 0.01 * static_cast<double>(k);
    const auto decided = program.turn(record, [nudge](const ClampedRecord&) { return nudge; });
    const auto currents = program.nudged(decided, Side::plus);
    program.accumulate(decided);
    plant.run(program);
    auto seen = plant.gradient();
    seen.push_back(currents.get().at(0));
    return seen;
  };
  DirectPlant direct(bench.setup);
  ChipUnderTest chip(bench);
  CHECK(currents_and_gradient(chip.plant) == currents_and_gradient(direct));
}

TEST_CASE("elements may bear the names of the chip's own parts, and keep them") {
  CircuitBuilder builder;
  builder.node("a"), builder.node("b.1");
  builder.add_source(source("irq", SourceKind::current, {0, 1}));
  builder.add_branch(resistor("registers", {1, 2}, {0, 1, 0.5}, law_id<SineLaw>()));
  builder.add_branch(resistor("r.1", {2, 0}, {0.5}));
  builder.add_branch(capacitor("clock", {2, 0}, 0.5));
  builder.add_branch(capacitor("cycle", {2, 0}, 0.5));
  builder.add_branch(capacitor("cell_r1", {2, 0}, 0.5));
  LearningBench bench(freeze(builder), 10);
  scale(bench.stimulus, 5);
  const auto renamed = [] { return sc_core::sc_report_handler::get_count(sc_core::SC_ID_INSTANCE_EXISTS_); };
  const auto before = renamed();
  ChipUnderTest chip(bench);
  CHECK(complaint(chip.plant, bench.cycle(chip.plant).program).find("registers") != std::string::npos);
  CHECK(renamed() == before);
}

TEST_CASE("the chip works the same on every time scale, from ten femtoseconds to a second a step") {
  // Steps that no power of ten divides, and many to a clock cycle: rounding to simulated time must not add up.
  const auto gradient_at = [](double step, std::size_t steps_per_tick) {
    CircuitBuilder builder;
    builder.node("a"), builder.node("b");
    builder.add_source(source("v1", SourceKind::voltage, {1, 0}));
    builder.add_branch(resistor("r1", {1, 2}, {0.6, 0.3, 0.5}, law_id<TanhLaw>()));
    builder.add_branch(capacitor("c1", {2, 0}, 4 * step));
    LearningBench bench(freeze(builder), 120);
    bench.set_step(step);
    bench.bus_clock = 0.1 / step;
    ChipUnderTest chip(bench, steps_per_tick);
    chip.plant.run(bench.cycle(chip.plant, {.with_update = false}).program);
    CHECK(chip.plant.phase_cycles()[2].cycles == 120 / steps_per_tick);
    auto gradient = chip.plant.gradient();
    for (std::size_t i = 0; i < 3; ++i) gradient[i] /= step;  // the loss is an integral over time; c1's slope is not scaled
    return gradient;
  };
  for (const std::size_t steps_per_tick : {1u, 40u}) {
    const auto expected = gradient_at(1, steps_per_tick);
    for (const double step : {1e-14, 1.06e-14, 1e-12 / 3, 1.7e-12, 1e-9 / 3, 1e-8, 1e-6 / 7, 0.1}) {
      CAPTURE(step);
      CHECK(relative_difference(gradient_at(step, steps_per_tick), expected) < 1e-9);
    }
  }
}

TEST_CASE("chips that cannot be are refused in words") {
  const LearningBench bench(CircuitClass::linear, 1);
  const auto refused = [&](auto&& change) {
    auto description = bench.chip(1);
    change(description);
    CHECK_THROWS_AS(chip::EmulatedChip{description}, InputError);
  };
  refused([](auto& d) { d.steps_per_tick = 0; });
  refused([](auto& d) { d.grid.steps = 0; });
  refused([](auto& d) { d.grid.step = 1e-16; });
  refused([](auto& d) { d.grid.step = 0; });
  refused([](auto& d) { d.bus_clock = 0; });
  ChipUnderTest one(bench);
  CHECK_THROWS_AS(chip::EmulatedChip{bench.chip(1)}, std::logic_error);
}

TEST_CASE("two learning runs on two chips, one after the other, give the same bits") {
  const LearningBench bench(CircuitClass::directed, 8, 40);
  CHECK(train_on_chip(bench, 4, 2) == train_on_chip(bench, 4, 2));
}
