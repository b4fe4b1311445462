#include "tellegen/bus/access_rules.hpp"

#include "tellegen/regmap/registers.hpp"

namespace tellegen::bus {
namespace {

enum class Direction { read, write };

BusStatus admit_word(std::uint32_t address, Direction direction, bool sequencer_busy) {
  const regmap::Location place = regmap::find(address);
  if (!place) return BusStatus::address_error;
  const bool allowed = direction == Direction::read ? place.reg->readable() : place.reg->writable();
  if (!allowed) return BusStatus::access_error;
  if (direction == Direction::write && place.reg->locked && sequencer_busy) return BusStatus::locked;
  return BusStatus::ok;
}

BusStatus admit_words(std::uint32_t address, std::size_t words, Direction direction, bool sequencer_busy) {
  for (std::size_t i = 0; i < words; ++i) {
    const BusStatus status = admit_word(address + static_cast<std::uint32_t>(4 * i), direction, sequencer_busy);
    if (status != BusStatus::ok) return status;
  }
  return BusStatus::ok;
}

BusStatus admit_stream(std::uint32_t address, std::size_t words, Direction direction, bool sequencer_busy) {
  const regmap::Location place = regmap::find(address);
  if (!place) return BusStatus::address_error;
  if (place.reg->format != regmap::Format::f64 || place.word != 0 || words % 2 != 0) return BusStatus::access_error;
  return admit_word(address, direction, sequencer_busy);
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
  return admit_words(address, words, Direction::read, false);
}

BusStatus admit_write(std::uint32_t address, std::size_t words, bool sequencer_busy) {
  return admit_words(address, words, Direction::write, sequencer_busy);
}

BusStatus admit_read_stream(std::uint32_t address, std::size_t words) {
  return admit_stream(address, words, Direction::read, false);
}

BusStatus admit_write_stream(std::uint32_t address, std::size_t words, bool sequencer_busy) {
  return admit_stream(address, words, Direction::write, sequencer_busy);
}

}  // namespace tellegen::bus
