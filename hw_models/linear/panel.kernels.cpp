#include "hw_models/lanes/lanes.hpp"
#include "hw_models/linear/panel_kernels.hpp"

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
    for (int r = 0; r < Registers; ++r)
      sums[0][r] = hn::MulAdd(hn::Load(d, values + r * native), hn::Set(d, call.x[k]), sums[0][r]);
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
constexpr PanelLaneKernels kernels_of(std::int32_t most_panel_rows, std::int32_t row_multiple) {
  return {most_panel_rows, row_multiple, &multiply<W>};
}

}  // namespace

const PanelKernels& panel_kernels() {
  static constexpr PanelKernels kernels{kernels_of<1>(most_column_registers * native, native), kernels_of<8>(most_rows<8>, 1),
                                        kernels_of<16>(most_rows<16>, 1)};
  return kernels;
}

}  // namespace tellegen::TELLEGEN_TARGET
