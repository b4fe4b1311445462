#pragma once
// SingleLanes<W>: W samples in single precision, with the face of Lanes<W> as far as factors need it. For kernels alone.

#include "hw_models/lanes/lanes.hpp"

namespace tellegen::TELLEGEN_TARGET {

template <int W>
struct SingleLanes {
  using Number = float;
  using Tag = hn::CappedTag<float, W>;
  using Vector = hn::Vec<Tag>;
  static constexpr int register_width = static_cast<int>(hn::MaxLanes(Tag()));
  static constexpr int registers = W / register_width;
  static constexpr int width = W;

  Vector part[registers];

  HWY_INLINE SingleLanes() = default;
  HWY_INLINE explicit SingleLanes(double value) {
    for (auto& p : part) p = hn::Set(Tag(), static_cast<float>(value));
  }
  [[nodiscard]] static HWY_INLINE SingleLanes load(const float* from) {
    SingleLanes r;
    for (int i = 0; i < registers; ++i) r.part[i] = hn::Load(Tag(), from + i * register_width);
    return r;
  }
  [[nodiscard]] static HWY_INLINE SingleLanes load(const double* from) {
    alignas(lane_alignment) float rounded[W];
    for (int i = 0; i < W; ++i) rounded[i] = static_cast<float>(from[i]);
    return load(rounded);
  }
  HWY_INLINE void store(float* to) const {
    for (int i = 0; i < registers; ++i) hn::Store(part[i], Tag(), to + i * register_width);
  }

#define TELLEGEN_LANE_OPERATOR(op, function)                                                             \
  friend HWY_INLINE SingleLanes operator op(const SingleLanes& a, const SingleLanes& b) {                \
    SingleLanes r;                                                                                       \
    for (int i = 0; i < registers; ++i) r.part[i] = hn::function(a.part[i], b.part[i]);                  \
    return r;                                                                                            \
  }
  TELLEGEN_LANE_OPERATOR(+, Add)
  TELLEGEN_LANE_OPERATOR(-, Sub)
  TELLEGEN_LANE_OPERATOR(*, Mul)
  TELLEGEN_LANE_OPERATOR(/, Div)
#undef TELLEGEN_LANE_OPERATOR

  /// a * b + c
  friend HWY_INLINE SingleLanes fma(const SingleLanes& a, const SingleLanes& b, const SingleLanes& c) {
    SingleLanes r;
    for (int i = 0; i < registers; ++i) r.part[i] = hn::MulAdd(a.part[i], b.part[i], c.part[i]);
    return r;
  }
  /// c - a * b
  friend HWY_INLINE SingleLanes fnma(const SingleLanes& a, const SingleLanes& b, const SingleLanes& c) {
    SingleLanes r;
    for (int i = 0; i < registers; ++i) r.part[i] = hn::NegMulAdd(a.part[i], b.part[i], c.part[i]);
    return r;
  }
  friend HWY_INLINE SingleLanes abs(const SingleLanes& a) {
    SingleLanes r;
    for (int i = 0; i < registers; ++i) r.part[i] = hn::Abs(a.part[i]);
    return r;
  }
  /// Whether every sample lies between its bounds; no number lies nowhere.
  friend HWY_INLINE bool all_between(const SingleLanes& low, const SingleLanes& a, const SingleLanes& high) {
    bool all = true;
    for (int i = 0; i < registers; ++i)
      all = all && hn::AllTrue(Tag(), hn::And(hn::Lt(low.part[i], a.part[i]), hn::Lt(a.part[i], high.part[i])));
    return all;
  }
};

/// Lets numbers too small for the exponent count as zero: entries of a large factor fade below 1e-38, and a processor takes a
/// hundred cycles for each. No destructor undoes it, because kernels have no exceptions.
/// @returns what `restore_rounding` takes
[[nodiscard]] HWY_INLINE unsigned int fade_to_zero() {
#if defined(__SSE__)
  const unsigned int control = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(control | 0x8040U);  // flush results, take operands as zero
  return control;
#else
  return 0;
#endif
}
HWY_INLINE void restore_rounding([[maybe_unused]] unsigned int control) {
#if defined(__SSE__)
  __builtin_ia32_ldmxcsr(control);
#endif
}

/// Whether every sample lies between its bounds.
template <int W>
[[nodiscard]] HWY_INLINE bool all_between(const Lanes<W>& low, const Lanes<W>& a, const Lanes<W>& high) {
  const auto outside = select(low < a && a < high, Lanes<W>(0.0), Lanes<W>(1.0));
  return !(largest(outside) > 0);
}

/// The type of one sample.
template <class Value>
struct NumberIn {
  using Type = typename Value::Number;
};
template <int W>
struct NumberIn<Lanes<W>> {
  using Type = double;
};
template <class Value>
using NumberOf = typename NumberIn<Value>::Type;

}  // namespace tellegen::TELLEGEN_TARGET
