#include "runtime/training/experiment.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "hw_models/nonideal/devices.hpp"
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

Table probe_values(const Table& unknowns, const std::vector<Port>& probes) {
  Table out(unknowns.rows(), probes.size());
  for (std::size_t n = 0; n < unknowns.rows(); ++n)
    for (std::size_t p = 0; p < probes.size(); ++p) out.at(n, p) = unknowns.at(n, probes[p].p) - unknowns.at(n, probes[p].n);
  return out;
}

void request_losses(const BenchData& data, std::string_view key, std::vector<ProbeRequest>& requests) {
  for (const auto& loss : data.losses)
    for (const auto& probe : loss.probes) requests.push_back({probe, loss.probe_where, std::string(key)});
}

}  // namespace

std::vector<ProbeRequest> probes_requested(const Bench& bench) {
  std::vector<ProbeRequest> requests;
  request_losses(bench.data, "[[loss]] probe", requests);
  if (bench.held_out) request_losses(*bench.held_out, "[[held_out.loss]] probe", requests);
  for (const auto& wave : bench.report.waves) requests.push_back({wave.text, wave.where, "[report] waves"});
  return requests;
}

Experiment::Experiment(Bench bench) : bench_(std::move(bench)), deck_(read_deck(bench_.deck, probes_requested(bench_), bench_.chip.nonideal.parasitics)) {
  circuit_ = std::make_shared<const Circuit>(deck_.circuit);
  if (const auto& chip = bench_.chip.nonideal; chip.element_mismatch > 0)
    device_factors_ = tellegen::device_factors(*circuit_, chip.element_mismatch, RandomSource(chip.seed), RandomUse::element_mismatch, 0);
  trained_ = trained_parameters(bench_.train, *circuit_);
  resolve_trained_sources();
  for (const auto& input : bench_.data.inputs) {
    const auto source = circuit_->find_source(input.source);
    if (source < 0) throw InputError(input.where, "[[input]] source", fmt::format("the deck has no source \"{}\"", input.source));
    if (!input.samples.empty()) driven_.push_back(source);
  }
  resolve_probes();
  for (const auto& wave : bench_.report.waves) waves_.push_back(resolve_probe(*circuit_, {wave.text, wave.where, "[report] waves"}));
  data_.emplace(resolve(bench_.data));
  if (bench_.held_out) held_out_.emplace(resolve(*bench_.held_out));
  engine_.emplace(circuit_, bench_.grid);
  plan_gradient();
}

/// The planned engine repays its plan on circuits that are not small; where the bench limits memory, nothing else will do.
void Experiment::plan_gradient() {
  constexpr NodeIndex least_unknowns = 64;
  if (!bench_.memory && (circuit_->unknown_count() < least_unknowns || bench_.start == RunStart::dc)) return;
  const auto refuse = [&](const std::string& why) { throw InputError(bench_.memory_where, "[time] memory", "cannot be limited here: " + why); };
  if (bench_.start == RunStart::dc) refuse("the run starts from its operating point");
  std::vector<std::int32_t> slots;
  for (std::size_t i = 0; i < trained_.indices.size(); ++i) slots.push_back(parameter(i).branch < 0 ? -1 : parameter(i).slot);
  auto driven = driven_;
  driven.insert(driven.end(), trained_sources_.begin(), trained_sources_.end());
  constexpr std::size_t usual_memory = std::size_t{1} << 30;
  auto made = PlannedGradient::make(circuit_, grid(), probes_, std::move(driven), slots, bench_.memory.value_or(usual_memory));
  if (auto* planned = std::get_if<PlannedGradient>(&made))
    planned_.emplace(std::move(*planned));
  else if (bench_.memory)
    refuse(std::get<std::string>(made));
}

void Experiment::resolve_probes() {
  std::vector<ProbeRequest> requests;
  request_losses(bench_.data, "[[loss]] probe", requests);
  probe_names_ = probes_of(bench_.data);
  for (const auto& name : probe_names_) {
    const auto probe = resolve_probe(*circuit_, *std::ranges::find(requests, name, &ProbeRequest::text));
    probes_.push_back(probe.port);
    probe_units_.push_back(probe.unit);
  }
  if (!bench_.held_out) return;
  for (const auto& loss : bench_.held_out->losses)
    for (const auto& probe : loss.probes)
      if (std::ranges::find(probe_names_, probe) == probe_names_.end())
        throw InputError(loss.where, "[[held_out.loss]] probe", fmt::format("\"{}\" is no probe of the training losses", probe));
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
  auto terms = tellegen::loss_terms(data, probe_names_, probe_units_, grid());
  std::vector<std::vector<double>> target(probes_.size());
  for (const auto& term : terms)
    if (term.probes.size() == 1 && !term.target.empty()) target[term.probes[0]] = term.target;
  return {std::move(stimulus), std::move(initial), Loss(std::move(terms), grid()), std::move(target)};
}

PlantSetup Experiment::plant_setup() const {
  require_cells();
  PlantSetup setup{.circuit = circuit_, .grid = grid(), .probes = probes_, .learning = {},
                   .slots = {circuit_->initial_slots().begin(), circuit_->initial_slots().end()}};
  if (bench_.start == RunStart::dc) setup.dc_sources = data_->initial;
  setup.tail = tail_steps();
  setup.device_factors = device_factors_;
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

std::vector<double> Experiment::designed_slots(std::span<const double> trained) const {
  std::vector<double> slots(circuit_->initial_slots().begin(), circuit_->initial_slots().end());
  for (std::size_t i = 0; i < trained.size(); ++i) circuit_->set_parameter(parameter(i), trained[i], slots);
  return slots;
}

std::vector<double> Experiment::slots_with(std::span<const double> trained) const {
  auto slots = designed_slots(trained);
  for (std::size_t i = 0; i < device_factors_.size(); ++i) slots[i] *= device_factors_[i];
  return slots;
}

ReferenceState Experiment::start_state(const DataSet& data, const std::vector<double>& slots) const {
  if (bench_.start == RunStart::rest) return {};
  auto initial = data.initial;
  for (const auto source : trained_sources_) initial[source] = slots[circuit_->sources()[source].dc_slot];
  return find_operating_point(*circuit_, {.sources = initial, .slots = slots, .first_guess = {}, .held = {}}).state;
}

Table Experiment::stimulus(const DataSet& data, const std::vector<double>& slots) const {
  auto stimulus = data.stimulus;
  for (const auto source : trained_sources_)
    for (std::size_t n = 0; n < stimulus.rows(); ++n) stimulus.at(n, static_cast<std::size_t>(source)) = slots[circuit_->sources()[source].dc_slot];
  return stimulus;
}

/// A source that is trained holds its level; the bench cannot drive it too.
void Experiment::resolve_trained_sources() {
  for (std::size_t i = 0; i < trained_.indices.size(); ++i) {
    if (parameter(i).branch >= 0) continue;
    const auto source = circuit_->find_source(parameter(i).name.substr(0, parameter(i).name.rfind('.')));
    for (const auto* data : {&bench_.data, bench_.held_out ? &*bench_.held_out : &bench_.data})
      for (const auto& input : data->inputs)
        if (circuit_->find_source(input.source) == source && !input.samples.empty())
          throw InputError(input.where, "[[input]] source", fmt::format("\"{}\" is trained as {}; expected no samples for it", input.source, parameter(i).name));
    trained_sources_.push_back(source);
  }
}

Trajectory Experiment::forward(const DataSet& data, std::span<const double> trained) const {
  const auto slots = slots_with(trained);
  engine_->set_slots(slots);
  return run_forward(*engine_, stimulus(data, slots), start_state(data, slots));
}

Table Experiment::outputs(const DataSet& data, std::span<const double> trained) const {
  return probe_values(forward(data, trained).voltages, probes_);
}

std::vector<double> Experiment::loss_terms(const DataSet& data, std::span<const double> trained) const {
  return data.loss.term_values(columns_of(outputs(data, trained)));
}

bool Experiment::is_squared_error() const {
  const auto is_squared = [&](const BenchData& data) {
    return std::ranges::all_of(data.losses, [](const BenchLoss& loss) {
      return loss.term.kind == LossKind::mse || loss.term.kind == LossKind::final_mse;
    });
  };
  return is_squared(bench_.data) && (!bench_.held_out || is_squared(*bench_.held_out)) &&
         std::ranges::all_of(probe_units_, [&](const std::string& unit) { return unit == probe_units_[0]; });
}

double Experiment::rms_error(const DataSet& data, std::span<const double> trained) const {
  // Terms may differ in their targets on one probe, so a constant error of one unit is put to each of them alone.
  return std::sqrt(loss(data, trained) / data.loss.value_of_unit_error());
}

double Experiment::loss(const DataSet& data, std::span<const double> trained) const { return data.loss.value(columns_of(outputs(data, trained))); }

GradientResult Experiment::exact(std::span<const double> trained) const {
  const auto slots = slots_with(trained), designed = designed_slots(trained);
  const auto in_parameters = [&](double loss, std::span<const double> by_built_slot) {
    GradientResult result{.loss = loss, .gradient = {}};
    std::vector<double> by_slot(by_built_slot.begin(), by_built_slot.end());
    for (std::size_t i = 0; i < device_factors_.size(); ++i) by_slot[i] *= device_factors_[i];
    for (std::size_t i = 0; i < trained.size(); ++i) result.gradient.push_back(circuit_->parameter_slope(parameter(i), designed, by_slot));
    return result;
  };
  if (planned_) {
    try {
      const auto [loss, by_slot] = planned_->run(slots, stimulus(*data_, slots), data_->loss);
      return in_parameters(loss, by_slot);
    } catch (const ConvergenceError&) {
      if (bench_.memory) throw;  // otherwise the general engine takes more care, and more memory
    }
  }
  engine_->set_slots(slots);
  const auto start = start_state(*data_, slots);
  const auto run = run_forward(*engine_, stimulus(*data_, slots), start);
  const auto y = columns_of(probe_values(run.voltages, probes_));
  std::vector<std::vector<double>> slope;
  data_->loss.slope(y, slope);
  Table unknown_slope(grid().steps, static_cast<std::size_t>(circuit_->unknown_count()));
  for (std::size_t n = 0; n < grid().steps; ++n)
    for (std::size_t p = 0; p < probes_.size(); ++p) {
      unknown_slope.at(n, probes_[p].p) += slope[p][n];
      unknown_slope.at(n, probes_[p].n) -= slope[p][n];
    }
  const auto by_slot = adjoint_gradient(*engine_, run, unknown_slope, bench_.start == RunStart::dc ? &start : nullptr);
  return in_parameters(data_->loss.value(y), by_slot);
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

void Experiment::require_applicable(Rule rule) const {
  for (std::size_t p = 0; rule == Rule::action_nudge && p < probes_.size(); ++p)
    if (probe_units_[p] != "V")
      throw InputError(bench_.rule.name_where, "[rule] name", fmt::format("action_nudge reads node voltages of its path; {} is none", probe_names_[p]));
  const auto judged = classify(*circuit_, rule, rule_options());
  if (judged.verdict == Verdict::not_applicable)
    throw InputError(bench_.rule.name_where, "[rule] name", fmt::format("{} does not apply here: {}", name_of(rule), judged.reason));
  if (rule != Rule::coupled) return;
  for (std::size_t p = 0; p < probes_.size(); ++p)
    if (probe_units_[p] != "V")
      throw InputError(bench_.rule.name_where, "[rule] name", fmt::format("coupled holds voltages; {} is none", probe_names_[p]));
}

/// A parameter of a transformer acts in two branches, which no cell sees at once.
void Experiment::require_cells() const {
  for (std::size_t i = 0; i < trained_.indices.size(); ++i)
    if (parameter(i).branch < 0)
      throw InputError(bench_.train.parameters.front().where, "[train] parameters",
                       fmt::format("{} is the level of a source, which has no cell; expected rule = \"adjoint\", or patterns without it", parameter(i).name));
  for (std::size_t i = 0; i < trained_.indices.size(); ++i)
    for (const auto& coupling : circuit_->couplings())
      if (const auto slot = parameter(i).slot; slot == coupling.k_slot || slot == coupling.l1_slot || slot == coupling.l2_slot)
        throw InputError(bench_.train.parameters.front().where, "[train] parameters",
                         fmt::format("{} acts in two windings at once, so no cell can measure its gradient; expected rule = \"adjoint\", or patterns without it",
                                     parameter(i).name));
}

GradientResult Experiment::estimate(Rule rule) const {
  require_applicable(rule);
  if (runs_in_emulator_only(rule, bench_.rule.sides)) return estimate_in_emulator(*this, rule, trained_.initial).estimate;
  DirectPlant plant(plant_setup());
  return estimate(plant, rule);
}

GradientResult Experiment::reference(Rule rule) const {
  if (rule == Rule::action_nudge) {
    const auto emulated = estimate_in_emulator(*this, rule, trained_.initial);
    if (!emulated.path->has_fractional_term) return {.loss = emulated.estimate.loss, .gradient = emulated.path->gradient};
  }
  return exact(trained_.initial);
}

GradientResult Experiment::estimate(Plant& plant, Rule rule) const {
  require_applicable(rule);
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
