#pragma once
// What a learning cycle costs on a chip, by its schedule.

#include <optional>

#include "runtime/cli/chip_bench.hpp"
#include "runtime/report/run_record.hpp"

namespace tellegen::cli {

/// Cost of one learning cycle: a clamped phase, the nudged passes, one update. Software's own time, in load and turn, is none of the chip's;
/// the area of a twin is not told.
struct ChipCost {
  std::uint64_t cycles = 0;       ///< of the clock, in the phases that the chip runs by itself
  double time = 0;                // [s]
  std::uint64_t memory_bits = 0;
  std::uint64_t stimulus_conversions = 0, drive_conversions = 0, probe_conversions = 0;
  std::uint64_t trace_writes = 0, trace_reads = 0;  ///< [word]
  std::uint64_t products = 0;     ///< cells' correlators in clock cycles of nudged passes
  std::uint64_t updates = 0;
  std::optional<double> energy;   // [J] where the bench states [chip.energy]

  [[nodiscard]] std::uint64_t conversions() const { return stimulus_conversions + drive_conversions + probe_conversions + trace_writes; }
};

/// The same as rows of a report.
[[nodiscard]] std::vector<report::OperationRow> operation_rows(const ChipCost& cost, const EnergyCosts& energy);

/// Options in which a chip differs from an ideal one.
[[nodiscard]] std::vector<report::StatedOption> stated_options(const NonIdealities& chip);

/// Memories of a chip, each with its words and bits: stimulus, trace, probe, drive, accumulators, in this order.
[[nodiscard]] std::vector<report::MemoryRow> memory_of(const chip::ChipDescription& description, Rule rule);

/// | schedule            | cycles                              | memory, conversions                                          |
/// |---------------------|-------------------------------------|--------------------------------------------------------------|
/// | sequential, centred | N + 2 (N + tail) + 2                | drives and traces are read twice                             |
/// | lockstep            | N + (N + tail) + 2, on two arrays   | drives are converted twice, traces are read once             |
/// | one-sided           | N + (N + tail) + 2                  | once                                                         |
[[nodiscard]] ChipCost cost_of(const Experiment& experiment, const chip::ChipDescription& description);

}  // namespace tellegen::cli
