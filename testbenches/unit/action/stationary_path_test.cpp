#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "circuits/schematic.hpp"
#include "hw_models/action/stationary_path.hpp"
#include "tellegen/units/input_error.hpp"

using namespace tellegen;
using namespace tellegen::elements;
using test::Schematic;

namespace {

using std::numbers::pi;

std::shared_ptr<const Circuit> lossless() {
  return Schematic()
      .current_source("i1", "0", "a")
      .with_law<Capacitor, TanhLaw>("c1", "a", "0", {0.6, 0.3, 0.5})
      .capacitor("c2", "b", "0", 0.8)
      .current_source("i2", "0", "b")
      .with_law<Inductor, SineLaw>("l1", "a", "b", {0.5, 0.3, 0.6})
      .inductor("l2", "b", "0", 2.5)
      .freeze();
}

std::shared_ptr<const Circuit> kendall() {
  return Schematic()
      .current_source("i1", "0", "a")
      .with_law<Capacitor, TanhLaw>("c1", "a", "0", {0.6, 0.3, 0.5})
      .with_law<FractionalMemristor, SinhLaw>("yfmem!m1", "a", "b", {0.2, 0.1, 0.4})
      .capacitor("c2", "b", "0", 0.8)
      .inductor("l2", "b", "0", 2.5)
      .inductor("l1", "a", "0", 1.5)
      .resistor("r1", "a", "0", 3)
      .freeze();
}

/// A path with a quadratic loss on the last node.
struct Problem {
  std::shared_ptr<const Circuit> circuit;
  TimeGrid grid;
  PathEnds ends;
  Table sources;

  Problem(std::shared_ptr<const Circuit> c, const TimeGrid& g, PathEnds e)
      : circuit(std::move(c)), grid(g), ends(e), sources(grid.steps, circuit->sources().size()) {
    for (std::size_t n = 0; n < grid.steps; ++n) sources.at(n, 0) = 0.4 * std::sin(1.9 * grid.time(n + 1));
  }

  /// The first source carries a tone, a second one the level in its slot.
  [[nodiscard]] StationaryPath path(std::span<const double> slots) const {
    auto driven = sources;
    for (std::size_t n = 0; driven.columns() == 2 && n < grid.steps; ++n) driven.at(n, 1) = slots[circuit->sources()[1].dc_slot];
    return {circuit, grid, ends, slots, driven};
  }
  [[nodiscard]] std::vector<double> slots() const {
    std::vector<double> all(circuit->initial_slots().begin(), circuit->initial_slots().end());
    for (const auto& source : circuit->sources()) all[source.dc_slot] = 0.15;
    return all;
  }
  [[nodiscard]] double target(std::size_t n) const { return 0.2 * std::cos(grid.time(n + 1)); }
  [[nodiscard]] double loss(const Table& v) const {
    double sum = 0;
    for (std::size_t n = 0; n < v.rows(); ++n) sum += 0.5 * grid.step * std::pow(v.at(n, v.columns() - 1) - target(n), 2);
    return sum;
  }
  [[nodiscard]] Table slope(const Table& v) const {
    Table out(v.rows(), v.columns());
    for (std::size_t n = 0; n < v.rows(); ++n) out.at(n, v.columns() - 1) = grid.step * (v.at(n, v.columns() - 1) - target(n));
    return out;
  }
  [[nodiscard]] double loss_of(std::span<const double> at) const {
    auto p = path(at);
    return loss(p.voltages(p.solve()));
  }
};

double relative_difference(std::span<const double> a, std::span<const double> b, std::span<const double> weight) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference += std::pow((a[i] - b[i]) * weight[i], 2), size += std::pow(b[i] * weight[i], 2);
  return std::sqrt(difference / size);
}

}  // namespace

TEST_CASE("a capacitor's path between fixed ends is the parabola of a constant current") {
  // c phi'' = I with phi(0) = phi(T) = 0
  constexpr double c = 0.5, current = 0.3;
  const TimeGrid grid{.step = 0.05, .steps = 60, .method = Method::bdf2};
  const auto circuit = Schematic().current_source("i1", "0", "a").capacitor("c1", "a", "0", c).freeze();
  StationaryPath path(circuit, grid, PathEnds::fixed, circuit->initial_slots(), test::sampled(grid, {[](double) { return current; }}));
  const auto flux = path.solve();
  const double end = grid.time(grid.steps);
  for (std::size_t n = 0; n < grid.steps; ++n) {
    const double t = grid.time(n + 1);
    CHECK(flux.at(n, 1) == doctest::Approx(0.5 * current / c * t * (t - end)).epsilon(1e-9));
    CHECK(path.voltages(flux).at(n, 1) == doctest::Approx(current / c * (t - end / 2)).epsilon(1e-9));
  }
}

TEST_CASE("the periodic path of a driven tank is its steady state, to the square of the step") {
  constexpr double c = 0.5, l = 2, omega = 2 * pi;  // one period a second
  const auto circuit = Schematic().current_source("i1", "0", "a").capacitor("c1", "a", "0", c).inductor("l1", "a", "0", l).freeze();
  const auto error = [&](std::size_t steps) {
    const TimeGrid grid{.step = 1.0 / static_cast<double>(steps), .steps = steps, .method = Method::bdf2};
    StationaryPath path(circuit, grid, PathEnds::periodic, circuit->initial_slots(), test::sampled(grid, {[&](double t) { return std::sin(omega * t); }}));
    const auto flux = path.solve();
    double worst = 0;
    for (std::size_t n = 0; n < steps; ++n)
      worst = std::max(worst, std::abs(flux.at(n, 1) - std::sin(omega * grid.time(n + 1)) / (1 / l - omega * omega * c)));
    return worst;
  };
  CHECK(error(40) / error(80) == doctest::Approx(4).epsilon(0.05));
}

TEST_CASE("a half-order term has the symbol |omega| on a periodic path: it does not turn the phase as the causal circuit does") {
  constexpr double g = 0.3, l = 2, omega = 2 * pi;
  const std::size_t steps = 60;
  const TimeGrid grid{.step = 1.0 / static_cast<double>(steps), .steps = steps, .method = Method::bdf2};
  const auto circuit = Schematic().current_source("i1", "0", "a").inductor("l1", "a", "0", l).resistor("r1", "a", "0", 1 / g).freeze();
  StationaryPath path(circuit, grid, PathEnds::periodic, circuit->initial_slots(), test::sampled(grid, {[&](double t) { return std::sin(omega * t); }}));
  const auto flux = path.solve();
  const double symbol = 2 * std::sin(omega * grid.step / 2) / grid.step;  // |omega| of the grid
  for (std::size_t n = 0; n < steps; ++n) CHECK(flux.at(n, 1) == doctest::Approx(std::sin(omega * grid.time(n + 1)) / (1 / l - symbol * g)).epsilon(1e-8));
}

TEST_CASE("the gradient of the path's loss equals central differences, lossless and with half-order terms, fixed and periodic") {
  for (const auto& circuit : {lossless(), kendall()})
    for (const auto ends : {PathEnds::fixed, PathEnds::periodic}) {
      const Problem problem(circuit, {.step = 0.05, .steps = 61, .method = Method::bdf2}, ends);
      const auto slots = problem.slots();
      auto path = problem.path(slots);
      const auto flux = path.solve();
      const auto exact = path.loss_by_slot(flux, problem.slope(path.voltages(flux)));
      auto compared = slots;  // the first source's level is not what drives it
      compared[circuit->sources()[0].dc_slot] = 0;
      std::vector<double> measured;
      for (std::size_t s = 0; s < slots.size(); ++s) {
        auto above = slots, below = slots;
        above[s] *= 1 + 1e-5, below[s] *= 1 - 1e-5;
        measured.push_back((problem.loss_of(above) - problem.loss_of(below)) / (2e-5 * slots[s]));
      }
      CHECK(relative_difference(measured, exact, compared) < 1e-7);
    }
}

TEST_CASE("contrasting the action's slopes of two nudged paths gives that gradient, the error falling as the square of the nudge") {
  for (const auto& circuit : {lossless(), kendall()}) {
    const Problem problem(circuit, {.step = 0.05, .steps = 61, .method = Method::bdf2}, PathEnds::fixed);
    const auto slots = problem.slots();
    auto path = problem.path(slots);
    const auto flux = path.solve();
    const auto exact = path.loss_by_slot(flux, problem.slope(path.voltages(flux)));
    const auto slope = [&](const Table& v) { return problem.slope(v); };
    const auto error = [&](double k, bool one_sided) {
      const auto plus = path.action_by_slot(path.solve_nudged(flux, k, slope));
      const auto minus = path.action_by_slot(one_sided ? flux : path.solve_nudged(flux, -k, slope));
      std::vector<double> contrast;
      for (std::size_t s = 0; s < slots.size(); ++s) contrast.push_back((plus[s] - minus[s]) / (one_sided ? k : 2 * k));
      return relative_difference(contrast, exact, slots);
    };
    CHECK(error(0.02, false) / error(0.01, false) == doctest::Approx(4).epsilon(0.1));
    CHECK(error(0.02, true) / error(0.01, true) == doctest::Approx(2).epsilon(0.1));
    CHECK(error(1e-4, false) < 1e-6);
  }
}

TEST_CASE("a run that a free oscillation fits is at resonance and has no path") {
  // c (2 - 2 cos(pi m/N))/h^2 = 1/l: the grid's own mode number 3 is free
  constexpr double c = 0.5;
  const TimeGrid grid{.step = 0.05, .steps = 80, .method = Method::bdf2};
  const double stiffness = c * (2 - 2 * std::cos(pi * 3 / 80)) / (grid.step * grid.step);
  const auto circuit = Schematic().current_source("i1", "0", "a").capacitor("c1", "a", "0", c).linear<Inductor>("l1", "a", "0", stiffness).freeze();
  const auto solve = [&](const TimeGrid& g) {
    StationaryPath path(circuit, g, PathEnds::fixed, circuit->initial_slots(), test::sampled(g, {[](double t) { return std::sin(t); }}));
    (void)path.solve();
    return path.condition();
  };
  CHECK_THROWS_WITH_AS((void)solve(grid), doctest::Contains("a free oscillation of the circuit"), ConvergenceError);
  CHECK(solve({.step = 0.05, .steps = 92, .method = Method::bdf2}) < 10);
}

TEST_CASE("a periodic path of capacitors alone has a flux that nothing holds") {
  const TimeGrid grid{.step = 0.05, .steps = 40, .method = Method::bdf2};
  const auto circuit = Schematic().current_source("i1", "0", "a").capacitor("c1", "a", "0", 1).freeze();
  StationaryPath path(circuit, grid, PathEnds::periodic, circuit->initial_slots(), test::sampled(grid, {[](double t) { return std::sin(t); }}));
  CHECK_THROWS_AS((void)path.solve(), ConvergenceError);
}

TEST_CASE("what has no place in the action is refused by name") {
  const TimeGrid grid{.step = 0.05, .steps = 40, .method = Method::bdf2};
  const auto refusal = [&](const std::shared_ptr<const Circuit>& circuit, const TimeGrid& g) {
    try {
      StationaryPath(circuit, g, PathEnds::fixed, circuit->initial_slots(), Table(g.steps, circuit->sources().size()));
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("(no error)");
  };
  CHECK(refusal(Schematic().voltage_source("v1", "a", "0").capacitor("c1", "a", "0", 1).freeze(), grid).starts_with("v1: a voltage source gives its flux"));
  CHECK(refusal(Schematic().current_source("i1", "0", "a").capacitor("c1", "a", "0", 1).diode("d1", "a", "0", 1e-9).freeze(), grid) ==
        "action_nudge: d1 (diode, junction law): skew -1; only elements of skew 0 have a potential of their own variable");
  CHECK(refusal(Schematic().current_source("i1", "0", "a").capacitor("c1", "a", "0", 1).resistor("r1", "a", "0", 1).freeze(),
                {.step = 0.01, .steps = 4000, .method = Method::bdf2}).find("couples all of them") != std::string::npos);
}
