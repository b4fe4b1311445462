#pragma once
// The matrix of a crossbar plan: shared values in dense blocks, and the products with them for samples in lanes.

#include <span>
#include <utility>
#include <vector>

#include "hw_models/linear/crossbar_kernels.hpp"
#include "hw_models/linear/crossbar_structure.hpp"
#include "hw_models/linear/panel_matrix.hpp"
#include "hw_models/linear/triangle_kernels.hpp"

namespace tellegen {

/// Where the value of one entry of the shape goes.
struct Destination {
  enum class Kind { diagonal, coupling, remaining_coupling };
  Kind kind;
  std::int64_t index;  ///< place, or index in the blocks of N, or in the triangle of A_RR
};

/// Entry of A_RR off the diagonal, row > column.
struct RemainingCoupling {
  std::int32_t row, column;
  std::int64_t place;
};

/// What a plan and its systems share.
struct CrossbarTopology {
  CrossbarStructure structure;
  std::vector<Destination> destinations;      // by entry of the shape
  std::vector<std::int64_t> first_couplings;  // by group: where its block begins among all couplings
  std::vector<RemainingCoupling> remaining_couplings;
  std::vector<std::int32_t> own_places;       // by place: index among the own entries, -1 for none

  CrossbarTopology(const SystemShape& shape, CrossbarStructure found);
};

/// One group's couplings, packed for the products that use them.
class CrossbarBlock {
 public:
  /// @param couplings  N by rows: [eliminated * remaining], filled later
  CrossbarBlock(const CrossbarGroup& group, const CrossbarStructure& structure, const double* couplings,
                const PanelLaneKernels& kernels);

  [[nodiscard]] const CrossbarGroup& group() const { return group_; }
  /// N_e
  [[nodiscard]] const double* row(std::int32_t e) const { return couplings_ + static_cast<std::int64_t>(e) * group_.remaining; }
  /// Takes what stands in the couplings now.
  void pack();
  [[nodiscard]] const PanelMatrix& gather() const { return gather_; }  ///< N^T: what the remainder takes from the group
  [[nodiscard]] const PanelMatrix& spread() const { return spread_; }  ///< N: what the group takes from the remainder
  /// -N_ek N_el by (k, l), k >= l: what the group's 1 / d adds to S. Nothing when that is large: then the columns of N serve.
  [[nodiscard]] const PanelMatrix* pairs();
  /// -N_el of one column, by e.
  [[nodiscard]] std::span<const double> negative_column(std::int32_t l);
  /// Takes N^T D^-1 N of one sample's diagonal from the triangle s.
  void subtract_from(const CrossbarStructure& structure, const double* diagonal, double* s) const;

 private:
  [[nodiscard]] double at(std::int32_t e, std::int32_t r) const { return row(e)[r]; }

  CrossbarGroup group_;
  const double* couplings_;
  PanelMatrix gather_, spread_, pairs_;
  std::vector<std::pair<std::int32_t, std::int32_t>> pair_members_;  // (k, l) by row of pairs_
  std::vector<double> negative_columns_;
  bool has_pairs_, pairs_are_packed_ = false, columns_are_packed_ = false;
};

/// Numeric matrix for one number of lanes.
class CrossbarMatrix {
 public:
  CrossbarMatrix(const CrossbarTopology& topology, int lanes, InstructionSet set);

  /// Takes the shared values, by entry of the shape.
  void set(std::span<const double> values);

  [[nodiscard]] const CrossbarStructure& structure() const { return topology_.structure; }
  [[nodiscard]] std::size_t lanes() const { return lanes_; }
  [[nodiscard]] std::size_t eliminated() const { return eliminated_; }
  [[nodiscard]] std::size_t remaining() const { return remaining_; }
  [[nodiscard]] DiagonalView eliminated_diagonal() const {
    return {structure().eliminated, diagonal_.data(), topology_.own_places.data()};
  }
  [[nodiscard]] DiagonalView remaining_diagonal() const {
    return {structure().remaining, diagonal_.data() + eliminated_, topology_.own_places.data() + eliminated_};
  }
  [[nodiscard]] TriangleView triangle() const {
    return {structure().remaining, structure().row_starts.data(), structure().row_offsets.data()};
  }
  /// A pivot below this share of its diagonal is round-off.
  [[nodiscard]] double round_off() const;

  /// x_R += N^T x_E
  void gather(const double* x_eliminated, double* x_remaining) const;
  /// x_E += scale N x_R; `start` not null: it stands for the former x_E, the same for all samples
  void spread(const double* x_remaining, const double* start, const double* scale, double* x_eliminated) const;
  /// r_R -= A_RR x_R without the diagonal
  void subtract_couplings(const double* x_remaining, double* r_remaining) const;
  /// s = S without the diagonal of A_RR. @param inverse  1 / D by place and sample
  void form_schur(const double* inverse, double* s);
  /// The same for one matrix without own diagonals, [place].
  void form_shared_schur(double* s);
  /// Whether the matrix of every sample is surely definite: no coupling is negative, and in every net the diagonals exceed them.
  /// Where it is not sure, pivots must tell.
  [[nodiscard]] bool is_dominant(const double* own);

 private:
  void sum_rows();
  /// The part of S that all samples share, without the diagonal of A_RR; formed when factors first need it.
  [[nodiscard]] const std::vector<double>& base();

  const CrossbarTopology& topology_;
  std::size_t lanes_;
  const PanelLaneKernels& panels_;
  const CrossbarLaneKernels& kernels_;
  std::size_t eliminated_, remaining_;
  std::vector<double> couplings_;     // N, group by group
  std::vector<double> diagonal_;      // of A, by place
  std::vector<double> coupled_;       // A_RR without its diagonal
  std::vector<double> base_;
  bool base_is_formed_ = false;
  std::vector<double> row_sums_;      // of all couplings of a row, by place
  std::vector<double> least_margins_; // by net
  bool has_negative_ = false;         // conductance between two unknowns
  std::vector<CrossbarBlock> blocks_;
  LaneArray weighted_;                // one column of N by 1 / d
  LaneArray margins_;                 // by net
};

}  // namespace tellegen
