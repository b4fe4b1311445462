#include <algorithm>
#include <cstring>

#include "hw_models/batch/tile.hpp"

namespace tellegen {

void Tile::begin_adjoint() {
  if (!sums_) {
    adjoint_ = LaneArray(x_.size());
    sums_.emplace(*plan_, lanes_, stored_values(), set_);
    for (std::size_t l = 0; l < plan_->laws().size(); ++l) {
      const auto count = static_cast<std::size_t>(plan_->laws()[l].ports.count());
      law_gradient_.emplace_back(values_.law_parameters[l].size());
      auto& slots = law_slots_.emplace_back();
      for (const auto branch : plan_->laws()[l].branches) slots.push_back(plan_->circuit().branches()[branch].first_slot);
      slope_.emplace_back(count * lanes_);
      forward_controlling_.emplace_back(count * lanes_);
      forward_value_.emplace_back(count * lanes_);
    }
  }
  sums_->begin();
  for (auto& gradient : law_gradient_) std::ranges::fill(gradient, 0.0);
  for (auto* memories : {&memories_, &inner_, &outer_})
    for (auto& memory : *memories) memory.clear();
  std::memset(rhs_.data(), 0, at(plan_->unknowns()) * sizeof(double));
  matrix_is_factored_ = false;
}

SolveStatus Tile::step_adjoint(const double* stored, const double* sources, bool held, std::span<const NodeIndex> probes, const double* slopes) {
  const auto row_values = at(plan_->unknowns() + 1);
  if (!held && known_.size() > 0) {
    set_known(sources, x_.data());
    gather_known();
  }
  const double* const here = stored;
  forward_ = stored;
  if (plan_->linear_reads_known()) {
    std::memcpy(x_.data(), stored, row_values * sizeof(double));
    forward_ = x_.data();
  }
  double* rhs = rhs_.data();
  for (std::size_t j = 0; j < probes.size(); ++j) {
    const auto& voltage = plan_->reduction().voltage[probes[j]];
    if (voltage.unknown < 0) continue;
    double* row = rhs + at(plan_->place_of_unknown(voltage.unknown));
    for (std::size_t lane = 0; lane < lanes_; ++lane) row[lane] += voltage.gain * slopes[j * lanes_ + lane];
  }
  stored += row_values;
  own_.fill(0);
  for (std::size_t l = 0; l < plan_->laws().size(); ++l) {
    const bool is_stored = controlling_[l].size() > 0;
    if (is_stored) {
      std::memcpy(forward_controlling_[l].data(), stored, forward_controlling_[l].size() * sizeof(double));
      stored += forward_controlling_[l].size();
    }
    auto view = view_of(l);
    if (forward_ == x_.data())
      view.known = nullptr;
    else if (plan_->laws()[l].unknown.count() > 0)
      view.ports = plan_->laws()[l].unknown.view();
    kernels_of(l).linearise(view, is_stored ? nullptr : forward_, point_of(l), own_.data());
    subtract_law_past(l);
  }
  const auto status = solve_adjoint();
  if (status == SolveStatus::converged) gather_gradient(here, held);
  return status;
}

/// An adjoint branch is D^(b-1) Lambda D^a: what its memories say about this step.
void Tile::subtract_law_past(std::size_t l) {
  const auto& law = plan_->laws()[l];
  if (law.is_memoryless) return;
  const auto count = law.ports.count();
  const bool first_remembers = law.outer.kind != OperatorKind::identity, last_remembers = law.inner.kind != OperatorKind::identity;
  const double* last = last_remembers ? inner_[l].past.data() : nullptr;
  if (first_remembers)
    kernels_.multiply(count, law.inner.leading(), slope_[l].data(), outer_[l].past.data(), last, scratch_.data());
  kernels_.scatter_places(law.ports.view(), nullptr, first_remembers ? scratch_.data() : last, rhs_.data());
}

SolveStatus Tile::solve_adjoint() {
  double* rhs = rhs_.data();
  if (plan_->is_linear()) {
    if (!factor_is_shared_) {
      if (!system_->factor_shared()) return SolveStatus::singular;
      factor_is_shared_ = true;
    }
    system_->solve_transposed(rhs);
  } else {
    if (!is_modified_) {
      if (!system_->factor(own_.data())) return SolveStatus::singular;
      system_->solve_transposed(rhs);
    } else if (const auto status = refine_adjoint(); status != SolveStatus::converged) {
      return status;
    }
  }
  take_solution(adjoint_);
  return SolveStatus::converged;
}

/// Solves with the factors of a step nearby and corrects what they miss; factors anew where that is slow.
SolveStatus Tile::refine_adjoint() {
  const auto n = plan_->unknowns();
  const auto unknowns = static_cast<std::size_t>(n) * lanes_;
  constexpr int most_corrections = 12;
  constexpr double round_off_limit = 1e-9;  // of a system that cannot be solved more closely
  // A hundred times as close as the forward solutions are.
  const double tolerance = std::max(1e-14, 0.01 * newton_.tolerance);
  double *x = adjoint_.data(), *r = residual_.data(), *d = step_.data();
  alignas(lane_alignment) double largest_d[most_lanes], largest_x[most_lanes], last[most_lanes] = {};
  std::memset(x, 0, unknowns * sizeof(double));
  std::memcpy(r, rhs_.data(), unknowns * sizeof(double));
  for (int correction = 0;; ++correction) {
    if (!matrix_is_factored_) {
      if (!system_->factor(own_.data())) return SolveStatus::singular;
      matrix_is_factored_ = true;
      ++counts_.factors;
    }
    std::memcpy(d, r, unknowns * sizeof(double));
    system_->solve_transposed(d);
    kernels_.largest_size(n, d, largest_d);
    kernels_.take_step(n, d, nullptr, x, largest_x);
    bool is_done = true, is_slow = false, is_near = true;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      const double rate = last[lane] > 0 ? largest_d[lane] / last[lane] : 1;
      is_near = is_near && largest_d[lane] <= round_off_limit * largest_x[lane];
      const bool is_small = largest_d[lane] * std::min(rate, 1.0) <= tolerance * largest_x[lane];
      is_done = is_done && is_small;
      is_slow = is_slow || (!is_small && last[lane] > 0 && rate > 0.2);
    }
    if (is_done || (correction == most_corrections && is_near)) break;
    if (correction == most_corrections) {
      note_restless(d);
      return SolveStatus::not_converged;
    }
    if (is_slow) matrix_is_factored_ = false;
    std::copy_n(largest_d, lanes_, last);
    std::memcpy(r, rhs_.data(), unknowns * sizeof(double));
    system_->subtract_product(own_.data(), x, r, true);
  }
  std::memcpy(rhs_.data(), x, unknowns * sizeof(double));
  return SolveStatus::converged;
}

/// Takes the accepted adjoint variables into the gradient and into every memory.
void Tile::gather_gradient(const double* stored, bool held) {
  const auto groups = plan_->linear_groups();
  const double *lambda = adjoint_.data(), *forward = forward_;
  double* rhs = rhs_.data();
  sums_->take(lambda, stored, forward, x_.data() + at(plan_->known_place(0)), held);
  const bool overwrites = !groups.empty() && groups[0].covers_places;
  if (!overwrites) std::memset(rhs, 0, at(plan_->unknowns()) * sizeof(double));
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto& group = groups[g];
    const auto view = group.ports.view();
    auto& memory = memories_[g];
    const double* value = values_.conductance[g].data();
    switch (group.op.kind) {
      case OperatorKind::identity: break;
      case OperatorKind::recursion:
        if (sums_->goes_step_by_step())
          sums_->take_and_advance(g, lambda, forward, group.covers_places ? values_.grounded.data() : value, memory.past.data(), memory.second.data(), rhs);
        else if (group.covers_places)
          kernels_.advance_grounded(group.op.recursion, plan_->unknowns(), values_.grounded.data(), lambda, nullptr, memory.past.data(), memory.second.data(), rhs);
        else
          kernels_.advance_rows(group.op.recursion, view, value, lambda, memory.past.data(), memory.second.data(), rhs);
        break;
      case OperatorKind::exponentials:
        kernels_.gather_rows(view, lambda, scratch_.data());
        kernels_.operate(view.count, group.op.leading(), scratch_.data(), memory.past.data(), answer_.data());
        advance(group.op, view.count, scratch_.data(), memory);
        kernels_.gather(view, forward, scratch_.data());
        sums_->add_products(g, answer_.data(), scratch_.data());
        kernels_.scatter_places(view, value, memory.past.data(), rhs);
        break;
    }
  }
  for (std::size_t l = 0; l < plan_->laws().size(); ++l) {
    const auto& law = plan_->laws()[l];
    const auto view = law.ports.view();
    if (law.is_memoryless) {
      kernels_of(l).by_parameter(view_of(l), point_of(l), lambda, nullptr, law_gradient_[l].data());
      continue;
    }
    const bool first_remembers = law.outer.kind != OperatorKind::identity;
    kernels_.gather_rows(view, lambda, scratch_.data());
    kernels_.operate(view.count, law.outer.leading(), scratch_.data(), first_remembers ? outer_[l].past.data() : nullptr, answer_.data());
    kernels_of(l).by_parameter(view_of(l), point_of(l), lambda, answer_.data(), law_gradient_[l].data());
    if (first_remembers) advance(law.outer, view.count, scratch_.data(), outer_[l]);
    if (law.inner.kind != OperatorKind::identity) {
      kernels_.multiply(view.count, 1, slope_[l].data(), answer_.data(), nullptr, scratch_.data());
      advance(law.inner, view.count, scratch_.data(), inner_[l]);
    }
  }
}

void Tile::finish_adjoint() { sums_->flush(); }

void Tile::give_gradient(std::span<double> gradient) {
  sums_->give(gradient);
  for (std::size_t l = 0; l < law_slots_.size(); ++l) {
    const auto count = law_slots_[l].size(), parameters = law_gradient_[l].size() / count;
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t s = 0; s < parameters; ++s) gradient[law_slots_[l][k] + s] = law_gradient_[l][s * count + k];
  }
}

}  // namespace tellegen
