#include "runtime/plant/calibration.hpp"

#include <algorithm>
#include <cmath>

namespace tellegen {
namespace {

double largest_size(const Table& table, std::size_t column) {
  double largest = 0;
  for (std::size_t r = 0; r < table.rows(); ++r) largest = std::max(largest, std::abs(table.at(r, column)));
  return largest;
}

}  // namespace

FullScales full_scales_of(const DirectPlant& plant, const ClampedRecord& record, const Nudge& nudge, const Table& stimulus, std::span<const std::int32_t> driven) {
  FullScales scales{.stimulus = {}, .drive = {}, .probe = {}, .trace = plant.trace_peaks(), .readout = plant.readout_sizes()};
  for (const auto source : driven) scales.stimulus.push_back(largest_size(stimulus, static_cast<std::size_t>(source)));
  for (std::size_t p = 0; p < record.probes.columns(); ++p) {
    scales.probe.push_back(largest_size(record.probes, p));
    scales.drive.push_back(std::max(largest_size(nudge.drive, p), nudge.drive_minus.rows() > 0 ? largest_size(nudge.drive_minus, p) : 0.0));
  }
  return scales;
}

}  // namespace tellegen
