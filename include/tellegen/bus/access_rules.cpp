#include "tellegen/bus/access_rules.hpp"

#include "tellegen/regmap/registers.hpp"

namespace tellegen::bus {
namespace {

BusStatus admit_read_word(std::uint32_t address) {
  const regmap::Location place = regmap::find(address);
  if (!place) return BusStatus::address_error;
  return place.reg->readable() ? BusStatus::ok : BusStatus::access_error;
}

BusStatus admit_any_write(const regmap::Register& reg, bool sequencer_busy) {
  if (!reg.writable()) return BusStatus::access_error;
  return reg.locked && sequencer_busy ? BusStatus::locked : BusStatus::ok;
}

/// A place whose f64 register can be streamed with so many words.
BusStatus admit_stream(const regmap::Location& place, std::size_t words) {
  if (!place) return BusStatus::address_error;
  const bool streams = place.reg->format == regmap::Format::f64 && place.word == 0 && words % 2 == 0;
  return streams ? BusStatus::ok : BusStatus::access_error;
}

}  // namespace

std::string_view name_of(BusStatus status) {
  switch (status) {
    case BusStatus::ok:
      return "ok";
    case BusStatus::address_error:
      return "address error";
    case BusStatus::access_error:
      return "access error";
    case BusStatus::locked:
      return "locked";
    case BusStatus::timeout:
      return "timeout";
  }
  return "unknown bus status";
}

BusStatus admit_read(std::uint32_t address, std::size_t words) {
  for (std::size_t i = 0; i < words; ++i) {
    const BusStatus status = admit_read_word(address + static_cast<std::uint32_t>(4 * i));
    if (status != BusStatus::ok) return status;
  }
  return BusStatus::ok;
}

BusStatus admit_write(std::uint32_t address, std::span<const std::uint32_t> words, bool sequencer_busy, WaitingWord waiting) {
  for (const std::uint32_t word : words) {
    const regmap::Location place = regmap::find(address);
    address += 4;
    if (!place) return BusStatus::address_error;
    const auto& reg = *place.reg;
    if (const BusStatus status = admit_any_write(reg, sequencer_busy); status != BusStatus::ok) return status;
    if (reg.format == regmap::Format::f64) {
      if (place.word == 1 && !reg.takes_double(waiting.reg == &reg ? waiting.word : 0, word)) return BusStatus::access_error;
      waiting = place.word == 0 ? WaitingWord{&reg, word} : WaitingWord{};
    } else if (!reg.takes_word(word)) {
      return BusStatus::access_error;
    }
  }
  return BusStatus::ok;
}

BusStatus admit_read_stream(std::uint32_t address, std::size_t words) {
  const BusStatus status = admit_stream(regmap::find(address), words);
  return status == BusStatus::ok ? admit_read_word(address) : status;
}

BusStatus admit_write_stream(std::uint32_t address, std::span<const std::uint32_t> words, bool sequencer_busy) {
  const regmap::Location place = regmap::find(address);
  if (const BusStatus status = admit_stream(place, words.size()); status != BusStatus::ok) return status;
  if (const BusStatus status = admit_any_write(*place.reg, sequencer_busy); status != BusStatus::ok) return status;
  for (std::size_t i = 0; i < words.size(); i += 2)
    if (!place.reg->takes_double(words[i], words[i + 1])) return BusStatus::access_error;
  return BusStatus::ok;
}

}  // namespace tellegen::bus
