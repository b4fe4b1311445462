#pragma once
// The access rules of the register map as a bus applies them: asked before a transfer, so that a refused one changes
// nothing.

#include <cstddef>
#include <cstdint>

#include "tellegen/bus/bus.hpp"

namespace tellegen::bus {

/// May `words` consecutive words be read from `address`?
[[nodiscard]] BusStatus admit_read(std::uint32_t address, std::size_t words);

/// May `words` consecutive words be written from `address`, while the sequencer is busy or not?
[[nodiscard]] BusStatus admit_write(std::uint32_t address, std::size_t words, bool sequencer_busy);

/// May the f64 register at `address` be streamed with `words` words?
[[nodiscard]] BusStatus admit_read_stream(std::uint32_t address, std::size_t words);
[[nodiscard]] BusStatus admit_write_stream(std::uint32_t address, std::size_t words, bool sequencer_busy);

}  // namespace tellegen::bus
