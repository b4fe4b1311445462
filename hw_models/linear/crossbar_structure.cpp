#include "hw_models/linear/crossbar_structure.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include <amd.h>

#include "hw_models/linear/triangle_kernels.hpp"

namespace tellegen {
namespace {

/// More groups than this are no crossbar: a mesh has a group for each of its places.
constexpr std::size_t most_groups = 32;
/// Couplings that are computed as zeros, as a share of those that are there, for the sake of one dense block.
constexpr double tolerated_zeros = 0.25;
/// Sparse elimination in lanes runs at about a third of the rate of the dense blocks.
constexpr double dense_advantage = 3.0;
/// Share of the places of N that must hold synapses: a mesh, ordered along its diagonal, is a nearly empty band of N.
constexpr double least_density = 0.5;
/// Calls and indices of one group, in flops of one sample.
constexpr double group_overhead = 400.0;

struct Graph {
  std::vector<std::int32_t> starts, neighbours;

  [[nodiscard]] std::int32_t size() const { return static_cast<std::int32_t>(starts.size()) - 1; }
  [[nodiscard]] std::span<const std::int32_t> of(std::int32_t i) const {
    return std::span(neighbours)
        .subspan(static_cast<std::size_t>(starts[i]), static_cast<std::size_t>(starts[i + 1] - starts[i]));
  }
};

Graph couplings_of(const SystemShape& shape) {
  Graph graph{.starts = std::vector<std::int32_t>(static_cast<std::size_t>(shape.size) + 1, 0), .neighbours = {}};
  for (const auto [row, column] : shape.entries)
    if (row != column) ++graph.starts[row + 1], ++graph.starts[column + 1];
  std::partial_sum(graph.starts.begin(), graph.starts.end(), graph.starts.begin());
  graph.neighbours.resize(static_cast<std::size_t>(graph.starts.back()));
  auto next = graph.starts;
  for (const auto [row, column] : shape.entries)
    if (row != column) graph.neighbours[next[row]++] = column, graph.neighbours[next[column]++] = row;
  return graph;
}

/// Unknowns in the order of their distance from the first; distances of others stay -1.
std::vector<std::int32_t> walk(const Graph& graph, std::int32_t from, std::vector<std::int32_t>& distance) {
  std::vector<std::int32_t> reached{from};
  distance[from] = 0;
  for (std::size_t k = 0; k < reached.size(); ++k)
    for (const auto j : graph.of(reached[k]))
      if (distance[j] < 0) distance[j] = distance[reached[k]] + 1, reached.push_back(j);
  return reached;
}

/// One connected component, its unknowns sorted from one end of the net to the other.
struct Component {
  std::vector<std::int32_t> unknowns;
  std::vector<std::int32_t> odd;  ///< by unknown of `unknowns`: whether an odd number of couplings lies between it and the end
  bool is_bipartite = true;
};

/// Distances of every unknown from a chosen one of its component, -1 where that was not visited yet.
struct Distances {
  explicit Distances(std::size_t size) : from_any(size, -1), from_start(size, -1), from_end(size, -1) {}
  std::vector<std::int32_t> from_any, from_start, from_end;
};

Component component_from(const Graph& graph, std::int32_t any, Distances& distances) {
  auto& [from_any, from_start, from_end] = distances;
  const auto start = walk(graph, any, from_any).back();  // far from anything: an end of the net
  const auto end = walk(graph, start, from_start).back();
  Component component{.unknowns = walk(graph, end, from_end), .odd = {}};
  // A pruned layer lies at several distances from one end; the difference of both distances holds it together.
  std::ranges::stable_sort(component.unknowns, {}, [&](std::int32_t i) { return from_start[i] - from_end[i]; });
  for (const auto i : component.unknowns) {
    component.odd.push_back(from_start[i] % 2);
    for (const auto j : graph.of(i)) component.is_bipartite = component.is_bipartite && (from_start[i] + from_start[j]) % 2 == 1;
  }
  return component;
}

/// Flops of a dense elimination of one side of a component.
double dense_flops(double eliminated_with_own, double remaining) {
  return eliminated_with_own * remaining * (remaining + 1) + remaining * remaining * remaining / 3;
}

/// Marks the unknowns of a component that are eliminated.
void choose_eliminated(const Graph& graph, const Component& component, const std::vector<bool>& has_own,
                       std::vector<bool>& is_eliminated) {
  if (component.is_bipartite) {
    std::array<double, 2> with_own{}, all{};
    for (std::size_t k = 0; k < component.unknowns.size(); ++k) {
      all[component.odd[k]] += 1;
      with_own[component.odd[k]] += has_own[component.unknowns[k]] ? 1 : 0;
    }
    const int side = dense_flops(with_own[1], all[0]) < dense_flops(with_own[0], all[1]) ? 1 : 0;
    for (std::size_t k = 0; k < component.unknowns.size(); ++k) is_eliminated[component.unknowns[k]] = component.odd[k] == side;
    return;
  }
  auto by_degree = component.unknowns;
  std::ranges::stable_sort(by_degree, {}, [&](std::int32_t i) { return graph.of(i).size(); });
  for (const auto i : by_degree)
    is_eliminated[i] = std::ranges::none_of(graph.of(i), [&](std::int32_t j) { return is_eliminated[j]; });
}

/// Range of the remainder that one eliminated unknown touches.
struct Span {
  std::int32_t unknown = 0, first = 0, end = 0;
  bool has_own = false;
  [[nodiscard]] double pairs() const { return 0.5 * (end - first) * (end - first + 1); }
};

struct Bundle {
  Span range;
  std::vector<std::int32_t> unknowns;
};

/// Gathers the eliminated unknowns in few groups of nearly equal ranges, the widest first.
/// @returns false when there are too many
bool bundle(std::vector<Span> spans, std::vector<Bundle>& bundles) {
  std::ranges::stable_sort(spans, {}, [](const Span& s) { return std::pair(s.first - s.end, s.first); });
  for (const auto& span : spans) {
    Bundle* best = nullptr;
    double best_extra = span.pairs() * tolerated_zeros + group_overhead;
    Span joined;
    for (auto& bundle : bundles) {
      if (bundle.range.has_own != span.has_own || (bundle.range.end == bundle.range.first) != (span.end == span.first)) continue;
      Span both = bundle.range;
      both.first = std::min(both.first, span.first);
      both.end = std::max(both.end, span.end);
      const auto count = static_cast<double>(bundle.unknowns.size());
      const double extra = (count + 1) * both.pairs() - count * bundle.range.pairs() - span.pairs();
      if (extra < best_extra) best = &bundle, best_extra = extra, joined = both;
    }
    if (!best) {
      if (bundles.size() == most_groups) return false;
      bundles.push_back({.range = span, .unknowns = {}});
      best = &bundles.back();
    } else {
      best->range = joined;
    }
    best->unknowns.push_back(span.unknown);
  }
  return true;
}

/// Flops of one solve with a sparse LDL^T in the order of approximate minimum degree, and of the factors if samples have their
/// own.
double sparse_flops(const Graph& graph, bool has_own) {
  std::vector<std::int32_t> permutation(static_cast<std::size_t>(graph.size()) + 1);
  std::array<double, AMD_INFO> information{};
  if (amd_order(graph.size(), graph.starts.data(), graph.neighbours.data(), permutation.data(), nullptr, information.data()) <
      AMD_OK)
    return 0;
  return (has_own ? information[AMD_NDIV] + 2 * information[AMD_NMULTSUBS_LDL] : 0.0) + 4 * information[AMD_LNZ];
}

void find_rows(const Graph& graph, const std::vector<std::int32_t>& place, CrossbarStructure& found) {
  found.row_starts.resize(static_cast<std::size_t>(found.remaining));
  std::iota(found.row_starts.begin(), found.row_starts.end(), 0);
  for (const auto& group : found.groups)
    for (auto i = group.first_remaining; i < group.first_remaining + group.remaining; ++i)
      found.row_starts[i] = std::min(found.row_starts[i], group.first_remaining);
  for (std::int32_t i = 0; i < found.remaining; ++i)
    for (const auto j : graph.of(found.order[found.eliminated + i]))
      if (place[j] >= found.eliminated) found.row_starts[i] = std::min(found.row_starts[i], place[j] - found.eliminated);
  for (std::int32_t first = 0; first < found.remaining; first += triangle_block) {
    const auto rows = std::span(found.row_starts).subspan(first, std::min(triangle_block, found.remaining - first));
    std::ranges::fill(rows, std::ranges::min(rows) / triangle_block * triangle_block);
  }
  for (std::int32_t i = 0; i < found.remaining; ++i) {
    found.row_offsets.push_back(found.remainder_entries - found.row_starts[i]);
    found.remainder_entries += i + 1 - found.row_starts[i];
  }
}

void count_flops(CrossbarStructure& found) {
  for (const auto& group : found.groups) {
    found.schur_flops += group.has_own ? 2.0 * group.eliminated * static_cast<double>(group.pairs()) : 0.0;
    found.solve_flops += 4.0 * group.eliminated * group.remaining;
  }
  for (std::int32_t i = 0; i < found.remaining; ++i) {
    const double width = i - found.row_starts[i];
    found.cholesky_flops += width * (width + 1) + 1;
  }
  found.solve_flops += 4.0 * static_cast<double>(found.remainder_entries) + found.eliminated;
}

bool pays(const Graph& graph, const CrossbarStructure& found, bool has_own) {
  std::int64_t present = 0;
  for (std::int32_t k = 0; k < found.eliminated; ++k) present += static_cast<std::int64_t>(graph.of(found.order[k]).size());
  if (static_cast<double>(present) < least_density * static_cast<double>(found.synapses())) return false;
  const double dense = (has_own ? found.schur_flops + found.cholesky_flops : 0.0) + found.solve_flops +
                       group_overhead * static_cast<double>(found.groups.size());
  return dense < dense_advantage * sparse_flops(graph, has_own);
}

}  // namespace

std::int64_t CrossbarStructure::synapses() const {
  std::int64_t count = 0;
  for (const auto& group : groups) count += static_cast<std::int64_t>(group.eliminated) * group.remaining;
  return count;
}

std::optional<CrossbarStructure> find_crossbar(const SystemShape& shape) {
  if (!shape.is_symmetric) return std::nullopt;
  const auto size = static_cast<std::size_t>(shape.size);
  std::vector<bool> has_own(size, false);
  for (const auto e : shape.own) {
    if (shape.entries[e].row != shape.entries[e].column) return std::nullopt;
    has_own[shape.entries[e].row] = true;
  }
  const auto graph = couplings_of(shape);
  std::vector<bool> is_eliminated(size, false);
  CrossbarStructure found;
  Distances distances(size);
  std::vector<std::int32_t> remainder, net_of(size);
  for (std::int32_t i = 0; i < shape.size; ++i) {
    if (distances.from_any[i] >= 0) continue;
    const auto component = component_from(graph, i, distances);
    for (const auto j : component.unknowns) net_of[j] = found.net_count;
    ++found.net_count;
    choose_eliminated(graph, component, has_own, is_eliminated);
    std::ranges::copy_if(component.unknowns, std::back_inserter(remainder), [&](std::int32_t j) { return !is_eliminated[j]; });
  }

  std::vector<std::int32_t> place(size, -1);
  for (std::size_t k = 0; k < remainder.size(); ++k) place[remainder[k]] = static_cast<std::int32_t>(k);
  std::vector<Span> spans;
  for (std::int32_t i = 0; i < shape.size; ++i) {
    if (!is_eliminated[i]) continue;
    Span span{.unknown = i, .first = shape.size, .end = 0, .has_own = has_own[i]};
    for (const auto j : graph.of(i)) span.first = std::min(span.first, place[j]), span.end = std::max(span.end, place[j] + 1);
    if (span.end == 0) span.first = 0;
    spans.push_back(span);
  }
  std::vector<Bundle> bundles;
  if (!bundle(std::move(spans), bundles)) return std::nullopt;

  for (const auto& one : bundles) {
    found.groups.push_back({.first_eliminated = static_cast<std::int32_t>(found.order.size()),
                            .eliminated = static_cast<std::int32_t>(one.unknowns.size()),
                            .first_remaining = one.range.first,
                            .remaining = one.range.end - one.range.first,
                            .has_own = one.range.has_own});
    found.order.insert(found.order.end(), one.unknowns.begin(), one.unknowns.end());
  }
  found.eliminated = static_cast<std::int32_t>(found.order.size());
  found.remaining = static_cast<std::int32_t>(remainder.size());
  found.order.insert(found.order.end(), remainder.begin(), remainder.end());
  for (std::size_t k = 0; k < size; ++k) place[found.order[k]] = static_cast<std::int32_t>(k);
  for (const auto unknown : found.order) found.nets.push_back(net_of[unknown]);
  find_rows(graph, place, found);
  count_flops(found);

  if (!pays(graph, found, !shape.own.empty())) return std::nullopt;
  return found;
}

}  // namespace tellegen
