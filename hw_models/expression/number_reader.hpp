#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace tellegen {

/// Unsigned number at the start of a text, SPICE suffix applied.
struct NumberText {
  double value = 0;
  std::size_t length = 0;  ///< characters used, unit letters included
  std::string_view unit;   ///< letters after the suffix: "F" of "10pF"
};

/// Nothing when the text does not start with a digit or a point and a digit.
[[nodiscard]] std::optional<NumberText> read_number(std::string_view text);

}  // namespace tellegen
