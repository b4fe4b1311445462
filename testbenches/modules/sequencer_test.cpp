// The sequencer alone: driven and watched through its ports.

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <vector>

#include "hw_models/chip/sequencer.hpp"
#include "hw_models/chip/simulation_context.hpp"

using namespace tellegen;
using namespace tellegen::chip;
using sc_core::sc_signal;

namespace {

using Phases = std::vector<Phase>;

/// Clock, wires and a monitor around one sequencer.
class SequencerBench {
 public:
  explicit SequencerBench(std::uint32_t program = 0b1111, std::uint32_t ticks = 5) {
    sequencer_.clock(clock_);
    sequencer_.analog_fault(fault);
    sequencer_.phase(phase_);
    sequencer_.tick(tick_);
    sequencer_.cycle(cycle_);
    sequencer_.sampled_tick(sampled_tick_);
    for (auto& [name, wire] : strobes_) port_of(name)(wire);
    sequencer_.settings = {.program = program, .ticks = ticks};
    const auto watch = [](const char* name, const sc_core::sc_event& event, auto action) {
      sc_core::sc_spawn_options options;
      options.spawn_method();
      options.set_sensitivity(&event);
      options.dont_initialize();
      sc_core::sc_spawn(action, name, &options);
    };
    watch("watch_phase", phase_.value_changed_event(), [this] { phases.push_back(phase()); });
    watch("watch_cycle", cycle_.value_changed_event(), [this] { cycles.push_back({phase(), tick_.read()}); });
    for (auto& [name, wire] : strobes_) {
      watch((name + "_rises").c_str(), wire.posedge_event(), [this, name = name] { ++pulses[name]; });
      watch((name + "_falls").c_str(), wire.negedge_event(), [this] { falls_with_clock &= !clock_.read(); });
    }
    watch("watch_sample", strobes_.at("sample").posedge_event(), [this] { sampled.push_back(sampled_tick_.read()); });
    clocks(1);
  }

  /// Lets this many rising edges pass.
  void clocks(std::size_t edges) {
    for (std::size_t i = 0; i < edges; ++i) {
      sc_core::sc_start(10, sc_core::SC_NS);
      trace.push_back(sequencer_.state());
    }
  }
  void command(Command command) {
    sequencer_.issue(command);
    clocks(1);
    CHECK(!sequencer_.pending());
  }
  [[nodiscard]] Phase phase() const { return static_cast<Phase>(phase_.read()); }
  /// Runs a whole program, waiting one clock in load and in turn.
  void run_program() {
    command(Command::load);
    command(Command::start);
    run_until(Phase::turn);
    command(Command::resume);
    run_until(Phase::done);
  }
  void run_until(Phase wanted) {
    for (int edges = 0; sequencer_.state() != wanted; ++edges) {
      REQUIRE(edges < 100);
      clocks(1);
    }
  }
  void forget() {
    phases.clear();
    cycles.clear();
    pulses.clear();
    sampled.clear();
    trace.clear();
    (void)sequencer_.take_causes();
  }
  [[nodiscard]] Sequencer& sequencer() { return sequencer_; }
  [[nodiscard]] std::vector<std::uint32_t> counters() const {
    std::vector<std::uint32_t> all;
    for (std::size_t i = 0; i < regmap::phase_count; ++i) all.push_back(sequencer_.cycles(i));
    return all;
  }

  Phases phases;                                         // entered
  Phases trace;                                          // after each rising edge
  std::vector<std::pair<Phase, std::uint32_t>> cycles;   // analog cycles begun: phase and tick
  std::map<std::string, int> pulses;
  std::vector<std::uint32_t> sampled;
  bool falls_with_clock = true;

 private:
  sc_core::sc_out<bool>& port_of(const std::string& name) {
    if (name == "sample") return sequencer_.sample;
    if (name == "present") return sequencer_.present;
    return name == "accumulate" ? sequencer_.accumulate : sequencer_.update;
  }

  SimulationContext context_{1e-12};
  sc_core::sc_clock clock_{"clock", sc_core::sc_time(10, sc_core::SC_NS), 0.5, sc_core::sc_time(5, sc_core::SC_NS), true};
  sc_signal<std::uint32_t, sc_core::SC_MANY_WRITERS> phase_{"phase"}, tick_{"tick"}, sampled_tick_{"sampled_tick"};
  sc_signal<bool, sc_core::SC_MANY_WRITERS> cycle_{"cycle"};
  std::map<std::string, sc_signal<bool, sc_core::SC_MANY_WRITERS>> strobes_ = [] {
    std::map<std::string, sc_signal<bool, sc_core::SC_MANY_WRITERS>> wires;
    for (const auto* name : {"sample", "present", "accumulate", "update"}) wires.try_emplace(name, name);
    return wires;
  }();
  Sequencer sequencer_{"sequencer"};

 public:
  sc_signal<bool, sc_core::SC_MANY_WRITERS> fault{"fault"};
};

constexpr std::uint32_t turn_cause = 1, done_cause = 2, fault_cause = 4;

/// Phases after turn that a program enables.
Phases enabled(std::uint32_t program) {
  Phases all;
  for (std::uint32_t bit = 0; bit < 4; ++bit)
    if (program >> bit & 1) all.push_back(static_cast<Phase>(4 + bit));
  return all;
}

/// Every phase, and how a full program gets there.
void bring_to(SequencerBench& bench, Phase wanted) {
  if (wanted == Phase::idle) return;
  bench.command(Command::load);
  if (wanted == Phase::load) return;
  bench.command(Command::start);
  if (wanted == Phase::clamped) return;
  bench.run_until(Phase::turn);
  if (wanted == Phase::turn) return;
  bench.command(Command::resume);
  bench.run_until(wanted);
}

}  // namespace

TEST_CASE("each of the sixteen programs runs exactly its phases, in order, each for its cycles, with one strobe a phase") {
  constexpr std::uint32_t ticks = 5;
  for (std::uint32_t program = 0; program < 16; ++program) {
    CAPTURE(program);
    SequencerBench bench(program, ticks);
    bench.run_program();
    Phases expected{Phase::load, Phase::clamped, Phase::turn};
    for (const auto phase : enabled(program)) expected.push_back(phase);
    expected.push_back(Phase::done);
    CHECK(bench.phases == expected);

    const auto runs = [&](Phase phase) { return std::ranges::find(expected, phase) != expected.end(); };
    const auto& sequencer = bench.sequencer();
    CHECK(sequencer.cycles(2) == ticks);
    CHECK(sequencer.cycles(4) == (runs(Phase::nudged_plus) ? ticks : 0));
    CHECK(sequencer.cycles(5) == (runs(Phase::nudged_minus) ? ticks : 0));
    CHECK(sequencer.cycles(6) == runs(Phase::accumulate));
    CHECK(sequencer.cycles(7) == runs(Phase::update));

    CHECK(bench.pulses["present"] == 1);
    CHECK(bench.pulses["sample"] == ticks);
    CHECK(bench.pulses["accumulate"] == runs(Phase::accumulate));
    CHECK(bench.pulses["update"] == runs(Phase::update));
    CHECK(bench.falls_with_clock);
    CHECK(bench.sampled == std::vector<std::uint32_t>{0, 1, 2, 3, 4});

    std::vector<std::pair<Phase, std::uint32_t>> analog_cycles;
    for (const auto phase : {Phase::clamped, Phase::nudged_plus, Phase::nudged_minus})
      for (std::uint32_t tick = 0; runs(phase) && tick < ticks; ++tick) analog_cycles.emplace_back(phase, tick);
    CHECK(bench.cycles == analog_cycles);
    CHECK(bench.sequencer().take_causes() == (turn_cause | done_cause));
    CHECK(!bench.sequencer().refused());
  }
}

TEST_CASE("an analog phase lasts as many clock cycles as TICKS says, one included") {
  for (const std::uint32_t ticks : {1u, 2u, 17u}) {
    SequencerBench bench(0b1111, ticks);
    bench.run_program();
    for (const auto phase : {2u, 4u, 5u}) CHECK(bench.sequencer().cycles(phase) == ticks);
    CHECK(bench.sampled.size() == ticks);
  }
}

TEST_CASE("the sequencer waits in load, turn and done for as long as software takes, and counts it") {
  SequencerBench bench;
  bench.command(Command::load);
  bench.clocks(6);
  bench.command(Command::start);
  bench.run_until(Phase::turn);
  bench.clocks(8);
  bench.command(Command::resume);
  bench.run_until(Phase::done);
  bench.clocks(3);
  CHECK(bench.sequencer().cycles(1) == 7);
  CHECK(bench.sequencer().cycles(3) == 9);
  CHECK(bench.sequencer().cycles(8) == 3);
  bench.command(Command::load);
  for (const auto count : bench.counters()) CHECK(count == 0);
}

TEST_CASE("an illegal command is refused in every phase and changes nothing, not even the time that the phase takes") {
  const auto is_legal = [](Phase phase, Command command) {
    return command == Command::load ? phase == Phase::idle || phase == Phase::done : command == Command::start ? phase == Phase::load : phase == Phase::turn;
  };
  for (int at = 0; at <= static_cast<int>(Phase::done); ++at)
    for (const auto command : {Command::load, Command::start, Command::resume}) {
      const auto phase = static_cast<Phase>(at);
      if (is_legal(phase, command)) continue;
      CAPTURE(at);
      CAPTURE(static_cast<int>(command));
      const auto run = [&](bool with_command) {
        SequencerBench bench(0b1111, 4);
        bring_to(bench, phase);
        if (with_command) {
          bench.command(command);
          CHECK(bench.sequencer().refused());
        } else {
          bench.clocks(1);
        }
        bench.clocks(20);  // as far as the program goes by itself
        bench.trace.push_back(bench.sequencer().state());
        return std::tuple(bench.trace, bench.phases, bench.cycles, bench.pulses, bench.counters(), bench.sequencer().take_causes());
      };
      CHECK(run(true) == run(false));
    }
}

TEST_CASE("a refusal is forgotten with the next legal command") {
  SequencerBench bench;
  bench.command(Command::resume);
  CHECK(bench.sequencer().refused());
  bench.command(Command::load);
  CHECK(!bench.sequencer().refused());
}

TEST_CASE("an abort in any phase and cycle goes to idle at once without an update, and the next program runs as if there had been none") {
  const auto record = [](SequencerBench& bench) {
    bench.forget();
    bench.run_program();
    return std::tuple(bench.trace, bench.cycles, bench.pulses, bench.sampled, bench.counters(), bench.sequencer().take_causes());
  };
  const auto undisturbed = [&] {
    SequencerBench bench(0b1111, 4);
    return record(bench);
  }();
  std::mt19937 random(1);
  for (int at = 0; at <= static_cast<int>(Phase::done); ++at)
    for (int repetition = 0; repetition < 5; ++repetition) {
      const auto phase = static_cast<Phase>(at);
      const bool is_analog = phase == Phase::clamped || phase == Phase::nudged_plus || phase == Phase::nudged_minus;
      const bool is_short = phase == Phase::accumulate || phase == Phase::update;
      CAPTURE(at);
      SequencerBench bench(0b1111, 4);
      bring_to(bench, phase);
      // Phases of one cycle leave no choice: they must be aborted at the edge that would end them.
      bench.clocks(is_short ? 0 : random() % (is_analog ? 4u : 6u));
      REQUIRE(bench.phase() == phase);
      const int updates = bench.pulses["update"];
      CHECK(updates == (at >= static_cast<int>(Phase::update)));
      bench.command(Command::abort);
      CHECK(bench.phase() == Phase::idle);
      CHECK(!bench.sequencer().busy());
      bench.clocks(10);
      CHECK(bench.phase() == Phase::idle);
      CHECK(bench.pulses["update"] == updates);

      CHECK(record(bench) == undisturbed);
    }
}

TEST_CASE("an analog fault ends the program in idle with its own cause and cycle, and the next load clears it") {
  for (const auto phase : {Phase::clamped, Phase::nudged_plus, Phase::nudged_minus})
    for (const std::uint32_t tick : {0u, 2u, 3u}) {
      SequencerBench bench(0b1111, 4);
      bring_to(bench, phase);
      bench.clocks(tick);
      (void)bench.sequencer().take_causes();
      bench.fault.write(true);
      bench.clocks(1);
      CHECK(bench.phase() == Phase::idle);
      CHECK(bench.sequencer().fault());
      CHECK(bench.sequencer().fault_tick() == tick);
      CHECK(bench.sequencer().take_causes() == fault_cause);
      bench.clocks(5);
      CHECK(bench.pulses["update"] == 0);
      CHECK(bench.sequencer().take_causes() == 0);
      bench.fault.write(false);
      bench.command(Command::load);
      CHECK(!bench.sequencer().fault());
      CHECK(bench.phase() == Phase::load);
    }
}

TEST_CASE("a fault line that is high while nothing runs does nothing") {
  SequencerBench bench;
  bench.fault.write(true);
  bench.clocks(3);
  CHECK(!bench.sequencer().fault());
  bench.command(Command::load);
  bench.clocks(2);
  CHECK(bench.phase() == Phase::load);
}
