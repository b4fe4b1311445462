#include "hw_models/linear/elimination_order.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

#include "hw_models/linear/supernode_partition.hpp"
#include "unit/linear/symmetric_cases.hpp"

namespace tellegen {
namespace {

SymmetricGraph graph_of(const SystemShape& shape) {
  std::vector<SymmetricGraph::Edge> edges;
  for (const auto [row, column] : shape.entries) edges.push_back({row, column});
  return {shape.size, edges};
}

/// Rows below each diagonal of the factor, by elimination as on paper.
std::vector<std::set<std::int32_t>> fill_on_paper(const SymmetricGraph& graph, std::span<const std::int32_t> order) {
  std::vector<std::int32_t> place(order.size());
  for (std::size_t k = 0; k < order.size(); ++k) place[order[k]] = static_cast<std::int32_t>(k);
  std::vector<std::set<std::int32_t>> columns(order.size());
  for (std::size_t k = 0; k < order.size(); ++k)
    for (const auto neighbour : graph.neighbours(order[k]))
      if (place[neighbour] > static_cast<std::int32_t>(k)) columns[k].insert(place[neighbour]);
  for (const auto& column : columns) {
    if (column.empty()) continue;
    const auto parent = *column.begin();
    columns[parent].insert(std::next(column.begin()), column.end());
  }
  return columns;
}

std::size_t entries_of(const std::vector<std::set<std::int32_t>>& columns) {
  return std::accumulate(columns.begin(), columns.end(), std::size_t{0}, [](std::size_t n, const auto& c) { return n + c.size(); });
}

}  // namespace

TEST_CASE("an elimination knows its fill and its tree as elimination on paper finds them") {
  std::mt19937 random(11);
  for (const auto& c : test::symmetric_cases(random)) {
    CAPTURE(c.name);
    const auto graph = graph_of(c.shape);
    const auto chosen = choose_elimination(graph);
    const auto columns = fill_on_paper(graph, chosen.order);
    for (std::size_t k = 0; k < columns.size(); ++k) {
      CHECK(chosen.entries[k] == static_cast<std::int32_t>(columns[k].size()));
      CHECK(chosen.parent[k] == (columns[k].empty() ? -1 : *columns[k].begin()));
    }
  }
}

TEST_CASE("the chosen order fills no more than the order as it is, and a forest not at all") {
  std::mt19937 random(12);
  for (const auto& c : test::symmetric_cases(random)) {
    CAPTURE(c.name);
    const auto graph = graph_of(c.shape);
    const auto chosen = entries_of(fill_on_paper(graph, choose_elimination(graph).order));
    std::vector<std::int32_t> natural(static_cast<std::size_t>(c.shape.size));
    std::iota(natural.begin(), natural.end(), 0);
    CHECK(chosen <= entries_of(fill_on_paper(graph, natural)));
    if (c.name.starts_with("path of") || c.name.starts_with("tree") || c.name.starts_with("comb")) CHECK(chosen == graph.edges());
  }
}

TEST_CASE("a path is eliminated from both ends, in two chains of equal length") {
  std::mt19937 random(13);
  for (const std::int32_t size : {101, 2000}) {
    const auto c = test::case_of("path", size, test::path_edges(size), random);
    const auto p = partition_into_supernodes(graph_of(c.shape));
    std::vector<std::int32_t> lengths{0};
    for (std::int32_t s = 0; s < p.supernodes(); ++s) {
      if (!p.is_link(s)) continue;
      ++lengths.back();
      if (p.rows_of(s).front() != p.first[s] + 1) lengths.push_back(0);
    }
    if (lengths.back() == 0) lengths.pop_back();
    REQUIRE(lengths.size() == 2);
    CHECK(std::abs(lengths[0] - lengths[1]) <= 2);
    CHECK(lengths[0] + lengths[1] >= size - 3);
  }
}

TEST_CASE("blocks hold every entry of the factor, and their rows ascend") {
  std::mt19937 random(14);
  for (const auto& c : test::symmetric_cases(random)) {
    CAPTURE(c.name);
    const auto graph = graph_of(c.shape);
    const auto p = partition_into_supernodes(graph);
    const auto columns = fill_on_paper(graph, p.order);
    for (std::int32_t s = 0; s < p.supernodes(); ++s) {
      const auto rows = p.rows_of(s);
      CHECK(std::ranges::is_sorted(rows));
      for (auto k = p.first[s]; k < p.first[s + 1]; ++k)
        for (const auto row : columns[k]) CHECK((row < p.first[s + 1] || std::ranges::binary_search(rows, row)));
    }
  }
}

}  // namespace tellegen
