#pragma once
#include <cstddef>

#include "hw_models/solver/method.hpp"

namespace tellegen {

/// Uniform grid t_n = n h, n = 1..N, and the method that discretises every D^a on it.
struct TimeGrid {
  double step = 0;  // [s] h
  std::size_t steps = 0;
  Method method = Method::bdf2;

  [[nodiscard]] double time(std::size_t n) const { return static_cast<double>(n) * step; }  // [s]
};

}  // namespace tellegen
