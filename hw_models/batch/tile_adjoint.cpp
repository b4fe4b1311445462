#include <algorithm>
#include <cstring>

#include "hw_models/batch/tile.hpp"

namespace tellegen {
namespace {

/// Steps whose products are taken together, at most, and the cache [bytes] that they may fill.
constexpr std::int32_t most_block_steps = 8;
constexpr double cache_for_block = 5e5;

}  // namespace

void Tile::begin_adjoint() {
  const auto places = static_cast<std::size_t>(plan_->places()) * lanes_;
  if (forward_places_.size() == 0) {
    forward_places_ = LaneArray(places);
    const auto row = at(plan_->unknowns() + 1);
    block_limit_ = std::clamp(static_cast<std::int32_t>(cache_for_block / (16.0 * static_cast<double>(row))), 1, most_block_steps);
    block_adjoint_ = LaneArray(row * static_cast<std::size_t>(block_limit_));
    for (const auto& group : plan_->linear_groups()) {
      cross_.emplace_back(group.is_input() ? static_cast<std::size_t>(group.ports.count()) : 0);
      if (!group.is_input()) continue;
      self_ = LaneArray(group.rows.size() * lanes_);
      column_adjoint_ = LaneArray(self_.size() * most_block_steps);
      column_known_ = LaneArray(places * most_block_steps);
    }
    for (const auto& group : plan_->linear_groups()) port_gradient_.emplace_back(group.is_input() ? 0 : static_cast<std::size_t>(group.ports.count()) * lanes_);
    for (std::size_t l = 0; l < plan_->laws().size(); ++l) {
      const auto count = static_cast<std::size_t>(plan_->laws()[l].ports.count());
      law_gradient_.emplace_back(values_.law_parameters[l].size());
      slope_.emplace_back(count * lanes_);
      forward_controlling_.emplace_back(count * lanes_);
      forward_value_.emplace_back(count * lanes_);
    }
  }
  for (auto& gradient : port_gradient_) gradient.fill(0);
  for (auto& cross : cross_) std::ranges::fill(cross, 0.0);
  self_.fill(0);
  block_steps_ = columns_ = 0;
  for (auto& gradient : law_gradient_) std::ranges::fill(gradient, 0.0);
  for (auto* memories : {&memories_, &inner_, &outer_})
    for (auto& memory : *memories) memory.clear();
  x_.fill(0);
  rhs_.fill(0);
  matrix_is_factored_ = false;
}

SolveStatus Tile::step_adjoint(const double* stored, const double* sources, bool held, std::span<const NodeIndex> probes, const double* slopes) {
  const auto row_values = at(plan_->unknowns() + 1);
  if (!held && known_.size() > 0) set_known(sources, forward_places_.data());
  const double* const here = stored;
  forward_ = stored;
  if (plan_->reads_known() || plan_->static_reads_known()) {
    std::memcpy(forward_places_.data(), stored, row_values * sizeof(double));
    forward_ = forward_places_.data();
  }
  double* rhs = rhs_.data();
  for (std::size_t j = 0; j < probes.size(); ++j) {
    const auto& voltage = plan_->reduction().voltage[probes[j]];
    if (voltage.unknown < 0) continue;
    double* row = rhs + at(plan_->place_of_unknown(voltage.unknown));
    for (std::size_t lane = 0; lane < lanes_; ++lane) row[lane] += voltage.gain * slopes[j * lanes_ + lane];
  }
  stored += row_values;
  for (std::size_t l = 0; l < plan_->laws().size(); ++l) {
    const auto& kernels = kernels_of(l);
    auto& z = forward_controlling_[l];
    auto view = view_of(l);
    if (controlling_[l].size() > 0) {
      std::memcpy(z.data(), stored, z.size() * sizeof(double));
      stored += z.size();
    } else {
      view.past_in = nullptr;
      kernels.controlling(view, forward_, z.data());
    }
    kernels.slopes(view, z.data(), forward_value_[l].data(), slope_[l].data());
    subtract_law_past(l);
  }
  const auto status = solve_adjoint();
  if (status == SolveStatus::converged) gather_gradient(here);
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
  const auto unknowns = static_cast<std::size_t>(plan_->unknowns()) * lanes_;
  double* rhs = rhs_.data();
  if (plan_->is_linear()) {
    if (!factor_is_shared_) {
      if (!system_->factor_shared()) return SolveStatus::singular;
      factor_is_shared_ = true;
    }
    system_->solve_transposed(rhs);
  } else {
    own_.fill(0);
    for (std::size_t l = 0; l < plan_->laws().size(); ++l)
      kernels_of(l).stamp(view_of(l), slope_[l].data(), own_.data());
    if (!is_modified_) {
      if (!system_->factor(own_.data())) return SolveStatus::singular;
      system_->solve_transposed(rhs);
    } else if (!refine_adjoint()) {
      return SolveStatus::singular;
    }
  }
  std::memset(rhs + unknowns, 0, (rhs_.size() - unknowns) * sizeof(double));
  std::swap(x_, rhs_);
  return SolveStatus::converged;
}

/// Solves with the factors of a step nearby and corrects what they miss; factors anew where that is slow.
bool Tile::refine_adjoint() {
  const auto n = plan_->unknowns();
  const auto unknowns = static_cast<std::size_t>(n) * lanes_;
  constexpr int most_corrections = 12;
  constexpr double tolerance = 1e-14;
  double *x = x_.data(), *r = residual_.data(), *d = step_.data();
  alignas(lane_alignment) double largest_d[most_lanes], largest_x[most_lanes], last[most_lanes] = {};
  std::memset(x, 0, unknowns * sizeof(double));
  std::memcpy(r, rhs_.data(), unknowns * sizeof(double));
  for (int correction = 0;; ++correction) {
    if (!matrix_is_factored_) {
      if (!system_->factor(own_.data())) return false;
      matrix_is_factored_ = true;
      ++counts_.factors;
    }
    std::memcpy(d, r, unknowns * sizeof(double));
    system_->solve_transposed(d);
    kernels_.difference(n, d, nullptr, d, largest_d);
    kernels_.take_step(n, d, nullptr, x, largest_x);
    bool is_done = true, is_slow = false;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      const double rate = last[lane] > 0 ? largest_d[lane] / last[lane] : 1;
      const bool is_small = largest_d[lane] * std::min(rate, 1.0) <= tolerance * largest_x[lane];
      is_done = is_done && is_small;
      is_slow = is_slow || (!is_small && last[lane] > 0 && rate > 0.2);
    }
    if (is_done || correction == most_corrections) break;
    if (is_slow) matrix_is_factored_ = false;
    std::copy_n(largest_d, lanes_, last);
    std::memcpy(r, rhs_.data(), unknowns * sizeof(double));
    system_->subtract_product(own_.data(), x, r, true);
  }
  std::memcpy(rhs_.data(), x, unknowns * sizeof(double));
  return true;
}

/// Takes the accepted adjoint variables into the gradient and into every memory.
void Tile::gather_gradient(const double* stored) {
  const auto groups = plan_->linear_groups();
  const double *lambda = x_.data(), *forward = forward_;
  double* rhs = rhs_.data();
  gather_static(stored);
  const bool overwrites = !groups.empty() && groups[0].covers_places && groups[0].ports.is_unit;
  if (!overwrites) rhs_.fill(0);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto& group = groups[g];
    const auto view = group.ports.view();
    auto& memory = memories_[g];
    const double* value = values_.conductance[g].data();
    double* gradient = port_gradient_[g].data();
    switch (group.op.kind) {
      case OperatorKind::identity: break;
      case OperatorKind::recursion:
        if (g == 0 && overwrites)
          kernels_.adjoint_grounded(group.op.recursion, plan_->unknowns(), value, lambda, forward, memory.past.data(), memory.second.data(), gradient, rhs);
        else
          kernels_.adjoint_ports(group.op.recursion, view, value, lambda, forward, memory.past.data(), memory.second.data(), gradient, rhs);
        break;
      case OperatorKind::exponentials:
        kernels_.gather_rows(view, lambda, scratch_.data());
        kernels_.operate(view.count, group.op.leading(), scratch_.data(), memory.past.data(), answer_.data());
        advance(group.op, view.count, scratch_.data(), memory);
        kernels_.gather(view, forward, scratch_.data());
        kernels_.accumulate_product(view.count, answer_.data(), scratch_.data(), gradient);
        kernels_.scatter_places(view, value, memory.past.data(), rhs);
        break;
    }
  }
  for (std::size_t l = 0; l < plan_->laws().size(); ++l) {
    const auto& law = plan_->laws()[l];
    const auto view = law.ports.view();
    const bool first_remembers = law.outer.kind != OperatorKind::identity;
    kernels_.gather_rows(view, lambda, scratch_.data());
    kernels_.operate(view.count, law.outer.leading(), scratch_.data(), first_remembers ? outer_[l].past.data() : nullptr, answer_.data());
    kernels_of(l).by_parameter(view_of(l), forward_controlling_[l].data(), forward_value_[l].data(), slope_[l].data(), answer_.data(),
                                                                 law_gradient_[l].data());
    if (first_remembers) advance(law.outer, view.count, scratch_.data(), outer_[l]);
    if (law.inner.kind != OperatorKind::identity) {
      kernels_.multiply(view.count, 1, slope_[l].data(), answer_.data(), nullptr, scratch_.data());
      advance(law.inner, view.count, scratch_.data(), inner_[l]);
    }
  }
}

/// Keeps what conductances need of this step, and takes the products when enough has come together.
void Tile::gather_static(const double* stored) {
  const auto row = at(plan_->unknowns() + 1);
  if (block_limit_ == 1 || plan_->static_reads_known()) {
    accumulate_ports(1, x_.data(), forward_);
  } else {
    std::memcpy(block_adjoint_.data() + static_cast<std::size_t>(block_steps_) * row, x_.data(), row * sizeof(double));
    if (block_steps_ == 0) block_forward_ = stored;
    if (++block_steps_ == block_limit_) flush_ports();
  }
  for (const auto& group : plan_->linear_groups())
    if (group.is_input()) gather_inputs(group);
}

/// Steps under the same known voltages share a column.
void Tile::gather_inputs(const LinearGroup& group) {
  const auto count = static_cast<std::int32_t>(group.rows.size());
  const double* known = forward_places_.data() + at(plan_->known_place(0));
  kernels_.accumulate_at(count, group.rows.data(), x_.data(), forward_, self_.data());
  const auto column_of = [&](std::int32_t column) { return column_known_.data() + static_cast<std::size_t>(column) * forward_places_.size() + at(plan_->known_place(0)); };
  if (columns_ > 0 && std::memcmp(column_of(columns_ - 1), known, known_.size() * sizeof(double)) == 0) {
    kernels_.add_from(count, group.rows.data(), x_.data(), column_adjoint_.data() + static_cast<std::size_t>(columns_ - 1) * self_.size());
    return;
  }
  if (columns_ == most_block_steps) flush_inputs();
  kernels_.gather_at(count, group.rows.data(), x_.data(), column_adjoint_.data() + static_cast<std::size_t>(columns_) * self_.size());
  std::memcpy(column_of(columns_), known, known_.size() * sizeof(double));
  ++columns_;
}

void Tile::accumulate_ports(std::int32_t steps, const double* adjoint, const double* forward) {
  const auto groups = plan_->linear_groups();
  for (std::size_t g = 0; g < groups.size(); ++g)
    if (groups[g].op.kind == OperatorKind::identity && !groups[g].is_input())
      kernels_.accumulate_port_steps(groups[g].ports.view(), steps, static_cast<std::int64_t>(at(plan_->unknowns() + 1)), adjoint,
                                     -static_cast<std::int64_t>(stored_values()), forward, port_gradient_[g].data());
}

void Tile::flush_ports() {
  if (block_steps_ > 0) accumulate_ports(block_steps_, block_adjoint_.data(), block_forward_);
  block_steps_ = 0;
}

void Tile::flush_inputs() {
  const auto groups = plan_->linear_groups();
  for (std::size_t g = 0; g < groups.size(); ++g)
    if (groups[g].is_input())
      kernels_.accumulate_rows(plan_->input_rows(groups[g]), columns_, static_cast<std::int64_t>(self_.size()), column_adjoint_.data(),
                               static_cast<std::int64_t>(forward_places_.size()), column_known_.data(), cross_[g].data());
  columns_ = 0;
}

void Tile::finish_adjoint() {
  flush_ports();
  flush_inputs();
}

void Tile::add_gradient(std::span<double> gradient) const {
  const auto branches = plan_->circuit().branches();
  const auto groups = plan_->linear_groups();
  const auto summed = [&](const double* values) {
    double sum = 0;
    for (std::size_t lane = 0; lane < lanes_; ++lane) sum += values[lane];
    return sum;
  };
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto& group = groups[g];
    const auto give = [&](std::int32_t port, double value) {
      for (auto m = group.member_starts[port]; m < group.member_starts[port + 1]; ++m) gradient[branches[group.members[m]].first_slot] -= value;
    };
    if (!group.is_input()) {
      for (std::int32_t port = 0; port < group.ports.count(); ++port) give(port, summed(port_gradient_[g].data() + at(port)));
      continue;
    }
    for (std::size_t r = 0; r < group.rows.size(); ++r) {
      const double self = summed(self_.data() + r * lanes_);
      for (auto port = group.row_starts[r]; port < group.row_starts[r + 1]; ++port)
        give(port, group.ports.weight_p[port] * (group.ports.gain_p[port] * self - cross_[g][static_cast<std::size_t>(port)]));
    }
  }
  for (std::size_t l = 0; l < plan_->laws().size(); ++l) {
    const auto& law = plan_->laws()[l];
    const auto count = law.branches.size(), parameters = law_gradient_[l].size() / count;
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t s = 0; s < parameters; ++s) gradient[branches[law.branches[k]].first_slot + s] += law_gradient_[l][s * count + k];
  }
}

}  // namespace tellegen
