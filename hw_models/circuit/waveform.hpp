#pragma once
// Waveforms of independent sources, as SPICE defines them.

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tellegen {

/// v(t) = offset + amplitude exp(-(t-delay) damping) sin(2 pi frequency (t-delay) + phase), from t = delay on.
struct SineWave {
  double offset = 0, amplitude = 0;  // [V] or [A]
  double frequency = 0;              // [Hz]
  double delay = 0;                  // [s]
  double damping = 0;                // [1/s]
  double phase = 0;                  // [degree]
};

/// Trapezoidal pulse train; zero `period` means a single pulse.
struct PulseWave {
  double initial = 0, pulsed = 0;                       // [V] or [A]
  double delay = 0, rise = 0, fall = 0, width = 0, period = 0;  // [s]
};

/// Straight lines through (time, value); held before the first and after the last point.
struct PiecewiseLinear {
  std::vector<std::pair<double, double>> points;  // [s], [V] or [A]
};

/// v1 -> v2 with time constant tau1 from td1 on, and back with tau2 from td2 on.
struct ExponentialWave {
  double initial = 0, pulsed = 0;                             // [V] or [A]
  double rise_delay = 0, rise_tau = 1, fall_delay = 0, fall_tau = 1;  // [s]
};

/// Waveform of an independent source: a DC value, and possibly a transient shape that replaces it in time.
class Waveform {
 public:
  using Shape = std::variant<std::monostate, SineWave, PulseWave, PiecewiseLinear, ExponentialWave>;

  Waveform() = default;
  explicit Waveform(double dc) : dc_(dc), has_dc_(true) {}
  Waveform(Shape shape, double dc, bool has_dc) : shape_(std::move(shape)), dc_(dc), has_dc_(has_dc) {}

  /// Value at time t [s]; the DC value when there is no transient shape.
  [[nodiscard]] double at(double t) const;
  /// End [s] of the flat part that time t [s] lies in; t itself where the waveform moves.
  [[nodiscard]] double flat_until(double t) const;
  /// Value for operating points: the DC value if given, else the shape at t = 0.
  [[nodiscard]] double dc() const;
  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] bool is_constant() const { return std::holds_alternative<std::monostate>(shape_); }

 private:
  Shape shape_;
  double dc_ = 0;
  bool has_dc_ = false;
};

}  // namespace tellegen
