#pragma once
// Random symmetric systems for the tests of linear plans, and their dense solution.

#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "hw_models/linear/linear_plan.hpp"

namespace tellegen::test {

struct SymmetricCase {
  std::string name;
  SystemShape shape;
  std::vector<double> values;  ///< by entry
};

using Edges = std::vector<std::pair<std::int32_t, std::int32_t>>;

/// Conductances of either sign on the edges, and diagonals that dominate them. The entries are shuffled.
inline SymmetricCase case_of(std::string name, std::int32_t size, const Edges& edges, std::mt19937& random) {
  std::uniform_real_distribution<double> conductance(-1.0, 1.0), leak(0.1, 1.0);
  SymmetricCase c{.name = std::move(name), .shape = {.size = size, .entries = {}, .is_symmetric = true, .own = {}}, .values = {}};
  std::vector<double> diagonal(static_cast<std::size_t>(size));
  for (auto& d : diagonal) d = leak(random);
  std::vector<std::pair<MatrixEntry, double>> cells;
  for (auto [one, other] : edges) {
    if (one < other) std::swap(one, other);
    const double g = conductance(random);
    cells.push_back({{one, other}, g});
    diagonal[one] += std::abs(g);
    diagonal[other] += std::abs(g);
  }
  for (std::int32_t i = 0; i < size; ++i) cells.push_back({{i, i}, diagonal[i]});
  std::shuffle(cells.begin(), cells.end(), random);
  for (const auto& [entry, value] : cells) {
    c.shape.entries.push_back(entry);
    c.values.push_back(value);
  }
  return c;
}

inline Edges path_edges(std::int32_t size) {
  Edges edges;
  for (std::int32_t i = 1; i < size; ++i) edges.emplace_back(i - 1, i);
  return edges;
}

inline Edges mesh_edges(std::int32_t side) {
  Edges edges;
  for (std::int32_t i = 0; i < side; ++i)
    for (std::int32_t j = 0; j < side; ++j) {
      if (i + 1 < side) edges.emplace_back(i * side + j, (i + 1) * side + j);
      if (j + 1 < side) edges.emplace_back(i * side + j, i * side + j + 1);
    }
  return edges;
}

inline Edges dense_edges(std::int32_t size) {
  Edges edges;
  for (std::int32_t i = 0; i < size; ++i)
    for (std::int32_t j = 0; j < i; ++j) edges.emplace_back(i, j);
  return edges;
}

inline Edges tree_edges(std::int32_t size, std::mt19937& random) {
  Edges edges;
  for (std::int32_t i = 1; i < size; ++i) edges.emplace_back(std::uniform_int_distribution<std::int32_t>(0, i - 1)(random), i);
  return edges;
}

/// A path, every node of which has one leaf.
inline Edges comb_edges(std::int32_t teeth) {
  Edges edges = path_edges(teeth);
  for (std::int32_t i = 0; i < teeth; ++i) edges.emplace_back(i, teeth + i);
  return edges;
}

inline Edges random_edges(std::int32_t size, double density, std::mt19937& random) {
  Edges edges;
  for (const auto& edge : dense_edges(size))
    if (std::uniform_real_distribution<double>(0.0, 1.0)(random) < density) edges.push_back(edge);
  return edges;
}

/// Two graphs side by side, not connected.
inline Edges side_by_side(Edges edges, std::int32_t size, const Edges& others) {
  for (const auto& [one, other] : others) edges.emplace_back(one + size, other + size);
  return edges;
}

inline std::vector<SymmetricCase> symmetric_cases(std::mt19937& random) {
  std::vector<SymmetricCase> cases;
  for (const std::int32_t n : {1, 2, 3, 4, 5, 8, 9, 33, 200})
    cases.push_back(case_of("path of " + std::to_string(n), n, path_edges(n), random));
  for (const std::int32_t n : {2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 23, 40})
    cases.push_back(case_of("dense " + std::to_string(n), n, dense_edges(n), random));
  for (const std::int32_t n : {2, 3, 5, 9, 14})
    cases.push_back(case_of("mesh of side " + std::to_string(n), n * n, mesh_edges(n), random));
  for (const std::int32_t n : {5, 17, 60, 150})
    cases.push_back(case_of("tree of " + std::to_string(n), n, tree_edges(n, random), random));
  for (const std::int32_t n : {3, 20, 70}) cases.push_back(case_of("comb of " + std::to_string(n), 2 * n, comb_edges(n), random));
  for (const std::int32_t n : {6, 12, 25, 50, 90})
    for (const double density : {0.05, 0.15, 0.4})
      cases.push_back(
          case_of("random " + std::to_string(n) + " at " + std::to_string(density), n, random_edges(n, density, random), random));
  for (const std::int32_t n : {1, 7, 40}) cases.push_back(case_of("diagonal of " + std::to_string(n), n, {}, random));
  cases.push_back(case_of("two paths", 90, side_by_side(path_edges(30), 30, path_edges(60)), random));
  cases.push_back(case_of("mesh and path", 136, side_by_side(mesh_edges(6), 36, path_edges(100)), random));
  cases.push_back(case_of(
      "path between meshes", 172,
      [] {
        auto edges = side_by_side(side_by_side(mesh_edges(6), 36, path_edges(100)), 136, mesh_edges(6));
        edges.emplace_back(35, 36);
        edges.emplace_back(135, 136);
        return edges;
      }(),
      random));
  return cases;
}

/// The whole matrix [row * size + column], with a sample's own values added.
inline std::vector<double> dense_of(const SymmetricCase& c, std::span<const double> own = {}) {
  const auto n = static_cast<std::size_t>(c.shape.size);
  std::vector<double> a(n * n, 0.0);
  const auto add = [&](MatrixEntry e, double value) {
    a[e.row * n + e.column] += value;
    if (e.row != e.column) a[e.column * n + e.row] += value;
  };
  for (std::size_t e = 0; e < c.values.size(); ++e) add(c.shape.entries[e], c.values[e]);
  for (std::size_t j = 0; j < own.size(); ++j) add(c.shape.entries[c.shape.own[j]], own[j]);
  return a;
}

inline std::vector<double> product_of(std::span<const double> a, std::span<const double> x) {
  std::vector<double> y(x.size(), 0.0);
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = 0; j < x.size(); ++j) y[i] += a[i * x.size() + j] * x[j];
  return y;
}

inline std::vector<double> random_values(std::size_t count, double low, double high, std::mt19937& random) {
  std::uniform_real_distribution<double> value(low, high);
  std::vector<double> values(count);
  for (auto& v : values) v = value(random);
  return values;
}

}  // namespace tellegen::test
