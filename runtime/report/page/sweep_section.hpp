#pragma once
// The parts of a sweep's page. Each returns markup, or nothing where the record has no such part.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "runtime/report/sweep_record.hpp"

namespace tellegen::report {

/// Curves against the values of one listed key. All other keys stay at the chosen setting, but for one that tells the curves apart.
struct SweepSlice {
  std::size_t key = 0;                                 // along the axis
  std::optional<std::size_t> family;                   // key that tells the curves apart
  std::vector<std::vector<std::size_t>> curves;        // settings of each curve, in the order of the axis
  std::vector<std::string> names;                      // of the curves, values of the family's key; empty without a family
};

/// A slice through the chosen setting for every listed key of several values; none without a chosen setting.
[[nodiscard]] std::vector<SweepSlice> slices_of(const SweepRecord& record);

/// Charts of a slice: 1 - cosine and relative error, then the losses after training where there are any.
struct SweepChart {
  std::string title;
  nlohmann::json data;
};
[[nodiscard]] std::vector<SweepChart> charts_of(const SweepRecord& record, const SweepSlice& slice);

/// 1 - cosine of the chosen setting's chips against their values of a drawn key.
[[nodiscard]] SweepChart chips_chart(const SweepRecord& record, std::size_t drawn);

/// Cosine over the values of two keys as a coloured table; the others stay at the chosen setting. Nothing with less than two keys of several
/// values, or for more rows and columns than a page holds.
[[nodiscard]] std::string cosine_map(const SweepRecord& record);

/// Distance of a cosine from one, never below what a logarithmic axis can show.
[[nodiscard]] double shown_distance(double cosine);

}  // namespace tellegen::report
