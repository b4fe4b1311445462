#pragma once
// The chip's digital side wired openly, so that a test can be the bus master: as the emulated chip wires it, with a second
// road to the register file for transactions that no well-behaved bus makes.

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "hw_models/chip/chip_bus.hpp"
#include "hw_models/chip/element_module.hpp"
#include "hw_models/chip/register_file.hpp"
#include "hw_models/chip/sequencer.hpp"
#include "hw_models/chip/simulation_context.hpp"
#include "hw_models/chip/synapse_cell.hpp"

namespace tellegen::test {

/// Passes the bus through, and lets a test put its own transactions in.
class BusTap : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<BusTap> upstream{"upstream"};
  tlm_utils::simple_initiator_socket<BusTap> downstream{"downstream"};

  explicit BusTap(const sc_core::sc_module_name& name) : sc_module(name) { upstream.register_b_transport(this, &BusTap::pass); }
  void pass(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) { downstream->b_transport(transaction, delay); }
};

/// Chip of one saturating resistor with its cell, a capacitor, one input and one output:
///
///     i1 -> a,   c1: a to ground,   r1: tanh law between a and b (cell 0),   r2: b to ground (cell 1)
class ChipBoard {
 public:
  static constexpr std::size_t ticks = 6, steps_per_tick = 2;
  static constexpr TimeGrid grid{.step = 0.1, .steps = ticks * steps_per_tick, .method = Method::bdf2};

  ChipBoard() {
    i1_.p(gnd_), i1_.n(a_);
    r1_.p(a_), r1_.n(b_);
    c1_.p(a_), c1_.n(gnd_);
    r2_.p(b_), r2_.n(gnd_);
    sequencer.clock(clock_), sequencer.analog_fault(fault_), sequencer.phase(phase_), sequencer.tick(tick_), sequencer.cycle(cycle_);
    sequencer.sample(sample_), sequencer.sampled_tick(sampled_tick_), sequencer.present(present_), sequencer.accumulate(accumulate_);
    sequencer.update(update_);
    watchdog.clock(clock_), watchdog.phase(phase_);
    array_.phase(phase_), array_.tick(tick_), array_.cycle(cycle_), array_.sample(sample_), array_.sampled_tick(sampled_tick_), array_.fault(fault_);
    for (auto* cell : {&cell1_, &cell2_}) {
      cell->phase(phase_), cell->present(present_), cell->sample(sample_), cell->accumulate(accumulate_), cell->update(update_);
      cell->sampled_tick(sampled_tick_), cell->gain_plus(gain_plus_), cell->gain_minus(gain_minus_);
      array_.attach(cell->physics().array());
    }
    registers_.irq(irq), registers_.gain_plus(gain_plus_), registers_.gain_minus(gain_minus_);
    bus.irq(irq);
    bus.socket.bind(tap_.upstream);
    tap_.downstream.bind(registers_.socket);
    array_.unknowns.assign(3, 0.0);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }

  /// One raw transaction; no simulated time passes.
  tlm::tlm_response_status transport(tlm::tlm_generic_payload& transaction) {
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    tap_.downstream->b_transport(transaction, delay);
    return transaction.get_response_status();
  }
  /// Lets part of a clock cycle pass.
  void wait(double cycles) { sc_core::sc_start(cycles * period_); }
  /// Lets the time of the next rising edge come, and none of what happens then.
  void wait_for_edge() {
    const auto since = (sc_core::sc_time_stamp() + period_ / 2) % period_;
    sc_core::sc_start(period_ - since);
  }
  /// Whether nothing more happens at the present time.
  [[nodiscard]] static bool settled() { return !sc_core::sc_pending_activity_at_current_time(); }
  /// The analog array's complaint, raised or taken back by hand.
  void set_fault(bool high) { fault_.write(high); }
  /// Rises with every update of the cells.
  [[nodiscard]] const sc_core::sc_signal_in_if<bool>& update_strobe() const { return update_; }

 private:
  using Wire = sc_core::sc_signal<bool, sc_core::SC_MANY_WRITERS>;
  using Word = sc_core::sc_signal<std::uint32_t, sc_core::SC_MANY_WRITERS>;

  /// The cells' view of the circuit above, which exists only after elaboration.
  static CellPhysics physics(std::int32_t branch) {
    CircuitBuilder builder;
    builder.node("a"), builder.node("b");
    const auto add = [&](const char* name, ElementId element, LawId law, Orders orders, Port port, std::vector<double> values) {
      builder.add_branch({.name = name, .element = element, .law = law, .orders = orders, .out = port, .in = port, .values = std::move(values), .where = {}});
    };
    add("r1", element_id<elements::Resistor>(), law_id<TanhLaw>(), elements::Resistor::orders, {1, 2}, {0.5, 1, 0.8});
    add("c1", element_id<elements::Capacitor>(), law_id<LinearLaw>(), elements::Capacitor::orders, {1, 0}, {0.7});
    add("r2", element_id<elements::Resistor>(), law_id<LinearLaw>(), elements::Resistor::orders, {2, 0}, {2});
    builder.add_source({.name = "i1", .kind = SourceKind::current, .port = {0, 1}, .waveform = Waveform(0.0), .where = {}});
    const auto circuit = std::move(builder).freeze();
    return {circuit.branches()[branch], branch, circuit.initial_slots(), grid, ticks};
  }

  chip::SimulationContext context_{1e-9};
  sc_core::sc_time period_{grid.step * steps_per_tick, sc_core::SC_SEC};
  sc_core::sc_clock clock_{"clock", period_, 0.5, period_ / 2, true};
  Word phase_{"phase"}, tick_{"tick"}, sampled_tick_{"sampled_tick"};
  Wire cycle_{"cycle"}, sample_{"sample"}, present_{"present"}, accumulate_{"accumulate"}, update_{"update"}, fault_{"fault"};
  sc_core::sc_signal<double, sc_core::SC_MANY_WRITERS> gain_plus_{"gain_plus"}, gain_minus_{"gain_minus"};

  static constexpr std::uint32_t longest_tail = 4;  // [clock cycle]
  chip::Node a_{"a"}, b_{"b"};
  chip::Ground gnd_;
  chip::CurrentSource i1_{"i1", units::current::from_value(0)};
  chip::Resistor r1_{"r1", chip::TypedLaw<elements::Resistor>{law_id<TanhLaw>(), {0.5, 1, 0.8}}};
  chip::Capacitor c1_{"c1", units::capacitance::from_value(0.7)};
  chip::Resistor r2_{"r2", units::resistance::from_value(0.5)};
  chip::SampleMemory memory_{1, 1, ticks, steps_per_tick};
  chip::AnalogArray array_{"array", grid, steps_per_tick, {{2, 0}}, {0}, memory_, {}, longest_tail};
  chip::SynapseCell cell1_{"cell1", physics(0), [this] { return array_.branch_signal(0); }};
  chip::SynapseCell cell2_{"cell2", physics(2), [this] { return array_.branch_signal(2); }};

 public:
  Wire irq{"irq"};
  chip::Sequencer sequencer{"sequencer"};
  chip::Watchdog watchdog{"watchdog", sequencer};

 private:
  chip::RegisterFile registers_{"registers", sequencer, watchdog, array_, memory_,
                                {{&cell1_.physics().array(), 0}, {&cell2_.physics().array(), 0}}, steps_per_tick};
  BusTap tap_{"tap"};

 public:
  chip::ChipBus bus{"bus", sequencer, watchdog, sc_core::sc_time(1e-6, sc_core::SC_SEC), period_};
};

}  // namespace tellegen::test
