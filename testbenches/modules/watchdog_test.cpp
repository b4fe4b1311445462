// The watchdog: by its ports beside a sequencer, by registers on a board, and by drivers on a whole chip.

#include <doctest/doctest.h>

#include <fmt/format.h>

#include "hw_models/chip/watchdog.hpp"
#include "modules/board_program.hpp"
#include "modules/learning_bench.hpp"
#include "runtime/drivers/interrupts.hpp"
#include "runtime/drivers/sequencer.hpp"

using namespace tellegen;
using bus::BusStatus;
using regmap::Phase;
using test::ChipBoard, test::ChipUnderTest, test::CircuitClass, test::LearningBench;
using namespace test::board;

namespace {

/// Clock and wires around a sequencer and its watchdog: no registers, no array.
class Kennel {
 public:
  explicit Kennel(std::uint32_t limit, std::uint32_t ticks = 5, std::uint32_t tail = 0) {
    sequencer.clock(clock_), sequencer.analog_fault(fault), sequencer.phase(phase_), sequencer.tick(tick_), sequencer.cycle(cycle_);
    sequencer.sample(sample_), sequencer.sampled_tick(sampled_tick_), sequencer.present(present_), sequencer.accumulate(accumulate_);
    sequencer.update(update_);
    watchdog.clock(clock_), watchdog.phase(phase_);
    sequencer.settings = {.program = 0b1111, .ticks = ticks, .tail = tail};
    watchdog.limit = limit;
    clocks(1);
  }
  void clocks(std::size_t edges) { sc_core::sc_start(10.0 * static_cast<double>(edges), sc_core::SC_NS); }
  void command(chip::Command command) { sequencer.issue(command), clocks(1); }
  /// Clock cycles until the phase is another one; no more than asked for.
  std::uint32_t cycles_in_phase(std::uint32_t most = 1000) {
    const auto before = sequencer.state();
    std::uint32_t cycles = 0;
    while (sequencer.state() == before && cycles < most) clocks(1), ++cycles;
    return cycles;
  }
  void bring_to(Phase wanted) {
    command(chip::Command::load);
    if (wanted == Phase::load) return;
    command(chip::Command::start);
    if (wanted == Phase::clamped) return;
    (void)cycles_in_phase();
    if (wanted == Phase::turn) return;
    command(chip::Command::resume);
    while (sequencer.state() != wanted) (void)cycles_in_phase();
  }

 private:
  using Wire = sc_core::sc_signal<bool, sc_core::SC_MANY_WRITERS>;
  chip::SimulationContext context_{1e-12};
  sc_core::sc_clock clock_{"clock", sc_core::sc_time(10, sc_core::SC_NS), 0.5, sc_core::sc_time(5, sc_core::SC_NS), true};
  sc_core::sc_signal<std::uint32_t> phase_{"phase"}, tick_{"tick"}, sampled_tick_{"sampled_tick"};
  Wire cycle_{"cycle"}, sample_{"sample"}, present_{"present"}, accumulate_{"accumulate"}, update_{"update"};

 public:
  Wire fault{"fault"};
  chip::Sequencer sequencer{"sequencer"};
  chip::Watchdog watchdog{"watchdog", sequencer};
};

}  // namespace

TEST_CASE("a phase that lasts its limit is left alone, one that goes on is ended in idle with its next cycle") {
  for (const auto phase : {Phase::clamped, Phase::nudged_plus, Phase::nudged_minus})
    for (const std::uint32_t ticks : {4u, 5u, 6u, 7u, 0xFFFFFFFFu}) {
      constexpr std::uint32_t limit = 5;
      Kennel kennel(0, phase == Phase::clamped ? ticks : 3, phase == Phase::clamped ? 0 : ticks - 3);
      kennel.sequencer.settings.program = phase == Phase::nudged_minus ? 0b1110 : 0b1101;
      kennel.bring_to(phase);
      kennel.watchdog.limit = limit;
      CAPTURE(ticks);
      CHECK(kennel.cycles_in_phase() == std::min(ticks, limit + 1));
      const bool is_ended = ticks > limit;
      CHECK((kennel.sequencer.state() == Phase::idle) == is_ended);
      CHECK(kennel.watchdog.expired() == is_ended);
      if (!is_ended) continue;
      CHECK(kennel.watchdog.expired_phase() == phase);
      CHECK(kennel.watchdog.expired_tick() == limit);
      CHECK(kennel.watchdog.take_causes() == watchdog_cause);
      CHECK(kennel.watchdog.take_causes() == 0);
      kennel.clocks(20);
      CHECK(kennel.sequencer.cycles(7) == 0);
    }
}

TEST_CASE("a turn that nobody resumes is ended, whatever illegal commands come meanwhile") {
  for (const bool with_commands : {false, true}) {
    Kennel kennel(8);
    kennel.bring_to(Phase::turn);
    std::uint32_t cycles = 0;
    for (; kennel.sequencer.state() == Phase::turn && cycles < 100; ++cycles)
      with_commands ? kennel.command(chip::Command::start) : kennel.clocks(1);
    CHECK(cycles == 9);
    CHECK(kennel.sequencer.state() == Phase::idle);
    CHECK(kennel.watchdog.expired_phase() == Phase::turn);
    CHECK(kennel.watchdog.expired_tick() == 8);
  }
}

TEST_CASE("neither load nor idle nor done is watched, and a limit of zero ends nothing") {
  for (const std::uint32_t limit : {0u, 6u}) {
    Kennel kennel(limit);
    kennel.clocks(50);
    kennel.bring_to(Phase::load);
    kennel.clocks(50);
    CHECK(kennel.sequencer.state() == Phase::load);
    kennel.command(chip::Command::start);
    (void)kennel.cycles_in_phase();
    CHECK(kennel.sequencer.state() == Phase::turn);
    if (limit == 0) kennel.clocks(50);
    kennel.command(chip::Command::resume);
    kennel.clocks(100);
    CHECK(kennel.sequencer.state() == Phase::done);
    CHECK(!kennel.watchdog.expired());
    CHECK(kennel.watchdog.take_causes() == 0);
  }
}

TEST_CASE("each phase is watched from its own beginning, the smallest limit spares accumulate and update, and load forgets an expiry") {
  {
    Kennel kennel(5, 5);  // phases of 5, 5, 5, 1 and 1 cycles
    kennel.bring_to(Phase::turn);
    kennel.clocks(3);
    kennel.command(chip::Command::resume);
    kennel.clocks(30);
    CHECK(kennel.sequencer.state() == Phase::done);
  }
  Kennel strict(1, 1);
  strict.bring_to(Phase::turn);
  strict.command(chip::Command::resume);
  strict.clocks(10);
  CHECK(strict.sequencer.state() == Phase::done);
  strict.bring_to(Phase::turn);
  strict.clocks(5);
  CHECK(strict.watchdog.expired());
  strict.command(chip::Command::load);
  CHECK(!strict.watchdog.expired());
  CHECK(strict.watchdog.expired_phase() == Phase::turn);  // where the last one was stays to be read
}

TEST_CASE("the registers tell an expiry: STATUS until the next load, an interrupt with its mask, phase and cycle") {
  for (const bool is_masked : {false, true}) {
    ChipBoard board;
    set_up(board);
    REQUIRE(write(board, watchdog, 40) == BusStatus::ok);
    CHECK(read(board, watchdog) == 40);
    REQUIRE(write(board, irq_mask, is_masked ? 0b0111 : 0b1111) == BusStatus::ok);
    REQUIRE(write(board, command, load) == BusStatus::ok);
    run_to_interrupt(board, start);
    CHECK((read(board, status) & watchdog_bit) == 0);
    // Nobody resumes: the wait ends with the expiry, heard or not.
    CHECK(board.bus.wait_for_interrupt() == (is_masked ? BusStatus::timeout : BusStatus::ok));
    CHECK(read(board, status) == watchdog_bit);  // idle, nothing else
    CHECK(read(board, irq_status) == watchdog_cause);
    CHECK(board.irq.read() == !is_masked);
    CHECK(read(board, fault_phase) == 3);
    CHECK(read(board, fault_tick) == 40);
    CHECK(read(board, cycles_idle + 4 * 3) == 41);
    REQUIRE(write(board, irq_status, watchdog_cause) == BusStatus::ok);
    CHECK(!board.irq.read());
    CHECK((read(board, status) & watchdog_bit) != 0);
    REQUIRE(write(board, command, abort_now) == BusStatus::ok);
    CHECK((read(board, status) & watchdog_bit) != 0);
    REQUIRE(write(board, command, load) == BusStatus::ok);
    CHECK(read(board, status) == 1);
    CHECK(read(board, fault_phase) == 3);
  }
}

TEST_CASE("a fault and an expiry in the same cycle are both told, at one place") {
  ChipBoard board;
  set_up(board);
  REQUIRE(write(board, watchdog, 2) == BusStatus::ok);
  REQUIRE(write(board, command, load) == BusStatus::ok);
  REQUIRE(write(board, command, start) == BusStatus::ok);
  board.wait_for_edge();  // end of cycle 0 of clamped
  board.wait(1.75);       // cycle 2, past the middle, where the watchdog has seen enough
  board.set_fault(true);
  board.wait(0.5);
  board.set_fault(false);
  board.wait(0.5);
  CHECK(read(board, status) == (fault_bit | watchdog_bit));
  CHECK(read(board, irq_status) == (fault_cause | watchdog_cause));
  CHECK(read(board, fault_phase) == 2);
  CHECK(read(board, fault_tick) == 2);
}

TEST_CASE("drivers set the watchdog, hear of it, and learn where it was") {
  const LearningBench bench(CircuitClass::linear, 1, 20);
  ChipUnderTest chip(bench);
  drivers::Sequencer sequencer(chip.chip.bus());
  drivers::Interrupts interrupts(chip.chip.bus());
  using drivers::Status;
  for (const std::uint32_t limit : {7u, 1000u}) {
    REQUIRE(sequencer.set_ticks(20) == Status::ok);
    REQUIRE(sequencer.set_watchdog(limit) == Status::ok);
    std::uint32_t seen = 0;
    REQUIRE(sequencer.watchdog(seen) == Status::ok);
    CHECK(seen == limit);
    REQUIRE(sequencer.load() == Status::ok);
    REQUIRE(sequencer.start() == Status::ok);
    CHECK(sequencer.set_watchdog(0) == Status::busy);
    drivers::Interrupts::Causes causes;
    REQUIRE(interrupts.wait(causes) == Status::ok);
    if (limit == 1000) {
      CHECK(causes == drivers::Interrupts::Causes{.turn = true});
      REQUIRE(interrupts.wait(causes) == Status::ok);
    }
    CHECK(causes == drivers::Interrupts::Causes{.watchdog = true});
    drivers::Sequencer::State state;
    REQUIRE(sequencer.state(state) == Status::ok);
    CHECK(state == drivers::Sequencer::State{.phase = Phase::idle, .watchdog = true});
    drivers::Sequencer::Fault fault;
    REQUIRE(sequencer.fault(fault) == Status::ok);
    CHECK(fault == drivers::Sequencer::Fault{limit == 7 ? Phase::clamped : Phase::turn, limit});
    CHECK(sequencer.resume() == Status::wrong_phase);
  }
}

TEST_CASE("a plant whose controller never comes back is told so by the chip's watchdog, and learns on as if nothing had been") {
  for (const std::size_t steps_per_tick : {1u, 3u})
    for (const double words_per_cycle : {0.1, 1.0, 1e7}) {
      LearningBench bench(CircuitClass::resistive_nonlinear, 6, 30);
      bench.bus_clock = words_per_cycle / (bench.grid.step * static_cast<double>(steps_per_tick));
      for (auto& learning : bench.setup.learning) learning.decay = 0.5;
      const auto undisturbed = [&] {
        ChipUnderTest chip(bench, steps_per_tick);
        for (int epoch = 0; epoch < 2; ++epoch) chip.plant.run(bench.cycle(chip.plant).program);
        return std::pair(chip.plant.parameters(), chip.plant.gradient());
      }();
      ChipUnderTest chip(bench, steps_per_tick);
      chip.plant.run(bench.cycle(chip.plant).program);
      const auto before = std::pair(chip.plant.parameters(), chip.plant.gradient());
      auto program = PhaseProgram({});
      const auto record = program.clamped(bench.stimulus);
      drivers::Sequencer sequencer(chip.chip.bus());
      const auto nudge = program.turn(record, [&](const ClampedRecord&) {
        for (Phase now = Phase::turn; now == Phase::turn;) REQUIRE(sequencer.phase(now) == drivers::Status::ok);
        return Nudge{.drive = Table(chip.plant.ticks(), 1)};
      });
      program.nudged(nudge, Side::plus);
      program.accumulate(nudge);
      program.update();
      std::uint32_t limit = 0;
      std::string message;
      if (words_per_cycle < 1e6) {  // else the loop above would read for a million words a cycle
        try {
          chip.plant.run(program);
        } catch (const std::runtime_error& error) {
          message = error.what();
        }
        REQUIRE(sequencer.watchdog(limit) == drivers::Status::ok);
        CHECK(message == fmt::format("the chip's watchdog ended the program: phase TURN went on after {} clock cycles", limit));
        CHECK(std::pair(chip.plant.parameters(), chip.plant.gradient()) == before);
      }
      chip.plant.run(bench.cycle(chip.plant).program);
      CHECK(std::pair(chip.plant.parameters(), chip.plant.gradient()) == undisturbed);
    }
}
