#pragma once
// A bench joined with its deck: everything that is measured starts from here.

#include <memory>
#include <string>
#include <vector>

#include "hw_models/circuit/deck/deck.hpp"
#include "hw_models/circuit/instruments.hpp"
#include "hw_models/solver/adjoint.hpp"
#include "runtime/plant/chip_plant.hpp"
#include "runtime/plant/direct_plant.hpp"
#include "runtime/protocols/cycle.hpp"
#include "runtime/training/bench.hpp"
#include "runtime/training/parameter_pattern.hpp"
#include "runtime/training/planned_gradient.hpp"

namespace tellegen {

/// Loss and its gradient in the trained parameters.
struct GradientResult {
  double loss = 0;
  std::vector<double> gradient;  // [L]/[p], in the order of `Experiment::trained`
};

/// How far an estimate is from the exact gradient, every entry multiplied by its parameter's value.
struct Agreement {
  double cosine = 0;
  double relative_error = 0;  ///< |estimate - exact| / |exact|
};

/// Stimulus of every source and the loss on the outputs.
struct DataSet {
  Table stimulus;  // [V] or [A] by step and source
  std::vector<double> initial;  // [V] or [A] by source at t = 0
  Loss loss;
  /// By probe and step, in the probe's unit; of a probe with several terms the last one's, empty where it has none.
  std::vector<std::vector<double>> target;
};

/// Bench and deck, resolved against each other.
class Experiment {
 public:
  /// @throws InputError
  explicit Experiment(Bench bench);

  [[nodiscard]] const Bench& bench() const { return bench_; }
  [[nodiscard]] const Deck& deck() const { return deck_; }
  [[nodiscard]] const std::shared_ptr<const Circuit>& circuit() const { return circuit_; }
  [[nodiscard]] const TimeGrid& grid() const { return bench_.grid; }
  [[nodiscard]] const TrainedParameters& trained() const { return trained_; }
  [[nodiscard]] const Parameter& parameter(std::size_t i) const { return circuit_->parameters()[trained_.indices[i]]; }
  [[nodiscard]] const std::vector<Port>& probes() const { return probes_; }
  [[nodiscard]] const std::vector<std::string>& probe_names() const { return probe_names_; }
  /// "V", "A", "C", "Wb", "Wb/s^1/2", ..
  [[nodiscard]] const std::vector<std::string>& probe_units() const { return probe_units_; }
  /// The report's waves, in the bench's order.
  [[nodiscard]] const std::vector<Probe>& waves() const { return waves_; }
  [[nodiscard]] const DataSet& data() const { return *data_; }
  [[nodiscard]] const std::optional<DataSet>& held_out() const { return held_out_; }

  /// Sources whose samples the bench gives; the others follow their own waveforms.
  [[nodiscard]] const std::vector<std::int32_t>& driven_sources() const { return driven_; }
  /// @throws InputError a trained parameter lies in no cell
  [[nodiscard]] PlantSetup plant_setup() const;
  [[nodiscard]] RuleOptions rule_options() const;
  [[nodiscard]] CycleOptions cycle_options(std::size_t steps_per_tick) const;
  /// Analog steps for which an echo rings out.
  [[nodiscard]] std::size_t tail_steps() const;
  /// Slope of the training loss for a controller that sees every `steps_per_tick`-th step.
  [[nodiscard]] ErrorFunction error_function(std::size_t ticks, std::size_t steps_per_tick) const;

  /// Law parameters of the circuit as built, with these values of the trained ones.
  [[nodiscard]] std::vector<double> slots_with(std::span<const double> trained) const;
  /// State in which a run with these law parameters begins: rest, or the operating point of the inputs at t = 0.
  /// @throws ConvergenceError when there is no operating point
  [[nodiscard]] ReferenceState start_state(const DataSet& data, const std::vector<double>& slots) const;
  /// Stimulus of a run with these law parameters: the data's, and the levels of trained sources.
  [[nodiscard]] Table stimulus(const DataSet& data, const std::vector<double>& slots) const;
  [[nodiscard]] Trajectory forward(const DataSet& data, std::span<const double> trained) const;
  /// Values of the probes in their units, by step and probe.
  [[nodiscard]] Table outputs(const DataSet& data, std::span<const double> trained) const;
  [[nodiscard]] double loss(const DataSet& data, std::span<const double> trained) const;
  /// What each term of the data's losses adds, in the bench's order.
  [[nodiscard]] std::vector<double> loss_terms(const DataSet& data, std::span<const double> trained) const;
  /// Whether every loss is a squared error, and all of probes of one unit, so that `rms_error` has a meaning.
  [[nodiscard]] bool is_squared_error() const;
  /// Root mean square of the output error in the data's windows, in the probes' unit, by the loss's own weights.
  [[nodiscard]] double rms_error(const DataSet& data, std::span<const double> trained) const;
  /// Exact gradient of the discretised circuit: by the planned engine for large circuits that run from rest, else by the general one.
  [[nodiscard]] GradientResult exact(std::span<const double> trained) const;
  /// Central differences, relative change 1e-5 of each parameter.
  [[nodiscard]] std::vector<double> finite_difference(std::span<const double> trained) const;
  /// What a plant's cells measure in one cycle of the rule; no parameter moves. Rules of the emulator (`runs_in_emulator_only`) leave
  /// the plant alone.
  [[nodiscard]] GradientResult estimate(Plant& plant, Rule rule) const;
  /// The same on ideal hardware.
  [[nodiscard]] GradientResult estimate(Rule rule) const;
  /// The gradient that the rule is after: that of the run; for action_nudge on a circuit without loss that of its own path.
  [[nodiscard]] GradientResult reference(Rule rule) const;
  /// @throws InputError the rule does not apply to this circuit
  void require_applicable(Rule rule) const;
  /// Training loss as a controller sees it that reads its probes once a clock tick.
  [[nodiscard]] double controller_loss(const Table& probes, std::size_t steps_per_tick) const;
  [[nodiscard]] Agreement compare(std::span<const double> estimate, std::span<const double> exact, std::span<const double> trained) const;

  /// By slot: the devices of the chip over those as designed; empty: as designed.
  [[nodiscard]] const std::vector<double>& device_factors() const { return device_factors_; }

 private:
  void require_cells() const;
  [[nodiscard]] std::vector<double> designed_slots(std::span<const double> trained) const;
  void resolve_trained_sources();
  [[nodiscard]] DataSet resolve(const BenchData& data) const;
  void resolve_probes();
  void plan_gradient();

  Bench bench_;
  Deck deck_;
  std::shared_ptr<const Circuit> circuit_;
  TrainedParameters trained_;
  std::vector<std::string> probe_names_;
  std::vector<Port> probes_;
  std::vector<std::string> probe_units_;
  std::vector<Probe> waves_;
  std::vector<std::int32_t> driven_;
  std::vector<std::int32_t> trained_sources_;
  std::vector<double> device_factors_;
  std::optional<DataSet> data_;
  std::optional<DataSet> held_out_;
  mutable std::optional<TransientEngine> engine_;    // planned once, reused by every run
  mutable std::optional<PlannedGradient> planned_;   // of large circuits, or where the bench limits memory
};

/// Everything that a bench measures of its deck, and where it says so: the instruments that `read_deck` is to put in.
[[nodiscard]] std::vector<ProbeRequest> probes_requested(const Bench& bench);

}  // namespace tellegen
