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

LossTerm expression_term(std::string_view text, const std::vector<std::string>& names, std::vector<std::size_t> probes,
                         std::vector<double> target) {
  auto expression =
      std::make_shared<const LossExpression>(text, names, !target.empty(), SourceLocation{"b.toml", 9}, "[[loss]] expr");
  return {.kind = LossKind::expr, .probes = std::move(probes), .target = std::move(target), .expression = std::move(expression)};
}

/// One term of every kind over three probes, with weights, weights by step and windows.
std::vector<LossTerm> every_kind(std::size_t steps) {
  std::vector<double> target(steps), ramp(steps);
  std::vector<std::size_t> classes(steps);
  for (std::size_t n = 0; n < steps; ++n) {
    target[n] = std::cos(0.3 * static_cast<double>(n));
    ramp[n] = 0.1 * static_cast<double>(n);
    classes[n] = n % 2;
  }
  auto written = expression_term("exp(a)*(b - r)^2 + tanh(a*b*t)", {"a", "b"}, {1, 2}, target);
  written.weight = 0.7;
  written.window = TimeWindow{0.3, 2.1};
  return {{.probes = {1}, .target = target, .weight = 1.7, .window = TimeWindow{0.6, 2.2}},
          {.kind = LossKind::final_mse, .probes = {0}, .target = target, .weight = 0.3},
          {.kind = LossKind::cross_entropy, .probes = {2, 0}, .target_class = classes, .scale = 0.4, .weight = 1.2, .step_weights = ramp},
          written};
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
      {{.probes = {2}, .target = {1, 1}}, {.kind = LossKind::final_mse, .probes = {2}, .target = {0, 2}, .weight = 3}},
      grid(2));
  CHECK(both.probe_count() == 3);
  const Waves y{{7, 7}, {8, 8}, {2, 4}};
  CHECK(both.value(y) == doctest::Approx(step * 0.5 * (1 + 9) + 0.5 * 3 * 4).epsilon(1e-14));
  Waves slope;
  both.slope(y, slope);
  CHECK(slope == Waves{{0, 0}, {0, 0}, {step * 1, step * 3 + 3 * 2}});
}

TEST_CASE("cross_entropy of equal logits is the logarithm of their number, and of a sure answer nearly nothing") {
  const Loss loss({{.kind = LossKind::cross_entropy, .probes = {0, 1, 2}, .target_class = {1, 1}}}, grid(2));
  CHECK(loss.value(Waves{{3, 3}, {3, 3}, {3, 3}}) == doctest::Approx(2 * step * std::log(3)).epsilon(1e-15));
  // 1 - p is 2 exp(-40): far below round-off of p, and still told in full.
  CHECK(loss.value(Waves{{0, 0}, {40, 40}, {0, 0}}) == doctest::Approx(2 * step * 2 * std::exp(-40.0)).epsilon(1e-14));
  Waves slope;
  loss.slope(Waves{{0, 0}, {40, 40}, {0, 0}}, slope);
  CHECK(slope[1][0] == doctest::Approx(-step * 2 * std::exp(-40.0)).epsilon(1e-14));
  CHECK(slope[0][0] == doctest::Approx(step * std::exp(-40.0)).epsilon(1e-14));
}

TEST_CASE("cross_entropy of logits that overflow an exponential is their difference") {
  const Loss loss({{.kind = LossKind::cross_entropy, .probes = {0, 1}, .target_class = {0}}}, grid(1));
  CHECK(loss.value(Waves{{-4000}, {5000}}) == doctest::Approx(step * 9000).epsilon(1e-15));
  Waves slope;
  loss.slope(Waves{{-4000}, {5000}}, slope);
  CHECK(slope == Waves{{-step}, {step}});
}

TEST_CASE("the scale of a cross_entropy divides its logits") {
  const Loss fine({{.kind = LossKind::cross_entropy, .probes = {0, 1}, .target_class = {0}, .scale = 0.025}}, grid(1));
  CHECK(fine.value(Waves{{0.1}, {0.15}}) == doctest::Approx(step * std::log1p(std::exp(2.0))).epsilon(1e-13));
}

TEST_CASE("the target of a cross_entropy may change from step to step") {
  const Loss loss({{.kind = LossKind::cross_entropy, .probes = {0, 1}, .target_class = {0, 1}}}, grid(2));
  CHECK(loss.value(Waves{{1, 1}, {0, 0}}) ==
        doctest::Approx(step * (std::log1p(std::exp(-1.0)) + std::log1p(std::exp(1.0)))).epsilon(1e-14));
}

TEST_CASE("an expression is summed over time with its target and the time") {
  const Loss loss({expression_term("y^2*r + t", {"y"}, {0}, {2, 3})}, grid(2));
  CHECK(loss.value(Waves{{5, 7}}) == doctest::Approx(step * (25 * 2 + step + 49 * 3 + 2 * step)).epsilon(1e-14));
  Waves slope;
  loss.slope(Waves{{5, 7}}, slope);
  CHECK(slope[0][0] == doctest::Approx(step * 2 * 5 * 2).epsilon(1e-14));
  CHECK(slope[0][1] == doctest::Approx(step * 2 * 7 * 3).epsilon(1e-14));
}

TEST_CASE("an expression that says mse has the loss and the slope of mse") {
  const auto y = waves(1, 7);
  const auto target = waves(2, 7)[1];
  const Loss plain({{.target = target, .weight = 3}}, grid(7));
  auto term = expression_term("0.5*(y - r)^2", {"y"}, {0}, target);
  term.weight = 3;
  const Loss written({term}, grid(7));
  CHECK(written.value(y) == doctest::Approx(plain.value(y)).epsilon(1e-14));
  Waves plain_slope, written_slope;
  plain.slope(y, plain_slope);
  written.slope(y, written_slope);
  for (std::size_t n = 0; n < 7; ++n) CHECK(written_slope[0][n] == doctest::Approx(plain_slope[0][n]).epsilon(1e-14));
}

TEST_CASE("an expression that is not finite says when and for which probes, but only where it counts") {
  auto term = expression_term("log(a) + b", {"a", "b"}, {0, 1}, {});
  const auto message = [&](const LossTerm& each) -> std::string {
    try {
      (void)Loss({each}, grid(2)).value(Waves{{1, -2}, {0, 3}});
    } catch (const InputError& error) {
      return error.what();
    }
    return "(no error)";
  };
  CHECK(message(term) == "b.toml:9: [[loss]] expr: the value of \"log(a) + b\" is not finite at t = 500 ms, a = -2, b = 3");
  term.window = TimeWindow{0, step};
  CHECK(message(term) == "(no error)");
}

TEST_CASE("an expression may name its probes, r and t, and must use what it is given") {
  const std::vector<std::string> probes{"a"};
  const auto message = [&](std::string_view text, bool has_target) -> std::string {
    try {
      (void)LossExpression(text, probes, has_target, {"b.toml", 9}, "[[loss]] expr");
    } catch (const InputError& error) {
      return error.what();
    }
    return "(no error)";
  };
  CHECK(message("a*t + time", false) == "(no error)");
  CHECK(message("(a - r)^2", true) == "(no error)");
  CHECK(message("a*b", true) == "b.toml:9: [[loss]] expr: unknown name \"b\", expected a, r or t");
  CHECK(message("a*r", false) == "b.toml:9: [[loss]] expr: r is the target, and the loss has none");
  CHECK(message("a^2", true) == "b.toml:9: [[loss]] expr: there is a target, but r does not occur in \"a^2\"");
  CHECK(message("t^2", false) == "b.toml:9: [[loss]] expr: the probe \"a\" does not occur in \"t^2\"");
  CHECK(message("a +", false).starts_with("b.toml:9: [[loss]] expr: expression \"a +\""));
  CHECK(message("bessel(a)", false) ==
        "b.toml:9: [[loss]] expr: expression \"bessel(a)\": unknown function \"bessel\" at character 1");
}

TEST_CASE("weights by step multiply the constant one") {
  const Loss loss({{.target = {0, 0, 0}, .weight = 2, .step_weights = {1, 0, 0.5}}}, grid(3));
  CHECK(loss.value(Waves{{1, 10, 2}}) == doctest::Approx(step * 0.5 * 2 * (1 + 0.5 * 4)).epsilon(1e-14));
}

TEST_CASE("terms are told apart, and add up to the loss") {
  const Loss loss(every_kind(6), grid(6));
  const auto y = waves(3, 6);
  const auto parts = loss.term_values(y);
  REQUIRE(parts.size() == 4);
  CHECK(parts[0] + parts[1] + parts[2] + parts[3] == doctest::Approx(loss.value(y)).epsilon(1e-14));
  for (std::size_t i = 0; i < 4; ++i) CHECK(parts[i] == Loss({every_kind(6)[i]}, grid(6)).value(y));
}

TEST_CASE("an error of one unit has a root mean square of one, whatever weights and windows") {
  const Loss loss({{.target = std::vector<double>(6, 0.0), .weight = 3, .step_weights = {1, 2, 3, 4, 5, 6}, .window = TimeWindow{0.5, 1}},
                   {.kind = LossKind::final_mse, .target = std::vector<double>(6, 0.0), .weight = 2}},
                  grid(6));
  CHECK(loss.value(Waves{std::vector<double>(6, 1.0)}) == doctest::Approx(loss.value_of_unit_error()).epsilon(1e-15));
}

TEST_CASE("the slope equals central differences of the value for every kind, weight and window") {
  const std::size_t steps = 9;
  const Loss loss(every_kind(steps), grid(steps));
  auto y = waves(3, steps);
  Waves slope;
  loss.slope(y, slope);
  for (std::size_t p = 0; p < 3; ++p)
    for (std::size_t n = 0; n < steps; ++n) {
      const double kept = y[p][n];
      y[p][n] = kept + 1e-5;
      const double up = loss.value(y);
      y[p][n] = kept - 1e-5;
      const double down = loss.value(y);
      y[p][n] = kept;
      CHECK(slope[p][n] == doctest::Approx((up - down) / 2e-5).epsilon(1e-8));
    }
}

TEST_CASE("the slope equals central differences of the value, for every sample") {
  const std::size_t steps = 9;
  std::vector<double> target(steps);
  for (std::size_t n = 0; n < steps; ++n) target[n] = std::cos(0.3 * static_cast<double>(n));
  const Loss loss({{.probes = {0}, .target = target, .weight = 1.7, .window = TimeWindow{0.6, 1.6}},
                   {.kind = LossKind::final_mse, .probes = {1}, .target = target, .weight = 0.3},
                   {.probes = {1}, .target = target}},
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
  const Loss loss(every_kind(steps), grid(steps));
  auto y = waves(3, steps / stride);
  Waves slope;
  loss.slope_at_stride(y, stride, slope);
  REQUIRE(slope[0].size() == 4);
  for (std::size_t p = 0; p < 3; ++p)
    for (std::size_t k = 0; k < 4; ++k) {
      const double kept = y[p][k];
      y[p][k] = kept + 1e-5;
      const double up = loss.value_at_stride(y, stride);
      y[p][k] = kept - 1e-5;
      const double down = loss.value_at_stride(y, stride);
      y[p][k] = kept;
      CHECK(slope[p][k] * static_cast<double>(stride) == doctest::Approx((up - down) / 2e-5).epsilon(1e-8));
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
  CHECK_THROWS_AS(Loss({{.target = {1, 2}, .step_weights = {1}}}, grid(2)), std::invalid_argument);
  CHECK_THROWS_AS(Loss({{.kind = LossKind::cross_entropy, .probes = {0, 1}, .target_class = {2}}}, grid(1)), std::invalid_argument);
  CHECK_THROWS_AS(Loss({{.kind = LossKind::cross_entropy, .probes = {0, 1}, .target_class = {0}}}, grid(2)), std::invalid_argument);
  CHECK_THROWS_AS(Loss({{.kind = LossKind::expr}}, grid(1)), std::invalid_argument);
  const Loss loss({{.target = {1, 2, 3}}}, grid(3));
  CHECK_THROWS_AS((void)loss.value(Waves{}), std::invalid_argument);
  CHECK_THROWS_AS((void)loss.value(Waves{{1, 2}}), std::invalid_argument);
  CHECK_THROWS_AS((void)loss.value_at_stride(Waves{{1, 2, 3}}, 0), std::invalid_argument);
}
