#pragma once
// A bus without a chip behind it: for tests of drivers and of whatever stands on them.

#include <cstddef>
#include <deque>
#include <map>
#include <vector>

#include "tellegen/bus/access_rules.hpp"
#include "tellegen/bus/bus.hpp"

namespace tellegen::bus {

/// Bus onto plain storage. Registers start at their reset values (zero where the chip that was built decides) and keep
/// what is written, reserved bits excepted; writing a 1 to a w1c bit clears it. The access rules of the map hold, locking included: locked
/// registers refuse writes while the stored SEQUENCER.STATUS has BUSY set. Every transfer is recorded, refused ones
/// too.
class RecordingBus final : public Bus {
 public:
  enum class Kind : std::uint8_t { read, write, read_stream, write_stream, wait };

  struct Transfer {
    Kind kind = Kind::read;
    std::uint32_t address = 0;
    std::vector<std::uint32_t> words;  // those read or written; empty when refused
    BusStatus status = BusStatus::ok;
    friend bool operator==(const Transfer&, const Transfer&) = default;
  };

  RecordingBus();

  /// Puts a word, or the two of a double, where reads find it; read-only registers too.
  void preset(std::uint32_t address, std::uint32_t word);
  void preset_double(std::uint32_t address, double value);
  /// Words that successive reads of `address` return; the last one stays.
  void script(std::uint32_t address, const std::vector<std::uint32_t>& words);
  /// Doubles that a stream read of the f64 register at `address` returns in turn; the last one stays.
  void script_doubles(std::uint32_t address, std::span<const double> values);
  /// Lets the transfer after `passes` further ones end with `status`.
  void fail(BusStatus status, std::size_t passes = 0);
  /// Lets that many waits for an interrupt succeed; a wait beyond them times out.
  void raise_interrupts(std::size_t count);

  [[nodiscard]] std::uint32_t stored(std::uint32_t address) const;
  [[nodiscard]] double stored_double(std::uint32_t address) const;
  [[nodiscard]] const std::vector<Transfer>& transfers() const { return transfers_; }
  /// The recorded transfers that change the device: writes and write streams.
  [[nodiscard]] std::vector<Transfer> writes() const;
  void forget_transfers() { transfers_.clear(); }

  BusStatus read(std::uint32_t address, std::span<std::uint32_t> words) override;
  BusStatus write(std::uint32_t address, std::span<const std::uint32_t> words) override;
  BusStatus read_stream(std::uint32_t address, std::span<std::uint32_t> words) override;
  BusStatus write_stream(std::uint32_t address, std::span<const std::uint32_t> words) override;
  BusStatus wait_for_interrupt() override;

 private:
  [[nodiscard]] bool sequencer_busy() const;
  [[nodiscard]] WaitingWord waiting_low(std::uint32_t address) const;
  BusStatus injected_or(BusStatus status);
  std::uint32_t take(std::uint32_t address);
  void store(std::uint32_t address, std::uint32_t word);
  BusStatus record(Kind kind, std::uint32_t address, std::span<const std::uint32_t> words, BusStatus status);

  struct Failure {
    std::size_t passes = 0;
    BusStatus status = BusStatus::ok;
  };

  std::map<std::uint32_t, std::uint32_t> values_;
  std::map<std::uint32_t, std::deque<std::uint32_t>> scripts_;
  std::deque<Failure> failures_;
  std::size_t interrupts_ = 0;
  std::vector<Transfer> transfers_;
};

}  // namespace tellegen::bus
