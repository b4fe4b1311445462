#include "runtime/training/loss.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

using namespace tellegen;

namespace {

using Waves = std::vector<std::vector<double>>;

constexpr double step = 0.25;  // [s]

TimeGrid grid(std::size_t steps) { return {step, steps, Method::bdf2}; }

/// Waveforms with nothing special about them.
Waves waves(std::size_t probes, std::size_t samples) {
  Waves y(probes, std::vector<double>(samples));
  for (std::size_t p = 0; p < probes; ++p)
    for (std::size_t n = 0; n < samples; ++n)
      y[p][n] = std::sin(1.0 + 3.0 * static_cast<double>(p) + 0.7 * static_cast<double>(n));
  return y;
}

std::vector<double> every(const std::vector<double>& wave, std::size_t stride) {
  std::vector<double> out;
  for (std::size_t n = stride; n <= wave.size(); n += stride) out.push_back(wave[n - 1]);
  return out;
}

}  // namespace

TEST_CASE("mse is the step times half the weighted sum of squares") {
  const Loss loss({{.target = {1, 2, 3}, .weight = 2}}, grid(3));
  CHECK(loss.value(Waves{{1.5, 2, 2}}) == doctest::Approx(step * 0.5 * 2 * (0.25 + 0 + 1)).epsilon(1e-14));
  Waves slope;
  loss.slope(Waves{{1.5, 2, 2}}, slope);
  CHECK(slope == Waves{{step * 2 * 0.5, 0, -step * 2}});
}

TEST_CASE("final_mse sees the last step alone and has no step in it") {
  const Loss loss({{.kind = LossKind::final_mse, .target = {9, 9, 3}, .weight = 4}}, grid(3));
  CHECK(loss.value(Waves{{5, 5, 3.5}}) == 0.5 * 4 * 0.25);
  Waves slope;
  loss.slope(Waves{{5, 5, 3.5}}, slope);
  CHECK(slope == Waves{{0, 0, 2}});
}

TEST_CASE("a window leaves out what lies outside, its ends count with half a step of tolerance") {
  // Steps lie at 0.25, 0.5, .. 1.5 s.
  const auto inside = [](double from, double to) {
    const Loss loss({{.target = std::vector<double>(6, 0.0), .window = TimeWindow{from, to}}}, grid(6));
    Waves slope;
    loss.slope(Waves{std::vector<double>(6, 1.0)}, slope);
    std::string marks;
    for (const double each : slope[0]) marks += each != 0 ? 'x' : '.';
    return marks;
  };
  CHECK(inside(0.5, 1.0) == ".xxx..");
  CHECK(inside(0.5 + 0.49 * step, 1.0 - 0.49 * step) == ".xxx..");
  CHECK(inside(0.5 + 0.51 * step, 1.0 - 0.51 * step) == "..x...");
  CHECK(inside(0, 1.5) == "xxxxxx");
}

TEST_CASE("terms add up, also on one probe, and probes that no term reads have no slope") {
  const Loss both(
      {{.probe = 2, .target = {1, 1}}, {.kind = LossKind::final_mse, .probe = 2, .target = {0, 2}, .weight = 3}},
      grid(2));
  CHECK(both.probe_count() == 3);
  const Waves y{{7, 7}, {8, 8}, {2, 4}};
  CHECK(both.value(y) == doctest::Approx(step * 0.5 * (1 + 9) + 0.5 * 3 * 4).epsilon(1e-14));
  Waves slope;
  both.slope(y, slope);
  CHECK(slope == Waves{{0, 0}, {0, 0}, {step * 1, step * 3 + 3 * 2}});
}

TEST_CASE("the slope equals central differences of the value, for every sample") {
  const std::size_t steps = 9;
  std::vector<double> target(steps);
  for (std::size_t n = 0; n < steps; ++n) target[n] = std::cos(0.3 * static_cast<double>(n));
  const Loss loss({{.probe = 0, .target = target, .weight = 1.7, .window = TimeWindow{0.6, 1.6}},
                   {.kind = LossKind::final_mse, .probe = 1, .target = target, .weight = 0.3},
                   {.probe = 1, .target = target}},
                  grid(steps));
  auto y = waves(2, steps);
  Waves slope;
  loss.slope(y, slope);
  for (std::size_t p = 0; p < 2; ++p)
    for (std::size_t n = 0; n < steps; ++n) {
      const double kept = y[p][n];
      y[p][n] = kept + 1e-4;
      const double up = loss.value(y);
      y[p][n] = kept - 1e-4;
      const double down = loss.value(y);
      y[p][n] = kept;
      CHECK(slope[p][n] == doctest::Approx((up - down) / 2e-4).epsilon(1e-9));
    }
}

TEST_CASE("at a stride the controller's slope is that of its own samples, per step and held for a clock") {
  const std::size_t steps = 12, stride = 4;
  std::vector<double> target(steps);
  for (std::size_t n = 0; n < steps; ++n) target[n] = 0.1 * static_cast<double>(n);
  const Loss loss({{.target = target, .weight = 2}}, grid(steps));
  const auto full = waves(1, steps);
  Waves full_slope, slope;
  loss.slope(full, full_slope);
  loss.slope_at_stride(Waves{every(full[0], stride)}, stride, slope);
  CHECK(slope == Waves{every(full_slope[0], stride)});
}

TEST_CASE("the slope at a stride, summed over the steps that hold it, is the derivative of the value at that stride") {
  const std::size_t steps = 13, stride = 3;  // the thirteenth step has no clock of its own
  const Loss loss({{.target = std::vector<double>(steps, 0.2), .weight = 2, .window = TimeWindow{0.5, 2.4}},
                   {.kind = LossKind::final_mse, .target = std::vector<double>(steps, -0.4), .weight = 5}},
                  grid(steps));
  auto y = waves(1, steps / stride);
  Waves slope;
  loss.slope_at_stride(y, stride, slope);
  REQUIRE(slope[0].size() == 4);
  for (std::size_t k = 0; k < 4; ++k) {
    const double kept = y[0][k];
    y[0][k] = kept + 1e-4;
    const double up = loss.value_at_stride(y, stride);
    y[0][k] = kept - 1e-4;
    const double down = loss.value_at_stride(y, stride);
    y[0][k] = kept;
    CHECK(slope[0][k] * static_cast<double>(stride) == doctest::Approx((up - down) / 2e-4).epsilon(1e-9));
  }
}

TEST_CASE("a signal that is constant has the same loss at every stride that divides the run") {
  const Loss loss({{.target = std::vector<double>(12, 0.5)}}, grid(12));
  for (const std::size_t stride : {1, 2, 3, 4, 6, 12})
    CHECK(loss.value_at_stride(Waves{std::vector<double>(12 / stride, 2.0)}, stride) ==
          doctest::Approx(loss.value(Waves{std::vector<double>(12, 2.0)})).epsilon(1e-14));
}

TEST_CASE("waveforms and targets of the wrong length are refused") {
  CHECK_THROWS_AS(Loss({{.target = {1, 2}}}, grid(3)), std::invalid_argument);
  const Loss loss({{.target = {1, 2, 3}}}, grid(3));
  CHECK_THROWS_AS((void)loss.value(Waves{}), std::invalid_argument);
  CHECK_THROWS_AS((void)loss.value(Waves{{1, 2}}), std::invalid_argument);
  CHECK_THROWS_AS((void)loss.value_at_stride(Waves{{1, 2, 3}}, 0), std::invalid_argument);
}
