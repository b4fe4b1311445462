#pragma once
// What the kernels of a supernodal LDL^T read: index lists as plain pointers, and the table of their functions.
//
// | symbol  | meaning                                                                                                    |
// |---------|------------------------------------------------------------------------------------------------------------|
// | factor  | blocks of all supernodes, row by row: unit lower triangle with 1 / pivot on its diagonal, then the rows below |
// | W       | lanes; x stands as [place * W + lane], so does the factor of lanes with their own matrices                  |

#include <cstddef>
#include <cstdint>

#include "hw_models/lanes/dispatch.hpp"

namespace tellegen {

/// What an earlier supernode subtracts from a later one: the outer product of its rows from `first_row` on with the first
/// `columns` of them, which are columns of the later one.
struct SupernodeUpdate {
  std::int32_t source = 0;     ///< the earlier supernode
  std::int32_t first_row = 0;  ///< among the source's rows below its triangle
  std::int32_t columns = 0;
  std::int32_t rows = 0;    ///< from first_row to the source's last row
  std::int32_t target = 0;  ///< index into target_rows of this update's first row
};

/// One entry of the matrix and where its value stands in the block that it belongs to.
struct AssembledEntry {
  std::int32_t value = 0;     ///< index into the shared values or into a sample's own
  std::int32_t position = 0;  ///< in the block
};

/// A piece of a factor: one supernode, or a chain of links, whose columns are consecutive places.
struct FactorSegment {
  std::int32_t supernode = 0;
  std::int32_t links = 0;  ///< 0: one supernode of any shape
  /// Links of the chain that follows, where neither needs the other and both run at once; 0: none.
  std::int32_t partner = 0;
};

/// The index lists of a factor.
struct FactorView {
  std::int32_t supernodes = 0;
  std::int32_t segment_count = 0;
  const std::int32_t* first = nullptr;       ///< [supernode] first place, one more for the end
  const std::int32_t* row_starts = nullptr;  ///< [supernode], one more for the end
  const std::int32_t* rows = nullptr;        ///< places
  const std::size_t* blocks = nullptr;       ///< [supernode] first entry of its block
  const FactorSegment* segments = nullptr;
  const std::int32_t* update_starts = nullptr;  ///< [supernode], one more for the end
  const SupernodeUpdate* updates = nullptr;
  const std::int32_t* target_rows = nullptr;
  const std::int32_t* shared_starts = nullptr;  ///< [supernode], one more for the end
  const AssembledEntry* shared_entries = nullptr;
  const std::int32_t* own_starts = nullptr;  ///< [supernode], one more for the end
  const AssembledEntry* own_entries = nullptr;
};

/// The matrix itself, row by row, both triangles.
struct ProductView {
  std::int32_t size = 0;
  const std::int32_t* row_starts = nullptr;
  const std::int32_t* columns = nullptr;
  std::int32_t own_count = 0;
  const std::int32_t* own_rows = nullptr;     ///< [own entry] place
  const std::int32_t* own_columns = nullptr;  ///< [own entry] place
};

struct SupernodalKernels {
  struct OfLanes {
    /// Factors the matrix of every lane.
    /// @param own     [own entry * W + lane], or null
    /// @param pivots  [place * W + lane]
    /// @returns the first place whose pivot vanishes, -1 when there is none
    std::int32_t (*factor)(const FactorView&, const double* shared, const double* own, double* factor, double* pivots);
    /// Solves with a factor per lane, in place.
    void (*solve)(const FactorView&, const double* factor, double* x);
    /// Solves with the factor of one lane for all lanes, in place.
    void (*solve_shared)(const FactorView&, const double* factor, double* x);
    /// r -= ( A + own ) x
    void (*subtract_product)(const ProductView&, const double* values, const double* own, const double* x, double* r);
    /// The same in single precision; null for one lane.
    std::int32_t (*factor_single)(const FactorView&, const double* shared, const double* own, float* factor, float* pivots);
    /// @param rounded  room for x in single precision
    void (*solve_single)(const FactorView&, const float* factor, double* x, float* rounded);
  };
  OfLanes one, eight, sixteen;
};

TELLEGEN_KERNELS(SupernodalKernels, supernodal_kernels)

}  // namespace tellegen
