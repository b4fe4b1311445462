#pragma once
#include <span>
#include <string>
#include <string_view>

namespace tellegen {

/// Number of single-letter insertions, removals, replacements and swaps of neighbours that turn one word into the
/// other.
[[nodiscard]] int edit_distance(std::string_view a, std::string_view b);

/// The candidate that a misspelt word most likely meant; empty when none is near (more than a third of it is
/// different).
[[nodiscard]] std::string_view nearest_name(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace tellegen
