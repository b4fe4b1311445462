#pragma once
// D^a by its whole convolution, one sum a step: the reference of every other history.

#include <cstddef>
#include <memory>
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
  [[nodiscard]] std::size_t count() const { return reversed_.size(); }
  [[nodiscard]] double weight(std::size_t j) const { return reversed_[reversed_.size() - 1 - j]; }

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

/// D^order on `width` signals, every input kept.
template <class T>
class DirectConvolution {
 public:
  DirectConvolution(double order, std::size_t width, const TimeGrid& grid)
      : width_(width), capacity_(grid.steps), weights_(std::make_shared<const ConvolutionWeights>(order, grid)), past_(width * capacity_) {}

  void reset() { accepted_ = 0; }
  [[nodiscard]] double leading() const { return weights_->leading(); }
  [[nodiscard]] std::size_t stored_values() const { return past_.size(); }

  void history(T* out) const {
    for (std::size_t k = 0; k < width_; ++k) out[k] = weights_->history(past_.data() + k * capacity_, accepted_);
  }
  void accept(const T* x, const T*) {
    for (std::size_t k = 0; k < width_; ++k) past_[k * capacity_ + accepted_] = x[k];
    ++accepted_;
  }

 private:
  std::size_t width_;
  std::size_t capacity_;
  std::size_t accepted_ = 0;
  std::shared_ptr<const ConvolutionWeights> weights_;
  std::vector<T> past_;
};

}  // namespace tellegen
