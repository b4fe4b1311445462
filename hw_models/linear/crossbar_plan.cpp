#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "hw_models/linear/crossbar_remainder.hpp"

namespace tellegen {
namespace {

/// Unknowns of the remainder up to which factors and one solve are faster than 16 steps of conjugate gradients; nets of dense
/// layers take about 7. For samples in lanes, and for one alone.
constexpr std::int32_t most_factored = 48, most_factored_alone = 32;
constexpr double usual_steps = 7;

class CrossbarSystem final : public LaneSystem {
 public:
  CrossbarSystem(const CrossbarTopology& topology, int lanes, InstructionSet set)
      : matrix_(topology, lanes, set),
        kernels_(crossbar_kernels(set).with(lanes)),
        inverse_(matrix_.eliminated() * matrix_.lanes()),
        diagonal_(matrix_.remaining() * matrix_.lanes()),
        factors_(matrix_, set) {
    if (topology.structure.remaining > (lanes == 1 ? most_factored_alone : most_factored)) descent_.emplace(matrix_, set);
  }

  void set_shared(std::span<const double> values) override { matrix_.set(values); }

  bool factor_shared() override {
    descends_ = false;
    if (!kernels_.invert(matrix_.eliminated_diagonal(), nullptr, inverse_.data())) return fails_at(not_positive(inverse_));
    return factors_.factor_shared() ? succeeds() : fails_at(first_remaining() + factors_.failed_row());
  }

  bool factor(const double* own) override {
    descends_ = false;
    if (!kernels_.invert(matrix_.eliminated_diagonal(), own, inverse_.data())) return fails_at(not_positive(inverse_));
    kernels_.assemble(matrix_.remaining_diagonal(), own, diagonal_.data());
    if (!descent_ || !matrix_.is_dominant(own))
      return factors_.factor(inverse_.data(), diagonal_.data()) ? succeeds()
                                                                : fails_at(first_remaining() + factors_.failed_row());
    if (!descent_->prepare(own)) return fails_at(first_remaining() + not_positive(descent_->inverse()));
    descends_ = true;
    return succeeds();
  }

  [[nodiscard]] std::int32_t singular_unknown() const override { return singular_; }

  void solve(double* x) override {
    double* const remaining = x + matrix_.eliminated() * matrix_.lanes();
    kernels_.scale(matrix_.structure().eliminated, inverse_.data(), x);
    matrix_.gather(x, remaining);
    solve_remaining(remaining);
    matrix_.spread(remaining, nullptr, inverse_.data(), x);
  }

  void subtract_product(const double* own, const double* x, double* r, bool) const override {
    const double* const x_remaining = x + matrix_.eliminated() * matrix_.lanes();
    double* const r_remaining = r + matrix_.eliminated() * matrix_.lanes();
    matrix_.gather(x, r_remaining);
    matrix_.spread(x_remaining, nullptr, nullptr, r);
    matrix_.subtract_couplings(x_remaining, r_remaining);
    kernels_.subtract_diagonal(matrix_.eliminated_diagonal(), own, x, r);
    kernels_.subtract_diagonal(matrix_.remaining_diagonal(), own, x_remaining, r_remaining);
  }

 private:
  [[nodiscard]] std::int32_t first_remaining() const { return matrix_.structure().eliminated; }
  bool succeeds() {
    singular_ = -1;
    return true;
  }
  bool fails_at(std::int32_t place) {
    singular_ = matrix_.structure().order[place];
    return false;
  }
  /// First place whose inverse, in any sample, is not that of a positive number.
  [[nodiscard]] std::int32_t not_positive(const LaneArray& inverse) const {
    std::size_t k = 0;
    while (k + 1 < inverse.size() && inverse[k] > 0 && std::isfinite(inverse[k])) ++k;
    return static_cast<std::int32_t>(k / matrix_.lanes());
  }
  void solve_remaining(double* x) {
    if (descends_ && descent_->solve(inverse_.data(), diagonal_.data(), x)) return;
    // It did not arrive: this matrix is factored after all, and its further right-hand sides are solved with the factors.
    if (descends_ && !factors_.factor(inverse_.data(), diagonal_.data())) {
      singular_ = matrix_.structure().order[first_remaining() + factors_.failed_row()];
      std::fill_n(x, matrix_.remaining() * matrix_.lanes(), std::numeric_limits<double>::quiet_NaN());
      return;
    }
    descends_ = false;
    factors_.solve(x);
  }

  CrossbarMatrix matrix_;
  const CrossbarLaneKernels& kernels_;
  LaneArray inverse_;   // 1 / D by eliminated place
  LaneArray diagonal_;  // of A_RR
  RemainderFactors factors_;
  std::optional<RemainderDescent> descent_;
  std::int32_t singular_ = -1;
  bool descends_ = false;  // conjugate gradients serve the last matrix
};

class CrossbarPlan final : public LinearPlan {
 public:
  CrossbarPlan(const SystemShape& shape, CrossbarStructure structure) : topology_(shape, std::move(structure)) {
    const auto& found = topology_.structure;
    const auto diagonals = static_cast<std::size_t>(shape.size);
    const auto size = std::to_string(found.eliminated) + " x " + std::to_string(found.remaining);
    description_ = {.name = "crossbar",
                    .unknowns = shape.size,
                    .matrix_entries = 2 * shape.entries.size() - diagonals,
                    .factor_entries = static_cast<std::size_t>(found.synapses() + found.eliminated),
                    .factor_flops = static_cast<double>(found.eliminated),
                    .solve_flops = found.solve_flops,
                    .details = {}};
    if (found.remaining > most_factored && !shape.own.empty()) {
      const double step = 4.0 * static_cast<double>(found.synapses()) + 12.0 * found.remaining;
      description_.solve_flops = 4.0 * static_cast<double>(found.synapses()) + usual_steps * step;
      description_.details = size + ", conjugate gradients in " + std::to_string(found.remaining);
    } else {
      description_.factor_entries += static_cast<std::size_t>(found.remainder_entries);
      description_.factor_flops += found.schur_flops + found.cholesky_flops;
      description_.details = size + ", Cholesky of " + std::to_string(found.remaining);
    }
  }
  [[nodiscard]] std::span<const std::int32_t> order() const override { return topology_.structure.order; }
  [[nodiscard]] const PlanDescription& description() const override { return description_; }
  [[nodiscard]] std::unique_ptr<LaneSystem> make_system(int lanes, InstructionSet set, Precision) const override {
    return std::make_unique<CrossbarSystem>(topology_, lanes, set);
  }

 private:
  CrossbarTopology topology_;
  PlanDescription description_;
};

}  // namespace

std::shared_ptr<const LinearPlan> make_crossbar_plan(const SystemShape& shape) {
  auto structure = find_crossbar(shape);
  if (!structure) return nullptr;
  return std::make_shared<CrossbarPlan>(shape, std::move(*structure));
}

}  // namespace tellegen
