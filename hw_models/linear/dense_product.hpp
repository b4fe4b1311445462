#pragma once
// Products of dense matrices for crossbars between known voltages and unknowns, over OpenBLAS.
//
//     currents  I[h, c]  += sum_i G[i, h] X[i, c]        add_transposed_product( G, X, I )
//     gradient  dG[i, h] += sum_c X[i, c] L[h, c]        add_product_with_transposed( X, L, dG )
//
// | symbol | meaning                                                                                              |
// |--------|------------------------------------------------------------------------------------------------------|
// | i, h   | inputs and hidden unknowns of the crossbar                                                           |
// | c      | columns: time steps by samples. From about 128 on the products run at their full rate; steps should  |
// |        | be gathered until then                                                                               |
//
// Always on the calling thread alone, so that a result is a function of its operands bit for bit. No size is worth a kernel of
// our own: 4 x 4 with 16 columns takes 0.07 us here and 0.14 us in plain loops.

namespace tellegen {

/// Matrix by rows: entry (row, column) at [row * stride + column].
struct DenseView {
  const double* values = nullptr;
  int rows = 0, columns = 0;
  int stride = 0;
};

struct MutableDenseView {
  double* values = nullptr;
  int rows = 0, columns = 0;
  int stride = 0;
};

/// c += a^T b
/// @throws std::invalid_argument sizes that do not fit
void add_transposed_product(const DenseView& a, const DenseView& b, const MutableDenseView& c);

/// c += a b^T
/// @throws std::invalid_argument sizes that do not fit
void add_product_with_transposed(const DenseView& a, const DenseView& b, const MutableDenseView& c);

}  // namespace tellegen
