#include "hw_models/nonideal/programming.hpp"

#include <algorithm>
#include <cmath>

namespace tellegen {
namespace {

/// Pulses of one update, at most: more than any device needs to go from end to end.
constexpr double most_pulses = 1e5;

}  // namespace

ProgrammableDevice::ProgrammableDevice(const NonIdealities::Programming& spec, DeviceRange range) : spec_(&spec), range_(range) {}

/// Nearest level of a part of the range, with the noise of its write.
double ProgrammableDevice::finish(double part, double noise) const {
  part = std::clamp(part, 0.0, 1.0);
  if (spec_->bits > 0) {
    const double last = std::exp2(spec_->bits) - 1;
    part = std::nearbyint(part * last) / last;
  }
  part = std::clamp(part + spec_->write_noise * noise, 0.0, 1.0);
  return range_.low + part * (range_.high - range_.low);
}

double ProgrammableDevice::set(double target, double noise) const { return is_fixed() ? target : finish(part_of(target), noise); }

double ProgrammableDevice::pulse(double part, bool up) const {
  const auto& curve = spec_->curve;
  const auto step_of = [&](const CurvePoint& point) { return up ? point.up : point.down; };
  const auto above = std::ranges::find_if(curve, [&](const CurvePoint& point) { return point.value >= part; });
  if (above == curve.begin()) return step_of(curve.front());
  if (above == curve.end()) return step_of(curve.back());
  const auto& below = *(above - 1);
  const double share = (part - below.value) / (above->value - below.value);
  return (1 - share) * step_of(below) + share * step_of(*above);
}

double ProgrammableDevice::step(double value, double change, double noise) const {
  if (spec_->curve.empty() || is_fixed()) return set(value + change, noise);
  const bool up = change > 0;
  double mean = 0;
  for (const auto& point : spec_->curve) mean += (point.up + point.down) / (2 * static_cast<double>(spec_->curve.size()));
  const double pulses = std::min(std::nearbyint(std::abs(change) / (range_.high - range_.low) / mean), most_pulses);
  if (pulses == 0) return value;  // no pulse, no noise
  double part = std::clamp(part_of(value), 0.0, 1.0);
  for (double n = 0; n < pulses; ++n) part = std::clamp(part + (up ? 1 : -1) * pulse(part, up), 0.0, 1.0);
  return finish(part, noise);
}

}  // namespace tellegen
