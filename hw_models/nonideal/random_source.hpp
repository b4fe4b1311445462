#pragma once
// Random numbers that depend on nothing but a seed and the place where they are asked for.

#include <cstdint>

namespace tellegen {

/// What a random number is for: equal places of different purposes are independent.
enum class RandomUse : std::uint32_t {
  element_mismatch, twin_mismatch, drift, stimulus_level, drive_level, probe_level, stimulus_noise, drive_noise, probe_noise, probe_jitter,
  trace_noise, trace_jitter, correlator_gain, correlator_offset, write_noise, thermal,
};

/// Independent random numbers by place, the same in whatever order they are drawn: so a cell that stands alone and one in a tile, or a
/// run on one process and on many, see the same. Philox 4x32-10 (Salmon et al., SC 2011), by the Random123 library.
class RandomSource {
 public:
  explicit RandomSource(std::uint64_t seed = 0) : seed_(seed) {}

  /// Standard normal number of a place.
  [[nodiscard]] double normal(RandomUse use, std::uint32_t a, std::uint32_t b = 0, std::uint32_t c = 0) const;

 private:
  std::uint64_t seed_;
};

}  // namespace tellegen
