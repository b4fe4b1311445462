#include "runtime/protocols/cycle.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <fmt/format.h>
#include <numbers>

#include "hw_models/solver/differentiation.hpp"

namespace tellegen {
namespace {

Table reversed(const Table& table) {
  Table result(table.rows(), table.columns());
  for (std::size_t r = 0; r < table.rows(); ++r) std::ranges::copy(table.row(table.rows() - 1 - r), result.row(r).begin());
  return result;
}

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

void scale(Table& table, double factor) {
  for (std::size_t r = 0; r < table.rows(); ++r)
    for (double& value : table.row(r)) value *= factor;
}

/// Sum of the error over the run, by probe: the slope of the loss in the settled outputs.
std::vector<double> total(const Table& error) {
  std::vector<double> sum(error.columns(), 0.0);
  for (std::size_t r = 0; r < error.rows(); ++r)
    for (std::size_t p = 0; p < sum.size(); ++p) sum[p] += error.at(r, p);
  return sum;
}

/// Scales a drive to the wanted fraction of the peak source current and fixes the gains.
Nudge scaled(Table drive, const ClampedRecord& record, const CycleOptions& options, bool both_sides) {
  Nudge nudge{.drive = std::move(drive)};
  const double largest = peak(nudge.drive);
  double k = 1;  // a vanishing error needs no scale
  if (largest > 0) {
    if (!(record.peak_source_current > 0))
      throw InputError(options.beta_where, "[rule] beta", "no source delivers any current in the clamped phase, so beta has no reference; check the inputs");
    k = options.beta * record.peak_source_current / largest;
    nudge.beta = options.beta;
  }
  scale(nudge.drive, k);
  nudge.gain_plus = both_sides ? -1 / (2 * k) : -1 / k;
  nudge.gain_minus = both_sides ? 1 / (2 * k) : 0;
  return nudge;
}

/// A fixed point has been reached when the last tenth of the run moves no output by more than this part of its largest value.
constexpr double settled_tolerance = 1e-3;

/// The error of the last period, reversed and repeated over the whole run.
Table periodic_error(const Table& error, const CycleOptions& options) {
  const std::size_t steps = error.rows(), period = options.period;
  for (std::size_t r = 0; r + period < steps; ++r)
    for (const double value : error.row(r))
      if (value != 0)
        throw InputError(options.rule_where, "[rule] periodic_echo", "the loss looks at more than the last period, where the state has settled; give it a window there");
  Table drive(steps, error.columns());
  for (std::size_t j = 0; j < steps; ++j) {
    const std::size_t met = steps - 1 - j % period;
    std::ranges::copy(error.row(met), drive.row(j).begin());
  }
  return drive;
}

/// Harmonics of the period that the stimulus holds in its last one.
std::uint64_t harmonics_of(const Table& stimulus, std::size_t period, const CycleOptions& options) {
  constexpr double noticeable = 1e-12;  // of the largest
  std::vector<double> power(period / 2 + 1, 0.0);
  for (std::size_t s = 0; s < stimulus.columns(); ++s)
    for (std::size_t h = 0; h < power.size(); ++h) {
      std::complex<double> phasor = 0;
      for (std::size_t j = 0; j < period; ++j)
        phasor += stimulus.at(stimulus.rows() - period + j, s) *
                  std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(h * j % period) / static_cast<double>(period));
      power[h] += std::norm(phasor);
    }
  const double largest = *std::ranges::max_element(power);
  std::uint64_t harmonics = 0;
  for (std::size_t h = 0; h < power.size(); ++h) {
    if (power[h] <= noticeable * largest * noticeable) continue;
    if (h >= lock_in_harmonics)
      throw InputError(options.rule_where, "[rule] periodic_echo",
                       fmt::format("the stimulus holds harmonic {} of its period; cells lock in to 0 to {}", h, lock_in_harmonics - 1));
    harmonics |= std::uint64_t{1} << h;
  }
  return harmonics;
}

/// Held outputs: the displacement's size from beta, the gains from the currents that it takes.
Nudge held_outputs(const ClampedRecord& record, const Table& error, const CycleOptions& options, bool both_sides) {
  const auto slope = total(error);
  const auto last = record.probes.row(record.probes.rows() - 1);
  double largest_slope = 0, largest_output = 0;
  for (std::size_t p = 0; p < slope.size(); ++p) {
    largest_slope = std::max(largest_slope, std::abs(slope[p]));
    largest_output = std::max(largest_output, std::abs(last[p]));
  }
  if (largest_slope > 0 && !(largest_output > 0))
    throw InputError(options.beta_where, "[rule] beta", "every output settles at zero, so beta has no reference; check the inputs");
  const double k = largest_slope > 0 ? options.beta * largest_output / largest_slope : 0;
  Nudge nudge{.drive = Table(error.rows(), error.columns()), .beta = k > 0 ? options.beta : 0};
  if (both_sides) nudge.drive_minus = nudge.drive;
  for (std::size_t r = 0; r < error.rows(); ++r)
    for (std::size_t p = 0; p < slope.size(); ++p) {
      nudge.drive.at(r, p) = last[p] + k * slope[p];
      if (both_sides) nudge.drive_minus.at(r, p) = last[p] - k * slope[p];
    }
  return nudge;
}

/// Currents that hold the outputs, as a multiple of the error: least squares where there are several.
double multiple_of(std::span<const double> currents, std::span<const double> slope) {
  double product = 0, square = 0;
  for (std::size_t p = 0; p < slope.size(); ++p) product += currents[p] * slope[p], square += slope[p] * slope[p];
  return square > 0 ? product / square : 0;
}

void require(bool met, const CycleOptions& options, Rule rule, std::string_view demand) {
  if (!met) throw InputError(options.rule_where, "[rule] name", fmt::format("{} {}", name_of(rule), demand));
}

/// How the array runs and reads in the nudged phases of a rule.
NudgeWiring wiring_of(const Circuit& circuit, Rule rule, const CycleOptions& options, std::size_t steps_per_tick, const Table& stimulus) {
  NudgeWiring wiring{.swap_ports = options.ports_swapped, .replay_bias = false, .tail = options.tail, .reading = {}};
  auto& reading = wiring.reading;
  switch (rule) {
    case Rule::echo: reading.product_only = true; break;
    case Rule::biased_echo:
      wiring.replay_bias = true;
      reading.skew = echo_skew(circuit);
      break;
    case Rule::hamiltonian_echo:
    case Rule::gain_flip_echo:
      wiring.kind = NudgeKind::reversal;
      wiring.flip_loss = rule == Rule::gain_flip_echo;
      wiring.tail = 0;
      reading = {.skew = 0, .potential = true, .weight_rate = options.damping};
      break;
    case Rule::periodic_echo:
      reading = {.product_only = true,
                 .lock_in = {.period = static_cast<std::uint32_t>(options.period * steps_per_tick),
                             .harmonics = harmonics_of(stimulus, options.period * steps_per_tick, options)}};
      break;
    case Rule::equilibrium:
    case Rule::coupled:
      wiring.kind = NudgeKind::forward;
      wiring.clamp_outputs = rule == Rule::coupled;
      wiring.tail = 0;
      reading.settled_only = true;
      break;
    case Rule::forward_nudge:
      wiring.kind = NudgeKind::forward;
      wiring.tail = 0;
      reading.skew = echo_skew(circuit);
      break;
    case Rule::adjoint:
    case Rule::action_nudge: break;
  }
  return wiring;
}

void check_demands(const TimeGrid& grid, Rule rule, const CycleOptions& options) {
  const bool needs_reversal = rule == Rule::hamiltonian_echo || rule == Rule::gain_flip_echo;
  require(rule != Rule::adjoint && rule != Rule::action_nudge, options, rule, "runs in the emulator only; no chip can run it");
  require(options.sides != Sides::holomorphic, options, rule, "with complex amplitudes runs in the emulator only; no chip can run it");
  require(!needs_reversal || grid.method == Method::trap, options, rule, "runs on the time-symmetric method alone; expected [time] method = \"trap\"");
  require(rule != Rule::periodic_echo || options.period > 0, options, rule, "needs the drive's period; expected [rule] period");
}

}  // namespace

void require_settled(const Table& probes, const CycleOptions& options, Rule rule) {
  const std::size_t last = probes.rows() - 1, before = last - probes.rows() / 10;
  for (std::size_t p = 0; p < probes.columns(); ++p) {
    double largest = 0;
    for (std::size_t r = 0; r < probes.rows(); ++r) largest = std::max(largest, std::abs(probes.at(r, p)));
    const double moved = std::abs(probes.at(last, p) - probes.at(before, p));
    if (moved > settled_tolerance * largest)
      throw InputError(options.rule_where, fmt::format("[rule] {}", name_of(rule)),
                       fmt::format("probe {} still moves by {:.2g} of its largest value in the last tenth of the run: it has not settled; expected constant "
                                   "inputs and a longer [time] stop", p + 1, moved / largest));
  }
}

bool runs_both_sides(Rule rule, Sides sides) {
  const bool is_product = rule == Rule::echo || rule == Rule::periodic_echo;
  const bool is_always_centred = rule == Rule::hamiltonian_echo || rule == Rule::gain_flip_echo || rule == Rule::forward_nudge;
  return is_always_centred || (!is_product && sides == Sides::centred);
}

Cycle make_cycle(const Plant& plant, const Circuit& circuit, const TimeGrid& grid, Rule rule, const CycleOptions& options, Table stimulus,
                 ErrorFunction error, bool with_update) {
  check_demands(grid, rule, options);
  const bool both_sides = runs_both_sides(rule, options.sides);
  PhaseProgram program(wiring_of(circuit, rule, options, plant.steps_per_tick(), stimulus));
  const double skew = program.wiring().reading.skew;

  auto ticks = grid;
  ticks.step = grid.step * static_cast<double>(plant.steps_per_tick());
  ticks.steps = plant.ticks();
  const auto record = program.clamped(std::move(stimulus));
  const auto decide = [=](const ClampedRecord& seen) -> Nudge {
    const auto slope = error(seen.probes);
    switch (rule) {
      case Rule::periodic_echo: return scaled(periodic_error(slope, options), seen, options, both_sides);
      case Rule::equilibrium: {
        require_settled(seen.probes, options, rule);
        Table drive(slope.rows(), slope.columns());
        const auto sum = total(slope);
        for (std::size_t r = 0; r < drive.rows(); ++r) std::ranges::copy(sum, drive.row(r).begin());
        return scaled(std::move(drive), seen, options, both_sides);
      }
      case Rule::coupled: require_settled(seen.probes, options, rule); return held_outputs(seen, slope, options, both_sides);
      case Rule::forward_nudge: return scaled(reversed(reversed_derivative(slope, skew + 1, ticks)), seen, options, both_sides);
      case Rule::gain_flip_echo: {
        auto drive = reversed_derivative(slope, skew + 1, ticks);
        for (std::size_t r = 0; r < drive.rows(); ++r)
          for (double& value : drive.row(r)) value *= std::exp(options.damping * ticks.time(r + 1));
        return scaled(std::move(drive), seen, options, both_sides);
      }
      default: return scaled(reversed_derivative(slope, skew + 1, ticks), seen, options, both_sides);
    }
  };
  const auto first = program.turn(record, decide);
  const auto plus = program.nudged(first, Side::plus);
  const auto minus = both_sides ? program.nudged(first, Side::minus) : Ticket<std::vector<double>>{};
  auto nudge = first;
  if (rule == Rule::coupled)
    nudge = program.turn_again([=] {
      auto gains = first.get();
      const auto slope = total(error(record.get().probes));
      const double k = multiple_of(plus.get(), slope) - (both_sides ? multiple_of(minus.get(), slope) : 0);
      gains.gain_plus = k != 0 ? -1 / k : 0;
      gains.gain_minus = both_sides ? -gains.gain_plus : 0;
      return gains;
    });
  program.accumulate(nudge);
  if (with_update) program.update();
  return {std::move(program), record, nudge};
}

}  // namespace tellegen
