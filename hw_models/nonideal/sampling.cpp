#include "hw_models/nonideal/sampling.hpp"

#include <algorithm>
#include <cmath>

namespace tellegen {

void SampleHistory::begin(std::span<const double> values) {
  for (std::size_t row = 0; row <= steps_; ++row) std::ranges::copy(values, rows_.begin() + static_cast<std::ptrdiff_t>(row * signals_));
}

std::span<double> SampleHistory::next(std::size_t step) {
  const auto row = [&](std::size_t r) { return std::span(rows_).subspan(r * signals_, signals_); };
  if (step == 0) std::ranges::copy(row(steps_), row(0).begin());
  return row(step + 1);
}

double SampleHistory::before_edge(std::size_t signal, double steps) const {
  const double place = std::max(0.0, static_cast<double>(steps_) - steps);
  const auto below = std::min(static_cast<std::size_t>(place), steps_ - 1);
  const double share = place - static_cast<double>(below);
  const double first = rows_[below * signals_ + signal], second = rows_[(below + 1) * signals_ + signal];
  return first + share * (second - first);
}

bool moves_instants(const SamplingSpec& spec) { return spec.early > 0 || spec.jitter > 0 || spec.converters > 0; }

double time_before_edge(const SamplingSpec& spec, std::size_t signal, std::size_t count, double tick) {
  if (spec.converters == 0) return spec.early;
  const double turns = std::ceil(static_cast<double>(count) / spec.converters);
  const double turn = std::fmod(static_cast<double>(signal), turns);
  return spec.early + (turns - 1 - turn) / turns * tick;
}

}  // namespace tellegen
