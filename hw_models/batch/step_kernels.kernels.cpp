#include "hw_models/batch/step_kernels.hpp"
#include "hw_models/lanes/lanes.hpp"

namespace tellegen::TELLEGEN_TARGET {
namespace {

template <int W>
HWY_INLINE Lanes<W> at(const double* x, std::int64_t k) {
  return Lanes<W>::load(x + k * W);
}

template <int W>
HWY_INLINE Lanes<W> voltage(const PortView& ports, const double* x, std::int32_t k) {
  if (ports.is_unit) return at<W>(x, ports.p[k]) - at<W>(x, ports.n[k]);
  return ports.gain_p[k] * at<W>(x, ports.p[k]) - ports.gain_n[k] * at<W>(x, ports.n[k]);
}

template <int W>
HWY_INLINE Lanes<W> row_difference(const PortView& ports, const double* x, std::int32_t k) {
  if (ports.is_unit) return at<W>(x, ports.p[k]) - at<W>(x, ports.n[k]);
  return ports.weight_p[k] * at<W>(x, ports.out_p[k]) - ports.weight_n[k] * at<W>(x, ports.out_n[k]);
}

/// r[p] -= factor_p i, r[n] += factor_n i
template <int W>
HWY_INLINE void take_out(std::int32_t p, std::int32_t n, double factor_p, double factor_n, const Lanes<W>& i, double* r) {
  fnma(Lanes<W>(factor_p), i, at<W>(r, p)).store(r + static_cast<std::int64_t>(p) * W);
  fma(Lanes<W>(factor_n), i, at<W>(r, n)).store(r + static_cast<std::int64_t>(n) * W);
}
template <int W>
HWY_INLINE void take_out_of_rows(const PortView& ports, std::int32_t k, const Lanes<W>& i, double* r) {
  if (!ports.is_unit) return take_out<W>(ports.out_p[k], ports.out_n[k], ports.weight_p[k], ports.weight_n[k], i, r);
  const std::int64_t p = ports.p[k], n = ports.n[k];
  (at<W>(r, p) - i).store(r + p * W);
  (at<W>(r, n) + i).store(r + n * W);
}

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

template <int W>
HWY_INLINE Lanes<W> advance_one(const RecursionView& op, std::int64_t k, const Lanes<W>& x, double* past, double* second) {
  const auto before = at<W>(past, k);
  Lanes<W> next;
  if (op.has_second) {
    next = fma(Lanes<W>(op.x_now), x, fma(Lanes<W>(op.past_now), before, at<W>(second, k)));
    fma(Lanes<W>(op.x_next), x, op.past_next * before).store(second + k * W);
  } else {
    next = fma(Lanes<W>(op.x_now), x, op.past_now * before);
  }
  next.store(past + k * W);
  return next;
}

template <int W>
void advance_recursion(const RecursionView& op, std::int32_t count, const double* x, double* past, double* second) {
  for (std::int32_t k = 0; k < count; ++k) advance_one<W>(op, k, at<W>(x, k), past, second);
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
      double* v2 = state.v2 + k * op.terms * W;
      for (std::int32_t j = 0; j < op.terms; ++j) {
        const T last = at<W>(v1, j);
        const T next = fma(T(op.near[j]), last, fma(T(op.far[j]), at<W>(v2, j), drive));
        last.store(v2 + j * W);
        next.store(v1 + j * W);
        even = fma(T(op.gain_near[j]), next, even);
        odd = fma(T(op.gain_far[j]), last, odd);
      }
    } else {
      for (std::int32_t j = 0; j + 1 < op.terms; j += 2) {  // the number of terms is even
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
void advance_ports(const RecursionView& op, const PortView& ports, const double* value, const double* x, double* past, double* second, double* r) {
  for (std::int32_t k = 0; k < ports.count; ++k)
    take_out_of_rows<W>(ports, k, value[k] * advance_one<W>(op, k, voltage<W>(ports, x, k), past, second), r);
}

template <int W>
void advance_grounded(const RecursionView& op, std::int32_t count, const double* value, const double* x, double* past, double* second, double* r) {
  for (std::int64_t k = 0; k < count; ++k) (-value[k] * advance_one<W>(op, k, at<W>(x, k), past, second)).store(r + k * W);
}

template <int W>
HWY_INLINE Lanes<W> adjoin_one(const RecursionView& op, std::int64_t k, const Lanes<W>& x, const Lanes<W>& v, double* past, double* second, double* gradient) {
  const auto y = fma(Lanes<W>(op.w0), x, at<W>(past, k));
  fma(y, v, at<W>(gradient, k)).store(gradient + k * W);
  return advance_one<W>(op, k, x, past, second);
}

template <int W>
void adjoint_ports(const RecursionView& op, const PortView& ports, const double* value, const double* x, const double* forward, double* past,
                   double* second, double* gradient, double* r) {
  for (std::int32_t k = 0; k < ports.count; ++k) {
    const auto next = value[k] * adjoin_one<W>(op, k, row_difference<W>(ports, x, k), voltage<W>(ports, forward, k), past, second, gradient);
    if (ports.is_unit)
      take_out_of_rows<W>(ports, k, next, r);
    else
      take_out<W>(ports.p[k], ports.n[k], ports.gain_p[k], ports.gain_n[k], next, r);
  }
}

template <int W>
void adjoint_grounded(const RecursionView& op, std::int32_t count, const double* value, const double* x, const double* forward, double* past,
                      double* second, double* gradient, double* r) {
  for (std::int64_t k = 0; k < count; ++k)
    (-value[k] * adjoin_one<W>(op, k, at<W>(x, k), at<W>(forward, k), past, second, gradient)).store(r + k * W);
}

template <int W>
void operate(std::int32_t count, double w0, const double* x, const double* past, double* y) {
  for (std::int64_t k = 0; k < count; ++k) {
    const auto now = w0 * at<W>(x, k);
    (past ? now + at<W>(past, k) : now).store(y + k * W);
  }
}

template <int W>
void multiply(std::int32_t count, double w, const double* a, const double* b, const double* c, double* y) {
  for (std::int64_t k = 0; k < count; ++k) {
    const auto product = w * at<W>(a, k) * at<W>(b, k);
    (c ? product + at<W>(c, k) : product).store(y + k * W);
  }
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

template <int W>
void take_step(std::int32_t count, const double* d, const double* fraction, double* x, double* largest_x) {
  const auto taken = fraction ? Lanes<W>::load(fraction) : Lanes<W>(1.0);
  Lanes<W> most(0.0);
  for (std::int32_t k = 0; k < count; ++k) {
    const auto next = fma(taken, at<W>(d, k), at<W>(x, k));
    next.store(x + static_cast<std::int64_t>(k) * W);
    most = max(most, abs(next));
  }
  most.store(largest_x);
}

template <int W>
void difference(std::int32_t count, const double* y, const double* x, double* d, double* largest_d) {
  Lanes<W> most(0.0);
  for (std::int64_t k = 0; k < count; ++k) {
    const auto change = x ? at<W>(y, k) - at<W>(x, k) : at<W>(y, k);
    change.store(d + k * W);
    most = max(most, abs(change));
  }
  most.store(largest_d);
}

template <int W>
void extrapolate(std::int32_t count, double* x, double* x_last, double* x_before) {
  for (std::int64_t k = 0; k < count; ++k) {
    const auto now = at<W>(x, k), last = at<W>(x_last, k);
    if (x_before != nullptr) {
      fma(Lanes<W>(3.0), now - last, at<W>(x_before, k)).store(x + k * W);
      last.store(x_before + k * W);
    } else {
      (now + (now - last)).store(x + k * W);
    }
    now.store(x_last + k * W);
  }
}

template <int W>
void follow(std::int32_t count, const std::int32_t* source, const double* coefficient, const double* x, const double* z, double* y) {
  for (std::int64_t k = 0; k < count; ++k) (coefficient[k] * at<W>(x, source[k]) - at<W>(z, k)).store(y + k * W);
}

template <int W>
void accumulate_product(std::int32_t count, const double* a, const double* b, double* gradient) {
  for (std::int64_t k = 0; k < count; ++k) fma(at<W>(a, k), at<W>(b, k), at<W>(gradient, k)).store(gradient + k * W);
}

template <int W>
void accumulate_port_steps(const PortView& ports, std::int32_t steps, std::int64_t stride_x, const double* x, std::int64_t stride_y, const double* y,
                           double* gradient) {
  for (std::int32_t k = 0; k < ports.count; ++k) {
    auto sum_of_steps = at<W>(gradient, k);
    for (std::int32_t n = 0; n < steps; ++n) sum_of_steps = fma(row_difference<W>(ports, x + n * stride_x, k), voltage<W>(ports, y + n * stride_y, k), sum_of_steps);
    sum_of_steps.store(gradient + static_cast<std::int64_t>(k) * W);
  }
}

template <int W, int Entries>
HWY_INLINE void accumulate_entries(const RowsView& matrix, std::int32_t row, std::int32_t e, std::int32_t steps, std::int64_t stride_x, const double* x,
                                   std::int64_t stride_y, const double* y, double* sums) {
  Lanes<W> products[Entries];
  for (auto& product : products) product = Lanes<W>(0.0);
  for (std::int32_t n = 0; n < steps; ++n) {
    const auto left = at<W>(x + n * stride_x, row);
    for (int j = 0; j < Entries; ++j) products[j] = fma(left, at<W>(y + n * stride_y, matrix.columns[e + j]), products[j]);
  }
  for (int j = 0; j < Entries; ++j) sums[e + j] += sum(products[j]);
}

template <int W>
void accumulate_rows(const RowsView& matrix, std::int32_t steps, std::int64_t stride_x, const double* x, std::int64_t stride_y, const double* y, double* sums) {
  for (std::int32_t i = 0; i < matrix.rows; ++i) {
    std::int32_t e = matrix.starts[i];
    for (; e + 4 <= matrix.starts[i + 1]; e += 4) accumulate_entries<W, 4>(matrix, matrix.row[i], e, steps, stride_x, x, stride_y, y, sums);
    for (; e < matrix.starts[i + 1]; ++e) accumulate_entries<W, 1>(matrix, matrix.row[i], e, steps, stride_x, x, stride_y, y, sums);
  }
}

template <int W>
void add_at(std::int32_t count, const std::int32_t* places, const double* x, double* y) {
  for (std::int64_t k = 0; k < count; ++k) (at<W>(y, places[k]) + at<W>(x, k)).store(y + static_cast<std::int64_t>(places[k]) * W);
}

template <int W>
void gather_at(std::int32_t count, const std::int32_t* places, const double* x, double* y) {
  for (std::int64_t k = 0; k < count; ++k) at<W>(x, places[k]).store(y + k * W);
}

template <int W>
void add_from(std::int32_t count, const std::int32_t* places, const double* x, double* y) {
  for (std::int64_t k = 0; k < count; ++k) (at<W>(y, k) + at<W>(x, places[k])).store(y + k * W);
}

template <int W>
void accumulate_at(std::int32_t count, const std::int32_t* places, const double* a, const double* b, double* y) {
  for (std::int64_t k = 0; k < count; ++k) fma(at<W>(a, places[k]), at<W>(b, places[k]), at<W>(y, k)).store(y + k * W);
}

/// Kernels of one law.
template <class Law, int W>
struct OfLaw {
  using T = Lanes<W>;
  static constexpr std::size_t parameters = Law::parameters.size();

  static HWY_INLINE void load_parameters(const LawView& view, std::int32_t k, T* own) {
    for (std::size_t s = 0; s < parameters; ++s) own[s] = view.parameters[s * static_cast<std::size_t>(view.ports.count) + static_cast<std::size_t>(k)];
  }
  /// Deviation of the controlling variable.
  static HWY_INLINE T deviation(const LawView& view, const T& v, std::int32_t k) {
    if (view.past_in == nullptr) return v;
    return fma(T(view.w_in), v, at<W>(view.past_in, k));
  }
  /// Law and slope at a deviation from the bias. A memoryless branch is evaluated where it stands; D would make the round-off
  /// of a difference large.
  static HWY_INLINE void change(const LawView& view, const T* own, const T& u, std::int32_t k, T& g, T& slope) {
    if (view.past_in == nullptr && view.past_out == nullptr) {
      Law::template evaluate<T>(own, at<W>(view.bias, k) + u, g, slope);
      g = g - at<W>(view.f_bias, k);
    } else {
      Law::template deviation<T>(own, at<W>(view.bias, k), u, g, slope);
    }
  }

  static constexpr bool has_prepared = requires { Law::prepared_count; };

  /// Law and slope at z, from the prepared parameters where there are some.
  static HWY_INLINE void evaluate_at(const LawView& view, const T& z, std::int32_t k, T& f, T& slope) {
    if constexpr (has_prepared) {
      T own[Law::prepared_count];
      for (std::size_t s = 0; s < Law::prepared_count; ++s) own[s] = view.prepared[s * static_cast<std::size_t>(view.ports.count) + static_cast<std::size_t>(k)];
      Law::template evaluate_prepared<T>(own, z, f, slope);
    } else {
      T own[parameters];
      load_parameters(view, k, own);
      Law::template evaluate<T>(own, z, f, slope);
    }
  }

  static HWY_INLINE void add_stamps(const LawView& view, std::int32_t k, const T& conductance, double* own_entries) {
    for (int j = 0; j < 4; ++j) {
      const std::int64_t place = view.own[4 * k + j];
      if (place < 0) break;
      fma(T(view.own_factor[4 * k + j]), conductance, at<W>(own_entries, place)).store(own_entries + place * W);
    }
  }

  static HWY_INLINE void take_branch(const LawView& view, std::int32_t k, const T& v, T current, const T& conductance, bool direct, double* r, double* own_entries) {
    // The matrix multiplies the unknown part alone.
    if (direct) current = fnma(conductance, view.known != nullptr ? v - at<W>(view.known, k) : v, current);
    take_out_of_rows<W>(view.ports, k, current, r);
    add_stamps(view, k, conductance, own_entries);
  }

  /// One sample: eight branches side by side fill the registers that samples do not.
  static HWY_INLINE void evaluate_eight(const LawView& view, std::int32_t first, const double* z, double* g, double* slope) {
    using Many = Lanes<8>;
    constexpr std::size_t held = has_prepared ? 4 : parameters;
    Many own[held], value, rise;
    const auto load = [&](const double* from, std::size_t count) {
      for (std::size_t s = 0; s < count; ++s) own[s] = Many::load_any(from + s * static_cast<std::size_t>(view.ports.count) + static_cast<std::size_t>(first));
    };
    if constexpr (has_prepared) {
      load(view.prepared, Law::prepared_count);
      Law::template evaluate_prepared<Many>(own, Many::load(z), value, rise);
    } else {
      load(view.parameters, parameters);
      Law::template evaluate<Many>(own, Many::load(z), value, rise);
    }
    value.store(g);
    rise.store(slope);
  }

  static void evaluate(const LawView& view, const double* x, bool direct, double* r, double* own_entries) {
    std::int32_t k = 0;
    if (view.past_in == nullptr && view.past_out == nullptr) {
      if constexpr (W == 1) {
        alignas(lane_alignment) double z[8], g[8], slope[8];
        for (; k + 8 <= view.ports.count; k += 8) {
          for (int i = 0; i < 8; ++i) z[i] = view.bias[k + i] + voltage<W>(view.ports, x, k + i).value;
          evaluate_eight(view, k, z, g, slope);
          for (int i = 0; i < 8; ++i)
            take_branch(view, k + i, voltage<W>(view.ports, x, k + i), g[i] - view.f_bias[k + i], slope[i], direct, r, own_entries);
        }
      }
      for (; k < view.ports.count; ++k) {
        const T v = voltage<W>(view.ports, x, k);
        T g, slope;
        evaluate_at(view, at<W>(view.bias, k) + v, k, g, slope);
        take_branch(view, k, v, g - at<W>(view.f_bias, k), slope, direct, r, own_entries);
      }
      return;
    }
    for (; k < view.ports.count; ++k) {
      T own[parameters], g, slope;
      load_parameters(view, k, own);
      const T v = voltage<W>(view.ports, x, k);
      change(view, own, deviation(view, v, k), k, g, slope);
      T current = g;
      if (view.past_out != nullptr) current = fma(T(view.w_out), g, at<W>(view.past_out, k));
      take_branch(view, k, v, current, (view.w_in * view.w_out) * slope, direct, r, own_entries);
    }
  }

  static void operands(const LawView& view, const double* x, double* v_out, double* g_out) {
    for (std::int32_t k = 0; k < view.ports.count; ++k) {
      T own[parameters], g, slope;
      load_parameters(view, k, own);
      const T v = voltage<W>(view.ports, x, k);
      change(view, own, deviation(view, v, k), k, g, slope);
      v.store(v_out + static_cast<std::int64_t>(k) * W);
      g.store(g_out + static_cast<std::int64_t>(k) * W);
    }
  }

  static void controlling(const LawView& view, const double* x, double* z) {
    for (std::int32_t k = 0; k < view.ports.count; ++k)
      (at<W>(view.bias, k) + deviation(view, voltage<W>(view.ports, x, k), k)).store(z + static_cast<std::int64_t>(k) * W);
  }

  static void limit(const LawView& view, const double* x, const double* d, double* fraction) {
    if constexpr (Law::largest_step < HUGE_VAL) {
      T lowest = T::load(fraction);
      for (std::int32_t k = 0; k < view.ports.count; ++k) {
        T own[parameters];
        load_parameters(view, k, own);
        const T scale = abs(Law::template step_scale<T>(own));
        const T change = abs(view.w_in * voltage<W>(view.ports, d, k)) / scale;
        const T next = abs((at<W>(view.bias, k) + deviation(view, voltage<W>(view.ports, x, k) + voltage<W>(view.ports, d, k), k)) / scale);
        const T most(Law::largest_step);
        const auto too_far = most < change && most < next;
        lowest = min(lowest, select(too_far, most / change, T(1.0)));
      }
      lowest.store(fraction);
    }
  }

  static void stamp(const LawView& view, const double* slope, double* own_entries) {
    for (std::int32_t k = 0; k < view.ports.count; ++k) add_stamps(view, k, (view.w_in * view.w_out) * at<W>(slope, k), own_entries);
  }

  static void slopes(const LawView& view, const double* z, double* value_out, double* slope_out) {
    for (std::int32_t k = 0; k < view.ports.count; ++k) {
      T value, slope;
      evaluate_at(view, at<W>(z, k), k, value, slope);
      value.store(value_out + static_cast<std::int64_t>(k) * W);
      slope.store(slope_out + static_cast<std::int64_t>(k) * W);
    }
  }

  static void by_parameter(const LawView& view, const double* z, [[maybe_unused]] const double* value, [[maybe_unused]] const double* slope,
                           const double* response, double* gradient) {
    for (std::int32_t k = 0; k < view.ports.count; ++k) {
      T own[parameters], change[parameters];
      load_parameters(view, k, own);
      if constexpr (has_prepared)
        Law::template law_by_parameter_prepared<T>(own, at<W>(z, k), at<W>(value, k), at<W>(slope, k), change);
      else
        Law::template law_by_parameter<T>(own, at<W>(z, k), change);
      const T answer = at<W>(response, k);
      for (std::size_t s = 0; s < parameters; ++s)
        gradient[s * static_cast<std::size_t>(view.ports.count) + static_cast<std::size_t>(k)] -= sum(answer * change[s]);
    }
  }
};

template <int W>
constexpr StepKernels step_table() {
  return {&gather<W>, &scatter<W>, &gather_rows<W>, &scatter_places<W>, &advance_recursion<W>, &advance_exponentials<W>, &advance_ports<W>, &advance_grounded<W>,
          &adjoint_ports<W>, &adjoint_grounded<W>, &operate<W>, &multiply<W>,
          &subtract_rows<W>, &take_step<W>, &difference<W>, &extrapolate<W>, &follow<W>, &accumulate_product<W>, &accumulate_port_steps<W>, &accumulate_rows<W>, &add_at<W>, &gather_at<W>, &add_from<W>, &accumulate_at<W>};
}

template <int W, std::size_t I>
constexpr LawKernelSet law_table() {
  using K = OfLaw<std::tuple_element_t<I, LawList>, W>;
  return {&K::evaluate, &K::operands, &K::controlling, &K::limit, &K::stamp, &K::slopes, &K::by_parameter};
}

template <int W, std::size_t... I>
constexpr void fill_laws(LawKernelSet* laws, std::index_sequence<I...>) {
  ((laws[I] = law_table<W, I>()), ...);
}

constexpr StepKernelTable make_table() {
  StepKernelTable table{};
  constexpr std::make_index_sequence<std::tuple_size_v<LawList>> all;
  table.step[0] = step_table<1>();
  table.step[1] = step_table<8>();
  table.step[2] = step_table<16>();
  fill_laws<1>(table.law[0], all);
  fill_laws<8>(table.law[1], all);
  fill_laws<16>(table.law[2], all);
  return table;
}

constinit const StepKernelTable table = make_table();

}  // namespace

const StepKernelTable& step_kernels() { return table; }

}  // namespace tellegen::TELLEGEN_TARGET
