#pragma once
// Keys that a sweep varies, as `--vary` takes them.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/report/sweep_record.hpp"
#include "runtime/training/bench_override.hpp"

namespace tellegen::sweep {

/// One value of a key: what goes into the bench, and how people read it.
struct KeyValue {
  TomlNode node;
  report::SweepValue shown;
};

/// Values between two ends.
struct ValueRange {
  double low = 0, high = 0;  ///< in `unit`, as written; low may be the larger
  double to_si = 1;          ///< SI units in one `unit`
  std::string unit;          ///< as written; empty: plain numbers
  bool logarithmic = false;
  bool whole = false;  ///< both ends are whole numbers

  /// The value at a part of the way, 0 to 1.
  [[nodiscard]] KeyValue at(double part) const;
  /// Value for a random number of 0 <= part < 1, uniform over the range, or over its logarithm; whole numbers where both
  /// ends are.
  [[nodiscard]] KeyValue drawn(double part) const;
};

/// A key and the values that it takes: those listed, or any of a range.
struct VariedKey {
  BenchKey key;
  report::SweepKey shown;
  std::vector<KeyValue> values;  ///< empty: drawn from `range`
  ValueRange range;
};

/// Most values of one key.
inline constexpr std::size_t most_values = 10'000;

/// Reads
///
///     KEY=v1,v2,v3           these values: numbers, quantities such as 10 us, words
///     KEY=a:b:n              n values from a to b
///     KEY=a:b                any value from a to b, drawn for each chip of a Monte Carlo
///
/// with `:log` or `:lin` at the end of a range; without it a range is logarithmic when its ends are positive, not whole
/// numbers, and a factor of 100 or more apart. Values of a range between whole numbers that come out whole are whole.
/// @throws InputError
[[nodiscard]] VariedKey varied_key(std::string_view text);

}  // namespace tellegen::sweep
