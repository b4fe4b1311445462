#pragma once
// The analog array of the chip: the cluster under the sequencer's control, with its converters.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "hw_models/chip/analog_cluster.hpp"
#include "hw_models/chip/array_flaws.hpp"
#include "hw_models/chip/sample_memory.hpp"
#include "hw_models/synapse/cell_array.hpp"
#include "tellegen/regmap/registers.hpp"

namespace tellegen::chip {

/// How the array runs, and is wired in nudged phases; the register file's TICKS, PROGRAM and ECHO_SKEW.
struct ArraySettings {
  std::size_t ticks = 1;  ///< clock cycles of an analog phase
  NudgeKind kind = NudgeKind::echo;
  bool swap_ports = false;
  bool replay_bias = false;
  bool flip_loss = false;
  bool clamp_outputs = false;
  bool lockstep = false;  ///< both passes at once, the negative one on the twin
  std::size_t tail = 0;  ///< clock cycles of an echo past the clamped phase's start
  NudgeReading reading;
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
  /// @param dc_sources  [V] or [A] by source: runs start settled at them; empty: from rest
  /// @param longest_tail  clock cycles by which a nudged phase may be longer than the grid
  /// @param flaws  nothing: an ideal array
  AnalogArray(const sc_core::sc_module_name& name, const TimeGrid& grid, std::size_t steps_per_tick, std::vector<Port> probes,
              std::vector<std::int32_t> bank_of_source, SampleMemory& memory, std::vector<double> dc_sources = {}, std::uint32_t longest_tail = 0,
              std::optional<ArrayFlaws> flaws = std::nullopt);

  ArraySettings settings;
  void attach(CellArray& cells) { cells_.push_back(&cells); }
  /// Puts what the branches of these cells did in the last step into their trace memories, at the address of a clock tick.
  void record(CellArray& cells, std::size_t into_tick) const;
  /// Controlling variable of a branch after the last step.
  [[nodiscard]] double branch_signal(std::int32_t branch) const { return controlling_value(engine(), start_, branch); }
  /// Its internal states.
  [[nodiscard]] std::span<const double> branch_states(std::int32_t branch) const {
    const auto& which = circuit().branches()[branch];
    return engine().states().subspan(static_cast<std::size_t>(which.first_state), static_cast<std::size_t>(which.states));
  }
  /// Sentence about the last fault; empty when there was none.
  [[nodiscard]] std::string fault_text() const;
  [[nodiscard]] std::uint32_t longest_tail() const { return longest_tail_; }
  /// Whether there is a second array, so that both passes can run at once.
  [[nodiscard]] bool has_twin() const { return flaws_ && flaws_->chip().passes == PassOrder::lockstep; }

  /// Whether a drive is a current into nodes; else a voltage in series with the source whose current is probed.
  [[nodiscard]] bool drives_current(std::size_t probe) const { return probes_[probe].p < circuit().node_count(); }

  // Traced into the VCD: what a probe on the bench would see, in volt and ampere, held between steps.
  std::vector<double> unknowns;
  std::vector<double> drive_level;  // [A] into a node, or [V] in series with a source

 private:
  void on_cycle();
  void on_step();
  void on_sample();
  void on_phase();
  void begin_phase();
  void begin_clamped();
  void begin_nudged();
  void begin_network(TransientEngine& network);
  void coast();
  void latch_cycle();
  void clamped_step(std::size_t n);
  void nudged_step();
  void nudge(TransientEngine& network, Side side);
  /// Sides that the present phase runs.
  [[nodiscard]] std::span<const Side> sides() const;
  [[nodiscard]] NudgeReading reading() const;
  [[nodiscard]] bool is_noisy() const { return flaws_ && flaws_->is_noisy(); }
  void recall();
  void make_twin();
  [[nodiscard]] TransientEngine& network_of(Side side) { return settings.lockstep && side == Side::minus ? *twin_ : engine(); }
  void set_fault(bool high);
  void publish();
  [[nodiscard]] regmap::Phase present_phase() const { return static_cast<regmap::Phase>(phase.read()); }
  [[nodiscard]] bool is_nudged() const;
  /// Clock cycle of the clamped phase whose records are replayed now: last recorded, first replayed; negative in the tail.
  [[nodiscard]] std::ptrdiff_t replayed_tick() const {
    const auto now = static_cast<std::ptrdiff_t>(tick.read());
    return settings.kind == NudgeKind::forward ? now : static_cast<std::ptrdiff_t>(settings.ticks) - 1 - now;
  }
  void read_stimulus(std::size_t n);

  std::size_t steps_per_tick_;
  std::vector<Port> probes_;
  std::vector<std::int32_t> bank_of_source_;
  SampleMemory& memory_;
  std::vector<CellArray*> cells_;
  sc_core::sc_event step_event_{"step_event"};
  std::vector<sc_core::sc_time> step_delays_;  // from the cycle's edge or the step before, by step of a cycle
  std::size_t steps_in_cycle_ = 0;             // done since the cycle's edge
  bool fault_is_high_ = false;
  Side side_ = Side::plus;          // of a phase of one side
  int nudged_passes_ = 0;           // since the clamped phase began
  std::vector<double> sources_, injected_, held_, bias_, states_, slots_;
  std::array<std::vector<double>, 2> target_, level_;  // [A] or [V] of the drives, by side
  std::vector<double> dc_sources_;
  std::uint32_t longest_tail_;
  std::optional<ArrayFlaws> flaws_;
  std::optional<TransientEngine> twin_;
  ReferenceState start_;   // of the last clamped phase
  std::string no_start_;   // why it has none
  bool is_clamped_state_ = false;  // the engine stands where the clamped phase left it
  EngineState end_state_;  // of the last clamped phase, one step past its end
};

}  // namespace tellegen::chip
