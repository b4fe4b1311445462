#pragma once
// D^a by blockwise convolution: the same sums as the direct form, most of them by Fourier transforms.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <memory>
#include <vector>

#include "hw_models/solver/history/direct_convolution.hpp"
#include "hw_models/solver/history/fourier.hpp"

namespace tellegen {

/// Weights of one order and their spectra, one level for each length of block.
class ConvolutionSpectra {
 public:
  static constexpr std::size_t shortest_block = 64;  // below, plain sums are faster

  struct Level {
    FourierTransform transform;                // of twice the block
    std::vector<ComplexOf<double>> spectrum;   // of the weights 0..2 block - 1, with the factor of the inverse
  };

  ConvolutionSpectra(double order, const TimeGrid& grid) : weights_(order, grid) {
    for (std::size_t block = shortest_block; block < grid.steps; block *= 2) {
      Level level{FourierTransform(2 * block), std::vector<ComplexOf<double>>(2 * block)};
      for (std::size_t j = 0; j < std::min(2 * block, weights_.count()); ++j)
        level.spectrum[j].re = weights_.weight(j) / static_cast<double>(2 * block);
      level.transform.forward(level.spectrum.data());
      levels_.push_back(std::move(level));
    }
  }
  [[nodiscard]] const ConvolutionWeights& weights() const { return weights_; }
  [[nodiscard]] const Level& level(std::size_t l) const { return levels_[l]; }

 private:
  ConvolutionWeights weights_;
  std::vector<Level> levels_;
};

/// D^order on `width` signals in O(N log^2 N), step by step.
///
/// The pair of an input and a later output lies in two neighbouring halves of exactly one aligned block of 2^l shortest
/// ones. So when a step ends a left half, that half's part of all outputs in the right half is added at once; what lies
/// within one shortest block is summed as it comes.
/// E. Hairer, C. Lubich and M. Schlichte, SIAM J. Sci. Stat. Comput. 6 (1985) 532.
template <class T>
class FftConvolution {
 public:
  FftConvolution(double order, std::size_t width, const TimeGrid& grid)
      : width_(width), capacity_(grid.steps), spectra_(std::make_shared<const ConvolutionSpectra>(order, grid)),
        past_(width * capacity_), pending_(width * capacity_, T(0.0)) {}

  void reset() {
    accepted_ = 0;
    std::fill(pending_.begin(), pending_.end(), T(0.0));
  }
  [[nodiscard]] double leading() const { return spectra_->weights().leading(); }
  [[nodiscard]] std::size_t stored_values() const { return past_.size() + pending_.size(); }

  void history(T* out) const {
    const std::size_t first = accepted_ / block * block;
    const bool past_the_end = accepted_ == capacity_;
    for (std::size_t k = 0; k < width_; ++k) {
      const T before = past_the_end ? T(0.0) : pending_[k * capacity_ + accepted_];
      out[k] = before + spectra_->weights().history(past_.data() + k * capacity_ + first, accepted_ - first);
    }
  }

  void accept(const T* x, const T*) {
    for (std::size_t k = 0; k < width_; ++k) past_[k * capacity_ + accepted_] = x[k];
    ++accepted_;
    if (accepted_ % block == 0 && accepted_ < capacity_) add_finished_half(std::countr_zero(accepted_ / block));
  }

 private:
  static constexpr std::size_t block = ConvolutionSpectra::shortest_block;

  void add_finished_half(int l) {
    const std::size_t length = block << l, count = std::min(length, capacity_ - accepted_);
    const auto& [transform, spectrum] = spectra_->level(static_cast<std::size_t>(l));
    // The weights are real: two signals share one transform, as its real and its imaginary part.
    for (std::size_t k = 0; k < width_; k += 2) {
      const bool is_pair = k + 1 < width_;
      const T* a = past_.data() + k * capacity_ + (accepted_ - length);
      values_.assign(2 * length, {});
      for (std::size_t i = 0; i < length; ++i) values_[i].re = a[i];
      if (is_pair)
        for (std::size_t i = 0; i < length; ++i) values_[i].im = a[capacity_ + i];
      transform.forward(values_.data());
      for (std::size_t f = 0; f < 2 * length; ++f) {
        const auto [re, im] = values_[f];
        const auto& s = spectrum[f];
        values_[f] = {s.re * re - s.im * im, s.re * im + s.im * re};
      }
      transform.backward(values_.data());
      T* out = pending_.data() + k * capacity_ + accepted_;
      for (std::size_t i = 0; i < count; ++i) out[i] = out[i] + values_[length + i].re;
      if (is_pair)
        for (std::size_t i = 0; i < count; ++i) out[capacity_ + i] = out[capacity_ + i] + values_[length + i].im;
    }
  }

  std::size_t width_;
  std::size_t capacity_;
  std::size_t accepted_ = 0;
  std::shared_ptr<const ConvolutionSpectra> spectra_;
  std::vector<T> past_, pending_;
  std::vector<ComplexOf<T>> values_;
};

}  // namespace tellegen
