#pragma once
// What a sweep's points mean: order statistics of every setting, and the cheapest one that holds the limit.

#include <string>
#include <string_view>

#include "runtime/report/sweep_record.hpp"

namespace tellegen::sweep {

/// By what settings are cheap, the first thing first.
///
/// | word          | order                         |
/// |---------------|-------------------------------|
/// | `memory`      | bits, then time, then cycles  |
/// | `time`        | seconds, then bits            |
/// | `cycles`      | clock cycles, then bits       |
/// | `conversions` | conversions, then bits, time  |
/// | `energy`      | joules, then bits, time       |
///
/// Of settings that cost the same, the one with the better cosine is the cheaper.
[[nodiscard]] bool is_cheaper(const report::SweepSetting& a, const report::SweepSetting& b, std::string_view order);

/// Fills every setting's statistics from the points, then `chosen` and `sentence`. Settings must have their values.
void summarise(report::SweepRecord& record);

/// "chip.clock = 1 kHz, rule.beta = 0.01"
[[nodiscard]] std::string setting_text(const report::SweepRecord& record, const report::SweepSetting& setting);

}  // namespace tellegen::sweep
