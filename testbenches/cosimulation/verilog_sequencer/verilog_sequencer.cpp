#include "cosimulation/verilog_sequencer/verilog_sequencer.hpp"

#include "Vphase_sequencer.h"

namespace tellegen::cosimulation {

VerilogSequencer::VerilogSequencer(const sc_core::sc_module_name& name)
    : chip::PhaseSequencer(name), verilog_(std::make_unique<Vphase_sequencer>("verilog")) {
  auto& v = *verilog_;
  v.clock(verilog_clock_), v.reset(reset_), v.analog_fault(analog_fault);
  v.command(command_), v.command_ready(command_ready_), v.program_word(program_), v.ticks(ticks_), v.tail(tail_);
  v.phase(phase), v.tick(tick), v.cycle(cycle), v.sample(sample), v.sampled_tick(sampled_tick);
  v.present(present), v.accumulate(accumulate), v.update(update);
  v.cause(cause_), v.refused(refused_), v.fault(fault_), v.fault_tick(fault_tick_), v.cycles(cycles_);
  SC_METHOD(power_on);
  SC_METHOD(on_rising_edge);
  dont_initialize();
  sensitive << clock.pos();
  SC_METHOD(on_falling_edge);
  dont_initialize();
  sensitive << clock.neg();
  SC_METHOD(on_cause);
  dont_initialize();
  sensitive << cause_;
}

VerilogSequencer::~VerilogSequencer() = default;

/// A reset that takes no time, before the first clock edge.
void VerilogSequencer::power_on() {
  if (reset_.read()) return reset_.write(false);
  reset_.write(true);
  next_trigger(reset_.posedge_event());
}

void VerilogSequencer::on_rising_edge() {
  program_.write(settings.program);
  ticks_.write(settings.ticks);
  tail_.write(settings.tail);
  command_.write(static_cast<std::uint32_t>(command()));
  if (command_ready_.read()) take_command();
  verilog_clock_.write(true);
}

void VerilogSequencer::on_falling_edge() { verilog_clock_.write(false); }

void VerilogSequencer::on_cause() {
  if (const auto risen = cause_.read()) raise(risen);
}

std::uint32_t VerilogSequencer::cycles(std::size_t phase_index) const {
  const int low = 32 * static_cast<int>(phase_index);
  return cycles_.read().range(low + 31, low).to_uint();
}

void VerilogSequencer::trace(sc_core::sc_trace_file* file) const {
  sc_core::sc_trace(file, verilog_clock_, "verilog.clock");
  sc_core::sc_trace(file, command_, "verilog.command");
  sc_core::sc_trace(file, command_ready_, "verilog.command_ready");
  sc_core::sc_trace(file, cause_, "verilog.cause");
  sc_core::sc_trace(file, refused_, "verilog.refused");
  sc_core::sc_trace(file, fault_, "verilog.fault");
  sc_core::sc_trace(file, fault_tick_, "verilog.fault_tick");
  sc_core::sc_trace(file, cycles_, "verilog.cycles");
}

std::unique_ptr<chip::PhaseSequencer> make_verilog_sequencer(const char* name) {
  return std::make_unique<VerilogSequencer>(name);
}

}  // namespace tellegen::cosimulation
