#pragma once
// Numbers and units as a reader wants them printed: SI prefixes, real minus signs, powers of ten as superscripts.
// UTF-8.

#include <cstdint>
#include <string>
#include <string_view>

namespace tellegen::report {

/// Unit text with its signs: "ohm" -> "Ω", "V^2 s" -> "V² s", "A s^1/2" -> "A √s".
[[nodiscard]] std::string unit_text(std::string_view unit);

/// Value with a fixed count of significant digits; beyond 1e-3 .. 1e5 as a power of ten: "−2.270 × 10⁻⁷".
[[nodiscard]] std::string significant(double value, int digits);

/// Measured value with SI prefix and a fixed count of digits: quantity(3.2e-6, "s", 4) == "3.200 µs". A unit that takes
/// no prefix (none at all, or a power such as V^2) gets a power of ten instead.
[[nodiscard]] std::string quantity(double value, std::string_view unit, int digits);

/// Value that somebody chose, without trailing zeros: setting(1e7, "Hz") == "10 MHz".
[[nodiscard]] std::string setting(double value, std::string_view unit);

/// Cosine with as many digits as its distance from one has something to say: "0.99998", "1 − 2.1 × 10⁻¹²".
[[nodiscard]] std::string cosine_text(double cosine);

/// Whole number in groups of three: "1 234 567" (with narrow spaces).
[[nodiscard]] std::string count_text(std::uint64_t count);

/// Amount of memory: "960 bit", "11.5 kbit", "1.44 Mbit".
[[nodiscard]] std::string bits_text(std::uint64_t bits);

/// "10⁻³"
[[nodiscard]] std::string power_of_ten(int exponent);

/// Name of a phase with a real minus sign: "nudged -" -> "nudged −".
[[nodiscard]] std::string phase_text(std::string_view phase);

/// SI prefix for axes: the exponent (a multiple of three) that brings `largest` into 1..1000, 0 where the unit takes no
/// prefix.
[[nodiscard]] int prefix_exponent(double largest, std::string_view unit);

/// Unit with the prefix of `exponent`: prefixed_unit(-3, "V") == "mV".
[[nodiscard]] std::string prefixed_unit(int exponent, std::string_view unit);

}  // namespace tellegen::report
