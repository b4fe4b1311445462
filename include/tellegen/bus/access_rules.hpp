#pragma once
// The access rules of the register map as a bus applies them: asked before a transfer, so that a refused one changes
// nothing.

#include <cstddef>
#include <cstdint>
#include <span>

#include "tellegen/bus/bus.hpp"
#include "tellegen/regmap/register_types.hpp"

namespace tellegen::bus {

/// One word of an f64 register that waits for the other: the low word of a write, or the high word of a read. There is one of
/// each for all registers; it belongs to the register whose word it is, and no other register takes it.
struct WaitingWord {
  const regmap::Register* reg = nullptr;
  std::uint32_t word = 0;
};

/// May `words` consecutive words be read from `address`?
[[nodiscard]] BusStatus admit_read(std::uint32_t address, std::size_t words);

/// May these consecutive words be written from `address`, while the sequencer is busy or not? Word by word: is there a
/// register, may it be written, is it locked, does it take the value; the first word that may not be written decides.
/// @param waiting  low word that was written before; a high word without one of its register completes it with zero
[[nodiscard]] BusStatus admit_write(std::uint32_t address, std::span<const std::uint32_t> words, bool sequencer_busy,
                                    WaitingWord waiting = {});

/// May the f64 register at `address` be streamed, read as so many words or written with these?
[[nodiscard]] BusStatus admit_read_stream(std::uint32_t address, std::size_t words);
[[nodiscard]] BusStatus admit_write_stream(std::uint32_t address, std::span<const std::uint32_t> words, bool sequencer_busy);

}  // namespace tellegen::bus
