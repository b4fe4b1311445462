#include "runtime/training/bench.hpp"

#include <doctest/doctest.h>

#include "unit/training/bench_folder.hpp"

using namespace tellegen;
using namespace tellegen::tests;

namespace {

constexpr const char* full_bench = R"toml([bench]
name = "low-pass learns a target filter"
deck = "lowpass.cir"
seed = 7

[time]
step = "10 ns"
stop = "40 ns"
method = "trap"
history = "exponentials"
terms = 20
start = "rest"

[[input]]
source = "I1"
csv = "input.csv"
column = "x"

[[input]]
source = "V2"
samples = [1, 2.5, 3, 4, 99]
scale = 1e-3

[[loss]]
kind = "mse"
probe = " V(Out, a) "
target = { csv = "target.csv", column = "y", skip = 1 }
weight = 0.5
window = ["20 ns", "40 ns"]

[[loss]]
kind = "final_mse"
probe = "v(b)"
target = { samples = [3], scale = 2 }

[[loss]]
kind = "mse"
probe = "v(out,a)"
target = { expr = "2*t*1e8" }

[train]
parameters = ["R*.g", "c2.c"]
optimizer = "momentum"
rate = 0.01
momentum = 0.8
scaling = "value"
epochs = 100
bounds = { "R*.g" = ["1 uS", "1 mS"], "c2.c" = [1e-12, 1e-9] }

[rule]
name = "biased_echo"
beta = 1e-2
sides = "one"
  controlled_sources = "fixed"

[chip]
clock = "50 MHz"
cells = "modules"

[limits]
gradient_cosine = 0.99
final_loss = 1e-3
relative_error = 0.1
held_out_loss = 2

[report]
title = "A title"
waves = ["v(in)", "v(out)"]
chip_ratios = [1, 2]

[[held_out.input]]
source = "i1"
expr = "1e-6"

[[held_out.loss]]
kind = "mse"
probe = "v(out,a)"
target = { expr = "0" }

[baseline]
deck = "hand.cir"
)toml";

constexpr const char* smallest_bench = R"toml([bench]
deck = "lowpass.cir"
[time]
step = 1e-8
stop = "1 us"
[[loss]]
kind = "mse"
probe = "v(out)"
target = { expr = "sin(2*pi*1e6*time)" }
)toml";

}  // namespace

TEST_CASE("a bench that says everything is read with everything, in SI") {
  const BenchFolder folder;
  folder.write("input.csv", "x,label\n1,a\n2,b\n3,c\n4,d\n5,e\n");
  folder.write("target.csv", "y\n-1\n10\n20\n30\n40\n");
  folder.write("hand.cir", "by hand\n.end\n");
  const auto bench = read_bench(folder.write("full.toml", full_bench));

  CHECK(bench.name == "low-pass learns a target filter");
  CHECK(bench.deck == folder.path() / "lowpass.cir");
  CHECK(bench.seed == 7);
  CHECK(bench.grid.step == doctest::Approx(10e-9).epsilon(1e-14));
  CHECK(bench.stop == doctest::Approx(40e-9).epsilon(1e-14));
  CHECK(bench.grid.steps == 4);
  CHECK(bench.grid.method == Method::trap);
  CHECK(bench.grid.history == History::exponentials_20);

  REQUIRE(bench.data.inputs.size() == 2);
  CHECK(bench.data.inputs[0].source == "i1");
  CHECK(bench.data.inputs[0].samples == std::vector<double>{1, 2, 3, 4});
  CHECK(bench.data.inputs[0].where.line == 14);
  CHECK(bench.data.inputs[1].samples[1] == doctest::Approx(2.5e-3).epsilon(1e-14));
  CHECK(bench.data.inputs[1].samples.size() == 4);

  REQUIRE(bench.data.losses.size() == 3);
  const auto& losses = bench.data.losses;
  CHECK(losses[0].probes == std::vector<std::string>{"v(out,a)"});
  CHECK(losses[0].term.target == std::vector<double>{10, 20, 30, 40});
  CHECK(losses[0].term.weight == 0.5);
  CHECK(losses[0].term.window->from == doctest::Approx(20e-9).epsilon(1e-14));
  CHECK(losses[1].term.kind == LossKind::final_mse);
  CHECK(losses[1].term.target == std::vector<double>{6, 6, 6, 6});
  CHECK(losses[1].term.weight == 1);
  CHECK_FALSE(losses[1].term.window);
  CHECK(losses[2].term.target[2] == doctest::Approx(6).epsilon(1e-14));
  CHECK(probes_of(bench.data) == std::vector<std::string>{"v(out,a)", "v(b)"});
  CHECK(losses[1].term.probes == std::vector<std::size_t>{1});
  CHECK(losses[2].term.probes == std::vector<std::size_t>{0});

  CHECK(bench.train.parameters[0].text == "r*.g");
  CHECK(bench.train.parameters[1].text == "c2.c");
  CHECK(bench.train.parameters[1].where.line == 42);
  CHECK(bench.train.optimizer.kind == OptimizerKind::momentum);
  CHECK(bench.train.optimizer.rate == 0.01);
  CHECK(bench.train.optimizer.momentum == 0.8);
  CHECK(bench.train.optimizer.scaling == RateScaling::value);
  CHECK(bench.train.epochs == 100);
  REQUIRE(bench.train.bounds.size() == 2);
  CHECK(bench.train.bounds[0].pattern.text == "r*.g");
  CHECK(interval_of(bench.train.bounds[0], "S").high == doctest::Approx(1e-3).epsilon(1e-14));
  CHECK(interval_of(bench.train.bounds[1], "F").low == doctest::Approx(1e-12).epsilon(1e-14));

  CHECK(bench.rule.name == Rule::biased_echo);
  CHECK(bench.rule.beta == 1e-2);
  CHECK(bench.rule.sides == Sides::one);
  CHECK(bench.rule.controlled_sources == RuleSettings::ControlledSources::fixed);
  CHECK(*bench.chip.clock == doctest::Approx(50e6).epsilon(1e-14));
  CHECK(bench.chip.steps_per_clock == 2);
  CHECK(bench.chip.cells == ChipSettings::Cells::modules);
  CHECK(bench.limits.gradient_cosine == 0.99);
  CHECK(bench.limits.final_loss == 1e-3);
  CHECK(bench.limits.relative_error == 0.1);
  CHECK(bench.limits.held_out_loss == 2);
  CHECK(bench.report.title == "A title");
  REQUIRE(bench.report.waves.size() == 2);
  CHECK(bench.report.waves[0].text == "v(in)");
  CHECK(bench.report.waves[1].text == "v(out)");
  CHECK(bench.report.chip_ratios == std::vector<std::int64_t>{1, 2});
  CHECK(*bench.baseline_deck == folder.path() / "hand.cir");

  REQUIRE(bench.held_out);
  CHECK(bench.held_out->losses.size() == 1);
  REQUIRE(bench.held_out->inputs.size() == 2);
  CHECK(bench.held_out->inputs[0].samples == std::vector<double>(4, 1e-6));
  CHECK(bench.held_out->inputs[1].source == "v2");
  CHECK(bench.held_out->inputs[1].samples == bench.data.inputs[1].samples);
}

TEST_CASE("a bench that says the least has the documented defaults") {
  const BenchFolder folder;
  const auto bench = read_bench(folder.write("small.toml", smallest_bench));
  CHECK(bench.name == "small");
  CHECK(bench.seed == 1);
  CHECK(bench.grid.steps == 100);
  CHECK(bench.grid.method == Method::bdf2);
  CHECK(bench.grid.history == History::direct);
  CHECK(bench.data.inputs.empty());
  CHECK(bench.data.losses[0].term.target[24] == doctest::Approx(1.0).epsilon(1e-12));
  CHECK(bench.train.parameters[0].text == "*");
  CHECK(bench.train.optimizer.kind == OptimizerKind::sgd);
  CHECK(bench.train.optimizer.momentum == 0.9);
  CHECK(bench.train.optimizer.scaling == RateScaling::none);
  CHECK(bench.train.epochs == 0);
  CHECK(bench.rule.name == Rule::adjoint);
  CHECK(bench.rule.beta == 1e-3);
  CHECK(bench.rule.sides == Sides::centred);
  CHECK(bench.rule.controlled_sources == RuleSettings::ControlledSources::swapped);
  CHECK_FALSE(bench.chip.clock);
  CHECK(bench.chip.steps_per_clock == 1);
  CHECK(bench.chip.cells == ChipSettings::Cells::tile);
  CHECK_FALSE(bench.limits.gradient_cosine);
  CHECK(bench.report.title == "small");
  CHECK(bench.report.chip_ratios == std::vector<std::int64_t>{1, 4, 16, 64});
  CHECK_FALSE(bench.held_out);
  CHECK_FALSE(bench.baseline_deck);
}

TEST_CASE("an input that names its source alone keeps the deck's waveform, also against the training data") {
  const BenchFolder folder;
  const auto bench = read_bench(folder.write("b.toml", std::string(smallest_bench) + R"toml(
[[input]]
source = "i1"
expr = "t"
[[held_out.input]]
source = "i1"
[[held_out.loss]]
kind = "mse"
probe = "v(out)"
target = { expr = "0" }
)toml"));
  CHECK(bench.data.inputs[0].samples.size() == 100);
  REQUIRE(bench.held_out->inputs.size() == 1);
  CHECK(bench.held_out->inputs[0].samples.empty());
}

TEST_CASE("the number of steps is stop over step, rounded") {
  const BenchFolder folder;
  for (const auto& [stop, steps] : {std::pair{"34 ns", 3}, {"35.1 ns", 4}, {"10 ns", 1}, {"0.3 us", 30}}) {
    auto text = std::string(smallest_bench);
    text.replace(text.find("1 us"), 4, stop);
    CHECK(read_bench(folder.write("b.toml", text)).grid.steps == static_cast<std::size_t>(steps));
  }
}

TEST_CASE("the loss of a bench is that of its targets, over the probes it names") {
  const BenchFolder folder;
  const auto bench = read_bench(folder.write("b.toml", smallest_bench));
  const std::vector<std::string> volts{"V"};
  const Loss loss(loss_terms(bench.data, probes_of(bench.data), volts, bench.grid), bench.grid);
  CHECK(loss.probe_count() == 1);
  const std::vector<std::vector<double>> on_target{bench.data.losses[0].term.target};
  CHECK(loss.value(on_target) == 0);
  const std::vector<std::vector<double>> at_zero{std::vector<double>(100, 0.0)};
  CHECK(loss.value(at_zero) == doctest::Approx(1e-6 / 4).epsilon(1e-9));  // half the mean square of a sine over 1 us
}

TEST_CASE("a bench without a folder in its path finds its files beside it") {
  const BenchFolder folder;
  folder.write("b.toml", smallest_bench);
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const auto bench = read_bench("b.toml");
  std::filesystem::current_path(before);
  CHECK(bench.deck == "lowpass.cir");
}
