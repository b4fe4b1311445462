#pragma once
// How nudged phases run, and what synapse cells measure in them.

#include <cmath>
#include <cstdint>

#include "hw_models/elements/parameter_view.hpp"

namespace tellegen {

/// What the correlator of a cell measures in a nudged phase.
enum class Readout {
  contrast,   ///< dF/dp(bias + dz) - dF/dp(bias): change of the element's own potential derivative
  product,    ///< [D^(a-s) w] * df/dp(bias): echo signal times the record
  potential,  ///< dF/dp(z) of the element as it runs, nothing recorded; the two sides' difference is the contrast
  lock_in,    ///< product of the phasors of z and of the echo, summed over harmonics of a periodic run
};

enum class Side { plus, minus };

/// How a nudged phase runs.
enum class NudgeKind {
  echo,      ///< sources at zero, the network carries the deviation from the records, which come in reverse
  forward,   ///< as the clamped phase, with the nudge added
  reversal,  ///< from the clamped phase's end state with time reversed: the lossless echoes
};

/// Phase-sensitive detection of a periodic run's last period, instead of a trace memory.
struct LockIn {
  std::uint32_t period = 0;      ///< [analog step]; 0: off
  std::uint64_t harmonics = 0;   ///< bit h set: harmonic h is detected, 0 being the mean
  friend bool operator==(const LockIn&, const LockIn&) = default;
};
inline constexpr int lock_in_harmonics = 64;

/// How the cells of an array read a nudged phase of skew s.
struct NudgeReading {
  double skew = -1;           ///< s of theory section 4; the injected current is D^s of the reversed error slope
  bool product_only = false;  ///< product even where the cell's skew is that of the echo
  bool potential = false;     ///< absolute potential derivatives where the skew matches
  bool settled_only = false;  ///< the last step alone counts: sample and hold at a fixed point
  double weight_rate = 0;     ///< [1/s] readout at time t of the phase is weighted by exp(-rate t)
  LockIn lock_in{};
  std::uint32_t stride = 1;   ///< [analog step] one product is taken in so many steps, and counts for all of them
  std::uint32_t instant = 0;  ///< [analog step] which of them
};

/// One learning slot of a cell: a law parameter with its accumulator and update rule p <- clip(p - rate * accumulator).
struct LearningSlot {
  double value = 0;        ///< p, in the user's view (conductance, inductance, ...)
  double accumulator = 0;  ///< [L]/[p] gradient gathered by the correlator
  double kept = 0;         ///< the accumulator as the last whole presentation left it
  double rate = 0;         ///< [p]^2/[L]; 0: not trained
  double minimum = -HUGE_VAL, maximum = HUGE_VAL;
  double decay = 0;        ///< part of the accumulator that a new presentation keeps (momentum)
  ViewKind view = ViewKind::identity;
};

}  // namespace tellegen
