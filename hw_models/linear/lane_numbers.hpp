#pragma once
// Small functions over lanes that several kernels of linear plans share. For `*.kernels.cpp` alone.

#include "hw_models/lanes/lanes.hpp"

namespace tellegen::TELLEGEN_TARGET {

template <int W>
HWY_INLINE Lanes<W> at(const double* x, std::int64_t k) {
  return Lanes<W>::load(x + k * W);
}

/// NaN counts as not positive.
template <int W>
HWY_INLINE Lanes<W> lesser_or_negative(const Lanes<W>& value, const Lanes<W>& least) {
  return select(value > Lanes<W>(0.0), min(value, least), Lanes<W>(-1.0));
}

/// 1 / x. Divisions of whole AVX-512 registers take 16 cycles; an estimate of 14 bits and two Newton steps take 4, and are as
/// exact to a digit.
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

}  // namespace tellegen::TELLEGEN_TARGET
