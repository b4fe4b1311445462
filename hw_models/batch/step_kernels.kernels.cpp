#include "hw_models/batch/step_kernels.hpp"
#include "hw_models/batch/port_access.hpp"

namespace tellegen::TELLEGEN_TARGET {
namespace {

template <int W>
void gather(const PortView& ports, const double* x, double* y) {
  for (std::int32_t k = 0; k < ports.count; ++k) voltage<W>(ports, x, k).store(y + static_cast<std::int64_t>(k) * W);
}

template <int W>
void scatter(const PortView& ports, const double* value, const double* y, double* r) {
  for (std::int32_t k = 0; k < ports.count; ++k) take_out_of_rows<W>(ports, k, value ? value[k] * at<W>(y, k) : at<W>(y, k), r);
}

template <int W>
void gather_rows(const PortView& ports, const double* x, double* y) {
  for (std::int32_t k = 0; k < ports.count; ++k) row_difference<W>(ports, x, k).store(y + static_cast<std::int64_t>(k) * W);
}

template <int W>
void scatter_places(const PortView& ports, const double* value, const double* y, double* r) {
  for (std::int32_t k = 0; k < ports.count; ++k)
    take_out<W>(ports.p[k], ports.n[k], ports.gain_p[k], ports.gain_n[k], value ? value[k] * at<W>(y, k) : at<W>(y, k), r);
}

/// Advances one memory of D^s. @returns what it says about the next step
template <class V>
HWY_INLINE V advance_one(const RecursionView& op, const V& x, double* past, double* second) {
  const V before = V::load_any(past);
  V next;
  if (op.has_second) {
    next = fma(V(op.x_now), x, fma(V(op.past_now), before, V::load_any(second)));
    fma(V(op.x_next), x, op.past_next * before).store(second);
  } else {
    next = fma(V(op.x_now), x, op.past_now * before);
  }
  next.store(past);
  return next;
}

template <int W>
void advance_recursion(const RecursionView& view, std::int32_t count, const double* x, double* past, double* second) {
  const RecursionView op = view;
  for_places<W>(count, [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE { (void)advance_one(op, V::load_any(x + k), past + k, second + k); });
}

template <int W>
void advance_exponentials(const ExponentialView& op, std::int32_t count, const double* x, double* past, const ExponentialState& state) {
  using T = Lanes<W>;
  for (std::int64_t k = 0; k < count; ++k) {
    const T now = at<W>(x, k), before = at<W>(state.x1, k);
    const T drive = fma(T(op.x0), now, fma(T(op.x1), before, op.x2 * at<W>(state.x2, k)));
    T even(0.0), odd(0.0);
    double* v1 = state.v1 + k * op.terms * W;
    if (op.has_second) {
      double* const v2 = state.v2 + k * op.terms * W;
      T even_now(0.0), odd_now(0.0);
      for (std::int32_t j = 0; j + 1 < op.terms; j += 2) {  // the number of terms is even
        const T last = at<W>(v1, j), other_last = at<W>(v1, j + 1);
        const T next = fma(T(op.near[j]), last, fma(T(op.far[j]), at<W>(v2, j), drive));
        const T other_next = fma(T(op.near[j + 1]), other_last, fma(T(op.far[j + 1]), at<W>(v2, j + 1), drive));
        next.store(v2 + j * W);
        other_next.store(v2 + (j + 1) * W);
        even_now = fma(T(op.gain_near[j]), next, even_now);
        odd_now = fma(T(op.gain_near[j + 1]), other_next, odd_now);
        even = fma(T(op.gain_far[j]), last, even);
        odd = fma(T(op.gain_far[j + 1]), other_last, odd);
      }
      even += even_now;
      odd += odd_now;
    } else {
      for (std::int32_t j = 0; j + 1 < op.terms; j += 2) {
        const T first = fma(T(op.near[j]), at<W>(v1, j), drive), next = fma(T(op.near[j + 1]), at<W>(v1, j + 1), drive);
        first.store(v1 + j * W);
        next.store(v1 + (j + 1) * W);
        even = fma(T(op.gain_near[j]), first, even);
        odd = fma(T(op.gain_near[j + 1]), next, odd);
      }
    }
    before.store(state.x2 + k * W);
    now.store(state.x1 + k * W);
    fma(T(op.gain), fma(T(op.x1), now, op.x2 * before), even + odd).store(past + k * W);
  }
}

template <int W>
void advance_ports(const RecursionView& view, const PortView& ports, const double* value, const double* x, double* past, double* second, double* r) {
  const RecursionView op = view;
  for (std::int32_t k = 0; k < ports.count; ++k) {
    const std::int64_t place = static_cast<std::int64_t>(k) * W;
    take_out_of_rows<W>(ports, k, value[k] * advance_one(op, voltage<W>(ports, x, k), past + place, second + place), r);
  }
}

template <int W>
void advance_rows(const RecursionView& view, const PortView& ports, const double* value, const double* x, double* past, double* second, double* r) {
  const RecursionView op = view;
  for (std::int32_t k = 0; k < ports.count; ++k) {
    const std::int64_t place = static_cast<std::int64_t>(k) * W;
    const auto next = value[k] * advance_one(op, row_difference<W>(ports, x, k), past + place, second + place);
    if (ports.is_unit)
      take_out_of_rows<W>(ports, k, next, r);
    else
      take_out<W>(ports.p[k], ports.n[k], ports.gain_p[k], ports.gain_n[k], next, r);
  }
}

template <int W>
void advance_grounded(const RecursionView& view, std::int32_t count, const double* value, const double* x, const double* constant, double* past, double* second,
                      double* r) {
  const RecursionView op = view;
  for_places<W>(count, [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE {
    const V next = advance_one(op, V::load_any(x + k), past + k, second + k), factor = of_place<W, V>(value, k);
    (constant != nullptr ? fnma(factor, next, V::load_any(constant + k)) : -(factor * next)).store(r + k);
  });
}

template <int W>
void operate(std::int32_t count, double w0, const double* x, const double* past, double* y) {
  for_places<W>(count, [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE {
    const V now = w0 * V::load_any(x + k);
    (past ? now + V::load_any(past + k) : now).store(y + k);
  });
}

template <int W>
void multiply(std::int32_t count, double w, const double* a, const double* b, const double* c, double* y) {
  for_places<W>(count, [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE {
    const V product = w * V::load_any(a + k) * V::load_any(b + k);
    (c ? product + V::load_any(c + k) : product).store(y + k);
  });
}

template <int W>
void subtract_rows(const RowsView& matrix, const double* x, double* r) {
  constexpr int chains = 4;  // products in flight
  for (std::int32_t i = 0; i < matrix.rows; ++i) {
    std::int32_t e = matrix.starts[i];
    const std::int32_t end = matrix.starts[i + 1];
    Lanes<W> part[chains];
    part[0] = at<W>(r, matrix.row[i]);
    for (int j = 1; j < chains; ++j) part[j] = Lanes<W>(0.0);
    for (; e + chains <= end; e += chains)
      for (int j = 0; j < chains; ++j) part[j] = fnma(Lanes<W>(matrix.values[e + j]), at<W>(x, matrix.columns[e + j]), part[j]);
    for (; e < end; ++e) part[0] = fnma(Lanes<W>(matrix.values[e]), at<W>(x, matrix.columns[e]), part[0]);
    ((part[0] + part[1]) + (part[2] + part[3])).store(r + static_cast<std::int64_t>(matrix.row[i]) * W);
  }
}

/// Largest size by sample of what `each` gives for the values of all places; W = 1: of all of them.
template <int W, class Each>
HWY_INLINE void take_largest(std::int32_t count, double* largest_of, Each each) {
  if constexpr (W == 1) {
    Lanes<8> most(0.0);
    double rest = 0;
    for_places<W>(count, [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE {
      const V size = abs(each.template operator()<V>(k));
      if constexpr (V::width == 8)
        most = max(most, size);
      else
        rest = rest < size.value ? size.value : rest;
    });
    const double wide = largest(most);
    *largest_of = wide > rest ? wide : rest;
  } else {
    Lanes<W> most(0.0);
    for_places<W>(count, [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE { most = max(most, abs(each.template operator()<V>(k))); });
    most.store(largest_of);
  }
}

template <int W>
void take_step(std::int32_t count, const double* d, const double* fraction, double* x, double* largest_x) {
  take_largest<W>(count, largest_x, [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE {
    V taken(1.0);
    if constexpr (W == 1)
      taken = V(fraction ? *fraction : 1.0);
    else if (fraction)
      taken = V::load(fraction);
    const V next = fma(taken, V::load_any(d + k), V::load_any(x + k));
    next.store(x + k);
    return next;
  });
}

template <int W>
void largest_size(std::int32_t count, const double* d, double* largest_d) {
  take_largest<W>(count, largest_d, [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE { return V::load_any(d + k); });
}

template <int W>
void take_iterate(std::int32_t count, const double* y, double* x, double* d, double* largest_d, double* largest_x) {
  // Both maxima in one pass.
  if constexpr (W == 1) {
    take_largest<W>(count, largest_d, [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE {
      const V next = V::load_any(y + k), change = next - V::load_any(x + k);
      change.store(d + k);
      next.store(x + k);
      return change;
    });
    largest_size<W>(count, x, largest_x);
  } else {
    Lanes<W> most_d(0.0), most_x(0.0);
    for (std::int64_t k = 0; k < count; ++k) {
      const auto next = at<W>(y, k), change = next - at<W>(x, k);
      change.store(d + k * W);
      next.store(x + k * W);
      most_d = max(most_d, abs(change));
      most_x = max(most_x, abs(next));
    }
    most_d.store(largest_d);
    most_x.store(largest_x);
  }
}

template <int W>
void extrapolate(std::int32_t count, double* x, double* x_last, double* x_before) {
  for_places<W>(count, [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE {
    const V now = V::load_any(x + k), last = V::load_any(x_last + k);
    if (x_before != nullptr) {
      fma(V(3.0), now - last, V::load_any(x_before + k)).store(x + k);
      last.store(x_before + k);
    } else {
      (now + (now - last)).store(x + k);
    }
    now.store(x_last + k);
  });
}

template <int W>
void follow(std::int32_t count, const std::int32_t* source, const double* coefficient, const double* x, const double* z, double* y) {
  for (std::int64_t k = 0; k < count; ++k) (coefficient[k] * at<W>(x, source[k]) - at<W>(z, k)).store(y + k * W);
}

template <int W>
void add(std::int32_t count, const double* a, const double* b, double* y) {
  for_places<W>(count, [&]<class V>(std::int64_t k) TELLEGEN_ALWAYS_INLINE { (V::load_any(a + k) + V::load_any(b + k)).store(y + k); });
}

template <int W>
void add_at(std::int32_t count, const std::int32_t* places, const double* x, double* y) {
  for (std::int32_t k = 0; k < count; ++k) (at<W>(y, places[k]) + at<W>(x, places[k])).store(y + static_cast<std::int64_t>(places[k]) * W);
}

template <int W>
constexpr StepKernels step_table() {
  return {&gather<W>,        &scatter<W>,      &gather_rows<W>, &scatter_places<W>, &advance_recursion<W>, &advance_exponentials<W>, &advance_ports<W>,
          &advance_rows<W>,  &advance_grounded<W>, &operate<W>, &multiply<W>,       &subtract_rows<W>,     &take_step<W>,            &largest_size<W>,
          &take_iterate<W>,  &extrapolate<W>,  &follow<W>,      &add<W>,       &add_at<W>};
}

constinit const StepKernelTable table{{step_table<1>(), step_table<8>(), step_table<16>()}};

}  // namespace

const StepKernelTable& step_kernels() { return table; }

}  // namespace tellegen::TELLEGEN_TARGET
