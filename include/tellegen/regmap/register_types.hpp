#pragma once
// What a register is. The map itself is in registers.hpp.

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

namespace tellegen::regmap {

/// How the bits of a register are read. `f64` is an IEEE-754 double in two consecutive words, low word first:
/// writing the high word commits both, reading the low word latches the high one.
enum class Format : std::uint8_t { u32, i32, f64 };

/// Who may do what over the bus. `w1c` is readable, and writing a 1 clears that bit.
enum class Access : std::uint8_t { ro, rw, wo, w1c };

/// Which numbers an f64 register takes; a write of another one is refused.
enum class Numbers : std::uint8_t { finite, not_nan };

/// One value that a field may take.
struct EnumeratedValue {
  std::uint32_t value = 0;
  std::string_view name;
  std::string_view meaning;
};

/// Bit field of a 32-bit word: bits lsb .. lsb + width - 1.
struct Field {
  std::string_view name;
  unsigned lsb = 0;
  unsigned width = 1;
  std::string_view meaning;
  std::span<const EnumeratedValue> values{};

  /// Largest value that fits.
  [[nodiscard]] constexpr std::uint32_t limit() const {
    return width >= 32 ? std::numeric_limits<std::uint32_t>::max() : (std::uint32_t{1} << width) - 1;
  }
  [[nodiscard]] constexpr std::uint32_t mask() const { return limit() << lsb; }
  [[nodiscard]] constexpr std::uint32_t get(std::uint32_t word) const { return (word >> lsb) & limit(); }
  [[nodiscard]] constexpr bool test(std::uint32_t word) const { return get(word) != 0; }
  /// `word` with this field replaced; bits of `value` beyond the field's width are dropped.
  [[nodiscard]] constexpr std::uint32_t set(std::uint32_t word, std::uint32_t value) const {
    return (word & ~mask()) | ((value & limit()) << lsb);
  }
};

/// One register. `offset` counts bytes from its block, `address()` from the start of the map.
struct Register {
  std::uint32_t base = 0;
  std::uint32_t offset = 0;
  std::string_view name;
  Format format = Format::u32;
  Access access = Access::rw;
  bool locked = false;                      // a write while the sequencer is busy is refused
  std::optional<std::uint64_t> reset = 0u;  // raw bits; empty: a constant of the chip that was built
  std::string_view unit{};                  // empty: a bare number or a set of fields
  std::string_view meaning{};
  std::span<const Field> fields{};
  Numbers numbers = Numbers::finite;

  [[nodiscard]] constexpr std::uint32_t address() const { return base + offset; }
  [[nodiscard]] constexpr std::uint32_t words() const { return format == Format::f64 ? 2 : 1; }
  [[nodiscard]] constexpr std::uint32_t end() const { return address() + 4 * words(); }
  [[nodiscard]] constexpr bool readable() const { return access != Access::wo; }
  [[nodiscard]] constexpr bool writable() const { return access != Access::ro; }
  /// Bits that the register has; the others are reserved: they read 0, and what is written to them is dropped.
  [[nodiscard]] constexpr std::uint32_t known_bits() const {
    if (fields.empty()) return std::numeric_limits<std::uint32_t>::max();
    std::uint32_t known = 0;
    for (const Field& field : fields) known |= field.mask();
    return known;
  }
  /// Whether a word holds no code that an enumerated field does not know.
  [[nodiscard]] constexpr bool takes_word(std::uint32_t word) const {
    for (const Field& field : fields) {
      bool is_known = field.values.empty();
      for (const EnumeratedValue& entry : field.values) is_known |= entry.value == field.get(word);
      if (!is_known) return false;
    }
    return true;
  }
  /// Whether the two words of a double are a number that an f64 register takes.
  [[nodiscard]] constexpr bool takes_double(std::uint32_t low, std::uint32_t high) const {
    constexpr std::uint32_t exponent = 0x7FF00000, mantissa = 0x000FFFFF;
    const bool is_finite = (high & exponent) != exponent;
    const bool is_infinite = !is_finite && (high & mantissa) == 0 && low == 0;
    return is_finite || (numbers == Numbers::not_nan && is_infinite);
  }
};

/// Registers of one hardware block.
struct Block {
  std::string_view name;
  std::uint32_t base = 0;
  std::uint32_t size = 0;  // [byte]
  std::string_view meaning;
  std::span<const Register* const> registers{};
};

/// The two words of a double as an f64 register holds it: low word first.
[[nodiscard]] constexpr std::array<std::uint32_t, 2> words_of(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  return {static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(bits >> 32)};
}
[[nodiscard]] constexpr double double_of(std::uint32_t low, std::uint32_t high) {
  return std::bit_cast<double>((std::uint64_t{high} << 32) | low);
}

/// True when every field lies inside 32 bits, no two overlap, and every enumerated value fits.
[[nodiscard]] constexpr bool fields_fit(const Register& reg) {
  std::uint32_t taken = 0;
  for (const Field& field : reg.fields) {
    if (field.width == 0 || field.lsb + field.width > 32) return false;
    if ((taken & field.mask()) != 0) return false;
    taken |= field.mask();
    for (const EnumeratedValue& entry : field.values)
      if (entry.value > field.limit()) return false;
  }
  return reg.fields.empty() || reg.format == Format::u32;
}

/// True when the block's registers are in rising order without overlap, aligned, inside the block, and their fields
/// fit.
[[nodiscard]] constexpr bool block_is_sound(const Block& block) {
  std::uint32_t free_from = block.base;
  for (const Register* reg : block.registers) {
    const std::uint32_t alignment = 4 * reg->words();
    if (reg->base != block.base || reg->address() < free_from || reg->offset % alignment != 0) return false;
    if (reg->end() > block.base + block.size || !fields_fit(*reg)) return false;
    free_from = reg->end();
  }
  return block.base % 4 == 0;
}

/// True when the blocks are in rising order, do not overlap, and each is sound.
[[nodiscard]] constexpr bool map_is_sound(std::span<const Block> blocks) {
  std::uint32_t free_from = 0;
  for (const Block& block : blocks) {
    if (block.base < free_from || !block_is_sound(block)) return false;
    free_from = block.base + block.size;
  }
  return true;
}

}  // namespace tellegen::regmap
