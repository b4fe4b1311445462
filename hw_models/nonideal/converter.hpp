#pragma once
// A converter of a number into a level of a few bits, or back.

#include <cstdint>
#include <vector>

#include "hw_models/nonideal/nonidealities.hpp"
#include "hw_models/nonideal/random_source.hpp"

namespace tellegen {

/// Level that a converter makes of a number,
///
///     y = FS level( round( (x/FS + offset + noise) / LSB ) ),  LSB = 2/2^bits, codes -2^(bits-1) .. 2^(bits-1) - 1
///
/// with level(c) = LSB ( c + inl S(c) + d_c ): S a cubic that is 0 at both ends and in the middle and 1 at its largest, d_c the sum of
/// the random steps `dnl` up to c, less the straight line through its ends. Numbers past the ends are clipped.
class Converter {
 public:
  /// Ideal.
  Converter() = default;
  /// @param full_scale  FS, in the unit of what is converted; 0 where no signal is known: then the converter is ideal
  /// @param use, number  place of the random levels
  Converter(const ConverterSpec& spec, double full_scale, const RandomSource& random, RandomUse use, std::uint32_t number);

  /// @param noise  standard normal number of this conversion
  [[nodiscard]] double convert(double x, double noise = 0) const;
  [[nodiscard]] bool is_noisy() const { return noise_ != 0; }

 private:
  [[nodiscard]] double level(double code) const;

  double full_scale_ = 0;
  double offset_ = 0, noise_ = 0;  // in parts of the full scale
  double lsb_ = 0;                 // 0: continuous
  double inl_ = 0;                 // [LSB]
  double lowest_ = 0, highest_ = 0;  // codes
  std::vector<double> steps_;      // d by code from the lowest; empty: zeros
};

}  // namespace tellegen
