#pragma once
// What one analog step of an array of cells is, whoever makes it: the direct plant, or the array module of a chip.

#include <cstddef>
#include <span>

#include "hw_models/solver/transient.hpp"
#include "hw_models/synapse/cell.hpp"

namespace tellegen {

/// Largest current [A] that an independent source of the engine's circuit carries after the last step.
[[nodiscard]] double peak_source_current(const TransientEngine& engine);

/// Turns the inputs of a step into those of the same step with time reversed: voltages change sign, currents stay.
void reverse_sources(const Circuit& circuit, std::span<double> sources);

/// Gives a cell what its branch starts from: rest (an empty state), or an operating point.
void begin_record(CellPhysics& cell, const Circuit& circuit, const ReferenceState& start);

/// Reads the last step of a nudged phase into a cell's correlator.
/// @param start  state that the clamped phase began in
/// @param met    clock tick of the record that the step meets; negative in a tail
/// @param step   of the `steps` analog steps of the phase, counted from 0
void correlate(CellPhysics& cell, const TransientEngine& engine, const ReferenceState& start, NudgeKind kind, std::ptrdiff_t met, std::size_t step,
               std::size_t steps);

}  // namespace tellegen
