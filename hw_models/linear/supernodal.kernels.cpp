// Kernels of the supernodal LDL^T for 1, 8 and 16 lanes.

#include "hw_models/linear/supernodal_factor.hpp"
#include "hw_models/linear/supernodal_solve.hpp"

namespace tellegen::TELLEGEN_TARGET {
namespace {

constexpr int smaller(int a, int b) { return a < b ? a : b; }

/// As many lanes as two registers hold: they share addresses, and the spreading of a coefficient that is one number.
template <template <int> class Kind, int W>
using RegisterPair = Kind<smaller(W, 2 * Kind<W>::register_width)>;

template <template <int> class Kind, int W>
std::int32_t factor(const FactorView& view, const double* shared, const double* own, NumberOf<Kind<W>>* entries,
                    NumberOf<Kind<W>>* pivots) {
  using Value = RegisterPair<Kind, W>;
  for (int lane = 0; lane < W; lane += Value::width) {
    const std::int32_t failed =
        Factorisation<Value, W>(view, entries + lane, pivots + lane).run(shared, own ? own + lane : nullptr);
    if (failed >= 0) return failed;
  }
  return -1;
}

template <template <int> class Kind, int W, bool is_shared>
void solve(const FactorView& view, const NumberOf<Kind<W>>* entries, NumberOf<Kind<W>>* x) {
  using Value = RegisterPair<Kind, W>;
  for (int lane = 0; lane < W; lane += Value::width)
    Solution<Value, W, is_shared>(view, is_shared ? entries : entries + lane, x + lane).run();
}

template <int W>
std::int32_t factor_single(const FactorView& view, const double* shared, const double* own, float* entries, float* pivots) {
  const unsigned int control = fade_to_zero();
  const std::int32_t failed = factor<SingleLanes, W>(view, shared, own, entries, pivots);
  restore_rounding(control);
  return failed;
}

template <int W>
void solve_single(const FactorView& view, const float* entries, double* x, float* rounded) {
  const std::ptrdiff_t size = std::ptrdiff_t{view.first[view.supernodes]} * W;
  for (std::ptrdiff_t i = 0; i < size; ++i) rounded[i] = static_cast<float>(x[i]);
  const unsigned int control = fade_to_zero();
  solve<SingleLanes, W, false>(view, entries, rounded);
  restore_rounding(control);
  for (std::ptrdiff_t i = 0; i < size; ++i) x[i] = rounded[i];
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
  SupernodalKernels::OfLanes kernels{.factor = factor<Lanes, W>,
                                     .solve = solve<Lanes, W, false>,
                                     .solve_shared = solve<Lanes, W, true>,
                                     .subtract_product = subtract_product<W>,
                                     .factor_single = nullptr,
                                     .solve_single = nullptr};
  if constexpr (W > 1) {
    kernels.factor_single = factor_single<W>;
    kernels.solve_single = solve_single<W>;
  }
  return kernels;
}

}  // namespace

const SupernodalKernels& supernodal_kernels() {
  static constexpr SupernodalKernels kernels{.one = of_lanes<1>(), .eight = of_lanes<8>(), .sixteen = of_lanes<16>()};
  return kernels;
}

}  // namespace tellegen::TELLEGEN_TARGET
