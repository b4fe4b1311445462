#include <doctest/doctest.h>

#include "circuits/schematic.hpp"
#include "runtime/plant/chip_plant.hpp"
#include "tellegen/bus/recording_bus.hpp"
#include "tellegen/regmap/registers.hpp"

using namespace tellegen;
using test::Schematic;

namespace {

namespace sequencer = regmap::sequencer;
using Step = void (*)(PhaseProgram&, const Ticket<Nudge>&);

/// A chip without cells, converters or physics: storage behind a bus, and the plant that drives it.
struct Fixture {
  bus::RecordingBus bus;
  PlantSetup setup{.circuit = Schematic().current_source("i1", "0", "a").resistor("r1", "a", "0", 1).freeze(),
                   .grid = {.step = 1, .steps = 5, .method = Method::bdf2}, .probes = {}, .learning = {}, .slots = {1}};

  explicit Fixture(std::uint32_t steps_per_tick = 1) { bus.preset(sequencer::steps_per_tick.address(), steps_per_tick); }

  ChipPlant plant() { return {bus, setup, {.driven_sources = {}, .cells = {}}}; }
  /// What the sequencer's status tells at successive reads.
  void answer(std::initializer_list<regmap::Phase> phases) {
    std::vector<std::uint32_t> words;
    for (const auto phase : phases) words.push_back(sequencer::status_phase.set(0, static_cast<std::uint32_t>(phase)));
    bus.script(sequencer::status.address(), words);
  }
  [[nodiscard]] std::vector<std::uint32_t> commands() const {
    std::vector<std::uint32_t> words;
    for (const auto& transfer : bus.writes())
      if (transfer.address == sequencer::command.address()) words.push_back(transfer.words[0]);
    return words;
  }
};

void clamped(PhaseProgram& program, const Ticket<Nudge>&) { (void)program.clamped(Table(5, 1)); }
void turn(PhaseProgram& program, const Ticket<Nudge>&) { (void)program.turn({}, [](const ClampedRecord&) { return Nudge{}; }); }
void plus(PhaseProgram& program, const Ticket<Nudge>& nudge) { program.nudged(nudge, Side::plus); }
void minus(PhaseProgram& program, const Ticket<Nudge>& nudge) { program.nudged(nudge, Side::minus); }
void accumulate(PhaseProgram& program, const Ticket<Nudge>& nudge) { program.accumulate(nudge); }
void update(PhaseProgram& program, const Ticket<Nudge>&) { program.update(); }

PhaseProgram program_of(const std::vector<Step>& steps) {
  PhaseProgram program({});
  const Ticket<Nudge> nudge;
  for (const Step step : steps) step(program, nudge);
  return program;
}

}  // namespace

TEST_CASE("a program whose phases come in an order that the sequencer does not know is refused before anything is written") {
  Fixture fixture;
  auto plant = fixture.plant();
  fixture.bus.forget_transfers();
  const std::vector<std::vector<Step>> wrong{{},
                                             {update},
                                             {turn, clamped},
                                             {clamped, clamped},
                                             {clamped, turn, turn},
                                             {clamped, turn, minus, plus},
                                             {clamped, turn, plus, plus},
                                             {clamped, turn, accumulate, plus},
                                             {clamped, turn, update, accumulate},
                                             {clamped, turn, update, update}};
  for (const auto& steps : wrong) CHECK_THROWS_AS(plant.run(program_of(steps)), std::logic_error);
  CHECK(fixture.bus.transfers().empty());
}

TEST_CASE("a program that nudges or accumulates without a turn of its own is refused: an old drive must not be replayed") {
  Fixture fixture;
  auto plant = fixture.plant();
  fixture.bus.forget_transfers();
  for (const auto& steps : {std::vector<Step>{clamped, plus}, std::vector<Step>{clamped, minus, accumulate}, std::vector<Step>{clamped, accumulate}})
    CHECK_THROWS_WITH_AS(plant.run(program_of(steps)), "nudged and accumulate phases need a turn before them in the same program", std::logic_error);
  CHECK(fixture.bus.transfers().empty());
}

TEST_CASE("a program is written once, commanded phase by phase, and its record read back") {
  Fixture fixture;
  auto plant = fixture.plant();
  fixture.bus.forget_transfers();
  using enum regmap::Phase;
  fixture.answer({idle, idle, load, load, clamped, turn, nudged_plus});
  fixture.bus.preset(regmap::interrupt::status.address(), regmap::interrupt::turn.mask() | regmap::interrupt::done.mask());
  fixture.bus.preset_double(regmap::waveform::peak_source_current.address(), 2.5);
  fixture.bus.script(regmap::interrupt::status.address(), {regmap::interrupt::turn.mask(), regmap::interrupt::done.mask()});
  fixture.bus.raise_interrupts(2);
  PhaseProgram program({.swap_ports = true, .replay_bias = false, .reading = {.skew = 0.5, .product_only = true}});
  const auto record = program.clamped(Table(5, 1));
  const auto nudge = program.turn(record, [](const ClampedRecord& seen) {
    return Nudge{.drive = Table(5, 0), .gain_plus = seen.peak_source_current, .gain_minus = -7};
  });
  program.nudged(nudge, Side::plus);
  program.accumulate(nudge);
  plant.run(program);
  CHECK(record.get().peak_source_current == 2.5);
  CHECK(fixture.bus.stored_double(regmap::correlator::gain_plus.address()) == 2.5);
  CHECK(fixture.bus.stored_double(regmap::correlator::gain_minus.address()) == -7.0);
  CHECK(fixture.bus.stored(sequencer::ticks.address()) == 5);
  CHECK(fixture.bus.stored(sequencer::echo_skew.address()) == 1);
  const auto bits = fixture.bus.stored(sequencer::program.address());
  CHECK(bits == (sequencer::program_nudged_plus.mask() | sequencer::program_accumulate.mask() | sequencer::program_swap_ports.mask() |
                 sequencer::program_product_only.mask()));
  CHECK(fixture.commands() == std::vector{sequencer::command_load.mask(), sequencer::command_start.mask(), sequencer::command_resume.mask()});
}

TEST_CASE("a controller that gives up in its turn tells why, and the next program aborts what it left behind") {
  Fixture fixture;
  auto plant = fixture.plant();
  using enum regmap::Phase;
  const auto load_bit = sequencer::command_load.mask(), start = sequencer::command_start.mask();
  PhaseProgram program({});
  const auto record = program.clamped(Table(5, 1));
  (void)program.turn(record, [](const ClampedRecord&) -> Nudge { throw InputError({}, "beta", "has no reference"); });
  fixture.answer({idle, idle, load, load, clamped});
  fixture.bus.script(regmap::interrupt::status.address(), {regmap::interrupt::turn.mask()});
  fixture.bus.raise_interrupts(1);
  CHECK_THROWS_WITH_AS(plant.run(program), "beta: has no reference", InputError);
  CHECK(fixture.commands() == std::vector{load_bit, start});
  fixture.bus.forget_transfers();
  fixture.answer({turn, idle, idle, load, load, clamped});
  fixture.bus.script(regmap::interrupt::status.address(), {regmap::interrupt::turn.mask()});
  fixture.bus.raise_interrupts(1);
  CHECK_THROWS_AS(plant.run(program), InputError);
  CHECK(fixture.commands() == std::vector{sequencer::command_abort.mask(), load_bit, start});
}

TEST_CASE("a fault of the analog array is a convergence error with the simulation's own sentence") {
  for (const bool explained : {true, false}) {
    Fixture fixture;
    ChipPlant plant(fixture.bus, fixture.setup, {.driven_sources = {}, .cells = {}},
                    explained ? std::function<std::string()>([] { return std::string("no convergence at t = 3 s"); }) : nullptr);
    using enum regmap::Phase;
    fixture.answer({idle, idle, load, load, clamped, idle});
    fixture.bus.script(regmap::interrupt::status.address(), {regmap::interrupt::fault.mask()});
    fixture.bus.raise_interrupts(1);
    PhaseProgram program({});
    (void)program.clamped(Table(5, 1));
    CHECK_THROWS_WITH_AS(plant.run(program), explained ? "no convergence at t = 3 s" : "the analog array did not converge", ConvergenceError);
  }
}

TEST_CASE("every program runs under a watchdog that its longest phase and the transfers of its turn stay far below") {
  for (const auto& [loading, limit] : {std::pair{0u, 4u * 64}, std::pair{9u, 4u * 64 * 10}, std::pair{0xFFFFFFFFu, 0xFFFFFFFFu}}) {
    Fixture fixture;
    auto plant = fixture.plant();
    const auto program = program_of({clamped});
    using enum regmap::Phase;
    fixture.answer({idle, idle, load, load, clamped, turn, done});
    fixture.bus.preset(sequencer::cycles[1].address(), loading);
    fixture.bus.script(regmap::interrupt::status.address(), {regmap::interrupt::turn.mask(), regmap::interrupt::done.mask()});
    fixture.bus.raise_interrupts(2);
    plant.run(program);
    CHECK(fixture.bus.stored(sequencer::watchdog.address()) == limit);
    CHECK(fixture.bus.stored(regmap::interrupt::mask.address()) == 0xF);
  }
}

TEST_CASE("an expiry of the watchdog is told with its phase and cycle, whether it comes as an interrupt or is met at a resume") {
  for (const bool interrupts : {true, false}) {
    Fixture fixture;
    auto plant = fixture.plant();
    const auto program = program_of({clamped});
    const auto expired = sequencer::status_watchdog.mask();
    using enum regmap::Phase;
    fixture.answer({idle, idle, load, load, clamped});
    fixture.bus.script(sequencer::status.address(), {expired, expired});
    fixture.bus.script(regmap::interrupt::status.address(), {interrupts ? regmap::interrupt::watchdog.mask() : regmap::interrupt::turn.mask()});
    fixture.bus.raise_interrupts(1);
    fixture.bus.preset(sequencer::fault_phase.address(), interrupts ? 2 : 3);
    fixture.bus.preset(sequencer::fault_tick.address(), 256);
    CHECK_THROWS_WITH_AS(plant.run(program),
                         interrupts ? "the chip's watchdog ended the program: phase CLAMPED went on after 256 clock cycles"
                                    : "the chip's watchdog ended the program: phase TURN went on after 256 clock cycles",
                         std::runtime_error);
  }
}

TEST_CASE("a device that is not the chip, and a bus that does not answer, are told as such") {
  Fixture fixture;
  fixture.bus.preset(sequencer::id.address(), 0x12345678);
  CHECK_THROWS_WITH((void)fixture.plant(), "the chip's identification answered \"wrong device\"");
  Fixture silent;
  silent.bus.fail(bus::BusStatus::timeout);
  CHECK_THROWS_WITH((void)silent.plant(), "the chip's identification answered \"timeout\"");
  Fixture deaf;
  auto plant = deaf.plant();
  using enum regmap::Phase;
  deaf.answer({idle, idle, load, load, clamped, idle});
  PhaseProgram program({});
  (void)program.clamped(Table(5, 1));
  CHECK_THROWS_WITH(plant.run(program), "the chip's interrupt block answered \"timeout\"");
}

TEST_CASE("clock ticks cover the whole grid, the last one possibly beyond it") {
  for (const auto& [steps_per_tick, ticks] : {std::pair{1u, 5u}, std::pair{2u, 3u}, std::pair{5u, 1u}, std::pair{8u, 1u}}) {
    Fixture fixture(steps_per_tick);
    const auto plant = fixture.plant();
    CHECK(plant.ticks() == ticks);
    CHECK(plant.steps_per_tick() == steps_per_tick);
  }
}

TEST_CASE("a trained parameter whose branch has no cell on the chip is refused") {
  Fixture fixture;
  fixture.setup.learning.push_back({.parameter = 0});
  CHECK_THROWS_AS((void)fixture.plant(), std::logic_error);
}
