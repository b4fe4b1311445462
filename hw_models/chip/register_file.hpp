#pragma once
// Register file of the chip: a TLM-2.0 target, and the interrupt line.

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "hw_models/chip/analog_array.hpp"
#include "hw_models/chip/phase_sequencer.hpp"
#include "hw_models/chip/watchdog.hpp"
#include "hw_models/synapse/cell_tile.hpp"
#include "tellegen/bus/access_rules.hpp"

namespace tellegen::chip {

/// Decodes the register map (tellegen/regmap/registers.hpp) for the blocks behind it.
///
/// A transaction is a burst of aligned 32-bit words; one whose streaming width is 8 bytes accesses the same f64 register
/// again and again. Every word is checked before the first is carried out.
///
/// | refused with      | because                                                             |
/// |-------------------|---------------------------------------------------------------------|
/// | address error     | there is no register, or the address is no multiple of four          |
/// | command error     | against the register's access; a value that it does not take; a stream of something else than an f64 |
/// | generic error     | locked while busy; no data                                          |
/// | burst error       | length or streaming width is not one of whole words                  |
/// | byte enable error | byte enables are not known here                                     |
///
/// An interrupt cause that arises at the very time at which software clears it stays. A command that comes before the clock has
/// taken the last one replaces it; an abort is never replaced.
class RegisterFile : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<RegisterFile> socket{"socket"};
  sc_core::sc_out<bool> irq{"irq"};
  sc_core::sc_out<double> gain_plus{"gain_plus"}, gain_minus{"gain_minus"};

  SC_HAS_PROCESS(RegisterFile);
  RegisterFile(const sc_core::sc_module_name& name, PhaseSequencer& sequencer, Watchdog& watchdog, AnalogArray& array, SampleMemory& memory,
               std::vector<CellPlace> cells, std::uint32_t steps_per_tick);

 private:
  void transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  void stream(tlm::tlm_generic_payload& transaction);
  [[nodiscard]] tlm::tlm_response_status admit(const tlm::tlm_generic_payload& transaction);
  [[nodiscard]] std::uint32_t read_word(std::uint32_t address);
  void write_word(std::uint32_t address, std::uint32_t word);
  [[nodiscard]] std::uint32_t read_u32(const regmap::Register& reg) const;
  void write_u32(const regmap::Register& reg, std::uint32_t word);
  [[nodiscard]] std::uint32_t read_status() const;
  [[nodiscard]] double read_f64(const regmap::Register& reg) const;
  void write_f64(const regmap::Register& reg, double value);
  void write_command(std::uint32_t word);
  void write_interrupt_status(std::uint32_t cleared);
  void apply_settings();
  void on_cause();
  void drive_irq();
  [[nodiscard]] LearningSlot* selected_slot() const;
  [[nodiscard]] double* selected_sample() const;

  PhaseSequencer& sequencer_;
  Watchdog& watchdog_;
  AnalogArray& array_;
  SampleMemory& memory_;
  std::vector<CellPlace> cells_;  // by cell number
  std::uint32_t steps_per_tick_;

  std::uint32_t interrupt_status_ = 0, interrupt_mask_ = 0;
  std::uint32_t fresh_causes_ = 0;  // those of the time below
  sc_core::sc_time fresh_since_;
  Phase fault_phase_ = Phase::idle;  // of the last fault or expiry
  std::uint32_t fault_tick_ = 0;
  Command posted_ = Command::none;   // last command handed over
  std::uint32_t bank_ = 0, address_ = 0;
  std::uint32_t cell_ = 0, slot_ = 0;
  std::int32_t echo_skew_ = 0;  // in halves
  std::uint32_t tail_ = 0;            // [clock cycle] as written; an echo alone takes it
  std::uint32_t lock_in_period_ = 0;  // [clock cycle]
  std::uint64_t harmonics_ = 0;
  double weight_rate_ = 0;            // [1/s]
  double gain_plus_ = 0, gain_minus_ = 0;
  bus::WaitingWord low_;              // of an f64 write in progress
  bus::WaitingWord high_;             // latched by an f64 read of the low word
  std::vector<std::uint32_t> words_;  // of the write in progress
};

}  // namespace tellegen::chip
