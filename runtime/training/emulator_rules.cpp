#include "runtime/training/emulator_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "hw_models/action/stationary_path.hpp"
#include "hw_models/solver/complex_operating_point.hpp"

namespace tellegen {
namespace {

/// Slots' slopes as those of the trained parameters.
std::vector<double> by_parameter(const Experiment& experiment, std::span<const double> slots, std::span<const double> by_slot) {
  std::vector<double> gradient;
  for (std::size_t i = 0; i < experiment.trained().indices.size(); ++i)
    gradient.push_back(experiment.circuit()->parameter_slope(experiment.parameter(i), slots, by_slot));
  return gradient;
}

/// Waveforms of the probes, probe by probe, from the unknowns.
std::vector<std::vector<double>> probe_waves(const Experiment& experiment, const Table& voltages) {
  std::vector<std::vector<double>> waves;
  for (const auto& probe : experiment.probes()) {
    auto& wave = waves.emplace_back(voltages.rows());
    for (std::size_t n = 0; n < wave.size(); ++n) wave[n] = voltages.at(n, probe.p) - voltages.at(n, probe.n);
  }
  return waves;
}

/// Slope of the loss in every unknown.
Table unknown_slope(const Experiment& experiment, const Table& voltages) {
  std::vector<std::vector<double>> slope;
  experiment.data().loss.slope(probe_waves(experiment, voltages), slope);
  Table out(voltages.rows(), static_cast<std::size_t>(experiment.circuit()->unknown_count()));
  for (std::size_t p = 0; p < slope.size(); ++p)
    for (std::size_t n = 0; n < out.rows(); ++n) {
      out.at(n, experiment.probes()[p].p) += slope[p][n];
      out.at(n, experiment.probes()[p].n) -= slope[p][n];
    }
  for (std::size_t n = 0; n < out.rows(); ++n) out.at(n, ground) = 0;
  return out;
}

/// Size of a nudge whose unit would amount to that current.
double nudge_size(const Experiment& experiment, double peak_source_current, double peak_of_unit) {
  const auto& rule = experiment.bench().rule;
  if (peak_of_unit == 0) return 1;  // a vanishing error needs no scale
  if (!(peak_source_current > 0))
    throw InputError(rule.beta_where, "[rule] beta", "no source delivers any current, so beta has no reference; check the inputs");
  return rule.beta * peak_source_current / peak_of_unit;
}

double peak_source_current(const Experiment& experiment, const Table& currents) {
  double largest = 0;
  for (std::size_t s = 0; s < currents.columns(); ++s)
    for (std::size_t n = 0; n < currents.rows() && !experiment.circuit()->sources()[s].is_constraint; ++n)
      largest = std::max(largest, std::abs(currents.at(n, s)));
  return largest;
}

double distance_between(const Table& path, const Table& run, std::size_t nodes) {
  double difference = 0, size = 0;
  for (std::size_t n = 0; n < run.rows(); ++n)
    for (std::size_t node = 1; node < nodes; ++node) {
      difference += std::pow(path.at(n, node) - run.at(n, node), 2);
      size += run.at(n, node) * run.at(n, node);
    }
  if (size == 0) return difference == 0 ? 0 : HUGE_VAL;
  return std::sqrt(difference / size);
}

EmulatedEstimate nudge_action(const Experiment& experiment, std::span<const double> trained) {
  const auto& rule = experiment.bench().rule;
  if (experiment.bench().start == RunStart::dc)
    throw InputError(rule.name_where, "[rule] action_nudge", "the path's ends are fixed at rest; expected [time] start = \"rest\"");
  const auto slots = experiment.slots_with(trained);
  const auto& data = experiment.data();
  const auto stimulus = experiment.stimulus(data, slots);
  StationaryPath path(experiment.circuit(), experiment.grid(), rule.ends, slots, stimulus);
  const auto free = path.solve();
  EmulatedEstimate result{.estimate = {.loss = data.loss.value(probe_waves(experiment, path.voltages(free))), .gradient = {}},
                          .path = StationaryPathReport{.ends = rule.ends, .gradient = {}, .agreement = {}, .condition = path.condition()}};

  const auto slope_at = [&](const Table& voltages) { return unknown_slope(experiment, voltages); };
  const auto slope = slope_at(path.voltages(free));
  const double k = nudge_size(experiment, peak_source_current(experiment, stimulus), path.peak_nudge(slope));
  const bool is_centred = rule.sides == Sides::centred;
  const auto plus = path.action_by_slot(path.solve_nudged(free, k, slope_at));
  const auto minus = path.action_by_slot(is_centred ? path.solve_nudged(free, -k, slope_at) : free);
  std::vector<double> by_slot(slots.size());
  for (std::size_t s = 0; s < slots.size(); ++s) by_slot[s] = (plus[s] - minus[s]) / (is_centred ? 2 * k : k);
  result.estimate.gradient = by_parameter(experiment, slots, by_slot);

  auto& report = *result.path;
  report.gradient = by_parameter(experiment, slots, path.loss_by_slot(free, slope));
  report.agreement = experiment.compare(result.estimate.gradient, report.gradient, trained);
  const auto nodes = static_cast<std::size_t>(experiment.circuit()->node_count());
  report.distance = distance_between(path.voltages(free), experiment.forward(data, trained).voltages, nodes);
  report.has_fractional_term = std::ranges::any_of(experiment.circuit()->branches(), [](const Branch& b) { return term_order(b) != 0 && term_order(b) != 1; });
  return result;
}

EmulatedEstimate nudge_holomorphically(const Experiment& experiment, std::span<const double> trained) {
  const auto& circuit = *experiment.circuit();
  const auto& data = experiment.data();
  const auto slots = experiment.slots_with(trained);
  const auto run = experiment.forward(data, trained);
  const auto waves = probe_waves(experiment, run.voltages);
  Table probes(run.voltages.rows(), waves.size());
  for (std::size_t p = 0; p < waves.size(); ++p)
    for (std::size_t n = 0; n < probes.rows(); ++n) probes.at(n, p) = waves[p][n];
  require_settled(probes, experiment.cycle_options(1), Rule::equilibrium);

  const std::size_t last = run.voltages.rows() - 1;
  const auto stimulus = experiment.stimulus(data, slots);
  OperatingPointRequest request{.sources = {stimulus.row(last).begin(), stimulus.row(last).end()}, .slots = slots, .first_guess = {}, .held = {}};
  for (NodeIndex node = 1; node < circuit.node_count(); ++node) request.first_guess.emplace_back(node, run.voltages.at(last, node));
  const ComplexOperatingPoint point(circuit, slots, find_operating_point(circuit, request).state);

  const auto slope = unknown_slope(experiment, run.voltages);
  std::vector<double> g(slope.columns(), 0.0);
  for (std::size_t n = 0; n < slope.rows(); ++n)
    for (std::size_t i = 1; i < g.size(); ++i) g[i] += slope.at(n, i);
  const double largest = std::abs(*std::ranges::max_element(g, {}, [](double v) { return std::abs(v); }));
  const double k = nudge_size(experiment, peak_source_current(experiment, run.source_currents), largest);
  const auto points = experiment.bench().rule.points;
  std::vector<double> by_slot(slots.size(), 0.0);
  for (std::size_t j = 0; j < points; ++j) {
    const auto turn = std::polar(1.0, 2 * std::numbers::pi * static_cast<double>(j) / static_cast<double>(points));
    const auto contrast = point.potential_contrast(point.solve(g, k * turn));
    for (std::size_t s = 0; s < slots.size(); ++s) by_slot[s] += (std::conj(turn) * contrast[s]).real() / (static_cast<double>(points) * k);
  }
  return {.estimate = {.loss = data.loss.value(waves), .gradient = by_parameter(experiment, slots, by_slot)}, .path = std::nullopt};
}

}  // namespace

EmulatedEstimate estimate_in_emulator(const Experiment& experiment, Rule rule, std::span<const double> trained) {
  const auto& settings = experiment.bench().rule;
  switch (rule) {
    case Rule::adjoint: return {.estimate = experiment.exact(trained), .path = std::nullopt};
    case Rule::action_nudge: return nudge_action(experiment, trained);
    case Rule::equilibrium: return nudge_holomorphically(experiment, trained);
    default:
      throw InputError(settings.name_where, "[rule] sides",
                       fmt::format("only a settled fixed point is nudged by complex amplitudes: expected equilibrium, got {}", name_of(rule)));
  }
}

}  // namespace tellegen
