#include "hw_models/nonideal/converter.hpp"

#include <algorithm>
#include <cmath>

namespace tellegen {

Converter::Converter(const ConverterSpec& spec, double full_scale, const RandomSource& random, RandomUse use, std::uint32_t number)
    : full_scale_(spec.full_scale > 0 ? spec.full_scale : spec.range * full_scale), offset_(spec.offset), noise_(spec.noise), inl_(spec.inl) {
  if (spec.bits == 0) {
    if (offset_ == 0 && noise_ == 0) full_scale_ = 0;  // ideal, to the last bit
    return;
  }
  const double negative = std::exp2(spec.bits - 1);  // codes
  lsb_ = 1 / negative;
  lowest_ = -negative;
  highest_ = negative - 1;
  if (spec.dnl == 0) return;
  steps_.resize(static_cast<std::size_t>(2 * negative));
  double sum = 0;
  for (std::size_t c = 1; c < steps_.size(); ++c) steps_[c] = sum += spec.dnl * random.normal(use, number, static_cast<std::uint32_t>(c));
  const double last = static_cast<double>(steps_.size() - 1);
  for (std::size_t c = 0; c < steps_.size() && last > 0; ++c) steps_[c] -= sum * static_cast<double>(c) / last;
}

double Converter::level(double code) const {
  const double u = code * lsb_;
  constexpr double largest = 0.38490017945975052;  // of u - u^3 on 0 .. 1, 2 / 3^(3/2)
  const double random = steps_.empty() ? 0 : steps_[static_cast<std::size_t>(code - lowest_)];
  return lsb_ * (code + inl_ * (u - u * u * u) / largest + random);
}

double Converter::convert(double x, double noise) const {
  if (full_scale_ == 0) return x;
  const double y = x / full_scale_ + offset_ + noise_ * noise;
  if (lsb_ == 0) return full_scale_ * y;
  return full_scale_ * level(std::clamp(std::nearbyint(y / lsb_), lowest_, highest_));
}

}  // namespace tellegen
