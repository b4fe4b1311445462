#pragma once
// The engine of many samples: `BatchTransient`, for transients and operating points.

#include <memory>
#include <optional>
#include <vector>

#include "bench/circuit_task.hpp"
#include "hw_models/batch/batch_transient.hpp"

namespace tellegen::bench {

/// The deck's waveforms, a little lower in every further sample, so that no two samples are alike. They stand in memory, as data do.
class DescendingDrive final : public SampleDrive {
 public:
  DescendingDrive(const Circuit& circuit, const TimeGrid& grid) : waveforms_(circuit, grid), sources_(circuit.sources().size()), rows_(grid.steps + 1) {
    for (std::size_t step = 1; step <= grid.steps; ++step) {
      if (step > 1 && is_held(step)) {
        rows_[step] = rows_[step - 1];
        continue;
      }
      rows_[step] = values_.size() / sources_;
      values_.resize(values_.size() + sources_);
      waveforms_.sources(step, 0, 1, values_.data() + rows_[step] * sources_, 1);
    }
  }
  void sources(std::size_t step, std::size_t first, int count, double* out, int stride) const override {
    const double* const row = values_.data() + rows_[step] * sources_;
    for (std::size_t s = 0; s < sources_; ++s)
      for (int i = 0; i < count; ++i) out[s * static_cast<std::size_t>(stride) + i] = row[s] * (1 - 0.01 * static_cast<double>(first + i));
  }
  [[nodiscard]] bool is_held(std::size_t step) const override { return waveforms_.is_held(step); }

 private:
  WaveformDrive waveforms_;
  std::size_t sources_;
  std::vector<std::size_t> rows_;  // of values_, by step
  std::vector<double> values_;
};

class BatchTask final : public CircuitTask {
 public:
  /// @returns nothing when the circuit needs the general engine
  [[nodiscard]] static std::unique_ptr<BatchTask> make(const Deck& deck, int samples, int threads = 1) {
    Problem problem(deck);
    TimeGrid grid{.step = 1, .steps = 1, .method = Method::be};
    const auto* transient = std::get_if<TransientAnalysis>(&deck.analyses.at(0));
    if (transient)
      grid = {.step = transient->step, .steps = static_cast<std::size_t>(transient->stop / transient->step + 0.5), .method = Method::trap};
    auto made = BatchTransient::make(problem.circuit, grid, problem.probes, {.samples = static_cast<std::size_t>(samples), .threads = threads, .newton = {.tolerance = 1e-9}},
                                     transient ? BatchAnalysis::transient : BatchAnalysis::operating_point);
    if (std::holds_alternative<std::string>(made)) return nullptr;
    std::vector<ReferenceState> starts;
    if (transient) starts.push_back(problem.operating_point().state);
    return std::unique_ptr<BatchTask>(new BatchTask(std::move(problem), std::get<BatchTransient>(std::move(made)), std::move(starts)));
  }

  void solve() override {
    batch_.run(drive_, starts_, [](TileSpan, const TileWaves&) {});
    flops_ = batch_.flops_per_step();
  }
  /// From rest: the start's own share of a gradient is the general engine's.
  void gradient() override {
    const double step = batch_.plan().grid().step;
    const auto steps = batch_.plan().grid().steps, probes = problem_.probes.size();
    (void)batch_.gradient(drive_, [=](TileSpan span, const TileWaves& waves, TileWaves& slopes) {
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
  /// Parameters of the gradient.
  [[nodiscard]] std::size_t parameters() const {
    std::size_t covered = 0;
    for (std::size_t slot = 0; slot < problem_.slots.size(); ++slot) covered += batch_.covers(static_cast<std::int32_t>(slot));
    return covered;
  }

 private:
  BatchTask(Problem problem, BatchTransient batch, std::vector<ReferenceState> starts)
      : problem_(std::move(problem)), batch_(std::move(batch)), drive_(*problem_.circuit, batch_.plan().grid()), starts_(std::move(starts)) {}

  Problem problem_;
  BatchTransient batch_;
  DescendingDrive drive_;
  std::vector<ReferenceState> starts_;
  std::optional<double> flops_;
};

}  // namespace tellegen::bench
