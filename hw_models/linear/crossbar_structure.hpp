#pragma once
// What a topology offers to a crossbar plan: unknowns that touch none of their own kind, and the few that they all touch.
//
//     | D    -N  | | x_E |   | b_E |        S = A_RR - N^T D^-1 N
//     | -N^T A_RR| | x_R | = | b_R |
//
// | symbol | meaning                                                                                                     |
// |--------|-------------------------------------------------------------------------------------------------------------|
// | E      | eliminated unknowns: no two of them are coupled, so that D is diagonal                                      |
// | R      | the remainder                                                                                               |
// | N      | couplings between them, taken as dense within a group: a missing synapse is a zero                          |
// | S      | Schur complement, stored by rows from the first entry that can be other than zero                           |

#include <cstdint>
#include <optional>
#include <vector>

#include "hw_models/linear/linear_plan.hpp"

namespace tellegen {

/// Eliminated unknowns that touch one range of the remainder: one dense block of N.
struct CrossbarGroup {
  std::int32_t first_eliminated = 0, eliminated = 0;
  std::int32_t first_remaining = 0, remaining = 0;
  bool has_own = false;  ///< samples add to the diagonals of this group; else its share of S is the same for all

  /// Entries of the lower triangle of S that the group reaches.
  [[nodiscard]] std::int64_t pairs() const { return static_cast<std::int64_t>(remaining) * (remaining + 1) / 2; }
};

struct CrossbarStructure {
  std::vector<std::int32_t> order;  ///< unknown at each place: E first, by groups, then R
  std::int32_t eliminated = 0, remaining = 0;
  std::vector<CrossbarGroup> groups;
  std::vector<std::int32_t> nets;  ///< by place: which connected net the unknown belongs to
  std::int32_t net_count = 0;
  /// Rows of S: row i holds the columns row_starts[i] .. i, column j at row_offsets[i] + j.
  std::vector<std::int32_t> row_starts;
  std::vector<std::int64_t> row_offsets;
  std::int64_t remainder_entries = 0;

  double schur_flops = 0;     ///< of N^T D^-1 N, the groups with own diagonals
  double cholesky_flops = 0;  ///< of the factors of S
  double solve_flops = 0;

  [[nodiscard]] std::int64_t synapses() const;
};

/// The crossbar in a shape.
/// @returns nothing when the shape has none, or when sparse elimination is estimated to be faster
[[nodiscard]] std::optional<CrossbarStructure> find_crossbar(const SystemShape& shape);

}  // namespace tellegen
