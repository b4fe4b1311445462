#include "runtime/sweep/summary.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace tellegen::report;
using namespace tellegen::sweep;

namespace {

/// A sweep of one key with these cosines, `chips` a setting, and these bits of memory by setting.
SweepRecord sweep_of(const std::vector<double>& cosines, std::size_t chips, const std::vector<std::uint64_t>& bits) {
  SweepRecord record;
  record.listed = {{.name = "chip.adc.bits", .unit = ""}};
  record.chips = chips;
  record.monte_carlo = chips > 1;
  record.cosine_limit = 0.99;
  record.cost_order = "memory";
  for (std::size_t k = 0; k < bits.size(); ++k) record.settings.push_back({.values = {{std::to_string(4 + 2 * k), 4.0 + 2.0 * static_cast<double>(k)}}});
  for (std::size_t k = 0; k < cosines.size(); ++k) {
    const auto setting = k / chips;
    SweepPoint point{.setting = setting, .chip = k % chips};
    point.cosine = cosines[k];
    point.relative_error = 1 - cosines[k];
    if (std::isnan(cosines[k])) point.status = PointStatus::no_convergence;
    point.cost = {.cycles = 20'004, .time = 20.004, .memory_bits = bits[setting]};
    record.points.push_back(point);
  }
  return record;
}

}  // namespace

TEST_CASE("the cheapest setting that holds the limit is named with its cost") {
  auto record = sweep_of({0.9, 0.9931, 0.9999}, 1, {8'000, 12'480, 20'000});
  summarise(record);
  CHECK(record.chosen == 1U);
  CHECK(record.sentence == "cheapest setting with cosine >= 0.99: chip.adc.bits = 6 (cosine 0.9931, 12,480 bits of memory, 20,004 cycles, 20 s)");
}

TEST_CASE("where no setting holds the limit the nearest is named") {
  auto record = sweep_of({0.9, 0.98, 0.97}, 1, {1, 2, 3});
  summarise(record);
  CHECK(record.chosen == 1U);
  CHECK(record.sentence.starts_with("no setting holds cosine >= 0.99; nearest: chip.adc.bits = 6 (cosine 0.98"));
  CHECK_FALSE(record.settings[1].holds);
}

TEST_CASE("settings of one cost are ordered by their cosine, and are counted") {
  auto record = sweep_of({0.995, 0.999, 0.5}, 1, {100, 100, 100});
  summarise(record);
  CHECK(record.chosen == 1U);
  CHECK(record.sentence.ends_with("; 1 other that holds it costs the same"));
}

TEST_CASE("what is cheap is chosen by its word") {
  SweepSetting small_and_slow, large_and_fast;
  small_and_slow.cost = {.cycles = 200, .time = 2, .memory_bits = 10};
  large_and_fast.cost = {.cycles = 100, .time = 3, .memory_bits = 20};
  CHECK(is_cheaper(small_and_slow, large_and_fast, "memory"));
  CHECK(is_cheaper(small_and_slow, large_and_fast, "time"));
  CHECK(is_cheaper(large_and_fast, small_and_slow, "cycles"));
}

TEST_CASE("a cosine that misses the limit by little is not rounded up to it") {
  auto record = sweep_of({0.98999999999}, 1, {1});
  summarise(record);
  CHECK(record.sentence.find("cosine 0.98999999999") != std::string::npos);
}

TEST_CASE("of n chips, floor(q n) may be worse than the quantile, and none than the worst") {
  std::vector<double> cosines;
  for (int k = 0; k < 40; ++k) cosines.push_back(0.9 + 0.001 * ((k * 17) % 40));  // 0.900 to 0.939
  auto record = sweep_of(cosines, 40, {5});
  record.quantile = 0.05;
  record.cosine_limit = 0.902;
  summarise(record);
  const auto& setting = record.settings[0];
  CHECK(setting.cosine.worst == doctest::Approx(0.900));
  CHECK(setting.cosine.quantile == doctest::Approx(0.902));
  CHECK(setting.cosine.best == doctest::Approx(0.939));
  CHECK(setting.cosine.median == doctest::Approx(0.919));
  CHECK(setting.relative_error.worst == doctest::Approx(0.1));
  CHECK(setting.relative_error.quantile == doctest::Approx(0.098));
  CHECK(setting.holds);
  CHECK(record.sentence.starts_with("cheapest setting with cosine >= 0.902 on 95 % of 40 chips: "));
  record.cosine_limit = 0.9025;
  summarise(record);
  CHECK_FALSE(record.settings[0].holds);
}

TEST_CASE("a chip without a result counts as worse than any") {
  auto record = sweep_of({0.999, NAN, 0.998, 0.997}, 4, {5});
  record.quantile = 0.25;
  summarise(record);
  CHECK(record.settings[0].without_result == 1);
  CHECK(std::isnan(record.settings[0].cosine.worst));
  CHECK(record.settings[0].cosine.quantile == 0.997);
  CHECK(record.settings[0].holds);
  record.quantile = 0.05;
  summarise(record);
  CHECK(std::isnan(record.settings[0].cosine.quantile));
  CHECK_FALSE(record.settings[0].holds);
  CHECK(record.sentence == "no setting holds cosine >= 0.99 on 95 % of 4 chips: none has a result");
}
