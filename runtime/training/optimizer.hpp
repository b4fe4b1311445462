#pragma once
#include <limits>
#include <span>
#include <vector>

namespace tellegen {

enum class OptimizerKind { sgd, momentum, adam };

/// What a rate is relative to.
enum class RateScaling {
  none,   ///< rate_i = rate, in the parameter's own SI units
  value,  ///< rate_i = rate s_i^2 with s_i the magnitude of the parameter's first value, so that all move alike
};

struct OptimizerSettings {
  OptimizerKind kind = OptimizerKind::sgd;
  double rate = 0;
  double momentum = 0.9;  ///< of `momentum` alone
  RateScaling scaling = RateScaling::none;
};

/// Where a parameter may go, in its own SI unit.
struct Interval {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  [[nodiscard]] double clip(double value) const { return value < low ? low : value > high ? high : value; }
};

/// Gradient descent on parameters p with gradients g = dL/dp, clipped to bounds after each step.
///
///     sgd        p <- clip( p - rate_i g )
///     momentum   a <- momentum a + g            p <- clip( p - rate_i a )
///     adam       u <- 0.9 u + 0.1 s g           p <- clip( p - rate s m / sqrt(v) )
///                v <- 0.999 v + 0.001 (s g)^2   m, v corrected for their start at zero      Kingma and Ba 2015
///
/// with s = 1 and rate_i = rate under RateScaling::none, s = |first value| and rate_i = rate s^2 under
/// RateScaling::value. Losses of circuits are small numbers of volt squared times seconds, so Adam's customary floor of
/// 1e-8 under the root would stop it; here the floor is 1e-8 of the largest root among the parameters where they share
/// a unit (`value`), else none.
class Optimizer {
 public:
  /// What a checkpoint holds.
  struct State {
    std::vector<double> first;   ///< momentum's a, Adam's u
    std::vector<double> second;  ///< Adam's v
    long steps = 0;
  };

  /// @param bounds  one per parameter, or none at all
  /// @throws std::invalid_argument sizes differ, or a parameter starts at zero under RateScaling::value
  Optimizer(const OptimizerSettings& settings, std::span<const double> initial, std::vector<Interval> bounds = {});

  /// One step, in place.
  void update(std::span<double> parameters, std::span<const double> gradient);

  [[nodiscard]] const State& state() const { return state_; }
  /// @throws std::invalid_argument the state is of another number of parameters
  void restore(State state);

 private:
  void descend(std::span<double> parameters, std::span<const double> direction) const;
  void update_adam(std::span<double> parameters, std::span<const double> gradient);

  OptimizerSettings settings_;
  std::vector<double> scale_;  // s_i
  std::vector<Interval> bounds_;
  State state_;
};

}  // namespace tellegen
