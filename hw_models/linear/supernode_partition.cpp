#include "hw_models/linear/supernode_partition.hpp"

#include <algorithm>
#include <numeric>

namespace tellegen {
namespace {

/// A supernode while blocks are merged; its columns and rows are places of the elimination.
struct Block {
  std::vector<std::int32_t> columns, rows;
  std::vector<std::int32_t> children;
  std::int32_t parent = -1;
  bool is_merged = false;
};

/// Predicted time of one pass over a block, in units of one entry for all samples (a cycle at 16 samples). Tuned on meshes of 30
/// and of 100 a side: more for a block costs the factors per sample their cache, less costs everything its loops.
double cost_of(std::size_t width, std::size_t rows) {
  constexpr double per_link = 4, per_block = 6, per_row = 1;
  if (width == 1 && rows == 1) return per_link;
  const auto w = static_cast<double>(width);
  const auto m = static_cast<double>(rows);
  return per_block + w * (w + 1) / 2 + w * m + per_row * (w + m);
}

/// Columns with the same rows, as they fall out of the elimination.
std::vector<Block> fundamental_blocks(const SymmetricGraph& graph, const Elimination& elimination) {
  const auto size = elimination.order.size();
  std::vector<Block> blocks;
  std::vector<std::int32_t> block_of(size), place(size), marked(size, -1);
  for (std::size_t k = 0; k < size; ++k) {
    const auto column = static_cast<std::int32_t>(k);
    const bool joins = k > 0 && elimination.parent[k - 1] == column && elimination.entries[k - 1] == elimination.entries[k] + 1;
    if (!joins) blocks.emplace_back();
    blocks.back().columns.push_back(column);
    block_of[k] = static_cast<std::int32_t>(blocks.size()) - 1;
    place[elimination.order[k]] = column;
  }
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    auto& block = blocks[b];
    const auto index = static_cast<std::int32_t>(b);
    const auto last = block.columns.back();
    const auto add = [&](std::int32_t row) {
      if (row <= last || marked[row] == index) return;
      marked[row] = index;
      block.rows.push_back(row);
    };
    for (const auto column : block.columns)
      for (const auto neighbour : graph.neighbours(elimination.order[column])) add(place[neighbour]);
    for (const auto child : block.children) std::ranges::for_each(blocks[child].rows, add);
    std::ranges::sort(block.rows);
    if (block.rows.empty()) continue;
    block.parent = block_of[block.rows.front()];
    blocks[block.parent].children.push_back(index);
  }
  return blocks;
}

/// Merges children into parents where that lowers the cost, from the leaves to the roots.
void merge_blocks(std::vector<Block>& blocks) {
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    auto& parent = blocks[b];
    // Grandchildren join the list as their parents are merged.
    auto candidates = std::move(parent.children);
    std::vector<std::int32_t> kept;
    for (std::size_t next = 0; next < candidates.size(); ++next) {
      auto& child = blocks[candidates[next]];
      const auto width = parent.columns.size() + child.columns.size();
      const double apart = cost_of(parent.columns.size(), parent.rows.size()) + cost_of(child.columns.size(), child.rows.size());
      if (cost_of(width, parent.rows.size()) >= apart) {
        kept.push_back(candidates[next]);
        continue;
      }
      parent.columns.insert(parent.columns.end(), child.columns.begin(), child.columns.end());
      candidates.insert(candidates.end(), child.children.begin(), child.children.end());
      child = Block{.columns = {}, .rows = {}, .children = {}, .parent = -1, .is_merged = true};
    }
    parent.children = std::move(kept);
    for (const auto child : parent.children) blocks[child].parent = static_cast<std::int32_t>(b);
    std::ranges::sort(parent.columns);
  }
}

/// Blocks that remain, in the order in which their columns are eliminated.
std::vector<Block> in_final_order(std::vector<Block> blocks) {
  std::vector<std::int32_t> alive, position(blocks.size(), -1), parent;
  for (std::size_t b = 0; b < blocks.size(); ++b)
    if (!blocks[b].is_merged) {
      position[b] = static_cast<std::int32_t>(alive.size());
      alive.push_back(static_cast<std::int32_t>(b));
    }
  for (const auto b : alive) parent.push_back(blocks[b].parent < 0 ? -1 : position[blocks[b].parent]);
  std::vector<Block> sorted;
  for (const auto i : deepest_last_postorder(parent)) sorted.push_back(std::move(blocks[alive[i]]));
  return sorted;
}

/// Lists for every supernode what its descendants subtract from it.
void list_updates(SupernodePartition& p) {
  const auto supernodes = p.supernodes();
  std::vector<std::int32_t> owner(p.order.size());
  for (std::int32_t s = 0; s < supernodes; ++s) std::fill(owner.begin() + p.first[s], owner.begin() + p.first[s + 1], s);
  std::vector<std::vector<SupernodeUpdate>> received(static_cast<std::size_t>(supernodes));
  for (std::int32_t s = 0; s < supernodes; ++s) {
    const auto rows = p.rows_of(s);
    for (std::size_t i = 0; i < rows.size();) {
      const auto target = owner[rows[i]];
      auto end = i;
      while (end < rows.size() && owner[rows[end]] == target) ++end;
      received[target].push_back({.source = s,
                                  .first_row = static_cast<std::int32_t>(i),
                                  .columns = static_cast<std::int32_t>(end - i),
                                  .rows = static_cast<std::int32_t>(rows.size() - i),
                                  .target = 0});
      i = end;
    }
  }
  std::vector<std::int32_t> row_in_block(p.order.size());
  p.update_starts.push_back(0);
  for (std::int32_t s = 0; s < supernodes; ++s) {
    std::iota(row_in_block.begin() + p.first[s], row_in_block.begin() + p.first[s + 1], 0);
    auto next = p.width(s);
    for (const auto row : p.rows_of(s)) row_in_block[row] = next++;
    for (auto update : received[s]) {
      update.target = static_cast<std::int32_t>(p.target_rows.size());
      for (const auto row : p.rows_of(update.source).subspan(update.first_row)) p.target_rows.push_back(row_in_block[row]);
      p.updates.push_back(update);
    }
    p.update_starts.push_back(static_cast<std::int32_t>(p.updates.size()));
  }
}

}  // namespace

SupernodePartition partition_into_supernodes(const SymmetricGraph& graph) {
  const auto elimination = choose_elimination(graph);
  auto blocks = fundamental_blocks(graph, elimination);
  merge_blocks(blocks);
  blocks = in_final_order(std::move(blocks));

  SupernodePartition p;
  std::vector<std::int32_t> final_place(elimination.order.size());
  for (const auto& block : blocks) {
    p.first.push_back(static_cast<std::int32_t>(p.order.size()));
    for (const auto column : block.columns) {
      final_place[column] = static_cast<std::int32_t>(p.order.size());
      p.order.push_back(elimination.order[column]);
    }
  }
  p.first.push_back(static_cast<std::int32_t>(p.order.size()));
  p.row_starts.push_back(0);
  for (const auto& block : blocks) {
    for (const auto row : block.rows) p.rows.push_back(final_place[row]);
    std::sort(p.rows.begin() + p.row_starts.back(), p.rows.end());
    p.row_starts.push_back(static_cast<std::int32_t>(p.rows.size()));
  }
  list_updates(p);
  return p;
}

}  // namespace tellegen
