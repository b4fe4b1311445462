#pragma once
// Supernodes: neighbouring columns of a factor LDL^T whose entries stand in the same rows, kept as one dense block.
//
//     columns first .. first + width - 1        block of (width + rows) x width:  unit lower triangle, then the rows below
//
// Blocks are merged with their parents, zeros and all, where the predicted time of a solution falls by it.

#include <cstdint>
#include <span>
#include <vector>

#include "hw_models/linear/elimination_order.hpp"
#include "hw_models/linear/supernodal_kernels.hpp"

namespace tellegen {

/// All index lists of a factor, in places of its final order.
struct SupernodePartition {
  std::vector<std::int32_t> order;          ///< [place] unknown
  std::vector<std::int32_t> first;          ///< [supernode] first place; one more for the end
  std::vector<std::int32_t> row_starts;     ///< [supernode] where its rows begin; one more for the end
  std::vector<std::int32_t> rows;           ///< places below each block, ascending
  std::vector<std::int32_t> update_starts;  ///< [supernode] where the updates that it receives begin; one more for the end
  std::vector<SupernodeUpdate> updates;     ///< sources ascending
  std::vector<std::int32_t> target_rows;    ///< rows of a source as rows of the target's block, counted from its triangle's top

  [[nodiscard]] std::int32_t supernodes() const { return static_cast<std::int32_t>(first.size()) - 1; }
  [[nodiscard]] std::int32_t width(std::int32_t s) const { return first[s + 1] - first[s]; }
  [[nodiscard]] std::int32_t height(std::int32_t s) const { return row_starts[s + 1] - row_starts[s]; }
  [[nodiscard]] std::span<const std::int32_t> rows_of(std::int32_t s) const {
    return std::span(rows).subspan(row_starts[s], height(s));
  }
  /// A link of a chain: one column with one row below, which is the next column.
  [[nodiscard]] bool is_link(std::int32_t s) const { return width(s) == 1 && height(s) == 1; }
};

[[nodiscard]] SupernodePartition partition_into_supernodes(const SymmetricGraph& graph);

}  // namespace tellegen
