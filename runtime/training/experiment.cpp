#include "runtime/training/experiment.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "runtime/training/emulator_rules.hpp"

namespace tellegen {
namespace {

/// Relative change of a parameter in central differences: the cube root of round-off, near where both errors are least.
constexpr double difference_step = 1e-5;

std::vector<std::vector<double>> columns_of(const Table& table) {
  std::vector<std::vector<double>> columns;
  for (std::size_t c = 0; c < table.columns(); ++c) columns.push_back(table.column(c));
  return columns;
}

/// Probe waveforms as the loss counts them: whole clock cycles inside the grid.
std::vector<std::vector<double>> seen_by_controller(const Table& probes, std::size_t steps, std::size_t steps_per_tick) {
  auto columns = columns_of(probes);
  for (auto& column : columns) column.resize(steps / steps_per_tick);
  return columns;
}

Table probe_voltages(const Table& voltages, const std::vector<Port>& probes) {
  Table out(voltages.rows(), probes.size());
  for (std::size_t n = 0; n < voltages.rows(); ++n)
    for (std::size_t p = 0; p < probes.size(); ++p) out.at(n, p) = voltages.at(n, probes[p].p) - voltages.at(n, probes[p].n);
  return out;
}

}  // namespace

Port resolve_probe(const Circuit& circuit, std::string_view text, const SourceLocation& where, std::string_view subject) {
  if (!text.starts_with("v(") || !text.ends_with(")"))
    throw InputError(where, subject, fmt::format("\"{}\" is not a voltage; a probe is written v(node) or v(node,node)", text));
  const auto inside = text.substr(2, text.size() - 3);
  const auto comma = inside.find(',');
  const auto node = [&](std::string_view name) {
    const auto index = circuit.find_node(name);
    if (index < 0) throw InputError(where, subject, fmt::format("\"{}\": the deck has no node \"{}\"", text, name));
    return index;
  };
  if (comma == std::string_view::npos) return {node(inside), ground};
  return {node(inside.substr(0, comma)), node(inside.substr(comma + 1))};
}

Experiment::Experiment(Bench bench) : bench_(std::move(bench)), deck_(read_deck(bench_.deck)) {
  circuit_ = std::make_shared<const Circuit>(deck_.circuit);
  trained_ = trained_parameters(bench_.train, *circuit_);
  for (const auto& input : bench_.data.inputs) {
    const auto source = circuit_->find_source(input.source);
    if (source < 0) throw InputError(input.where, "[[input]] source", fmt::format("the deck has no source \"{}\"", input.source));
    if (!input.samples.empty()) driven_.push_back(source);
  }
  resolve_probes();
  for (const auto& wave : bench_.report.waves) waves_.push_back(resolve_probe(*circuit_, wave.text, wave.where, "[report] waves"));
  data_.emplace(resolve(bench_.data));
  if (bench_.held_out) held_out_.emplace(resolve(*bench_.held_out));
  engine_.emplace(circuit_, bench_.grid);
}

void Experiment::resolve_probes() {
  probe_names_ = probes_of(bench_.data);
  for (const auto& name : probe_names_) {
    const auto loss = std::ranges::find(bench_.data.losses, name, &BenchLoss::probe);
    probes_.push_back(resolve_probe(*circuit_, name, loss->where, "[[loss]] probe"));
  }
  if (!bench_.held_out) return;
  for (const auto& loss : bench_.held_out->losses)
    if (std::ranges::find(probe_names_, loss.probe) == probe_names_.end())
      throw InputError(loss.where, "[[held_out.loss]] probe", fmt::format("\"{}\" is no probe of the training losses", loss.probe));
}

DataSet Experiment::resolve(const BenchData& data) const {
  const auto sources = circuit_->sources();
  Table stimulus(grid().steps, sources.size());
  for (std::size_t n = 0; n < grid().steps; ++n)
    for (std::size_t s = 0; s < sources.size(); ++s) stimulus.at(n, s) = sources[s].waveform.at(grid().time(n + 1));
  std::vector<double> initial;
  for (const auto& source : sources) initial.push_back(source.waveform.at(0));
  for (const auto& input : data.inputs) {
    const auto source = circuit_->find_source(input.source);
    if (source < 0) throw InputError(input.where, "source", fmt::format("the deck has no source \"{}\"", input.source));
    if (sources[source].is_constraint)
      throw InputError(input.where, "source", fmt::format("\"{}\" is a controlled element, not an independent source", input.source));
    if (input.initial) initial[source] = *input.initial;
    if (input.samples.empty()) continue;
    for (std::size_t n = 0; n < grid().steps; ++n) stimulus.at(n, static_cast<std::size_t>(source)) = input.samples[n];
  }
  // Held-out probes may come in another order; their terms are told by name.
  std::vector<LossTerm> terms;
  std::vector<std::vector<double>> target(probes_.size(), std::vector<double>(grid().steps, 0.0));
  for (const auto& loss : data.losses) {
    auto term = loss.term;
    term.probe = static_cast<std::size_t>(std::ranges::find(probe_names_, loss.probe) - probe_names_.begin());
    target[term.probe] = term.target;
    target[term.probe].resize(grid().steps, term.target.back());
    terms.push_back(std::move(term));
  }
  return {std::move(stimulus), std::move(initial), Loss(std::move(terms), grid()), std::move(target)};
}

PlantSetup Experiment::plant_setup() const {
  PlantSetup setup{.circuit = circuit_, .grid = grid(), .probes = probes_, .learning = {},
                   .slots = {circuit_->initial_slots().begin(), circuit_->initial_slots().end()}};
  if (bench_.start == RunStart::dc) setup.dc_sources = data_->initial;
  setup.tail = tail_steps();
  const auto& optimizer = bench_.train.optimizer;
  for (std::size_t i = 0; i < trained_.indices.size(); ++i) {
    const double scale = optimizer.scaling == RateScaling::value ? trained_.initial[i] * trained_.initial[i] : 1.0;
    setup.learning.push_back({.parameter = static_cast<std::int32_t>(trained_.indices[i]), .rate = optimizer.rate * scale,
                              .minimum = trained_.bounds[i].low, .maximum = trained_.bounds[i].high,
                              .decay = optimizer.kind == OptimizerKind::momentum ? optimizer.momentum : 0.0});
  }
  return setup;
}

RuleOptions Experiment::rule_options() const { return rule_options_of(bench_); }
std::size_t Experiment::tail_steps() const { return tail_steps_of(bench_); }

CycleOptions Experiment::cycle_options(std::size_t steps_per_tick) const {
  const auto& rule = bench_.rule;
  const auto ticks = [&](std::size_t steps) { return (steps + steps_per_tick - 1) / steps_per_tick; };
  CycleOptions options{.beta = rule.beta, .beta_where = rule.beta_where, .rule_where = rule.name_where, .sides = rule.sides,
                       .ports_swapped = rule_options().ports_swapped, .tail = ticks(tail_steps())};
  if (rule.period) options.period = ticks(static_cast<std::size_t>(std::llround(*rule.period / grid().step)));
  options.damping = uniform_damping(*circuit_, circuit_->initial_slots()).value_or(0);
  return options;
}

ErrorFunction Experiment::error_function(std::size_t ticks, std::size_t steps_per_tick) const {
  return [this, ticks, steps_per_tick](const Table& probes) {
    std::vector<std::vector<double>> slope;
    data_->loss.slope_at_stride(seen_by_controller(probes, grid().steps, steps_per_tick), steps_per_tick, slope);
    // A last clock cycle that reaches past the grid has no error of its own.
    Table error(ticks, slope.size());
    for (std::size_t p = 0; p < slope.size(); ++p)
      for (std::size_t k = 0; k < std::min(ticks, slope[p].size()); ++k) error.at(k, p) = slope[p][k];
    return error;
  };
}

std::vector<double> Experiment::slots_with(std::span<const double> trained) const {
  std::vector<double> slots(circuit_->initial_slots().begin(), circuit_->initial_slots().end());
  for (std::size_t i = 0; i < trained.size(); ++i) circuit_->set_parameter(parameter(i), trained[i], slots);
  return slots;
}

ReferenceState Experiment::start_state(const DataSet& data, const std::vector<double>& slots) const {
  if (bench_.start == RunStart::rest) return {};
  return find_operating_point(*circuit_, {.sources = data.initial, .slots = slots, .first_guess = {}, .held = {}}).state;
}

Trajectory Experiment::forward(const DataSet& data, std::span<const double> trained) const {
  const auto slots = slots_with(trained);
  engine_->set_slots(slots);
  return run_forward(*engine_, data.stimulus, start_state(data, slots));
}

Table Experiment::outputs(const DataSet& data, std::span<const double> trained) const {
  return probe_voltages(forward(data, trained).voltages, probes_);
}

double Experiment::rms_error(const DataSet& data, std::span<const double> trained) const {
  auto off_by_one_volt = data.target;
  for (auto& wave : off_by_one_volt)
    for (double& v : wave) v += 1;
  return std::sqrt(loss(data, trained) / data.loss.value(off_by_one_volt));
}

double Experiment::loss(const DataSet& data, std::span<const double> trained) const { return data.loss.value(columns_of(outputs(data, trained))); }

GradientResult Experiment::exact(std::span<const double> trained) const {
  const auto slots = slots_with(trained);
  engine_->set_slots(slots);
  const auto start = start_state(*data_, slots);
  const auto run = run_forward(*engine_, data_->stimulus, start);
  const auto y = columns_of(probe_voltages(run.voltages, probes_));
  std::vector<std::vector<double>> slope;
  data_->loss.slope(y, slope);
  Table voltage_slope(grid().steps, static_cast<std::size_t>(circuit_->unknown_count()));
  for (std::size_t n = 0; n < grid().steps; ++n)
    for (std::size_t p = 0; p < probes_.size(); ++p) {
      voltage_slope.at(n, probes_[p].p) += slope[p][n];
      voltage_slope.at(n, probes_[p].n) -= slope[p][n];
    }
  const auto by_slot = adjoint_gradient(*engine_, run, voltage_slope, bench_.start == RunStart::dc ? &start : nullptr);
  GradientResult result{.loss = data_->loss.value(y), .gradient = {}};
  for (std::size_t i = 0; i < trained.size(); ++i) result.gradient.push_back(circuit_->parameter_slope(parameter(i), slots, by_slot));
  return result;
}

std::vector<double> Experiment::finite_difference(std::span<const double> trained) const {
  std::vector<double> values(trained.begin(), trained.end()), gradient;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double change = difference_step * (trained[i] != 0 ? std::abs(trained[i]) : 1.0);
    values[i] = trained[i] + change;
    const double above = loss(*data_, values);
    values[i] = trained[i] - change;
    const double below = loss(*data_, values);
    values[i] = trained[i];
    gradient.push_back((above - below) / (2 * change));
  }
  return gradient;
}

GradientResult Experiment::estimate(Plant& plant, Rule rule) const {
  if (runs_in_emulator_only(rule, bench_.rule.sides)) return estimate_in_emulator(*this, rule, trained_.initial).estimate;
  const auto cycle = make_cycle(plant, *circuit_, grid(), rule, cycle_options(plant.steps_per_tick()), data_->stimulus,
                                     error_function(plant.ticks(), plant.steps_per_tick()), false);
  plant.run(cycle.program);
  return {.loss = controller_loss(cycle.record.get().probes, plant.steps_per_tick()), .gradient = plant.gradient()};
}

double Experiment::controller_loss(const Table& probes, std::size_t steps_per_tick) const {
  return data_->loss.value_at_stride(seen_by_controller(probes, grid().steps, steps_per_tick), steps_per_tick);
}

Agreement Experiment::compare(std::span<const double> estimate, std::span<const double> exact, std::span<const double> trained) const {
  double difference = 0, product = 0, estimate_size = 0, exact_size = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const double weight = trained[i] != 0 ? trained[i] : 1.0;
    const double a = estimate[i] * weight, b = exact[i] * weight;
    difference += (a - b) * (a - b);
    product += a * b;
    estimate_size += a * a;
    exact_size += b * b;
  }
  const double sizes = std::sqrt(estimate_size) * std::sqrt(exact_size);
  if (sizes == 0) return {.cosine = difference == 0 ? 1.0 : 0.0, .relative_error = difference == 0 ? 0.0 : HUGE_VAL};
  return {.cosine = product / sizes, .relative_error = std::sqrt(difference / exact_size)};
}

}  // namespace tellegen
