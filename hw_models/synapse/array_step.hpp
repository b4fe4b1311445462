#pragma once
// What one analog step of an array of cells is, whoever makes it: the direct plant, or the array module of a chip.

#include <cstddef>
#include <span>

#include "hw_models/solver/transient.hpp"
#include "hw_models/synapse/cell_array.hpp"

namespace tellegen {

/// Largest current [A] that an independent source of the engine's circuit carries after the last step.
[[nodiscard]] double peak_source_current(const TransientEngine& engine);

/// Turns the inputs of a step into those of the same step with time reversed: voltages change sign, currents stay.
void reverse_sources(const Circuit& circuit, std::span<double> sources);

/// Gives cells what their branches start from: rest (an empty state), or an operating point.
void begin_record(CellArray& cells, const Circuit& circuit, const ReferenceState& start);

/// Puts the last step of a clamped phase that began in that state into the trace memories, at the address of a clock tick.
void record(CellArray& cells, const TransientEngine& engine, const ReferenceState& start, std::size_t tick);

/// Shows cells that sample between the steps a step of a clamped phase, counted from 0 in its clock cycle.
void see(CellArray& cells, const TransientEngine& engine, const ReferenceState& start, std::size_t step);

/// Reads step `step` of the `steps` analog steps of a clamped phase into the phasors of cells that lock in.
void detect(CellArray& cells, const TransientEngine& engine, const ReferenceState& start, std::size_t step, std::size_t steps);

/// Puts the records of a clock tick, negative in a tail, where a step takes its biases and states from.
void replay(const CellArray& cells, const Circuit& circuit, std::ptrdiff_t tick, bool with_bias, std::span<double> bias,
            std::span<double> states);

/// Reads the last step of a nudged phase into the correlators of cells.
/// @param start  state that the clamped phase began in
/// @param met    clock tick of the record that the step meets; negative in a tail
/// @param step   of the `steps` analog steps of the phase, counted from 0
void correlate(CellArray& cells, const TransientEngine& engine, const ReferenceState& start, NudgeKind kind, std::ptrdiff_t met,
               std::size_t step, std::size_t steps);

}  // namespace tellegen
