#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "runtime/training/experiment.hpp"
#include "unit/training/bench_folder.hpp"

using namespace tellegen;
using namespace tellegen::tests;

namespace {

/// Ladder with a diode at every fifth node, driven by a source whose own waveform is zero.
std::string ladder(int sections) {
  std::string deck = "ladder\nV1 n0 0 0\n.model clamp D(is=1n n=1.5)\n";
  for (int i = 0; i < sections; ++i) {
    deck += fmt::format("R{0} n{0} n{1} {2}\nC{0} n{1} 0 1p\n", i, i + 1, 100 + 10 * (i % 7));
    if (i % 5 == 0) deck += fmt::format("D{0} n{0} 0 clamp\n", i + 1);
  }
  return deck + ".end\n";
}

std::string bench(int steps, std::string_view more_of_time) {
  return fmt::format(R"toml([bench]
deck = "ladder.cir"
[time]
step = "0.1 ns"
stop = "{} ns"
{}
[[input]]
source = "V1"
csv = "input.csv"
column = "x"
[[loss]]
kind = "mse"
probe = "v(n3)"
target = {{ expr = "0.3*sin(2*pi*2e8*t)" }}
[[loss]]
kind = "final_mse"
probe = "v(n2,n5)"
target = 0.1
[train]
parameters = ["r1.g", "r4.r", "c3.c", "d6.is", "d1.n"]
)toml",
                     0.1 * steps, more_of_time);
}

Experiment experiment_of(const BenchFolder& folder, int sections, int steps, std::string_view more_of_time = "") {
  folder.write("ladder.cir", ladder(sections));
  std::string csv = "t,x\n";
  for (int n = 0; n <= steps; ++n) csv += fmt::format("{},{}\n", 1e-10 * n, 0.2 + 0.8 * std::sin(0.04 * std::numbers::pi * n));
  folder.write("input.csv", csv);
  return Experiment(read_bench(folder.write("b.toml", bench(steps, more_of_time))));
}

GradientResult exact(const Experiment& experiment) { return experiment.exact(experiment.trained().initial); }

}  // namespace

TEST_CASE("the planned engine gives the loss and the gradient of the general one, also from checkpoints") {
  const BenchFolder folder;
  constexpr int steps = 4000;  // of 32 kept values and more: above the limit
  const auto general = exact(experiment_of(folder, 40, steps)), planned = exact(experiment_of(folder, 40, steps, "memory = 1"));
  CHECK(planned.loss == doctest::Approx(general.loss).epsilon(1e-12));
  REQUIRE(planned.gradient.size() == general.gradient.size());
  for (std::size_t i = 0; i < general.gradient.size(); ++i) CHECK(planned.gradient[i] == doctest::Approx(general.gradient[i]).epsilon(1e-10));
}

TEST_CASE("the exact gradient of a large circuit equals central differences of the general engine") {
  const BenchFolder folder;
  const auto experiment = experiment_of(folder, 90, 200);
  const auto gradient = exact(experiment).gradient, difference = experiment.finite_difference(experiment.trained().initial);
  for (std::size_t i = 0; i < gradient.size(); ++i) CHECK(gradient[i] == doctest::Approx(difference[i]).epsilon(1e-6));
}

TEST_CASE("memory that cannot be limited is refused with the reason") {
  const BenchFolder folder;
  const auto refusal = [&](std::string_view more) { return folder.without_folder(error_of([&] { (void)experiment_of(folder, 10, 20, more); })); };
  CHECK(refusal("memory = 1") == "(no error)");
  CHECK(refusal("memory = 1\nstart = \"dc\"") == "b.toml:6: [time] memory: cannot be limited here: the run starts from its operating point");
}
