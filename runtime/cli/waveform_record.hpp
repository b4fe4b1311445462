#pragma once
// Waveforms and held-out figures of the report, the design by hand beside the learned one.

#include <optional>

#include "runtime/report/run_record.hpp"
#include "runtime/training/experiment.hpp"

namespace tellegen::cli {

/// The bench's baseline deck on the bench's own data; nothing where there is none.
/// @throws InputError the deck lacks a source or probe of the bench
[[nodiscard]] std::optional<Experiment> read_baseline(const Experiment& experiment);

/// Input, output before and after learning, and target; for the held-out data the baseline too.
[[nodiscard]] std::vector<report::WaveformPanel> waveform_record(const Experiment& experiment,
                                                                 std::span<const double> learned,
                                                                 const Experiment* baseline);

/// Held-out root mean square errors before, after, and of the baseline.
void add_held_out_figures(report::Training& training, const Experiment& experiment, std::span<const double> learned,
                          const Experiment* baseline);

}  // namespace tellegen::cli
