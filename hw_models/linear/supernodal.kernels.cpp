// Kernels of the supernodal LDL^T for 1, 8 and 16 lanes.

#include "hw_models/linear/supernodal_factor.hpp"
#include "hw_models/linear/supernodal_solve.hpp"

namespace tellegen::TELLEGEN_TARGET {
namespace {

constexpr int smaller(int a, int b) { return a < b ? a : b; }

/// As many lanes as two registers hold: they share addresses, and the spreading of a coefficient that is one number.
template <int W>
using RegisterPair = Lanes<smaller(W, 2 * Lanes<W>::register_width)>;

template <int W>
std::int32_t factor(const FactorView& view, const double* shared, const double* own, double* entries, double* pivots) {
  using Value = RegisterPair<W>;
  for (int lane = 0; lane < W; lane += Value::width) {
    const std::int32_t failed = Factorisation<Value, W>(view, entries + lane, pivots + lane).run(shared, own ? own + lane : nullptr);
    if (failed >= 0) return failed;
  }
  return -1;
}

template <int W>
void solve_shared(const FactorView& view, const double* entries, double* x) {
  using Value = RegisterPair<W>;
  for (int lane = 0; lane < W; lane += Value::width) Solution<Value, W, true>(view, entries, x + lane).run();
}

template <int W>
void solve(const FactorView& view, const double* entries, double* x) {
  using Value = RegisterPair<W>;
  for (int lane = 0; lane < W; lane += Value::width) Solution<Value, W, false>(view, entries + lane, x + lane).run();
}

template <int W>
void subtract_product(const ProductView& view, const double* values, const double* own, const double* x, double* r) {
  using Value = Lanes<W>;
  for (std::int32_t i = 0; i < view.size; ++i) {
    Value sum = Value::load(r + std::ptrdiff_t{i} * W);
    for (std::int32_t e = view.row_starts[i]; e < view.row_starts[i + 1]; ++e)
      sum = fnma(Value(values[e]), Value::load(x + std::ptrdiff_t{view.columns[e]} * W), sum);
    sum.store(r + std::ptrdiff_t{i} * W);
  }
  if (!own) return;
  for (std::int32_t j = 0; j < view.own_count; ++j) {
    const Value value = Value::load(own + std::ptrdiff_t{j} * W);
    const std::ptrdiff_t row = std::ptrdiff_t{view.own_rows[j]} * W, column = std::ptrdiff_t{view.own_columns[j]} * W;
    fnma(value, Value::load(x + column), Value::load(r + row)).store(r + row);
    if (row != column) fnma(value, Value::load(x + row), Value::load(r + column)).store(r + column);
  }
}

template <int W>
constexpr SupernodalKernels::OfLanes of_lanes() {
  return {.factor = factor<W>, .solve = solve<W>, .solve_shared = solve_shared<W>, .subtract_product = subtract_product<W>};
}

}  // namespace

const SupernodalKernels& supernodal_kernels() {
  static constexpr SupernodalKernels kernels{.one = of_lanes<1>(), .eight = of_lanes<8>(), .sixteen = of_lanes<16>()};
  return kernels;
}

}  // namespace tellegen::TELLEGEN_TARGET
