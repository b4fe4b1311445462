#pragma once
// Discrete Fourier transform of a power-of-two number of values, in place. T is double, or a vector with one sample per lane.

#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

namespace tellegen {

/// Complex number over a lane type, for which std::complex is not specified.
template <class T>
struct ComplexOf {
  T re{0.0}, im{0.0};
};

/// Transforms of one length. Frequencies stand in bit-reversed order, which a product of two transforms need not know.
class FourierTransform {
 public:
  explicit FourierTransform(std::size_t size) : size_(size) {
    for (std::size_t i = 0; i < size / 2; ++i) {
      const double angle = -2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(size);
      roots_.push_back({std::cos(angle), std::sin(angle)});
    }
  }
  [[nodiscard]] std::size_t size() const { return size_; }

  /// X_f = sum_n x_n exp(-2 pi i f n / size), decimated in frequency.
  template <class T>
  void forward(ComplexOf<T>* x) const {
    for (std::size_t wing = size_ / 2, stride = 1; wing > 0; wing /= 2, stride *= 2)
      for (std::size_t block = 0; block < size_; block += 2 * wing)
        for (std::size_t i = 0; i < wing; ++i) {
          auto& a = x[block + i];
          auto& b = x[block + wing + i];
          const ComplexOf<double> root = roots_[i * stride];
          const T re = a.re - b.re, im = a.im - b.im;
          a = {a.re + b.re, a.im + b.im};
          b = {root.re * re - root.im * im, root.re * im + root.im * re};
        }
  }

  /// The inverse without its factor 1 / size, decimated in time.
  template <class T>
  void backward(ComplexOf<T>* x) const {
    for (std::size_t wing = 1, stride = size_ / 2; wing < size_; wing *= 2, stride /= 2)
      for (std::size_t block = 0; block < size_; block += 2 * wing)
        for (std::size_t i = 0; i < wing; ++i) {
          auto& a = x[block + i];
          auto& b = x[block + wing + i];
          const ComplexOf<double> root = roots_[i * stride];
          const T re = root.re * b.re + root.im * b.im, im = root.re * b.im - root.im * b.re;
          b = {a.re - re, a.im - im};
          a = {a.re + re, a.im + im};
        }
  }

 private:
  std::size_t size_;
  std::vector<ComplexOf<double>> roots_;
};

}  // namespace tellegen
