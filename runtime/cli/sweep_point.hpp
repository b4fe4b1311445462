#pragma once
// One point of a sweep: what is measured of a bench, as text that a pipe and a journal can carry.

#include <filesystem>
#include <map>
#include <string>

#include "runtime/report/sweep_record.hpp"
#include "runtime/sweep/fingerprint.hpp"
#include "runtime/training/experiment.hpp"

namespace tellegen::cli {

/// What is measured of every point.
struct PointMeasure {
  bool on_chip = true;  ///< on the emulated chip at the bench's timing; otherwise on the solver as ideal hardware
  bool trains = false;  ///< also learns for the bench's epochs
};

/// Bad input of a point, found before anything runs.
/// @throws InputError
void check_point(const Experiment& experiment, const PointMeasure& measure);

/// Measures points of one bench; exact gradients are computed once for all points of the same circuit, data and time grid.
class PointMeasurer {
 public:
  PointMeasurer(std::filesystem::path bench, PointMeasure measure);

  /// Result as JSON in one line; a point that does not converge, is refused or fails says so in it. Never throws.
  [[nodiscard]] std::string measure(const TomlTable& tree);

 private:
  [[nodiscard]] std::string measure_whole(const TomlTable& tree);

  std::filesystem::path bench_;
  PointMeasure measure_;
  sweep::Fingerprints fingerprints_;
  std::map<std::string, GradientResult> exact_;
};

/// Fills a point from the text.
/// @throws InputError the point was refused while it ran; std::runtime_error the text is none of `measure`
void read_point(const std::string& text, report::SweepPoint& point);

}  // namespace tellegen::cli
