#pragma once

#include "runtime/drivers/register_port.hpp"

namespace tellegen::drivers {

/// Driver of the CORRELATOR block: the gains that all cells share. The accumulate phase adds
///
///     gain_plus * C_plus + gain_minus * C_minus
///
/// to every accumulator, where C_plus and C_minus are the correlations of the two nudged phases.
class Correlator {
 public:
  explicit Correlator(bus::Bus& bus) : port_(bus) {}

  /// @returns bad_argument when a gain is not finite; busy while a program runs. Nothing is written in either case.
  [[nodiscard]] Status set_gains(double plus, double minus);
  [[nodiscard]] Status gains(double& plus, double& minus);

 private:
  RegisterPort port_;
};

}  // namespace tellegen::drivers
