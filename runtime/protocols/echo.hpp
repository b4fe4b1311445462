#pragma once
// The echo rules as phase programs. They run unchanged on the direct plant and on the chip.

#include <functional>

#include "runtime/plant/plant.hpp"
#include "runtime/protocols/classification.hpp"

namespace tellegen {

/// How an echo rule nudges.
struct EchoOptions {
  double beta = 1e-3;         ///< peak nudging current over peak source current of the clamped phase
  SourceLocation beta_where{};  ///< for messages
  bool centred = true;        ///< both signs of the nudge
  bool ports_swapped = true;  ///< controlled sources exchange their ports in the echo
};

/// Slope of the loss [L]/V by clock tick and probe, per analog step, from the probes' record.
using ErrorFunction = std::function<Table(const Table& probes)>;

/// One learning cycle: its program and the tickets of what the controller saw.
struct EchoCycle {
  PhaseProgram program;
  Ticket<ClampedRecord> record;
  Ticket<Nudge> nudge;
};

/// Program of one cycle of `echo` or `biased_echo`.
///
///     clamped:        run, record z in every cell
///     turn:           drive = +-k D^(s+1) P dL/dv,   k from beta
///     nudged +, -:    inject, replay P z as bias (biased_echo), gather the readouts C+, C-
///     accumulate:     dL/dp = -(C+ - C-)/2k centred, -C+/k one-sided
///     update:         p <- clip(p - rate * dL/dp) in every cell
///
/// | symbol | unit | meaning                                                                |
/// |--------|------|------------------------------------------------------------------------|
/// | s      | 1    | skew of the circuit's nonlinear elements; -1 for `echo`                 |
/// | P      | 1    | time reversal                                                          |
/// | dL/dv  | [L]/V| slope of the loss in the probed voltages                               |
///
/// `echo` nudges one side only, at any amplitude, and reads products. Theory section 4.
/// @param with_update  false: measure the gradient and leave every parameter as it is
/// @throws InputError (when run) if no source delivers any current, so that beta has no reference
[[nodiscard]] EchoCycle make_echo_cycle(const Plant& plant, const Circuit& circuit, const TimeGrid& grid, Rule rule, const EchoOptions& options,
                                        Table stimulus, ErrorFunction error, bool with_update);

}  // namespace tellegen
