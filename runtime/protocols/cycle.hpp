#pragma once
// The learning rules as phase programs. They run unchanged on the direct plant and on the chip.

#include <functional>

#include "runtime/plant/plant.hpp"
#include "runtime/protocols/classification.hpp"

namespace tellegen {

/// How a rule nudges.
struct CycleOptions {
  double beta = 1e-3;           ///< peak nudging current over peak source current of the clamped phase
  SourceLocation beta_where{};  ///< for messages
  SourceLocation rule_where{};
  Sides sides = Sides::centred;
  bool ports_swapped = true;    ///< controlled sources exchange their ports in the echo
  std::size_t tail = 0;         ///< [clock tick] an echo rings out for so long about the start of the run
  std::size_t period = 0;       ///< [clock tick] of a periodic drive
  double damping = 0;           ///< [1/s] uniform rate of a gain-flip echo
};

/// Slope of the loss [L]/V by clock tick and probe, per analog step, from the probes' record.
using ErrorFunction = std::function<Table(const Table& probes)>;

/// One learning cycle: its program and the tickets of what the controller saw.
struct Cycle {
  PhaseProgram program;
  Ticket<ClampedRecord> record;
  Ticket<Nudge> nudge;
};

/// Program of one cycle of a rule that a chip can run.
///
///     clamped:        run, record z in every cell
///     turn:           drive from the error g = dL/dv, its size k from beta
///     nudged +, -:    run with the drive, gather the readouts C+, C-
///     accumulate:     dL/dp = -(C+ - C-)/2k centred, -C+/k one-sided
///     update:         p <- clip(p - rate * dL/dp) in every cell
///
/// | rule              | drive                         | nudged network                   | readout                        |
/// |-------------------|-------------------------------|----------------------------------|--------------------------------|
/// | echo              | k P g                         | echo                             | product, one side              |
/// | biased_echo       | k D^(s+1) P g                 | echo with replayed bias          | contrast, product              |
/// | hamiltonian_echo  | k D P g                       | end state, time reversed         | potential                      |
/// | gain_flip_echo    | k e^(gamma t) D P g           | the same, losses flipped         | potential, weighted e^(-gamma t) |
/// | periodic_echo     | k P g of the last period, again and again | echo                 | lock-in product, one side      |
/// | equilibrium       | k sum g, constant             | as clamped                       | contrast, settled              |
/// | coupled           | output held at y + k sum g    | as clamped                       | contrast, settled              |
/// | forward_nudge     | k P D^(s+1) P g               | as clamped                       | contrast, product              |
///
/// | symbol | unit | meaning                                                                |
/// |--------|------|------------------------------------------------------------------------|
/// | s      | 1    | skew of the circuit's nonlinear elements; 0 for the lossless echoes, -1 for `echo` |
/// | P      | 1    | time reversal                                                          |
/// | g      | [L]/V| slope of the loss in the probed voltages                               |
///
/// Theory section 4.
/// @param with_update  false: measure the gradient and leave every parameter as it is
/// @throws InputError a rule that no chip can run, or one whose demands on the bench are not met (method, period); when run: no
///         source delivers any current, so that beta has no reference, or the outputs have not settled
[[nodiscard]] Cycle make_cycle(const Plant& plant, const Circuit& circuit, const TimeGrid& grid, Rule rule, const CycleOptions& options,
                               Table stimulus, ErrorFunction error, bool with_update);

/// Whether a cycle has a nudged phase of either sign.
[[nodiscard]] bool runs_both_sides(Rule rule, Sides sides);

/// @throws InputError a probe that still moves in the last tenth of the run, by more than 1e-3 of its largest value
void require_settled(const Table& probes, const CycleOptions& options, Rule rule);

}  // namespace tellegen
