#pragma once
// Numeric factors L D L^T of one vector of lanes, for supernodal.kernels.cpp alone.
//
// Left-looking: a block takes its entries of the matrix, then what its descendants subtract, then is factored itself. So every
// block is written once, while it is in the nearest cache.
//
//     G = L D            the tile of columns that multiplies many rows is scaled once
//     B -= L G^T         inner products of rows, a tile of rows and columns at a time in registers

#include "hw_models/lanes/lanes.hpp"
#include "hw_models/linear/supernodal_kernels.hpp"

namespace tellegen::TELLEGEN_TARGET {

/// Pivots smaller than this share of the diagonal that they came from are rounding errors.
inline constexpr double smallest_pivot_share = 64 * 2.220446049250313e-16;
inline constexpr double largest_pivot = 1e300;

/// The smaller vector: as many lanes as one register holds, at most W.
template <int W>
using RegisterLanes = Lanes<Lanes<W>::register_width>;

/// Rows and columns of a tile, whose sums fill half of the registers: AVX-512 has 32, the others 16.
inline constexpr int tile_rows = 4;
inline constexpr int tile_columns = Lanes<8>::register_width == 8 ? 4 : 2;

template <class Value, int W>
class Factorisation {
 public:
  HWY_INLINE Factorisation(const FactorView& view, double* factor, double* pivots, double* scratch)
      : view_(view), factor_(factor), pivots_(pivots), scratch_(scratch) {}

  /// @returns the first place whose pivot vanishes, -1 when there is none
  std::int32_t run(const double* shared, const double* own) {
    for (std::int32_t s = 0; s < view_.supernodes; ++s) {
      assemble(s, shared, own);
      for (std::int32_t u = view_.update_starts[s]; u < view_.update_starts[s + 1]; ++u) receive(s, view_.updates[u]);
      factor_block(s);
      if (failed_ >= 0) return failed_;
    }
    return -1;
  }

 private:
  [[nodiscard]] HWY_INLINE std::int32_t width(std::int32_t s) const { return view_.first[s + 1] - view_.first[s]; }
  [[nodiscard]] HWY_INLINE std::int32_t height(std::int32_t s) const { return view_.row_starts[s + 1] - view_.row_starts[s]; }
  [[nodiscard]] HWY_INLINE double* block(std::int32_t s) const { return factor_ + view_.blocks[s] * W; }
  [[nodiscard]] static HWY_INLINE Value load(const double* from, std::ptrdiff_t index) { return Value::load(from + index * W); }
  static HWY_INLINE void store(const Value& value, double* to, std::ptrdiff_t index) { value.store(to + index * W); }

  /// Puts the entries of the matrix into a block, zeros elsewhere.
  void assemble(std::int32_t s, const double* shared, const double* own) {
    double* const to = block(s);
    const std::int32_t w = width(s), entries = w * (w + height(s));
    const Value zero(0.0);
    for (std::int32_t i = 0; i < entries; ++i) store(zero, to, i);
    for (std::int32_t e = view_.shared_starts[s]; e < view_.shared_starts[s + 1]; ++e)
      store(Value(shared[view_.shared_entries[e].value]), to, view_.shared_entries[e].position);
    if (own)
      for (std::int32_t e = view_.own_starts[s]; e < view_.own_starts[s + 1]; ++e) {
        const std::int32_t position = view_.own_entries[e].position;
        store(load(to, position) + load(own, view_.own_entries[e].value), to, position);
      }
    // What a pivot is compared with, last in the scratch.
    double* const scale = scratch_ + 4 * W * w;
    for (std::int32_t j = 0; j < w; ++j) store(abs(load(to, j * w + j)), scale, j);
  }

  /// Sums of products of R rows with C scaled rows over the first `inner` columns.
  template <int R, int C>
  static HWY_INLINE void products(const double* rows, std::int32_t row_step, const double* scaled, std::int32_t scaled_step, std::int32_t inner,
                                  Value (&sum)[R][C]) {
    for (std::int32_t k = 0; k < inner; ++k) {
      Value right[C];
      for (int c = 0; c < C; ++c) right[c] = load(scaled, c * scaled_step + k);
      for (int r = 0; r < R; ++r) {
        const Value left = load(rows, r * row_step + k);
        for (int c = 0; c < C; ++c) sum[r][c] = fma(left, right[c], sum[r][c]);
      }
    }
  }

  /// Scales C rows by the pivots into the scratch.
  template <int C>
  HWY_INLINE void scale_rows(const double* rows, std::int32_t row_step, std::int32_t first_place, std::int32_t inner) {
    for (std::int32_t k = 0; k < inner; ++k) {
      const Value pivot = load(pivots_, first_place + k);
      for (int c = 0; c < C; ++c) store(load(rows, c * row_step + k) * pivot, scratch_, c * row_step + k);
    }
  }

  // ---- what descendants subtract ----------------------------------------------------------------------------------------

  void receive(std::int32_t s, const SupernodeUpdate& update) {
    std::int32_t column = 0;
    for (; column + tile_columns <= update.columns; column += tile_columns) receive_columns<tile_columns>(s, update, column);
    if (tile_columns > 2 && column + 2 <= update.columns) {
      receive_columns<2>(s, update, column);
      column += 2;
    }
    if (column < update.columns) receive_columns<1>(s, update, column);
  }

  template <int C>
  void receive_columns(std::int32_t s, const SupernodeUpdate& update, std::int32_t column) {
    const std::int32_t inner = width(update.source);
    const double* const rows = block(update.source) + std::ptrdiff_t{inner + update.first_row} * inner * W;
    scale_rows<C>(rows + std::ptrdiff_t{column} * inner * W, inner, view_.first[update.source], inner);
    std::int32_t row = column;
    for (; row + tile_rows <= update.rows; row += tile_rows) receive_tile<tile_rows, C>(s, update, rows, row, column, inner);
    if (row + 2 <= update.rows) {
      receive_tile<2, C>(s, update, rows, row, column, inner);
      row += 2;
    }
    if (row < update.rows) receive_tile<1, C>(s, update, rows, row, column, inner);
  }

  template <int R, int C>
  HWY_INLINE void receive_tile(std::int32_t s, const SupernodeUpdate& update, const double* rows, std::int32_t row, std::int32_t column, std::int32_t inner) {
    Value sum[R][C];
    for (int r = 0; r < R; ++r)
      for (int c = 0; c < C; ++c) sum[r][c] = Value(0.0);
    products<R, C>(rows + std::ptrdiff_t{row} * inner * W, inner, scratch_, inner, inner, sum);
    const std::int32_t* const target = view_.target_rows + update.target;
    double* const to = block(s);
    const std::int32_t w = width(s);
    for (int r = 0; r < R; ++r)
      for (int c = 0; c < C; ++c) {
        if (row + r < column + c) continue;  // above the diagonal
        const std::ptrdiff_t position = std::ptrdiff_t{target[row + r]} * w + target[column + c];
        store(load(to, position) - sum[r][c], to, position);
      }
  }

  // ---- the block itself --------------------------------------------------------------------------------------------------

  void factor_block(std::int32_t s) {
    const std::int32_t w = width(s);
    std::int32_t column = 0;
    for (; column + tile_columns <= w; column += tile_columns) factor_columns<tile_columns>(s, column);
    if (tile_columns > 2 && column + 2 <= w) {
      factor_columns<2>(s, column);
      column += 2;
    }
    if (column < w) factor_columns<1>(s, column);
  }

  template <int C>
  void factor_columns(std::int32_t s, std::int32_t column) {
    const std::int32_t w = width(s), all = w + height(s);
    double* const own = block(s);
    scale_rows<C>(own + std::ptrdiff_t{column} * w * W, w, view_.first[s], column);
    Value scaled[C][C], inverse[C];
    factor_diagonal_tile<C>(s, column, scaled, inverse);
    std::int32_t row = column + C;
    for (; row + tile_rows <= all; row += tile_rows) factor_tile<tile_rows, C>(own, w, row, column, scaled, inverse);
    if (row + 2 <= all) {
      factor_tile<2, C>(own, w, row, column, scaled, inverse);
      row += 2;
    }
    if (row < all) factor_tile<1, C>(own, w, row, column, scaled, inverse);
  }

  /// Entries of a tile less what the columns before it subtract.
  template <int R, int C>
  HWY_INLINE void reduced_tile(const double* own, std::int32_t w, std::int32_t row, std::int32_t column, Value (&tile)[R][C]) const {
    Value sum[R][C];
    for (int r = 0; r < R; ++r)
      for (int c = 0; c < C; ++c) sum[r][c] = Value(0.0);
    products<R, C>(own + std::ptrdiff_t{row} * w * W, w, scratch_, w, column, sum);
    for (int r = 0; r < R; ++r)
      for (int c = 0; c < C; ++c) tile[r][c] = load(own, std::ptrdiff_t{row + r} * w + column + c) - sum[r][c];
  }

  /// @param scaled   L D of the tile, below its diagonal
  /// @param inverse  1 / pivot
  template <int C>
  HWY_INLINE void factor_diagonal_tile(std::int32_t s, std::int32_t column, Value (&scaled)[C][C], Value (&inverse)[C]) {
    const std::int32_t w = width(s);
    double* const own = block(s);
    const double* const scale = scratch_ + 4 * W * w;
    Value tile[C][C];
    reduced_tile<C, C>(own, w, column, column, tile);
    for (int c = 0; c < C; ++c) {
      const Value pivot = tile[c][c], size = abs(pivot);
      const Value refused = select(size > smallest_pivot_share * load(scale, column + c) && size < Value(largest_pivot), Value(0.0), Value(1.0));
      if (failed_ < 0 && largest(refused) > 0) failed_ = view_.first[s] + column + c;
      inverse[c] = Value(1.0) / pivot;
      store(pivot, pivots_, view_.first[s] + column + c);
      store(inverse[c], own, std::ptrdiff_t{column + c} * w + column + c);
      for (int r = c + 1; r < C; ++r) {
        scaled[r][c] = tile[r][c];
        tile[r][c] = tile[r][c] * inverse[c];
        store(tile[r][c], own, std::ptrdiff_t{column + r} * w + column + c);
        for (int d = c + 1; d <= r; ++d) tile[r][d] = fnma(tile[r][c], scaled[d][c], tile[r][d]);
      }
    }
  }

  template <int R, int C>
  HWY_INLINE void factor_tile(double* own, std::int32_t w, std::int32_t row, std::int32_t column, const Value (&scaled)[C][C], const Value (&inverse)[C]) const {
    Value tile[R][C];
    reduced_tile<R, C>(own, w, row, column, tile);
    for (int r = 0; r < R; ++r)
      for (int c = 0; c < C; ++c) {
        for (int d = 0; d < c; ++d) tile[r][c] = fnma(tile[r][d], scaled[c][d], tile[r][c]);
        tile[r][c] = tile[r][c] * inverse[c];
        store(tile[r][c], own, std::ptrdiff_t{row + r} * w + column + c);
      }
  }

  const FactorView& view_;
  double* factor_;
  double* pivots_;
  double* scratch_;
  std::int32_t failed_ = -1;
};

}  // namespace tellegen::TELLEGEN_TARGET
