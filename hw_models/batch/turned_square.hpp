#pragma once
// Squares of eight rows turned into their columns. For `*.kernels.cpp` alone.

#include <cstdint>

#include "hw_models/lanes/lanes.hpp"

namespace tellegen::TELLEGEN_TARGET {

using SquareTag = hn::CappedTag<double, 8>;
using SquareRegister = hn::Vec<SquareTag>;

/// Columns of as many rows as a register has lanes.
template <int N>
HWY_INLINE void turn_registers(const SquareRegister (&row)[N], SquareRegister (&column)[N]) {
#if HWY_TARGET == HWY_SCALAR
  column[0] = row[0];
#else
  const SquareTag d;
  // Of two rows: their even and their odd columns, in pairs.
  SquareRegister even[N / 2], odd[N / 2];
  for (int i = 0; i < N / 2; ++i) {
    even[i] = hn::InterleaveLower(d, row[2 * i], row[2 * i + 1]);
    odd[i] = hn::InterleaveUpper(d, row[2 * i], row[2 * i + 1]);
  }
  const auto turn_pairs = [&](const SquareRegister (&pair)[N / 2], int first) {
    if constexpr (N == 2) {
      column[first] = pair[0];
    } else if constexpr (N == 4) {
      column[first] = hn::ConcatLowerLower(d, pair[1], pair[0]);
      column[first + 2] = hn::ConcatUpperUpper(d, pair[1], pair[0]);
    } else {
      const auto turn_halves = [&](SquareRegister one, SquareRegister other, int at) {
        column[at] = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(other), one);
        column[at + 2] = hn::OddEvenBlocks(other, hn::SwapAdjacentBlocks(one));
      };
      turn_halves(hn::ConcatLowerLower(d, pair[2], pair[0]), hn::ConcatLowerLower(d, pair[3], pair[1]), first);
      turn_halves(hn::ConcatUpperUpper(d, pair[2], pair[0]), hn::ConcatUpperUpper(d, pair[3], pair[1]), first + 4);
    }
  };
  turn_pairs(even, 0);
  turn_pairs(odd, 1);
#endif
}

/// to[j * stride + i] = value j of row i
/// @param row  row(i, j): a register of row i from its value j on
template <class Row>
HWY_INLINE void turn_square(Row row, double* to, std::int64_t stride) {
  constexpr int native = static_cast<int>(hn::MaxLanes(SquareTag()));
  for (int j = 0; j < 8; j += native)
    for (int i = 0; i < 8; i += native) {
      SquareRegister rows[native], columns[native];
      for (int n = 0; n < native; ++n) rows[n] = row(i + n, j);
      turn_registers<native>(rows, columns);
      for (int n = 0; n < native; ++n) hn::StoreU(columns[n], SquareTag(), to + (j + n) * stride + i);
    }
}

}  // namespace tellegen::TELLEGEN_TARGET
