#pragma once
// Sparse LU of a fixed pattern: analysed once, factored many times. The only place that knows KLU.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace tellegen {

/// Square sparsity pattern in compressed columns. Built by naming entries; each has a fixed place in the value array.
class SparsePattern {
 public:
  explicit SparsePattern(std::int32_t size) : size_(size) {}

  /// Names an entry; call `freeze` after the last.
  void add(std::int32_t row, std::int32_t column) { entries_.emplace_back(column, row); }
  void freeze();
  /// Place of an entry in the value array; only after `freeze`, only for entries that were added.
  [[nodiscard]] std::int32_t place(std::int32_t row, std::int32_t column) const;

  [[nodiscard]] std::int32_t size() const { return size_; }
  [[nodiscard]] std::int32_t entries() const { return static_cast<std::int32_t>(rows_.size()); }
  [[nodiscard]] const std::vector<std::int32_t>& column_starts() const { return starts_; }
  [[nodiscard]] const std::vector<std::int32_t>& rows() const { return rows_; }

 private:
  std::int32_t size_;
  std::vector<std::pair<std::int32_t, std::int32_t>> entries_;
  std::vector<std::int32_t> starts_, rows_;
};

/// LU factors of matrices of one pattern (KLU, AMD ordering).
class SparseLu {
 public:
  explicit SparseLu(const SparsePattern& pattern);
  ~SparseLu();
  SparseLu(SparseLu&&) noexcept;
  SparseLu& operator=(SparseLu&&) noexcept;

  /// Factors the matrix; reuses the pivot order of the last one and looks for a new order only if that fails.
  /// @returns false when the matrix is singular to working precision; `singular_column` then names the unknown
  [[nodiscard]] bool factor(std::span<const double> values);
  [[nodiscard]] std::int32_t singular_column() const;

  /// Solves A x = b in place.
  void solve(std::span<double> b);
  /// Solves A^T x = b in place with the same factors.
  void solve_transposed(std::span<double> b);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tellegen
