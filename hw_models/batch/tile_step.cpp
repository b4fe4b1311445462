// A step forward of one tile: known voltages, the linear solution or Newton's method, memories.

#include <algorithm>
#include <cmath>
#include <cstring>

#include "hw_models/batch/tile.hpp"

namespace tellegen {
namespace {

/// Voltages below this fraction of the run's largest are round-off.
constexpr double newton_floor = 1e-15;
/// A modified Newton step must shrink the next one at least this much, or the matrix is factored anew.
constexpr double slow_rate = 0.2;

}  // namespace

/// The last step and the next right-hand side are in the tile's own arrays.
void Tile::stand_at_home() {
  now_ = x_.data();
  pending_ = rhs_.data();
}

SolveStatus Tile::step(const double* sources, bool held, double* row, double* next_row) {
  const auto unknowns = at(plan_->unknowns());
  if (row != nullptr && row != pending_) std::memcpy(row, pending_, unknowns * sizeof(double));
  double* const rhs = row != nullptr ? row : pending_;
  if (known_.size() > 0 && !(held && known_is_fresh_)) take_known(sources);
  for (const auto& [source, place, weight] : plan_->source_taps())
    for (std::size_t lane = 0; lane < lanes_; ++lane) rhs[at(place) + lane] -= weight * sources[static_cast<std::size_t>(source) * lanes_ + lane];

  if (plan_->is_linear()) {
    const auto driven = plan_->driven_places();
    kernels_.add_at(static_cast<std::int32_t>(driven.size()), driven.data(), known_part_.data(), rhs);
    if (!factor_is_shared_) {
      if (!system_->factor_shared()) return SolveStatus::singular;
      factor_is_shared_ = true;
      ++counts_.factors;
    }
    system_->solve(rhs);
    if (row != nullptr) {
      std::memset(row + unknowns, 0, lanes_ * sizeof(double));  // ground
      now_ = row;
      pending_ = next_row != nullptr ? next_row : rhs_.data();
    } else {
      take_solution(x_);
      stand_at_home();
    }
  } else {
    const auto status = solve_nonlinear();
    if (status != SolveStatus::converged) return status;
  }
  advance_forward();
  ++done_;
  ++counts_.steps;
  return SolveStatus::converged;
}

/// Puts what the right-hand side has become into x; what stands behind the unknowns stays.
void Tile::take_solution(LaneArray& x) {
  const auto unknowns = at(plan_->unknowns()), behind = x.size() - unknowns;
  if (behind < unknowns) {
    std::memcpy(rhs_.data() + unknowns, x.data() + unknowns, behind * sizeof(double));
    std::swap(x, rhs_);
  } else {
    std::memcpy(x.data(), rhs_.data(), unknowns * sizeof(double));
  }
}

/// Takes the known voltages of this step; what they drive stays the same while they stand still.
void Tile::take_known(const double* sources) {
  set_known(sources, x_.data());
  const double* known = x_.data() + at(plan_->known_place(0));
  if (known_is_fresh_ && std::memcmp(known_.data(), known, known_.size() * sizeof(double)) == 0) return;
  std::memcpy(known_.data(), known, known_.size() * sizeof(double));
  if (known_panel_) {
    panel_kernels_.multiply(known_panel_->view(), known, known_zeros_.data(), nullptr, known_part_.data());
  } else {
    known_part_.fill(0);
    kernels_.subtract_rows(plan_->known_rows(values_), x_.data(), known_part_.data());
  }
  ++counts_.known;
  gather_known();
  known_is_fresh_ = true;
}

/// What the known voltages add to the ports of nonlinear branches.
void Tile::gather_known() {
  for (std::size_t l = 0; l < law_known_.size(); ++l)
    if (law_known_[l].size() > 0) kernels_.gather(plan_->laws()[l].known.view(), x_.data(), law_known_[l].data());
}

SolveStatus Tile::solve_nonlinear() {
  const auto n = plan_->unknowns();
  const auto unknowns = static_cast<std::size_t>(n) * lanes_;
  double* const x = x_.data();
  double* const r = residual_.data();
  double* const d = step_.data();
  factor_is_shared_ = false;
  // A first guess on the parabola through the last three solutions, or on the line through two.
  if (done_ >= 3) {
    kernels_.extrapolate(n, x, x_last_.data(), x_before_.data());
  } else {
    std::memcpy(x_before_.data(), x_last_.data(), unknowns * sizeof(double));
    if (done_ == 2)
      kernels_.extrapolate(n, x, x_last_.data(), nullptr);
    else
      std::memcpy(x_last_.data(), x, unknowns * sizeof(double));
  }
  alignas(lane_alignment) double last[most_lanes] = {}, fraction[most_lanes], largest_d[most_lanes], largest_x[most_lanes];
  bool limited_before = false;
  for (int iteration = 0; iteration < newton_.limit; ++iteration) {
    ++counts_.iterations;
    kernels_.add(n, rhs_.data(), known_part_.data(), r);
    own_.fill(0);
    for (std::size_t l = 0; l < plan_->laws().size(); ++l) kernels_of(l).evaluate(view_of(l), x, !is_modified_, r, own_.data());
    if (is_modified_) system_->subtract_product(nullptr, x, r);
    if (!is_modified_ || !matrix_is_factored_) {
      if (!system_->factor(own_.data())) return SolveStatus::singular;
      matrix_is_factored_ = true;
      ++counts_.factors;
    }
    system_->solve(r);
    // A full step gives the next iterate itself, which is taken at once and shortened where need be.
    if (is_modified_)
      kernels_.largest_size(n, r, largest_d);
    else
      kernels_.take_iterate(n, r, x, d, largest_d, largest_x);

    // Exponential laws are trusted for a few units of their scale only.
    bool is_limited = false;
    const double change = *std::max_element(largest_d, largest_d + lanes_);
    const auto limit = [&](const double* step) {
      std::fill_n(fraction, lanes_, 1.0);
      for (std::size_t l = 0; l < plan_->laws().size(); ++l)
        if (change > values_.trusted_change[l]) kernels_of(l).limit(view_of(l), x, step, fraction);
      is_limited = *std::min_element(fraction, fraction + lanes_) < 1;
    };
    const bool is_trusted = std::ranges::all_of(values_.trusted_change, [&](double trusted) { return change <= trusted; });
    if (is_modified_) {
      kernels_.take_step(n, r, nullptr, x, largest_x);
      if (!is_trusted) limit(r);
    } else if (!is_trusted) {
      limit(d);
    }
    if (is_limited) {
      for (std::size_t lane = 0; lane < lanes_; ++lane) fraction[lane] -= 1;
      kernels_.take_step(n, is_modified_ ? r : d, fraction, x, largest_x);
    }

    bool is_done = !is_limited, is_slow = false, is_finite = true;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      is_finite = is_finite && std::isfinite(largest_d[lane]) && std::isfinite(largest_x[lane]);
      const double scale = newton_.tolerance * largest_x[lane] + newton_floor * largest_[lane];
      // The next step, as the last two foretell it: quadratic with the matrix of the iterate, linear with an older one.
      const double rate = last[lane] > 0 && !limited_before ? largest_d[lane] / last[lane] : 1;
      const double next = is_modified_ ? (rate < 0.5 ? largest_d[lane] * rate / (1 - rate) : largest_d[lane])
                                       : (rate < 0.1 ? largest_d[lane] * rate * rate : largest_d[lane]);
      is_done = is_done && next <= scale;
      is_slow = is_slow || (largest_d[lane] > scale && last[lane] > 0 && rate > slow_rate);
    }
    if (!is_finite) return SolveStatus::not_finite;
    if (is_done) {
      for (std::size_t lane = 0; lane < lanes_; ++lane) largest_[lane] = std::max(largest_[lane], largest_x[lane]);
      return SolveStatus::converged;
    }
    if (is_slow || is_limited) matrix_is_factored_ = false;
    limited_before = is_limited;
    std::copy_n(largest_d, lanes_, last);
  }
  note_restless(is_modified_ ? r : d);
  matrix_is_factored_ = false;
  return SolveStatus::not_converged;
}

/// Keeps the unknown that moves most.
void Tile::note_restless(const double* moved) {
  const auto worst = std::max_element(moved, moved + at(plan_->unknowns()), [](double a, double b) { return std::abs(a) < std::abs(b); }) - moved;
  restless_ = static_cast<std::int32_t>(worst / static_cast<std::ptrdiff_t>(lanes_));
}

NodeIndex Tile::restless_node() const { return plan_->reduction().node_of_unknown[plan_->linear().order()[restless_]]; }

void Tile::advance(const StepOperator& op, std::int32_t count, const double* x, Memory& memory) const {
  if (op.kind == OperatorKind::recursion)
    kernels_.advance_recursion(op.recursion, count, x, memory.past.data(), memory.second.data());
  if (op.kind != OperatorKind::exponentials) return;
  kernels_.advance_exponentials(op.exponentials(), count, x, memory.past.data(), memory.exponentials());
  if (op.coefficients->two_steps) std::swap(memory.v1, memory.v2);
}

/// Every memory takes the accepted step; what they say about the next one is its right-hand side.
void Tile::advance_forward() {
  const double* x = now_;
  double* rhs = pending_;
  const auto groups = plan_->linear_groups();
  // A group that covers all places overwrites the right-hand side instead of adding to it.
  const bool overwrites = !groups.empty() && groups[0].covers_places;
  const auto unknowns = at(plan_->unknowns());
  if (!overwrites) has_constant_ ? (void)std::memcpy(rhs, constant_.data(), unknowns * sizeof(double)) : (void)std::memset(rhs, 0, unknowns * sizeof(double));
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto& group = groups[g];
    auto& memory = memories_[g];
    const double* value = values_.conductance[g].data();
    if (group.op.kind == OperatorKind::identity) continue;
    if (group.covers_places) {
      kernels_.advance_grounded(group.op.recursion, plan_->unknowns(), values_.grounded.data(), x, has_constant_ ? constant_.data() : nullptr, memory.past.data(),
                                memory.second.data(), rhs);
    } else if (group.op.kind == OperatorKind::recursion) {
      kernels_.advance_ports(group.op.recursion, group.ports.view(), value, x, memory.past.data(), memory.second.data(), rhs);
    } else {
      kernels_.gather(group.ports.view(), x, scratch_.data());
      advance(group.op, group.ports.count(), scratch_.data(), memory);
      kernels_.scatter(group.ports.view(), value, memory.past.data(), rhs);
    }
  }
  for (std::size_t l = 0; l < plan_->laws().size(); ++l) {
    const auto& law = plan_->laws()[l];
    if (law.is_memoryless) continue;
    const auto& kernels = kernels_of(l);
    if (controlling_[l].size() > 0) kernels.controlling(view_of(l), x, controlling_[l].data());
    kernels.operands(view_of(l), x, scratch_.data(), answer_.data());
    advance(law.inner, law.ports.count(), scratch_.data(), inner_[l]);
    advance(law.outer, law.ports.count(), answer_.data(), outer_[l]);
  }
}

}  // namespace tellegen
