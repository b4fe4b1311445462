#include "hw_models/synapse/cell_array.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tellegen {
namespace {

/// Adds factor * what `read` gives of each cell to the sums.
template <class Law, class Read>
void read_each(const Law& law, std::size_t width, const double* p, double factor, double* sums, const Read& read) {
  for (std::size_t k = 0; k < width; ++k) {
    double own[max_law_parameters], slope[max_law_parameters];
    for (std::size_t s = 0; s < parameter_count(law); ++s) own[s] = p[s * width + k];
    read(k, own, slope);
    for (std::size_t s = 0; s < parameter_count(law); ++s) sums[s * width + k] += factor * slope[s];
  }
}

template <class Law>
void read_contrast(const void* which, std::size_t width, const double* p, const double* bias, const double* dz, double factor,
                   double* sums) {
  const auto& law = *static_cast<const Law*>(which);
  read_each(law, width, p, factor, sums, [&](std::size_t k, const double* own, double* contrast) {
    law.template potential_contrast<double>(own, bias[k], dz[k], contrast);
  });
}

template <class Law>
void read_product(const void* which, std::size_t width, const double* p, const double* bias, const double* echo, double factor,
                  double* sums) {
  const auto& law = *static_cast<const Law*>(which);
  read_each(law, width, p, factor, sums, [&](std::size_t k, const double* own, double* product) {
    law.template law_by_parameter<double>(own, bias[k], product);
    for (std::size_t s = 0; s < parameter_count(law); ++s) product[s] *= echo[k];
  });
}

template <class Law>
void read_potential(const void* which, std::size_t width, const double* p, const double*, const double* z, double factor,
                    double* sums) {
  const auto& law = *static_cast<const Law*>(which);
  read_each(law, width, p, factor, sums, [&](std::size_t k, const double* own, double* slope) {
    law.template potential_by_parameter<double>(own, z[k], slope);
  });
}

/// Adds one sample of the last period to the phasors of the harmonics that are detected, of all cells.
void add_to_phasors(std::vector<std::complex<double>>& phasors, const LockIn& lock_in, std::size_t step, std::size_t steps,
                    std::span<const double> sample) {
  if (step + lock_in.period < steps) return;
  const std::size_t width = sample.size();
  const double turn = 2 * std::numbers::pi * static_cast<double>(step % lock_in.period) / lock_in.period;
  for (std::size_t h = 0; h * width < phasors.size(); ++h) {
    if ((lock_in.harmonics >> h & 1) == 0) continue;
    const auto wave = std::polar(1.0, -turn * static_cast<double>(h));
    for (std::size_t k = 0; k < width; ++k) phasors[h * width + k] += sample[k] * wave;
  }
}

}  // namespace

bool are_alike(const Branch& a, const Branch& b) {
  return a.kind == b.kind && a.law == b.law && a.orders == b.orders && a.slots == b.slots && a.states == b.states;
}

CellArray::CellArray(std::span<const CellSite> sites, std::span<const double> slots, const TimeGrid& grid, std::size_t depth)
    : kind_(sites.front().branch->kind),
      law_(sites.front().branch->law),
      orders_(sites.front().branch->orders),
      grid_(grid),
      depth_(depth),
      slot_count_(static_cast<std::size_t>(sites.front().branch->slots)),
      state_words_(static_cast<std::size_t>(sites.front().branch->states)) {
  const std::size_t width = sites.size();
  for (const auto& [branch, index] : sites) {
    branch_.push_back(index);
    first_slot_.push_back(branch->first_slot);
    out_.push_back(branch->out);
    for (std::int32_t s = 0; s < branch->slots; ++s) learning_.push_back({.value = slots[branch->first_slot + s]});
  }
  start_.assign(width, 0.0);
  states_.assign(width * state_words_, 0.0);
  trace_.assign(depth * width, 0.0);
  state_trace_.assign(depth * states_.size(), 0.0);
  terminals_ = {start_, start_};
  law_parameters_.assign(slot_count_ * width, 0.0);
  for (auto& side : sums_) side = law_parameters_;
  echo_ = past_ = start_;
  products_.assign(std::max<std::size_t>(1, slot_count_) * width, 0.0);
  configure({});
}

double CellArray::law_parameter(std::size_t cell, std::size_t s) const {
  const auto& own = slot(cell, s);
  return own.view == ViewKind::reciprocal ? 1.0 / own.value : own.value;
}

void CellArray::put_law_parameters(std::span<double> slots) const {
  for (std::size_t k = 0; k < width(); ++k)
    for (std::size_t s = 0; s < slot_count_; ++s) slots[first_slot_[k] + s] = law_parameter(k, s);
}

void CellArray::begin_record() { phasor_z_.assign(locks_in() ? lock_in_harmonics * width() : 0, 0.0); }

void CellArray::begin_run(std::uint32_t run) {
  if (!flaws_) return;
  flaws_->begin_run(run, start_, states_);
  recalled_ = start_;
  recalled_states_ = states_;
}

/// Adds weight * what is left of a record.
void CellArray::recall_stored(std::ptrdiff_t tick, double wait, double weight) {
  const bool is_start = tick < 0;
  const auto kept = is_start ? 0 : flaws_->kept_tick(static_cast<std::size_t>(tick));
  const double factor = weight * (is_start ? 1 : flaws_->left_after(wait));
  const auto z = is_start ? std::span<const double>(start_) : std::span<const double>(trace(kept));
  const auto states = is_start ? std::span<const double>(states_) : std::span<const double>(state_trace(kept));
  for (std::size_t k = 0; k < z.size(); ++k) recalled_[k] += factor * z[k];
  for (std::size_t k = 0; k < states.size(); ++k) recalled_states_[k] += factor * states[k];
}

void CellArray::recall(std::ptrdiff_t tick, double share, double wait) {
  if (!flaws_) return;
  std::ranges::fill(recalled_, 0.0);
  std::ranges::fill(recalled_states_, 0.0);
  recall_stored(tick, wait, 1 - share);
  if (share != 0) recall_stored(tick - 1, wait, share);
}

std::span<const double> CellArray::recorded(std::ptrdiff_t tick) const {
  if (flaws_) return recalled_;
  return tick < 0 ? start_ : std::span(trace_).subspan(static_cast<std::size_t>(tick) * width(), width());
}

std::span<const double> CellArray::recorded_states(std::ptrdiff_t tick) const {
  if (flaws_) return recalled_states_;
  return tick < 0 ? states_ : std::span(state_trace_).subspan(static_cast<std::size_t>(tick) * states_.size(), states_.size());
}

void CellArray::configure(const NudgeReading& reading) {
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
      read_ = readout_ == Readout::contrast    ? &read_contrast<Law>
              : readout_ == Readout::potential ? &read_potential<Law>
                                               : &read_product<Law>;
    });
  // A damped capacitor's potential stands in the weighted action for its conductance too; what that adds is taken away again
  // by the product that a conductance would read.
  const bool is_damped_capacitor = readout_ == Readout::potential && reading.weight_rate != 0 && orders_.in == 1;
  reads_voltage_ = !(readout_ == Readout::contrast || (readout_ == Readout::potential && !is_damped_capacitor));
  // A membrane multiplies its record with the echo voltage itself, and its capacitance with the derivative.
  echo_order_ = kind_ == BranchKind::membrane ? 1 : is_damped_capacitor ? -1 : orders_.out - reading.skew - 1;
}

void CellArray::make_echo_orders(std::size_t steps) {
  echo().order = echo_order_;
  echo().room = steps;
  auto grid = grid_;
  grid.steps = steps;
  // Two signals share a Fourier transform, and so their round-off: each cell has one of its own.
  const std::size_t banks = grid.history == History::fft ? width() : 1;
  echo().orders.assign(banks, DifferentiationBank<double>(echo_order_, width() / banks, grid));
}

void CellArray::begin_presentation() {
  // Without a part to keep, what is there may be no number: a program with wild gains must not spoil the next one.
  for (auto& slot : learning_) slot.accumulator = slot.decay == 0 ? 0 : slot.decay * slot.accumulator;
  for (auto& side : sums_) std::ranges::fill(side, 0.0);
}

void CellArray::keep_presentation() {
  for (auto& slot : learning_) slot.kept = slot.accumulator;
}

void CellArray::undo_presentation() {
  for (auto& slot : learning_) slot.accumulator = slot.kept;
}

void CellArray::begin_echo(Side side, bool beside) {
  side_ = side;
  runs_beside_ = beside;
  std::ranges::fill(sums(), 0.0);
  if (reads_voltage() && (echo().orders.empty() || echo().order != echo_order_)) make_echo_orders(grid_.steps);
  for (auto& order : echo().orders) order.reset();
  echo().phasors.assign(phasor_z_.size(), 0.0);
  for (std::size_t k = 0; k < width(); ++k)
    for (std::size_t s = 0; s < slot_count_; ++s) law_parameters_[s * width() + k] = law_parameter(k, s);
}

void CellArray::detect(std::size_t step, std::size_t steps, std::span<const double> z) {
  run_steps_ = steps;
  add_to_phasors(phasor_z_, reading_.lock_in, step, steps, z);
}

/// D^(a-s) w of the next step by cell, from the voltages of the output ports.
const double* CellArray::echo_of(const double* v_out) {
  auto& orders = echo().orders;
  const std::size_t each = width() / orders.size();
  for (std::size_t b = 0; b < orders.size(); ++b) {
    orders[b].history(past_.data() + b * each);
    orders[b].accept(v_out + b * each, past_.data() + b * each);
  }
  const double leading = orders.front().leading();
  for (std::size_t k = 0; k < width(); ++k) echo_[k] = leading * v_out[k] + past_[k];
  return echo_.data();
}

void CellArray::correlate(const NudgedSignals& signals, std::size_t step, std::size_t steps) {
  const double share = reading_.stride == 1 ? 1 : step % reading_.stride == reading_.instant ? reading_.stride : 0;
  const double weight = share * (reading_.weight_rate == 0 ? 1 : std::exp(-reading_.weight_rate * grid_.time(step + 1)));
  if (reading_.settled_only) std::ranges::fill(sums(), 0.0);
  // An echo that rings out is longer than the run that it answers.
  if (const auto room = std::max(grid_.steps, steps); step == 0 && reads_voltage() && room != echo().room) make_echo_orders(room);
  if (kind_ == BranchKind::membrane) return correlate_membranes(signals, weight);
  if (kind_ == BranchKind::behavioural) return;  // it has nothing to learn
  switch (readout_) {
    case Readout::contrast:
      return read_(which_law_, width(), law_parameters_.data(), signals.bias, signals.dz, weight, sums().data());
    case Readout::potential: return correlate_potential(signals, weight);
    case Readout::product:
      return read_(which_law_, width(), law_parameters_.data(), signals.bias, echo_of(signals.v_out), weight, sums().data());
    case Readout::lock_in:
      add_to_phasors(echo().phasors, reading_.lock_in, step, steps, {echo_of(signals.v_out), width()});
      if (step + 1 == steps) add_lock_in();
      return;
  }
}

void CellArray::correlate_potential(const NudgedSignals& signals, double weight) {
  if (!reads_voltage())
    return read_(which_law_, width(), law_parameters_.data(), nullptr, signals.dz, weight * sign_, sums().data());
  std::ranges::fill(products_, 0.0);
  read_(which_law_, width(), law_parameters_.data(), nullptr, signals.dz, sign_, products_.data());
  const double* echo = echo_of(signals.v_out);
  for (std::size_t k = 0; k < width(); ++k) products_[k] -= reading_.weight_rate * echo[k] * signals.bias[k];
  for (std::size_t i = 0; i < sums().size(); ++i) sums()[i] += weight * products_[i];
}

/// Echo step m meets the clamped step n with m + n = N - 1 counted from zero, so over whole periods the sum of products is one
/// of products of phasors. Linear elements alone lock in: df/dp = z for their one parameter.
void CellArray::add_lock_in() {
  const auto& [period, harmonics] = reading_.lock_in;
  const double turn = 2 * std::numbers::pi * static_cast<double>((run_steps_ - 1) % period) / period;
  std::ranges::fill(products_, 0.0);
  for (std::size_t h = 0; h * width() < phasor_z_.size(); ++h) {
    if ((harmonics >> h & 1) == 0) continue;
    const bool has_mirror = h != 0 && 2 * h != period;
    const auto wave = std::polar(1.0, turn * static_cast<double>(h));
    for (std::size_t k = 0; k < width(); ++k)
      products_[k] += (has_mirror ? 2 : 1) * (phasor_z_[h * width() + k] * echo().phasors[h * width() + k] * wave).real();
  }
  for (std::size_t k = 0; k < width(); ++k) sums()[k] += products_[k] / period;
}

void CellArray::correlate_membranes(const NudgedSignals& signals, double weight) {
  const double* derivative = echo_of(signals.v_out);
  const std::size_t cells = width();
  for (std::size_t k = 0; k < cells; ++k) {
    Gates x;
    std::copy_n(signals.states + k * state_words_, x.size(), x.begin());
    std::array<double, membrane_parameters.size()> p;
    for (std::size_t s = 0; s < p.size(); ++s) p[s] = law_parameters_[s * cells + k];
    const auto slopes = current_by_parameter(p.data(), signals.bias[k], x, 0);
    for (std::size_t s = 0; s < slopes.size(); ++s) sums()[s * cells + k] += weight * signals.v_out[k] * slopes[s];
    // Summed over the run, echo times c dv/dt is the echo's own derivative times the excursion of v.
    const double area = p[static_cast<std::size_t>(MembraneSlot::area)];
    sums()[static_cast<std::size_t>(MembraneSlot::c) * cells + k] +=
        weight * area * derivative[k] * (signals.bias[k] - start_[k]);
  }
}

void CellArray::accumulate(double gain_plus, double gain_minus) {
  const auto& [plus, minus] = sums_;
  for (std::size_t k = 0; k < width(); ++k)
    for (std::size_t s = 0; s < slot_count_; ++s) {
      auto& own = slot(k, s);
      // A reciprocal parameter p = 1/k sees dL/dp = -k^2 dL/dk.
      const double chain = own.view == ViewKind::reciprocal ? -1.0 / (own.value * own.value) : 1.0;
      const auto read = [&](Side side, double sum) { return flaws_ ? flaws_->read(k, s, side, sum) : sum; };
      own.accumulator += chain * (gain_plus * read(Side::plus, plus[s * width() + k]) + gain_minus * read(Side::minus, minus[s * width() + k]));
    }
}

void CellArray::update() {
  for (std::size_t k = 0; k < width(); ++k)
    for (std::size_t s = 0; s < slot_count_; ++s) {
      auto& own = slot(k, s);
      if (own.rate == 0) continue;
      const double target = std::min(std::max(own.value - own.rate * own.accumulator, own.minimum), own.maximum);
      own.value = flaws_ ? flaws_->step(k, s, own.value, target) : target;
    }
  keep_presentation();
}

}  // namespace tellegen
