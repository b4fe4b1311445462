#pragma once
// The two passes of a solution with factors L D L^T, for supernodal.kernels.cpp alone.
//
//     forward   x_below -= L_below ( L_block^-1 x_block )         rows below gather what the block gives them
//     backward  x_block  = L_block^-T ( D^-1 x_block - L_below^T x_below )     inner products over the rows below
//
// An entry of L is one number for all lanes, or one per lane.

#include "hw_models/linear/single_lanes.hpp"
#include "hw_models/linear/supernodal_kernels.hpp"

namespace tellegen::TELLEGEN_TARGET {

/// @tparam Value      the lanes that registers carry at once, W or fewer
/// @tparam is_shared  one factor for all lanes, its entries spread over the registers as they are read
template <class Value, int W, bool is_shared>
class Solution {
  using Number = NumberOf<Value>;

 public:
  HWY_INLINE Solution(const FactorView& view, const Number* factor, Number* x) : view_(view), factor_(factor), x_(x) {}

  void run() {
    for (std::int32_t i = 0; i < view_.segment_count; ++i) i += forward(view_.segments[i]);
    for (std::int32_t i = view_.segment_count; i-- > 0;) i -= backward(i);
  }

 private:
  static constexpr int step = is_shared ? 1 : W;  // numbers from one entry of the factor to the next
  static constexpr bool has_many_registers = Lanes<8>::register_width == 8;
  static constexpr int most_rows = has_many_registers ? 8 : 4;  // whose sums are in registers at once
  static constexpr int narrow = has_many_registers ? 8 : 4;     // widest block whose unknowns all stay in registers

  [[nodiscard]] static HWY_INLINE Value entry(const Number* from, std::ptrdiff_t index) {
    if constexpr (is_shared)
      return Value(from[index]);
    else
      return Value::load(from + index * step);
  }
  [[nodiscard]] HWY_INLINE Value unknown(std::int32_t place) const { return Value::load(x_ + std::ptrdiff_t{place} * W); }
  HWY_INLINE void set_unknown(std::int32_t place, const Value& value) { value.store(x_ + std::ptrdiff_t{place} * W); }
  [[nodiscard]] HWY_INLINE const Number* block(std::int32_t s) const { return factor_ + view_.blocks[s] * step; }

  // ---- segments ----------------------------------------------------------------------------------------------------------

  /// @returns how many segments after this one are done as well
  HWY_INLINE std::int32_t forward(const FactorSegment& segment) {
    if (segment.links == 0) {
      forward_block(segment.supernode);
      return 0;
    }
    if (segment.partner == 0) {
      forward_chain(segment.supernode, segment.links);
      return 0;
    }
    forward_pair(segment);
    return 1;
  }
  HWY_INLINE std::int32_t backward(std::int32_t index) {
    const FactorSegment& segment = view_.segments[index];
    if (segment.links == 0) {
      backward_block(segment.supernode);
      return 0;
    }
    if (index > 0 && view_.segments[index - 1].partner > 0) {
      backward_pair(view_.segments[index - 1]);
      return 1;
    }
    backward_chain(segment.supernode, segment.links);
    return 0;
  }

  // ---- chains: the running unknown stays in a register -----------------------------------------------------------------------

  /// Row below the last link of a chain.
  [[nodiscard]] HWY_INLINE std::int32_t end_of(std::int32_t supernode, std::int32_t links) const {
    return view_.rows[view_.row_starts[supernode + links - 1]];
  }

  HWY_INLINE void forward_chain(std::int32_t supernode, std::int32_t links) {
    const std::int32_t place = view_.first[supernode];
    const Number* const link = block(supernode);
    Value running = unknown(place);
    running = forward_links(place, link, 0, links - 1, running);
    const std::int32_t end = end_of(supernode, links);
    set_unknown(end, fnma(entry(link, 2 * (links - 1) + 1), running, unknown(end)));
  }
  HWY_INLINE Value forward_links(std::int32_t place, const Number* link, std::int32_t from, std::int32_t to, Value running) {
    for (std::int32_t i = from; i < to; ++i) {
      running = fnma(entry(link, 2 * i + 1), running, unknown(place + i + 1));
      set_unknown(place + i + 1, running);
    }
    return running;
  }
  HWY_INLINE void backward_chain(std::int32_t supernode, std::int32_t links) {
    backward_links(view_.first[supernode], block(supernode), links, 0, unknown(end_of(supernode, links)));
  }
  HWY_INLINE void backward_links(std::int32_t place, const Number* link, std::int32_t from, std::int32_t to, Value running) {
    for (std::int32_t i = from; i-- > to;) {
      running = fnma(entry(link, 2 * i + 1), running, unknown(place + i) * entry(link, 2 * i));
      set_unknown(place + i, running);
    }
  }

  /// Two chains at once: each waits for its own last product, so the other one fills the time.
  HWY_INLINE void forward_pair(const FactorSegment& s) {
    const std::int32_t second = s.supernode + s.links;
    const std::int32_t place_1 = view_.first[s.supernode], place_2 = view_.first[second];
    const Number *const link_1 = block(s.supernode), *const link_2 = block(second);
    const std::int32_t common = (s.links < s.partner ? s.links : s.partner) - 1;
    Value running_1 = unknown(place_1), running_2 = unknown(place_2);
    for (std::int32_t i = 0; i < common; ++i) {
      running_1 = fnma(entry(link_1, 2 * i + 1), running_1, unknown(place_1 + i + 1));
      running_2 = fnma(entry(link_2, 2 * i + 1), running_2, unknown(place_2 + i + 1));
      set_unknown(place_1 + i + 1, running_1);
      set_unknown(place_2 + i + 1, running_2);
    }
    running_1 = forward_links(place_1, link_1, common, s.links - 1, running_1);
    running_2 = forward_links(place_2, link_2, common, s.partner - 1, running_2);
    const std::int32_t end_1 = end_of(s.supernode, s.links), end_2 = end_of(second, s.partner);
    set_unknown(end_1, fnma(entry(link_1, 2 * s.links - 1), running_1, unknown(end_1)));
    set_unknown(end_2, fnma(entry(link_2, 2 * s.partner - 1), running_2, unknown(end_2)));
  }
  HWY_INLINE void backward_pair(const FactorSegment& s) {
    const std::int32_t second = s.supernode + s.links;
    const std::int32_t place_1 = view_.first[s.supernode], place_2 = view_.first[second];
    const Number *const link_1 = block(s.supernode), *const link_2 = block(second);
    Value running_1 = unknown(end_of(s.supernode, s.links)), running_2 = unknown(end_of(second, s.partner));
    std::int32_t i = s.links, j = s.partner;
    while (i > 0 && j > 0) {
      --i;
      --j;
      running_1 = fnma(entry(link_1, 2 * i + 1), running_1, unknown(place_1 + i) * entry(link_1, 2 * i));
      running_2 = fnma(entry(link_2, 2 * j + 1), running_2, unknown(place_2 + j) * entry(link_2, 2 * j));
      set_unknown(place_1 + i, running_1);
      set_unknown(place_2 + j, running_2);
    }
    backward_links(place_1, link_1, i, 0, running_1);
    backward_links(place_2, link_2, j, 0, running_2);
  }

  // ---- blocks --------------------------------------------------------------------------------------------------------------

  HWY_INLINE void forward_block(std::int32_t s) {
    const std::int32_t w = view_.first[s + 1] - view_.first[s];
    if (w > narrow) return forward_wide(s, w);
    with_count<narrow>(w, [&]<int N>() { forward_narrow<N>(s); });
  }
  HWY_INLINE void backward_block(std::int32_t s) {
    const std::int32_t w = view_.first[s + 1] - view_.first[s];
    std::int32_t column = w;
    // The last columns first, because the others need them.
    for (; column >= most_rows; column -= most_rows) backward_columns<most_rows>(s, w, column - most_rows);
    with_count<most_rows - 1>(column, [&]<int N>() { backward_columns<N>(s, w, 0); });
  }

  /// Calls action.template operator()<count>() for a count from 1 to `most`, nothing for 0.
  template <int most, class Action>
  static HWY_INLINE void with_count(std::int32_t count, const Action& action) {
    if (count == most) return action.template operator()<most>();
    if constexpr (most > 1) with_count<most - 1>(count, action);
  }

  /// A block whose unknowns all stay in registers.
  template <int w>
  HWY_INLINE void forward_narrow(std::int32_t s) {
    const std::int32_t place = view_.first[s];
    const Number* below = block(s);
    Value own[w];
    for (int j = 0; j < w; ++j) {
      own[j] = unknown(place + j);
      for (int k = 0; k < j; ++k) own[j] = fnma(entry(below, j * w + k), own[k], own[j]);
      set_unknown(place + j, own[j]);
    }
    below += w * w * step;
    for (std::int32_t i = view_.row_starts[s]; i < view_.row_starts[s + 1]; ++i, below += w * step) {
      const std::int32_t row = view_.rows[i];
      Value sum = unknown(row);
      for (int k = 0; k < w; ++k) sum = fnma(entry(below, k), own[k], sum);
      set_unknown(row, sum);
    }
  }

  HWY_INLINE void forward_wide(std::int32_t s, std::int32_t w) {
    const std::int32_t place = view_.first[s];
    const Number* const own = block(s);
    std::int32_t column = 0;
    for (; column + 4 <= w; column += 4) forward_triangle<4>(own, w, place, column);
    with_count<3>(w - column, [&]<int N>() { forward_triangle<N>(own, w, place, column); });
    const Number* below = own + std::ptrdiff_t{w} * w * step;
    const std::int32_t* row = view_.rows + view_.row_starts[s];
    const std::int32_t* const end = view_.rows + view_.row_starts[s + 1];
    for (; end - row >= most_rows; row += most_rows, below += std::ptrdiff_t{most_rows} * w * step)
      forward_rows<most_rows>(below, w, place, row);
    with_count<most_rows - 1>(static_cast<std::int32_t>(end - row), [&]<int N>() { forward_rows<N>(below, w, place, row); });
  }
  /// R unknowns of the triangle, after those before them.
  template <int R>
  HWY_INLINE void forward_triangle(const Number* own, std::int32_t w, std::int32_t place, std::int32_t column) {
    const Number* const rows = own + std::ptrdiff_t{column} * w * step;
    Value sum[R];
    for (int r = 0; r < R; ++r) sum[r] = unknown(place + column + r);
    for (std::int32_t k = 0; k < column; ++k) {
      const Value known = unknown(place + k);
      for (int r = 0; r < R; ++r) sum[r] = fnma(entry(rows, r * w + k), known, sum[r]);
    }
    for (int r = 0; r < R; ++r) {
      for (int k = 0; k < r; ++k) sum[r] = fnma(entry(rows, r * w + column + k), sum[k], sum[r]);
      set_unknown(place + column + r, sum[r]);
    }
  }
  template <int R>
  HWY_INLINE void forward_rows(const Number* rows, std::int32_t w, std::int32_t place, const std::int32_t* row) {
    Value sum[R];
    for (int r = 0; r < R; ++r) sum[r] = unknown(row[r]);
    for (std::int32_t k = 0; k < w; ++k) {
      const Value known = unknown(place + k);
      for (int r = 0; r < R; ++r) sum[r] = fnma(entry(rows, r * w + k), known, sum[r]);
    }
    for (int r = 0; r < R; ++r) set_unknown(row[r], sum[r]);
  }

  /// C unknowns of a block of w, after those behind them and the rows below.
  template <int C>
  HWY_INLINE void backward_columns(std::int32_t s, std::int32_t w, std::int32_t column) {
    const std::int32_t place = view_.first[s];
    const Number* const own = block(s) + column * step;
    Value sum[C];
    for (int c = 0; c < C; ++c) sum[c] = unknown(place + column + c) * entry(own, std::ptrdiff_t{column + c} * w + c);
    const Number* row = own + std::ptrdiff_t{column + C} * w * step;
    for (std::int32_t k = column + C; k < w; ++k, row += w * step) {
      const Value known = unknown(place + k);
      for (int c = 0; c < C; ++c) sum[c] = fnma(entry(row, c), known, sum[c]);
    }
    for (std::int32_t i = view_.row_starts[s]; i < view_.row_starts[s + 1]; ++i, row += w * step) {
      const Value known = unknown(view_.rows[i]);
      for (int c = 0; c < C; ++c) sum[c] = fnma(entry(row, c), known, sum[c]);
    }
    for (int c = C - 1; c >= 0; --c) {
      for (int d = c + 1; d < C; ++d) sum[c] = fnma(entry(own, std::ptrdiff_t{column + d} * w + c), sum[d], sum[c]);
      set_unknown(place + column + c, sum[c]);
    }
  }

  const FactorView& view_;
  const Number* factor_;
  Number* x_;
};

}  // namespace tellegen::TELLEGEN_TARGET
