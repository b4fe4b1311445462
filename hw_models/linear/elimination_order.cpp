#include "hw_models/linear/elimination_order.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <stdexcept>

#include <amd.h>

namespace tellegen {
namespace {

using Order = std::vector<std::int32_t>;

constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

Order inverse_of(const Order& order) {
  Order inverse(order.size());
  for (std::size_t place = 0; place < order.size(); ++place) inverse[order[place]] = static_cast<std::int32_t>(place);
  return inverse;
}

Order natural_order(const SymmetricGraph& graph) {
  Order order(static_cast<std::size_t>(graph.size()));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

Order minimum_degree_order(const SymmetricGraph& graph) {
  Order order(static_cast<std::size_t>(graph.size()));
  if (amd_order(graph.size(), graph.starts().data(), graph.all_neighbours().data(), order.data(), nullptr, nullptr) < AMD_OK)
    throw std::runtime_error("the pattern of a linear system could not be ordered");
  return order;
}

/// Nodes of one component, nearest to `start` first.
Order breadth_first(const SymmetricGraph& graph, std::int32_t start, std::vector<bool>& seen) {
  Order found{start};
  seen[start] = true;
  for (std::size_t next = 0; next < found.size(); ++next)
    for (const auto neighbour : graph.neighbours(found[next]))
      if (!seen[neighbour]) {
        seen[neighbour] = true;
        found.push_back(neighbour);
      }
  return found;
}

/// A node far from all others, and its component nearest first: two sweeps find an end of the longest path of a tree.
Order from_an_end(const SymmetricGraph& graph, std::int32_t start, std::vector<bool>& seen) {
  const auto forget = [&](const Order& nodes) {
    for (const auto node : nodes) seen[node] = false;
  };
  auto found = breadth_first(graph, start, seen);
  forget(found);
  found = breadth_first(graph, found.back(), seen);
  return found;
}

Order reverse_cuthill_mckee_order(const SymmetricGraph& graph) {
  Order order;
  std::vector<bool> seen(static_cast<std::size_t>(graph.size()), false);
  for (std::int32_t node = 0; node < graph.size(); ++node)
    if (!seen[node]) {
      const auto component = from_an_end(graph, node, seen);
      order.insert(order.end(), component.begin(), component.end());
    }
  std::ranges::reverse(order);
  return order;
}

/// Leaves first, towards the centre of every tree: no fill, and the shortest way from an end to the last unknown.
class ForestOrder {
 public:
  explicit ForestOrder(const SymmetricGraph& graph)
      : graph_(graph), seen_(static_cast<std::size_t>(graph.size()), false), towards_(seen_.size(), -1), depth_(seen_.size(), 0) {}

  /// @returns nothing when the graph has a cycle
  [[nodiscard]] std::optional<Order> find() {
    Order order;
    for (std::int32_t node = 0; node < graph_.size(); ++node)
      if (!seen_[node]) {
        const auto component = breadth_first(graph_, node, seen_);
        std::size_t ends = 0;
        for (const auto member : component) ends += graph_.neighbours(member).size();
        if (ends != 2 * (component.size() - 1)) return std::nullopt;
        forget(component);
        const auto outwards = breadth_first(graph_, centre_of_tree(node), seen_);
        order.insert(order.end(), outwards.begin(), outwards.end());
      }
    std::ranges::reverse(order);
    return order;
  }

 private:
  void forget(const Order& nodes) {
    for (const auto node : nodes) seen_[node] = false;
  }
  /// The middle of a longest path.
  [[nodiscard]] std::int32_t centre_of_tree(std::int32_t start) {
    const auto nodes = from_an_end(graph_, start, seen_);
    forget(nodes);
    towards_[nodes.front()] = -1;
    depth_[nodes.front()] = 0;
    for (const auto node : nodes)
      for (const auto neighbour : graph_.neighbours(node))
        if (neighbour != towards_[node]) {
          towards_[neighbour] = node;
          depth_[neighbour] = depth_[node] + 1;
        }
    auto centre = nodes.back();
    for (auto steps = depth_[centre] / 2; steps > 0; --steps) centre = towards_[centre];
    return centre;
  }

  const SymmetricGraph& graph_;
  std::vector<bool> seen_;
  Order towards_, depth_;
};

/// Parents in the elimination tree (Liu), in places of the order.
std::vector<std::int32_t> tree_of(const SymmetricGraph& graph, const Order& order, const Order& place) {
  std::vector<std::int32_t> parent(order.size(), -1), ancestor(order.size(), -1);
  for (std::int32_t k = 0; k < graph.size(); ++k)
    for (const auto neighbour : graph.neighbours(order[k]))
      for (auto node = place[neighbour]; node < k && node != -1;) {
        const auto next = ancestor[node];
        ancestor[node] = k;
        if (next == -1) parent[node] = k;
        node = next;
      }
  return parent;
}

/// Counts the entries below the diagonal column by column, row by row of the factor.
/// @returns nothing when there are more than `limit`
std::optional<std::vector<std::int32_t>> entries_of(const SymmetricGraph& graph, const Order& order, const Order& place,
                                                    const std::vector<std::int32_t>& parent, std::size_t limit) {
  std::vector<std::int32_t> entries(order.size(), 0), reached(order.size(), -1);
  std::size_t all = 0;
  for (std::int32_t k = 0; k < graph.size(); ++k) {
    reached[k] = k;
    for (const auto neighbour : graph.neighbours(order[k]))
      for (auto node = place[neighbour]; node < k && reached[node] != k; node = parent[node]) {
        reached[node] = k;
        ++entries[node];
        if (++all > limit) return std::nullopt;
      }
  }
  return entries;
}

std::size_t total(const std::vector<std::int32_t>& entries) {
  return std::accumulate(entries.begin(), entries.end(), std::size_t{0});
}

/// The same elimination with its places sorted by a walk of its tree.
Elimination sorted_by_tree(const Order& order, const std::vector<std::int32_t>& parent,
                           const std::vector<std::int32_t>& entries) {
  const auto walk = deepest_last_postorder(parent);
  const auto place = inverse_of(walk);
  Elimination sorted;
  for (const auto old : walk) {
    sorted.order.push_back(order[old]);
    sorted.parent.push_back(parent[old] < 0 ? -1 : place[parent[old]]);
    sorted.entries.push_back(entries[old]);
  }
  return sorted;
}

}  // namespace

SymmetricGraph::SymmetricGraph(std::int32_t size, std::span<const Edge> edges) : starts_(static_cast<std::size_t>(size) + 1, 0) {
  std::vector<Edge> directed;
  directed.reserve(2 * edges.size());
  for (const auto [one, other] : edges)
    if (one != other) {
      directed.push_back({one, other});
      directed.push_back({other, one});
    }
  std::ranges::sort(directed, {}, [](const Edge& e) { return std::pair(e.one, e.other); });
  const auto repeated = std::ranges::unique(directed, {}, [](const Edge& e) { return std::pair(e.one, e.other); });
  directed.erase(repeated.begin(), repeated.end());
  for (const auto [one, other] : directed) {
    ++starts_[one + 1];
    neighbours_.push_back(other);
  }
  std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
}

std::vector<std::int32_t> deepest_last_postorder(std::span<const std::int32_t> parent) {
  const auto size = parent.size();
  // Heights need children before parents, which any walk from the roots gives in reverse.
  std::vector<std::vector<std::int32_t>> children(size);
  std::vector<std::int32_t> from_roots;
  for (std::size_t node = 0; node < size; ++node) {
    if (parent[node] < 0)
      from_roots.push_back(static_cast<std::int32_t>(node));
    else
      children[parent[node]].push_back(static_cast<std::int32_t>(node));
  }
  for (std::size_t next = 0; next < from_roots.size(); ++next)
    from_roots.insert(from_roots.end(), children[from_roots[next]].begin(), children[from_roots[next]].end());
  std::vector<std::int32_t> height(size, 0);
  for (std::size_t i = size; i-- > 0;)
    if (const auto node = from_roots[i]; parent[node] >= 0)
      height[parent[node]] = std::max(height[parent[node]], height[node] + 1);
  // Parents first, deepest child first, is the reverse of the walk.
  std::vector<std::int32_t> walk, pending;
  for (std::size_t node = 0; node < size; ++node)
    if (parent[node] < 0) pending.push_back(static_cast<std::int32_t>(node));
  while (!pending.empty()) {
    const auto node = pending.back();
    pending.pop_back();
    walk.push_back(node);
    std::ranges::stable_sort(children[node], {}, [&](std::int32_t child) { return height[child]; });
    pending.insert(pending.end(), children[node].begin(), children[node].end());
  }
  std::ranges::reverse(walk);
  return walk;
}

Elimination choose_elimination(const SymmetricGraph& graph) {
  std::vector<Order> candidates;
  if (auto forest = ForestOrder(graph).find()) {
    candidates.push_back(std::move(*forest));
  } else {
    candidates.push_back(minimum_degree_order(graph));
    candidates.push_back(reverse_cuthill_mckee_order(graph));
    candidates.push_back(natural_order(graph));
  }
  std::optional<Elimination> best;
  std::size_t fewest = no_limit;
  for (const auto& order : candidates) {
    const auto place = inverse_of(order);
    const auto parent = tree_of(graph, order, place);
    const auto entries = entries_of(graph, order, place, parent, best ? fewest - 1 : no_limit);
    if (!entries) continue;
    best = sorted_by_tree(order, parent, *entries);
    fewest = total(*entries);
    if (fewest == 0) break;
  }
  return std::move(*best);
}

}  // namespace tellegen
