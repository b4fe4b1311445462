#pragma once
#include <cstddef>

namespace tellegen {

/// Largest number of samples that a kernel carries at once.
inline constexpr int most_lanes = 16;
/// Alignment of everything that a kernel loads. [bytes]
inline constexpr std::size_t lane_alignment = 64;

}  // namespace tellegen
