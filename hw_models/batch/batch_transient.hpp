#pragma once
// Many samples of one circuit, run together: forward, and the exact gradient of a loss summed over them.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "hw_models/batch/batch_plan.hpp"
#include "hw_models/batch/tile.hpp"
#include "hw_models/lanes/dispatch.hpp"

namespace tellegen {

/// What drives the samples. Called from several threads at once.
class SampleDrive {
 public:
  virtual ~SampleDrive() = default;
  /// Values [V] or [A] of all sources at step n = 1 .. N, for the samples first .. first + count - 1: out[source * stride + i].
  virtual void sources(std::size_t step, std::size_t first, int count, double* out, int stride) const = 0;
  /// Whether every value of this step is that of the step before, for all samples: nothing is asked or computed anew then.
  [[nodiscard]] virtual bool is_held([[maybe_unused]] std::size_t step) const { return false; }
};

/// The deck's own waveforms, the same for every sample.
class WaveformDrive final : public SampleDrive {
 public:
  WaveformDrive(const Circuit& circuit, const TimeGrid& grid);
  void sources(std::size_t step, std::size_t first, int count, double* out, int stride) const override;
  [[nodiscard]] bool is_held(std::size_t step) const override { return held_[step]; }

 private:
  const Circuit& circuit_;
  TimeGrid grid_;
  std::vector<bool> held_;  // by step
};

/// Values of the probed nodes of one tile: [step][probe][lane], step 0 is t_1.
class TileWaves {
 public:
  TileWaves(std::size_t steps, std::size_t probes, int lanes) : probes_(probes), lanes_(lanes), values_(steps * probes * static_cast<std::size_t>(lanes)) {}
  [[nodiscard]] double& at(std::size_t step, std::size_t probe, int lane) { return *(row(step) + probe * static_cast<std::size_t>(lanes_) + lane); }
  [[nodiscard]] double at(std::size_t step, std::size_t probe, int lane) const { return *(row(step) + probe * static_cast<std::size_t>(lanes_) + lane); }
  [[nodiscard]] double* row(std::size_t step) { return values_.data() + step * probes_ * static_cast<std::size_t>(lanes_); }
  [[nodiscard]] const double* row(std::size_t step) const { return values_.data() + step * probes_ * static_cast<std::size_t>(lanes_); }

 private:
  std::size_t probes_;
  int lanes_;
  LaneArray values_;
};

/// The samples that a tile carries.
struct TileSpan {
  std::size_t first = 0;
  int count = 0;  ///< lanes behind it repeat the last sample
};

struct BatchOptions {
  std::size_t samples = 1;
  int threads = 1;
  std::size_t memory_limit = std::size_t{1} << 30;  ///< [bytes] of stored trajectories, all threads together; above it: checkpoints
  int lanes = 0;                                    ///< samples that run side by side: 1, 8 or 16; 0: chosen by the working set
  std::optional<InstructionSet> instructions = std::nullopt;  ///< nothing: the machine's best
  PlanChoice plan = PlanChoice::automatic;
  NewtonSettings newton = {};
  std::vector<std::int32_t> driven = {};            ///< sources that the drive moves although the deck has them hold zero
};

/// Results do not depend on the number of threads, to the last bit.
class BatchTransient {
 public:
  /// @param probes  nodes whose voltages are wanted
  /// @returns the engine, or in a few words why the circuit needs the general one
  [[nodiscard]] static std::variant<BatchTransient, std::string> make(std::shared_ptr<const Circuit> circuit, const TimeGrid& grid,
                                                                      std::vector<NodeIndex> probes, const BatchOptions& options,
                                                                      BatchAnalysis analysis = BatchAnalysis::transient);

  /// Takes new parameters; a change of an ideal amplifier's gain makes a new plan of the same pattern.
  void set_slots(std::span<const double> slots);
  [[nodiscard]] const BatchPlan& plan() const { return *plan_; }
  [[nodiscard]] int lanes() const { return lanes_; }
  [[nodiscard]] InstructionSet instructions() const { return instructions_; }
  /// Whether the gradient covers a slot: all but those of ideal amplifiers and sources.
  [[nodiscard]] bool covers(std::int32_t slot) const;

  /// Runs all samples; hands every finished tile's waves over, from the thread that ran it.
  /// @param starts  one state for all samples, or one each; empty: rest
  /// @throws ConvergenceError
  void run(const SampleDrive& drive, std::span<const ReferenceState> starts, const std::function<void(TileSpan, const TileWaves&)>& take);
  /// One scalar run that takes over an engine which stands at its start, memories in motion included; step by step.
  /// @param each  called after every step with the tile
  void run_from(const TransientEngine& engine, const ReferenceState& start, const SampleDrive& drive, const std::function<void(std::size_t, const Tile&)>& each);

  /// Loss of a tile's samples from their waves; writes dL/dv by step, probe and lane. Called from several threads at once.
  using Loss = std::function<double(TileSpan, const TileWaves& waves, TileWaves& slopes)>;
  struct Gradient {
    double loss = 0;
    std::vector<double> by_slot;  ///< dL/dslot; zero for slots that are not covered
  };
  /// Loss summed over all samples and its exact gradient, from rest: one linear solve a step.
  /// @returns what stays until the next call
  /// @throws ConvergenceError
  [[nodiscard]] const Gradient& gradient(const SampleDrive& drive, const Loss& loss);

  /// What all tiles of the last run did.
  [[nodiscard]] const TileCounts& counts() const { return counts_; }
  /// Additions and multiplications of a step of one sample in the last run, on average.
  [[nodiscard]] double flops_per_step() const;
  /// Bytes of trajectories and checkpoints that one thread keeps for a gradient, and the steps between checkpoints.
  struct Storage {
    std::size_t bytes = 0;
    std::size_t segment = 0;
  };
  [[nodiscard]] Storage storage() const;

 private:
  BatchTransient() = default;
  void make_tiles();
  void fill_sources(const SampleDrive& drive, std::size_t step, TileSpan span, LaneArray& sources) const;
  /// What one thread keeps from tile to tile.
  struct Workspace {
    LaneArray sources, trajectory, checkpoints, adjoint;
  };
  void forward(Tile& tile, const SampleDrive& drive, TileSpan span, std::size_t first_step, std::size_t last_step, LaneArray& sources,
               TileWaves* waves, double* trajectory);
  [[noreturn]] void fail(const Tile& tile, SolveStatus status, std::size_t step, TileSpan span) const;
  [[nodiscard]] TileSpan span_of(std::size_t tile) const;
  /// Calls work(tile index, thread's tile, its workspace) for all tiles, over the threads; the first exception is thrown again.
  void for_tiles(const std::function<void(std::size_t, Tile&, Workspace&)>& work);

  std::shared_ptr<const Circuit> circuit_;
  std::shared_ptr<const BatchPlan> plan_;
  std::vector<double> slots_;
  std::vector<NodeIndex> probes_;
  BatchOptions options_;
  InstructionSet instructions_ = InstructionSet::scalar;
  int lanes_ = 1;
  std::size_t tile_count_ = 1;
  std::vector<std::unique_ptr<Tile>> tiles_;  // by thread
  std::vector<Workspace> workspaces_;
  TileCounts counts_;
  Gradient total_;
  std::vector<Gradient> by_tile_;  // of several tiles
};

}  // namespace tellegen
