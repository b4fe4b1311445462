#pragma once
// Everything that a sweep has found out, as plain data. Numbers are SI; a field's unit stands beside it, or in its `unit` text.

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tellegen::report {

/// One key of the bench that took several values.
struct SweepKey {
  std::string name;         // "chip.clock"
  std::string unit = {};         // SI, of the numbers among its values; empty: plain numbers or words
  bool logarithmic = false; // its values were spaced that way
  bool drawn = false;       // at random for every chip, instead of listed
};

/// A value as the user would write it, and as a number in SI where it is one.
struct SweepValue {
  std::string text;
  std::optional<double> number;
};

/// What one learning cycle takes on the chip, by its schedule.
struct SettingCost {
  std::uint64_t cycles = 0;       // of the clock, in the phases that the chip runs by itself
  double time = 0;                // [s]
  std::uint64_t memory_bits = 0;  // stimulus, trace, probe and drive memories and accumulators
  std::uint64_t conversions = 0;  // of inputs, outputs, nudges and traces
  std::optional<double> energy = {};  // [J] where the bench states energies
};

enum class PointStatus { done, no_convergence, failed };

/// One chip at one setting.
struct SweepPoint {
  std::size_t setting = 0;  // index into `settings`
  std::size_t chip = 0;     // number of the sample, from 0
  std::uint64_t seed = 0;
  std::vector<SweepValue> drawn = {};  // one per drawn key
  PointStatus status = PointStatus::done;
  std::string message = {};  // why there is no result
  double loss = NAN;         // [loss_unit]; NaN where nothing was measured, as in what follows
  double cosine = NAN;       // measured, too, where only the learning that came after has failed
  double relative_error = NAN;
  std::optional<double> final_loss = {};     // [loss_unit] after training
  std::optional<double> held_out_loss = {};  // [loss_unit] after training
  std::optional<SettingCost> cost = {};      // of a chip
};

/// Order statistics over a setting's chips, those without a result counted as the worst; NaN where that is where they lie.
struct Spread {
  double best = 0;
  double median = 0;
  double quantile = 0;  // all but the stated share of the chips are at least as good
  double worst = 0;
};

/// One combination of the listed values, over all its chips.
struct SweepSetting {
  std::vector<SweepValue> values = {};  // one per listed key
  std::size_t chips = 0;
  std::size_t without_result = 0;
  Spread cosine = {};
  Spread relative_error = {};
  Spread loss = {};                          // [loss_unit]
  std::optional<Spread> final_loss = {};     // [loss_unit]
  std::optional<Spread> held_out_loss = {};  // [loss_unit]
  std::optional<SettingCost> cost = {};      // the largest of its chips
  bool holds = false;                   // the limit on the cosine, at the quantile
};

struct SweepRecord {
  std::string title;
  std::string bench_name;
  std::string bench_file;
  std::string deck_file;
  std::string tool_version;
  std::string date;
  std::string plant;                  // "chip" or "direct"
  std::vector<std::string> fixed;     // "chip.cells=modules", as given
  std::size_t chips = 1;              // per setting
  bool monte_carlo = false;
  double quantile = 0;                // share of the chips that may be worse
  double cosine_limit = 0;
  bool limit_stated = false;
  std::string cost_order;             // "memory", "time", "cycles", "conversions", "energy"
  std::string loss_unit;
  std::vector<SweepKey> listed;
  std::vector<SweepKey> drawn;
  std::vector<SweepSetting> settings;
  std::vector<SweepPoint> points;     // by setting, then chip
  std::optional<std::size_t> chosen;  // cheapest setting that holds the limit; else the nearest to it, if any has a result
  std::string sentence;               // what the sweep says
};

}  // namespace tellegen::report
