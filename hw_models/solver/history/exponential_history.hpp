#pragma once
// D^a with a sum of exponentials for its fractional part: constant cost and memory a step.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "hw_models/solver/history/exponential_sum.hpp"
#include "hw_models/solver/history/recursion_history.hpp"

namespace tellegen {

/// Coefficients of the recursions that stand for D^(m - beta) = D^m K, by term.
///
///     v_n = near v_{n-1} + far v_{n-2} + g_n,     y_n = sum_j gain_j v_n        every 1/(s + rate_j) by the grid's method
///     g_n = x0 x_n + x1 x_{n-1} + x2 x_{n-2}                                    one D of D^m is taken into it where m > 0
struct ExponentialCoefficients {
  int chain_order = 0;  ///< orders of D that g does not hold
  double x0 = 1, x1 = 0, x2 = 0;
  bool two_steps = false;  ///< `far` is not zero
  double gain = 0;         ///< sum of all gain_j
  std::vector<double> near, far;
  std::vector<double> gain_near, gain_far;  ///< what v_{n-1} and v_{n-2} add to y_n

  ExponentialCoefficients(double order, const TimeGrid& grid);
};

/// D^order on `width` signals, order not an integer.
///
/// All orders of one fractional part use the same sum, so that D^(a+1) = D D^a still holds exactly: echoes are exact, or biased,
/// on the circuit of approximated elements for the same reasons as on the true one. Each operator is causal, linear and the same at every
/// step, hence its transpose is its time reverse and the adjoint's gradient is exact for the approximated element.
template <class T>
class ExponentialHistory {
 public:
  ExponentialHistory(double order, std::size_t width, const TimeGrid& grid)
      : width_(width), c_(std::make_shared<const ExponentialCoefficients>(order, grid)), chain_(c_->chain_order, width, grid),
        terms_(c_->near.size()), x1_(width), x2_(width), input_(width), sum_(width), v1_(width * terms_),
        v2_(c_->two_steps ? width * terms_ : 0) {
    reset();
  }

  void reset() {
    chain_.reset();
    for (auto* state : {&x1_, &x2_, &sum_, &v1_, &v2_}) std::fill(state->begin(), state->end(), T(0.0));
  }
  [[nodiscard]] double leading() const { return chain_.leading() * c_->x0 * c_->gain; }
  [[nodiscard]] std::size_t stored_values() const {
    return chain_.stored_values() + x1_.size() + x2_.size() + input_.size() + sum_.size() + v1_.size() + v2_.size();
  }

  void history(T* out) const {
    chain_.history(out);
    for (std::size_t k = 0; k < width_; ++k) out[k] = c_->gain * (c_->x0 * out[k] + c_->x1 * x1_[k] + c_->x2 * x2_[k]) + sum_[k];
  }

  void accept(const T* x, const T*) {
    std::copy_n(x, width_, input_.begin());
    chain_.pass(input_.data());
    if (c_->two_steps) {
      for (std::size_t k = 0; k < width_; ++k) advance_two_steps(k);
      std::swap(v1_, v2_);
    } else {
      for (std::size_t k = 0; k < width_; ++k) advance_one_step(k);
    }
    std::swap(x1_, x2_);
    std::swap(x1_, input_);
  }

 private:
  [[nodiscard]] T drive(std::size_t k) const { return c_->x0 * input_[k] + c_->x1 * x1_[k] + c_->x2 * x2_[k]; }

  void advance_one_step(std::size_t k) {
    const T g = drive(k);
    const double *near = c_->near.data(), *gain = c_->gain_near.data();
    T* v = v1_.data() + k * terms_;
    const auto advance = [=](std::size_t j) {
      const T now = near[j] * v[j] + g;
      v[j] = now;
      return gain[j] * now;
    };
    sum_[k] = sum_in_four(advance);
  }

  /// Writes the new states over those of two steps ago; `accept` exchanges the two arrays.
  void advance_two_steps(std::size_t k) {
    const T g = drive(k);
    const double *near = c_->near.data(), *far = c_->far.data();
    const double *gain_near = c_->gain_near.data(), *gain_far = c_->gain_far.data();
    const T* v1 = v1_.data() + k * terms_;
    T* v2 = v2_.data() + k * terms_;
    const auto advance = [=](std::size_t j) {
      const T last = v1[j], now = near[j] * last + far[j] * v2[j] + g;
      v2[j] = now;
      return gain_near[j] * now + gain_far[j] * last;
    };
    sum_[k] = sum_in_four(advance);
  }

  /// sum_j part(j), in four independent partial sums that the processor can add side by side.
  template <class Part>
  [[nodiscard]] T sum_in_four(const Part& part) const {
    T a(0.0), b(0.0), c(0.0), d(0.0);
    for (std::size_t j = 0; j < terms_; j += 4) {  // divides every number of terms
      a = a + part(j);
      b = b + part(j + 1);
      c = c + part(j + 2);
      d = d + part(j + 3);
    }
    return (a + b) + (c + d);
  }

  std::size_t width_;
  std::shared_ptr<const ExponentialCoefficients> c_;
  RecursionChain<T> chain_;
  std::size_t terms_;
  std::vector<T> x1_, x2_;   // inputs of g, one and two steps ago
  std::vector<T> input_;     // of this step
  std::vector<T> sum_;       // what the states add to the next output
  std::vector<T> v1_, v2_;   // states one and two steps ago, by signal, then term
};

}  // namespace tellegen
