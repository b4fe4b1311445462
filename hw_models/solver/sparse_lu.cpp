#include "hw_models/solver/sparse_lu.hpp"

#include <algorithm>
#include <klu.h>
#include <new>

namespace tellegen {

void SparsePattern::freeze() {
  std::ranges::sort(entries_);
  entries_.erase(std::ranges::unique(entries_).begin(), entries_.end());
  starts_.assign(static_cast<std::size_t>(size_) + 1, 0);
  rows_.clear();
  for (const auto& [column, row] : entries_) {
    ++starts_[column + 1];
    rows_.push_back(row);
  }
  for (std::int32_t c = 0; c < size_; ++c) starts_[c + 1] += starts_[c];
}

std::int32_t SparsePattern::place(std::int32_t row, std::int32_t column) const {
  const auto begin = rows_.begin() + starts_[column], end = rows_.begin() + starts_[column + 1];
  return static_cast<std::int32_t>(std::lower_bound(begin, end, row) - rows_.begin());
}

struct SparseLu::State {
  klu_common common{};
  klu_symbolic* symbolic = nullptr;
  klu_numeric* numeric = nullptr;
  std::vector<std::int32_t> starts, rows;
  std::int32_t singular = -1;

  ~State() {
    if (numeric) klu_free_numeric(&numeric, &common);
    if (symbolic) klu_free_symbolic(&symbolic, &common);
  }
};

SparseLu::SparseLu(const SparsePattern& pattern) : state_(std::make_unique<State>()) {
  auto& s = *state_;
  klu_defaults(&s.common);
  s.starts = pattern.column_starts();
  s.rows = pattern.rows();
  s.symbolic = klu_analyze(pattern.size(), s.starts.data(), s.rows.data(), &s.common);
  if (!s.symbolic && s.common.status == KLU_OUT_OF_MEMORY) throw std::bad_alloc();
}

SparseLu::~SparseLu() = default;
SparseLu::SparseLu(SparseLu&&) noexcept = default;
SparseLu& SparseLu::operator=(SparseLu&&) noexcept = default;

bool SparseLu::factor(std::span<const double> values) {
  auto& s = *state_;
  if (s.starts.size() == 1) return true;  // no unknowns: every element lies between ground and ground
  if (!s.symbolic) return false;
  // KLU takes the values by a pointer to non-const but only reads them.
  auto* const raw = const_cast<double*>(values.data());
  // An old pivot order may meet tiny pivots, and so may the diagonal, which a fresh factorisation prefers; the growth estimate tells, and
  // the largest pivots cure it.
  constexpr double acceptable_growth = 1e-6;
  const auto is_sound = [&] { return klu_rgrowth(s.starts.data(), s.rows.data(), raw, s.symbolic, s.numeric, &s.common) && s.common.rgrowth > acceptable_growth; };
  if (s.numeric && klu_refactor(s.starts.data(), s.rows.data(), raw, s.symbolic, s.numeric, &s.common) && is_sound()) return true;
  const double preference = s.common.tol;
  for (const double least_pivot : {preference, 1.0}) {  // of the largest of its column
    if (s.numeric) klu_free_numeric(&s.numeric, &s.common);
    s.common.tol = least_pivot;
    s.numeric = klu_factor(s.starts.data(), s.rows.data(), raw, s.symbolic, &s.common);
    s.common.tol = preference;
    if (!s.numeric || is_sound()) break;
  }
  if (s.numeric) return true;
  s.singular = s.common.singular_col;
  return false;
}

std::int32_t SparseLu::singular_column() const { return state_->singular; }

void SparseLu::solve(std::span<double> b) {
  auto& s = *state_;
  if (b.empty()) return;
  klu_solve(s.symbolic, s.numeric, static_cast<std::int32_t>(b.size()), 1, b.data(), &s.common);
}

void SparseLu::solve_transposed(std::span<double> b) {
  auto& s = *state_;
  if (b.empty()) return;
  klu_tsolve(s.symbolic, s.numeric, static_cast<std::int32_t>(b.size()), 1, b.data(), &s.common);
}

}  // namespace tellegen
