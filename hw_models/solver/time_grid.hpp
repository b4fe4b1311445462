#pragma once
#include <cstddef>

#include "hw_models/solver/history/history.hpp"
#include "hw_models/solver/method.hpp"

namespace tellegen {

/// Uniform grid t_n = n h, n = 1..N, the method that discretises every D^a on it, and how D^a remembers.
struct TimeGrid {
  double step = 0;  // [s] h
  std::size_t steps = 0;
  Method method = Method::bdf2;
  History history = History::direct;

  [[nodiscard]] double time(std::size_t n) const { return static_cast<double>(n) * step; }  // [s]
};

}  // namespace tellegen
