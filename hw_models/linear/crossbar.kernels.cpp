#include "hw_models/lanes/lanes.hpp"
#include "hw_models/linear/crossbar_kernels.hpp"

namespace tellegen::TELLEGEN_TARGET {
namespace {

using Wide = hn::ScalableTag<double>;
constexpr int native = static_cast<int>(hn::MaxLanes(Wide()));
/// Registers that hold sums: what is left of 32 or 16 when the operands have theirs.
constexpr int sum_registers = native == 8 ? 24 : 12;

/// Samples that one pass over a panel carries: two registers of them, so that each entry of the matrix is read for two products.
template <int W>
constexpr int chunk = W < 2 * native ? W : (2 * native < 2 ? 2 : 2 * native);
template <int W>
constexpr int most_rows = sum_registers / Lanes<chunk<W>>::registers;

struct PanelCall {
  const double* values;
  const std::int32_t* places;
  std::int32_t inner;
  const double *x, *start, *scale;
  double* out;
};

template <int W, int Rows>
void multiply_panel(const PanelCall& call) {
  using Chunk = Lanes<chunk<W>>;
  for (int lane = 0; lane < W; lane += chunk<W>) {
    Chunk sums[Rows];
#pragma GCC unroll 24
    for (int r = 0; r < Rows; ++r) sums[r] = Chunk(0.0);
    const double* values = call.values;
    const double* x = call.x + lane;
    for (std::int32_t k = 0; k < call.inner; ++k, values += Rows, x += W) {
      const Chunk xk = Chunk::load(x);
#pragma GCC unroll 24
      for (int r = 0; r < Rows; ++r) sums[r] = fma(Chunk(values[r]), xk, sums[r]);
    }
#pragma GCC unroll 24
    for (int r = 0; r < Rows; ++r) {
      const std::int64_t at = static_cast<std::int64_t>(call.places[r]) * W + lane;
      const Chunk before = call.start ? Chunk(call.start[call.places[r]]) : Chunk::load(call.out + at);
      (call.scale ? fma(Chunk::load(call.scale + at), sums[r], before) : before + sums[r]).store(call.out + at);
    }
  }
}

using PanelFunction = void (*)(const PanelCall&);

template <int W, int Rows>
PanelFunction panel_function(int rows) {
  if constexpr (Rows == 1)
    return &multiply_panel<W, 1>;
  else
    return rows == Rows ? &multiply_panel<W, Rows> : panel_function<W, Rows - 1>(rows);
}

template <int W>
void multiply(const PanelView& m, const double* x, const double* start, const double* scale, double* out) {
  PanelCall call{m.values, m.places, m.inner, x, start, scale, out};
  const auto full = panel_function<W, most_rows<W>>(m.panel_rows);
  std::int32_t row = 0;
  for (; row + m.panel_rows <= m.rows; row += m.panel_rows) {
    full(call);
    call.values += static_cast<std::int64_t>(m.panel_rows) * m.inner;
    call.places += m.panel_rows;
  }
  if (row < m.rows) panel_function<W, most_rows<W>>(m.rows - row)(call);
}

/// One sample: the vectors run along the rows of a panel, and several sums a row hide the latency of short panels.
template <int Registers>
void multiply_column(const PanelCall& call, std::int32_t rows) {
  constexpr int ways = Registers >= 6 ? 1 : Registers >= 3 ? 2 : 4;
  constexpr int width = Registers * native;
  const Wide d;
  hn::Vec<Wide> sums[ways][Registers];
  for (auto& way : sums)
    for (auto& s : way) s = hn::Zero(d);
  const double* values = call.values;
  std::int32_t k = 0;
  for (; k + ways <= call.inner; k += ways)
#pragma GCC unroll 4
    for (int way = 0; way < ways; ++way, values += width) {
      const auto xk = hn::Set(d, call.x[k + way]);
#pragma GCC unroll 12
      for (int r = 0; r < Registers; ++r) sums[way][r] = hn::MulAdd(hn::Load(d, values + r * native), xk, sums[way][r]);
    }
  for (; k < call.inner; ++k, values += width)
#pragma GCC unroll 12
    for (int r = 0; r < Registers; ++r) sums[0][r] = hn::MulAdd(hn::Load(d, values + r * native), hn::Set(d, call.x[k]), sums[0][r]);
  alignas(lane_alignment) double products[width];
#pragma GCC unroll 12
  for (int r = 0; r < Registers; ++r) {
    for (int way = 1; way < ways; ++way) sums[0][r] = hn::Add(sums[0][r], sums[way][r]);
    hn::Store(sums[0][r], d, products + r * native);
  }
  const double* from = call.start ? call.start : call.out;
  for (std::int32_t r = 0; r < rows; ++r) {
    const auto place = call.places[r];
    call.out[place] = from[place] + (call.scale ? call.scale[place] * products[r] : products[r]);
  }
}

constexpr int most_column_registers = sum_registers / 2;

using ColumnFunction = void (*)(const PanelCall&, std::int32_t);

template <int Registers>
ColumnFunction column_function(int registers) {
  if constexpr (Registers == 1)
    return &multiply_column<1>;
  else
    return registers == Registers ? &multiply_column<Registers> : column_function<Registers - 1>(registers);
}

template <>
void multiply<1>(const PanelView& m, const double* x, const double* start, const double* scale, double* out) {
  PanelCall call{m.values, m.places, m.inner, x, start, scale, out};
  for (std::int32_t row = 0; row < m.rows; row += m.panel_rows) {
    const std::int32_t rows = row + m.panel_rows <= m.rows ? m.panel_rows : m.rows - row;
    column_function<most_column_registers>((rows + native - 1) / native)(call, rows);
    call.values += static_cast<std::int64_t>(m.panel_rows) * m.inner;
    call.places += m.panel_rows;
  }
}

template <int W>
HWY_INLINE Lanes<W> at(const double* x, std::int64_t k) {
  return Lanes<W>::load(x + k * W);
}

template <int W>
HWY_INLINE Lanes<W> entry(const DiagonalView& diagonal, const double* own, std::int32_t k) {
  const Lanes<W> shared(diagonal.shared[k]);
  return own && diagonal.own_places[k] >= 0 ? shared + at<W>(own, diagonal.own_places[k]) : shared;
}

/// NaN counts as not positive.
template <int W>
HWY_INLINE Lanes<W> lesser_or_negative(const Lanes<W>& value, const Lanes<W>& least) {
  return select(value > Lanes<W>(0.0), min(value, least), Lanes<W>(-1.0));
}

/// 1 / x. Divisions of whole AVX-512 registers take 16 cycles; an estimate of 14 bits and two Newton steps take 4, and are as exact to a digit.
template <int W>
HWY_INLINE Lanes<W> reciprocal(const Lanes<W>& x) {
#if defined(__AVX512F__)
  if constexpr (W >= 8) {
    Lanes<W> y;
    for (int i = 0; i < Lanes<W>::registers; ++i) y.part[i] = typename Lanes<W>::Vector{_mm512_rcp14_pd(x.part[i].raw)};
    for (int step = 0; step < 2; ++step) y = fma(y, fnma(x, y, Lanes<W>(1.0)), y);
    return y;
  }
#endif
  return 1.0 / x;
}

template <int W>
bool invert(const DiagonalView& diagonal, const double* own, double* inverse) {
  Lanes<W> least(1.0);
  for (std::int32_t k = 0; k < diagonal.size; ++k) {
    const auto value = entry<W>(diagonal, own, k);
    least = lesser_or_negative(value, least);
    reciprocal(value).store(inverse + static_cast<std::int64_t>(k) * W);
  }
  return !any(least < Lanes<W>(0.0));
}

template <int W>
void scale(std::int32_t size, const double* a, double* x) {
  for (std::int64_t k = 0; k < size; ++k) (at<W>(a, k) * at<W>(x, k)).store(x + k * W);
}

template <int W>
void add_own(const DiagonalView& diagonal, const double* own, const TriangleView& triangle, double tolerance, double* s, double* least) {
  for (std::int32_t k = 0; k < diagonal.size; ++k) {
    (tolerance * entry<W>(diagonal, own, k)).store(least + static_cast<std::int64_t>(k) * W);
    if (!own || diagonal.own_places[k] < 0) continue;
    double* const pivot = s + (triangle.offsets[k] + k) * W;
    (Lanes<W>::load(pivot) + at<W>(own, diagonal.own_places[k])).store(pivot);
  }
}

/// Columns of one block of the factors: as many sums as stay in registers, four rows of them.
constexpr int block_columns = native == 8 ? 4 : 2;

static_assert(triangle_block == 4 && triangle_block % block_columns == 0);

/// Factors of one block of rows, from the left: what earlier rows hold is final. Addresses are taken before the first store, after which
/// the compiler would read them anew.
template <int W, int Rows>
struct RowBlock {
  // One register at a time: the operands of a product differ from sample to sample, so that wider chunks share nothing.
  static constexpr int width = W < native ? W : native;
  using Chunk = Lanes<width>;

  std::int64_t first;    ///< row
  std::int64_t start;    ///< first column of every row of the block
  double* rows[Rows];    ///< column 0 of each row of the triangle, from the chunk's first sample on
  double* scaled[Rows];  ///< L of these rows, likewise

  HWY_INLINE RowBlock(const TriangleView& triangle, std::int64_t first_row, double* s, double* space) : first(first_row), start(triangle.starts[first_row]) {
    for (int r = 0; r < Rows; ++r) {
      rows[r] = s + triangle.offsets[first + r] * W;
      scaled[r] = space + static_cast<std::int64_t>(r) * triangle.size * W;
    }
  }

  /// Takes the products of columns from .. to - 1 of these rows' L and of other rows from the sums.
  template <int Columns>
  HWY_INLINE void subtract(const double* const (&others)[Columns], std::int64_t from, std::int64_t to, Chunk (&sums)[Rows][Columns]) const {
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
        for (int next = c + 1; next < block_columns; ++next) sums[r][next] = fnma(l, Chunk::load(others[next] + at + c * W), sums[r][next]);
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
    for (int lane = 0; lane < W; lane += Block::width) Block(triangle, first, s + lane, scaled + lane).left_of_diagonal(triangle, s + lane, column);
  typename Block::Chunk lowest(1.0);
  for (int lane = 0; lane < W; lane += Block::width) lowest = min(lowest, Block(triangle, first, s + lane, scaled + lane).diagonal(least + lane));
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

/// sum_{p = from}^{to - 1} a_p b_p taken from c.
template <int W>
HWY_INLINE Lanes<W> subtract_products(Lanes<W> c, const double* a, const double* b, std::int32_t from, std::int32_t to) {
  for (std::int64_t p = from; p < to; ++p) c = fnma(at<W>(a, p), at<W>(b, p), c);
  return c;
}

template <int W>
void solve(const TriangleView& triangle, const double* s, double* x, double* sums) {
  for (std::int64_t i = 0; i < triangle.size; ++i) {
    const double* si = s + triangle.offsets[i] * W;
    const auto value = subtract_products<W>(at<W>(x, i), x, si, triangle.starts[i], static_cast<std::int32_t>(i));
    (value * at<W>(si, i)).store(x + i * W);
    Lanes<W>(0.0).store(sums + i * W);
  }
  for (std::int64_t i = triangle.size - 1; i >= 0; --i) {
    const double* si = s + triangle.offsets[i] * W;
    const auto value = fnma(at<W>(si, i), at<W>(sums, i), at<W>(x, i));
    value.store(x + i * W);
    for (std::int64_t j = triangle.starts[i]; j < i; ++j) fma(at<W>(si, j), value, at<W>(sums, j)).store(sums + j * W);
  }
}

template <int W>
void subtract_diagonal(const DiagonalView& diagonal, const double* own, const double* x, double* r) {
  for (std::int32_t k = 0; k < diagonal.size; ++k)
    fnma(entry<W>(diagonal, own, k), at<W>(x, k), at<W>(r, k)).store(r + static_cast<std::int64_t>(k) * W);
}

template <int W>
constexpr CrossbarLaneKernels kernels_of(std::int32_t most_panel_rows, std::int32_t row_multiple) {
  return {most_panel_rows, row_multiple, &multiply<W>, &invert<W>, &scale<W>, &add_own<W>, &factor<W>, &solve<W>, &subtract_diagonal<W>};
}

}  // namespace

const CrossbarKernels& crossbar_kernels() {
  static constexpr CrossbarKernels kernels{kernels_of<1>(most_column_registers * native, native), kernels_of<8>(most_rows<8>, 1),
                                           kernels_of<16>(most_rows<16>, 1)};
  return kernels;
}

}  // namespace tellegen::TELLEGEN_TARGET
