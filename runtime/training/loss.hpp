#pragma once
// Losses of probe waveforms and their slopes: pure numbers; which node a probe is, others know.

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "hw_models/solver/time_grid.hpp"
#include "runtime/training/loss_expression.hpp"

namespace tellegen {

enum class LossKind {
  mse,            ///< h sum_n 1/2 w_n (y_n - r_n)^2
  final_mse,      ///< 1/2 w (y_N - r_N)^2, without h
  cross_entropy,  ///< h sum_n w_n (-log p_c(n)),   p = softmax(y / s) over the term's probes
  expr,           ///< h sum_n w_n l(y.., r_n, t_n)
};

/// "mse", "final_mse", "cross_entropy" or "expr".
[[nodiscard]] std::string_view name_of(LossKind kind);

/// Closed interval of time, [s]. A step counts as inside up to half a step beyond either end.
struct TimeWindow {
  double from = 0;  // [s]
  double to = 0;    // [s]
};

/// One term of a loss.
///
/// | symbol | unit                  | meaning                                                                      |
/// |--------|-----------------------|------------------------------------------------------------------------------|
/// | y      | V, A, C, Wb, Wb/s^1/2 | probes: one of a squared error, any number of the others                     |
/// | r      | that of y             | target, r_n at [n-1], n = 1..N; may be absent from an expression             |
/// | c      | 1                     | class of a cross entropy: which of its probes is right at step n, from 0 on  |
/// | s      | that of y             | scale ("temperature") of the logits y/s of a cross entropy                   |
/// | w      | 1/[l]                 | weight: constant times that of the step; zero outside the window             |
struct LossTerm {
  LossKind kind = LossKind::mse;
  std::vector<std::size_t> probes = {0};  ///< indices into the waveforms that are given to `Loss`
  std::vector<double> target = {};
  std::vector<std::size_t> target_class = {};
  double scale = 1;
  std::shared_ptr<const LossExpression> expression = nullptr;  ///< l, of `expr` alone
  double weight = 1;
  std::vector<double> step_weights = {};  ///< w_n at [n-1]; empty: 1 throughout
  std::optional<TimeWindow> window = std::nullopt;
};

/// Sum of loss terms on a grid, L(y), and its slope dL/dy_n: exactly the loss that the exact gradient differentiates.
///
/// A controller with a clock of M steps sees y at the steps M, 2M, .. KM only, K = floor(N/M), and holds what it writes
/// for the M steps of a clock. Its own loss is the same sum over these steps with M h for h; the slope it writes at a
/// clock is a value per step, to be held for M of them. The value that a `final_mse` sees is its last one, and its
/// slope is spread over the last clock: 1/M per step. With M = 1 both are the full loss.
class Loss {
 public:
  /// @throws std::invalid_argument a term without what its kind needs, or with a series that has not N samples
  Loss(std::vector<LossTerm> terms, const TimeGrid& grid);

  /// Number of waveforms that are expected: one more than the largest probe index.
  [[nodiscard]] std::size_t probe_count() const { return probe_count_; }

  /// Loss of the waveforms y[probe][n-1], n = 1..N.
  [[nodiscard]] double value(std::span<const std::vector<double>> y) const { return value_at_stride(y, 1); }
  /// dL/dy_n into slope[probe][n-1]; sizes are set here.
  void slope(std::span<const std::vector<double>> y, std::vector<std::vector<double>>& slope) const {
    slope_at_stride(y, 1, slope);
  }

  /// What each term adds to the loss.
  [[nodiscard]] std::vector<double> term_values(std::span<const std::vector<double>> y) const;

  /// Loss of squared errors that are all one unit: what a mean square is the mean over. Terms of other kinds are left out.
  [[nodiscard]] double value_of_unit_error() const;

  /// Loss as the controller sees it: y[probe][k-1] is the sample at step k M, k = 1..K.
  [[nodiscard]] double value_at_stride(std::span<const std::vector<double>> y, std::size_t stride) const;
  /// Slope that the controller writes at clock k, into slope[probe][k-1]: per step, held for the M steps of the clock.
  void slope_at_stride(std::span<const std::vector<double>> y, std::size_t stride,
                       std::vector<std::vector<double>>& slope) const;

 private:
  void check(const LossTerm& term) const;
  [[nodiscard]] std::size_t clocks(std::span<const std::vector<double>> y, std::size_t stride) const;
  [[nodiscard]] double weight_at(const LossTerm& term, std::size_t n) const;
  [[nodiscard]] double term_value(const LossTerm& term, std::span<const std::vector<double>> y, std::size_t stride,
                                  std::size_t count) const;

  std::vector<LossTerm> terms_;
  TimeGrid grid_;
  std::size_t probe_count_ = 0;
};

/// Whether step n of the grid lies in the window, with half a step of tolerance.
[[nodiscard]] bool contains(const TimeWindow& window, const TimeGrid& grid, std::size_t n);

}  // namespace tellegen
