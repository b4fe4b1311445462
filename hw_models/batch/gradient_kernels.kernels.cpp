#include "hw_models/batch/gradient_kernels.hpp"
#include "hw_models/batch/lane_sums.hpp"
#include "hw_models/batch/port_access.hpp"
#include "hw_models/batch/turned_square.hpp"

namespace tellegen::TELLEGEN_TARGET {
namespace {

/// Asks for what is needed next, a share with each of `count` ports.
class Ahead {
 public:
  HWY_INLINE Ahead(const StepPairs& pairs, std::int64_t count) : next_(pairs.ahead), end_(pairs.ahead + (pairs.ahead != nullptr ? pairs.ahead_values : 0)) {
    const std::int64_t lines = (pairs.ahead_values + line - 1) / line;
    share_ = count > 0 ? (lines + count - 1) / count * line : 0;
  }
  HWY_INLINE void ask() {
    const double* const stop = end_ - next_ > share_ ? next_ + share_ : end_;
    for (; next_ < stop; next_ += line) __builtin_prefetch(next_);
  }

 private:
  static constexpr std::int64_t line = 8;  // [values]
  const double *next_, *end_;
  std::int64_t share_;
};

template <int W, bool is_unit>
void add_ports(const PortView& ports, const StepPairs& pairs, double* sums) {
  Ahead ahead(pairs, ports.count);
  const std::int32_t steps = pairs.steps, *const from = ports.p, *const to = ports.n;
  const std::int64_t stride_x = pairs.stride_x, stride_y = pairs.stride_y;
  const double *const x_first = pairs.x, *const y_first = pairs.y;
  add_sums<W>(ports.count, sums, [&](std::int64_t k) TELLEGEN_ALWAYS_INLINE {
    ahead.ask();
    Lanes<W> total(0.0);
    const double *x = x_first, *y = y_first;
    if constexpr (is_unit) {
      const std::int64_t p = static_cast<std::int64_t>(from[k]) * W, n = static_cast<std::int64_t>(to[k]) * W;
      for (std::int32_t step = 0; step < steps; ++step, x += stride_x, y += stride_y)
        total = fma(Lanes<W>::load(x + p) - Lanes<W>::load(x + n), Lanes<W>::load(y + p) - Lanes<W>::load(y + n), total);
    } else {
      const auto port = static_cast<std::int32_t>(k);
      for (std::int32_t step = 0; step < steps; ++step, x += stride_x, y += stride_y) total = fma(row_difference<W>(ports, x, port), voltage<W>(ports, y, port), total);
    }
    return total;
  });
}
/// Whether eight places stand one after another.
HWY_INLINE bool are_neighbours(const std::int32_t* places) {
  for (int i = 1; i < 8; ++i)
    if (places[i] != places[0] + i) return false;
  return true;
}

/// One step of one sample between single places: along a chain the ports fill the registers that samples do not.
void add_chain_ports(const PortView& ports, const double* x, const double* y, double* sums) {
  const auto product = [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE {
    const std::int64_t p = ports.p[k], n = ports.n[k];
    return fma(V::load_any(x + p) - V::load_any(x + n), V::load_any(y + p) - V::load_any(y + n), V::load_any(sums + k));
  };
  for (std::int64_t k = 0; k < ports.count;) {
    if (k + 8 <= ports.count && are_neighbours(ports.p + k) && are_neighbours(ports.n + k)) {
      product.template operator()<Lanes<8>>(k).store_any(sums + k);
      k += 8;
    } else {
      product.template operator()<Lanes<1>>(k).store_any(sums + k);
      ++k;
    }
  }
}

template <int W>
void add_port_steps(const PortView& ports, const StepPairs& pairs, double* sums) {
  if (W == 1 && ports.is_unit && pairs.steps == 1) return add_chain_ports(ports, pairs.x, pairs.y, sums);
  ports.is_unit ? add_ports<W, true>(ports, pairs, sums) : add_ports<W, false>(ports, pairs, sums);
}

/// One step of D^s, y = w0 x + past, and the memory after it.
template <class V>
HWY_INLINE V adjoin(const RecursionView& op, const V& x, V& past, V& second) {
  const V y = fma(V(op.w0), x, past);
  if (op.has_second) {
    const V next = fma(V(op.x_now), x, fma(V(op.past_now), past, second));
    second = fma(V(op.x_next), x, op.past_next * past);
    past = next;
  } else {
    past = fma(V(op.x_now), x, op.past_now * past);
  }
  return y;
}

/// sums at a value's place += products of the lanes that start there
template <int W, class V>
HWY_INLINE void add_at_place(double* sums, std::int64_t value, const V& products) {
  if constexpr (W == 1)
    (V::load_any(sums + value) + products).store(sums + value);
  else
    sums[value / W] += sum(products);
}

template <int W>
void add_recursion_steps(const RecursionView& view, const PortView& ports, const StepPairs& pairs, double* past, double* second, double* sums) {
  const RecursionView op = view;
  Ahead ahead(pairs, ports.count);
  for (std::int32_t k = 0; k < ports.count; ++k) {
    ahead.ask();
    const std::int64_t place = static_cast<std::int64_t>(k) * W;
    Lanes<W> total(0.0), memory = at<W>(past, k), next(0.0);
    if (op.has_second) next = at<W>(second, k);
    for (std::int32_t n = 0; n < pairs.steps; ++n) {
      const auto y = adjoin(op, row_difference<W>(ports, pairs.x + n * pairs.stride_x, k), memory, next);
      total = fma(y, voltage<W>(ports, pairs.y + n * pairs.stride_y, k), total);
    }
    memory.store(past + place);
    if (op.has_second) next.store(second + place);
    sums[k] += sum(total);
  }
}

template <int W>
void add_grounded_steps(const RecursionView& view, std::int32_t count, const StepPairs& pairs, double* past, double* second, double* sums) {
  const RecursionView op = view;
  Ahead ahead(pairs, W == 1 ? (count + 7) / 8 : count);
  for_places<W>(count, [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE {
    ahead.ask();
    V total(0.0), memory = V::load_any(past + k), next(0.0);
    if (op.has_second) next = V::load_any(second + k);
    for (std::int32_t n = 0; n < pairs.steps; ++n) {
      const auto y = adjoin(op, V::load_any(pairs.x + n * pairs.stride_x + k), memory, next);
      total = fma(y, V::load_any(pairs.y + n * pairs.stride_y + k), total);
    }
    memory.store(past + k);
    if (op.has_second) next.store(second + k);
    add_at_place<W, V>(sums, k, total);
  });
}

template <int W>
void adjoint_ports(const RecursionView& view, const PortView& ports, const StepPairs& pairs, const double* value, double* past, double* second, double* sums,
                   double* r) {
  const RecursionView op = view;
  Ahead ahead(pairs, ports.count);
  const double *const x = pairs.x, *const y = pairs.y;
  add_sums<W>(ports.count, sums, [&](std::int64_t place) TELLEGEN_ALWAYS_INLINE {
    ahead.ask();
    const auto k = static_cast<std::int32_t>(place);
    Lanes<W> memory = at<W>(past, k), next(0.0);
    if (op.has_second) next = at<W>(second, k);
    const auto current_now = adjoin(op, row_difference<W>(ports, x, k), memory, next);
    memory.store(past + place * W);
    if (op.has_second) next.store(second + place * W);
    const auto current = value[k] * memory;
    if (ports.is_unit)
      take_out_of_rows<W>(ports, k, current, r);
    else
      take_out<W>(ports.p[k], ports.n[k], ports.gain_p[k], ports.gain_n[k], current, r);
    return current_now * voltage<W>(ports, y, k);
  });
}

/// @tparam V  the lanes that start at a value: a place's samples, or one sample of several places
/// @returns what the lanes add to their sums
template <int W, class V>
HWY_INLINE V adjoint_grounded_at(const RecursionView& op, std::int64_t k, const double* x, const double* y, const double* value, double* past, double* second, double* r) {
  V memory = V::load_any(past + k), next(0.0);
  if (op.has_second) next = V::load_any(second + k);
  const V now = adjoin(op, V::load_any(x + k), memory, next);
  memory.store(past + k);
  if (op.has_second) next.store(second + k);
  (-(of_place<W, V>(value, k) * memory)).store(r + k);
  return now * V::load_any(y + k);
}

template <int W>
void adjoint_grounded(const RecursionView& view, std::int32_t count, const StepPairs& pairs, const double* value, double* past, double* second, double* sums,
                      double* r) {
  const RecursionView op = view;
  const double *const x = pairs.x, *const y = pairs.y, *const next = pairs.ahead;
  // The rows that are met next stand like these.
  const auto ask = [&](std::int64_t k) TELLEGEN_ALWAYS_INLINE {
    for (int line = 0; next != nullptr && line < (W + 7) / 8; ++line) __builtin_prefetch(next + k + 8 * line);
  };
  if constexpr (W == 1)
    for_places<W>(count, [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE {
      if (V::width == 8) ask(k);
      (V::load_any(sums + k) + adjoint_grounded_at<W, V>(op, k, x, y, value, past, second, r)).store(sums + k);
    });
  else
    add_sums<W>(count, sums, [&](std::int64_t k) TELLEGEN_ALWAYS_INLINE {
      ask(k * W);
      return adjoint_grounded_at<W, Lanes<W>>(op, k * W, x, y, value, past, second, r);
    });
}

template <int W>
void add_place_steps(std::int32_t count, const StepPairs& pairs, double* sums) {
  const auto product = [&]<class V>(std::int64_t k, V total) TELLEGEN_ALWAYS_INLINE {
    const double *x = pairs.x + k, *y = pairs.y + k;
    for (std::int32_t n = 0; n < pairs.steps; ++n, x += pairs.stride_x, y += pairs.stride_y) total = fma(V::load_any(x), V::load_any(y), total);
    return total;
  };
  if constexpr (W == 1)
    for_places<W>(count, [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE { product(k, V::load_any(sums + k)).store_any(sums + k); });
  else
    add_sums<W>(count, sums, [&](std::int64_t k) TELLEGEN_ALWAYS_INLINE { return product(k * W, Lanes<W>(0.0)); });
}

template <int W>
void add_products(std::int32_t count, const double* a, const double* b, double* sums) {
  add_sums<W>(count, sums, [&](std::int64_t k) TELLEGEN_ALWAYS_INLINE { return at<W>(a, k) * at<W>(b, k); });
}

template <int W, int Entries>
HWY_INLINE void add_entries(const RowsView& matrix, std::int32_t row, std::int32_t e, const StepPairs& pairs, double* sums) {
  Lanes<W> products[Entries];
  for (auto& product : products) product = Lanes<W>(0.0);
  for (std::int32_t n = 0; n < pairs.steps; ++n) {
    const auto left = at<W>(pairs.x + n * pairs.stride_x, row);
    for (int j = 0; j < Entries; ++j) products[j] = fma(left, at<W>(pairs.y + n * pairs.stride_y, matrix.columns[e + j]), products[j]);
  }
  for (int j = 0; j < Entries; ++j) sums[e + j] += sum(products[j]);
}

template <int W>
void add_row_steps(const RowsView& matrix, const StepPairs& pairs, double* sums) {
  for (std::int32_t i = 0; i < matrix.rows; ++i) {
    std::int32_t e = matrix.starts[i];
    for (; e + 4 <= matrix.starts[i + 1]; e += 4) add_entries<W, 4>(matrix, matrix.row[i], e, pairs, sums);
    for (; e < matrix.starts[i + 1]; ++e) add_entries<W, 1>(matrix, matrix.row[i], e, pairs, sums);
  }
}

using Wide = hn::ScalableTag<double>;
constexpr int native = static_cast<int>(hn::MaxLanes(Wide()));
/// A tile of sums that stay in registers: AVX-512 has 32, the others 16.
constexpr int outer_rows = 4, outer_vectors = native == 8 ? 4 : 2;

/// @param last  columns of the last vector
template <int W, int Rows, int Vectors>
void outer_tile(const OuterView& v, std::int32_t row, std::int32_t column, int last) {
  const Wide d;
  hn::Vec<Wide> sums[Rows][Vectors];
  for (auto& of_row : sums)
    for (auto& s : of_row) s = hn::Zero(d);
  for (std::int32_t n = 0; n < v.steps; ++n) {
    const double* a = v.a + n * v.stride_a + static_cast<std::int64_t>(row) * W;
    const double* b = v.b + static_cast<std::int64_t>(n) * W * v.stride_b + column;
    for (int lane = 0; lane < W; ++lane, ++a, b += v.stride_b) {
      hn::Vec<Wide> right[Vectors];
#pragma GCC unroll 4
      for (int c = 0; c < Vectors; ++c) right[c] = hn::Load(d, b + c * native);
#pragma GCC unroll 4
      for (int r = 0; r < Rows; ++r) {
        const auto left = hn::Set(d, a[r * W]);
#pragma GCC unroll 4
        for (int c = 0; c < Vectors; ++c) sums[r][c] = hn::MulAdd(left, right[c], sums[r][c]);
      }
    }
  }
  for (int r = 0; r < Rows; ++r) {
    const auto base = hn::Set(d, v.base != nullptr ? v.base[row + r] : 0.0), scale = hn::Set(d, v.scale[row + r]);
    double* const out = v.out + v.offsets[row + r] + column;
    for (int c = 0; c < Vectors; ++c) {
      auto value = hn::MulAdd(scale, sums[r][c], base);
      double* const to = out + c * native;
      if (c + 1 < Vectors || last == native) {
        if (v.adds) value = hn::Add(value, hn::LoadU(d, to));
        hn::StoreU(value, d, to);
      } else {
        alignas(lane_alignment) double rest[native];
        hn::Store(value, d, rest);
        for (int i = 0; i < last; ++i) to[i] = (v.adds ? to[i] : 0) + rest[i];
      }
    }
  }
}

/// What is left of a row, less than a whole tile or just one.
template <int W, int Rows, int Vectors>
HWY_INLINE void outer_rest(const OuterView& v, std::int32_t row, std::int32_t column) {
  const std::int32_t left = v.columns - column;
  if constexpr (Vectors > 1)
    if (left <= (Vectors - 1) * native) return outer_rest<W, Rows, Vectors - 1>(v, row, column);
  outer_tile<W, Rows, Vectors>(v, row, column, left - (Vectors - 1) * native);
}

template <int W, int Rows>
void outer_rows_of(const OuterView& v, std::int32_t row) {
  std::int32_t column = 0;
  for (; column + outer_vectors * native <= v.columns; column += outer_vectors * native) outer_tile<W, Rows, outer_vectors>(v, row, column, native);
  if (column < v.columns) outer_rest<W, Rows, outer_vectors>(v, row, column);
}

/// One step of one sample: a row is a multiple of b. Stores of whole cache lines, which loads need not be; what is left at the ends is
/// written twice rather than number by number, unless it adds.
void outer_line(const OuterView& v, std::int32_t row) {
  using V = Lanes<8>;
  const double base = v.base != nullptr ? v.base[row] : 0.0, factor = v.scale[row] * v.a[row];
  double* const out = v.out + v.offsets[row];
  const auto put = [&]<class T>(std::int64_t c) TELLEGEN_ALWAYS_INLINE {
    const T value = fma(T(factor), T::load_any(v.b + c), T(base));
    (v.adds ? T::load_any(out + c) + value : value).store_any(out + c);
  };
  std::int64_t c = 0;
  if (!v.adds && v.columns >= 8) {
    put.template operator()<V>(0);
    c = 8 - static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(out) / sizeof(double) % 8);
    for (; c + 8 <= v.columns; c += 8) put.template operator()<V>(c);
    if (c < v.columns) put.template operator()<V>(v.columns - 8);
    return;
  }
  for (; c + 8 <= v.columns; c += 8) put.template operator()<V>(c);
  for (; c < v.columns; ++c) put.template operator()<Lanes<1>>(c);
}

template <int W>
void add_outer(const OuterView& v) {
  std::int32_t row = 0;
  if (W == 1 && v.steps == 1)
    for (; row < v.rows; ++row) outer_line(v, row);
  for (; row + outer_rows <= v.rows; row += outer_rows) outer_rows_of<W, outer_rows>(v, row);
  for (; row + 2 <= v.rows; row += 2) outer_rows_of<W, 2>(v, row);
  for (; row < v.rows; ++row) outer_rows_of<W, 1>(v, row);
}

void fold_line(const LineView& v, double* out) {
  const auto fold = [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE {
    const V of_line = v.weight * V::load_any(v.gains + k) * V::load_any(v.line_along + k), along = v.gain * V::load_any(v.weights + k) * V::load_any(v.along_line + k);
    (v.base + V::load_any(v.own + k) + of_line + along).store_any(out + k);
  };
  for_places<1>(v.count, fold);
}

void multiply_line(std::int32_t count, double x, double y, const double* a, const double* b, double* out) {
  for_places<1>(count, [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE { ((V::load_any(a + k) - V(x)) * (V(y) - V::load_any(b + k))).store_any(out + k); });
}

template <int W>
void part_samples(std::int32_t count, const double* x, std::int64_t stride, double* y) {
  std::int64_t k = 0;
  if constexpr (W > 1)
    for (; k + 8 <= count; k += 8)
      for (int lane = 0; lane < W; lane += 8)
        turn_square([&](int i, int j) { return hn::LoadU(SquareTag(), x + (k + i) * W + lane + j); }, y + lane * stride + k, stride);
  for (; k < count; ++k)
    for (int lane = 0; lane < W; ++lane) y[lane * stride + k] = x[k * W + lane];
}

void part_steps(std::int32_t count, std::int32_t steps, std::int64_t stride, const double* x, double* y) {
  std::int64_t k = 0;
  for (; k + 8 <= count; k += 8)
    turn_square([&](int n, int j) { return n < steps ? hn::LoadU(SquareTag(), x + n * stride + k + j) : hn::Zero(SquareTag()); }, y + 8 * k, 8);
  for (; k < count; ++k) {
    for (std::int32_t n = 0; n < steps; ++n) y[8 * k + n] = x[n * stride + k];
    for (std::int32_t n = steps; n < 8; ++n) y[8 * k + n] = 0;
  }
}

/// Calls body.template operator()<V>(value of the list, value of the array) for every listed place. One sample: neighbours are taken together.
template <int W, class Body>
HWY_INLINE void for_listed(std::int32_t count, const std::int32_t* places, Body body) {
  for (std::int32_t k = 0; k < count;) {
    const bool is_run = W == 1 && k + 8 <= count && are_neighbours(places + k);
    const std::int64_t from = static_cast<std::int64_t>(k) * W, place = static_cast<std::int64_t>(places[k]) * W;
    is_run ? body.template operator()<Lanes<8>>(from, place) : body.template operator()<Lanes<W>>(from, place);
    k += is_run ? 8 : 1;
  }
}

template <int W>
void gather_at(std::int32_t count, const std::int32_t* places, const double* x, double* y) {
  for_listed<W>(count, places, [&]<class V>(std::int64_t k, std::int64_t place) TELLEGEN_ALWAYS_INLINE { V::load_any(x + place).store_any(y + k); });
}

template <int W>
void add_from(std::int32_t count, const std::int32_t* places, const double* x, double* y) {
  for_listed<W>(count, places, [&]<class V>(std::int64_t k, std::int64_t place) TELLEGEN_ALWAYS_INLINE { (V::load_any(y + k) + V::load_any(x + place)).store_any(y + k); });
}

template <int W>
void add_products_at(std::int32_t count, const std::int32_t* places, const double* a, const double* b, double* y) {
  for_listed<W>(count, places, [&]<class V>(std::int64_t k, std::int64_t place) TELLEGEN_ALWAYS_INLINE {
    fma(V::load_any(a + place), V::load_any(b + place), V::load_any(y + k)).store_any(y + k);
  });
}

template <int W>
constexpr GradientKernels kernels_of() {
  return {&add_port_steps<W>, &add_recursion_steps<W>, &add_grounded_steps<W>, &adjoint_ports<W>, &adjoint_grounded<W>, &add_place_steps<W>, &add_products<W>, &add_row_steps<W>, &add_outer<W>, &fold_line, &multiply_line,
          &part_samples<W>,   &part_steps,             &gather_at<W>,          &add_from<W>,     &add_products_at<W>};
}

constinit const GradientKernelTable table{{kernels_of<1>(), kernels_of<8>(), kernels_of<16>()}};

}  // namespace

const GradientKernelTable& gradient_kernels() { return table; }

}  // namespace tellegen::TELLEGEN_TARGET
