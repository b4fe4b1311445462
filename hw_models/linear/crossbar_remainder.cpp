#include "hw_models/linear/crossbar_remainder.hpp"

#include <algorithm>
#include <cstring>

namespace tellegen {
namespace {

/// Residual at which a sample has arrived, relative to its right-hand side.
constexpr double descent_tolerance = 1e-15;
/// More steps than this cost as much as factors.
constexpr int most_steps = 48;

}  // namespace

RemainderFactors::RemainderFactors(CrossbarMatrix& matrix, InstructionSet set)
    : matrix_(matrix), one_(triangle_kernels(set).one), kernels_(triangle_kernels(set).with(static_cast<int>(matrix.lanes()))),
      least_(matrix.remaining() * matrix.lanes()), space_(triangle_block * matrix.remaining() * matrix.lanes()) {}

bool RemainderFactors::factor(const double* inverse, const double* diagonal) {
  is_shared_ = false;
  const auto entries = static_cast<std::size_t>(matrix_.structure().remainder_entries);
  if (schur_.size() == 0) schur_ = LaneArray((entries + 1) * matrix_.lanes());
  matrix_.form_schur(inverse, schur_.data());
  kernels_.add_diagonal(matrix_.triangle(), diagonal, matrix_.round_off(), schur_.data(), least_.data());
  return kernels_.factor(matrix_.triangle(), least_.data(), schur_.data(), space_.data());
}

bool RemainderFactors::factor_shared() {
  is_shared_ = true;
  if (shared_.size() == 0) shared_ = LaneArray(static_cast<std::size_t>(matrix_.structure().remainder_entries));
  matrix_.form_shared_schur(shared_.data());
  one_.add_diagonal(matrix_.triangle(), matrix_.remaining_diagonal().shared, matrix_.round_off(), shared_.data(), least_.data());
  return one_.factor(matrix_.triangle(), least_.data(), shared_.data(), space_.data());
}

void RemainderFactors::solve(double* x) {
  if (is_shared_)
    kernels_.solve_shared(matrix_.triangle(), shared_.data(), x, space_.data());
  else
    kernels_.solve(matrix_.triangle(), schur_.data(), x, space_.data());
}

std::int32_t RemainderFactors::failed_row() const {
  const auto& factors = is_shared_ ? shared_ : schur_;
  const std::size_t lanes = is_shared_ ? 1 : matrix_.lanes();
  const auto& structure = matrix_.structure();
  for (std::int32_t i = 0; i < structure.remaining; ++i)
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double inverse_pivot = factors[static_cast<std::size_t>(structure.row_offsets[i] + i) * lanes + lane];
      // The limit itself is not exactly 1 / ( 1 / limit ).
      if (!(inverse_pivot > 0 && inverse_pivot * least_[i * lanes + lane] < 1 - 1e-9)) return i;
    }
  return structure.remaining - 1;
}

RemainderDescent::RemainderDescent(CrossbarMatrix& matrix, InstructionSet set)
    : matrix_(matrix),
      kernels_(crossbar_kernels(set).with(static_cast<int>(matrix.lanes()))),
      zeros_(matrix.eliminated(), 0.0),
      inverse_(matrix.remaining() * matrix.lanes()),
      x_(inverse_.size()),
      residual_(inverse_.size()),
      direction_(inverse_.size()),
      image_(inverse_.size()),
      eliminated_(matrix.eliminated() * matrix.lanes()),
      energy_(matrix.lanes()),
      target_(matrix.lanes()) {}

bool RemainderDescent::prepare(const double* own) { return kernels_.invert(matrix_.remaining_diagonal(), own, inverse_.data()); }

bool RemainderDescent::solve(const double* inverse, const double* diagonal, double* x) {
  const std::size_t bytes = inverse_.size() * sizeof(double);
  std::memcpy(residual_.data(), x, bytes);
  const DescentView view{static_cast<std::int32_t>(matrix_.remaining()),
                         inverse_.data(),
                         x_.data(),
                         residual_.data(),
                         direction_.data(),
                         image_.data(),
                         energy_.data(),
                         target_.data()};
  kernels_.begin_descent(view, descent_tolerance);
  for (steps_ = 1; steps_ <= most_steps; ++steps_) {
    kernels_.negative_product(view.size, diagonal, direction_.data(), image_.data());
    matrix_.subtract_couplings(direction_.data(), image_.data());
    matrix_.spread(direction_.data(), zeros_.data(), inverse, eliminated_.data());
    matrix_.gather(eliminated_.data(), image_.data());
    const auto state = kernels_.descend(view);
    if (state == DescentState::failed) return false;
    if (state == DescentState::descending) continue;
    std::memcpy(x, x_.data(), bytes);
    return true;
  }
  return false;
}

}  // namespace tellegen
