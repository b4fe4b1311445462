#pragma once
// What every branch did in a run, computed anew from the run's node voltages.

#include <span>
#include <vector>

#include "hw_models/solver/adjoint.hpp"

namespace tellegen {

/// A run as it is looked back at.
struct RecordedRun {
  const Circuit& circuit;
  TimeGrid grid;
  std::span<const double> slots;
  const Table& sources;            // [V] or [A] by step and source
  const Trajectory& trajectory;    // the unknowns and the internal states are read, nothing else
  const ReferenceState& start;     // empty: rest
  std::span<const double> initial_sources = {};  // [V] or [A] by source at t = 0; empty: rest
};

/// Branch variables at t_0 (row 0, the start) to t_N.
///
///     value = i_ref + D^a [ f(z) - f(z_ref) ],   z = z_ref + D^(b-1) (v - v_ref)
///
/// with operators of its own: Newton's residual and the engine's history take no part. A branch in the row of a source that
/// holds a voltage has a voltage as its value and the source's current as its conjugate.
struct BranchRecord {
  Table value;        // [A], or [V] in a source's row
  Table conjugate;    // [V] across the output, or [A] through the source: value * conjugate is the power that the branch takes
  Table controlling;  // [V s^(1-b)] z
};

[[nodiscard]] BranchRecord record_branches(const RecordedRun& run);

/// Kirchhoff's laws, summed over the recorded branches.
struct KirchhoffResidual {
  std::vector<double> largest;  // [A] by node, then [V] by voltage source: largest over the run; [0] = ground
  double current = 0;           // [A] largest of the nodes
  double relative_current = 0;  // of the largest current of any branch or source; 0 when none flows
  double voltage = 0;           // [V] largest of the sources' rows
  double relative_voltage = 0;  // of the largest node voltage
};

[[nodiscard]] KirchhoffResidual kirchhoff_residual(const RecordedRun& run, const BranchRecord& record);

/// Whether the branch's output stands in the row of a source that holds a voltage.
[[nodiscard]] bool is_in_source_row(const Circuit& circuit, const Branch& branch);

/// D^order of a column of samples at t_1 to t_N, at rest before.
[[nodiscard]] std::vector<double> differentiated(std::span<const double> samples, double order, const TimeGrid& grid);

}  // namespace tellegen
