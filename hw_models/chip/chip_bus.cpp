#include "hw_models/chip/chip_bus.hpp"

namespace tellegen::chip {

ChipBus::ChipBus(const sc_core::sc_module_name& name, PhaseSequencer& sequencer, const Watchdog& watchdog, sc_core::sc_time word_time,
                 sc_core::sc_time clock_period)
    : sc_core::sc_module(name), sequencer_(sequencer), watchdog_(watchdog), word_time_(word_time), clock_period_(clock_period) {
  SC_METHOD(on_event);
  dont_initialize();
  sensitive << irq.pos() << sequencer_.cause_event() << watchdog_.cause_event();
}

void ChipBus::pass(const sc_core::sc_time& time) {
  if (time > sc_core::SC_ZERO_TIME)
    sc_core::sc_start(time);
  else
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
}

bus::BusStatus ChipBus::transfer(tlm::tlm_command command, std::uint32_t address, std::uint32_t* words, std::size_t count,
                                 std::size_t streaming_words) {
  tlm::tlm_generic_payload transaction;
  transaction.set_command(command);
  transaction.set_address(address);
  transaction.set_data_ptr(reinterpret_cast<unsigned char*>(words));
  transaction.set_data_length(static_cast<unsigned>(4 * count));
  transaction.set_streaming_width(static_cast<unsigned>(4 * streaming_words));
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  socket->b_transport(transaction, delay);
  pass(delay + static_cast<double>(count) * word_time_);
  switch (transaction.get_response_status()) {
    case tlm::TLM_OK_RESPONSE: break;
    case tlm::TLM_ADDRESS_ERROR_RESPONSE: return bus::BusStatus::address_error;
    case tlm::TLM_GENERIC_ERROR_RESPONSE: return bus::BusStatus::locked;
    default: return bus::BusStatus::access_error;
  }
  // A command is posted until the sequencer's next clock edge; the bus holds the master for as long.
  while (sequencer_.pending()) pass(clock_period_);
  return bus::BusStatus::ok;
}

bus::BusStatus ChipBus::read(std::uint32_t address, std::span<std::uint32_t> words) {
  return transfer(tlm::TLM_READ_COMMAND, address, words.data(), words.size(), words.size());
}

bus::BusStatus ChipBus::write(std::uint32_t address, std::span<const std::uint32_t> words) {
  return transfer(tlm::TLM_WRITE_COMMAND, address, const_cast<std::uint32_t*>(words.data()), words.size(), words.size());
}

bus::BusStatus ChipBus::read_stream(std::uint32_t address, std::span<std::uint32_t> words) {
  return transfer(tlm::TLM_READ_COMMAND, address, words.data(), words.size(), 2);
}

bus::BusStatus ChipBus::write_stream(std::uint32_t address, std::span<const std::uint32_t> words) {
  return transfer(tlm::TLM_WRITE_COMMAND, address, const_cast<std::uint32_t*>(words.data()), words.size(), 2);
}

/// Each of the events that end a wait: the interrupt line, and a cause that does not raise it because it is masked.
void ChipBus::on_event() {
  if (waits_) sc_core::sc_pause();
}

bus::BusStatus ChipBus::wait_for_interrupt() {
  pass(sc_core::SC_ZERO_TIME);  // lets a level that was just written reach the line
  if (irq.read()) return bus::BusStatus::ok;
  // Nothing but a watchdog can raise the line while the sequencer waits for software.
  if (!may_interrupt()) return bus::BusStatus::timeout;
  waits_ = true;
  while (!irq.read() && may_interrupt()) sc_core::sc_start();
  waits_ = false;
  pass(sc_core::SC_ZERO_TIME);  // lets the line follow its cause
  return irq.read() ? bus::BusStatus::ok : bus::BusStatus::timeout;
}

}  // namespace tellegen::chip
