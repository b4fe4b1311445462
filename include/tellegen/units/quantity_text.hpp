#pragma once
// Quantities as users write them ("10 ns", "1 uS", "5 kg") with the dimension checked at run time.

#include <optional>
#include <string>
#include <string_view>

#include "tellegen/units/input_error.hpp"

namespace tellegen {

/// Physical dimension as exponents of the SI base units, in halves, so that half-order quantities are exact:
/// `time{.second = 2}` is a second, `{.second = 1}` the root of one.
struct Dimension {
  int metre = 0;
  int kilogram = 0;
  int second = 0;
  int ampere = 0;
  int kelvin = 0;
  friend constexpr bool operator==(const Dimension&, const Dimension&) = default;
};

namespace dimensions {
inline constexpr Dimension none{};
inline constexpr Dimension time{.second = 2};
inline constexpr Dimension frequency{.second = -2};
inline constexpr Dimension voltage{.metre = 4, .kilogram = 2, .second = -6, .ampere = -2};
inline constexpr Dimension current{.ampere = 2};
}  // namespace dimensions

/// Dimension of a unit symbol such as "S", "F", "H", "V s^1/2", "A s^1/2"; throws std::invalid_argument when unknown.
[[nodiscard]] Dimension dimension_of_unit(std::string_view unit);

/// Value in SI of a quantity text such as "10 ns", "1 uS", "3.3 kohm", "2e-9" (a bare number is SI).
/// @throws InputError when the text is no number, the unit is unknown, or its dimension is not `expected`:
///         `bench.toml:8: [time] step: "5 kg" is a mass; a time is expected, such as "10 ns"`
[[nodiscard]] double parse_quantity(std::string_view text, Dimension expected, const SourceLocation& where,
                                    std::string_view subject);

/// Quantity as written, of whatever dimension.
struct FoundQuantity {
  double value = 0;     ///< in SI
  double number = 0;    ///< as written, in `unit`
  std::string unit;     ///< as written; empty: a plain number
  Dimension dimension;
};

/// The quantity that a text is; nothing when it is no finite number, or its unit is unknown.
[[nodiscard]] std::optional<FoundQuantity> find_quantity(std::string_view text);

/// Symbol of the SI unit of a dimension: "Hz", "S"; in base units where it has none; empty for a plain number.
[[nodiscard]] std::string symbol_of(Dimension dimension);

/// Name of a dimension for messages: "time", "mass", "conductance"; base units where it has no name.
[[nodiscard]] std::string name_of(Dimension dimension);

/// Value with an SI prefix and four significant digits: engineering(3.2e-6, "s") == "3.2 us".
[[nodiscard]] std::string engineering(double value, std::string_view unit);

}  // namespace tellegen
