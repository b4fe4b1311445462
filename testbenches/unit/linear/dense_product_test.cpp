#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "hw_models/linear/dense_product.hpp"

using namespace tellegen;

namespace {

/// A random matrix whose rows stand a little apart.
struct Matrix {
  Matrix(int row_count, int column_count, unsigned seed)
      : rows(row_count), columns(column_count), values(static_cast<std::size_t>(row_count) * (column_count + gap)) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> value(-1, 1);
    for (auto& v : values) v = value(random);
  }
  [[nodiscard]] double at(int row, int column) const { return values[static_cast<std::size_t>(row) * (columns + gap) + column]; }
  [[nodiscard]] DenseView view() const { return {values.data(), rows, columns, columns + gap}; }
  [[nodiscard]] MutableDenseView mutable_view() { return {values.data(), rows, columns, columns + gap}; }

  static constexpr int gap = 3;
  int rows, columns;
  std::vector<double> values;
};

struct Size {
  int inputs, hidden, columns;
};

constexpr Size sizes[] = {{1, 1, 1},      {3, 2, 1},   {2, 4, 16}, {7, 5, 3}, {64, 10, 16}, {64, 64, 33},
                          {100, 30, 128}, {5, 1, 200}, {0, 3, 4},  {3, 0, 4}, {3, 4, 0}};

}  // namespace

TEST_CASE("currents of a crossbar add its transposed synapses times the inputs, whatever stands between the rows") {
  for (const auto& [inputs, hidden, columns] : sizes) {
    const Matrix g(inputs, hidden, 1), x(inputs, columns, 2), before(hidden, columns, 3);
    Matrix currents = before;
    add_transposed_product(g.view(), x.view(), currents.mutable_view());
    for (int h = 0; h < hidden; ++h)
      for (int c = 0; c < columns + Matrix::gap; ++c) {
        double sum = before.at(h, c);
        for (int i = 0; c < columns && i < inputs; ++i) sum += g.at(i, h) * x.at(i, c);
        CHECK(currents.at(h, c) == doctest::Approx(sum).epsilon(1e-12).scale(1));
      }
  }
}

TEST_CASE("the gradient of a crossbar adds the inputs times the adjoints, summed over the columns") {
  for (const auto& [inputs, hidden, columns] : sizes) {
    const Matrix x(inputs, columns, 1), adjoint(hidden, columns, 2), before(inputs, hidden, 3);
    Matrix gradient = before;
    add_product_with_transposed(x.view(), adjoint.view(), gradient.mutable_view());
    for (int i = 0; i < inputs; ++i)
      for (int h = 0; h < hidden + Matrix::gap; ++h) {
        double sum = before.at(i, h);
        for (int c = 0; h < hidden && c < columns; ++c) sum += x.at(i, c) * adjoint.at(h, c);
        CHECK(gradient.at(i, h) == doctest::Approx(sum).epsilon(1e-12).scale(1));
      }
  }
}

TEST_CASE("a dense product is the same bit for bit in every thread") {
  const Matrix g(300, 120, 1), x(300, 260, 2), zero(120, 260, 3);
  Matrix alone = zero;
  add_transposed_product(g.view(), x.view(), alone.mutable_view());
  std::vector<Matrix> results(4, zero);
  std::vector<std::thread> threads;
  for (auto& result : results) threads.emplace_back([&] { add_transposed_product(g.view(), x.view(), result.mutable_view()); });
  for (auto& thread : threads) thread.join();
  for (const auto& result : results) CHECK(result.values == alone.values);
}

TEST_CASE("sizes of a dense product that do not fit are refused") {
  const Matrix a(3, 4, 1), b(3, 5, 2);
  Matrix wrong(5, 4, 3);
  CHECK_THROWS_AS(add_transposed_product(a.view(), b.view(), wrong.mutable_view()), std::invalid_argument);
  CHECK_THROWS_AS(add_product_with_transposed(a.view(), b.view(), wrong.mutable_view()), std::invalid_argument);
}
