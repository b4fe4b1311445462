#pragma once
// How kernels reach lane arrays and the two sides of a port. For `*.kernels.cpp` alone.

#include <cstdint>

#include "hw_models/batch/step_kernels.hpp"
#include "hw_models/lanes/lanes.hpp"

/// Of a lambda: its body is a loop's, and a call would spill every register.
#define TELLEGEN_ALWAYS_INLINE __attribute__((always_inline))

namespace tellegen::TELLEGEN_TARGET {

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
  if (p < ports.rows) (at<W>(r, p) - i).store(r + p * W);
  if (n < ports.rows) (at<W>(r, n) + i).store(r + n * W);
}

/// Calls body.template operator()<V>(first value) for the values of `count` places, a register or two at a time. One sample: the
/// vectors run along the places.
template <int W, class Body>
HWY_INLINE void for_places(std::int32_t count, Body body) {
  if constexpr (W == 1) {
    std::int64_t k = 0;
    for (; k + 8 <= count; k += 8) body.template operator()<Lanes<8>>(k);
    for (; k < count; ++k) body.template operator()<Lanes<1>>(k);
  } else {
    for (std::int64_t k = 0; k < count; ++k) body.template operator()<Lanes<W>>(k * W);
  }
}
/// A number of every place, for the lanes that start at a value.
template <int W, class V>
HWY_INLINE V of_place(const double* numbers, std::int64_t value) {
  if constexpr (W == 1)
    return V::load_any(numbers + value);
  else
    return V(numbers[value / W]);
}

}  // namespace tellegen::TELLEGEN_TARGET
