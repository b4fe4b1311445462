#include "hw_models/batch/gradient_sums.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tellegen {
namespace {

/// What the steps of a block may fill of a cache. [bytes]
constexpr double cache_for_block = 2.5e5;
/// Places whose values stay in the nearest cache from one kernel to the next. [values]
constexpr std::int32_t chunk_values = 1024;

}  // namespace

GradientSums::GradientSums(const BatchPlan& plan, std::size_t lanes, std::size_t stored_values, InstructionSet set)
    : plan_(plan), lanes_(lanes), row_(static_cast<std::size_t>(plan.unknowns() + 1) * lanes), stored_values_(stored_values),
      kernels_(gradient_kernels(set).of[lane_index(static_cast<int>(lanes))]), step_kernels_(gradient_kernels(set).of[lane_index(8)]) {
  // Side by side samples fill registers by themselves: then only ports that read the same places again and again gain by it.
  std::int32_t ports_without_memory = 0;
  for (const auto& group : plan_.linear_groups())
    if (group.op.kind == OperatorKind::identity && !group.is_input()) ports_without_memory += group.ports.count();
  const bool gains = lanes_ == 1 || ports_without_memory > 3 * plan_.unknowns();
  if (gains && !plan_.linear_reads_known())
    block_limit_ = std::clamp(static_cast<std::int32_t>(cache_for_block / (16.0 * static_cast<double>(row_))), 1, most_block_steps);
  if (block_limit_ > 1) block_ = LaneArray(row_ * static_cast<std::size_t>(block_limit_));
  if (lanes_ == 1 && block_limit_ > 1)
    for (auto* parted : {&parted_adjoint_, &parted_forward_}) *parted = LaneArray(row_ * most_block_steps);
  for (const auto& group : plan_.linear_groups()) {
    const auto ports = static_cast<std::size_t>(group.ports.count());
    sums_.emplace_back(ports);
    auto& state = states_.emplace_back();
    if (group.op.kind == OperatorKind::recursion && block_limit_ > 1) {
      state.past = LaneArray(ports * lanes_);
      if (group.op.recursion.has_second) state.second = LaneArray(ports * lanes_);
    }
    if (group.is_input()) {
      input_ = &group;
      input_index_ = sums_.size() - 1;
    } else if (group.op.kind == OperatorKind::identity) {
      conductances_ = &group;
      conductances_index_ = sums_.size() - 1;
      find_blocks(group);
    }
  }
  if (block_limit_ > 1 && (input_ != nullptr || !blocks_.empty())) place_sums_ = LaneArray(static_cast<std::size_t>(plan_.unknowns()));
  if (input_ == nullptr) return;
  known_values_ = plan_.reduction().known.size() * lanes_;
  padded_known_ = (plan_.reduction().known.size() + 7) / 8 * 8;
  self_ = LaneArray(input_->rows.size() * lanes_);
  column_adjoint_ = LaneArray(self_.size() * most_block_steps);
  column_places_ = LaneArray(known_values_ * most_block_steps);
  column_known_ = LaneArray(padded_known_ * lanes_ * most_block_steps);
  for (const auto place : input_->ports.n) known_columns_.push_back(place - plan_.known_place(0));
  const auto rows = input_->rows.size();
  dense_offsets_.resize(rows);
  for (auto* numbers : {&row_self_, &row_scale_, &row_base_}) numbers->resize(rows);
  ones_.resize(std::max(ones_.size(), rows), 1.0);
  for (std::size_t r = 0; !input_->slots.empty() && r < rows; ++r) slot_offsets_.push_back(input_->slots[input_->row_starts[r]]);
  std::int64_t dense_values = 0;
  std::vector<bool> is_dense(rows, false);
  for (const auto& dense : input_->dense)
    for (auto r = dense.first_row; r < dense.first_row + dense.rows; ++r) {
      is_dense[r] = true;
      const auto [self, scale] = share_of(input_->row_starts[r]);  // all ports of a dense row are alike
      row_self_[r] = self;
      row_scale_[r] = scale;
      dense_offsets_[r] = dense_values;
      dense_values += dense.columns;
    }
  dense_.resize(static_cast<std::size_t>(dense_values));
  for (std::size_t r = 0; r < rows; ++r)
    if (!is_dense[r]) loose_rows_.push_back(static_cast<std::int32_t>(r));
}

void GradientSums::begin() {
  for (auto& block : blocks_) {
    block.is_empty = true;
    block.is_single = false;
  }
  place_sums_.fill(0);
  for (std::size_t g = 0; g < sums_.size(); ++g) {
    if (input_ != nullptr && g == input_index_) continue;
    if (conductances_ == nullptr || g != conductances_index_) sums_[g].fill(0);
  }
  for (const auto& [first, end] : loose_ports_) std::fill(sums_[conductances_index_].data() + first, sums_[conductances_index_].data() + end, 0.0);
  for (const auto r : loose_rows_) std::fill(sums_[input_index_].data() + input_->row_starts[r], sums_[input_index_].data() + input_->row_starts[r + 1], 0.0);
  for (auto& state : states_) {
    state.past.fill(0);
    state.second.fill(0);
  }
  self_.fill(0);
  block_steps_ = columns_ = 0;
  dense_is_empty_ = true;
}

void GradientSums::take(const double* adjoint, const double* stored, const double* forward, const double* known, bool held) {
  ahead_ = stored - stored_values_;
  if (block_limit_ == 1) {
    take_products(1, adjoint, forward);
  } else {
    std::memcpy(block_.data() + static_cast<std::size_t>(block_steps_) * row_, adjoint, row_ * sizeof(double));
    if (block_steps_ == 0) block_forward_ = stored;
    if (++block_steps_ == block_limit_) flush();
  }
  if (input_ != nullptr) take_input(adjoint, forward, known, held);
}

void GradientSums::flush() {
  if (block_steps_ > 0) take_products(block_steps_, block_.data(), block_forward_);
  block_steps_ = 0;
}

void GradientSums::take_and_advance(std::size_t g, const double* adjoint, const double* forward, const double* value, double* past, double* second, double* r) {
  const auto& group = plan_.linear_groups()[g];
  StepPairs pairs{.steps = 1, .x = adjoint, .y = forward, .ahead = std::exchange(ahead_, nullptr), .ahead_values = static_cast<std::int64_t>(row_)};
  double* const sums = sums_[g].data();
  if (!group.covers_places) return kernels_.adjoint_ports(group.op.recursion, group.ports.view(), pairs, value, past, second, sums, r);
  // Conductances follow chunk by chunk, while what they read is near.
  const std::int32_t chunk = std::max(chunk_values / static_cast<std::int32_t>(lanes_) / 8 * 8, 8);
  std::int32_t port = 0;
  for (std::int32_t first = 0; first < plan_.unknowns(); first += chunk) {
    const auto count = std::min(chunk, plan_.unknowns() - first);
    const auto from = static_cast<std::size_t>(first) * lanes_;
    const StepPairs part{.steps = 1, .x = adjoint + from, .y = forward + from, .ahead = pairs.ahead ? pairs.ahead + from : nullptr, .ahead_values = static_cast<std::int64_t>(count) * static_cast<std::int64_t>(lanes_)};
    kernels_.adjoint_grounded(group.op.recursion, count, part, value + first, past + from, second ? second + from : nullptr, sums + first, r + from);
    if (conductances_ == nullptr) continue;
    const auto& ports = conductances_->ports;
    // Behind the last unknown stand ports that ground or known voltages begin: controlled sources.
    const auto end = first + count == plan_.unknowns()
                         ? ports.count()
                         : static_cast<std::int32_t>(std::upper_bound(ports.p.begin() + port, ports.p.end(), first + count - 1) - ports.p.begin());
    if (end > port) kernels_.add_port_steps(ports.view(port, end - port), {.steps = 1, .x = adjoint, .y = forward}, sums_[conductances_index_].data() + port);
    port = end;
  }
}

bool GradientSums::joins_conductances() const {
  const auto groups = plan_.linear_groups();
  return block_limit_ == 1 && groups[0].covers_places;
}

void GradientSums::take_products(std::int32_t steps, const double* adjoint, const double* forward) {
  StepPairs pairs{.steps = steps, .stride_x = static_cast<std::int64_t>(row_), .stride_y = -static_cast<std::int64_t>(stored_values_), .x = adjoint, .y = forward};
  pairs.ahead_values = static_cast<std::int64_t>(block_limit_ == 1 ? row_ : stored_values_ * static_cast<std::size_t>(steps));
  // The first kernel asks for the rows that are met next: a block of them stands before the last one's.
  if (block_limit_ > 1) ahead_ -= stored_values_ * static_cast<std::size_t>(steps - 1);
  const auto asking = [&](StepPairs own) {
    own.ahead = std::exchange(ahead_, nullptr);
    return own;
  };
  for (std::size_t g = 0; g < states_.size() && block_limit_ > 1; ++g) {
    const auto& group = plan_.linear_groups()[g];
    if (group.op.kind != OperatorKind::recursion) continue;
    auto& [past, second] = states_[g];
    if (group.covers_places)
      kernels_.add_grounded_steps(group.op.recursion, plan_.unknowns(), asking(pairs), past.data(), second.data(), sums_[g].data());
    else
      kernels_.add_recursion_steps(group.op.recursion, group.ports.view(), asking(pairs), past.data(), second.data(), sums_[g].data());
  }
  if (place_sums_.size() > 0) kernels_.add_place_steps(plan_.unknowns(), pairs, place_sums_.data());
  if (conductances_ == nullptr || joins_conductances()) return;
  for (auto& block : blocks_) take_block(block, pairs);
  if (loose_ports_.empty()) return;
  double* const sums = sums_[conductances_index_].data();
  const bool parts = lanes_ == 1 && steps > 1;
  if (parts) {  // one sample's steps stand side by side like samples
    const auto places = static_cast<std::int32_t>(row_);
    kernels_.part_steps(places, steps, pairs.stride_x, adjoint, parted_adjoint_.data());
    kernels_.part_steps(places, steps, pairs.stride_y, forward, parted_forward_.data());
  }
  for (const auto& [first, end] : loose_ports_) {
    const auto view = conductances_->ports.view(first, end - first);
    if (parts)
      step_kernels_.add_port_steps(view, {.steps = 1, .x = parted_adjoint_.data(), .y = parted_forward_.data()}, sums + first);
    else
      kernels_.add_port_steps(view, asking(pairs), sums + first);
  }
}

/// Steps under the same known voltages share a column.
void GradientSums::take_input(const double* adjoint, const double* forward, const double* known, bool held) {
  const auto count = static_cast<std::int32_t>(input_->rows.size());
  if (place_sums_.size() == 0) kernels_.add_products_at(count, input_->rows.data(), adjoint, forward, self_.data());
  const auto adjoint_column = [&](std::int32_t column) { return column_adjoint_.data() + static_cast<std::size_t>(column) * self_.size(); };
  const auto places_column = [&](std::int32_t column) { return column_places_.data() + static_cast<std::size_t>(column) * known_values_; };
  if (columns_ > 0 && (held || std::memcmp(places_column(columns_ - 1), known, known_values_ * sizeof(double)) == 0))
    return kernels_.add_from(count, input_->rows.data(), adjoint, adjoint_column(columns_ - 1));
  if (columns_ == most_block_steps) flush_inputs();
  kernels_.gather_at(count, input_->rows.data(), adjoint, adjoint_column(columns_));
  std::memcpy(places_column(columns_), known, known_values_ * sizeof(double));
  if (!input_->dense.empty())
    kernels_.part_samples(static_cast<std::int32_t>(plan_.reduction().known.size()), known, static_cast<std::int64_t>(padded_known_),
                          column_known_.data() + static_cast<std::size_t>(columns_) * padded_known_ * lanes_);
  ++columns_;
}

void GradientSums::take_dense(const LinearGroup::DenseRows& dense, const double* base, const double* scale, double* out, const std::int64_t* offsets, bool adds) {
  kernels_.add_outer({.rows = dense.rows, .columns = dense.columns, .steps = columns_, .a = column_adjoint_.data() + static_cast<std::size_t>(dense.first_row) * lanes_,
                      .stride_a = static_cast<std::int64_t>(self_.size()), .b = column_known_.data() + dense.first_column,
                      .stride_b = static_cast<std::int64_t>(padded_known_), .base = base != nullptr ? base + dense.first_row : nullptr, .scale = scale + dense.first_row,
                      .out = out, .offsets = offsets + dense.first_row, .adds = adds});
}

/// Takes the columns into the sums.
void GradientSums::flush_inputs() {
  flush_dense();
  flush_loose();
  columns_ = 0;
}

void GradientSums::flush_dense() {
  for (const auto& dense : input_->dense) take_dense(dense, nullptr, ones_.data(), dense_.data(), dense_offsets_.data(), !dense_is_empty_);
  dense_is_empty_ = false;
}

void GradientSums::flush_loose() {
  const auto view = plan_.input_rows(*input_);
  const StepPairs pairs{.steps = columns_, .stride_x = static_cast<std::int64_t>(self_.size()), .stride_y = static_cast<std::int64_t>(known_values_), .x = column_adjoint_.data(),
                        .y = column_places_.data()};
  for (const auto r : loose_rows_)
    kernels_.add_row_steps({.rows = 1, .row = view.row + r, .starts = view.starts + r, .columns = known_columns_.data(), .values = nullptr}, pairs, sums_[input_index_].data());
}

void GradientSums::give(std::span<double> gradient) {
  const auto groups = plan_.linear_groups();
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto& group = groups[g];
    if (group.is_input()) {
      give_inputs(gradient);
      continue;
    }
    const auto give_ports = [&](std::int32_t first, std::int32_t end) {
      for (auto port = first; port < end; ++port) give_port(group, port, -sums_[g][port] * (group.covers_places ? group.ports.weight_p[port] : 1), gradient);
    };
    if (&group != conductances_) {
      give_ports(0, group.ports.count());
      continue;
    }
    for (const auto& [first, end] : loose_ports_) give_ports(first, end);
    for (auto& block : blocks_) give_block(block, gradient);
  }
}

void GradientSums::give_port(const LinearGroup& group, std::int32_t port, double value, std::span<double> gradient) const {
  if (!group.slots.empty())
    gradient[group.slots[port]] = value;
  else
    for (auto m = group.member_starts[port]; m < group.member_starts[port + 1]; ++m) gradient[plan_.circuit().branches()[group.members[m]].first_slot] = value;
}

double GradientSums::self_of(std::int32_t row) const {
  if (place_sums_.size() > 0) return place_sums_[input_->rows[row]];
  double self = 0;
  for (std::size_t lane = 0; lane < lanes_; ++lane) self += self_[static_cast<std::size_t>(row) * lanes_ + lane];
  return self;
}

GradientSums::PortShare GradientSums::share_of(std::int32_t port) const {
  const auto& ports = input_->ports;
  return {-ports.weight_p[port] * ports.gain_p[port], ports.weight_p[port]};
}

void GradientSums::give_inputs(std::span<double> gradient) {
  const auto& group = *input_;
  if (columns_ > 0) flush_loose();
  if (columns_ > 0 && dense_is_empty_ && std::ranges::all_of(group.dense, &LinearGroup::DenseRows::has_slots_in_order)) {
    give_dense(gradient);  // nothing was summed before: products go straight to where they belong
  } else {
    if (columns_ > 0) flush_dense();
    const double* sums = dense_.data();
    for (const auto& dense : group.dense)
      for (std::int32_t r = dense.first_row; r < dense.first_row + dense.rows; ++r, sums += dense.columns) {
        const double base = row_self_[r] * self_of(r), scale = row_scale_[r];
        const std::int32_t* const slots = group.slots.data() + group.row_starts[r];
        for (std::int32_t j = 0; j < dense.columns; ++j) gradient[slots[j]] = base + scale * sums[j];
      }
  }
  columns_ = 0;
  const auto branches = plan_.circuit().branches();
  for (const auto r : loose_rows_) {
    const double self = self_of(r);
    for (auto port = group.row_starts[r]; port < group.row_starts[r + 1]; ++port)
      for (auto m = group.member_starts[port]; m < group.member_starts[port + 1]; ++m) {
        const auto [of_self, scale] = share_of(port);
        gradient[branches[group.members[m]].first_slot] = of_self * self + scale * sums_[input_index_][port];
      }
  }
}

void GradientSums::give_dense(std::span<double> gradient) {
  for (const auto& dense : input_->dense) {
    for (auto r = dense.first_row; r < dense.first_row + dense.rows; ++r) row_base_[r] = row_self_[r] * self_of(r);
    take_dense(dense, row_base_.data(), row_scale_.data(), gradient.data(), slot_offsets_.data(), false);
  }
}

}  // namespace tellegen
