#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "circuits/schematic.hpp"
#include "hw_models/solver/history/exponential_sum.hpp"

using namespace tellegen;
using namespace tellegen::elements;
using test::Schematic;

namespace {

constexpr std::size_t long_run = 100'000;

/// Two fractional memristors, one of them saturating, between resistors and capacitors: time constants from 20 to 2e4 steps.
std::shared_ptr<const Circuit> memristive_filter() {
  return Schematic()
      .voltage_source("v1", "in", "0")
      .resistor("r1", "in", "a", 1e3)
      .capacitor("c1", "a", "0", 20e-9)
      .with_law<FractionalMemristor, SinhLaw>("yfmem!m1", "a", "b", {2e-4, 4e-4, 2e-3})
      .capacitor("c2", "b", "0", 2e-6)
      .with_law<FractionalMemristor, TanhLaw>("yfmem!m2", "b", "0", {1e-4, 8e-4, 1e-3})
      .resistor("r2", "b", "0", 1e4)
      .freeze();
}

/// Constant-phase elements of two orders behind a diode.
std::shared_ptr<const Circuit> lossy_rectifier() {
  return Schematic()
      .voltage_source("v1", "in", "0")
      .diode("d1", "in", "a", 1e-9, 1.5)
      .resistor("r1", "a", "b", 2e3)
      .constant_phase("ycpe!p1", "a", "0", 3e-7, 0.8)
      .constant_phase("ycpe!p2", "b", "0", 2e-5, 0.35)
      .resistor("r2", "a", "0", 5e4)
      .freeze();
}

/// Two tones and a step: from the slowest to the fastest that the grid sees.
double drive(double t) { return std::sin(2 * std::numbers::pi * 40 * t) + 0.5 * std::sin(2 * std::numbers::pi * 3e3 * t) + (t > 0.03 ? 0.4 : 0.0); }

std::vector<double> simulate(const std::shared_ptr<const Circuit>& circuit, Method method, History history, std::size_t steps) {
  const TimeGrid grid{.step = 1e-6, .steps = steps, .method = method, .history = history};
  TransientEngine engine(circuit, grid);
  engine.begin(forward_network);
  std::vector<double> out;
  std::size_t converged = 0;
  for (std::size_t n = 1; n <= steps; ++n) {
    const double source = drive(grid.time(n));
    converged += engine.step({.sources = {&source, 1}, .injected = {}, .bias = {}}) == SolveStatus::converged;
    out.push_back(engine.voltages().back());
  }
  REQUIRE(converged == steps);
  return out;
}

/// Largest difference over the run, relative to the largest value.
double largest_difference(const std::vector<double>& run, const std::vector<double>& reference) {
  double difference = 0, size = 0;
  for (std::size_t n = 0; n < run.size(); ++n) {
    difference = std::max(difference, std::abs(run[n] - reference[n]));
    size = std::max(size, std::abs(reference[n]));
  }
  return difference / size;
}

/// The bound of exponential_sum.hpp for so many operators in a row, by the half order, whose error is the largest of the orders here.
double bound(int operators, Method method, History history) {
  const TimeGrid grid{.step = 1e-6, .steps = long_run, .method = method};
  return operators * std::numbers::e * symbol_error(exponential_sum(0.5, terms_of(history), grid), 0.5, grid);
}

void check_long_run(const std::shared_ptr<const Circuit>& circuit, int operators) {
  for (const Method method : {Method::be, Method::bdf2, Method::trap}) {
    const auto exact = simulate(circuit, method, History::fft, long_run);
    for (const History history : {History::exponentials_20, History::exponentials_32}) {
      CAPTURE(name_of(method));
      CAPTURE(name_of(history));
      const double error = largest_difference(simulate(circuit, method, history, long_run), exact);
      CHECK(error < bound(operators, method, history));
      CHECK(error > bound(operators, method, history) / 100);  // what is compared is not one and the same
    }
  }
}

}  // namespace

TEST_CASE("a nonlinear fractional circuit over 1e5 steps keeps the bound of its sums of exponentials") { check_long_run(memristive_filter(), 2); }

TEST_CASE("constant-phase elements over 1e5 steps keep the bound of their sums of exponentials") { check_long_run(lossy_rectifier(), 1); }

TEST_CASE("whole circuits by blockwise and by direct convolution agree to round-off") {
  for (const Method method : {Method::be, Method::bdf2, Method::trap})
    for (const auto& circuit : {memristive_filter(), lossy_rectifier()}) {
      CAPTURE(name_of(method));
      CHECK(largest_difference(simulate(circuit, method, History::fft, 3000), simulate(circuit, method, History::direct, 3000)) < 1e-12);
    }
}
