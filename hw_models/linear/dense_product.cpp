#include "hw_models/linear/dense_product.hpp"

#include <stdexcept>

#include <cblas.h>

namespace tellegen {
namespace {

/// Sums in several threads would depend on how many there are.
void stay_on_one_thread() {
  static const bool done = [] {
    openblas_set_num_threads(1);
    return true;
  }();
  static_cast<void>(done);
}

void require(bool sizes_fit) {
  if (!sizes_fit) throw std::invalid_argument("the sizes of a matrix product do not fit");
}

}  // namespace

void add_transposed_product(const DenseView& a, const DenseView& b, const MutableDenseView& c) {
  require(a.rows == b.rows && a.columns == c.rows && b.columns == c.columns);
  if (a.rows == 0 || c.rows == 0 || c.columns == 0) return;
  stay_on_one_thread();
  cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, c.rows, c.columns, a.rows, 1.0, a.values, a.stride, b.values, b.stride,
              1.0, c.values, c.stride);
}

void add_product_with_transposed(const DenseView& a, const DenseView& b, const MutableDenseView& c) {
  require(a.columns == b.columns && a.rows == c.rows && b.rows == c.columns);
  if (a.columns == 0 || c.rows == 0 || c.columns == 0) return;
  stay_on_one_thread();
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, c.rows, c.columns, a.columns, 1.0, a.values, a.stride, b.values, b.stride,
              1.0, c.values, c.stride);
}

}  // namespace tellegen
