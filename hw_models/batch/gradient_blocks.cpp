// Gradients of crossbars between unknowns, as products of matrices.

#include <algorithm>
#include <utility>

#include "hw_models/batch/gradient_sums.hpp"

namespace tellegen {
namespace {

/// Least crossbar between unknowns that is worth a product of matrices.
constexpr std::int32_t least_block_rows = 4, least_block_columns = 4;

}  // namespace

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
  Block block{.lines = {.count = rows, .place = ports.p[first_port], .port_stride = columns, .gain = {}, .weight = {}, .adjoint = {}, .forward = {}},
              .along = {.count = columns, .place = ports.n[first_port], .port_stride = 1, .gain = {}, .weight = {}, .adjoint = {}, .forward = {}},
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
  own_.resize(std::max(own_.size(), along));
  for (auto* sums : {&block.line_along, &block.along_line}) sums->resize(lines * along);
  for (std::int64_t line = 0; line < block.lines.count; ++line) block.offsets.push_back(line * block.along.count);
  ones_.resize(std::max(ones_.size(), lines), 1.0);
  line_.resize(std::max(line_.size(), along));
  parted_columns_.need((along + 7) / 8 * 8 * lanes_ * most_block_steps);
  blocks_.push_back(std::move(block));
}

void GradientSums::take_block(Block& block, const StepPairs& pairs) {
  // An operating point has one step: its products go straight to where they belong.
  if (lanes_ == 1 && pairs.steps == 1 && block.is_empty) {
    for (auto* side : {&block.lines, &block.along}) {
      side->adjoint.assign(pairs.x + side->place, pairs.x + side->place + side->count);
      side->forward.assign(pairs.y + side->place, pairs.y + side->place + side->count);
    }
    block.is_single = true;
    block.is_empty = false;
    return;
  }
  if (std::exchange(block.is_single, false)) {
    block.is_empty = true;
    const auto step_of = [](const Block::Side& side) { return StepPairs{.steps = 1, .x = side.adjoint.data(), .y = side.forward.data()}; };
    add_steps(block, step_of(block.lines), step_of(block.along));
  }
  const auto steps_of = [&](const Block::Side& side) {
    auto own = pairs;
    own.x += static_cast<std::size_t>(side.place) * lanes_;
    own.y += static_cast<std::size_t>(side.place) * lanes_;
    return own;
  };
  add_steps(block, steps_of(block.lines), steps_of(block.along));
}

void GradientSums::add_steps(Block& block, const StepPairs& lines, const StepPairs& along) {
  const std::int64_t padded = (block.along.count + 7) / 8 * 8, lanes = static_cast<std::int64_t>(lanes_);
  const auto take = [&](const double* of_lines, std::int64_t line_stride, const double* of_along, std::int64_t along_stride, std::vector<double>& sums) {
    for (std::int32_t n = 0; n < lines.steps; ++n)
      kernels_.part_samples(block.along.count, of_along + n * along_stride, padded, parted_columns_.data() + n * padded * lanes);
    kernels_.add_outer({.rows = block.lines.count, .columns = block.along.count, .steps = lines.steps, .a = of_lines, .stride_a = line_stride, .b = parted_columns_.data(),
                        .stride_b = padded, .base = nullptr, .scale = ones_.data(), .out = sums.data(), .offsets = block.offsets.data(), .adds = !block.is_empty});
  };
  take(lines.x, lines.stride_x, along.y, along.stride_y, block.line_along);
  take(lines.y, lines.stride_y, along.x, along.stride_x, block.along_line);
  block.is_empty = false;
}

/// What a block's sums say about its ports: (w_l mu_l - w_k mu_k)(g_l v_l - g_k v_k), product by product unless there is one step only.
void GradientSums::give_block(Block& block, std::span<double> gradient) {
  auto &lines = block.lines, &along = block.along;
  const auto count = along.count;
  for (std::int32_t k = 0; k < count; ++k) {
    if (block.is_single) {
      along.adjoint[k] *= along.weight[k];
      along.forward[k] *= along.gain[k];
    } else {
      own_[k] = -along.weight[k] * along.gain[k] * place_sums_[along.place + k];
    }
  }
  for (std::int32_t line = 0; line < lines.count; ++line) {
    const double gain = lines.gain[line], weight = lines.weight[line];
    double* const out = block.has_slots_in_order ? gradient.data() + conductances_->slots[block.port(line, 0)] : line_.data();
    if (block.is_single)
      kernels_.multiply_line(count, weight * lines.adjoint[line], gain * lines.forward[line], along.adjoint.data(), along.forward.data(), out);
    else
      kernels_.fold_line({.count = count, .base = -weight * gain * place_sums_[lines.place + line], .gain = gain, .weight = weight, .own = own_.data(), .gains = along.gain.data(),
                          .weights = along.weight.data(), .line_along = block.line_along.data() + block.offsets[line], .along_line = block.along_line.data() + block.offsets[line]},
                         out);
    for (std::int32_t k = 0; !block.has_slots_in_order && k < count; ++k) give_port(*conductances_, block.port(line, k), line_[k], gradient);
  }
}

}  // namespace tellegen
