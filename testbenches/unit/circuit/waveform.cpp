#include "hw_models/circuit/waveform.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numbers>

using namespace tellegen;

namespace {
Waveform of(Waveform::Shape shape) { return {std::move(shape), 0, false}; }
constexpr double endless = std::numeric_limits<double>::infinity();
}  // namespace

TEST_CASE("a waveform without a shape is its DC value for ever") {
  CHECK(Waveform().at(3) == 0);
  CHECK(Waveform(2.5).at(0) == 2.5);
  CHECK(Waveform(2.5).at(1e9) == 2.5);
  CHECK(Waveform(2.5).dc() == 2.5);
  CHECK(Waveform(2.5).is_constant());
}

TEST_CASE("a pulse ramps, holds, falls and repeats") {
  const auto w = of(PulseWave{.initial = 1, .pulsed = 3, .delay = 2, .rise = 1, .fall = 2, .width = 4, .period = 10});
  CHECK(w.at(-1) == 1);
  CHECK(w.at(2) == 1);
  CHECK(w.at(2.25) == doctest::Approx(1.5));
  CHECK(w.at(3) == 3);
  CHECK(w.at(7) == 3);
  CHECK(w.at(8) == doctest::Approx(2));
  CHECK(w.at(9) == 1);
  CHECK(w.at(12) == 1);
  CHECK(w.at(12.25) == doctest::Approx(1.5));
  CHECK(w.at(1e6 + 2.25) == doctest::Approx(1.5).epsilon(1e-6));
}

TEST_CASE("a pulse without rise time is low at its edge and high right after") {
  const auto w = of(PulseWave{.initial = 0, .pulsed = 1, .delay = 1, .rise = 0, .fall = 0, .width = 2, .period = 5});
  CHECK(w.at(1) == 0);
  CHECK(w.at(1 + 1e-9) == 1);
  CHECK(w.at(3 - 1e-9) == 1);
  CHECK(w.at(3) == 0);
  CHECK(w.at(6) == 0);
  CHECK(w.at(6 + 1e-9) == 1);
}

TEST_CASE("a pulse edge on a grid point does not depend on the rounding of the grid") {
  const double h = 10e-9;
  const auto w =
      of(PulseWave{.initial = 0, .pulsed = 1, .delay = 0, .rise = 0, .fall = 0, .width = 50e-9, .period = 100e-9});
  for (int n = 0; n < 100000; ++n) {
    const int phase = n % 10;
    CAPTURE(n);
    REQUIRE(w.at(n * h) == (phase >= 1 && phase <= 4 ? 1.0 : 0.0));
  }
}

TEST_CASE("a pulse of zero period comes once, one of endless width stays") {
  const auto once = of(PulseWave{.initial = 0, .pulsed = 1, .delay = 0, .rise = 1, .fall = 1, .width = 1, .period = 0});
  CHECK(once.at(1.5) == 1);
  CHECK(once.at(100) == 0);
  const auto step =
      of(PulseWave{.initial = 0, .pulsed = 1, .delay = 0, .rise = 1, .fall = 1, .width = endless, .period = 0});
  CHECK(step.at(0.5) == 0.5);
  CHECK(step.at(1e12) == 1);
}

TEST_CASE("a sine starts at its delay with its phase and decays") {
  const auto w =
      of(SineWave{.offset = 0.5, .amplitude = 2, .frequency = 1e3, .delay = 1e-3, .damping = 200, .phase = 30});
  CHECK(w.at(0) == doctest::Approx(0.5 + 2 * 0.5));
  CHECK(w.at(1e-3) == doctest::Approx(1.5));
  const double since = 0.4e-3;
  CHECK(w.at(1e-3 + since) ==
        doctest::Approx(0.5 + 2 * std::sin(2 * std::numbers::pi * 1e3 * since + std::numbers::pi / 6) *
                                  std::exp(-200 * since)));
}

TEST_CASE("a piecewise linear waveform holds its ends") {
  const auto w = of(PiecewiseLinear{{{1, 10}, {2, 20}, {4, 0}}});
  CHECK(w.at(0) == 10);
  CHECK(w.at(1) == 10);
  CHECK(w.at(1.5) == 15);
  CHECK(w.at(2) == 20);
  CHECK(w.at(3) == 10);
  CHECK(w.at(4) == 0);
  CHECK(w.at(9) == 0);
  CHECK(of(PiecewiseLinear{}).at(1) == 0);
}

TEST_CASE("an exponential rises with one time constant and falls with the other") {
  const auto w =
      of(ExponentialWave{.initial = 1, .pulsed = 3, .rise_delay = 1, .rise_tau = 0.5, .fall_delay = 4, .fall_tau = 2});
  CHECK(w.at(0.5) == 1);
  CHECK(w.at(1) == 1);
  CHECK(w.at(2) == doctest::Approx(1 + 2 * (1 - std::exp(-2))));
  CHECK(w.at(6) == doctest::Approx(1 + 2 * (1 - std::exp(-10)) - 2 * (1 - std::exp(-1))));
}

TEST_CASE("the DC value of a shape is the given one, else the shape at zero time") {
  const SineWave sine{.offset = 0.5, .amplitude = 1, .frequency = 1, .phase = 90};
  CHECK(Waveform(sine, 7, true).dc() == 7);
  CHECK(Waveform(sine, 0, false).dc() == doctest::Approx(1.5));
  CHECK(Waveform(sine, 7, true).at(0) == doctest::Approx(1.5));
}

TEST_CASE("a waveform does not move before the end of the flat part that it names") {
  const Waveform waves[] = {Waveform(2.0),
                            Waveform(PulseWave{.initial = 0, .pulsed = 1, .delay = 2, .rise = 1, .fall = 0.5, .width = 3, .period = 8}, 0, false),
                            Waveform(PulseWave{.initial = 1, .pulsed = -1, .delay = 0, .rise = 1e-3, .fall = 1e-3, .width = 3, .period = 0}, 0, false),
                            Waveform(PiecewiseLinear{{{1, 0}, {2, 0}, {3, 1}, {5, 1}}}, 0, false),
                            Waveform(SineWave{.offset = 1, .amplitude = 1, .frequency = 0.3, .delay = 4}, 0, false),
                            Waveform(ExponentialWave{.initial = 0, .pulsed = 1, .rise_delay = 3, .rise_tau = 1, .fall_delay = 6, .fall_tau = 1}, 0, false)};
  int flat_parts = 0;
  for (const auto& wave : waves)
    for (double t = 0; t < 20; t += 0.137) {
      const double end = std::min(wave.flat_until(t), 30.0);
      REQUIRE(end >= t);
      if (end > t) ++flat_parts;
      for (int i = 1; i < 10; ++i) CHECK(wave.at(t + (end - t) * 0.1 * i) == wave.at(t));
    }
  CHECK(flat_parts > 200);
}
