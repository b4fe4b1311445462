#pragma once
// Orders of elimination of a symmetric pattern: in which sequence LDL^T takes the unknowns, and the tree of who waits for whom.
//
// Eliminating an unknown joins its neighbours with each other; the entries that appear are the fill of the factor. The tree's
// parent of an unknown is the first one of its neighbours, fill included, that is eliminated after it.

#include <cstdint>
#include <span>
#include <vector>

namespace tellegen {

/// Pattern of a symmetric matrix without its diagonal: neighbours(i) are the columns of row i, both triangles.
class SymmetricGraph {
 public:
  struct Edge {
    std::int32_t one = 0, other = 0;
  };
  SymmetricGraph(std::int32_t size, std::span<const Edge> edges);

  [[nodiscard]] std::int32_t size() const { return static_cast<std::int32_t>(starts_.size()) - 1; }
  [[nodiscard]] std::size_t edges() const { return neighbours_.size() / 2; }
  [[nodiscard]] std::span<const std::int32_t> starts() const { return starts_; }
  [[nodiscard]] std::span<const std::int32_t> all_neighbours() const { return neighbours_; }
  [[nodiscard]] std::span<const std::int32_t> neighbours(std::int32_t i) const {
    return std::span(neighbours_).subspan(starts_[i], starts_[i + 1] - starts_[i]);
  }

 private:
  std::vector<std::int32_t> starts_, neighbours_;
};

/// An order of elimination with its tree; everything but `order` counts in places of that order.
struct Elimination {
  std::vector<std::int32_t> order;    ///< [place] the unknown eliminated there; children stand before parents, subtrees together
  std::vector<std::int32_t> parent;   ///< [place] -1 for the last of a component
  std::vector<std::int32_t> entries;  ///< [place] entries of the factor's column below the diagonal
};

/// The cheapest of several orders: from the ends of a tree to its centre where the graph is a forest; else the least fill among
/// approximate minimum degree, reverse Cuthill-McKee and the order as it is. Subtrees are sorted so that the deepest one stands
/// just before its parent, which makes the longest chains of consecutive places.
[[nodiscard]] Elimination choose_elimination(const SymmetricGraph& graph);

/// Order in which a forest is walked so that children come before parents, subtrees stand together and the deepest child is last.
/// @param parent  [node] -1 for a root
[[nodiscard]] std::vector<std::int32_t> deepest_last_postorder(std::span<const std::int32_t> parent);

}  // namespace tellegen
