#include "hw_models/batch/batch_plan.hpp"

#include <algorithm>
#include <cmath>

namespace tellegen {

double StepOperator::leading() const {
  switch (kind) {
    case OperatorKind::identity: return 1;
    case OperatorKind::recursion: return recursion.w0;
    case OperatorKind::exponentials: return coefficients->x0 * coefficients->gain;
  }
  return 1;
}

ExponentialView StepOperator::exponentials() const {
  const auto& c = *coefficients;
  return {.terms = static_cast<std::int32_t>(c.near.size()), .x0 = c.x0, .x1 = c.x1, .x2 = c.x2, .gain = c.gain, .has_second = c.two_steps,
          .near = c.near.data(), .far = c.far.data(), .gain_near = c.gain_near.data(), .gain_far = c.gain_far.data()};
}

std::size_t StepOperator::state_values() const {
  switch (kind) {
    case OperatorKind::identity: return 0;
    case OperatorKind::recursion: return recursion.has_second ? 2 : 1;
    case OperatorKind::exponentials: return 3 + coefficients->near.size() * (coefficients->two_steps ? 2 : 1);
  }
  return 0;
}

bool BatchPlan::is_stale(std::span<const double> slots) const {
  for (std::size_t j = 0; j < gains_.size(); ++j)
    if (slots[circuit_->branches()[reduction_.amplifiers[j]].first_slot] != gains_[j]) return true;
  return std::ranges::any_of(silent_, [&](std::int32_t s) {
    const auto slot = circuit_->sources()[s].dc_slot;
    return slot >= 0 && slots[slot] != 0;
  });
}

bool BatchPlan::stands_at_known(const Ports& ports) const {
  const auto is_known = [this](std::int32_t place) { return place > ground_place(); };
  return std::ranges::any_of(ports.p, is_known) || std::ranges::any_of(ports.n, is_known);
}

RowsView BatchPlan::input_rows(const LinearGroup& group) const {
  return {static_cast<std::int32_t>(group.rows.size()), counting_.data(), group.row_starts.data(), group.ports.n.data(), nullptr};
}

RowsView BatchPlan::known_rows(const BatchValues& values) const {
  return {static_cast<std::int32_t>(known_row_.size()), known_row_.data(), known_starts_.data(), known_columns_.data(), values.known_columns.data()};
}

double BatchPlan::current_out_of(std::int32_t place, std::span<const double> currents) const {
  constexpr int chains = 4;  // additions in flight
  double sums[chains] = {};
  auto k = current_starts_[place];
  for (; k + chains <= current_starts_[place + 1]; k += chains)
    for (int c = 0; c < chains; ++c) sums[c] += current_weights_[k + c] * currents[current_branches_[k + c]];
  for (; k < current_starts_[place + 1]; ++k) sums[0] += current_weights_[k] * currents[current_branches_[k]];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

bool BatchPlan::is_known_dense() const {
  constexpr double least_share = 0.6;
  return known_columns_.size() >= 64 && static_cast<double>(known_columns_.size()) >= least_share * static_cast<double>(known_row_.size()) * static_cast<double>(reduction_.known.size());
}

BatchValues BatchPlan::values(std::span<const double> slots) const {
  BatchValues values;
  values.matrix.assign(shape_.entries.size(), 0.0);
  values.known_columns.assign(known_columns_.size(), 0.0);
  const auto branches = circuit_->branches();
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const auto& group = groups_[g];
    auto& conductance = values.conductance.emplace_back(static_cast<std::size_t>(group.ports.count()), 0.0);
    const double w0 = group.op.leading();
    const auto& starts = target_starts_[g];
    for (std::size_t port = 0; port < conductance.size(); ++port) {
      for (auto m = group.member_starts[port]; m < group.member_starts[port + 1]; ++m) {
        const auto& branch = branches[group.members[m]];
        double f = 0, slope = 0;
        visit_law(branch.law, [&](const auto& law) { law.template evaluate<double>(slots.data() + branch.first_slot, 0.0, f, slope); });
        conductance[port] += slope;
      }
      for (auto t = starts[2 * port]; t < starts[2 * port + 1]; ++t) values.matrix[targets_[t].entry] += w0 * conductance[port] * targets_[t].factor;
      for (auto t = starts[2 * port + 1]; t < starts[2 * port + 2]; ++t) values.known_columns[targets_[t].entry] += w0 * conductance[port] * targets_[t].factor;
    }
  }
  if (!groups_.empty() && groups_[0].covers_places)
    for (std::int32_t port = 0; port < groups_[0].ports.count(); ++port) values.grounded.push_back(values.conductance[0][port] * groups_[0].ports.weight_p[port]);
  for (const auto& law : laws_) {
    const auto count = law.branches.size();
    visit_law(law.law, [&]<class Law>() {
      auto& parameters = values.law_parameters.emplace_back(count * Law::parameters.size());
      double smallest = HUGE_VAL;
      for (std::size_t k = 0; k < count; ++k) {
        const double* own = slots.data() + branches[law.branches[k]].first_slot;
        for (std::size_t s = 0; s < Law::parameters.size(); ++s) parameters[s * count + k] = own[s];
        smallest = std::min(smallest, std::abs(Law::template step_scale<double>(own)));
      }
      auto& prepared = values.law_prepared.emplace_back();
      if constexpr (requires { Law::prepared_count; }) {
        prepared.resize(count * Law::prepared_count);
        double own[Law::prepared_count];
        for (std::size_t k = 0; k < count; ++k) {
          Law::prepare(slots.data() + branches[law.branches[k]].first_slot, own);
          for (std::size_t s = 0; s < Law::prepared_count; ++s) prepared[s * count + k] = own[s];
        }
      }
      double gain = 0;
      for (std::size_t k = 0; k < count; ++k) gain = std::max(gain, std::abs(law.ports.gain_p[k]) + std::abs(law.ports.gain_n[k]));
      values.trusted_change.push_back(law.largest_step * smallest / (gain * law.inner.leading()));
    });
  }
  return values;
}

double BatchPlan::flops_per_step(const StepWork& work) const {
  const auto& cost = linear_->description();
  double own = work.known * 2.0 * static_cast<double>(known_columns_.size());
  for (const auto& group : groups_) {
    const double count = group.working_ports;
    if (group.op.kind == OperatorKind::recursion) own += count * (group.op.recursion.has_second ? 8 : 4);
    if (group.op.kind == OperatorKind::exponentials) own += count * static_cast<double>(group.op.coefficients->near.size()) * (group.op.coefficients->two_steps ? 8 : 4);
  }
  const double iterations = is_linear() ? 1 : work.iterations;
  constexpr double law_flops = 51;  // of a junction and its stamps: 33 of them of the exponential
  for (const auto& law : laws_) own += iterations * law_flops * static_cast<double>(law.branches.size());
  if (!is_linear()) own += (3 + 3 * iterations) * static_cast<double>(reduction_.unknowns);  // first guesses, and whether Newton's method is done
  if (keeps_factors()) own += iterations * 2.0 * static_cast<double>(cost.matrix_entries);  // the residual
  return own + iterations * cost.solve_flops + (is_linear() ? 0 : work.factors * cost.factor_flops);
}

}  // namespace tellegen
