#pragma once
// Sums over the samples of many products at once. For `*.kernels.cpp` alone.
//
// One sum across a register is a chain of shuffles that ends in a single number. Eight of them share their shuffles as a transposition
// does: at every level two registers become one, and the last register holds all eight.

#include <cstdint>

#include "hw_models/lanes/lanes.hpp"

namespace tellegen::TELLEGEN_TARGET {

/// Sums of `products` side by side, in their order.
template <int W>
HWY_INLINE Lanes<8> sums_of_eight(const Lanes<W> (&products)[8]) {
  using Vector = typename Lanes<W>::Vector;
  constexpr int native = Lanes<8>::register_width;
  static_assert(native == Lanes<W>::register_width);
  Vector folded[8];
  for (int i = 0; i < 8; ++i) {
    folded[i] = products[i].part[0];
    for (int part = 1; part < Lanes<W>::registers; ++part) folded[i] = hn::Add(folded[i], products[i].part[part]);
  }
  Lanes<8> result;
#if HWY_TARGET == HWY_SCALAR
  for (int i = 0; i < 8; ++i) result.part[i] = folded[i];
#else
  const typename Lanes<W>::Tag d;
  // Of two registers: the sums of every pair of lanes, one's and the other's by turns.
  const auto pairs = [&](int one, int other) { return hn::Add(hn::InterleaveLower(d, folded[one], folded[other]), hn::InterleaveUpper(d, folded[one], folded[other])); };
  const auto halves = [&](Vector one, Vector other) { return hn::Add(hn::ConcatLowerLower(d, other, one), hn::ConcatUpperUpper(d, other, one)); };
  if constexpr (native == 2) {
    for (int i = 0; i < 4; ++i) result.part[i] = pairs(2 * i, 2 * i + 1);
  } else if constexpr (native == 4) {
    for (int i = 0; i < 2; ++i) result.part[i] = halves(pairs(4 * i, 4 * i + 1), pairs(4 * i + 2, 4 * i + 3));
  } else {
    const Vector even = halves(pairs(0, 1), pairs(4, 5)), odd = halves(pairs(2, 3), pairs(6, 7));
    result.part[0] = hn::Add(hn::OddEvenBlocks(odd, even), hn::SwapAdjacentBlocks(hn::OddEvenBlocks(even, odd)));
  }
#endif
  return result;
}

/// sums_k += sum over the samples of product(k), for all k in their order.
template <int W, class Product>
HWY_INLINE void add_sums(std::int32_t count, double* sums, Product product) {
  std::int64_t k = 0;
  if constexpr (W > 1) {
    for (; k + 8 <= count; k += 8) {
      Lanes<W> products[8];
#pragma GCC unroll 8
      for (int i = 0; i < 8; ++i) products[i] = product(k + i);
      (Lanes<8>::load_any(sums + k) + sums_of_eight<W>(products)).store_any(sums + k);
    }
  }
  for (; k < count; ++k) sums[k] += sum(product(k));
}

}  // namespace tellegen::TELLEGEN_TARGET
