#pragma once
// What `run` measures on emulated chips.

#include <filesystem>

#include "runtime/cli/chip_bench.hpp"
#include "runtime/report/run_record.hpp"

namespace tellegen::cli {

/// Exact gradient of the circuit that a chip holds, which has written its first parameters as well as it can.
/// @param exact  at the bench's first parameters
[[nodiscard]] std::vector<double> exact_on(const Experiment& experiment, ChipBench& bench, std::span<const double> exact);

/// Gradient fidelity at several numbers of analog steps per clock, each on a chip of its own.
[[nodiscard]] std::vector<report::TimingRow> study_timing(const Experiment& experiment, Rule rule,
                                                          std::span<const double> exact);

/// Ideal chip (one analog step a clock) against the direct plant over a few learning cycles.
[[nodiscard]] report::ChipAgainstDirect compare_plants(const Experiment& experiment, Rule rule);

/// Learning on the chip: every update is made by the cells.
struct TrainingResult {
  report::Training record;
  std::vector<double> parameters;  ///< trained values at the end
  double simulated_time = 0;       // [s]
};
[[nodiscard]] TrainingResult train_on_chip(const Experiment& experiment, Rule rule);

/// One learning cycle on a fresh chip with these parameters, recorded as a VCD; gives its phase timeline.
[[nodiscard]] report::PhaseTimeline record_cycle(const Experiment& experiment, Rule rule,
                                                 std::span<const double> parameters, const std::filesystem::path& vcd);

}  // namespace tellegen::cli
