#pragma once
// The analog array of the chip: the cluster under the sequencer's control, with its converters.

#include <vector>

#include "hw_models/chip/analog_cluster.hpp"
#include "hw_models/chip/sample_memory.hpp"
#include "hw_models/chip/synapse_cell.hpp"
#include "tellegen/regmap/registers.hpp"

namespace tellegen::chip {

/// How the array runs, and is wired in nudged phases; the register file's TICKS, PROGRAM and ECHO_SKEW.
struct ArraySettings {
  std::size_t ticks = 1;  ///< clock cycles of an analog phase
  bool swap_ports = false;
  bool replay_bias = false;
  EchoReading reading;
};

/// Controlled cluster. In each clock cycle of an analog phase it makes `steps_per_tick` analog steps, the first half a step
/// after the rising edge: so no step ever coincides with a clock edge.
class AnalogArray final : public AnalogCluster {
 public:
  sc_core::sc_in<std::uint32_t> phase{"phase"}, tick{"tick"};
  sc_core::sc_in<bool> cycle{"cycle"}, sample{"sample"};
  sc_core::sc_in<std::uint32_t> sampled_tick{"sampled_tick"};
  sc_core::sc_out<bool> fault{"fault"};

  SC_HAS_PROCESS(AnalogArray);
  /// @param probes  outputs, read by converters and pushed by drives, as ports of the circuit
  /// @param bank_of_source  stimulus bank of each source; -1: the source follows its own waveform
  AnalogArray(const sc_core::sc_module_name& name, const TimeGrid& grid, std::size_t steps_per_tick, std::vector<Port> probes,
              std::vector<std::int32_t> bank_of_source, SampleMemory& memory);

  ArraySettings settings;
  void attach(SynapseCell& cell) { cells_.push_back(&cell); }
  /// Controlling variable of a branch after the last step.
  [[nodiscard]] double branch_signal(std::int32_t branch) const { return engine().controlling()[branch]; }

  // Traced into the VCD: what a probe on the bench would see, in volt and ampere, held between steps.
  std::vector<double> node_voltage;
  std::vector<double> drive_current;

 private:
  void on_cycle();
  void on_step();
  void on_sample();
  void on_phase();
  void begin_phase();
  void latch_cycle();
  void clamped_step(std::size_t n);
  void nudged_step();
  void schedule_step();
  void publish();
  [[nodiscard]] regmap::Phase present_phase() const { return static_cast<regmap::Phase>(phase.read()); }
  [[nodiscard]] bool is_nudged() const;
  /// Clock cycle of the clamped phase whose records are replayed now: last recorded, first replayed.
  [[nodiscard]] std::size_t replayed_tick() const { return settings.ticks - 1 - tick.read(); }

  std::size_t steps_per_tick_;
  std::vector<Port> probes_;
  std::vector<std::int32_t> bank_of_source_;
  SampleMemory& memory_;
  std::vector<SynapseCell*> cells_;
  sc_core::sc_event step_event_{"step_event"};
  sc_core::sc_time cycle_start_;
  std::size_t steps_in_cycle_ = 0;  // done since cycle_start_
  double side_ = 1;                 // sign of the nudge
  std::vector<double> sources_, injected_, bias_, slots_;
};

}  // namespace tellegen::chip
