#pragma once
// The two ways to solve S x = b in the remainder of a crossbar: factors of S, or conjugate gradients that never form it.

#include <vector>

#include "hw_models/linear/crossbar_matrix.hpp"

namespace tellegen {

/// Dense LDL^T of the Schur complement. Its memory is taken when it is first needed.
class RemainderFactors {
 public:
  RemainderFactors(CrossbarMatrix& matrix, InstructionSet set);

  /// @param inverse   1 / D by place and sample
  /// @param diagonal  of A_RR by place and sample
  /// @returns false when the matrix of any sample is singular, or not definite
  [[nodiscard]] bool factor(const double* inverse, const double* diagonal);
  /// Factors the matrix without own diagonals, once for all samples.
  [[nodiscard]] bool factor_shared();
  /// Solves in place with the last factors.
  void solve(double* x);
  /// Row of the first pivot that failed in the last factors.
  [[nodiscard]] std::int32_t failed_row() const;

 private:
  CrossbarMatrix& matrix_;
  const TriangleLaneKernels &one_, &kernels_;
  bool is_shared_ = false;
  LaneArray schur_;         // S, then its factors; one place more than the triangle
  LaneArray shared_;        // the same for one matrix
  LaneArray least_, space_;
};

/// Conjugate gradients with diagonal preconditioning, to round-off. In a net of dense layers all but a few directions of S are
/// nearly its diagonal, so that ten steps or so are enough, each two products with N.
class RemainderDescent {
 public:
  RemainderDescent(CrossbarMatrix& matrix, InstructionSet set);

  /// Takes the diagonals of A_RR by place and sample. @returns false unless all are positive
  [[nodiscard]] bool prepare(const double* own);
  /// The inverses of these diagonals.
  [[nodiscard]] const LaneArray& inverse() const { return inverse_; }
  /// Solves in place. @returns false when it did not arrive; x is then as it was
  [[nodiscard]] bool solve(const double* inverse, const double* diagonal, double* x);
  /// Steps of the last solve.
  [[nodiscard]] int steps() const { return steps_; }

 private:
  CrossbarMatrix& matrix_;
  const CrossbarLaneKernels& kernels_;
  int steps_ = 0;
  std::vector<double> zeros_;  // by eliminated place
  LaneArray inverse_;          // of the diagonals of A_RR
  LaneArray x_, residual_, direction_, image_, eliminated_;
  LaneArray energy_, target_;
};

}  // namespace tellegen
