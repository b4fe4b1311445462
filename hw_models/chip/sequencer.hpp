#pragma once
// The clocked phase sequencer.

#include <array>
#include <cstdint>
#include <systemc>

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

/// Finite state machine of one learning cycle:
///
///     idle -> load -> clamped -> turn -> nudged + -> nudged - -> [turn] -> accumulate -> update -> done
///
/// Every phase lasts whole clock cycles. At each rising edge inside an analog phase `cycle` toggles and `tick` counts; at
/// its end `sample` pulses (clamped). Strobes are high for the first half of a cycle. Phases that PROGRAM leaves out are skipped.
/// An illegal command sets `refused` and changes nothing else. `analog_fault`, seen at a rising edge, ends the program in idle.
class Sequencer : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<bool> analog_fault{"analog_fault"};
  sc_core::sc_out<std::uint32_t> phase{"phase"};
  sc_core::sc_out<std::uint32_t> tick{"tick"};         ///< cycle inside the analog phase, from 0
  sc_core::sc_out<bool> cycle{"cycle"};                ///< toggles when an analog cycle begins
  sc_core::sc_out<bool> sample{"sample"};              ///< strobe: converters and trace memories take a sample
  sc_core::sc_out<std::uint32_t> sampled_tick{"sampled_tick"};
  sc_core::sc_out<bool> present{"present"};            ///< strobe: a new presentation begins
  sc_core::sc_out<bool> accumulate{"accumulate"};      ///< strobe: correlators into accumulators
  sc_core::sc_out<bool> update{"update"};              ///< strobe: cells update their parameters

  SC_HAS_PROCESS(Sequencer);
  explicit Sequencer(const sc_core::sc_module_name& name);

  SequencerSettings settings;

  /// Hands over a command; `pending()` until the clock takes it.
  void issue(Command command) { command_ = command; }
  [[nodiscard]] bool pending() const { return command_ != Command::none; }
  [[nodiscard]] Phase state() const { return phase_; }
  [[nodiscard]] bool busy() const;
  [[nodiscard]] bool refused() const { return refused_; }
  [[nodiscard]] bool fault() const { return fault_; }
  [[nodiscard]] std::uint32_t fault_tick() const { return fault_tick_; }
  [[nodiscard]] std::uint32_t cycles(std::size_t phase_index) const { return cycles_[phase_index]; }
  /// Causes of an interrupt that arose since the last call, as bits of INTERRUPT.STATUS.
  [[nodiscard]] std::uint32_t take_causes();
  /// Notified when a cause arises.
  [[nodiscard]] const sc_core::sc_event& cause_event() const { return cause_event_; }

 private:
  void on_rising_edge();
  void on_falling_edge();
  [[nodiscard]] bool obey(Command command);
  void run_analog_phase();
  void enter(Phase next);
  void raise(std::uint32_t cause);
  void pulse(sc_core::sc_out<bool>& strobe);
  [[nodiscard]] Phase after(Phase current) const;
  [[nodiscard]] bool enabled(const regmap::Field& field) const { return field.test(settings.program); }

  Command command_ = Command::none;
  Phase phase_ = Phase::idle;
  std::uint32_t tick_ = 0;
  bool turned_again_ = false;
  bool cycle_ = false;
  bool strobes_are_low_ = true;
  bool refused_ = false;
  bool fault_ = false;
  std::uint32_t fault_tick_ = 0;
  std::uint32_t causes_ = 0;
  std::array<std::uint32_t, regmap::phase_count> cycles_{};
  sc_core::sc_event cause_event_{"cause_event"};
};

}  // namespace tellegen::chip
