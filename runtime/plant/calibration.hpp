#pragma once
// Sizes of a chip's converters and correlators, from an ideal learning cycle.

#include <span>

#include "hw_models/nonideal/full_scales.hpp"
#include "runtime/plant/direct_plant.hpp"

namespace tellegen {

/// Largest samples of a cycle that the direct plant has run.
/// @param stimulus  by step and source; `driven`: the source of each input converter
[[nodiscard]] FullScales full_scales_of(const DirectPlant& plant, const ClampedRecord& record, const Nudge& nudge, const Table& stimulus,
                                        std::span<const std::int32_t> driven);

}  // namespace tellegen
