#pragma once
// D^a on many signals at once, advanced step by step.

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "hw_models/solver/convolution_quadrature.hpp"
#include "hw_models/solver/time_grid.hpp"

namespace tellegen {

/// Weights of one order, stored last first so that a history sum walks both arrays forwards.
class ConvolutionWeights {
 public:
  ConvolutionWeights(double order, const TimeGrid& grid) {
    const auto w = quadrature_weights(order, grid.steps + 1, grid.step, grid.method);
    leading_ = w[0];
    reversed_.assign(w.rbegin(), w.rend());
  }
  [[nodiscard]] double leading() const { return leading_; }

  /// sum_{j=1..m} w_j x_{m-j} of the m inputs so far.
  template <class T>
  [[nodiscard]] T history(const T* x, std::size_t m) const {
    const double* w = reversed_.data() + (reversed_.size() - 1 - m);
    constexpr std::size_t unroll = 8;  // independent partial sums: the compiler may keep them in one vector
    T partial[unroll] = {};
    std::size_t i = 0;
    for (; i + unroll <= m; i += unroll)
      for (std::size_t u = 0; u < unroll; ++u) partial[u] = partial[u] + w[i + u] * x[i + u];
    T sum = ((partial[0] + partial[1]) + (partial[2] + partial[3])) + ((partial[4] + partial[5]) + (partial[6] + partial[7]));
    for (; i < m; ++i) sum = sum + w[i] * x[i];
    return sum;
  }

 private:
  double leading_ = 1;
  std::vector<double> reversed_;
};

/// Causal operator D^order on `width` signals with rest history, by recursion for the orders -1, 0, 1 and by direct
/// convolution for every other.
///
/// Each step: `history` gives the part of y that the past fixes; y = leading() * x + history; `accept` takes x.
/// T is double, or a vector with one sample per lane.
template <class T>
class DifferentiationBank {
 public:
  DifferentiationBank(double order, std::size_t width, const TimeGrid& grid) : width_(width), capacity_(grid.steps) {
    if (order == 0) {
      kind_ = Kind::identity;
    } else if (order == 1 || order == -1) {
      kind_ = Kind::recursion;
      is_derivative_ = order == 1;
      recursion_ = order == 1 ? derivative_recursion(grid.step, grid.method) : integral_recursion(grid.step, grid.method);
      past_.resize(4 * width);
    } else {
      kind_ = Kind::convolution;
      weights_ = std::make_shared<const ConvolutionWeights>(order, grid);
      past_.resize(width * capacity_);
    }
    reset();
  }

  /// Back to rest.
  void reset() {
    accepted_ = 0;
    if (kind_ == Kind::recursion) std::fill(past_.begin(), past_.end(), T(0.0));
  }

  /// Turns time round, for the one-step operators of the trapezoidal method: a derivative changes its sign, an integral goes on
  /// with inputs of the other sign.
  void reverse_time() {
    if (kind_ != Kind::recursion) return;
    T *x1 = past_.data(), *y1 = x1 + 2 * width_;
    T* odd = is_derivative_ ? y1 : x1;
    for (std::size_t k = 0; k < width_; ++k) odd[k] = -1.0 * odd[k];
  }

  /// Weight of the present input.
  [[nodiscard]] double leading() const {
    switch (kind_) {
      case Kind::identity: return 1;
      case Kind::recursion: return recursion_.w0;
      case Kind::convolution: return weights_->leading();
    }
    return 1;
  }

  /// Writes the past's part of each signal's output.
  void history(T* out) const {
    switch (kind_) {
      case Kind::identity: std::fill_n(out, width_, T(0.0)); return;
      case Kind::recursion: {
        const T *x1 = past_.data(), *x2 = x1 + width_, *y1 = x2 + width_, *y2 = y1 + width_;
        for (std::size_t k = 0; k < width_; ++k)
          out[k] = recursion_.a1 * x1[k] + recursion_.a2 * x2[k] + recursion_.b1 * y1[k] + recursion_.b2 * y2[k];
        return;
      }
      case Kind::convolution:
        for (std::size_t k = 0; k < width_; ++k) out[k] = weights_->history(past_.data() + k * capacity_, accepted_);
        return;
    }
  }

  /// Takes the accepted inputs of this step; `history` are the values that `history()` gave for it.
  void accept(const T* x, const T* history) {
    switch (kind_) {
      case Kind::identity: break;
      case Kind::recursion: {
        T *x1 = past_.data(), *x2 = x1 + width_, *y1 = x2 + width_, *y2 = y1 + width_;
        for (std::size_t k = 0; k < width_; ++k) {
          const T y = recursion_.w0 * x[k] + history[k];
          x2[k] = x1[k], x1[k] = x[k];
          y2[k] = y1[k], y1[k] = y;
        }
        break;
      }
      case Kind::convolution:
        for (std::size_t k = 0; k < width_; ++k) past_[k * capacity_ + accepted_] = x[k];
        break;
    }
    ++accepted_;
  }

 private:
  enum class Kind { identity, recursion, convolution };
  Kind kind_ = Kind::identity;
  bool is_derivative_ = false;
  std::size_t width_;
  std::size_t capacity_;
  std::size_t accepted_ = 0;
  Recursion recursion_;
  std::shared_ptr<const ConvolutionWeights> weights_;
  std::vector<T> past_;
};

}  // namespace tellegen
