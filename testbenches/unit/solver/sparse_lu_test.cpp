#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "hw_models/solver/sparse_lu.hpp"

using namespace tellegen;

namespace {

struct System {
  SparsePattern pattern{0};
  std::vector<double> values;
};

/// Random sparse matrix with a strong diagonal.
System random_system(std::int32_t size, std::mt19937& random) {
  std::uniform_real_distribution<double> value(-1, 1);
  std::uniform_int_distribution<std::int32_t> place(0, size - 1);
  System system{.pattern = SparsePattern(size), .values = {}};
  for (std::int32_t i = 0; i < size; ++i) system.pattern.add(i, i);
  for (std::int32_t k = 0; k < 3 * size; ++k) system.pattern.add(place(random), place(random));
  system.pattern.freeze();
  system.values.resize(static_cast<std::size_t>(system.pattern.entries()));
  for (double& v : system.values) v = value(random);
  for (std::int32_t i = 0; i < size; ++i) system.values[system.pattern.place(i, i)] += 5;
  return system;
}

std::vector<double> multiply(const System& system, const std::vector<double>& x, bool transposed) {
  std::vector<double> y(x.size(), 0.0);
  const auto& starts = system.pattern.column_starts();
  for (std::int32_t c = 0; c < system.pattern.size(); ++c)
    for (auto e = starts[c]; e < starts[c + 1]; ++e) {
      const auto r = system.pattern.rows()[e];
      if (transposed) y[c] += system.values[e] * x[r];
      else y[r] += system.values[e] * x[c];
    }
  return y;
}

}  // namespace

TEST_CASE("one set of factors solves a sparse system and its transpose, also after new values") {
  std::mt19937 random(4);
  for (const std::int32_t size : {1, 2, 7, 60}) {
    auto system = random_system(size, random);
    SparseLu lu(system.pattern);
    for (int round = 0; round < 3; ++round) {
      REQUIRE(lu.factor(system.values));
      std::vector<double> x(static_cast<std::size_t>(size));
      for (double& v : x) v = std::uniform_real_distribution<double>(-1, 1)(random);
      auto solution = multiply(system, x, false), transposed = multiply(system, x, true);
      lu.solve(solution);
      lu.solve_transposed(transposed);
      for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(solution[i] == doctest::Approx(x[i]).epsilon(1e-11).scale(1));
        CHECK(transposed[i] == doctest::Approx(x[i]).epsilon(1e-11).scale(1));
      }
      for (double& v : system.values) v *= std::uniform_real_distribution<double>(0.5, 2)(random);
    }
  }
}

TEST_CASE("a pivot order that new values make useless is replaced") {
  SparsePattern pattern(2);
  for (const std::int32_t r : {0, 1})
    for (const std::int32_t c : {0, 1}) pattern.add(r, c);
  pattern.freeze();
  SparseLu lu(pattern);
  REQUIRE(lu.factor(std::vector{10.0, 1.0, 1.0, 10.0}));
  // By columns: [1e-20 1; 1 1]. The old order would divide by 1e-20.
  REQUIRE(lu.factor(std::vector{1e-20, 1.0, 1.0, 1.0}));
  std::vector<double> b{1, 2};
  lu.solve(b);
  CHECK(b[0] == doctest::Approx(1));
  CHECK(b[1] == doctest::Approx(1));
}

TEST_CASE("a singular matrix is refused with its column, and a sound one is welcome after it") {
  SparsePattern pattern(3);
  for (std::int32_t i = 0; i < 3; ++i) pattern.add(i, i);
  pattern.freeze();
  SparseLu lu(pattern);
  CHECK_FALSE(lu.factor(std::vector{1.0, 0.0, 2.0}));
  CHECK(lu.singular_column() == 1);
  REQUIRE(lu.factor(std::vector{1.0, 4.0, 2.0}));
  std::vector<double> b{1, 8, 2};
  lu.solve(b);
  CHECK(b == std::vector<double>{1, 2, 1});
}

TEST_CASE("small diagonal entries that grow from column to column do not spoil a solution, transposed or not") {
  constexpr std::int32_t size = 12;
  const auto entry = [](std::int32_t row, std::int32_t column) { return row == column ? 2e-3 : column == size - 1 ? 1.0 : row > column ? -1.0 : 0.0; };
  SparsePattern pattern(size);
  std::vector<std::pair<std::int32_t, std::int32_t>> places;
  for (std::int32_t row = 0; row < size; ++row)
    for (std::int32_t column = 0; column < size; ++column)
      if (entry(row, column) != 0) pattern.add(row, column), places.emplace_back(row, column);
  pattern.freeze();
  std::vector<double> values(static_cast<std::size_t>(pattern.entries()));
  for (const auto& [row, column] : places) values[static_cast<std::size_t>(pattern.place(row, column))] = entry(row, column);
  SparseLu lu(pattern);
  for (const bool again : {false, true}) {
    REQUIRE(lu.factor(values));
    for (const bool transposed : {false, true}) {
      std::vector<double> b(size);
      for (std::size_t i = 0; i < b.size(); ++i) b[i] = 1 + 0.1 * static_cast<double>(i);
      auto x = b;
      transposed ? lu.solve_transposed(x) : lu.solve(x);
      CAPTURE(again);
      CAPTURE(transposed);
      for (const auto& [row, column] : places) transposed ? b[column] -= entry(row, column) * x[row] : b[row] -= entry(row, column) * x[column];
      for (const double residual : b) CHECK(std::abs(residual) < 1e-12);
    }
  }
}
