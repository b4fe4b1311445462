#pragma once
// Integer orders of D: exact recursions at constant cost a step.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <vector>

#include "hw_models/solver/convolution_quadrature.hpp"
#include "hw_models/solver/time_grid.hpp"

namespace tellegen {

/// D or its inverse on `width` signals.
template <class T>
class RecursionHistory {
 public:
  RecursionHistory(int order, std::size_t width, const TimeGrid& grid)
      : width_(width), is_derivative_(order > 0),
        recursion_(order > 0 ? derivative_recursion(grid.step, grid.method) : integral_recursion(grid.step, grid.method)),
        past_(4 * width, T(0.0)) {}

  void reset() { std::fill(past_.begin(), past_.end(), T(0.0)); }
  [[nodiscard]] double leading() const { return recursion_.w0; }
  [[nodiscard]] std::size_t stored_values() const { return past_.size(); }

  /// What signal k does as it leaves its start: the rate of a derivative's input, the level to which an integral's has jumped. A
  /// method of second order is so from the first step on.
  /// @param soon, later  inputs at the times `soon_at` and `step` [s] after the start
  void set_in_motion(std::size_t k, double soon, double soon_at, double later, double step) {
    const double per_step = is_derivative_ ? soon * (step / soon_at) : soon;
    // What has run its course within a step is not resolved by the grid.
    if (!(std::abs(per_step - later) <= std::abs(later))) return;
    T *x1 = past_.data(), *x2 = x1 + width_, *y1 = x2 + width_, *y2 = y1 + width_;
    (is_derivative_ ? x2 : x1)[k] = is_derivative_ ? -per_step : per_step;
    (is_derivative_ ? y1 : y2)[k] = is_derivative_ ? per_step / step : -step * per_step;
  }

  /// Turns time round, for the one-step operators of the trapezoidal method: a derivative changes its sign, an integral goes
  /// on with inputs of the other sign.
  void reverse_time() {
    T *x1 = past_.data(), *y1 = x1 + 2 * width_;
    T* odd = is_derivative_ ? y1 : x1;
    for (std::size_t k = 0; k < width_; ++k) odd[k] = -1.0 * odd[k];
  }

  /// What the past adds to the output after the next one, apart from that next one's own input and output.
  void second(T* out) const {
    const T *x1 = past_.data(), *y1 = x1 + 2 * width_;
    for (std::size_t k = 0; k < width_; ++k) out[k] = recursion_.a2 * x1[k] + recursion_.b2 * y1[k];
  }

  void history(T* out) const {
    const T *x1 = past_.data(), *x2 = x1 + width_, *y1 = x2 + width_, *y2 = y1 + width_;
    for (std::size_t k = 0; k < width_; ++k)
      out[k] = recursion_.a1 * x1[k] + recursion_.a2 * x2[k] + recursion_.b1 * y1[k] + recursion_.b2 * y2[k];
  }

  void accept(const T* x, const T* history) {
    T *x1 = past_.data(), *x2 = x1 + width_, *y1 = x2 + width_, *y2 = y1 + width_;
    for (std::size_t k = 0; k < width_; ++k) {
      const T y = recursion_.w0 * x[k] + history[k];
      x2[k] = x1[k], x1[k] = x[k];
      y2[k] = y1[k], y1[k] = y;
    }
  }

 private:
  std::size_t width_;
  bool is_derivative_;
  Recursion recursion_;
  std::vector<T> past_;
};

/// D^order for any integer order, as so many first ones in a row; none for order 0.
template <class T>
class RecursionChain {
 public:
  RecursionChain(int order, std::size_t width, const TimeGrid& grid)
      : stages_(static_cast<std::size_t>(std::abs(order)), RecursionHistory<T>(order, width, grid)), width_(width), part_(width, T(0.0)) {}

  void reset() {
    for (auto& stage : stages_) stage.reset();
  }
  [[nodiscard]] double leading() const {
    double product = 1;
    for (const auto& stage : stages_) product *= stage.leading();
    return product;
  }
  [[nodiscard]] std::size_t stored_values() const { return part_.size() + (stages_.empty() ? 0 : stages_.size() * stages_[0].stored_values()); }

  void history(T* out) const {
    std::fill_n(out, width_, T(0.0));
    for (const auto& stage : stages_) {
      stage.history(part_.data());
      for (std::size_t k = 0; k < width_; ++k) out[k] = stage.leading() * out[k] + part_[k];
    }
  }

  /// Takes the inputs x of this step and replaces them by the outputs.
  void pass(T* x) {
    for (auto& stage : stages_) {
      stage.history(part_.data());
      stage.accept(x, part_.data());
      for (std::size_t k = 0; k < width_; ++k) x[k] = stage.leading() * x[k] + part_[k];
    }
  }

 private:
  std::vector<RecursionHistory<T>> stages_;
  std::size_t width_;
  mutable std::vector<T> part_;  // of one stage, between two lines
};

}  // namespace tellegen
