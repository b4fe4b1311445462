#pragma once
// Physics and local update rule of one synapse cell. A plain class: the SystemC cell wraps it, the direct plant uses it as
// it is, so a netlist of cells, a tile and the fast plant share one arithmetic.

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "hw_models/circuit/circuit.hpp"
#include "hw_models/solver/differentiation.hpp"

namespace tellegen {

/// What the correlator of a cell measures in a nudged phase.
enum class Readout {
  contrast,   ///< dF/dp(bias + dz) - dF/dp(bias): change of the element's own potential derivative
  product,    ///< [D^(a-s) w] * df/dp(bias): echo signal times the record
  potential,  ///< dF/dp(z) of the element as it runs, nothing recorded; the two sides' difference is the contrast
  lock_in,    ///< product of the phasors of z and of the echo, summed over harmonics of a periodic run
};

enum class Side { plus, minus };

/// How a nudged phase runs.
enum class NudgeKind {
  echo,      ///< sources at zero, the network carries the deviation from the records, which come in reverse
  forward,   ///< as the clamped phase, with the nudge added
  reversal,  ///< from the clamped phase's end state with time reversed: the lossless echoes
};

/// Phase-sensitive detection of a periodic run's last period, instead of a trace memory.
struct LockIn {
  std::uint32_t period = 0;      ///< [analog step]; 0: off
  std::uint64_t harmonics = 0;   ///< bit h set: harmonic h is detected, 0 being the mean
  friend bool operator==(const LockIn&, const LockIn&) = default;
};
inline constexpr int lock_in_harmonics = 64;

/// How the cells of an array read a nudged phase of skew s.
struct NudgeReading {
  double skew = -1;           ///< s of theory section 4; the injected current is D^s of the reversed error slope
  bool product_only = false;  ///< product even where the cell's skew is that of the echo
  bool potential = false;     ///< absolute potential derivatives where the skew matches
  bool settled_only = false;  ///< the last step alone counts: sample and hold at a fixed point
  double weight_rate = 0;     ///< [1/s] readout at time t of the phase is weighted by exp(-rate t)
  LockIn lock_in{};
};

/// What a cell sees in one analog step of a nudged phase.
struct NudgedSample {
  double bias = 0;                     ///< [z] record of the step that this one meets
  double dz = 0;                       ///< [z] deviation from it; where the network is no deviation, z itself
  double v_out = 0;                    ///< [V] voltage of the output port (of the driven port of an echo with swapped ports)
  std::span<const double> states{};    ///< internal states of the record
};

/// One learning slot of a cell: a law parameter with its accumulator and update rule p <- clip(p - rate * accumulator).
struct LearningSlot {
  double value = 0;        ///< p, in the user's view (conductance, inductance, ...)
  double accumulator = 0;  ///< [L]/[p] gradient gathered by the correlator
  double rate = 0;         ///< [p]^2/[L]; 0: not trained
  double minimum = -HUGE_VAL, maximum = HUGE_VAL;
  double decay = 0;        ///< part of the accumulator that a new presentation keeps (momentum)
  ViewKind view = ViewKind::identity;
};

/// Synapse cell: trace memory, correlator, accumulators and local update of one branch.
///
/// | signal   | unit       | meaning                                                                         |
/// |----------|------------|---------------------------------------------------------------------------------|
/// | z        | V s^(1-b)  | controlling variable of the branch, sampled into the trace memory               |
/// | bias     | V s^(1-b)  | the trace replayed in reverse                                                    |
/// | dz       | V s^(1-b)  | deviation of the controlling variable in the echo                               |
/// | v_echo   | V          | echo voltage of the output port; [D^(a-s) w] = D^(a-s-1) v_echo                  |
/// | x        | -          | internal states of the branch (gates), a word each of the trace memory           |
/// | C        | [L]/[p]    | correlator: sum of the readout over a nudged phase, one per side                |
///
/// dL/dp = gain_plus C_plus + gain_minus C_minus with gains -1/2k and +1/2k (theory section 4).
class CellPhysics {
 public:
  /// @param branch  the branch that the cell belongs to; `index` its place in the circuit
  /// @param slots   law parameters of the whole circuit
  /// @param grid    analog grid; `depth` words of trace memory
  CellPhysics(const Branch& branch, std::int32_t index, std::span<const double> slots, const TimeGrid& grid, std::size_t depth);

  [[nodiscard]] std::int32_t branch() const { return branch_index_; }
  [[nodiscard]] std::size_t slot_count() const { return learning_.size(); }
  [[nodiscard]] LearningSlot& slot(std::size_t s) { return learning_[s]; }
  [[nodiscard]] const LearningSlot& slot(std::size_t s) const { return learning_[s]; }
  /// Law parameter that the circuit sees: the slot's value through its view.
  [[nodiscard]] double law_parameter(std::size_t s) const;
  [[nodiscard]] std::int32_t first_law_slot() const { return first_slot_; }

  /// Fixes what an echo of this reading is correlated with.
  void configure(const NudgeReading& reading);
  /// A new presentation: the accumulators keep their `decay` part, the correlators are emptied.
  void begin_presentation();
  /// Stores z of clock tick k = 0..depth-1 in the trace memory.
  void record(std::size_t tick, double z, std::span<const double> states = {});
  /// Record of a clock tick; those before the first are the state that the run started from.
  [[nodiscard]] double recorded(std::ptrdiff_t tick) const { return tick < 0 ? start_ : trace_[static_cast<std::size_t>(tick)]; }
  [[nodiscard]] std::span<const double> recorded_states(std::ptrdiff_t tick) const;
  /// What the branch starts from: its controlling variable and its internal states.
  void record_start(double z, std::span<const double> states);
  /// One analog step of the clamped phase, for cells that lock in. `step` counts from 0 within a run of `steps`.
  void detect(std::size_t step, std::size_t steps, double z);
  [[nodiscard]] bool locks_in() const { return readout_ == Readout::lock_in; }
  /// Words of trace memory per tick.
  [[nodiscard]] std::size_t words() const { return 1 + state_words_; }
  [[nodiscard]] std::size_t depth() const { return trace_.size(); }

  void begin_echo(Side side);
  /// One analog step of a nudged phase of `steps` steps.
  void correlate(const NudgedSample& sample, std::size_t step, std::size_t steps);
  /// Adds gain_plus C_plus + gain_minus C_minus to every accumulator.
  void accumulate(double gain_plus, double gain_minus);
  /// p <- clip(p - rate * accumulator) in every trained slot.
  void update();

 private:
  using Sums = std::array<double, max_law_parameters>;
  using ReadoutFunction = void (*)(const void* law, const double* p, double bias, double signal, double* sums);

  [[nodiscard]] std::array<double, max_law_parameters> law_parameters() const;

  std::int32_t branch_index_;
  std::int32_t first_slot_;
  LawChoice law_;
  const void* which_law_ = nullptr;  // the law as an object, first argument of `read_`
  Orders orders_;
  TimeGrid grid_;
  std::vector<double> trace_;
  std::vector<LearningSlot> learning_;
  void correlate_membrane(const NudgedSample& sample, double weight);
  void add_lock_in();
  [[nodiscard]] double echo_of(double v_out);

  BranchKind kind_;
  std::size_t state_words_ = 0;
  double start_ = 0;
  std::vector<double> state_trace_, start_states_;
  NudgeReading reading_;
  double sign_ = 1;  // of the potential readout: derivative-like variables change sign under time reversal
  std::size_t run_steps_ = 0;
  std::vector<std::complex<double>> phasor_z_, phasor_echo_;
  Readout readout_ = Readout::product;
  ReadoutFunction read_ = nullptr;
  std::optional<DifferentiationBank<double>> echo_order_;  // D^(a-s-1) on v_echo
  double configured_order_ = 0;
  std::size_t echo_room_ = 0;  // steps that the operator remembers
  Sums present_law_{};
  Sums plus_{}, minus_{};
  Sums* side_ = &plus_;
};

/// Which branches carry a cell: every nonlinear one (its record is replayed) and every one with a trained parameter.
[[nodiscard]] std::vector<std::int32_t> branches_with_cells(const Circuit& circuit, std::span<const std::int32_t> trained_parameters);

}  // namespace tellegen
