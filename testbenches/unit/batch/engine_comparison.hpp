#pragma once
// The engine of many samples against the general one, sample by sample: waves of probed nodes, and the gradient of their loss.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "circuits/gradient_check.hpp"
#include "hw_models/batch/batch_transient.hpp"
#include "hw_models/circuit/deck/deck.hpp"

namespace tellegen::test {

/// Every sample its own amplitude of the two tones. Ammeters, which are called vs.., hold zero.
class ScaledTones final : public SampleDrive {
 public:
  /// @param hold  steps for which a value stays
  ScaledTones(const Circuit& circuit, std::size_t steps, std::size_t hold = 1) : tones_(two_tones(circuit, steps)), hold_(hold) {
    for (std::size_t s = 0; s < tones_.columns(); ++s)
      for (std::size_t n = 0; n < tones_.rows(); ++n)
        tones_.at(n, s) = circuit.sources()[s].name.starts_with("vs") ? 0 : tones_.at(n / hold * hold, s);
  }
  [[nodiscard]] static double scale(std::size_t sample) { return 1 - 0.07 * static_cast<double>(sample); }
  void sources(std::size_t step, std::size_t first, int count, double* out, int stride) const override {
    for (std::size_t s = 0; s < tones_.columns(); ++s)
      for (int i = 0; i < count; ++i) out[s * static_cast<std::size_t>(stride) + i] = scale(first + i) * tones_.at(step - 1, s);
  }
  [[nodiscard]] bool is_held(std::size_t step) const override { return (step - 1) % hold_ != 0; }
  [[nodiscard]] Table of_sample(std::size_t sample) const {
    Table table = tones_;
    for (std::size_t n = 0; n < table.rows(); ++n)
      for (double& value : table.row(n)) value *= scale(sample);
    return table;
  }

 private:
  Table tones_;
  std::size_t hold_;
};

struct Reference {
  std::vector<double> waves;  // [(sample * steps + step) * probes + probe]
  double loss = 0;
  std::vector<double> gradient;
};

inline Reference by_general_engine(const std::shared_ptr<const Circuit>& circuit, const TimeGrid& grid, const std::vector<NodeIndex>& probes, const ScaledTones& drive,
                                   std::size_t samples) {
  Reference reference;
  reference.gradient.assign(circuit->initial_slots().size(), 0.0);
  TransientEngine engine(circuit, grid);
  for (std::size_t sample = 0; sample < samples; ++sample) {
    const auto run = run_forward(engine, drive.of_sample(sample));
    Table slope(grid.steps, static_cast<std::size_t>(circuit->unknown_count()));
    for (const auto probe : probes) reference.loss += quadratic_loss(run, probe, &slope);
    for (std::size_t n = 0; n < grid.steps; ++n)
      for (const auto probe : probes) reference.waves.push_back(run.voltages.at(n, static_cast<std::size_t>(probe)));
    const auto gradient = adjoint_gradient(engine, run, slope);
    for (std::size_t p = 0; p < gradient.size(); ++p) reference.gradient[p] += gradient[p];
  }
  return reference;
}

/// The loss of `quadratic_loss`, of so many probes.
inline BatchTransient::Loss loss_of(std::size_t steps, std::size_t probes = 1) {
  return [=](TileSpan span, const TileWaves& waves, TileWaves& slopes) {
    double loss = 0;
    for (int lane = 0; lane < span.count; ++lane)
      for (std::size_t n = 0; n < steps; ++n)
        for (std::size_t j = 0; j < probes; ++j) {
          const double target = 0.3 * std::sin(2 * static_cast<double>(n + 1) * check_step) + 0.1;
          const double error = waves.at(n, j, lane) - target;
          loss += 0.5 * check_step * error * error;
          slopes.at(n, j, lane) = check_step * error;
        }
    return loss;
  };
}

struct Errors {
  double wave = 0, loss = 0, gradient = 0;  // relative; of the gradient as a whole
  double entry = 0;                         // of a parameter's own entry, where that is no round-off of the largest
};

inline Errors errors_of(BatchTransient& batch, const std::shared_ptr<const Circuit>& circuit, const std::vector<NodeIndex>& probes, const ScaledTones& drive,
                        std::size_t samples) {
  const auto& grid = batch.plan().grid();
  const auto reference = by_general_engine(circuit, grid, probes, drive, samples);
  Errors errors;
  double largest = 0;
  for (const double v : reference.waves) largest = std::max(largest, std::abs(v));
  std::mutex guard;
  batch.run(drive, {}, [&](TileSpan span, const TileWaves& waves) {
    const std::lock_guard lock(guard);
    for (int lane = 0; lane < span.count; ++lane)
      for (std::size_t n = 0; n < grid.steps; ++n)
        for (std::size_t j = 0; j < probes.size(); ++j)
          errors.wave = std::max(errors.wave, std::abs(waves.at(n, j, lane) - reference.waves[((span.first + lane) * grid.steps + n) * probes.size() + j]) / largest);
  });
  const auto& gradient = batch.gradient(drive, loss_of(grid.steps, probes.size()));
  errors.loss = std::abs(gradient.loss / reference.loss - 1);
  double difference = 0, size = 0;
  const auto scaled = [&](const std::vector<double>& by_slot, std::size_t p) { return by_slot[p] * circuit->initial_slots()[p]; };
  for (std::size_t p = 0; p < reference.gradient.size(); ++p)
    if (batch.covers(static_cast<std::int32_t>(p))) size += std::pow(scaled(reference.gradient, p), 2);
  size = std::sqrt(size);
  constexpr double least_entry = 1e-6;  // of the gradient's size
  for (std::size_t p = 0; p < reference.gradient.size(); ++p) {
    if (!batch.covers(static_cast<std::int32_t>(p))) continue;
    const double exact = scaled(reference.gradient, p), error = std::abs(scaled(gradient.by_slot, p) - exact);
    difference += error * error;
    errors.entry = std::max(errors.entry, error / std::max(std::abs(exact), least_entry * size));
  }
  errors.gradient = std::sqrt(difference) / size;
  return errors;
}

/// On the last node, by a batch of these options.
inline Errors compare(const std::shared_ptr<const Circuit>& circuit, const TimeGrid& grid, const BatchOptions& options) {
  const std::vector<NodeIndex> probes{circuit->node_count() - 1};
  auto made = BatchTransient::make(circuit, grid, probes, options);
  const auto* why = std::get_if<std::string>(&made);
  REQUIRE_MESSAGE(why == nullptr, (why ? *why : ""));
  const auto errors = errors_of(std::get<BatchTransient>(made), circuit, probes, ScaledTones(*circuit, grid.steps), options.samples);
  CHECK(errors.loss < 1e-9);
  return errors;
}

inline std::shared_ptr<const Circuit> from_deck(std::string_view lines) {
  return std::make_shared<const Circuit>(read_deck_text("title\n" + std::string(lines) + "\n.end\n", "t.cir").circuit);
}

constexpr TimeGrid grid_of(Method method) { return {.step = check_step, .steps = 40, .method = method, .history = History::exponentials_20}; }

}  // namespace tellegen::test
