#pragma once
// The most additions and multiplications that one core can do: the floor under every figure of the benchmarks.

#include <cstddef>

#include "hw_models/lanes/dispatch.hpp"

namespace tellegen {

struct PeakKernels {
  /// Multiplies and adds in registers, `rounds` times as many as `multiply_adds_per_round` says.
  /// @returns a number that depends on every one of them
  double (*multiply_add)(std::size_t rounds, double factor, double summand);
  std::size_t multiply_adds_per_round;  ///< each is one multiplication and one addition
};

TELLEGEN_KERNELS(PeakKernels, peak_kernels)

}  // namespace tellegen
