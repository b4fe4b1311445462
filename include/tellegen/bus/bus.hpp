#pragma once
// The only road from software to the chip.

#include <cstdint>
#include <span>
#include <string_view>

namespace tellegen::bus {

/// Outcome of a transfer.
enum class [[nodiscard]] BusStatus : std::uint8_t{
    ok,
    address_error,  // no register there
    access_error,   // a read of a write-only register, a write to a read-only one or of a value that it does not take,
                    // or a stream that is none
    locked,         // a write to a locked register while the sequencer is busy
    timeout,        // nothing answered, or no interrupt will come
};

[[nodiscard]] std::string_view name_of(BusStatus status);

/// Port for 32-bit words at byte addresses (registers.hpp). A transfer that does not return `ok` changed no register.
class Bus {
 public:
  virtual ~Bus() = default;

  /// Reads consecutive words, rising from `address`.
  virtual BusStatus read(std::uint32_t address, std::span<std::uint32_t> words) = 0;
  /// Writes consecutive words, rising from `address`.
  virtual BusStatus write(std::uint32_t address, std::span<const std::uint32_t> words) = 0;

  /// Reads one f64 register again and again: low, high, low, high. Needs an even number of words.
  virtual BusStatus read_stream(std::uint32_t address, std::span<std::uint32_t> words) = 0;
  /// Writes one f64 register again and again: low, high, low, high. Needs an even number of words.
  virtual BusStatus write_stream(std::uint32_t address, std::span<const std::uint32_t> words) = 0;

  /// Returns when the interrupt line is high, at once when it already is.
  virtual BusStatus wait_for_interrupt() = 0;

 protected:
  Bus() = default;
  Bus(const Bus&) = default;
  Bus& operator=(const Bus&) = default;
};

}  // namespace tellegen::bus
