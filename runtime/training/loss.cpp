#include "runtime/training/loss.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace tellegen {

bool contains(const TimeWindow& window, const TimeGrid& grid, std::size_t n) {
  const double t = grid.time(n);
  return t >= window.from - 0.5 * grid.step && t <= window.to + 0.5 * grid.step;
}

Loss::Loss(std::vector<LossTerm> terms, const TimeGrid& grid) : terms_(std::move(terms)), grid_(grid) {
  for (const auto& term : terms_) {
    if (term.target.size() != grid_.steps)
      throw std::invalid_argument("a loss term's target needs one sample per step");
    probe_count_ = std::max(probe_count_, term.probe + 1);
  }
}

std::size_t Loss::clocks(std::span<const std::vector<double>> y, std::size_t stride) const {
  if (stride == 0) throw std::invalid_argument("the stride of a loss is at least one step");
  const std::size_t count = grid_.steps / stride;
  if (y.size() < probe_count_) throw std::invalid_argument("a loss needs the waveform of each of its probes");
  for (const auto& term : terms_)
    if (y[term.probe].size() != count) throw std::invalid_argument("a probe waveform needs one sample per clock");
  return count;
}

double Loss::weight_at(const LossTerm& term, std::size_t n) const {
  return !term.window || contains(*term.window, grid_, n) ? term.weight : 0.0;
}

double Loss::value_at_stride(std::span<const std::vector<double>> y, std::size_t stride) const {
  const std::size_t count = clocks(y, stride);
  const double clock = static_cast<double>(stride) * grid_.step;  // [s]
  double total = 0;
  for (const auto& term : terms_) {
    const auto& wave = y[term.probe];
    if (term.kind == LossKind::final_mse) {
      if (count == 0) continue;
      const double error = wave.back() - term.target.back();
      total += 0.5 * term.weight * error * error;
      continue;
    }
    double sum = 0;
    for (std::size_t k = 1; k <= count; ++k) {
      const std::size_t n = k * stride;
      const double error = wave[k - 1] - term.target[n - 1];
      sum += 0.5 * weight_at(term, n) * error * error;
    }
    total += clock * sum;
  }
  return total;
}

void Loss::slope_at_stride(std::span<const std::vector<double>> y, std::size_t stride,
                           std::vector<std::vector<double>>& slope) const {
  const std::size_t count = clocks(y, stride);
  slope.resize(probe_count_);
  for (auto& each : slope) each.assign(count, 0.0);
  for (const auto& term : terms_) {
    const auto& wave = y[term.probe];
    auto& out = slope[term.probe];
    if (term.kind == LossKind::final_mse) {
      if (count > 0) out.back() += term.weight * (wave.back() - term.target.back()) / static_cast<double>(stride);
      continue;
    }
    for (std::size_t k = 1; k <= count; ++k) {
      const std::size_t n = k * stride;
      out[k - 1] += grid_.step * weight_at(term, n) * (wave[k - 1] - term.target[n - 1]);
    }
  }
}

}  // namespace tellegen
