#include "runtime/protocols/echo.hpp"

#include <cmath>

#include "hw_models/solver/differentiation.hpp"

namespace tellegen {
namespace {

/// D^order of every column on the controller's own grid, last row first.
Table reversed_derivative(const Table& slope, double order, const TimeGrid& ticks) {
  const auto columns = slope.columns();
  Table result(slope.rows(), columns);
  DifferentiationBank<double> derivative(order, columns, ticks);
  std::vector<double> past(columns);
  for (std::size_t j = 0; j < slope.rows(); ++j) {
    const auto input = slope.row(slope.rows() - 1 - j);
    derivative.history(past.data());
    derivative.accept(input.data(), past.data());
    for (std::size_t p = 0; p < columns; ++p) result.at(j, p) = derivative.leading() * input[p] + past[p];
  }
  return result;
}

double peak(const Table& table) {
  double largest = 0;
  for (std::size_t r = 0; r < table.rows(); ++r)
    for (const double value : table.row(r)) largest = std::max(largest, std::abs(value));
  return largest;
}

Nudge decide(const ClampedRecord& record, const ErrorFunction& error, double skew, const TimeGrid& ticks, const EchoOptions& options,
             bool both_sides) {
  Nudge nudge;
  nudge.drive = reversed_derivative(error(record.probes), skew + 1, ticks);
  const double largest = peak(nudge.drive);
  double k = 1;  // a vanishing error needs no scale
  if (largest > 0) {
    if (!(record.peak_source_current > 0))
      throw InputError(options.beta_where, "[rule] beta", "no source delivers any current in the clamped phase, so beta has no reference; check the inputs");
    k = options.beta * record.peak_source_current / largest;
    nudge.beta = options.beta;
  }
  for (std::size_t r = 0; r < nudge.drive.rows(); ++r)
    for (double& value : nudge.drive.row(r)) value *= k;
  nudge.gain_plus = both_sides ? -1 / (2 * k) : -1 / k;
  nudge.gain_minus = both_sides ? 1 / (2 * k) : 0;
  return nudge;
}

}  // namespace

EchoCycle make_echo_cycle(const Plant& plant, const Circuit& circuit, const TimeGrid& grid, Rule rule, const EchoOptions& options,
                          Table stimulus, ErrorFunction error, bool with_update) {
  const bool biased = rule == Rule::biased_echo;
  const bool both_sides = biased && options.centred;
  const double skew = biased ? echo_skew(circuit) : -1.0;
  PhaseProgram program({.swap_ports = options.ports_swapped, .replay_bias = biased, .reading = {.skew = skew, .product_only = !biased}});

  const TimeGrid ticks{.step = grid.step * static_cast<double>(plant.steps_per_tick()), .steps = plant.ticks(), .method = grid.method};
  const auto record = program.clamped(std::move(stimulus));
  const auto nudge = program.turn(record, [=, error = std::move(error)](const ClampedRecord& seen) {
    return decide(seen, error, skew, ticks, options, both_sides);
  });
  program.nudged(nudge, Side::plus);
  if (both_sides) program.nudged(nudge, Side::minus);
  program.accumulate(nudge);
  if (with_update) program.update();
  return {std::move(program), record, nudge};
}

}  // namespace tellegen
