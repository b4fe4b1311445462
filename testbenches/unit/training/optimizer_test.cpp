#include "runtime/training/optimizer.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

using namespace tellegen;

namespace {
using Numbers = std::vector<double>;

/// Gradient of sum_i k_i (p_i - 3 p0_i)^2 / 2 from start p0.
Numbers bowl(const Numbers& p, const Numbers& start, const Numbers& stiffness) {
  Numbers g(p.size());
  for (std::size_t i = 0; i < p.size(); ++i) g[i] = stiffness[i] * (p[i] - 3 * start[i]);
  return g;
}
}  // namespace

TEST_CASE("sgd moves against the gradient by the rate, in SI") {
  Numbers p{1, 2};
  Optimizer({.kind = OptimizerKind::sgd, .rate = 0.1}, p).update(p, Numbers{5, -10});
  CHECK(p == Numbers{0.5, 3});
}

TEST_CASE("a rate relative to the value moves each parameter by the square of its start, for good") {
  Numbers p{2, -4};
  Optimizer optimizer({.kind = OptimizerKind::sgd, .rate = 0.1, .scaling = RateScaling::value}, p);
  optimizer.update(p, Numbers{1, 1});
  CHECK(p[0] == doctest::Approx(2 - 0.1 * 4).epsilon(1e-14));
  CHECK(p[1] == doctest::Approx(-4 - 0.1 * 16).epsilon(1e-14));
  optimizer.update(p, Numbers{1, 0});
  CHECK(p[0] == doctest::Approx(2 - 2 * 0.1 * 4).epsilon(1e-14));
}

TEST_CASE("with a relative rate the course in units of the start does not depend on the unit of a parameter") {
  for (const auto kind : {OptimizerKind::sgd, OptimizerKind::momentum, OptimizerKind::adam}) {
    const Numbers start{1.0, 1e-9};
    auto p = start;
    Optimizer optimizer({.kind = kind, .rate = 0.05, .scaling = RateScaling::value}, start);
    for (int i = 0; i < 30; ++i) optimizer.update(p, bowl(p, start, {1.0, 1e18}));
    CHECK(p[0] > 1.5);
    CHECK(p[1] / start[1] == doctest::Approx(p[0]).epsilon(1e-12));
  }
}

TEST_CASE("momentum adds up past gradients") {
  Numbers p{0};
  Optimizer optimizer({.kind = OptimizerKind::momentum, .rate = 1, .momentum = 0.5}, p);
  optimizer.update(p, Numbers{1});
  CHECK(p[0] == -1);
  optimizer.update(p, Numbers{1});
  CHECK(p[0] == -2.5);
  optimizer.update(p, Numbers{0});
  CHECK(p[0] == -3.25);
}

TEST_CASE("the first step of adam is the rate, whatever the size of the gradient") {
  for (const double size : {1e-30, 1e-9, 1.0, 1e12}) {
    Numbers p{0, 0};
    Optimizer({.kind = OptimizerKind::adam, .rate = 0.01}, p).update(p, Numbers{size, -2 * size});
    CHECK(p[0] == doctest::Approx(-0.01).epsilon(1e-12));
    CHECK(p[1] == doctest::Approx(0.01).epsilon(1e-12));
  }
}

TEST_CASE("two steps of adam as computed by hand") {
  Numbers p{1};
  Optimizer optimizer({.kind = OptimizerKind::adam, .rate = 0.1}, p);
  optimizer.update(p, Numbers{2});
  optimizer.update(p, Numbers{-1});
  const double m = (0.9 * 0.1 * 2 + 0.1 * -1) / (1 - 0.81);
  const double v = (0.999 * 0.001 * 4 + 0.001 * 1) / (1 - 0.999 * 0.999);
  CHECK(p[0] == doctest::Approx(1 - 0.1 - 0.1 * m / std::sqrt(v)).epsilon(1e-12));
}

TEST_CASE("adam leaves a parameter without slope where it is") {
  Numbers p{1, 1};
  Optimizer optimizer({.kind = OptimizerKind::adam, .rate = 0.1}, p);
  optimizer.update(p, Numbers{0, 1});
  CHECK(p[0] == 1);
  CHECK(std::isfinite(p[1]));
}

TEST_CASE("every optimiser comes to rest at the bottom of a bowl") {
  for (const auto kind : {OptimizerKind::sgd, OptimizerKind::momentum, OptimizerKind::adam}) {
    const Numbers start{1, -2};
    auto p = start;
    Optimizer optimizer({.kind = kind, .rate = 0.02}, start);
    for (int i = 0; i < 2000; ++i) optimizer.update(p, bowl(p, start, {1, 2}));
    CHECK(p[0] == doctest::Approx(3).epsilon(1e-3));
    CHECK(p[1] == doctest::Approx(-6).epsilon(1e-3));
  }
}

TEST_CASE("bounds clip each step, and the clipped value is where the next one starts") {
  for (const auto kind : {OptimizerKind::sgd, OptimizerKind::momentum, OptimizerKind::adam}) {
    Numbers p{1, 1};
    Optimizer optimizer({.kind = kind, .rate = 10}, p, {{0.5, 2}, {-HUGE_VAL, 1.25}});
    optimizer.update(p, Numbers{1, -1});
    CHECK(p == Numbers{0.5, 1.25});
  }
  Numbers p{1};
  Optimizer optimizer({.rate = 1}, p, {{0.5, 2}});
  optimizer.update(p, Numbers{100});
  optimizer.update(p, Numbers{-0.25});
  CHECK(p[0] == 0.75);
}

TEST_CASE("an optimiser that is restored goes on as if it had never stopped") {
  for (const auto kind : {OptimizerKind::momentum, OptimizerKind::adam}) {
    const OptimizerSettings settings{.kind = kind, .rate = 0.03};
    const Numbers start{1, -2};
    auto whole = start;
    Optimizer first(settings, start);
    for (int i = 0; i < 5; ++i) first.update(whole, bowl(whole, start, {1, 2}));
    auto resumed = whole;
    Optimizer second(settings, start);
    second.restore(first.state());
    for (int i = 0; i < 5; ++i) {
      first.update(whole, bowl(whole, start, {1, 2}));
      second.update(resumed, bowl(resumed, start, {1, 2}));
    }
    CHECK(whole == resumed);
  }
}

TEST_CASE("an optimiser refuses vectors that do not fit, and a relative rate at a start of zero") {
  Numbers p{1, 2};
  Optimizer optimizer({.rate = 1}, p);
  CHECK_THROWS_AS(optimizer.update(p, Numbers{1}), std::invalid_argument);
  CHECK_THROWS_AS(optimizer.restore({{1}, {1}, 3}), std::invalid_argument);
  CHECK_THROWS_AS(Optimizer({.rate = 1}, p, {{0, 1}}), std::invalid_argument);
  CHECK_THROWS_AS(Optimizer({.rate = 1, .scaling = RateScaling::value}, Numbers{1, 0}), std::invalid_argument);
}
