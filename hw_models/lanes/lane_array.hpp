#pragma once
// Arrays that kernels read and write: [place * W + sample], aligned to whole registers.

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "hw_models/lanes/lane_size.hpp"

namespace tellegen {

/// Zero-initialised, 64-byte aligned, of fixed size.
template <class Number>
class AlignedArray {
 public:
  AlignedArray() = default;
  explicit AlignedArray(std::size_t size) : size_(size) {
    const std::size_t bytes = (size * sizeof(Number) + alignment - 1) / alignment * alignment;
    values_.reset(static_cast<Number*>(std::aligned_alloc(alignment, bytes == 0 ? alignment : bytes)));
    if (!values_) throw std::bad_alloc();
    std::memset(values_.get(), 0, bytes);
  }

  [[nodiscard]] Number* data() { return values_.get(); }
  [[nodiscard]] const Number* data() const { return values_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Number& operator[](std::size_t i) { return values_[i]; }
  [[nodiscard]] Number operator[](std::size_t i) const { return values_[i]; }
  /// Makes room for that many values; what stood there is lost if there was less.
  void need(std::size_t size) {
    if (size > size_) *this = AlignedArray(size);
  }
  void fill(Number value) {
    for (std::size_t i = 0; i < size_; ++i) values_[i] = value;
  }
  void copy_from(const AlignedArray& other) { std::memcpy(values_.get(), other.values_.get(), size_ * sizeof(Number)); }

 private:
  static constexpr std::size_t alignment = lane_alignment;
  struct Free {
    void operator()(Number* p) const { std::free(p); }
  };
  std::unique_ptr<Number[], Free> values_;
  std::size_t size_ = 0;
};

using LaneArray = AlignedArray<double>;
using SingleLaneArray = AlignedArray<float>;

}  // namespace tellegen
