#include "hw_models/linear/lane_numbers.hpp"
#include "hw_models/linear/triangle_kernels.hpp"

namespace tellegen::TELLEGEN_TARGET {
namespace {

constexpr int native = static_cast<int>(hn::MaxLanes(hn::ScalableTag<double>()));

template <int W>
void add_diagonal(const TriangleView& triangle, const double* diagonal, double tolerance, double* s, double* least) {
  for (std::int64_t k = 0; k < triangle.size; ++k) {
    double* const pivot = s + (triangle.offsets[k] + k) * W;
    const auto added = at<W>(diagonal, k);
    (Lanes<W>::load(pivot) + added).store(pivot);
    (tolerance * added).store(least + k * W);
  }
}

/// Columns of one block of the factors: as many sums as stay in registers, four rows of them.
constexpr int block_columns = native == 8 ? 4 : 2;

static_assert(triangle_block == 4 && triangle_block % block_columns == 0);

/// Factors of one block of rows, from the left: what earlier rows hold is final. Addresses are taken before the first store,
/// after which the compiler would read them anew.
template <int W, int Rows>
struct RowBlock {
  // One register at a time: the operands of a product differ from sample to sample, so that wider chunks share nothing.
  static constexpr int width = W < native ? W : native;
  using Chunk = Lanes<width>;

  std::int64_t first;    ///< row
  std::int64_t start;    ///< first column of every row of the block
  double* rows[Rows];    ///< column 0 of each row of the triangle, from the chunk's first sample on
  double* scaled[Rows];  ///< L of these rows, likewise

  HWY_INLINE RowBlock(const TriangleView& triangle, std::int64_t first_row, double* s, double* space)
      : first(first_row), start(triangle.starts[first_row]) {
    for (int r = 0; r < Rows; ++r) {
      rows[r] = s + triangle.offsets[first + r] * W;
      scaled[r] = space + static_cast<std::int64_t>(r) * triangle.size * W;
    }
  }

  /// Takes the products of columns from .. to - 1 of these rows' L and of other rows from the sums.
  template <int Columns>
  HWY_INLINE void subtract(const double* const (&others)[Columns], std::int64_t from, std::int64_t to,
                           Chunk (&sums)[Rows][Columns]) const {
    for (std::int64_t p = from * W; p < to * W; p += W) {
      Chunk l[Rows];
#pragma GCC unroll 4
      for (int r = 0; r < Rows; ++r) l[r] = Chunk::load(scaled[r] + p);
#pragma GCC unroll 4
      for (int c = 0; c < Columns; ++c) {
        const Chunk u = Chunk::load(others[c] + p);
#pragma GCC unroll 4
        for (int r = 0; r < Rows; ++r) sums[r][c] = fnma(l[r], u, sums[r][c]);
      }
    }
  }

  HWY_INLINE void left_of_diagonal(const TriangleView& triangle, const double* s, std::int64_t column) const {
    const double* others[block_columns];
    for (int c = 0; c < block_columns; ++c) others[c] = s + triangle.offsets[column + c] * W;
    const std::int64_t from = triangle.starts[column] < start ? start : triangle.starts[column];
    const std::int64_t at = column * W;
    Chunk sums[Rows][block_columns];
#pragma GCC unroll 4
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
      for (int c = 0; c < block_columns; ++c) sums[r][c] = Chunk::load(rows[r] + at + c * W);
    subtract(others, from, column, sums);
#pragma GCC unroll 4
    for (int c = 0; c < block_columns; ++c) {
      const Chunk inverse = Chunk::load(others[c] + at + c * W);
#pragma GCC unroll 4
      for (int r = 0; r < Rows; ++r) {
        const Chunk l = sums[r][c] * inverse;
        sums[r][c].store(rows[r] + at + c * W);
        l.store(scaled[r] + at + c * W);
#pragma GCC unroll 4
        for (int next = c + 1; next < block_columns; ++next)
          sums[r][next] = fnma(l, Chunk::load(others[next] + at + c * W), sums[r][next]);
      }
    }
  }

  /// @returns the least pivot, less its limit
  HWY_INLINE Chunk diagonal(const double* least) const {
    const double* others[Rows];
    for (int c = 0; c < Rows; ++c) others[c] = rows[c];
    const std::int64_t at = first * W;
    Chunk sums[Rows][Rows];
#pragma GCC unroll 4
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
      for (int c = 0; c < Rows; ++c) sums[r][c] = Chunk::load(rows[r < c ? c : r] + at + (r < c ? r : c) * W);
    subtract(others, start, first, sums);
    Chunk lowest(1.0);
#pragma GCC unroll 4
    for (int c = 0; c < Rows; ++c) {
      lowest = lesser_or_negative(sums[c][c] - Chunk::load(least + at + c * W), lowest);
      const Chunk inverse = reciprocal(sums[c][c]);
      inverse.store(rows[c] + at + c * W);
#pragma GCC unroll 4
      for (int r = c + 1; r < Rows; ++r) {
        const Chunk l = sums[r][c] * inverse;
        sums[r][c].store(rows[r] + at + c * W);
#pragma GCC unroll 4
        for (int next = c + 1; next <= r; ++next) sums[r][next] = fnma(l, sums[next][c], sums[r][next]);
      }
    }
    return lowest;
  }
};

/// The registers of a block take turns: while one waits for a pivot, the next has work.
template <int W, int Rows>
HWY_INLINE bool factor_rows(const TriangleView& triangle, std::int64_t first, const double* least, double* s, double* scaled) {
  using Block = RowBlock<W, Rows>;
  for (std::int64_t column = triangle.starts[first]; column < first; column += block_columns)
    for (int lane = 0; lane < W; lane += Block::width)
      Block(triangle, first, s + lane, scaled + lane).left_of_diagonal(triangle, s + lane, column);
  typename Block::Chunk lowest(1.0);
  for (int lane = 0; lane < W; lane += Block::width)
    lowest = min(lowest, Block(triangle, first, s + lane, scaled + lane).diagonal(least + lane));
  return !any(lowest < typename Block::Chunk(0.0));
}

template <int W>
bool factor(const TriangleView& triangle, const double* least, double* s, double* scaled) {
  bool is_definite = true;
  std::int64_t first = 0;
  for (; first + triangle_block <= triangle.size; first += triangle_block)
    is_definite = factor_rows<W, triangle_block>(triangle, first, least, s, scaled) && is_definite;
  switch (triangle.size - first) {
    case 1: return factor_rows<W, 1>(triangle, first, least, s, scaled) && is_definite;
    case 2: return factor_rows<W, 2>(triangle, first, least, s, scaled) && is_definite;
    case 3: return factor_rows<W, 3>(triangle, first, least, s, scaled) && is_definite;
    default: return is_definite;
  }
}

/// Samples that one pass of a solve carries: two registers of them.
template <int W>
constexpr int solve_width = W < 2 * native ? W : 2 * native;

/// One block of rows of the triangular solves. Shared: one sample's factors serve all.
template <int W, bool Shared, int Rows>
struct SolveBlock {
  static constexpr int width = solve_width<W>;
  using Chunk = Lanes<width>;

  std::int64_t first, start;
  const double* rows[Rows];  ///< column 0 of each row of the triangle

  HWY_INLINE SolveBlock(const TriangleView& triangle, std::int64_t first_row, const double* s)
      : first(first_row), start(triangle.starts[first_row]) {
    for (int r = 0; r < Rows; ++r) rows[r] = s + triangle.offsets[first + r] * (Shared ? 1 : W);
  }
  [[nodiscard]] HWY_INLINE Chunk entry(int r, std::int64_t column, int lane) const {
    if constexpr (Shared) return Chunk(rows[r][column]);
    return Chunk::load(rows[r] + column * W + lane);
  }

  /// x = ( L^-1 x ) / D for these rows
  HWY_INLINE void forward(double* x, int lane) const {
    Chunk value[Rows];
#pragma GCC unroll 4
    for (int r = 0; r < Rows; ++r) value[r] = Chunk::load(x + (first + r) * W + lane);
    for (std::int64_t p = start; p < first; ++p) {
      const Chunk xp = Chunk::load(x + p * W + lane);
#pragma GCC unroll 4
      for (int r = 0; r < Rows; ++r) value[r] = fnma(entry(r, p, lane), xp, value[r]);
    }
#pragma GCC unroll 4
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
      for (int q = 0; q < r; ++q) value[r] = fnma(entry(r, first + q, lane), value[q], value[r]);
      value[r] = value[r] * entry(r, first + r, lane);
      value[r].store(x + (first + r) * W + lane);
    }
  }
  /// x = L^-T x for these rows, whose products with later rows stand in `sums`; adds their own to those of earlier ones.
  HWY_INLINE void backward(double* x, double* sums, int lane) const {
    Chunk value[Rows];
#pragma GCC unroll 4
    for (int r = Rows - 1; r >= 0; --r) {
      Chunk sum = Chunk::load(sums + (first + r) * W + lane);
#pragma GCC unroll 4
      for (int q = r + 1; q < Rows; ++q) sum = fma(entry(q, first + r, lane), value[q], sum);
      value[r] = fnma(entry(r, first + r, lane), sum, Chunk::load(x + (first + r) * W + lane));
      value[r].store(x + (first + r) * W + lane);
    }
    for (std::int64_t p = start; p < first; ++p) {
      Chunk sum = Chunk::load(sums + p * W + lane);
#pragma GCC unroll 4
      for (int r = 0; r < Rows; ++r) sum = fma(entry(r, p, lane), value[r], sum);
      sum.store(sums + p * W + lane);
    }
  }
};

template <int W, bool Shared, int Rows>
HWY_INLINE void solve_rows(const TriangleView& triangle, std::int64_t first, bool is_forward, const double* s, double* x,
                           double* sums) {
  const SolveBlock<W, Shared, Rows> block(triangle, first, s);
  for (int lane = 0; lane < W; lane += solve_width<W>) is_forward ? block.forward(x, lane) : block.backward(x, sums, lane);
}
template <int W, bool Shared>
HWY_INLINE void solve_last_rows(const TriangleView& triangle, std::int64_t first, bool is_forward, const double* s, double* x,
                                double* sums) {
  switch (triangle.size - first) {
    case 1: return solve_rows<W, Shared, 1>(triangle, first, is_forward, s, x, sums);
    case 2: return solve_rows<W, Shared, 2>(triangle, first, is_forward, s, x, sums);
    case 3: return solve_rows<W, Shared, 3>(triangle, first, is_forward, s, x, sums);
    default: return;
  }
}

template <int W, bool Shared>
void solve(const TriangleView& triangle, const double* s, double* x, double* sums) {
  const std::int64_t whole = triangle.size / triangle_block * triangle_block;
  for (std::int64_t first = 0; first < whole; first += triangle_block)
    solve_rows<W, Shared, triangle_block>(triangle, first, true, s, x, sums);
  solve_last_rows<W, Shared>(triangle, whole, true, s, x, sums);
  for (std::int64_t k = 0; k < triangle.size; ++k) Lanes<W>(0.0).store(sums + k * W);
  solve_last_rows<W, Shared>(triangle, whole, false, s, x, sums);
  for (std::int64_t first = whole; first > 0; first -= triangle_block)
    solve_rows<W, Shared, triangle_block>(triangle, first - triangle_block, false, s, x, sums);
}

template <int W>
constexpr TriangleLaneKernels kernels_of() {
  return {&add_diagonal<W>, &factor<W>, &solve<W, false>, &solve<W, true>};
}

}  // namespace

const TriangleKernels& triangle_kernels() {
  static constexpr TriangleKernels kernels{kernels_of<1>(), kernels_of<8>(), kernels_of<16>()};
  return kernels;
}

}  // namespace tellegen::TELLEGEN_TARGET
