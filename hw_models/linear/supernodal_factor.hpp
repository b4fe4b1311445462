#pragma once
// Numeric factors L D L^T of one vector of lanes, for supernodal.kernels.cpp alone.
//
// Left-looking: a block takes its entries of the matrix, then what its descendants subtract, then is factored itself. So every
// block is written once, while it is in the nearest cache.
//
//     B -= L D L^T       inner products of rows, a tile of rows and columns at a time in registers

#include "hw_models/linear/single_lanes.hpp"
#include "hw_models/linear/supernodal_kernels.hpp"

namespace tellegen::TELLEGEN_TARGET {

/// Pivots smaller than this share of the diagonal that they came from are rounding errors, larger ones than the limit infinite.
template <class Number>
struct PivotLimits;
template <>
struct PivotLimits<double> {
  static constexpr double smallest_share = 64 * 2.220446049250313e-16, largest = 1e300;
};
template <>
struct PivotLimits<float> {
  static constexpr double smallest_share = 64 * 1.1920929e-07, largest = 1e36;
};

/// @tparam Value  the lanes that are factored at once, in one or two registers
template <class Value, int W>
class Factorisation {
  using Number = NumberOf<Value>;

 public:
  HWY_INLINE Factorisation(const FactorView& view, Number* factor, Number* pivots)
      : view_(view), factor_(factor), pivots_(pivots) {}

  /// @returns the first place whose pivot vanishes, -1 when there is none
  std::int32_t run(const double* shared, const double* own) {
    for (std::int32_t i = 0; i < view_.segment_count && failed_ < 0; ++i) {
      const FactorSegment& segment = view_.segments[i];
      if (segment.links == 0) {
        assemble(segment.supernode, shared, own);
        receive(segment.supernode, view_.update_starts[segment.supernode + 1]);
        factor_block(segment.supernode);
      } else {
        factor_chains(segment.supernode, segment.links, segment.partner, shared, own);
        i += segment.partner > 0;
      }
    }
    return failed_;
  }

 private:
  /// Tiles whose sums fill half of the registers: AVX-512 has 32, the others 16.
  static constexpr int tile_rows = 4;
  static constexpr int tile_columns = Lanes<8>::register_width == 8 && Value::registers == 1 ? 4 : 2;

  [[nodiscard]] HWY_INLINE std::int32_t width(std::int32_t s) const { return view_.first[s + 1] - view_.first[s]; }
  [[nodiscard]] HWY_INLINE std::int32_t height(std::int32_t s) const { return view_.row_starts[s + 1] - view_.row_starts[s]; }
  [[nodiscard]] HWY_INLINE Number* block(std::int32_t s) const { return factor_ + view_.blocks[s] * W; }
  [[nodiscard]] static HWY_INLINE Value load(const Number* from, std::ptrdiff_t index) { return Value::load(from + index * W); }
  static HWY_INLINE void store(const Value& value, Number* to, std::ptrdiff_t index) { value.store(to + index * W); }

  /// Calls action.template operator()<N>(from) for full tiles of `most` and the rest of a range.
  template <int most, class Action>
  static HWY_INLINE void in_tiles(std::int32_t from, std::int32_t to, const Action& action) {
    for (; from + most <= to; from += most) action.template operator()<most>(from);
    if constexpr (most > 3)
      if (to - from == 3) return action.template operator()<3>(from);
    if constexpr (most > 2)
      if (to - from == 2) return action.template operator()<2>(from);
    if (to - from == 1) action.template operator()<1>(from);
  }

  /// Puts the entries of the matrix into a block, zeros elsewhere.
  void assemble(std::int32_t s, const double* shared, const double* own) {
    Number* const to = block(s);
    const std::int32_t w = width(s), entries = w * (w + height(s));
    const Value zero(0.0);
    for (std::int32_t i = 0; i < entries; ++i) store(zero, to, i);
    for (std::int32_t e = view_.shared_starts[s]; e < view_.shared_starts[s + 1]; ++e)
      store(Value(shared[view_.shared_entries[e].value]), to, view_.shared_entries[e].position);
    if (own)
      for (std::int32_t e = view_.own_starts[s]; e < view_.own_starts[s + 1]; ++e) {
        const std::int32_t position = view_.own_entries[e].position;
        store(load(to, position) + Value::load(own + std::ptrdiff_t{view_.own_entries[e].value} * W), to, position);
      }
    // What each pivot will be compared with waits in its place.
    for (std::int32_t j = 0; j < w; ++j) store(abs(load(to, std::ptrdiff_t{j} * (w + 1))), pivots_, view_.first[s] + j);
  }

  /// Inner products L D L^T of R rows with C rows, over the first `inner` columns.
  /// @param step  entries from one row to the next
  template <int R, int C>
  static HWY_INLINE void products(const Number* rows, const Number* columns, const Number* pivots, std::int32_t step,
                                  std::int32_t inner, Value (&sum)[R][C]) {
    for (int r = 0; r < R; ++r)
      for (int c = 0; c < C; ++c) sum[r][c] = Value(0.0);
    for (std::int32_t k = 0; k < inner; ++k) {
      const Value pivot = load(pivots, k);
      Value scaled[C];
      for (int c = 0; c < C; ++c) scaled[c] = load(columns, c * step + k) * pivot;
      for (int r = 0; r < R; ++r) {
        const Value left = load(rows, r * step + k);
        for (int c = 0; c < C; ++c) sum[r][c] = fma(left, scaled[c], sum[r][c]);
      }
    }
  }

  // ---- what descendants subtract ----------------------------------------------------------------------------------------

  /// Takes the updates of a supernode up to `end`.
  HWY_INLINE void receive(std::int32_t s, std::int32_t end) {
    for (std::int32_t u = view_.update_starts[s]; u < end; ++u) receive(s, view_.updates[u]);
  }

  void receive(std::int32_t s, const SupernodeUpdate& update) {
    in_tiles<tile_columns>(0, update.columns, [&]<int C>(std::int32_t column) {
      in_tiles<tile_rows>(column, update.rows, [&]<int R>(std::int32_t row) { receive_tile<R, C>(s, update, row, column); });
    });
  }

  template <int R, int C>
  HWY_INLINE void receive_tile(std::int32_t s, const SupernodeUpdate& update, std::int32_t row, std::int32_t column) {
    const std::int32_t inner = width(update.source), w = width(s);
    const Number* const rows = block(update.source) + std::ptrdiff_t{inner + update.first_row} * inner * W;
    Value sum[R][C];
    products<R, C>(rows + std::ptrdiff_t{row} * inner * W, rows + std::ptrdiff_t{column} * inner * W,
                   pivots_ + std::ptrdiff_t{view_.first[update.source]} * W, inner, inner, sum);
    const std::int32_t* const target = view_.target_rows + update.target;
    Number* const to = block(s);
    for (int r = 0; r < R; ++r)
      for (int c = 0; c < C; ++c) {
        if (row + r < column + c) continue;  // above the diagonal
        const std::ptrdiff_t position = std::ptrdiff_t{target[row + r]} * w + target[column + c];
        store(load(to, position) - sum[r][c], to, position);
      }
  }

  // ---- the block itself --------------------------------------------------------------------------------------------------

  void factor_block(std::int32_t s) {
    in_tiles<tile_columns>(0, width(s), [&]<int C>(std::int32_t column) {
      Value scaled[C][C], inverse[C];
      factor_diagonal_tile<C>(s, column, scaled, inverse);
      in_tiles<tile_rows>(column + C, width(s) + height(s),
                          [&]<int R>(std::int32_t row) { factor_tile<R, C>(s, row, column, scaled, inverse); });
    });
  }

  /// Entries of a tile less what the columns before it subtract.
  template <int R, int C>
  HWY_INLINE void reduced_tile(std::int32_t s, std::int32_t row, std::int32_t column, Value (&tile)[R][C]) const {
    const std::int32_t w = width(s);
    const Number* const own = block(s);
    const Number* const rows = own + std::ptrdiff_t{row} * w * W;
    Value sum[R][C];
    products<R, C>(rows, own + std::ptrdiff_t{column} * w * W, pivots_ + std::ptrdiff_t{view_.first[s]} * W, w, column, sum);
    for (int r = 0; r < R; ++r)
      for (int c = 0; c < C; ++c) tile[r][c] = load(rows, r * w + column + c) - sum[r][c];
  }

  /// @param scaled   L D of the tile, below its diagonal
  /// @param inverse  1 / pivot
  template <int C>
  HWY_INLINE void factor_diagonal_tile(std::int32_t s, std::int32_t column, Value (&scaled)[C][C], Value (&inverse)[C]) {
    const std::int32_t w = width(s), place = view_.first[s] + column;
    Number* const own = block(s) + std::ptrdiff_t{column} * (w + 1) * W;
    Value tile[C][C];
    reduced_tile<C, C>(s, column, column, tile);
    for (int c = 0; c < C; ++c) {
      check_pivot(tile[c][c], place + c);
      inverse[c] = Value(1.0) / tile[c][c];
      store(inverse[c], own, c * w + c);
      for (int r = c + 1; r < C; ++r) {
        scaled[r][c] = tile[r][c];
        tile[r][c] = tile[r][c] * inverse[c];
        store(tile[r][c], own, r * w + c);
        for (int d = c + 1; d <= r; ++d) tile[r][d] = fnma(tile[r][c], scaled[d][c], tile[r][d]);
      }
    }
  }

  template <int R, int C>
  HWY_INLINE void factor_tile(std::int32_t s, std::int32_t row, std::int32_t column, const Value (&scaled)[C][C],
                              const Value (&inverse)[C]) const {
    const std::int32_t w = width(s);
    Number* const rows = block(s) + (std::ptrdiff_t{row} * w + column) * W;
    Value tile[R][C];
    reduced_tile<R, C>(s, row, column, tile);
    for (int r = 0; r < R; ++r)
      for (int c = 0; c < C; ++c) {
        for (int d = 0; d < c; ++d) tile[r][c] = fnma(tile[r][d], scaled[c][d], tile[r][c]);
        tile[r][c] = tile[r][c] * inverse[c];
        store(tile[r][c], rows, r * w + c);
      }
  }

  // ---- chains: what a link subtracts from the next one stays in a register ---------------------------------------------------

  /// Two chains in step, because each of them waits for its own divisions; `partner` 0: one chain alone.
  void factor_chains(std::int32_t first, std::int32_t links, std::int32_t partner, const double* shared, const double* own) {
    const std::int32_t second = first + links;
    Value carry_1(0.0), carry_2(0.0);
    for (std::int32_t i = 0; i < links || i < partner; ++i) {
      if (i < links) carry_1 = factor_link(first + i, i > 0, carry_1, shared, own);
      if (i < partner) carry_2 = factor_link(second + i, i > 0, carry_2, shared, own);
    }
  }

  /// @param carry  what the link before subtracts, where there is one
  /// @returns what this link subtracts from the next diagonal entry
  HWY_INLINE Value factor_link(std::int32_t s, bool has_previous, const Value& carry, const double* shared, const double* own) {
    assemble(s, shared, own);
    // The link before is the last of the sources.
    receive(s, view_.update_starts[s + 1] - (has_previous ? 1 : 0));
    Number* const link = block(s);
    const Value pivot = load(link, 0) - carry, below = load(link, 1), inverse = Value(1.0) / pivot, multiplier = below * inverse;
    check_pivot(pivot, view_.first[s]);
    store(inverse, link, 0);
    store(multiplier, link, 1);
    return multiplier * below;
  }

  /// Keeps the pivot and notes the first one that is a rounding error, infinite or no number.
  HWY_INLINE void check_pivot(const Value& pivot, std::int32_t place) {
    using Limits = PivotLimits<Number>;
    const bool is_sound = all_between(Value(Limits::smallest_share) * load(pivots_, place), abs(pivot), Value(Limits::largest));
    if (failed_ < 0 && !is_sound) failed_ = place;
    store(pivot, pivots_, place);
  }

  const FactorView& view_;
  Number* factor_;
  Number* pivots_;
  std::int32_t failed_ = -1;
};

}  // namespace tellegen::TELLEGEN_TARGET
