#pragma once
// The Verilog phase sequencer in the place of the chip's own.

#include <memory>

#include "hw_models/chip/emulated_chip.hpp"
#include "hw_models/chip/phase_sequencer.hpp"

class Vphase_sequencer;  // made by Verilator of phase_sequencer.v

namespace tellegen::cosimulation {

/// `phase_sequencer.v` as a sequencer of the chip. Its outputs drive the chip's wires directly; its clock is the chip's
/// one delta cycle later, so that it meets what software asked for by then.
class VerilogSequencer final : public chip::PhaseSequencer {
 public:
  SC_HAS_PROCESS(VerilogSequencer);
  explicit VerilogSequencer(const sc_core::sc_module_name& name);
  ~VerilogSequencer() override;

  [[nodiscard]] chip::Phase state() const override { return static_cast<chip::Phase>(phase.read()); }
  [[nodiscard]] bool refused() const override { return refused_.read(); }
  [[nodiscard]] bool fault() const override { return fault_.read(); }
  [[nodiscard]] std::uint32_t fault_tick() const override { return fault_tick_.read(); }
  [[nodiscard]] std::uint32_t cycles(std::size_t phase_index) const override;
  /// Adds the Verilog module's own signals, `verilog.clock` and so on.
  void trace(sc_core::sc_trace_file* file) const override;

 private:
  void power_on();
  void on_rising_edge();
  void on_falling_edge();
  void on_cause();

  std::unique_ptr<Vphase_sequencer> verilog_;
  sc_core::sc_signal<bool> reset_{"reset"}, command_ready_{"command_ready"}, refused_{"refused"}, fault_{"fault"};
  // Raised by one process and lowered by another.
  sc_core::sc_signal<bool, sc_core::SC_MANY_WRITERS> verilog_clock_{"verilog_clock"};
  sc_core::sc_signal<std::uint32_t> command_{"command"}, program_{"program"}, ticks_{"ticks"}, tail_{"tail"},
      cause_{"cause"}, fault_tick_{"fault_tick"};
  sc_core::sc_signal<sc_dt::sc_bv<32 * static_cast<int>(regmap::phase_count)>> cycles_{"cycles"};
};

/// For `ChipDescription::make_sequencer`.
[[nodiscard]] std::unique_ptr<chip::PhaseSequencer> make_verilog_sequencer(const char* name);

}  // namespace tellegen::cosimulation
