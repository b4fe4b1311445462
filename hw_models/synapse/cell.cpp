#include "hw_models/synapse/cell.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tellegen {
namespace {

template <class Law>
void read_contrast(const void* which, const double* p, double bias, double dz, double* sums) {
  const auto& law = *static_cast<const Law*>(which);
  double contrast[max_law_parameters];
  law.template potential_contrast<double>(p, bias, dz, contrast);
  for (std::size_t s = 0; s < parameter_count(law); ++s) sums[s] += contrast[s];
}

template <class Law>
void read_product(const void* which, const double* p, double bias, double echo, double* sums) {
  const auto& law = *static_cast<const Law*>(which);
  double slope[max_law_parameters];
  law.template law_by_parameter<double>(p, bias, slope);
  for (std::size_t s = 0; s < parameter_count(law); ++s) sums[s] += echo * slope[s];
}

template <class Law>
void read_potential(const void* which, const double* p, double, double z, double* sums) {
  const auto& law = *static_cast<const Law*>(which);
  double slope[max_law_parameters];
  law.template potential_by_parameter<double>(p, z, slope);
  for (std::size_t s = 0; s < parameter_count(law); ++s) sums[s] += slope[s];
}

}  // namespace

CellPhysics::CellPhysics(const Branch& branch, std::int32_t index, std::span<const double> slots, const TimeGrid& grid,
                         std::size_t depth)
    : branch_index_(index), first_slot_(branch.first_slot), law_(branch.law), orders_(branch.orders), grid_(grid), trace_(depth, 0.0),
      kind_(branch.kind), state_words_(static_cast<std::size_t>(branch.states)), state_trace_(depth * state_words_, 0.0),
      start_states_(state_words_, 0.0) {
  for (std::int32_t s = 0; s < branch.slots; ++s) learning_.push_back({.value = slots[branch.first_slot + s]});
  configure({});
}

void CellPhysics::record(std::size_t tick, double z, std::span<const double> states) {
  trace_[tick] = z;
  std::ranges::copy(states, state_trace_.begin() + static_cast<std::ptrdiff_t>(tick * state_words_));
}

std::span<const double> CellPhysics::recorded_states(std::ptrdiff_t tick) const {
  if (tick < 0) return start_states_;
  return std::span(state_trace_).subspan(static_cast<std::size_t>(tick) * state_words_, state_words_);
}

void CellPhysics::record_start(double z, std::span<const double> states) {
  start_ = z;
  phasor_z_.assign(readout_ == Readout::lock_in ? lock_in_harmonics : 0, 0.0);
  std::ranges::copy(states, start_states_.begin());
}

double CellPhysics::law_parameter(std::size_t s) const {
  const auto& slot = learning_[s];
  return slot.view == ViewKind::reciprocal ? 1.0 / slot.value : slot.value;
}

std::array<double, max_law_parameters> CellPhysics::law_parameters() const {
  std::array<double, max_law_parameters> p{};
  for (std::size_t s = 0; s < learning_.size(); ++s) p[s] = law_parameter(s);
  return p;
}

void CellPhysics::configure(const NudgeReading& reading) {
  reading_ = reading;
  const bool own_potential = !reading.product_only && kind_ == BranchKind::law && orders_.skew() == reading.skew;
  readout_ = reading.lock_in.period > 0 ? Readout::lock_in
             : !own_potential           ? Readout::product
             : reading.potential        ? Readout::potential
                                        : Readout::contrast;
  sign_ = orders_.in == 1 ? -1 : 1;
  if (kind_ == BranchKind::law)
    visit_law(law_, [this]<class Law>(const Law& law) {
      which_law_ = &law;
      read_ = readout_ == Readout::contrast ? &read_contrast<Law> : readout_ == Readout::potential ? &read_potential<Law> : &read_product<Law>;
    });
  // A damped capacitor's potential stands in the weighted action for its conductance too; what that adds is taken away again
  // by the product that a conductance would read.
  const bool is_damped_capacitor = readout_ == Readout::potential && reading.weight_rate != 0 && orders_.in == 1;
  if (readout_ == Readout::contrast || (readout_ == Readout::potential && !is_damped_capacitor)) return echo_order_.reset();
  // A membrane multiplies its record with the echo voltage itself, and its capacitance with the derivative.
  const double order = kind_ == BranchKind::membrane ? 1 : is_damped_capacitor ? -1 : orders_.out - reading.skew - 1;
  if (echo_order_ && order == configured_order_) return;
  configured_order_ = order;
  echo_order_.emplace(order, 1, grid_);
  echo_room_ = grid_.steps;
}

void CellPhysics::begin_presentation() {
  // Without a part to keep, what is there may be no number: a program with wild gains must not spoil the next one.
  for (auto& slot : learning_) slot.accumulator = slot.decay == 0 ? 0 : slot.decay * slot.accumulator;
  plus_.fill(0);
  minus_.fill(0);
}

void CellPhysics::begin_echo(Side side) {
  side_ = side == Side::plus ? &plus_ : &minus_;
  side_->fill(0);
  if (echo_order_) echo_order_->reset();
  phasor_echo_.assign(phasor_z_.size(), 0.0);
  present_law_ = law_parameters();
}

namespace {

/// Adds one sample of the last period to the phasors of the harmonics that are detected.
void add_to_phasors(std::vector<std::complex<double>>& phasors, const LockIn& lock_in, std::size_t step, std::size_t steps, double sample) {
  if (step + lock_in.period < steps) return;
  const double turn = 2 * std::numbers::pi * static_cast<double>(step % lock_in.period) / lock_in.period;
  for (std::size_t h = 0; h < phasors.size(); ++h)
    if (lock_in.harmonics >> h & 1) phasors[h] += sample * std::polar(1.0, -turn * static_cast<double>(h));
}

}  // namespace

void CellPhysics::detect(std::size_t step, std::size_t steps, double z) {
  run_steps_ = steps;
  add_to_phasors(phasor_z_, reading_.lock_in, step, steps, z);
}

/// D^(a-s) w of the next step, from the output port's voltage.
double CellPhysics::echo_of(double v_out) {
  double past = 0;
  echo_order_->history(&past);
  echo_order_->accept(&v_out, &past);
  return echo_order_->leading() * v_out + past;
}

void CellPhysics::correlate(const NudgedSample& sample, std::size_t step, std::size_t steps) {
  const double weight = reading_.weight_rate == 0 ? 1 : std::exp(-reading_.weight_rate * grid_.time(step + 1));
  if (reading_.settled_only) side_->fill(0);
  // An echo that rings out is longer than the run that it answers.
  if (step == 0 && echo_order_ && steps > echo_room_) {
    auto longer = grid_;
    longer.steps = echo_room_ = steps;
    echo_order_.emplace(configured_order_, 1, longer);
  }
  if (kind_ == BranchKind::membrane) return correlate_membrane(sample, weight);
  if (kind_ == BranchKind::behavioural) return;  // it has nothing to learn
  Sums sums{};
  if (readout_ == Readout::contrast) {
    read_(which_law_, present_law_.data(), sample.bias, sample.dz, sums.data());
  } else if (readout_ == Readout::potential) {
    read_(which_law_, present_law_.data(), 0, sample.dz, sums.data());
    for (double& sum : sums) sum *= sign_;
    if (echo_order_) sums[0] -= reading_.weight_rate * echo_of(sample.v_out) * sample.bias;
  } else {
    const double echo = echo_of(sample.v_out);
    if (readout_ == Readout::lock_in) {
      add_to_phasors(phasor_echo_, reading_.lock_in, step, steps, echo);
      if (step + 1 == steps) add_lock_in();
      return;
    }
    read_(which_law_, present_law_.data(), sample.bias, echo, sums.data());
  }
  for (std::size_t s = 0; s < sums.size(); ++s) (*side_)[s] += weight * sums[s];
}

/// Echo step m meets the clamped step n with m + n = N - 1 counted from zero, so over whole periods the sum of products is one
/// of products of phasors. Linear elements alone lock in: df/dp = z for their one parameter.
void CellPhysics::add_lock_in() {
  const auto& [period, harmonics] = reading_.lock_in;
  const double turn = 2 * std::numbers::pi * static_cast<double>((run_steps_ - 1) % period) / period;
  double sum = 0;
  for (std::size_t h = 0; h < phasor_z_.size(); ++h) {
    if ((harmonics >> h & 1) == 0) continue;
    const bool has_mirror = h != 0 && 2 * h != period;
    sum += (has_mirror ? 2 : 1) * (phasor_z_[h] * phasor_echo_[h] * std::polar(1.0, turn * static_cast<double>(h))).real();
  }
  (*side_)[0] += sum / period;
}

void CellPhysics::correlate_membrane(const NudgedSample& sample, double weight) {
  const double derivative = echo_of(sample.v_out);
  Gates x = steady_gates(sample.bias);
  if (!sample.states.empty()) std::ranges::copy(sample.states, x.begin());
  const auto slopes = current_by_parameter(present_law_.data(), sample.bias, x, 0);
  for (std::size_t s = 0; s < slopes.size(); ++s) (*side_)[s] += weight * sample.v_out * slopes[s];
  // Summed over the run, echo times c dv/dt is the echo's own derivative times the excursion of v.
  const double area = present_law_[static_cast<std::size_t>(MembraneSlot::area)];
  (*side_)[static_cast<std::size_t>(MembraneSlot::c)] += weight * area * derivative * (sample.bias - start_);
}

void CellPhysics::accumulate(double gain_plus, double gain_minus) {
  for (std::size_t s = 0; s < learning_.size(); ++s) {
    auto& slot = learning_[s];
    // A reciprocal parameter p = 1/k sees dL/dp = -k^2 dL/dk.
    const double chain = slot.view == ViewKind::reciprocal ? -1.0 / (slot.value * slot.value) : 1.0;
    slot.accumulator += chain * (gain_plus * plus_[s] + gain_minus * minus_[s]);
  }
}

void CellPhysics::update() {
  for (auto& slot : learning_)
    if (slot.rate != 0) slot.value = std::clamp(slot.value - slot.rate * slot.accumulator, slot.minimum, slot.maximum);
}

std::vector<std::int32_t> branches_with_cells(const Circuit& circuit, std::span<const std::int32_t> trained_parameters) {
  const auto branches = circuit.branches();
  std::vector<bool> has_cell(branches.size());
  for (std::size_t k = 0; k < branches.size(); ++k) has_cell[k] = !branches[k].is_linear();
  for (const auto parameter : trained_parameters) has_cell[circuit.parameters()[parameter].branch] = true;
  std::vector<std::int32_t> cells;
  for (std::size_t k = 0; k < branches.size(); ++k)
    if (has_cell[k]) cells.push_back(static_cast<std::int32_t>(k));
  return cells;
}

}  // namespace tellegen
