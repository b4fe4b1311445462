#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "hw_models/nonideal/converter.hpp"

using namespace tellegen;

namespace {

Converter made(ConverterSpec spec, double full_scale = 1, std::uint32_t number = 0) {
  spec.range = 1;
  return {spec, full_scale, RandomSource(7), RandomUse::probe_level, number};
}

}  // namespace

TEST_CASE("a converter without bits, offset and noise gives what it gets; so does one whose signal is not known") {
  for (const double x : {-3.0, -0.1, 0.0, 1e-9, 2.0}) {
    CHECK(made({}).convert(x) == doctest::Approx(x).epsilon(1e-15));
    CHECK(made({.bits = 4}, 0).convert(x) == x);
    CHECK(Converter().convert(x) == x);
  }
}

TEST_CASE("levels of three bits are -FS to 3/4 FS in quarters, and what lies beyond is clipped") {
  const auto converter = made({.bits = 3}, 2);
  for (int code = -4; code <= 3; ++code) {
    CHECK(converter.convert(0.5 * code) == 0.5 * code);
    CHECK(converter.convert(0.5 * code + 0.24) == doctest::Approx(0.5 * code));
  }
  CHECK(converter.convert(-9) == -2);
  CHECK(converter.convert(9) == 1.5);
}

TEST_CASE("one bit has the two levels -FS and 0") {
  const auto converter = made({.bits = 1});
  CHECK(converter.convert(-0.7) == -1);
  CHECK(converter.convert(0.7) == 0);
}

TEST_CASE("the rounding of a sine within b bits has the power LSB^2/12: 6.02 b + 1.76 dB below a full one") {
  for (const double bits : {6.0, 8.0, 10.0, 12.0}) {
    const auto converter = made({.bits = bits});
    const double lsb = std::exp2(1 - bits), amplitude = 1 - 2 * lsb;
    double noise = 0;
    constexpr int samples = 100'003;
    for (int n = 0; n < samples; ++n) {
      const double x = amplitude * std::sin(2 * std::numbers::pi * 0.1234567 * n), y = converter.convert(x);
      noise += (y - x) * (y - x);
    }
    CHECK(10 * std::log10(0.5 / (noise / samples)) == doctest::Approx(6.02 * bits + 1.76).epsilon(0.005));
  }
}

TEST_CASE("an offset shifts every level by its part of the full scale") {
  CHECK(made({.offset = 0.01}, 5).convert(1) == doctest::Approx(1.05));
  CHECK(made({.bits = 8, .offset = 0.25}, 4).convert(0) == doctest::Approx(1.0));
}

TEST_CASE("the largest distance of the levels from a line is inl, in steps, and the ends stay") {
  const double lsb = 1.0 / 512;
  const auto converter = made({.bits = 10, .inl = 3});
  double largest = 0;
  for (int code = -512; code < 512; ++code) largest = std::max(largest, std::abs(converter.convert(code * lsb) - code * lsb) / lsb);
  CHECK(largest == doctest::Approx(3).epsilon(1e-4));
  CHECK(converter.convert(-1) == doctest::Approx(-1));
  CHECK(converter.convert(0) == 0);
}

TEST_CASE("steps between levels vary by dnl, differ between converters, and leave the ends where they are") {
  const double lsb = 1.0 / 2048;
  const auto converter = made({.bits = 12, .dnl = 0.3}), other = made({.bits = 12, .dnl = 0.3}, 1, 1);
  double squares = 0;
  int different = 0;
  for (int code = -2048; code < 2047; ++code) {
    squares += std::pow((converter.convert((code + 1) * lsb) - converter.convert(code * lsb)) / lsb - 1, 2);
    different += converter.convert(code * lsb) != other.convert(code * lsb) ? 1 : 0;
  }
  // 4095 steps: the estimate of a standard deviation of 0.3 is within 0.3 / sqrt(2 * 4095) * 4 of it.
  CHECK(std::sqrt(squares / 4095) == doctest::Approx(0.3).epsilon(0.045));
  CHECK(different > 4000);
  CHECK(converter.convert(-1) == doctest::Approx(-1).epsilon(1e-12));
  CHECK(converter.convert(2047 * lsb) == doctest::Approx(2047 * lsb).epsilon(1e-12));
}

TEST_CASE("noise is in parts of the full scale and comes before the rounding") {
  CHECK(made({.noise = 0.1}, 2).convert(1, 1.5) == doctest::Approx(1.3));
  CHECK(made({.bits = 3, .noise = 0.2}).convert(0, 1) == 0.25);
}
