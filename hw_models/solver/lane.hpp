#pragma once
// A vector of samples: the lane type that stands for double in laws and operators, so that one run carries W samples.

#include <array>
#include <cmath>
#include <cstddef>

namespace tellegen {

/// Outcome of a comparison, sample by sample.
template <std::size_t W>
struct LaneMask {
  std::array<bool, W> sample{};

  friend constexpr LaneMask operator&&(const LaneMask& a, const LaneMask& b) {
    LaneMask both;
    for (std::size_t i = 0; i < W; ++i) both.sample[i] = a.sample[i] && b.sample[i];
    return both;
  }
};

/// W samples of one quantity. Arithmetic goes sample by sample in the order in which it is written, so that every sample
/// equals what double gives; plain loops of constant length, which the compiler turns into vector instructions.
template <std::size_t W>
struct alignas(W * sizeof(double)) Lane {
  std::array<double, W> sample{};

  constexpr Lane() = default;
  /// The same value in every sample. Implicit: constants of a law are doubles.
  constexpr Lane(double value) { sample.fill(value); }  // NOLINT(google-explicit-constructor)

  [[nodiscard]] static constexpr std::size_t width() { return W; }
  [[nodiscard]] constexpr double& operator[](std::size_t i) { return sample[i]; }
  [[nodiscard]] constexpr double operator[](std::size_t i) const { return sample[i]; }

  friend constexpr Lane operator+(const Lane& a, const Lane& b) { return combine(a, b, [](double x, double y) { return x + y; }); }
  friend constexpr Lane operator-(const Lane& a, const Lane& b) { return combine(a, b, [](double x, double y) { return x - y; }); }
  friend constexpr Lane operator*(const Lane& a, const Lane& b) { return combine(a, b, [](double x, double y) { return x * y; }); }
  friend constexpr Lane operator/(const Lane& a, const Lane& b) { return combine(a, b, [](double x, double y) { return x / y; }); }
  friend constexpr Lane operator-(const Lane& a) { return map(a, [](double x) { return -x; }); }

  friend constexpr LaneMask<W> operator<(const Lane& a, const Lane& b) {
    LaneMask<W> less;
    for (std::size_t i = 0; i < W; ++i) less.sample[i] = a.sample[i] < b.sample[i];
    return less;
  }
  friend constexpr LaneMask<W> operator>(const Lane& a, const Lane& b) { return b < a; }

  /// a where the condition holds, else b.
  friend constexpr Lane select(const LaneMask<W>& condition, const Lane& a, const Lane& b) {
    Lane chosen;
    for (std::size_t i = 0; i < W; ++i) chosen.sample[i] = condition.sample[i] ? a.sample[i] : b.sample[i];
    return chosen;
  }

  friend Lane abs(const Lane& a) { return map(a, [](double x) { return std::abs(x); }); }
  friend Lane exp(const Lane& a) { return map(a, [](double x) { return std::exp(x); }); }
  friend Lane expm1(const Lane& a) { return map(a, [](double x) { return std::expm1(x); }); }
  friend Lane log1p(const Lane& a) { return map(a, [](double x) { return std::log1p(x); }); }
  friend Lane sin(const Lane& a) { return map(a, [](double x) { return std::sin(x); }); }
  friend Lane cos(const Lane& a) { return map(a, [](double x) { return std::cos(x); }); }
  friend Lane sinh(const Lane& a) { return map(a, [](double x) { return std::sinh(x); }); }
  friend Lane cosh(const Lane& a) { return map(a, [](double x) { return std::cosh(x); }); }
  friend Lane tanh(const Lane& a) { return map(a, [](double x) { return std::tanh(x); }); }

 private:
  template <class F>
  static constexpr Lane map(const Lane& a, F f) {
    Lane result;
    for (std::size_t i = 0; i < W; ++i) result.sample[i] = f(a.sample[i]);
    return result;
  }
  template <class F>
  static constexpr Lane combine(const Lane& a, const Lane& b, F f) {
    Lane result;
    for (std::size_t i = 0; i < W; ++i) result.sample[i] = f(a.sample[i], b.sample[i]);
    return result;
  }
};

}  // namespace tellegen
