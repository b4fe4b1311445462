#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "hw_models/nonideal/devices.hpp"
#include "hw_models/nonideal/option_list.hpp"
#include "hw_models/nonideal/sampling.hpp"

using namespace tellegen;

TEST_CASE("a signal that runs straight is sampled exactly at any instant of the cycle, and a little past it") {
  SampleHistory history(2, 4);
  history.begin(std::array{0.0, 10.0});
  for (std::size_t cycle = 0; cycle < 3; ++cycle)
    for (std::size_t step = 0; step < 4; ++step) {
      const double t = static_cast<double>(4 * cycle + step + 1);
      const auto row = history.next(step);
      row[0] = t, row[1] = 10 - 2 * t;
    }
  for (const double early : {0.0, 0.25, 1.0, 2.6, 4.0, -0.5}) {
    CHECK(history.before_edge(0, early) == doctest::Approx(12 - early));
    CHECK(history.before_edge(1, early) == doctest::Approx(10 - 2 * (12 - early)));
  }
  CHECK(history.before_edge(0, 9) == doctest::Approx(8));  // the cycle's own beginning is the earliest
}

TEST_CASE("converters that are fewer than the signals take them in turn, the last at the edge") {
  const SamplingSpec spec{.early = 1, .jitter = 0, .converters = 2};
  // Six signals on two converters: three turns in a cycle of 9 s.
  for (const auto& [signal, time] : {std::pair(0u, 7.0), {1u, 4.0}, {2u, 1.0}, {3u, 7.0}, {5u, 1.0}})
    CHECK(time_before_edge(spec, signal, 6, 9) == doctest::Approx(time));
  CHECK(time_before_edge({.early = 1}, 3, 6, 9) == 1);
}

TEST_CASE("a conductance's Johnson noise integrates to kT/C on a capacitor of any size") {
  // One step of a discrete RC: var = s^2 / (G^2 + 2 C G / h) with s^2 = 2kTG/h.
  constexpr double k = 1.380649e-23, temperature = 300;
  for (const double g : {1e-6, 1e-3}) {
    const double c = 1e-12, h = 1e-4 * c / g;
    const double s = johnson_current(g, temperature, h);
    CHECK(s * s / (g * g + 2 * c * g / h) == doctest::Approx(k * temperature / c).epsilon(1e-4));
  }
  CHECK(johnson_current(1e-3, 0, 1e-9) == 0);
}

TEST_CASE("every option is ideal by default: its default lies outside what may be stated, or is the default that its text names") {
  for (const auto& option : nonideal_options()) {
    CAPTURE(option.table);
    CAPTURE(option.key);
    NonIdealities chip;
    const double otherwise = option.of(chip);
    const bool is_named = option.meaning.find("default") != std::string_view::npos;
    CHECK((otherwise == 0 || is_named));
    CHECK(option.low < option.high);
    CHECK(!option.meaning.empty());
    option.of(chip) = 42;
    CHECK(option.of(chip) == 42);
  }
}
