#pragma once
// The engine of many samples: `BatchTransient`, for transients and operating points.

#include <memory>
#include <optional>
#include <vector>

#include "bench/circuit_task.hpp"
#include "hw_models/batch/batch_transient.hpp"

namespace tellegen::bench {

/// The deck's waveforms, a little lower in every further sample, so that no two samples are alike.
class DescendingDrive final : public SampleDrive {
 public:
  DescendingDrive(const Circuit& circuit, const TimeGrid& grid) : waveforms_(circuit, grid), sources_(circuit.sources().size()) {}
  void sources(std::size_t step, std::size_t first, int count, double* out, int stride) const override {
    waveforms_.sources(step, first, count, out, stride);
    for (std::size_t s = 0; s < sources_; ++s)
      for (int i = 0; i < count; ++i) out[s * static_cast<std::size_t>(stride) + i] *= 1 - 0.01 * static_cast<double>(first + i);
  }
  [[nodiscard]] bool is_held(std::size_t step) const override { return waveforms_.is_held(step); }

 private:
  WaveformDrive waveforms_;
  std::size_t sources_;
};

class BatchTask final : public CircuitTask {
 public:
  /// @returns nothing when the circuit needs the general engine
  [[nodiscard]] static std::unique_ptr<CircuitTask> make(const Deck& deck, int samples) {
    Problem problem(deck);
    TimeGrid grid{.step = 1, .steps = 1, .method = Method::be};
    const auto* transient = std::get_if<TransientAnalysis>(&deck.analyses.at(0));
    if (transient)
      grid = {.step = transient->step, .steps = static_cast<std::size_t>(transient->stop / transient->step + 0.5), .method = Method::trap};
    auto made = BatchTransient::make(problem.circuit, grid, problem.probes, {.samples = static_cast<std::size_t>(samples), .newton = {.tolerance = 1e-9}},
                                     transient ? BatchAnalysis::transient : BatchAnalysis::operating_point);
    if (std::holds_alternative<std::string>(made)) return nullptr;
    std::vector<ReferenceState> starts;
    if (transient) starts.push_back(problem.operating_point().state);
    return std::unique_ptr<CircuitTask>(new BatchTask(std::move(problem), std::get<BatchTransient>(std::move(made)), std::move(starts)));
  }

  void solve() override {
    batch_.run(drive_, starts_, [](TileSpan, const TileWaves&) {});
    const auto& counts = batch_.counts();
    const double steps = static_cast<double>(counts.steps);
    flops_ = batch_.plan().is_linear() ? batch_.plan().flops_per_step(1, 0)
                                       : batch_.plan().flops_per_step(static_cast<double>(counts.iterations) / steps, static_cast<double>(counts.factors) / steps);
  }
  /// From rest: the start's own share of a gradient is the general engine's.
  void gradient() override {
    const double step = batch_.plan().grid().step;
    const auto steps = batch_.plan().grid().steps, probes = problem_.probes.size();
    result_ = batch_.gradient(drive_, [=](TileSpan span, const TileWaves& waves, TileWaves& slopes) {
      double loss = 0;
      for (std::size_t n = 0; n < steps; ++n)
        for (std::size_t j = 0; j < probes; ++j)
          for (int lane = 0; lane < span.count; ++lane) {
            const double v = waves.at(n, j, lane);
            loss += 0.5 * step * v * v;
            slopes.at(n, j, lane) = step * v;
          }
      return loss;
    });
  }
  [[nodiscard]] std::size_t steps() const override { return batch_.plan().grid().steps; }
  [[nodiscard]] std::optional<double> flops() const override { return flops_; }

 private:
  BatchTask(Problem problem, BatchTransient batch, std::vector<ReferenceState> starts)
      : problem_(std::move(problem)), batch_(std::move(batch)), drive_(*problem_.circuit, batch_.plan().grid()), starts_(std::move(starts)) {}

  Problem problem_;
  BatchTransient batch_;
  DescendingDrive drive_;
  std::vector<ReferenceState> starts_;
  std::optional<double> flops_;
  BatchTransient::Gradient result_;
};

}  // namespace tellegen::bench
