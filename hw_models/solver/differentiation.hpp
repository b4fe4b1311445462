#pragma once
// D^a on many signals at once, advanced step by step.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <variant>
#include <vector>

#include "hw_models/solver/history/direct_convolution.hpp"
#include "hw_models/solver/history/exponential_history.hpp"
#include "hw_models/solver/history/fft_convolution.hpp"
#include "hw_models/solver/history/recursion_history.hpp"
#include "hw_models/solver/time_grid.hpp"

namespace tellegen {

/// D^0.
template <class T>
class NoHistory {
 public:
  explicit NoHistory(std::size_t width) : width_(width) {}
  void reset() {}
  [[nodiscard]] double leading() const { return 1; }
  [[nodiscard]] std::size_t stored_values() const { return 0; }
  void history(T* out) const { std::fill_n(out, width_, T(0.0)); }
  void accept(const T*, const T*) {}

 private:
  std::size_t width_;
};

/// D^m for an integer m, with the face of the other histories.
template <class T>
class ChainHistory {
 public:
  ChainHistory(int order, std::size_t width, const TimeGrid& grid) : chain_(order, width, grid), input_(width) {}
  void reset() { chain_.reset(); }
  [[nodiscard]] double leading() const { return chain_.leading(); }
  [[nodiscard]] std::size_t stored_values() const { return chain_.stored_values() + input_.size(); }
  void history(T* out) const { chain_.history(out); }
  void accept(const T* x, const T*) {
    std::copy_n(x, input_.size(), input_.begin());
    chain_.pass(input_.data());
  }

 private:
  RecursionChain<T> chain_;
  std::vector<T> input_;
};

/// Causal operator D^order on `width` signals with rest history: by recursion where the order is an integer, otherwise as
/// the grid's `History` says.
///
/// Each step: `history` gives the part of y that the past fixes; y = leading() * x + history; `accept` takes x.
/// T is double, or a vector with one sample per lane.
template <class T>
class DifferentiationBank {
 public:
  DifferentiationBank(double order, std::size_t width, const TimeGrid& grid) : kind_(make(order, width, grid)) {}

  /// Back to rest.
  void reset() {
    std::visit([](auto& kind) { kind.reset(); }, kind_);
  }
  /// What signal k does as it leaves its start, where the order is -1, 0 or 1; other orders start from rest.
  /// @param soon, later  inputs at the times `soon_at` and `step` [s] after the start
  void set_in_motion(std::size_t k, double soon, double soon_at, double later, double step) {
    if (auto* recursion = std::get_if<RecursionHistory<T>>(&kind_)) recursion->set_in_motion(k, soon, soon_at, later, step);
  }
  /// Turns time round where the order is -1, 0 or 1; no other operator has a state that could run backwards, and starts from rest.
  void reverse_time() {
    if (auto* recursion = std::get_if<RecursionHistory<T>>(&kind_)) return recursion->reverse_time();
    reset();
  }
  /// Weight of the present input.
  [[nodiscard]] double leading() const {
    return std::visit([](const auto& kind) { return kind.leading(); }, kind_);
  }
  /// Values of T that the past takes: what grows with the run, or does not.
  [[nodiscard]] std::size_t stored_values() const {
    return std::visit([](const auto& kind) { return kind.stored_values(); }, kind_);
  }
  /// Where the order is -1 or 1: with `history` the whole past, as what it adds to the step after the next one. Zeros elsewhere.
  void second(T* out, std::size_t width) const {
    const auto* recursion = std::get_if<RecursionHistory<T>>(&kind_);
    recursion ? recursion->second(out) : void(std::fill_n(out, width, T(0.0)));
  }
  /// Writes the past's part of each signal's output.
  void history(T* out) const {
    std::visit([out](const auto& kind) { kind.history(out); }, kind_);
  }
  /// Takes the accepted inputs of this step; `history` are the values that `history()` gave for it.
  void accept(const T* x, const T* history) {
    std::visit([=](auto& kind) { kind.accept(x, history); }, kind_);
  }

 private:
  using Kind = std::variant<NoHistory<T>, RecursionHistory<T>, ChainHistory<T>, DirectConvolution<T>, FftConvolution<T>, ExponentialHistory<T>>;

  static Kind make(double order, std::size_t width, const TimeGrid& grid) {
    if (order == 0) return NoHistory<T>(width);
    if (order == 1 || order == -1) return RecursionHistory<T>(static_cast<int>(order), width, grid);
    if (grid.history == History::direct) return DirectConvolution<T>(order, width, grid);
    // Also orders that miss an integer by round-off, as differences of others do.
    const double whole = std::round(order);
    if (std::abs(order - whole) < nearest_to_integer) return ChainHistory<T>(static_cast<int>(whole), width, grid);
    if (grid.history == History::fft) return FftConvolution<T>(order, width, grid);
    return ExponentialHistory<T>(order, width, grid);
  }

  Kind kind_;
};

}  // namespace tellegen
