#include <algorithm>
#include <numeric>
#include <stdexcept>

#include <klu.h>

#include "hw_models/lanes/lane_array.hpp"
#include "hw_models/linear/linear_plan.hpp"

namespace tellegen {
namespace {

/// Compressed columns of the whole matrix, and where each entry of the shape stands in them.
struct Columns {
  std::vector<std::int32_t> starts, rows;
  std::vector<std::int32_t> place, mirror;  // by entry; mirror -1: none
};

Columns columns_of(const SystemShape& shape) {
  struct Cell {
    std::int32_t column, row, entry;
    bool is_mirror;
  };
  std::vector<Cell> cells;
  for (std::size_t e = 0; e < shape.entries.size(); ++e) {
    const auto [row, column] = shape.entries[e];
    cells.push_back({column, row, static_cast<std::int32_t>(e), false});
    if (shape.is_symmetric && row != column) cells.push_back({row, column, static_cast<std::int32_t>(e), true});
  }
  std::ranges::sort(cells, {}, [](const Cell& c) { return std::pair(c.column, c.row); });
  Columns columns{.starts = std::vector<std::int32_t>(static_cast<std::size_t>(shape.size) + 1, 0), .rows = {},
                  .place = std::vector<std::int32_t>(shape.entries.size(), -1), .mirror = std::vector<std::int32_t>(shape.entries.size(), -1)};
  for (const auto& cell : cells) {
    (cell.is_mirror ? columns.mirror : columns.place)[cell.entry] = static_cast<std::int32_t>(columns.rows.size());
    columns.rows.push_back(cell.row);
    ++columns.starts[cell.column + 1];
  }
  std::partial_sum(columns.starts.begin(), columns.starts.end(), columns.starts.begin());
  return columns;
}

struct Symbolic {
  klu_symbolic* object = nullptr;
  klu_common common{};
  ~Symbolic() { klu_free_symbolic(&object, &common); }
};

/// One factor object per sample that has its own matrix, one in all while the matrix is shared.
class KluSystem final : public LaneSystem {
 public:
  KluSystem(const SystemShape& shape, const Columns& columns, std::shared_ptr<Symbolic> symbolic, int lanes)
      : shape_(shape), columns_(columns), symbolic_(std::move(symbolic)), common_(symbolic_->common), lanes_(static_cast<std::size_t>(lanes)),
        shared_(columns.rows.size(), 0.0), values_(columns.rows.size(), 0.0), column_(static_cast<std::size_t>(shape.size)), numeric_(lanes_, nullptr) {}
  KluSystem(const KluSystem&) = delete;
  KluSystem& operator=(const KluSystem&) = delete;
  ~KluSystem() override {
    for (auto*& numeric : numeric_)
      if (numeric) klu_free_numeric(&numeric, &common_);
  }

  void set_shared(std::span<const double> values) override {
    std::ranges::fill(shared_, 0.0);
    for (std::size_t e = 0; e < values.size(); ++e) add(shared_, static_cast<std::int32_t>(e), values[e]);
  }
  bool factor_shared() override {
    factored_ = 1;
    singular_ = -1;
    return factor_one(numeric_[0], shared_);
  }
  bool factor(const double* own) override {
    factored_ = lanes_;
    singular_ = -1;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      values_ = shared_;
      for (std::size_t j = 0; j < shape_.own.size(); ++j) add(values_, shape_.own[j], own[j * lanes_ + lane]);
      if (!factor_one(numeric_[lane], values_)) return false;
    }
    return true;
  }
  [[nodiscard]] std::int32_t singular_unknown() const override { return singular_; }
  void solve(double* x) override { solve_each(x, [this](klu_numeric* n, double* b) { klu_solve(symbolic_->object, n, shape_.size, 1, b, &common_); }); }
  void solve_transposed(double* x) override {
    solve_each(x, [this](klu_numeric* n, double* b) { klu_tsolve(symbolic_->object, n, shape_.size, 1, b, &common_); });
  }
  void subtract_product(const double* own, const double* x, double* r, bool transposed) const override {
    const auto subtract = [&](std::int32_t row, std::int32_t column, auto value) {
      if (transposed) std::swap(row, column);
      for (std::size_t lane = 0; lane < lanes_; ++lane) r[row * lanes_ + lane] -= value(lane) * x[column * lanes_ + lane];
    };
    const auto subtract_entry = [&](std::int32_t e, auto value) {
      const auto [row, column] = shape_.entries[e];
      subtract(row, column, value);
      if (shape_.is_symmetric && row != column) subtract(column, row, value);
    };
    for (std::size_t e = 0; e < shape_.entries.size(); ++e)
      subtract_entry(static_cast<std::int32_t>(e), [&](std::size_t) { return shared_[columns_.place[e]]; });
    for (std::size_t j = 0; own && j < shape_.own.size(); ++j) subtract_entry(shape_.own[j], [&](std::size_t lane) { return own[j * lanes_ + lane]; });
  }

 private:
  void add(std::vector<double>& values, std::int32_t entry, double value) const {
    values[columns_.place[entry]] += value;
    if (columns_.mirror[entry] >= 0) values[columns_.mirror[entry]] += value;
  }
  /// Keeps the pivot order of the last factors; looks for another where that fails, and for the largest pivots where the diagonal, which
  /// comes first, grows out of bounds.
  bool factor_one(klu_numeric*& numeric, std::vector<double>& values) {
    constexpr double least_growth = 1e-6;  // of the matrix over that of the factors: what is lost of a double's sixteen digits
    auto* starts = const_cast<std::int32_t*>(columns_.starts.data());
    auto* rows = const_cast<std::int32_t*>(columns_.rows.data());
    const auto is_sound = [&] { return klu_rgrowth(starts, rows, values.data(), symbolic_->object, numeric, &common_) && common_.rgrowth > least_growth; };
    if (numeric && klu_refactor(starts, rows, values.data(), symbolic_->object, numeric, &common_) && is_sound()) return true;
    const double preference = common_.tol;
    for (const double least_pivot : {preference, 1.0}) {  // of the largest of its column
      if (numeric) klu_free_numeric(&numeric, &common_);
      common_.tol = least_pivot;
      numeric = klu_factor(starts, rows, values.data(), symbolic_->object, &common_);
      common_.tol = preference;
      if (!numeric || common_.status != KLU_OK || is_sound()) break;
    }
    if (numeric && common_.status == KLU_OK) return true;
    singular_ = common_.singular_col;
    return false;
  }
  template <class Solve>
  void solve_each(double* x, const Solve& solve) {
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      auto* numeric = numeric_[factored_ == 1 ? 0 : lane];
      if (lanes_ == 1) return solve(numeric, x);
      for (std::size_t i = 0; i < column_.size(); ++i) column_[i] = x[i * lanes_ + lane];
      solve(numeric, column_.data());
      for (std::size_t i = 0; i < column_.size(); ++i) x[i * lanes_ + lane] = column_[i];
    }
  }

  const SystemShape& shape_;
  const Columns& columns_;
  std::shared_ptr<Symbolic> symbolic_;
  klu_common common_;
  std::size_t lanes_;
  std::size_t factored_ = 0;
  std::int32_t singular_ = -1;
  std::vector<double> shared_, values_, column_;
  std::vector<klu_numeric*> numeric_;
};

class KluPlan final : public LinearPlan {
 public:
  explicit KluPlan(const SystemShape& shape) : shape_(shape), columns_(columns_of(shape)), order_(static_cast<std::size_t>(shape.size)), symbolic_(std::make_shared<Symbolic>()) {
    std::iota(order_.begin(), order_.end(), 0);
    klu_defaults(&symbolic_->common);
    symbolic_->common.scale = 2;
    symbolic_->object = klu_analyze(shape.size, columns_.starts.data(), columns_.rows.data(), &symbolic_->common);
    if (!symbolic_->object) throw std::runtime_error("the pattern of a linear system could not be analysed");
    description_ = {.name = "KLU", .unknowns = shape.size, .matrix_entries = columns_.rows.size(),
                    .factor_entries = static_cast<std::size_t>(std::max(0.0, symbolic_->object->lnz + symbolic_->object->unz)),
                    .factor_flops = std::max(0.0, symbolic_->object->est_flops), .solve_flops = 2 * std::max(0.0, symbolic_->object->lnz + symbolic_->object->unz),
                    .details = "partial pivoting, sample by sample"};
  }
  [[nodiscard]] std::span<const std::int32_t> order() const override { return order_; }
  [[nodiscard]] const PlanDescription& description() const override { return description_; }
  [[nodiscard]] std::unique_ptr<LaneSystem> make_system(int lanes, InstructionSet, Precision) const override {
    return std::make_unique<KluSystem>(shape_, columns_, symbolic_, lanes);
  }

 private:
  SystemShape shape_;
  Columns columns_;
  std::vector<std::int32_t> order_;
  std::shared_ptr<Symbolic> symbolic_;
  PlanDescription description_;
};

}  // namespace

std::shared_ptr<const LinearPlan> make_klu_plan(const SystemShape& shape) { return std::make_shared<KluPlan>(shape); }

}  // namespace tellegen
