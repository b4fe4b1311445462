#include "hw_models/chip/register_file.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

namespace tellegen::chip {
namespace {

namespace map = regmap;

tlm::tlm_response_status response_of(bus::BusStatus status) {
  switch (status) {
    case bus::BusStatus::ok: return tlm::TLM_OK_RESPONSE;
    case bus::BusStatus::address_error: return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    case bus::BusStatus::access_error: return tlm::TLM_COMMAND_ERROR_RESPONSE;
    default: return tlm::TLM_GENERIC_ERROR_RESPONSE;
  }
}

constexpr std::int32_t largest_skew = 4;  // in halves: orders a, b of one element lie within [0, 2]

/// A streaming width below the length asks for the same addresses again and again.
bool streams_one_register(const tlm::tlm_generic_payload& transaction) {
  return transaction.get_streaming_width() < transaction.get_data_length();
}

}  // namespace

RegisterFile::RegisterFile(const sc_core::sc_module_name& name, PhaseSequencer& sequencer, Watchdog& watchdog, AnalogArray& array, SampleMemory& memory,
                           std::vector<CellPlace> cells, std::uint32_t steps_per_tick)
    : sc_core::sc_module(name), sequencer_(sequencer), watchdog_(watchdog), array_(array), memory_(memory), cells_(std::move(cells)), steps_per_tick_(steps_per_tick) {
  socket.register_b_transport(this, &RegisterFile::transport);
  SC_METHOD(on_cause);
  dont_initialize();
  sensitive << sequencer_.cause_event() << watchdog_.cause_event();
}

void RegisterFile::transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time&) {
  const auto response = admit(transaction);
  transaction.set_response_status(response);
  if (response != tlm::TLM_OK_RESPONSE || transaction.get_command() == tlm::TLM_IGNORE_COMMAND) return;
  if (streams_one_register(transaction)) return stream(transaction);
  const auto address = static_cast<std::uint32_t>(transaction.get_address());
  const std::size_t words = transaction.get_data_length() / 4;
  const bool is_write = transaction.is_write();
  auto* data = transaction.get_data_ptr();
  for (std::size_t i = 0; i < words; ++i) {
    const auto at = static_cast<std::uint32_t>(address + 4 * i);
    if (is_write) {
      write_word(at, words_[i]);
    } else {
      const std::uint32_t word = read_word(at);
      std::memcpy(data + 4 * i, &word, 4);
    }
  }
}

/// One f64 register again and again: as its two words would be, but decoded once.
void RegisterFile::stream(tlm::tlm_generic_payload& transaction) {
  const auto& reg = *map::find(static_cast<std::uint32_t>(transaction.get_address())).reg;
  auto* const data = transaction.get_data_ptr();
  for (std::size_t at = 0; at < transaction.get_data_length(); at += sizeof(double)) {
    std::array<std::uint32_t, 2> words{};
    if (transaction.is_write()) {
      std::memcpy(words.data(), data + at, sizeof words);
      low_ = {};
      write_f64(reg, map::double_of(words[0], words[1]));
    } else {
      words = map::words_of(read_f64(reg));
      high_ = {};
      std::memcpy(data + at, words.data(), sizeof words);
    }
    if (&reg == &map::waveform::data) ++address_;
  }
}

/// What a transaction is answered, before any of its words is carried out.
tlm::tlm_response_status RegisterFile::admit(const tlm::tlm_generic_payload& transaction) {
  if (transaction.get_byte_enable_ptr()) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  const std::size_t length = transaction.get_data_length();
  const bool streams = streams_one_register(transaction);
  constexpr unsigned f64_bytes = 8;
  if (length == 0 || length % 4 != 0 || (streams && transaction.get_streaming_width() != f64_bytes)) return tlm::TLM_BURST_ERROR_RESPONSE;
  if (!transaction.get_data_ptr()) return tlm::TLM_GENERIC_ERROR_RESPONSE;
  if (transaction.get_address() > std::numeric_limits<std::uint32_t>::max()) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  const auto address = static_cast<std::uint32_t>(transaction.get_address());
  const std::size_t words = length / 4;
  const bool busy = sequencer_.busy();
  if (!transaction.is_write()) return response_of(streams ? bus::admit_read_stream(address, words) : bus::admit_read(address, words));
  words_.resize(words);
  std::memcpy(words_.data(), transaction.get_data_ptr(), length);
  return response_of(streams ? bus::admit_write_stream(address, words_, busy) : bus::admit_write(address, words_, busy, low_));
}

std::uint32_t RegisterFile::read_word(std::uint32_t address) {
  const auto [reg, word] = map::find(address);
  if (reg->format != map::Format::f64) return read_u32(*reg);
  const auto words = map::words_of(read_f64(*reg));
  if (word == 0) {
    high_ = {reg, words[1]};
    return words[0];
  }
  if (reg == &map::waveform::data) ++address_;
  const auto latched = std::exchange(high_, {});
  return latched.reg == reg ? latched.word : words[1];
}

void RegisterFile::write_word(std::uint32_t address, std::uint32_t word) {
  const auto [reg, half] = map::find(address);
  if (reg->format != map::Format::f64) return write_u32(*reg, word);
  if (half == 0) {
    low_ = {reg, word};
    return;
  }
  const auto latched = std::exchange(low_, {});
  write_f64(*reg, map::double_of(latched.reg == reg ? latched.word : 0, word));
  if (reg == &map::waveform::data) ++address_;
}

std::uint32_t RegisterFile::read_u32(const map::Register& reg) const {
  const auto size = [](const auto& container) { return static_cast<std::uint32_t>(container.size()); };
  if (&reg == &map::sequencer::id) return map::sequencer::id_value;
  if (&reg == &map::sequencer::version) return map::sequencer::version_value;
  if (&reg == &map::sequencer::status) return read_status();
  if (&reg == &map::sequencer::program) return sequencer_.settings.program;
  if (&reg == &map::sequencer::ticks) return sequencer_.settings.ticks;
  if (&reg == &map::sequencer::steps_per_tick) return steps_per_tick_;
  if (&reg == &map::sequencer::echo_skew) return std::bit_cast<std::uint32_t>(echo_skew_);
  if (&reg == &map::sequencer::tail) return tail_;
  if (&reg == &map::sequencer::lock_in_period) return lock_in_period_;
  if (&reg == &map::sequencer::harmonics_low) return static_cast<std::uint32_t>(harmonics_);
  if (&reg == &map::sequencer::harmonics_high) return static_cast<std::uint32_t>(harmonics_ >> 32);
  if (&reg == &map::sequencer::fault_tick) return fault_tick_;
  if (&reg == &map::sequencer::fault_phase) return static_cast<std::uint32_t>(fault_phase_);
  if (&reg == &map::sequencer::watchdog) return watchdog_.limit;
  for (std::size_t i = 0; i < map::phase_count; ++i)
    if (&reg == &map::sequencer::cycles[i]) return sequencer_.cycles(i);
  if (&reg == &map::interrupt::status) return interrupt_status_;
  if (&reg == &map::interrupt::mask) return interrupt_mask_;
  if (&reg == &map::waveform::bank) return bank_;
  if (&reg == &map::waveform::address) return address_;
  if (&reg == &map::waveform::stimuli) return size(memory_.stimulus);
  if (&reg == &map::waveform::probes) return size(memory_.probe);
  if (&reg == &map::waveform::drives) return size(memory_.drive);
  if (&reg == &map::waveform::stimulus_depth) return static_cast<std::uint32_t>(memory_.step_depth);
  if (&reg == &map::waveform::tick_depth) return static_cast<std::uint32_t>(memory_.tick_depth);
  if (&reg == &map::cells::select) return cell_;
  if (&reg == &map::cells::slot) return slot_;
  if (&reg == &map::cells::count) return size(cells_);
  if (&reg == &map::cells::slots) return cell_ < cells_.size() ? static_cast<std::uint32_t>(cells_[cell_].slot_count()) : 0;
  if (&reg == &map::cells::view) {
    const auto* slot = selected_slot();
    return slot && slot->view == ViewKind::reciprocal ? 1 : 0;
  }
  return 0;
}

std::uint32_t RegisterFile::read_status() const {
  using namespace map::sequencer;
  std::uint32_t word = status_phase.set(0, static_cast<std::uint32_t>(sequencer_.state()));
  word = status_busy.set(word, sequencer_.busy());
  word = status_refused.set(word, sequencer_.refused());
  word = status_fault.set(word, sequencer_.fault());
  return status_watchdog.set(word, watchdog_.expired());
}

void RegisterFile::write_u32(const map::Register& reg, std::uint32_t word) {
  word &= reg.known_bits();
  if (&reg == &map::sequencer::command) return write_command(word);
  if (&reg == &map::sequencer::program) {
    // A chip of one array has no such bit.
    const auto missing = array_.has_twin() ? 0 : map::sequencer::program_lockstep.mask();
    sequencer_.settings.program = word & ~missing;
    return apply_settings();
  }
  if (&reg == &map::sequencer::ticks) {
    // A phase can be no longer than the memories that record it.
    sequencer_.settings.ticks = std::clamp<std::uint32_t>(word, 1, static_cast<std::uint32_t>(memory_.tick_depth));
    return apply_settings();
  }
  if (&reg == &map::sequencer::echo_skew) {
    echo_skew_ = std::clamp(std::bit_cast<std::int32_t>(word), -largest_skew, largest_skew);
    return apply_settings();
  }
  if (&reg == &map::sequencer::tail) {
    // The engine behind the array was planned for so many cycles.
    tail_ = std::min(word, array_.longest_tail());
    return apply_settings();
  }
  if (&reg == &map::sequencer::lock_in_period) {
    lock_in_period_ = std::min(word, static_cast<std::uint32_t>(memory_.tick_depth));
    return apply_settings();
  }
  if (&reg == &map::sequencer::harmonics_low) {
    harmonics_ = (harmonics_ >> 32 << 32) | word;
    return apply_settings();
  }
  if (&reg == &map::sequencer::harmonics_high) {
    harmonics_ = (harmonics_ & 0xFFFFFFFFu) | static_cast<std::uint64_t>(word) << 32;
    return apply_settings();
  }
  if (&reg == &map::sequencer::watchdog) watchdog_.limit = word;
  if (&reg == &map::interrupt::status) return write_interrupt_status(word);
  if (&reg == &map::interrupt::mask) {
    interrupt_mask_ = word;
    return drive_irq();
  }
  if (&reg == &map::waveform::bank) bank_ = word;
  if (&reg == &map::waveform::address) address_ = word;
  if (&reg == &map::cells::select) cell_ = word;
  if (&reg == &map::cells::slot) slot_ = word;
  if (&reg == &map::cells::view)
    if (auto* slot = selected_slot()) {
      const auto view = word == 1 ? ViewKind::reciprocal : ViewKind::identity;
      if (view != slot->view) slot->value = 1 / slot->value;  // the law's own parameter stays
      slot->view = view;
    }
}

double RegisterFile::read_f64(const map::Register& reg) const {
  if (&reg == &map::waveform::peak_source_current) return memory_.peak_source_current;
  if (&reg == &map::sequencer::weight_rate) return weight_rate_;
  if (&reg == &map::correlator::gain_plus) return gain_plus_;
  if (&reg == &map::correlator::gain_minus) return gain_minus_;
  if (&reg == &map::waveform::data) {
    const auto* sample = selected_sample();
    return sample ? *sample : 0;
  }
  const auto* slot = selected_slot();
  if (!slot) return 0;
  if (&reg == &map::cells::parameter) return slot->value;
  if (&reg == &map::cells::accumulator) return slot->accumulator;
  if (&reg == &map::cells::rate) return slot->rate;
  if (&reg == &map::cells::minimum) return slot->minimum;
  if (&reg == &map::cells::maximum) return slot->maximum;
  if (&reg == &map::cells::decay) return slot->decay;
  return 0;
}

void RegisterFile::write_f64(const map::Register& reg, double value) {
  if (&reg == &map::sequencer::weight_rate) {
    weight_rate_ = value;
    return apply_settings();
  }
  if (&reg == &map::correlator::gain_plus) return gain_plus.write(gain_plus_ = value);
  if (&reg == &map::correlator::gain_minus) return gain_minus.write(gain_minus_ = value);
  if (&reg == &map::waveform::data) {
    const auto kind = static_cast<map::BankKind>(map::waveform::bank_kind.get(bank_));
    if (auto* sample = selected_sample(); sample && kind != map::BankKind::probe && kind != map::BankKind::clamp) *sample = value;
    return;
  }
  auto* slot = selected_slot();
  if (!slot) return;
  if (&reg == &map::cells::parameter) cells_[cell_].program(slot_, value);
  if (&reg == &map::cells::rate) slot->rate = value;
  if (&reg == &map::cells::minimum) slot->minimum = value;
  if (&reg == &map::cells::maximum) slot->maximum = value;
  if (&reg == &map::cells::decay) slot->decay = value;
}

void RegisterFile::write_command(std::uint32_t word) {
  using namespace map::sequencer;
  // Abort wins over everything else that a word may ask for, and over what comes before the clock has taken it.
  const auto command = command_abort.test(word)    ? Command::abort
                       : command_load.test(word)   ? Command::load
                       : command_start.test(word)  ? Command::start
                       : command_resume.test(word) ? Command::resume
                                                   : Command::none;
  const bool aborts = sequencer_.pending() && posted_ == Command::abort;
  if (command == Command::none || aborts) return;
  sequencer_.issue(posted_ = command);
}

void RegisterFile::apply_settings() {
  using namespace map::sequencer;
  const auto program = sequencer_.settings.program;
  const auto kind = static_cast<NudgeKind>(program_nudge.get(program));  // no other code is admitted
  // Only an echo can ring out: the other kinds go along the records and the stimulus, which end with the clamped phase.
  sequencer_.settings.tail = kind == NudgeKind::echo ? tail_ : 0;
  array_.settings = {.ticks = sequencer_.settings.ticks, .kind = kind,
                     .swap_ports = program_swap_ports.test(program), .replay_bias = program_replay_bias.test(program),
                     .flip_loss = program_flip_loss.test(program), .clamp_outputs = program_clamp_outputs.test(program),
                     .lockstep = program_lockstep.test(program) && program_nudged_plus.test(program) && program_nudged_minus.test(program),
                     .tail = sequencer_.settings.tail,
                     .reading = {.skew = 0.5 * echo_skew_, .product_only = program_product_only.test(program),
                                 .potential = program_potential.test(program), .settled_only = program_settled_only.test(program),
                                 .weight_rate = weight_rate_,
                                 .lock_in = {.period = lock_in_period_ * steps_per_tick_, .harmonics = harmonics_}}};
}

void RegisterFile::write_interrupt_status(std::uint32_t cleared) {
  if (fresh_since_ == sc_core::sc_time_stamp()) cleared &= ~fresh_causes_;
  interrupt_status_ &= ~cleared;
  drive_irq();
}

void RegisterFile::on_cause() {
  const auto faults = sequencer_.take_causes(), expiries = watchdog_.take_causes();
  if (faults & map::interrupt::fault.mask()) fault_phase_ = watchdog_.cycle_phase(), fault_tick_ = sequencer_.fault_tick();
  if (expiries) fault_phase_ = watchdog_.expired_phase(), fault_tick_ = watchdog_.expired_tick();
  const auto now = sc_core::sc_time_stamp();
  if (std::exchange(fresh_since_, now) != now) fresh_causes_ = 0;
  fresh_causes_ |= faults | expiries;
  interrupt_status_ |= faults | expiries;
  drive_irq();
}

void RegisterFile::drive_irq() { irq.write((interrupt_status_ & interrupt_mask_) != 0); }

LearningSlot* RegisterFile::selected_slot() const {
  if (cell_ >= cells_.size()) return nullptr;
  const auto& cell = cells_[cell_];
  return slot_ < cell.slot_count() ? &cell.slot(slot_) : nullptr;
}

double* RegisterFile::selected_sample() const {
  auto* banks = &memory_.stimulus;
  switch (static_cast<map::BankKind>(map::waveform::bank_kind.get(bank_))) {
    case map::BankKind::stimulus: break;
    case map::BankKind::probe: banks = &memory_.probe; break;
    case map::BankKind::drive: banks = &memory_.drive; break;
    case map::BankKind::drive_minus: banks = &memory_.drive_minus; break;
    case map::BankKind::clamp: banks = &memory_.clamp; break;
    default: return nullptr;
  }
  const auto index = map::waveform::bank_index.get(bank_);
  if (index >= banks->size() || address_ >= (*banks)[index].size()) return nullptr;
  return &(*banks)[index][address_];
}

}  // namespace tellegen::chip
