#include "runtime/plant/direct_plant.hpp"

#include <algorithm>
#include <cmath>

namespace tellegen {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace

DirectPlant::DirectPlant(const PlantSetup& setup)
    : circuit_(setup.circuit), probes_(setup.probes), learning_(setup.learning), slots_(setup.slots), engine_(setup.circuit, setup.grid),
      cell_of_branch_(setup.circuit->branches().size(), -1) {
  std::vector<std::int32_t> trained;
  for (const auto& learning : learning_) trained.push_back(learning.parameter);
  for (const auto branch : branches_with_cells(*circuit_, trained)) {
    cell_of_branch_[branch] = static_cast<std::int32_t>(cells_.size());
    cells_.emplace_back(circuit_->branches()[branch], branch, slots_, setup.grid, setup.grid.steps);
  }
  for (const auto& learning : learning_) {
    const auto& parameter = circuit_->parameters()[learning.parameter];
    slot_of(learning) = {.value = circuit_->parameter_value(parameter, slots_), .rate = learning.rate, .minimum = learning.minimum,
                         .maximum = learning.maximum, .decay = learning.decay, .view = parameter.view};
  }
}

LearningSlot& DirectPlant::slot_of(const LearningSetup& learning) {
  const auto& parameter = circuit_->parameters()[learning.parameter];
  const auto first = circuit_->branches()[parameter.branch].first_slot;
  return cells_[cell_of_branch_[parameter.branch]].slot(static_cast<std::size_t>(parameter.slot - first));
}

void DirectPlant::load_parameters() {
  for (const auto& cell : cells_)
    for (std::size_t s = 0; s < cell.slot_count(); ++s) slots_[cell.first_law_slot() + s] = cell.law_parameter(s);
  engine_.set_slots(slots_);
}

void DirectPlant::run(const PhaseProgram& program) {
  const auto& wiring = program.wiring();
  for (auto& cell : cells_) {
    cell.configure(wiring.reading);
    cell.begin_presentation();
  }
  load_parameters();
  for (const auto& step : program.steps())
    std::visit(Overloaded{[&](const phases::Clamped& s) { s.record.fulfil(clamped(s.stimulus)); },
                          [&](const phases::Turn& s) { s.nudge.fulfil(s.decide()); },
                          [&](const phases::Nudged& s) { nudged(wiring, s.nudge.get(), s.side); },
                          [&](const phases::Accumulate& s) {
                            for (auto& cell : cells_) cell.accumulate(s.nudge.get().gain_plus, s.nudge.get().gain_minus);
                          },
                          [&](const phases::Update&) {
                            for (auto& cell : cells_) cell.update();
                            load_parameters();
                          }},
               step);
}

ClampedRecord DirectPlant::clamped(const Table& stimulus) {
  const auto steps = engine_.grid().steps;
  ClampedRecord record{.probes = Table(steps, probes_.size())};
  clamped_voltages_ = Table(steps, static_cast<std::size_t>(circuit_->node_count()));
  engine_.begin(forward_network);
  for (std::size_t n = 0; n < steps; ++n) {
    require_converged(engine_.step({.sources = stimulus.row(n), .injected = {}, .bias = {}}), engine_);
    const auto v = engine_.voltages();
    std::ranges::copy(v, clamped_voltages_.row(n).begin());
    for (std::size_t p = 0; p < probes_.size(); ++p) record.probes.at(n, p) = v[probes_[p].p] - v[probes_[p].n];
    for (std::size_t s = 0; s < circuit_->sources().size(); ++s)
      record.peak_source_current = std::max(record.peak_source_current, std::abs(engine_.source_current(static_cast<std::int32_t>(s))));
    for (auto& cell : cells_) cell.record(n, engine_.controlling()[cell.branch()]);
  }
  return record;
}

void DirectPlant::nudged(const EchoWiring& wiring, const Nudge& nudge, Side side) {
  const auto steps = engine_.grid().steps;
  const double sign = side == Side::plus ? 1 : -1;
  const auto branches = circuit_->branches();
  std::vector<double> injected(static_cast<std::size_t>(circuit_->node_count())), bias(branches.size(), 0.0);
  for (auto& cell : cells_) cell.begin_echo(side);
  engine_.begin({.ports_swapped = wiring.swap_ports});
  for (std::size_t m = 0; m < steps; ++m) {
    std::ranges::fill(injected, 0.0);
    for (std::size_t p = 0; p < probes_.size(); ++p) {
      injected[probes_[p].p] += sign * nudge.drive.at(m, p);
      injected[probes_[p].n] -= sign * nudge.drive.at(m, p);
    }
    const auto replayed = steps - 1 - m;
    if (wiring.replay_bias)
      for (const auto& cell : cells_) bias[cell.branch()] = cell.recorded(replayed);
    require_converged(engine_.step({.sources = {}, .injected = injected, .bias = bias}), engine_);
    const auto v = engine_.voltages();
    for (auto& cell : cells_) {
      const Port out = branches[cell.branch()].out;
      cell.correlate(cell.recorded(replayed), engine_.controlling()[cell.branch()], v[out.p] - v[out.n]);
    }
  }
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
