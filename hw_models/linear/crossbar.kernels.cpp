#include "hw_models/linear/crossbar_kernels.hpp"
#include "hw_models/linear/lane_numbers.hpp"

namespace tellegen::TELLEGEN_TARGET {
namespace {

template <int W>
HWY_INLINE Lanes<W> entry(const DiagonalView& diagonal, const double* own, std::int32_t k) {
  const Lanes<W> shared(diagonal.shared[k]);
  return own && diagonal.own_places[k] >= 0 ? shared + at<W>(own, diagonal.own_places[k]) : shared;
}

/// Vectors of one sample are worked on in wide registers too; lane arrays are padded with zeros to whole ones.
template <int W>
constexpr int stride = W == 1 ? 8 : W;
template <int W>
using Stride = Lanes<stride<W>>;
template <int W>
HWY_INLINE std::int64_t strides(std::int64_t size) {
  return (size * W + stride<W> - 1) / stride<W>;
}
/// Sum of a vector's products, of each sample.
template <int W>
HWY_INLINE Lanes<W> total(const Stride<W>& partial) {
  if constexpr (W == 1)
    return sum(partial);
  else
    return partial;
}
/// A sample's factor for all places of a stride.
template <int W>
HWY_INLINE Stride<W> of_all(const Lanes<W>& factor) {
  if constexpr (W == 1)
    return Stride<W>(factor.value);
  else
    return factor;
}

template <int W>
bool invert(const DiagonalView& diagonal, const double* own, double* inverse) {
  for (std::int32_t k = 0; k < diagonal.size; ++k) entry<W>(diagonal, own, k).store(inverse + static_cast<std::int64_t>(k) * W);
  Stride<W> least(1.0);
  std::int64_t k = 0;
  for (; k + stride<W> <= static_cast<std::int64_t>(diagonal.size) * W; k += stride<W>) {
    const auto value = Stride<W>::load(inverse + k);
    least = lesser_or_negative(value, least);
    reciprocal(value).store(inverse + k);
  }
  Lanes<W> least_left(1.0);
  for (; k < static_cast<std::int64_t>(diagonal.size) * W; k += W) {
    const auto value = Lanes<W>::load(inverse + k);
    least_left = lesser_or_negative(value, least_left);
    (Lanes<W>(1.0) / value).store(inverse + k);
  }
  return !any(least < Stride<W>(0.0)) && !any(least_left < Lanes<W>(0.0));
}

template <int W>
void scale(std::int32_t size, const double* a, double* x) {
  for (std::int64_t k = 0; k < size; ++k) (at<W>(a, k) * at<W>(x, k)).store(x + k * W);
}

template <int W>
void assemble(const DiagonalView& diagonal, const double* own, double* values) {
  for (std::int32_t k = 0; k < diagonal.size; ++k) entry<W>(diagonal, own, k).store(values + static_cast<std::int64_t>(k) * W);
}

template <int W>
void negative_product(std::int32_t size, const double* a, const double* x, double* y) {
  for (std::int64_t k = 0; k < strides<W>(size); ++k) (-(at<stride<W>>(a, k) * at<stride<W>>(x, k))).store(y + k * stride<W>);
}

template <int W>
void weigh(std::int32_t size, const double* weights, const double* x, double* y) {
  for (std::int64_t k = 0; k < size; ++k) (weights[k] * at<W>(x, k)).store(y + k * W);
}

template <int W>
void subtract_diagonal(const DiagonalView& diagonal, const double* own, const double* x, double* r) {
  for (std::int32_t k = 0; k < diagonal.size; ++k)
    fnma(entry<W>(diagonal, own, k), at<W>(x, k), at<W>(r, k)).store(r + static_cast<std::int64_t>(k) * W);
}

/// Share of a diagonal that a sum over its row may be wrong by.
constexpr double row_round_off = 1e-12;

template <int W>
bool add_margins(const DiagonalView& diagonal, const double* own, const double* couplings, const std::int32_t* nets,
                 double* sums) {
  Lanes<W> least(1.0);
  for (std::int32_t k = 0; k < diagonal.size; ++k) {
    const auto value = entry<W>(diagonal, own, k), margin = value - Lanes<W>(couplings[k]);
    least = lesser_or_negative(fma(Lanes<W>(row_round_off), value, margin), least);
    double* const sum = sums + static_cast<std::int64_t>(nets[k]) * W;
    (Lanes<W>::load(sum) + margin).store(sum);
  }
  return !any(least < Lanes<W>(0.0));
}

template <int W>
void begin_descent(const DescentView& v, double relative) {
  constexpr int step = stride<W>;
  Stride<W> partial(0.0);
  for (std::int64_t k = 0; k < strides<W>(v.size); ++k) {
    const auto r = at<step>(v.residual, k);
    const auto z = at<step>(v.inverse, k) * r;
    z.store(v.direction + k * step);
    Stride<W>(0.0).store(v.x + k * step);
    partial = fma(r, z, partial);
  }
  const auto energy = total<W>(partial);
  energy.store(v.energy);
  (relative * relative * energy).store(v.target);
}

/// The curvature along a direction and its energy lie between these unless the matrix is not definite or something is not finite.
constexpr double least_curvature = 1e-300, most_energy = 1e300;

template <int W>
DescentState descend(const DescentView& v) {
  constexpr int step = stride<W>;
  const auto count = strides<W>(v.size);
  Stride<W> partial(0.0);
  for (std::int64_t k = 0; k < count; ++k) partial = fnma(at<step>(v.direction, k), at<step>(v.image, k), partial);
  const auto curvature = total<W>(partial);
  const Lanes<W> energy = at<W>(v.energy, 0), target = at<W>(v.target, 0), none(0.0), good(1.0), bad(-1.0);
  const auto goes_on = energy > target;
  const auto is_definite = select(curvature > Lanes<W>(least_curvature), good, bad);
  const auto is_finite = select(energy < Lanes<W>(most_energy), good, bad);
  if (any(min(select(goes_on, is_definite, good), is_finite) < none)) return DescentState::failed;

  const auto length = of_all<W>(select(goes_on, energy / curvature, none));
  partial = Stride<W>(0.0);
  for (std::int64_t k = 0; k < count; ++k) {
    fma(length, at<step>(v.direction, k), at<step>(v.x, k)).store(v.x + k * step);
    const auto r = fma(length, at<step>(v.image, k), at<step>(v.residual, k));
    r.store(v.residual + k * step);
    partial = fma(r, at<step>(v.inverse, k) * r, partial);
  }
  const auto next = total<W>(partial);
  const auto share = of_all<W>(select(goes_on, next / energy, none));
  for (std::int64_t k = 0; k < count; ++k)
    fma(share, at<step>(v.direction, k), at<step>(v.inverse, k) * at<step>(v.residual, k)).store(v.direction + k * step);
  next.store(v.energy);
  return any(next > target) ? DescentState::descending : DescentState::arrived;
}

template <int W>
constexpr CrossbarLaneKernels kernels_of() {
  return {&invert<W>,      &assemble<W>,      &scale<W>,  &weigh<W>, &negative_product<W>, &subtract_diagonal<W>,
          &add_margins<W>, &begin_descent<W>, &descend<W>};
}

}  // namespace

const CrossbarKernels& crossbar_kernels() {
  static constexpr CrossbarKernels kernels{kernels_of<1>(), kernels_of<8>(), kernels_of<16>()};
  return kernels;
}

}  // namespace tellegen::TELLEGEN_TARGET
