#pragma once
// Networks of conductances as linear systems, for the tests of the crossbar plan.

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include "hw_models/lanes/lane_array.hpp"
#include "hw_models/linear/linear_plan.hpp"

namespace tellegen::test {

/// A shape and its shared values.
struct Network {
  SystemShape shape;
  std::vector<double> values;  // [S] by entry
};

/// Conductances between unknowns and to ground. Unknowns may be renamed at random: a plan must not rely on the order of a deck.
class NetworkBuilder {
 public:
  NetworkBuilder(std::int32_t size, std::mt19937& random, bool renamed)
      : names_(static_cast<std::size_t>(size)), diagonal_(names_.size(), 0.0) {
    std::iota(names_.begin(), names_.end(), 0);
    if (renamed) std::shuffle(names_.begin(), names_.end(), random);
  }
  void connect(std::int32_t a, std::int32_t b, double conductance) {
    a = names_[a];
    b = names_[b];
    diagonal_[a] += conductance;
    diagonal_[b] += conductance;
    between_[std::minmax(a, b)] -= conductance;
  }
  void ground(std::int32_t a, double conductance) { diagonal_[names_[a]] += conductance; }
  /// Samples add to the diagonal of this unknown.
  void own(std::int32_t a) { own_.push_back(names_[a]); }

  [[nodiscard]] Network network() const {
    Network made;
    made.shape.size = static_cast<std::int32_t>(names_.size());
    std::map<std::pair<std::int32_t, std::int32_t>, double> cells;  // by row, column of the lower triangle
    for (const auto& [pair, value] : between_) cells[{pair.second, pair.first}] = value;
    for (std::int32_t i = 0; i < made.shape.size; ++i) cells[{i, i}] = diagonal_[i];
    for (const auto& [place, value] : cells) {
      if (place.first == place.second && std::ranges::count(own_, place.first) > 0)
        made.shape.own.push_back(static_cast<std::int32_t>(made.values.size()));
      made.shape.entries.push_back({place.first, place.second});
      made.values.push_back(value);
    }
    return made;
  }

 private:
  std::vector<std::int32_t> names_, own_;
  std::vector<double> diagonal_;
  std::map<std::pair<std::int32_t, std::int32_t>, double> between_;
};

struct NetOptions {
  double density = 1.0;     ///< share of the synapses that are there
  bool renamed = true;
  bool has_own = true;      ///< samples add to the unknowns of every layer but the last
  double ground = 1e-4;     ///< [S] of every unknown
  double own_share = 1.0;   ///< of those unknowns, the share that samples add to
};

/// Layers of unknowns with random conductances of 1 to 100 uS between neighbouring layers.
inline Network layered_net(const std::vector<std::int32_t>& layers, unsigned seed, const NetOptions& options = {}) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> conductance(1e-6, 1e-4), chance(0, 1);
  NetworkBuilder builder(std::accumulate(layers.begin(), layers.end(), 0), random, options.renamed);
  std::int32_t first = 0;
  for (std::size_t layer = 0; layer < layers.size(); first += layers[layer++])
    for (std::int32_t i = first; i < first + layers[layer]; ++i) {
      builder.ground(i, options.ground);
      if (layer + 1 == layers.size()) continue;
      if (options.has_own && chance(random) < options.own_share) builder.own(i);
      for (std::int32_t j = 0; j < layers[layer + 1]; ++j)
        if (chance(random) < options.density) builder.connect(i, first + layers[layer] + j, conductance(random));
    }
  return builder.network();
}

/// Square mesh of unit conductances, every node grounded a little.
inline Network mesh(std::int32_t side, bool has_own) {
  std::mt19937 random(1);
  NetworkBuilder builder(side * side, random, false);
  for (std::int32_t i = 0; i < side; ++i)
    for (std::int32_t j = 0; j < side; ++j) {
      builder.ground(i * side + j, 0.1);
      if (has_own) builder.own(i * side + j);
      if (i + 1 < side) builder.connect(i * side + j, (i + 1) * side + j, 1.0);
      if (j + 1 < side) builder.connect(i * side + j, i * side + j + 1, 1.0);
    }
  return builder.network();
}

/// Every unknown but the first hangs on unknown (i - 1) / branches: a ladder for one branch, else a tree.
inline Network tree(std::int32_t size, std::int32_t branches) {
  std::mt19937 random(1);
  NetworkBuilder builder(size, random, true);
  for (std::int32_t i = 0; i < size; ++i) {
    builder.ground(i, 0.1);
    builder.own(i);
    if (i > 0) builder.connect(i, (i - 1) / branches, 1.0);
  }
  return builder.network();
}

/// The whole matrix of one sample, by rows.
inline std::vector<double> dense_matrix(const Network& net, const double* own, int lanes, int lane) {
  const auto n = static_cast<std::size_t>(net.shape.size);
  auto values = net.values;
  for (std::size_t j = 0; own && j < net.shape.own.size(); ++j) values[net.shape.own[j]] += own[j * lanes + lane];
  std::vector<double> a(n * n, 0.0);
  for (std::size_t e = 0; e < values.size(); ++e) {
    const auto [row, column] = net.shape.entries[e];
    a[row * n + column] = a[column * n + row] = values[e];
  }
  return a;
}

/// Gaussian elimination with row pivoting.
inline std::vector<double> dense_solution(std::vector<double> a, std::vector<double> b) {
  const auto n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i)
      if (std::abs(a[i * n + k]) > std::abs(a[pivot * n + k])) pivot = i;
    for (std::size_t j = 0; j < n; ++j) std::swap(a[k * n + j], a[pivot * n + j]);
    std::swap(b[k], b[pivot]);
    for (std::size_t i = k + 1; i < n; ++i) {
      const double f = a[i * n + k] / a[k * n + k];
      for (std::size_t j = k; j < n; ++j) a[i * n + j] -= f * a[k * n + j];
      b[i] -= f * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= a[k * n + j] * b[j];
    b[k] /= a[k * n + k];
  }
  return b;
}

inline LaneArray random_lanes(std::size_t size, unsigned seed, double least, double most) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> value(least, most);
  LaneArray made(size);
  for (std::size_t i = 0; i < size; ++i) made[i] = value(random);
  return made;
}

/// Calls check(lanes, set) for every number of lanes and every instruction set of this machine.
template <class Check>
void on_all_lanes(const Check& check) {
  for (const auto set : available_instruction_sets())
    for (const int lanes : {1, 8, 16}) check(lanes, set);
}

}  // namespace tellegen::test
