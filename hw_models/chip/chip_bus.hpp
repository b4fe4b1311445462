#pragma once
// The bus master of the chip: software's transfers as TLM transactions that take simulated time.

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "hw_models/chip/phase_sequencer.hpp"
#include "hw_models/chip/watchdog.hpp"
#include "tellegen/bus/bus.hpp"

namespace tellegen::chip {

/// Software outside the kernel on one side, a TLM-2.0 initiator on the other. Each transfer lets the simulation run for as
/// long as its words take on the bus; a write of COMMAND returns when the sequencer's clock has taken it.
class ChipBus : public sc_core::sc_module, public bus::Bus {
 public:
  tlm_utils::simple_initiator_socket<ChipBus> socket{"socket"};
  sc_core::sc_in<bool> irq{"irq"};

  SC_HAS_PROCESS(ChipBus);
  /// @param word_time  of one 32-bit word on the bus
  ChipBus(const sc_core::sc_module_name& name, PhaseSequencer& sequencer, const Watchdog& watchdog, sc_core::sc_time word_time,
          sc_core::sc_time clock_period);

  bus::BusStatus read(std::uint32_t address, std::span<std::uint32_t> words) override;
  bus::BusStatus write(std::uint32_t address, std::span<const std::uint32_t> words) override;
  bus::BusStatus read_stream(std::uint32_t address, std::span<std::uint32_t> words) override;
  bus::BusStatus write_stream(std::uint32_t address, std::span<const std::uint32_t> words) override;
  bus::BusStatus wait_for_interrupt() override;

 private:
  [[nodiscard]] bus::BusStatus transfer(tlm::tlm_command command, std::uint32_t address, std::uint32_t* words, std::size_t count,
                                        std::size_t streaming_words);
  void pass(const sc_core::sc_time& time);
  void on_event();
  [[nodiscard]] bool may_interrupt() const { return sequencer_.busy() || watchdog_.is_armed(); }

  PhaseSequencer& sequencer_;
  const Watchdog& watchdog_;
  sc_core::sc_time word_time_, clock_period_;
  bool waits_ = false;
};

}  // namespace tellegen::chip
