#pragma once
// The place of this process among those that a launcher such as mpirun has started with the same command.

#include <string>

namespace tellegen::sweep {

/// Read from what launchers put into the environment (Open MPI, MPICH and Intel MPI, Slurm); nothing of MPI is linked. Ranks share the results'
/// folder: each keeps a journal of its own, and rank 0 writes the results when all are finished.
struct Ranks {
  unsigned rank = 0;
  unsigned size = 1;
  std::string job;  ///< tells one launch from another, where the launcher gives it a name

  /// @throws InputError a variable that is no number, or a rank beyond the size
  [[nodiscard]] static Ranks of_environment();
};

}  // namespace tellegen::sweep
