#pragma once
// Where the energy of a run went: delivered, stored, taken.

#include <string>
#include <vector>

#include "hw_models/action/branch_record.hpp"

namespace tellegen {

struct SourceEnergy {
  std::int32_t source = 0;  ///< index in the circuit
  double delivered = 0;     // [J]
};

enum class EnergyRole {
  stored,     ///< capacitors, inductors, windings: a function of their state
  dissipated, ///< everything else; negative where the branch delivers (a controlled source)
};

struct BranchEnergy {
  std::int32_t branch = 0;
  EnergyRole role = EnergyRole::dissipated;
  double taken = 0;   // [J] sum of v i over the run
  double stored = 0;  // [J] stored at the end less stored at the start, from the law's potential; 0 for a dissipative branch
};

/// Balance of a run.
///
///     delivered = stored(T) - stored(0) + dissipated + imbalance
///     taken, delivered:  sum_n h_n v_n i_n        stored, capacitor:  q v - T*(v), q = f(v), T* = F
///                                                 stored, inductor:   U(phi) = F(phi)
///
/// | method | sum over v i                                       | the imbalance falls as | exact for                     |
/// |--------|----------------------------------------------------|------------------------|-------------------------------|
/// | be     | value at the end of each step                      | h                      |                               |
/// | bdf2   | mean of the products at both ends of each step     | h^2                    |                               |
/// | trap   | product of the means over each step                | h^2                    | linear inductors, capacitors  |
///
/// Kirchhoff's laws hold at every step and Tellegen's theorem with them, so what sources deliver is what branches take, to
/// round-off; the imbalance is the integration error of the storing elements alone.
struct EnergyAudit {
  std::vector<SourceEnergy> sources;   ///< independent ones
  std::vector<BranchEnergy> branches;
  double delivered = 0, stored = 0, dissipated = 0;  // [J] sums
  double imbalance = 0;                              // [J]
  double relative_imbalance = 0;                     // of the sum of |delivered| by source; 0 when none delivers
};

[[nodiscard]] EnergyAudit audit_energy(const RecordedRun& run, const BranchRecord& record);

[[nodiscard]] EnergyRole energy_role(const Branch& branch);

}  // namespace tellegen
