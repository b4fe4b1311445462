#include <doctest/doctest.h>

#include <cmath>
#include <array>

#include "hw_models/nonideal/random_source.hpp"

using namespace tellegen;

TEST_CASE("a number depends on seed, use and place, and on nothing else") {
  const RandomSource source(5);
  const double first = source.normal(RandomUse::drift, 1, 2, 3);
  for (std::uint32_t i = 0; i < 100; ++i) (void)source.normal(RandomUse::thermal, i);
  CHECK(source.normal(RandomUse::drift, 1, 2, 3) == first);
  CHECK(RandomSource(5).normal(RandomUse::drift, 1, 2, 3) == first);
  CHECK(RandomSource(6).normal(RandomUse::drift, 1, 2, 3) != first);
  CHECK(RandomSource(std::uint64_t{5} | std::uint64_t{1} << 40).normal(RandomUse::drift, 1, 2, 3) != first);
  CHECK(source.normal(RandomUse::thermal, 1, 2, 3) != first);
  for (const auto& [a, b, c] : {std::array{2u, 2u, 3u}, {1u, 3u, 3u}, {1u, 2u, 4u}}) CHECK(source.normal(RandomUse::drift, a, b, c) != first);
}

TEST_CASE("numbers are standard normal and neighbours are independent") {
  const RandomSource source(11);
  constexpr std::uint32_t count = 200'000;
  double sum = 0, squares = 0, fourth = 0, neighbours = 0, last = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const double x = source.normal(RandomUse::thermal, 3, i);
    sum += x, squares += x * x, fourth += x * x * x * x, neighbours += x * last;
    last = x;
  }
  const double n = count, error = 1 / std::sqrt(n);
  CHECK(std::abs(sum / n) < 4 * error);
  CHECK(std::abs(squares / n - 1) < 4 * std::sqrt(2.0) * error);
  CHECK(std::abs(fourth / n - 3) < 4 * std::sqrt(96.0) * error);
  CHECK(std::abs(neighbours / n) < 4 * error);
}
