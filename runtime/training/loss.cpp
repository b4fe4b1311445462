#include "runtime/training/loss.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace tellegen {
namespace {

/// Softmax over logits y/s that neither overflows nor loses small probabilities.
///
///     -log p_c = m - a_c + log(1 + sum_{j != top} exp(a_j - m)),   a = y/s, m = a_top the largest
class Softmax {
 public:
  Softmax(std::span<const double> y, double scale) : logits_(y.begin(), y.end()), scale_(scale) {
    for (auto& a : logits_) a /= scale;
    top_ = static_cast<std::size_t>(std::ranges::max_element(logits_) - logits_.begin());
    for (std::size_t j = 0; j < logits_.size(); ++j)
      if (j != top_) others_ += std::exp(logits_[j] - logits_[top_]);
  }

  [[nodiscard]] double surprise(std::size_t right) const { return logits_[top_] - logits_[right] + std::log1p(others_); }

  /// d(-log p_c)/dy_j = (p_j - [j = c])/s; that of the right class as minus the sum of the others, which keeps its
  /// digits where p_c is nearly one.
  void slopes(std::size_t right, std::span<double> slope) const {
    double sum = 0;
    for (std::size_t j = 0; j < logits_.size(); ++j) {
      if (j == right) continue;
      slope[j] = std::exp(logits_[j] - logits_[top_]) / (1 + others_) / scale_;
      sum += slope[j];
    }
    slope[right] = -sum;
  }

 private:
  std::vector<double> logits_;  // a
  double scale_;
  std::size_t top_ = 0;
  double others_ = 0;
};

/// Value of a term at one step, before weight and step size. @param y  of the term's probes @param n  counted from 1
double instant_value(const LossTerm& term, const TimeGrid& grid, std::span<const double> y, std::size_t n) {
  switch (term.kind) {
    case LossKind::mse:
    case LossKind::final_mse: {
      const double error = y[0] - term.target[n - 1];
      return 0.5 * error * error;
    }
    case LossKind::cross_entropy: return Softmax(y, term.scale).surprise(term.target_class[n - 1]);
    case LossKind::expr: return term.expression->value(y, term.target.empty() ? 0.0 : term.target[n - 1], grid.time(n));
  }
  return 0;
}

void instant_slopes(const LossTerm& term, const TimeGrid& grid, std::span<const double> y, std::size_t n,
                    std::span<double> slope) {
  switch (term.kind) {
    case LossKind::mse:
    case LossKind::final_mse: slope[0] = y[0] - term.target[n - 1]; return;
    case LossKind::cross_entropy: return Softmax(y, term.scale).slopes(term.target_class[n - 1], slope);
    case LossKind::expr:
      return term.expression->slopes(y, term.target.empty() ? 0.0 : term.target[n - 1], grid.time(n), slope);
  }
}

/// Values of the term's probes at clock k, counted from 1.
void gather(const LossTerm& term, std::span<const std::vector<double>> y, std::size_t k, std::vector<double>& out) {
  out.clear();
  for (const auto probe : term.probes) out.push_back(y[probe][k - 1]);
}

}  // namespace

std::string_view name_of(LossKind kind) {
  switch (kind) {
    case LossKind::mse: return "mse";
    case LossKind::final_mse: return "final_mse";
    case LossKind::cross_entropy: return "cross_entropy";
    case LossKind::expr: return "expr";
  }
  return "";
}

bool contains(const TimeWindow& window, const TimeGrid& grid, std::size_t n) {
  const double t = grid.time(n);
  return t >= window.from - 0.5 * grid.step && t <= window.to + 0.5 * grid.step;
}

Loss::Loss(std::vector<LossTerm> terms, const TimeGrid& grid) : terms_(std::move(terms)), grid_(grid) {
  for (const auto& term : terms_) {
    check(term);
    for (const auto probe : term.probes) probe_count_ = std::max(probe_count_, probe + 1);
  }
}

void Loss::check(const LossTerm& term) const {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(what);
  };
  const bool is_squared = term.kind == LossKind::mse || term.kind == LossKind::final_mse;
  require(!term.probes.empty(), "a loss term needs a probe");
  require(term.step_weights.empty() || term.step_weights.size() == grid_.steps,
          "the weights of a loss term need one sample per step");
  if (is_squared) {
    require(term.probes.size() == 1, "a squared error has one probe");
    require(term.target.size() == grid_.steps, "a loss term's target needs one sample per step");
  }
  if (term.kind == LossKind::final_mse)
    require(term.step_weights.empty() && !term.window, "a final_mse looks at the last step alone");
  if (term.kind == LossKind::cross_entropy) {
    require(term.target_class.size() == grid_.steps, "a cross entropy's target needs one class per step");
    require(std::ranges::all_of(term.target_class, [&](std::size_t c) { return c < term.probes.size(); }),
            "a class of a cross entropy is one of its probes");
    require(term.scale > 0, "the scale of a cross entropy is positive");
  }
  if (term.kind == LossKind::expr) {
    require(term.expression != nullptr, "a loss of kind expr needs its expression");
    require(term.target.empty() || term.target.size() == grid_.steps, "a loss term's target needs one sample per step");
  }
}

std::size_t Loss::clocks(std::span<const std::vector<double>> y, std::size_t stride) const {
  if (stride == 0) throw std::invalid_argument("the stride of a loss is at least one step");
  const std::size_t count = grid_.steps / stride;
  if (y.size() < probe_count_) throw std::invalid_argument("a loss needs the waveform of each of its probes");
  for (const auto& term : terms_)
    for (const auto probe : term.probes)
      if (y[probe].size() != count) throw std::invalid_argument("a probe waveform needs one sample per clock");
  return count;
}

double Loss::weight_at(const LossTerm& term, std::size_t n) const {
  if (term.window && !contains(*term.window, grid_, n)) return 0;
  return term.step_weights.empty() ? term.weight : term.weight * term.step_weights[n - 1];
}

double Loss::term_value(const LossTerm& term, std::span<const std::vector<double>> y, std::size_t stride,
                        std::size_t count) const {
  std::vector<double> now;
  if (term.kind == LossKind::final_mse) {
    if (count == 0) return 0;
    gather(term, y, count, now);
    return term.weight * instant_value(term, grid_, now, grid_.steps);
  }
  double sum = 0;
  for (std::size_t k = 1; k <= count; ++k) {
    const double weight = weight_at(term, k * stride);
    if (weight == 0) continue;  // an expression need not even be finite there
    gather(term, y, k, now);
    sum += weight * instant_value(term, grid_, now, k * stride);
  }
  return static_cast<double>(stride) * grid_.step * sum;
}

std::vector<double> Loss::term_values(std::span<const std::vector<double>> y) const {
  const std::size_t count = clocks(y, 1);
  std::vector<double> values;
  for (const auto& term : terms_) values.push_back(term_value(term, y, 1, count));
  return values;
}

double Loss::value_of_unit_error() const {
  double total = 0;
  for (const auto& term : terms_) {
    if (term.kind == LossKind::final_mse) total += 0.5 * term.weight;
    if (term.kind != LossKind::mse) continue;
    for (std::size_t n = 1; n <= grid_.steps; ++n) total += 0.5 * grid_.step * weight_at(term, n);
  }
  return total;
}

double Loss::value_at_stride(std::span<const std::vector<double>> y, std::size_t stride) const {
  const std::size_t count = clocks(y, stride);
  double total = 0;
  for (const auto& term : terms_) total += term_value(term, y, stride, count);
  return total;
}

void Loss::slope_at_stride(std::span<const std::vector<double>> y, std::size_t stride,
                           std::vector<std::vector<double>>& slope) const {
  const std::size_t count = clocks(y, stride);
  slope.resize(probe_count_);
  for (auto& each : slope) each.assign(count, 0.0);
  std::vector<double> now, change;
  for (const auto& term : terms_) {
    change.assign(term.probes.size(), 0.0);
    const auto add = [&](std::size_t k, std::size_t n, double factor) {
      gather(term, y, k, now);
      instant_slopes(term, grid_, now, n, change);
      for (std::size_t p = 0; p < change.size(); ++p) slope[term.probes[p]][k - 1] += factor * change[p];
    };
    if (term.kind == LossKind::final_mse) {
      if (count > 0) add(count, grid_.steps, term.weight / static_cast<double>(stride));
      continue;
    }
    for (std::size_t k = 1; k <= count; ++k)
      if (const double weight = weight_at(term, k * stride); weight != 0) add(k, k * stride, grid_.step * weight);
  }
}

}  // namespace tellegen
