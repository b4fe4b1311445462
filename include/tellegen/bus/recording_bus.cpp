#include "tellegen/bus/recording_bus.hpp"

#include <algorithm>

#include "tellegen/bus/access_rules.hpp"
#include "tellegen/regmap/registers.hpp"

namespace tellegen::bus {

RecordingBus::RecordingBus() {
  for (const regmap::Block& block : regmap::blocks) {
    for (const regmap::Register* reg : block.registers) {
      const std::uint64_t reset = reg->reset.value_or(0);
      values_[reg->address()] = static_cast<std::uint32_t>(reset);
      if (reg->words() == 2) values_[reg->address() + 4] = static_cast<std::uint32_t>(reset >> 32);
    }
  }
}

void RecordingBus::preset(std::uint32_t address, std::uint32_t word) { values_.at(address) = word; }

void RecordingBus::preset_double(std::uint32_t address, double value) {
  const auto [low, high] = regmap::words_of(value);
  preset(address, low);
  preset(address + 4, high);
}

void RecordingBus::script(std::uint32_t address, const std::vector<std::uint32_t>& words) {
  auto& queue = scripts_[address];
  queue.insert(queue.end(), words.begin(), words.end());
}

void RecordingBus::script_doubles(std::uint32_t address, std::span<const double> values) {
  for (const double value : values) {
    const auto [low, high] = regmap::words_of(value);
    script(address, {low});
    script(address + 4, {high});
  }
}

void RecordingBus::fail(BusStatus status, std::size_t passes) { failures_.push_back({passes, status}); }

void RecordingBus::raise_interrupts(std::size_t count) { interrupts_ += count; }

std::uint32_t RecordingBus::stored(std::uint32_t address) const { return values_.at(address); }

double RecordingBus::stored_double(std::uint32_t address) const {
  return regmap::double_of(stored(address), stored(address + 4));
}

std::vector<RecordingBus::Transfer> RecordingBus::writes() const {
  std::vector<Transfer> found;
  std::ranges::copy_if(transfers_, std::back_inserter(found), [](const Transfer& transfer) {
    return transfer.kind == Kind::write || transfer.kind == Kind::write_stream;
  });
  return found;
}

BusStatus RecordingBus::read(std::uint32_t address, std::span<std::uint32_t> words) {
  const BusStatus status = injected_or(admit_read(address, words.size()));
  if (status != BusStatus::ok) return record(Kind::read, address, {}, status);
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = take(address + static_cast<std::uint32_t>(4 * i));
  return record(Kind::read, address, words, status);
}

BusStatus RecordingBus::write(std::uint32_t address, std::span<const std::uint32_t> words) {
  const BusStatus status = injected_or(admit_write(address, words, sequencer_busy(), waiting_low(address)));
  if (status != BusStatus::ok) return record(Kind::write, address, {}, status);
  for (std::size_t i = 0; i < words.size(); ++i) store(address + static_cast<std::uint32_t>(4 * i), words[i]);
  return record(Kind::write, address, words, status);
}

BusStatus RecordingBus::read_stream(std::uint32_t address, std::span<std::uint32_t> words) {
  const BusStatus status = injected_or(admit_read_stream(address, words.size()));
  if (status != BusStatus::ok) return record(Kind::read_stream, address, {}, status);
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = take(i % 2 == 0 ? address : address + 4);
  return record(Kind::read_stream, address, words, status);
}

BusStatus RecordingBus::write_stream(std::uint32_t address, std::span<const std::uint32_t> words) {
  const BusStatus status = injected_or(admit_write_stream(address, words, sequencer_busy()));
  if (status != BusStatus::ok) return record(Kind::write_stream, address, {}, status);
  for (std::size_t i = 0; i < words.size(); ++i) store(i % 2 == 0 ? address : address + 4, words[i]);
  return record(Kind::write_stream, address, words, status);
}

BusStatus RecordingBus::wait_for_interrupt() {
  BusStatus status = injected_or(interrupts_ > 0 ? BusStatus::ok : BusStatus::timeout);
  if (status == BusStatus::ok) --interrupts_;
  return record(Kind::wait, 0, {}, status);
}

bool RecordingBus::sequencer_busy() const {
  return regmap::sequencer::status_busy.test(stored(regmap::sequencer::status.address()));
}

BusStatus RecordingBus::injected_or(BusStatus status) {
  if (failures_.empty()) return status;
  if (failures_.front().passes > 0) {
    --failures_.front().passes;
    return status;
  }
  status = failures_.front().status;
  failures_.pop_front();
  return status;
}

std::uint32_t RecordingBus::take(std::uint32_t address) {
  if (const auto found = scripts_.find(address); found != scripts_.end() && !found->second.empty()) {
    values_.at(address) = found->second.front();
    found->second.pop_front();
  }
  return values_.at(address);
}

void RecordingBus::store(std::uint32_t address, std::uint32_t word) {
  const regmap::Register& reg = *regmap::find(address).reg;
  const bool clears = reg.access == regmap::Access::w1c;
  values_.at(address) = (clears ? values_.at(address) & ~word : word) & reg.known_bits();
}

/// Storage has no latch: what waits for a high word is the low word that lies beside it.
WaitingWord RecordingBus::waiting_low(std::uint32_t address) const {
  const regmap::Location place = regmap::find(address);
  if (!place || place.word == 0) return {};
  return {place.reg, values_.at(address - 4)};
}

BusStatus RecordingBus::record(Kind kind, std::uint32_t address, std::span<const std::uint32_t> words,
                               BusStatus status) {
  transfers_.push_back({kind, address, {words.begin(), words.end()}, status});
  return status;
}

}  // namespace tellegen::bus
