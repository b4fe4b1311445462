#include "hw_models/synapse/cell_tile.hpp"

#include <algorithm>

namespace tellegen {

CellTile::CellTile(const Circuit& circuit, std::span<const std::int32_t> branches, std::span<const double> slots,
                   const TimeGrid& grid, std::size_t depth) {
  std::vector<std::vector<CellSite>> kinds;  // in the order of first appearance
  std::vector<std::pair<std::size_t, std::size_t>> kind_and_cell;
  for (const auto index : branches) {
    const Branch& branch = circuit.branches()[index];
    auto kind = std::ranges::find_if(kinds, [&](const auto& sites) { return are_alike(*sites.front().branch, branch); });
    if (kind == kinds.end()) kind = kinds.emplace(kinds.end());
    kind_and_cell.emplace_back(kind - kinds.begin(), kind->size());
    kind->push_back({&branch, index});
  }
  arrays_.reserve(kinds.size());
  for (const auto& sites : kinds) arrays_.emplace_back(sites, slots, grid, depth);
  places_.reserve(branches.size());
  for (const auto& [kind, cell] : kind_and_cell) places_.push_back({&arrays_[kind], cell});
}

std::vector<std::int32_t> branches_with_cells(const Circuit& circuit, std::span<const std::int32_t> trained_parameters) {
  const auto branches = circuit.branches();
  std::vector<bool> has_cell(branches.size());
  for (std::size_t k = 0; k < branches.size(); ++k) has_cell[k] = !branches[k].is_linear();
  for (const auto parameter : trained_parameters) has_cell[circuit.parameters()[parameter].branch] = true;
  std::vector<std::int32_t> cells;
  for (std::size_t k = 0; k < branches.size(); ++k)
    if (has_cell[k]) cells.push_back(static_cast<std::int32_t>(k));
  return cells;
}

}  // namespace tellegen
