#include "runtime/plant/direct_plant.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "hw_models/solver/operating_point.hpp"
#include "hw_models/synapse/array_step.hpp"

namespace tellegen {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

TimeGrid with_spare_steps(TimeGrid grid, std::size_t more) {
  grid.steps += more;
  return grid;
}

std::vector<std::int32_t> cells_of(const PlantSetup& setup) {
  std::vector<std::int32_t> trained;
  for (const auto& learning : setup.learning) trained.push_back(learning.parameter);
  return branches_with_cells(*setup.circuit, trained);
}

}  // namespace

DirectPlant::DirectPlant(const PlantSetup& setup)
    : circuit_(setup.circuit), probes_(setup.probes), learning_(setup.learning), slots_(setup.slots), device_factors_(setup.device_factors),
      engine_(setup.circuit, with_spare_steps(setup.grid, std::max<std::size_t>(1, setup.tail)), setup.probes),
      tile_(*setup.circuit, cells_of(setup), slots_, setup.grid, setup.grid.steps),
      cell_of_branch_(setup.circuit->branches().size(), -1), grid_(setup.grid), dc_sources_(setup.dc_sources) {
  for (std::size_t cell = 0; const auto branch : cells_of(setup)) cell_of_branch_[branch] = static_cast<std::int32_t>(cell++);
  for (const auto& learning : learning_) {
    const auto& parameter = circuit_->parameters()[learning.parameter];
    slot_of(learning) = {.value = circuit_->parameter_value(parameter, slots_), .rate = learning.rate, .minimum = learning.minimum,
                         .maximum = learning.maximum, .decay = learning.decay, .view = parameter.view};
  }
}

LearningSlot& DirectPlant::slot_of(const LearningSetup& learning) const {
  const auto& parameter = circuit_->parameters()[learning.parameter];
  const auto first = circuit_->branches()[parameter.branch].first_slot;
  return tile_.places()[cell_of_branch_[parameter.branch]].slot(static_cast<std::size_t>(parameter.slot - first));
}

void DirectPlant::load_parameters() {
  for (const auto& cells : tile_.arrays()) cells.put_law_parameters(slots_);
  built_ = slots_;
  for (std::size_t i = 0; i < device_factors_.size(); ++i) built_[i] *= device_factors_[i];
  engine_.set_slots(built_);
}

void DirectPlant::run(const PhaseProgram& program) {
  const auto& wiring = program.wiring();
  for (auto& cells : tile_.arrays()) {
    cells.configure(wiring.reading);
    cells.begin_presentation();
  }
  load_parameters();
  // As on the chip: a program takes effect as a whole, or accumulators are as they were before it.
  try {
    carry_out(program);
  } catch (...) {
    for (auto& cells : tile_.arrays()) cells.undo_presentation();
    throw;
  }
  for (auto& cells : tile_.arrays()) cells.keep_presentation();
}

void DirectPlant::carry_out(const PhaseProgram& program) {
  const auto& wiring = program.wiring();
  for (const auto& step : program.steps())
    std::visit(Overloaded{[&](const phases::Clamped& s) { s.record.fulfil(clamped(wiring, s.stimulus)); },
                          [&](const phases::Turn& s) { s.nudge.fulfil(s.decide()); },
                          [&](const phases::Nudged& s) { nudged(wiring, s); },
                          [&](const phases::Accumulate& s) {
                            const auto& nudge = s.nudge.get();
                            for (auto& cells : tile_.arrays()) cells.accumulate(nudge.gain_plus, nudge.gain_minus);
                          },
                          [&](const phases::Update&) {
                            for (auto& cells : tile_.arrays()) cells.update();
                            load_parameters();
                          }},
               step);
}

ReferenceState DirectPlant::start_state() const {
  if (dc_sources_.empty()) return {};
  return find_operating_point(*circuit_, {.sources = dc_sources_, .slots = built_, .first_guess = {}, .held = {}}).state;
}

ClampedRecord DirectPlant::clamped(const NudgeWiring& wiring, const Table& stimulus) {
  const auto steps = grid_.steps;
  ClampedRecord record{.probes = Table(steps, probes_.size())};
  clamped_voltages_ = Table(steps, static_cast<std::size_t>(circuit_->unknown_count()));
  stimulus_ = stimulus;
  start_ = start_state();
  for (auto& cells : tile_.arrays()) begin_record(cells, *circuit_, start_);
  engine_.begin(forward_network, start_);
  for (std::size_t n = 0; n < steps; ++n) {
    require_converged(engine_.step({.sources = stimulus.row(n), .injected = {}, .bias = {}}), engine_);
    const auto x = engine_.unknowns();
    std::ranges::copy(x, clamped_voltages_.row(n).begin());
    for (std::size_t p = 0; p < probes_.size(); ++p) record.probes.at(n, p) = x[probes_[p].p] - x[probes_[p].n];
    record.peak_source_current = std::max(record.peak_source_current, peak_source_current(engine_));
    for (auto& cells : tile_.arrays()) {
      tellegen::record(cells, engine_, start_, n);
      detect(cells, engine_, start_, n, steps);
    }
  }
  if (wiring.kind != NudgeKind::reversal) return record;
  // The nudge's first step has to meet the last sample of the loss: the run coasts one step past its end.
  require_converged(engine_.step({.sources = stimulus.row(steps - 1), .injected = {}, .bias = {}}), engine_);
  end_state_ = engine_.save();
  return record;
}

void DirectPlant::begin_nudged(const NudgeWiring& wiring) {
  switch (wiring.kind) {
    case NudgeKind::echo: return engine_.begin({.ports_swapped = wiring.swap_ports, .deviation = true});
    case NudgeKind::forward: return engine_.begin(forward_network, start_);
    case NudgeKind::reversal: return engine_.begin_reversed(end_state_, {.loss_flipped = wiring.flip_loss});
  }
}

void DirectPlant::nudged(const NudgeWiring& wiring, const phases::Nudged& phase) {
  const auto& nudge = phase.nudge.get();
  const bool is_minus = phase.side == Side::minus, own_minus = is_minus && nudge.drive_minus.rows() > 0;
  const auto& drive = own_minus ? nudge.drive_minus : nudge.drive;
  const double sign = is_minus && !own_minus ? -1 : 1;
  const bool is_echo = wiring.kind == NudgeKind::echo, reverses = wiring.kind != NudgeKind::forward;
  const auto steps = grid_.steps, all_steps = steps + (is_echo ? wiring.tail : 0);
  std::vector<double> injected(static_cast<std::size_t>(circuit_->unknown_count())), bias(circuit_->branches().size(), 0.0),
      states(static_cast<std::size_t>(circuit_->state_count()), 0.0), stimulus(circuit_->sources().size(), 0.0),
      held(probes_.size());
  for (auto& cells : tile_.arrays()) cells.begin_echo(phase.side);
  begin_nudged(wiring);
  for (std::size_t m = 0; m < all_steps; ++m) {
    const auto met = static_cast<std::ptrdiff_t>(reverses ? steps - 1 - m : m);  // negative in the tail
    std::ranges::fill(injected, 0.0);
    for (std::size_t p = 0; p < probes_.size() && m < steps; ++p) {
      held[p] = drive.at(m, p);
      if (wiring.clamp_outputs) continue;
      injected[probes_[p].p] += sign * drive.at(m, p);
      injected[probes_[p].n] -= sign * drive.at(m, p);
    }
    for (const auto& cells : tile_.arrays()) replay(cells, *circuit_, met, wiring.replay_bias, bias, states);
    if (!is_echo) std::ranges::copy(stimulus_.row(static_cast<std::size_t>(met)), stimulus.begin());
    if (wiring.kind == NudgeKind::reversal) reverse_sources(*circuit_, stimulus);
    StepDrive step{.sources = is_echo ? std::span<const double>{} : stimulus, .injected = injected,
                   .bias = is_echo ? std::span<const double>(bias) : std::span<const double>{}};
    if (is_echo) step.states = states, step.time = grid_.time(static_cast<std::size_t>(std::max<std::ptrdiff_t>(met + 1, 0)));
    if (wiring.clamp_outputs) step.clamped = held;
    require_converged(engine_.step(step), engine_);
    for (auto& cells : tile_.arrays()) correlate(cells, engine_, start_, wiring.kind, met, m, all_steps);
  }
  std::vector<double> currents;
  for (std::size_t p = 0; p < probes_.size(); ++p) currents.push_back(engine_.clamp_current(p));
  phase.clamp_currents.fulfil(std::move(currents));
}

std::vector<std::vector<double>> DirectPlant::trace_peaks() const {
  std::vector<std::vector<double>> peaks;
  for (const auto& [array, cell] : tile_.places()) {
    const std::size_t words = array->state_words();
    auto& own = peaks.emplace_back(1 + words, 0.0);
    for (std::size_t tick = 0; tick < array->depth(); ++tick) {
      own[0] = std::max(own[0], std::abs(array->trace(tick)[cell]));
      for (std::size_t s = 0; s < words; ++s) own[1 + s] = std::max(own[1 + s], std::abs(array->state_trace(tick)[cell * words + s]));
    }
  }
  return peaks;
}

std::vector<std::vector<double>> DirectPlant::readout_sizes() const {
  std::map<const CellArray*, std::vector<double>> by_array;
  for (const auto& array : tile_.arrays())
    for (std::size_t s = 0; s < array.slot_count(); ++s) {
      double squares = 0;
      for (std::size_t k = 0; k < array.width(); ++k) squares += array.correlator(k, s, Side::plus) * array.correlator(k, s, Side::plus);
      by_array[&array].push_back(std::sqrt(squares / static_cast<double>(array.width())));
    }
  std::vector<std::vector<double>> sizes;
  for (const auto& place : tile_.places()) sizes.push_back(by_array[place.array]);
  return sizes;
}

std::vector<double> DirectPlant::gradient() {
  std::vector<double> gradient;
  for (const auto& learning : learning_) gradient.push_back(slot_of(learning).accumulator);
  return gradient;
}

std::vector<double> DirectPlant::parameters() {
  std::vector<double> values;
  for (const auto& learning : learning_) values.push_back(slot_of(learning).value);
  return values;
}

void DirectPlant::set_parameters(std::span<const double> values) {
  for (std::size_t i = 0; i < learning_.size(); ++i) slot_of(learning_[i]).value = values[i];
  load_parameters();
}

}  // namespace tellegen
