#include "hw_models/circuit/waveform.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace tellegen {
namespace {

/// Times closer than this [s] are one time: a grid point n h may miss an edge by the rounding of the product.
double rounding(double t, double edge) {
  return 8 * std::numeric_limits<double>::epsilon() * std::max(std::abs(t), std::abs(edge));
}

double value_at(const std::monostate&, double) { return 0; }

double value_at(const SineWave& w, double t) {
  const double phase = w.phase * std::numbers::pi / 180;
  const double since = t - w.delay;
  if (since <= 0) return w.offset + w.amplitude * std::sin(phase);
  return w.offset +
         w.amplitude * std::sin(2 * std::numbers::pi * w.frequency * since + phase) * std::exp(-since * w.damping);
}

double value_at(const PulseWave& w, double t) {
  const double tolerance = rounding(t, w.delay);
  double since = t - w.delay;
  if (w.period > 0 && since > w.period + tolerance) since -= w.period * std::floor((since + tolerance) / w.period);
  const double fall_start = w.rise + w.width;
  // At an edge itself the value is the earlier one when rising, the later one when falling, as in SPICE.
  if (since <= tolerance || since >= fall_start + w.fall - tolerance) return w.initial;
  if (since < w.rise) return w.initial + (w.pulsed - w.initial) * since / w.rise;
  if (since <= fall_start) return w.pulsed;
  return w.pulsed + (w.initial - w.pulsed) * (since - fall_start) / w.fall;
}

double value_at(const PiecewiseLinear& w, double t) {
  if (w.points.empty()) return 0;
  const auto next = std::ranges::upper_bound(w.points, t, {}, &std::pair<double, double>::first);
  if (next == w.points.begin()) return w.points.front().second;
  if (next == w.points.end()) return w.points.back().second;
  const auto& [t0, v0] = *std::prev(next);
  const auto& [t1, v1] = *next;
  return v0 + (v1 - v0) * (t - t0) / (t1 - t0);
}

double value_at(const ExponentialWave& w, double t) {
  const auto approach = [](double since, double tau) { return since <= 0 ? 0.0 : -std::expm1(-since / tau); };
  return w.initial +
         (w.pulsed - w.initial) * (approach(t - w.rise_delay, w.rise_tau) - approach(t - w.fall_delay, w.fall_tau));
}

constexpr double forever = std::numeric_limits<double>::infinity();

double flat_end(const std::monostate&, double) { return forever; }

double flat_end(const SineWave& w, double t) {
  if (w.amplitude == 0) return forever;
  return std::max(t, w.delay);
}

double flat_end(const PulseWave& w, double t) {
  if (w.initial == w.pulsed) return forever;
  if (t <= w.delay) return w.delay;
  double since = t - w.delay, begin = w.delay;
  if (w.period > 0) {
    begin += w.period * std::floor(since / w.period);
    since = t - begin;
  }
  const double top = w.rise + w.width;
  if (since < w.rise) return t;
  if (since <= top) return std::max(t, begin + top);
  if (since < top + w.fall) return t;
  return w.period > 0 ? std::max(t, begin + w.period) : forever;
}

double flat_end(const PiecewiseLinear& w, double t) {
  const auto next = std::ranges::upper_bound(w.points, t, {}, &std::pair<double, double>::first);
  if (next == w.points.end()) return forever;
  if (next == w.points.begin()) return next->first;
  return std::prev(next)->second == next->second ? next->first : t;
}

double flat_end(const ExponentialWave& w, double t) { return std::max(t, std::min(w.rise_delay, w.fall_delay)); }

}  // namespace

double Waveform::flat_until(double t) const {
  return std::visit([t](const auto& shape) { return flat_end(shape, t); }, shape_);
}

double Waveform::at(double t) const {
  if (is_constant()) return dc_;
  return std::visit([t](const auto& shape) { return value_at(shape, t); }, shape_);
}

double Waveform::dc() const { return has_dc_ || is_constant() ? dc_ : at(0); }

}  // namespace tellegen
