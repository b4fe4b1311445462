#pragma once
// What the chip wants of a phase sequencer, whoever made it.

#include <cstdint>
#include <systemc>
#include <utility>

#include "tellegen/regmap/registers.hpp"

namespace tellegen::chip {

using regmap::Phase;

/// What the register file asks of the sequencer. One command at a time; taken at the next rising clock edge.
enum class Command : std::uint8_t { none, load, start, resume, abort };

/// Settings that the register file holds for the sequencer.
struct SequencerSettings {
  std::uint32_t program = 0;  ///< PROGRAM register
  std::uint32_t ticks = 1;    ///< clock cycles of an analog phase
  std::uint32_t tail = 0;     ///< more cycles of a nudged phase
};

/// Sequencer of one learning cycle: the ports that drive analog array and cells, and what bus and register file ask of
/// it. The chip has its own (`Sequencer`); `ChipDescription::make_sequencer` puts another in its place, such as one in
/// Verilog.
///
///     idle -> load -> clamped -> turn -> nudged + -> nudged - -> [turn] -> accumulate -> update -> done
///
/// Every phase lasts whole clock cycles. At each rising edge inside an analog phase `cycle` toggles and `tick` counts;
/// at its end `sample` pulses (clamped). Strobes are high for the first half of a cycle. Phases that PROGRAM leaves out
/// are skipped. An illegal command sets `refused` and changes nothing else. `analog_fault`, seen at a rising edge, ends
/// the program in idle. Outputs may follow an edge by any number of delta cycles, but not by time.
class PhaseSequencer : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<bool> analog_fault{"analog_fault"};
  sc_core::sc_out<std::uint32_t> phase{"phase"};
  sc_core::sc_out<std::uint32_t> tick{"tick"};  ///< cycle inside the analog phase, from 0
  sc_core::sc_out<bool> cycle{"cycle"};         ///< toggles when an analog cycle begins
  sc_core::sc_out<bool> sample{"sample"};       ///< strobe: converters and trace memories take a sample
  sc_core::sc_out<std::uint32_t> sampled_tick{"sampled_tick"};
  sc_core::sc_out<bool> present{"present"};        ///< strobe: a new presentation begins
  sc_core::sc_out<bool> accumulate{"accumulate"};  ///< strobe: correlators into accumulators
  sc_core::sc_out<bool> update{"update"};          ///< strobe: cells update their parameters

  SequencerSettings settings;

  /// Hands over a command; `pending()` until the clock takes it.
  void issue(Command command) { command_ = command; }
  [[nodiscard]] bool pending() const { return command_ != Command::none; }
  [[nodiscard]] virtual Phase state() const = 0;
  [[nodiscard]] bool busy() const;
  [[nodiscard]] virtual bool refused() const = 0;
  [[nodiscard]] virtual bool fault() const = 0;
  [[nodiscard]] virtual std::uint32_t fault_tick() const = 0;
  /// Clock cycles that a phase has lasted since the last load.
  [[nodiscard]] virtual std::uint32_t cycles(std::size_t phase_index) const = 0;
  /// Causes of an interrupt that arose since the last call, as bits of INTERRUPT.STATUS.
  [[nodiscard]] std::uint32_t take_causes() { return std::exchange(causes_, 0); }
  /// Notified when a cause arises.
  [[nodiscard]] const sc_core::sc_event& cause_event() const { return cause_event_; }

 protected:
  explicit PhaseSequencer(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {}
  [[nodiscard]] Command command() const { return command_; }
  Command take_command() { return std::exchange(command_, Command::none); }
  void raise(std::uint32_t cause);

 private:
  Command command_ = Command::none;
  std::uint32_t causes_ = 0;
  sc_core::sc_event cause_event_{"cause_event"};
};

}  // namespace tellegen::chip
