#pragma once
// What a sweep runs: every combination of the listed values, and for each the same chips.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/sweep/varied_key.hpp"

namespace tellegen::sweep {

/// One run: a chip at a setting.
struct PlannedPoint {
  std::size_t setting = 0;
  std::size_t chip = 0;
  std::uint64_t seed = 0;                    ///< of the chip; without Monte Carlo the bench's own
  std::vector<report::SweepValue> drawn;     ///< one per drawn key
  std::vector<BenchOverride> overrides;      ///< fixed keys, listed values, drawn values, the chip's seed
};

/// Points of a sweep in a fixed order: the first key moves slowest, the chips of a setting lie side by side.
///
/// Chip k of a Monte Carlo has the same seed and the same drawn values at every setting, so that settings are compared on the
/// same chips: seed = hash(bench seed, k), drawn value = hash(bench seed, k, key).
class Plan {
 public:
  /// @param chips  of a Monte Carlo; 0: one run per setting, with the bench's own seed
  /// @throws InputError a key that is varied or fixed twice, a range without chips to draw it for, nothing to vary, too many points
  Plan(std::filesystem::path bench, std::vector<BenchOverride> fixed, std::vector<VariedKey> keys, std::size_t chips);

  [[nodiscard]] const std::filesystem::path& bench() const { return bench_; }
  [[nodiscard]] std::size_t settings() const { return settings_; }
  [[nodiscard]] std::size_t chips() const { return chips_ == 0 ? 1 : chips_; }
  [[nodiscard]] bool is_monte_carlo() const { return chips_ > 0; }
  [[nodiscard]] std::size_t size() const { return settings() * chips(); }
  [[nodiscard]] const std::vector<VariedKey>& listed() const { return listed_; }
  [[nodiscard]] const std::vector<VariedKey>& drawn() const { return drawn_; }

  [[nodiscard]] std::vector<report::SweepValue> values(std::size_t setting) const;
  [[nodiscard]] PlannedPoint point(std::size_t index) const;
  /// The bench of a point, not yet checked.
  /// @throws InputError a key leads to no place of this bench
  [[nodiscard]] TomlTable tree(const PlannedPoint& point) const;

 private:
  [[nodiscard]] const KeyValue& value(std::size_t key, std::size_t setting) const;
  [[nodiscard]] std::uint64_t seed_of(const TomlTable& tree) const;

  std::filesystem::path bench_;
  TomlTable root_;  ///< as the file says, with the fixed keys
  std::vector<BenchOverride> fixed_;
  std::vector<VariedKey> listed_, drawn_;
  std::size_t chips_ = 0;
  std::size_t settings_ = 1;
};

/// Most points of one sweep.
inline constexpr std::size_t most_points = 1'000'000;

}  // namespace tellegen::sweep
