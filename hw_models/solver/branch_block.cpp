#include "hw_models/solver/branch_block.hpp"

#include <algorithm>

namespace tellegen {

std::vector<BlockLayout> group_branches(const Circuit& circuit) {
  std::vector<BlockLayout> blocks;
  const auto branches = circuit.branches();
  for (std::size_t k = 0; k < branches.size(); ++k) {
    const Branch& branch = branches[k];
    if (branch.kind != BranchKind::law) continue;
    auto block = std::ranges::find_if(
        blocks, [&](const BlockLayout& b) { return b.law == branch.law && b.orders == branch.orders && (b.out.front() == b.in.front()) == !branch.is_two_port(); });
    if (block == blocks.end()) block = blocks.insert(blocks.end(), BlockLayout{.law = branch.law, .orders = branch.orders, .branch = {}, .out = {}, .in = {}});
    block->branch.push_back(static_cast<std::int32_t>(k));
    block->out.push_back(branch.out);
    block->in.push_back(branch.in);
  }
  std::int32_t first = 0;
  for (auto& block : blocks) {
    block.first = first;
    first += static_cast<std::int32_t>(block.branch.size());
  }
  return blocks;
}

}  // namespace tellegen
