#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "circuits/schematic.hpp"
#include "hw_models/synapse/cell.hpp"
#include "hw_models/synapse/cell_tile.hpp"

using namespace tellegen;
using namespace tellegen::elements;
using test::Schematic;

namespace {

constexpr TimeGrid grid{.step = 0.1, .steps = 30, .method = Method::bdf2};

/// One branch between a driven node and ground, and a cell for it.
template <class E, class Law>
CellPhysics make_cell(std::vector<double> values) {
  const auto circuit = Schematic().current_source("i1", "0", "a").with_law<E, Law>("x1", "a", "0", std::move(values)).freeze();
  return {circuit->branches()[0], 0, circuit->initial_slots(), grid, grid.steps};
}

double bias_at(std::size_t n) { return 0.8 * std::sin(0.4 * static_cast<double>(n)) + 0.1; }
double echo_at(std::size_t n) { return 0.02 * std::cos(0.3 * static_cast<double>(n)) - 0.005; }

/// A nudged phase of `steps` steps: dz and the echo voltage are the same sequence with the sign of the side.
void run_echo(CellPhysics& cell, Side side, double amplitude = 1) {
  cell.begin_echo(side);
  const double sign = side == Side::plus ? amplitude : -amplitude;
  for (std::size_t n = 0; n < grid.steps; ++n) cell.correlate({.bias = bias_at(n), .dz = sign * echo_at(n), .v_out = sign * echo_at(n)}, n, grid.steps);
}

/// Accumulators after one plus phase with unit gain.
std::vector<double> plus_correlations(CellPhysics& cell) {
  cell.begin_presentation();
  run_echo(cell, Side::plus);
  cell.accumulate(1, 0);
  std::vector<double> sums;
  for (std::size_t s = 0; s < cell.slot_count(); ++s) sums.push_back(cell.slot(s).accumulator);
  return sums;
}

/// What the readout of [D^order v] times df/dp must give.
template <class Law>
std::vector<double> expected_product(const std::vector<double>& p, double order) {
  const auto w = quadrature_weights(order, grid.steps, grid.step, grid.method);
  std::vector<double> sums(Law::parameters.size(), 0.0);
  for (std::size_t n = 0; n < grid.steps; ++n) {
    double echo = 0;
    for (std::size_t j = 0; j <= n; ++j) echo += w[j] * echo_at(n - j);
    double slope[max_law_parameters] = {};
    Law::template law_by_parameter<double>(p.data(), bias_at(n), slope);
    for (std::size_t s = 0; s < sums.size(); ++s) sums[s] += echo * slope[s];
  }
  return sums;
}

}  // namespace

TEST_CASE("a cell of the echo's skew accumulates the contrast of its own potential's derivatives, each side with its gain") {
  const std::vector<double> p{0.3, 0.5, 0.7};
  auto cell = make_cell<Resistor, TanhLaw>(p);
  cell.configure({.skew = -1});
  cell.begin_presentation();
  run_echo(cell, Side::plus);
  run_echo(cell, Side::minus);
  cell.accumulate(-50, 50);
  double expected[3] = {};
  for (std::size_t n = 0; n < grid.steps; ++n) {
    double plus[3], minus[3];
    TanhLaw::potential_contrast<double>(p.data(), bias_at(n), echo_at(n), plus);
    TanhLaw::potential_contrast<double>(p.data(), bias_at(n), -echo_at(n), minus);
    for (int s = 0; s < 3; ++s) expected[s] += -50 * plus[s] + 50 * minus[s];
  }
  for (std::size_t s = 0; s < 3; ++s) CHECK(cell.slot(s).accumulator == doctest::Approx(expected[s]).epsilon(1e-12));
}

TEST_CASE("a cell of another skew, or of a product echo, correlates D^(a-s-1) of the echo voltage with its record") {
  const std::vector<double> p{0.3, 0.5, 0.7};
  const auto check = [&]<class E>(NudgeReading reading, double order) {
    auto cell = make_cell<E, SinhLaw>(p);
    cell.configure(reading);
    const auto sums = plus_correlations(cell), expected = expected_product<SinhLaw>(p, order);
    CAPTURE(order);
    for (std::size_t s = 0; s < 3; ++s) CHECK(sums[s] == doctest::Approx(expected[s]).epsilon(1e-11));
  };
  check.operator()<Capacitor>({.skew = -1}, 1);
  check.operator()<Inductor>({.skew = -1}, 0);
  check.operator()<FractionalMemristor>({.skew = -1}, 0.5);
  check.operator()<Memristor>({.skew = 0}, 0);
  check.operator()<Resistor>({.skew = 0}, -1);
  check.operator()<Resistor>({.skew = 1}, -2);
  check.operator()<Resistor>({.skew = -1, .product_only = true}, 0);
  check.operator()<Capacitor>({.skew = 0, .product_only = true}, 0);
}

TEST_CASE("a cell that is configured anew reads as one that was made so") {
  auto cell = make_cell<Resistor, SinhLaw>({0.3, 0.5, 0.7}), fresh = make_cell<Resistor, SinhLaw>({0.3, 0.5, 0.7});
  for (const NudgeReading reading : {NudgeReading{.skew = 0}, NudgeReading{.skew = -1}, NudgeReading{.skew = 1}, NudgeReading{.skew = 0}}) {
    cell.configure(reading);
    (void)plus_correlations(cell);
  }
  fresh.configure({.skew = 0});
  CHECK(plus_correlations(cell) == plus_correlations(fresh));
}

TEST_CASE("contrast and product agree to first order in the nudge") {
  const auto disagreement = [](double amplitude) {
    auto contrast = make_cell<Resistor, SinhLaw>({0.3, 0.5, 0.7}), product = make_cell<Resistor, SinhLaw>({0.3, 0.5, 0.7});
    contrast.configure({.skew = -1});
    product.configure({.skew = -1, .product_only = true});
    double worst = 0;
    for (auto* cell : {&contrast, &product}) {
      run_echo(*cell, Side::plus, amplitude);
      cell->accumulate(1 / amplitude, 0);
    }
    for (std::size_t s = 0; s < 3; ++s) worst = std::max(worst, std::abs(contrast.slot(s).accumulator - product.slot(s).accumulator));
    return worst;
  };
  CHECK(disagreement(1e-2) / disagreement(1e-3) == doctest::Approx(10).epsilon(0.01));
  CHECK(disagreement(1e-6) < 1e-6);
}

TEST_CASE("an accumulator in a reciprocal view is the derivative by the reciprocal") {
  auto by_slot = make_cell<Inductor, LinearLaw>({0.4}), by_inductance = make_cell<Inductor, LinearLaw>({0.4});
  by_inductance.slot(0).view = ViewKind::reciprocal;
  by_inductance.slot(0).value = 1 / 0.4;
  CHECK(by_inductance.law_parameter(0) == doctest::Approx(0.4));
  for (auto* cell : {&by_slot, &by_inductance}) {
    cell->configure({.skew = 0});
    (void)plus_correlations(*cell);
  }
  // The contrast of a linear slope does not depend on the slope: the loss is C k, with k = 1/l.
  const double c = by_slot.slot(0).accumulator, l = 1 / 0.4, h = 1e-5;
  const double by_differences = (c / (l + h) - c / (l - h)) / (2 * h);
  CHECK(by_inductance.slot(0).accumulator == doctest::Approx(by_differences).epsilon(1e-8));
}

TEST_CASE("a new presentation keeps the decay part of an accumulator and empties both correlators") {
  auto cell = make_cell<Resistor, TanhLaw>({0.3, 0.5, 0.7});
  cell.configure({.skew = -1});
  cell.slot(0).decay = 0.9;
  (void)plus_correlations(cell);
  const double once = cell.slot(0).accumulator, forgotten = cell.slot(1).accumulator;
  (void)plus_correlations(cell);
  CHECK(cell.slot(0).accumulator == doctest::Approx(1.9 * once));
  CHECK(cell.slot(1).accumulator == doctest::Approx(forgotten));
  cell.begin_presentation();
  cell.accumulate(1, 1);  // nothing was gathered
  CHECK(cell.slot(0).accumulator == doctest::Approx(0.9 * 1.9 * once));
  CHECK(cell.slot(1).accumulator == 0.0);
}

TEST_CASE("an accumulator that went wild is gone with the next presentation") {
  auto cell = make_cell<Resistor, LinearLaw>({1});
  cell.slot(0).accumulator = std::numeric_limits<double>::quiet_NaN();
  cell.begin_presentation();
  CHECK(cell.slot(0).accumulator == 0.0);
}

TEST_CASE("a presentation that is undone leaves the accumulators of the last whole one, an update in it those of the update") {
  auto cell = make_cell<Resistor, LinearLaw>({1});
  cell.slot(0).decay = 0.5;
  cell.slot(0).rate = 1e-3;
  (void)plus_correlations(cell);
  cell.keep_presentation();
  const double whole = cell.slot(0).accumulator;
  REQUIRE(whole != 0);
  for (const bool with_gradient : {false, true}) {
    cell.begin_presentation();
    if (with_gradient) run_echo(cell, Side::plus), cell.accumulate(1, 0);
    CHECK(cell.slot(0).accumulator != whole);
    cell.undo_presentation();
    CHECK(cell.slot(0).accumulator == whole);
    cell.undo_presentation();
    CHECK(cell.slot(0).accumulator == whole);
  }
  const double next = plus_correlations(cell)[0];
  CHECK(next == doctest::Approx(1.5 * whole));
  cell.update();
  cell.undo_presentation();
  CHECK(cell.slot(0).accumulator == next);
}

TEST_CASE("an echo that rang out leaves no trace in the next one that does not, however the operator remembers") {
  for (const auto history : {History::direct, History::fft, History::exponentials_20}) {
    auto own_grid = grid;
    own_grid.history = history;
    const auto circuit = Schematic().current_source("i1", "0", "a").with_law<Capacitor, LinearLaw>("x1", "a", "0", {1}).freeze();
    const auto correlation = [&](bool after_a_tail) {
      CellPhysics cell(circuit->branches()[0], 0, circuit->initial_slots(), own_grid, own_grid.steps);
      cell.configure({.skew = -0.5, .product_only = true});
      for (const auto steps : {2 * grid.steps, grid.steps}) {
        if (steps != grid.steps && !after_a_tail) continue;
        cell.begin_presentation();
        cell.begin_echo(Side::plus);
        for (std::size_t n = 0; n < steps; ++n) cell.correlate({.bias = bias_at(n), .dz = 0, .v_out = echo_at(n)}, n, steps);
        cell.accumulate(1, 0);
      }
      return cell.slot(0).accumulator;
    };
    CHECK(correlation(true) == correlation(false));
  }
}

TEST_CASE("a maximum below the minimum prevails in an update") {
  auto cell = make_cell<Resistor, LinearLaw>({1});
  cell.slot(0) = {.value = 1, .accumulator = 2, .rate = 0.1, .minimum = 3, .maximum = 2};
  cell.update();
  CHECK(cell.slot(0).value == 2.0);
}

TEST_CASE("a second echo of the same side replaces the first, and the sides do not mix") {
  auto cell = make_cell<Resistor, TanhLaw>({0.3, 0.5, 0.7});
  cell.configure({.skew = -1});
  cell.begin_presentation();
  run_echo(cell, Side::minus);
  run_echo(cell, Side::plus);
  run_echo(cell, Side::plus);
  cell.accumulate(1, 0);
  const double plus = cell.slot(1).accumulator;
  auto fresh = make_cell<Resistor, TanhLaw>({0.3, 0.5, 0.7});
  fresh.configure({.skew = -1});
  CHECK(plus == doctest::Approx(plus_correlations(fresh)[1]));
}

TEST_CASE("an update steps against the accumulator, stops at the bounds, and leaves slots without a rate alone") {
  auto cell = make_cell<Resistor, TanhLaw>({0.3, 0.5, 0.7});
  cell.slot(0) = {.value = 0.3, .accumulator = 2, .rate = 0.1, .minimum = 0, .maximum = 1};
  cell.slot(1) = {.value = 0.5, .accumulator = -1e6, .rate = 0.1, .minimum = 0, .maximum = 1};
  cell.slot(2) = {.value = 0.7, .accumulator = std::numeric_limits<double>::infinity(), .rate = 0, .minimum = 0.8, .maximum = 1};
  cell.update();
  CHECK(cell.slot(0).value == doctest::Approx(0.1));
  CHECK(cell.slot(1).value == 1.0);
  CHECK(cell.slot(2).value == 0.7);
  cell.update();
  CHECK(cell.slot(0).value == 0.0);
}

TEST_CASE("what a cell records it replays, tick by tick") {
  auto cell = make_cell<Resistor, LinearLaw>({1});
  CHECK(cell.depth() == grid.steps);
  for (std::size_t k = 0; k < cell.depth(); ++k) cell.record(k, bias_at(k));
  for (std::size_t k = cell.depth(); k-- > 0;) CHECK(cell.recorded(k) == bias_at(k));
  cell.record(3, -7);
  CHECK(cell.recorded(3) == -7.0);
  CHECK(cell.recorded(4) == bias_at(4));
}

TEST_CASE("a cell gathers with the parameters that it had when the echo began") {
  auto cell = make_cell<Resistor, SinhLaw>({0.3, 0.5, 0.7}), changed = make_cell<Resistor, SinhLaw>({0.3, 0.5, 0.7});
  for (auto* each : {&cell, &changed}) {
    each->configure({.skew = -1});
    each->begin_presentation();
    each->begin_echo(Side::plus);
  }
  changed.slot(2).value = 0.1;
  for (auto* each : {&cell, &changed}) {
    each->correlate({.bias = 0.4, .dz = 0.01, .v_out = 0.01}, 0, 1);
    each->accumulate(1, 0);
  }
  CHECK(cell.slot(2).accumulator == changed.slot(2).accumulator);
}

TEST_CASE("every nonlinear branch and every branch with a trained parameter has a cell, in the order of the circuit") {
  const auto circuit = Schematic().current_source("i1", "0", "a").resistor("r1", "a", "0", 1).with_law<Capacitor, TanhLaw>("c1", "a", "0", {1, 1, 1})
                           .resistor("r2", "a", "0", 1).inductor("l1", "a", "0", 1).freeze();
  CHECK(branches_with_cells(*circuit, {}) == std::vector<std::int32_t>{1});
  const auto parameters = circuit->parameters();
  const auto r2 = static_cast<std::int32_t>(std::ranges::find(parameters, "r2.r", &Parameter::name) - parameters.begin());
  CHECK(branches_with_cells(*circuit, std::vector{r2, r2}) == std::vector<std::int32_t>{1, 2});
}

TEST_CASE("a product readout goes on through the tail of an echo that is longer than the clamped phase") {
  const std::vector<double> p{0.3, 0.5, 0.7};
  auto cell = make_cell<FractionalMemristor, TanhLaw>(p);
  cell.configure({.skew = -1});
  cell.begin_presentation();
  cell.begin_echo(Side::plus);
  const std::size_t steps = 3 * grid.steps;
  for (std::size_t n = 0; n < steps; ++n) cell.correlate({.bias = bias_at(n), .dz = 0, .v_out = echo_at(n)}, n, steps);
  cell.accumulate(1, 0);
  const auto w = quadrature_weights(0.5, steps, grid.step, grid.method);
  double expected[3] = {};
  for (std::size_t n = 0; n < steps; ++n) {
    double echo = 0, slope[max_law_parameters] = {};
    for (std::size_t j = 0; j <= n; ++j) echo += w[j] * echo_at(n - j);
    TanhLaw::law_by_parameter<double>(p.data(), bias_at(n), slope);
    for (std::size_t s = 0; s < 3; ++s) expected[s] += echo * slope[s];
  }
  for (std::size_t s = 0; s < 3; ++s) CHECK(cell.slot(s).accumulator == doctest::Approx(expected[s]).epsilon(1e-11));
}
