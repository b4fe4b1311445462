#pragma once
// Lanes<W>: W samples of one quantity, the lane type of the kernels. For `*.kernels.cpp` alone, which are compiled once per
// instruction set: everything here lives in the namespace of the set, so that no two sets share a function.
//
// W samples are W / N vectors of the machine's own width N, because compilers lower wider vector types to scalar code.

#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>

#include <cmath>
#include <cstddef>

#include "hw_models/lanes/lane_size.hpp"

#if !defined(TELLEGEN_TARGET)
#error "only kernels include this header: see tellegen_kernels() in scripts/cmake/Kernels.cmake"
#endif

namespace tellegen::TELLEGEN_TARGET {

namespace hn = hwy::HWY_NAMESPACE;

/// Outcome of a comparison, sample by sample.
template <int W>
struct LaneMask;

/// e^x - 1 for x up to 700; below -700 it is -1. Full relative precision, 20 operations: x = n ln 2 + r, the power of two from the
/// bits of a sum with a large constant, e^r - 1 = r + r^2 q(r) with q of degree 9 (error 1.3e-17 for |r| <= ln 2 / 2).
template <class D, class V>
HWY_INLINE V bounded_expm1(D d, V x) {
  constexpr double log2_e = 1.4426950408889634, ln2_high = 0.6931471804855391, ln2_low = 7.440617110012397e-11;
  constexpr double shifted = 6755399441055744.0 + 1023.0;  // 1.5 * 2^52 + exponent bias: the low bits of x / ln 2 + this are the exponent
  constexpr double q[] = {0.5000000000000001,     0.16666666666666669,   0.04166666666662348,    0.008333333333330011,  0.0013888888917538296,
                          0.00019841269863303223, 2.4801520792572694e-05, 2.75572680728901e-06, 2.762032742826824e-07, 2.5100569275813683e-08};
  const V bounded = hn::Max(x, hn::Set(d, -700.0));
  const V sum = hn::MulAdd(bounded, hn::Set(d, log2_e), hn::Set(d, shifted));
  const hn::RebindToUnsigned<D> bits;
  const V power = hn::BitCast(d, hn::ShiftLeft<52>(hn::BitCast(bits, sum)));
  const V n = hn::Sub(sum, hn::Set(d, shifted));
  const V r = hn::NegMulAdd(n, hn::Set(d, ln2_low), hn::NegMulAdd(n, hn::Set(d, ln2_high), bounded));
  // In pairs, so that fewer products wait for each other.
  const auto pair = [&](int k) { return hn::MulAdd(hn::Set(d, q[k + 1]), r, hn::Set(d, q[k])); };
  const V r2 = hn::Mul(r, r), r4 = hn::Mul(r2, r2);
  const V low = hn::MulAdd(pair(2), r2, pair(0)), high = hn::MulAdd(pair(6), r2, pair(4));
  const V sum_q = hn::MulAdd(hn::MulAdd(pair(8), r4, high), r4, low);
  const V change = hn::MulAdd(r2, sum_q, r);
  return hn::MulAdd(power, change, hn::Sub(power, hn::Set(d, 1.0)));
}

/// W samples. Arithmetic, comparisons and functions go sample by sample; `fma` is one rounding where the machine has it.
template <int W>
struct Lanes {
  using Tag = hn::CappedTag<double, W>;
  using Vector = hn::Vec<Tag>;
  static constexpr int register_width = static_cast<int>(hn::MaxLanes(Tag()));
  static constexpr int registers = W / register_width;
  static constexpr int width = W;

  Vector part[registers];

  HWY_INLINE Lanes() = default;
  /// The same value in every sample. Implicit: constants of a law are doubles.
  HWY_INLINE Lanes(double value) {  // NOLINT(google-explicit-constructor)
    for (auto& p : part) p = hn::Set(Tag(), value);
  }
  [[nodiscard]] static HWY_INLINE Lanes load(const double* from) {
    Lanes r;
    for (int i = 0; i < registers; ++i) r.part[i] = hn::Load(Tag(), from + i * register_width);
    return r;
  }
  /// From any address.
  [[nodiscard]] static HWY_INLINE Lanes load_any(const double* from) {
    Lanes r;
    for (int i = 0; i < registers; ++i) r.part[i] = hn::LoadU(Tag(), from + i * register_width);
    return r;
  }
  HWY_INLINE void store(double* to) const {
    for (int i = 0; i < registers; ++i) hn::Store(part[i], Tag(), to + i * register_width);
  }
  /// To any address.
  HWY_INLINE void store_any(double* to) const {
    for (int i = 0; i < registers; ++i) hn::StoreU(part[i], Tag(), to + i * register_width);
  }

#define TELLEGEN_LANE_OPERATOR(op, function)                                                             \
  friend HWY_INLINE Lanes operator op(const Lanes& a, const Lanes& b) {                                  \
    Lanes r;                                                                                             \
    for (int i = 0; i < registers; ++i) r.part[i] = hn::function(a.part[i], b.part[i]);                  \
    return r;                                                                                            \
  }
  TELLEGEN_LANE_OPERATOR(+, Add)
  TELLEGEN_LANE_OPERATOR(-, Sub)
  TELLEGEN_LANE_OPERATOR(*, Mul)
  TELLEGEN_LANE_OPERATOR(/, Div)
#undef TELLEGEN_LANE_OPERATOR
  friend HWY_INLINE Lanes operator-(const Lanes& a) {
    Lanes r;
    for (int i = 0; i < registers; ++i) r.part[i] = hn::Neg(a.part[i]);
    return r;
  }
  HWY_INLINE Lanes& operator+=(const Lanes& b) { return *this = *this + b; }
  HWY_INLINE Lanes& operator-=(const Lanes& b) { return *this = *this - b; }

  /// a * b + c
  friend HWY_INLINE Lanes fma(const Lanes& a, const Lanes& b, const Lanes& c) {
    Lanes r;
    for (int i = 0; i < registers; ++i) r.part[i] = hn::MulAdd(a.part[i], b.part[i], c.part[i]);
    return r;
  }
  /// c - a * b
  friend HWY_INLINE Lanes fnma(const Lanes& a, const Lanes& b, const Lanes& c) {
    Lanes r;
    for (int i = 0; i < registers; ++i) r.part[i] = hn::NegMulAdd(a.part[i], b.part[i], c.part[i]);
    return r;
  }

  friend HWY_INLINE LaneMask<W> operator<(const Lanes& a, const Lanes& b) {
    LaneMask<W> r;
    for (int i = 0; i < registers; ++i) r.part[i] = hn::Lt(a.part[i], b.part[i]);
    return r;
  }
  friend HWY_INLINE LaneMask<W> operator>(const Lanes& a, const Lanes& b) { return b < a; }
  /// a where the condition holds, else b.
  friend HWY_INLINE Lanes select(const LaneMask<W>& condition, const Lanes& a, const Lanes& b) {
    Lanes r;
    for (int i = 0; i < registers; ++i) r.part[i] = hn::IfThenElse(condition.part[i], a.part[i], b.part[i]);
    return r;
  }
  friend HWY_INLINE Lanes max(const Lanes& a, const Lanes& b) {
    Lanes r;
    for (int i = 0; i < registers; ++i) r.part[i] = hn::Max(a.part[i], b.part[i]);
    return r;
  }
  friend HWY_INLINE Lanes min(const Lanes& a, const Lanes& b) {
    Lanes r;
    for (int i = 0; i < registers; ++i) r.part[i] = hn::Min(a.part[i], b.part[i]);
    return r;
  }

#define TELLEGEN_LANE_FUNCTION(name, expression)                                     \
  friend HWY_INLINE Lanes name(const Lanes& a) {                                     \
    Lanes r;                                                                         \
    for (int i = 0; i < registers; ++i) {                                            \
      const Tag d;                                                                   \
      const auto v = a.part[i];                                                      \
      (void)d;                                                                       \
      r.part[i] = expression;                                                        \
    }                                                                                \
    return r;                                                                        \
  }
  TELLEGEN_LANE_FUNCTION(abs, hn::Abs(v))
  TELLEGEN_LANE_FUNCTION(sqrt, hn::Sqrt(v))
  TELLEGEN_LANE_FUNCTION(exp, hn::Exp(d, v))
  TELLEGEN_LANE_FUNCTION(expm1, hn::Expm1(d, v))
  TELLEGEN_LANE_FUNCTION(bounded_expm1, TELLEGEN_TARGET::bounded_expm1(d, v))
  TELLEGEN_LANE_FUNCTION(log1p, hn::Log1p(d, v))
  TELLEGEN_LANE_FUNCTION(sin, hn::Sin(d, v))
  TELLEGEN_LANE_FUNCTION(cos, hn::Cos(d, v))
  TELLEGEN_LANE_FUNCTION(sinh, hn::Sinh(d, v))
  TELLEGEN_LANE_FUNCTION(tanh, hn::Tanh(d, v))
#undef TELLEGEN_LANE_FUNCTION
  friend HWY_INLINE Lanes cosh(const Lanes& a) {
    const Lanes grown = exp(abs(a));
    return 0.5 * grown + 0.5 / grown;
  }

  /// Largest sample.
  [[nodiscard]] friend HWY_INLINE double largest(const Lanes& a) {
    auto m = a.part[0];
    for (int i = 1; i < registers; ++i) m = hn::Max(m, a.part[i]);
    return hn::GetLane(hn::MaxOfLanes(Tag(), m));
  }
  /// Sum of all samples.
  [[nodiscard]] friend HWY_INLINE double sum(const Lanes& a) {
    auto s = a.part[0];
    for (int i = 1; i < registers; ++i) s = hn::Add(s, a.part[i]);
    return hn::GetLane(hn::SumOfLanes(Tag(), s));
  }
};

template <int W>
struct LaneMask {
  using Mask = hn::Mask<typename Lanes<W>::Tag>;
  Mask part[Lanes<W>::registers];

  friend HWY_INLINE LaneMask operator&&(const LaneMask& a, const LaneMask& b) {
    LaneMask r;
    for (int i = 0; i < Lanes<W>::registers; ++i) r.part[i] = hn::And(a.part[i], b.part[i]);
    return r;
  }
  [[nodiscard]] friend HWY_INLINE bool any(const LaneMask& m) {
    bool found = false;
    for (int i = 0; i < Lanes<W>::registers; ++i) found = found || !hn::AllFalse(typename Lanes<W>::Tag(), m.part[i]);
    return found;
  }
};

/// One sample: a plain double with the face of a vector.
template <>
struct LaneMask<1> {
  bool holds;
  friend HWY_INLINE LaneMask operator&&(LaneMask a, LaneMask b) { return {a.holds && b.holds}; }
  [[nodiscard]] friend HWY_INLINE bool any(LaneMask m) { return m.holds; }
};

template <>
struct Lanes<1> {
  static constexpr int register_width = 1;
  static constexpr int registers = 1;
  static constexpr int width = 1;

  double value;

  HWY_INLINE Lanes() = default;
  HWY_INLINE Lanes(double v) : value(v) {}  // NOLINT(google-explicit-constructor)
  [[nodiscard]] static HWY_INLINE Lanes load(const double* from) { return *from; }
  [[nodiscard]] static HWY_INLINE Lanes load_any(const double* from) { return *from; }
  HWY_INLINE void store(double* to) const { *to = value; }
  HWY_INLINE void store_any(double* to) const { *to = value; }

  friend HWY_INLINE Lanes operator+(Lanes a, Lanes b) { return a.value + b.value; }
  friend HWY_INLINE Lanes operator-(Lanes a, Lanes b) { return a.value - b.value; }
  friend HWY_INLINE Lanes operator*(Lanes a, Lanes b) { return a.value * b.value; }
  friend HWY_INLINE Lanes operator/(Lanes a, Lanes b) { return a.value / b.value; }
  friend HWY_INLINE Lanes operator-(Lanes a) { return -a.value; }
  HWY_INLINE Lanes& operator+=(Lanes b) { value += b.value; return *this; }
  HWY_INLINE Lanes& operator-=(Lanes b) { value -= b.value; return *this; }
#if defined(__FMA__)
  friend HWY_INLINE Lanes fma(Lanes a, Lanes b, Lanes c) { return __builtin_fma(a.value, b.value, c.value); }
  friend HWY_INLINE Lanes fnma(Lanes a, Lanes b, Lanes c) { return __builtin_fma(-a.value, b.value, c.value); }
#else
  friend HWY_INLINE Lanes fma(Lanes a, Lanes b, Lanes c) { return a.value * b.value + c.value; }
  friend HWY_INLINE Lanes fnma(Lanes a, Lanes b, Lanes c) { return c.value - a.value * b.value; }
#endif
  friend HWY_INLINE LaneMask<1> operator<(Lanes a, Lanes b) { return {a.value < b.value}; }
  friend HWY_INLINE LaneMask<1> operator>(Lanes a, Lanes b) { return {a.value > b.value}; }
  friend HWY_INLINE Lanes select(LaneMask<1> c, Lanes a, Lanes b) { return c.holds ? a.value : b.value; }
  friend HWY_INLINE Lanes max(Lanes a, Lanes b) { return a.value < b.value ? b.value : a.value; }
  friend HWY_INLINE Lanes min(Lanes a, Lanes b) { return b.value < a.value ? b.value : a.value; }
  friend HWY_INLINE Lanes abs(Lanes a) { return __builtin_fabs(a.value); }
  friend HWY_INLINE Lanes sqrt(Lanes a) { return __builtin_sqrt(a.value); }
  friend HWY_INLINE Lanes exp(Lanes a) { return __builtin_exp(a.value); }
  friend HWY_INLINE Lanes expm1(Lanes a) { return __builtin_expm1(a.value); }
  friend HWY_INLINE Lanes bounded_expm1(Lanes a) { return __builtin_expm1(a.value); }
  friend HWY_INLINE Lanes log1p(Lanes a) { return __builtin_log1p(a.value); }
  friend HWY_INLINE Lanes sin(Lanes a) { return __builtin_sin(a.value); }
  friend HWY_INLINE Lanes cos(Lanes a) { return __builtin_cos(a.value); }
  friend HWY_INLINE Lanes sinh(Lanes a) { return __builtin_sinh(a.value); }
  friend HWY_INLINE Lanes cosh(Lanes a) { return __builtin_cosh(a.value); }
  friend HWY_INLINE Lanes tanh(Lanes a) { return __builtin_tanh(a.value); }
  [[nodiscard]] friend HWY_INLINE double largest(Lanes a) { return a.value; }
  [[nodiscard]] friend HWY_INLINE double sum(Lanes a) { return a.value; }
};

}  // namespace tellegen::TELLEGEN_TARGET
