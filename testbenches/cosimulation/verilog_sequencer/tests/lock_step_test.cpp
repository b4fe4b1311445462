// The Verilog sequencer beside the chip's own, under the same random software and faults.

#include <doctest/doctest.h>

#include <fmt/ranges.h>
#include <random>
#include <set>
#include <vector>

#include "cosimulation/verilog_sequencer/verilog_sequencer.hpp"
#include "hw_models/chip/sequencer.hpp"
#include "hw_models/chip/simulation_context.hpp"

using namespace tellegen;
using chip::Command, chip::Phase;

namespace {

constexpr double period = 8;  // [ns]; rising edges at 4, 12, 20, ..

/// One sequencer with wires of its own.
template <class Sequencer>
class Side {
 public:
  Side(const std::string& name, sc_core::sc_clock& clock, sc_core::sc_signal<bool>& fault)
      : sequencer(name.c_str()),
        phase_((name + "_phase").c_str()),
        tick_((name + "_tick").c_str()),
        sampled_tick_((name + "_sampled_tick").c_str()),
        cycle_((name + "_cycle").c_str()),
        sample_((name + "_sample").c_str()),
        present_((name + "_present").c_str()),
        accumulate_((name + "_accumulate").c_str()),
        update_((name + "_update").c_str()) {
    sequencer.clock(clock), sequencer.analog_fault(fault);
    sequencer.phase(phase_), sequencer.tick(tick_), sequencer.sampled_tick(sampled_tick_), sequencer.cycle(cycle_);
    sequencer.sample(sample_), sequencer.present(present_), sequencer.accumulate(accumulate_),
        sequencer.update(update_);
    watch(name + "_causes", sequencer.cause_event(), cause_events_);
    watch(name + "_samples", sample_.posedge_event(), samples_);
    watch(name + "_cycles", cycle_.value_changed_event(), analog_cycles_);
  }

  /// Wires, status and counters, and how often the events came that processes wait for.
  [[nodiscard]] std::vector<std::uint32_t> seen() const {
    std::vector<std::uint32_t> all{phase_.read(),
                                   tick_.read(),
                                   sampled_tick_.read(),
                                   cycle_.read(),
                                   sample_.read(),
                                   present_.read(),
                                   accumulate_.read(),
                                   update_.read(),
                                   static_cast<std::uint32_t>(sequencer.state()),
                                   sequencer.busy(),
                                   sequencer.refused(),
                                   sequencer.fault(),
                                   sequencer.fault_tick(),
                                   sequencer.pending(),
                                   cause_events_,
                                   samples_,
                                   analog_cycles_};
    for (std::size_t i = 0; i < regmap::phase_count; ++i) all.push_back(sequencer.cycles(i));
    return all;
  }

  Sequencer sequencer;

 private:
  static void watch(const std::string& name, const sc_core::sc_event& event, std::uint32_t& count) {
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.set_sensitivity(&event);
    options.dont_initialize();
    sc_core::sc_spawn([&count] { ++count; }, name.c_str(), &options);
  }

  using Wire = sc_core::sc_signal<bool, sc_core::SC_MANY_WRITERS>;
  using Word = sc_core::sc_signal<std::uint32_t, sc_core::SC_MANY_WRITERS>;
  Word phase_, tick_, sampled_tick_;
  Wire cycle_, sample_, present_, accumulate_, update_;
  std::uint32_t cause_events_ = 0, samples_ = 0, analog_cycles_ = 0;
};

/// Both sequencers on one clock, and whoever drives them.
class LockStep {
 public:
  explicit LockStep(unsigned seed) : random_(seed) {
    set({.program = 0b1111, .ticks = 2});
    sc_core::sc_start(1, sc_core::SC_NS);
  }

  /// Half a clock cycle: software acts somewhere in it, the edge included; both sides are compared well behind the
  /// edge.
  void half_cycle() {
    const auto wait = below(4);  // [ns]; the edge comes after three of four
    pass(wait);
    // The array's steps never meet an edge.
    if (wait < 3) disturb();
    act();
    pass(period / 2 - wait);
    INFO(fmt::format("at {}: own {}, Verilog {}", sc_core::sc_time_stamp().to_string(), fmt::join(own_.seen(), " "),
                     fmt::join(verilog_.seen(), " ")));
    REQUIRE(verilog_.seen() == own_.seen());
  }

  std::set<std::pair<Phase, Command>> issued;
  std::set<Phase> faulted_in;
  std::set<std::uint32_t> programs;  // that reached done
  std::size_t causes_taken = 0;

 private:
  static void pass(double nanoseconds) {
    if (nanoseconds > 0) sc_core::sc_start(nanoseconds, sc_core::SC_NS);
  }
  std::uint32_t any() { return static_cast<std::uint32_t>(random_()); }
  std::uint32_t below(std::uint32_t limit) { return any() % limit; }
  void set(const chip::SequencerSettings& settings) {
    own_.sequencer.settings = verilog_.sequencer.settings = settings;
  }

  void disturb() {
    if (fault_.read()) {
      fault_.write(false);
    } else if (below(60) == 0) {
      fault_.write(true);
      faulted_in.insert(own_.sequencer.state());
    }
  }

  void act() {
    const auto phase = own_.sequencer.state();
    if (below(3) == 0) command(phase);
    if (below(40) == 0 || (phase == Phase::load && below(3) == 0)) configure();
    if (phase == Phase::done) programs.insert(own_.sequencer.settings.program & meaning);
    if (below(5) == 0) {
      const auto causes = own_.sequencer.take_causes();
      REQUIRE(verilog_.sequencer.take_causes() == causes);
      if (causes) ++causes_taken;
    }
  }

  /// Mostly what leads on, so that programs end; sometimes anything.
  void command(Phase phase) {
    auto command = phase == Phase::load ? Command::start : phase == Phase::turn ? Command::resume : Command::load;
    const bool leads_on = phase == Phase::idle || phase == Phase::done || phase == Phase::load || phase == Phase::turn;
    if (!leads_on && below(4) > 0) return;
    if (!leads_on || below(6) == 0) command = static_cast<Command>(1 + below(4));
    issued.emplace(phase, command);
    own_.sequencer.issue(command);
    verilog_.sequencer.issue(command);
  }

  void configure() {
    const std::uint32_t length = below(20) == 0 ? 0xFFFFFFFFu - below(3) : 1 + below(6);
    set({.program = any(),
         .ticks = below(50) == 0 ? 0
                  : below(8)     ? 1 + below(6)
                                 : length,
         .tail = below(2) ? 0 : below(5)});
  }

  static constexpr std::uint32_t meaning = 0b1100'0000'0000'1111;  // bits of PROGRAM that a sequencer heeds

  std::mt19937 random_;
  chip::SimulationContext context_{1e-12};
  sc_core::sc_clock clock_{"clock", sc_core::sc_time(period, sc_core::SC_NS), 0.5,
                           sc_core::sc_time(period / 2, sc_core::SC_NS), true};
  sc_core::sc_signal<bool> fault_{"fault"};
  Side<chip::Sequencer> own_{"own", clock_, fault_};
  Side<cosimulation::VerilogSequencer> verilog_{"verilog", clock_, fault_};
};

}  // namespace

TEST_CASE(
    "both sequencers agree in every wire, status and counter at every half cycle, whatever software and the array do") {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    LockStep bench(seed);
    for (int half_cycles = 0; half_cycles < 60000; ++half_cycles) bench.half_cycle();
    // Random traffic has been everywhere.
    CHECK(bench.issued.size() == regmap::phase_count * 4);
    CHECK(bench.faulted_in.size() == regmap::phase_count);
    CHECK(bench.programs.size() == 64);
    CHECK(bench.causes_taken > 1000);
  }
}
