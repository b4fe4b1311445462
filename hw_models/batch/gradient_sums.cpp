#include "hw_models/batch/gradient_sums.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tellegen {
namespace {

/// Steps whose products are taken together, at most, and the cache [bytes] that they may fill.
constexpr std::int32_t most_block_steps = 8;
constexpr double cache_for_block = 2.5e5;
/// Least crossbar between unknowns that is worth a product of matrices.
constexpr std::int32_t least_block_rows = 4, least_block_columns = 4;
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
  row_base_.resize(rows);
  row_scale_.resize(rows);
  ones_.resize(std::max(ones_.size(), rows), 1.0);
  for (std::size_t r = 0; !input_->slots.empty() && r < rows; ++r) slot_offsets_.push_back(input_->slots[input_->row_starts[r]]);
  std::int64_t dense_values = 0;
  std::vector<bool> is_dense(rows, false);
  for (const auto& dense : input_->dense)
    for (auto r = dense.first_row; r < dense.first_row + dense.rows; ++r) {
      is_dense[r] = true;
      dense_offsets_[r] = dense_values;
      dense_values += dense.columns;
    }
  dense_.resize(static_cast<std::size_t>(dense_values));
  for (std::size_t r = 0; r < rows; ++r)
    if (!is_dense[r]) loose_rows_.push_back(static_cast<std::int32_t>(r));
}

void GradientSums::find_blocks(const LinearGroup& group) {
  const auto& ports = group.ports;
  const auto count = ports.count();
  std::int32_t loose = 0;  // first port that is in no block
  const auto is_plain = [&](std::int32_t k) { return ports.out_p[k] == ports.p[k] && ports.out_n[k] == ports.n[k] && std::max(ports.p[k], ports.n[k]) < plan_.unknowns(); };
  const auto matches = [&](std::int32_t k, std::int32_t first, std::int32_t above) {  // first: of the row; above: same column of the first row
    return is_plain(k) && ports.gain_p[k] == ports.gain_p[first] && ports.weight_p[k] == ports.weight_p[first] && ports.n[k] == ports.n[above] &&
           ports.gain_n[k] == ports.gain_n[above] && ports.weight_n[k] == ports.weight_n[above];
  };
  for (std::int32_t k = 0; block_limit_ > 1 && k < count;) {
    std::int32_t columns = 0;
    while (k + columns < count && ports.p[k + columns] == ports.p[k] && ports.n[k + columns] == ports.n[k] + columns && matches(k + columns, k, k + columns)) ++columns;
    std::int32_t rows = columns > 0 ? 1 : 0;
    const auto is_row = [&](std::int32_t from) {
      if (from + columns > count || ports.p[from] != ports.p[k] + rows) return false;
      for (std::int32_t c = 0; c < columns; ++c)
        if (ports.p[from + c] != ports.p[from] || !matches(from + c, from, k + c)) return false;
      return true;
    };
    while (rows > 0 && is_row(k + rows * columns)) ++rows;
    if (rows < least_block_rows || columns < least_block_columns) {
      k += std::max(columns, 1);
      continue;
    }
    if (k > loose) loose_ports_.emplace_back(loose, k);
    add_block(group, k, rows, columns);
    k += rows * columns;
    loose = k;
  }
  if (loose < count) loose_ports_.emplace_back(loose, count);
}

void GradientSums::add_block(const LinearGroup& group, std::int32_t first_port, std::int32_t rows, std::int32_t columns) {
  const auto& ports = group.ports;
  Block block{.lines = {.count = rows, .place = ports.p[first_port], .port_stride = columns, .gain = {}, .weight = {}, .own = {}},
              .along = {.count = columns, .place = ports.n[first_port], .port_stride = 1, .gain = {}, .weight = {}, .own = {}},
              .first_port = first_port, .line_along = {}, .along_line = {}, .offsets = {}};
  for (std::int32_t r = 0; r < rows; ++r) {
    block.lines.gain.push_back(ports.gain_p[block.port(r, 0)]);
    block.lines.weight.push_back(ports.weight_p[block.port(r, 0)]);
  }
  for (std::int32_t c = 0; c < columns; ++c) {
    block.along.gain.push_back(ports.gain_n[block.port(0, c)]);
    block.along.weight.push_back(ports.weight_n[block.port(0, c)]);
  }
  const auto has_slots_in_order = [&] {
    for (std::int32_t line = 0; line < block.lines.count; ++line)
      for (std::int32_t k = 1; k < block.along.count; ++k)
        if (group.slots[block.port(line, k)] != group.slots[block.port(line, k - 1)] + 1) return false;
    return true;
  };
  if (!group.slots.empty() && !(block.has_slots_in_order = has_slots_in_order())) {
    std::swap(block.lines, block.along);
    block.has_slots_in_order = has_slots_in_order();
  }
  const auto lines = static_cast<std::size_t>(block.lines.count), along = static_cast<std::size_t>(block.along.count);
  block.lines.own.resize(lines);
  block.along.own.resize(along);
  for (auto* sums : {&block.line_along, &block.along_line}) sums->resize(lines * along);
  for (std::int64_t line = 0; line < block.lines.count; ++line) block.offsets.push_back(line * block.along.count);
  ones_.resize(std::max(ones_.size(), lines), 1.0);
  line_.resize(std::max(line_.size(), along));
  parted_columns_.need((along + 7) / 8 * 8 * lanes_ * most_block_steps);
  blocks_.push_back(std::move(block));
}

void GradientSums::begin() {
  for (auto& block : blocks_) {
    block.is_empty = true;
    for (auto* side : {&block.lines, &block.along}) std::ranges::fill(side->own, 0.0);
  }
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
  // The first kernel asks for the rows that are met next.
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

void GradientSums::take_block(Block& block, const StepPairs& pairs) {
  const std::int64_t padded = (block.along.count + 7) / 8 * 8, lanes = static_cast<std::int64_t>(lanes_);
  const auto lines_at = block.lines.place * lanes, along_at = block.along.place * lanes;
  const auto take = [&](const double* lines, std::int64_t line_stride, const double* along, std::int64_t along_stride, std::vector<double>& sums) {
    for (std::int32_t n = 0; n < pairs.steps; ++n)
      kernels_.part_samples(block.along.count, along + n * along_stride + along_at, padded, parted_columns_.data() + n * padded * lanes);
    kernels_.add_outer({.rows = block.lines.count, .columns = block.along.count, .steps = pairs.steps, .a = lines + lines_at, .stride_a = line_stride, .b = parted_columns_.data(),
                        .stride_b = padded, .base = nullptr, .scale = ones_.data(), .out = sums.data(), .offsets = block.offsets.data(), .adds = !block.is_empty});
  };
  take(pairs.x, pairs.stride_x, pairs.y, pairs.stride_y, block.line_along);
  take(pairs.y, pairs.stride_y, pairs.x, pairs.stride_x, block.along_line);
  block.is_empty = false;
  for (std::int32_t n = 0; n < pairs.steps; ++n)
    for (auto* side : {&block.lines, &block.along}) {
      const auto from = side->place * lanes;
      kernels_.add_products(side->count, pairs.x + n * pairs.stride_x + from, pairs.y + n * pairs.stride_y + from, side->own.data());
    }
}

/// Steps under the same known voltages share a column.
void GradientSums::take_input(const double* adjoint, const double* forward, const double* known, bool held) {
  const auto count = static_cast<std::int32_t>(input_->rows.size());
  kernels_.add_products_at(count, input_->rows.data(), adjoint, forward, self_.data());
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

/// What a block's sums say about its ports: (w_l mu_l - w_k mu_k)(g_l v_l - g_k v_k), product by product.
void GradientSums::give_block(Block& block, std::span<double> gradient) {
  const auto count = block.along.count;
  for (std::int32_t k = 0; k < count; ++k) block.along.own[k] *= -block.along.weight[k] * block.along.gain[k];
  for (std::int32_t line = 0; line < block.lines.count; ++line) {
    const double gain = block.lines.gain[line], weight = block.lines.weight[line];
    double* const out = block.has_slots_in_order ? gradient.data() + conductances_->slots[block.port(line, 0)] : line_.data();
    kernels_.fold_line({.count = count, .base = -weight * gain * block.lines.own[line], .gain = gain, .weight = weight, .own = block.along.own.data(), .gains = block.along.gain.data(),
                        .weights = block.along.weight.data(), .line_along = block.line_along.data() + block.offsets[line], .along_line = block.along_line.data() + block.offsets[line]},
                       out);
    for (std::int32_t k = 0; !block.has_slots_in_order && k < count; ++k) give_port(*conductances_, block.port(line, k), line_[k], gradient);
  }
}

double GradientSums::self_of(std::int32_t row) const {
  double self = 0;
  for (std::size_t lane = 0; lane < lanes_; ++lane) self += self_[static_cast<std::size_t>(row) * lanes_ + lane];
  return self;
}

GradientSums::PortShare GradientSums::share_of(std::int32_t port, double self) const {
  const auto& ports = input_->ports;
  return {-ports.weight_p[port] * ports.gain_p[port] * self, ports.weight_p[port]};
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
        const auto [base, scale] = share_of(group.row_starts[r], self_of(r));  // all ports of a dense row are alike
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
        const auto [base, scale] = share_of(port, self);
        gradient[branches[group.members[m]].first_slot] = base + scale * sums_[input_index_][port];
      }
  }
}

void GradientSums::give_dense(std::span<double> gradient) {
  for (const auto& dense : input_->dense) {
    for (auto r = dense.first_row; r < dense.first_row + dense.rows; ++r) {
      const auto [base, scale] = share_of(input_->row_starts[r], self_of(r));
      row_base_[r] = base;
      row_scale_[r] = scale;
    }
    take_dense(dense, row_base_.data(), row_scale_.data(), gradient.data(), slot_offsets_.data(), false);
  }
}

}  // namespace tellegen
