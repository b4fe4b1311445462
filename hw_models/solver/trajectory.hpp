#pragma once
// Recorded runs.

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace tellegen {

/// Rows of equal width: one row per time step (row 0 is t_1) or per sample.
class Table {
 public:
  Table() = default;
  Table(std::size_t rows, std::size_t columns) : columns_(columns), values_(rows * columns, 0.0) {}

  [[nodiscard]] std::size_t rows() const { return columns_ == 0 ? 0 : values_.size() / columns_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] std::span<double> row(std::size_t r) { return std::span(values_).subspan(r * columns_, columns_); }
  /// Empty when there are no columns.
  [[nodiscard]] std::span<const double> row(std::size_t r) const { return std::span(values_).subspan(r * columns_, columns_); }
  [[nodiscard]] double& at(std::size_t r, std::size_t c) { return values_[r * columns_ + c]; }
  [[nodiscard]] double at(std::size_t r, std::size_t c) const { return values_[r * columns_ + c]; }
  [[nodiscard]] std::vector<double> column(std::size_t c) const {
    std::vector<double> out(rows());
    for (std::size_t r = 0; r < out.size(); ++r) out[r] = at(r, c);
    return out;
  }

 private:
  std::size_t columns_ = 0;
  std::vector<double> values_;
};

/// What a run leaves behind, one row per step.
struct Trajectory {
  Table voltages;         // [V] by node, column 0 is ground; behind the nodes [A] by voltage source: all unknowns
  Table controlling;      // [V s^(1-b)] controlling variable z by branch (in an echo: its deviation)
  Table source_currents;  // [A] by source
  Table states;           // internal states of the branches

  Trajectory() = default;
  Trajectory(std::size_t steps, std::size_t unknowns, std::size_t branches, std::size_t sources, std::size_t internal_states)
      : voltages(steps, unknowns), controlling(steps, branches), source_currents(steps, sources), states(steps, internal_states) {}
};

}  // namespace tellegen
