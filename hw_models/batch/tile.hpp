#pragma once
// A tile: W samples that run together, one lane each. One thread at a time.

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "hw_models/batch/batch_plan.hpp"
#include "hw_models/batch/gradient_sums.hpp"
#include "hw_models/lanes/lane_array.hpp"
#include "hw_models/linear/panel_matrix.hpp"
#include "hw_models/solver/convergence.hpp"
#include "hw_models/solver/transient.hpp"

namespace tellegen {

/// How Newton's method is run in lanes.
struct NewtonSettings {
  double tolerance = 1e-12;  ///< predicted size of the next step, relative to the largest voltage
  int limit = 100;           ///< iterations in a step
};

/// What a tile did, for reports.
struct TileCounts {
  std::size_t steps = 0;
  std::size_t iterations = 0;
  std::size_t factors = 0;
  std::size_t known = 0;  ///< steps at which a known voltage moved
};

/// Present state and arrays of one tile. Deviations from the start of the run are carried, as in `TransientEngine`.
class Tile {
 public:
  Tile(std::shared_ptr<const BatchPlan> plan, int lanes, InstructionSet set);

  [[nodiscard]] int lanes() const { return static_cast<int>(lanes_); }
  [[nodiscard]] const BatchPlan& plan() const { return *plan_; }
  void set_values(const BatchValues& values);
  void set_newton(const NewtonSettings& settings) { newton_ = settings; }

  /// Starts a forward run.
  /// @param starts  state by lane, or one for all; empty: rest
  void begin(std::span<const ReferenceState> starts);
  /// Takes the memories of a scalar engine that stands at the same start, into every lane.
  void take_memories(const TransientEngine& engine);
  /// Advances by one step under these sources [source * W + lane].
  /// @param held  the sources are those of the step before
  /// @param row, next_row  where a trajectory keeps this step and the next one, for `fills_rows`; null: nowhere
  [[nodiscard]] SolveStatus step(const double* sources, bool held = false, double* row = nullptr, double* next_row = nullptr);
  /// Whether steps are solved in the rows of a trajectory themselves: nothing is left to `store`.
  [[nodiscard]] bool fills_rows() const { return plan_->is_linear() && !plan_->linear_reads_known(); }
  /// Voltage of a node in every lane after the last step.
  void read_node(NodeIndex node, double* out) const;
  /// Deviations of the unknowns after the last step: what a trajectory keeps of it, [place * W + lane].
  [[nodiscard]] const double* unknowns() const { return now_; }
  /// Values of a trajectory's row, whole registers of them.
  [[nodiscard]] std::size_t stored_values() const { return (at(plan_->unknowns() + 1) + memory_values_ + 7) / 8 * 8; }
  /// Writes what the adjoint needs of the last step: unknowns, and the controlling variables of laws with a memory.
  void store(double* out) const;
  /// All that changes in a step, forward or adjoint: for checkpoints, and for an adjoint that waits while a forward segment is run again.
  [[nodiscard]] std::size_t checkpoint_values();
  void save(double* out);
  void restore(const double* from);

  /// Starts the adjoint run: theory section 3.
  void begin_adjoint();
  /// One step of the adjoint, of the forward step whose `store` and sources are given.
  /// @param stored  stays where it is until the segment's last step or `finish_adjoint`; the step before stands one row before it
  /// @param held    the sources are those of the adjoint step before this one, or of the forward run's last step
  /// @param slopes  dL/dv of probed nodes [probe * W + lane]
  [[nodiscard]] SolveStatus step_adjoint(const double* stored, const double* sources, bool held, std::span<const NodeIndex> probes, const double* slopes);
  /// After the last step of the adjoint, and before the stored rows change.
  void finish_adjoint();
  /// Writes dL/dslot, summed over the lanes and steps since `begin_adjoint`, of every slot that the gradient covers: once after a run.
  void give_gradient(std::span<double> gradient);

  [[nodiscard]] const TileCounts& counts() const { return counts_; }
  /// Unknown that moved most when Newton's method gave up, as a node of the circuit.
  [[nodiscard]] NodeIndex restless_node() const;

 private:
  /// Memory of D^s on the signals of one group.
  struct Memory {
    LaneArray past, second, x1, x2, v1, v2;
    [[nodiscard]] ExponentialState exponentials() { return {x1.data(), x2.data(), v1.data(), v2.data()}; }
    void clear();
    template <class Visit>
    void for_arrays(const Visit& visit);
  };
  [[nodiscard]] Memory make_memory(const StepOperator& op, std::int32_t count) const;
  void advance(const StepOperator& op, std::int32_t count, const double* x, Memory& memory) const;
  [[nodiscard]] LawView view_of(std::size_t law) const;
  [[nodiscard]] const LawKernelSet& kernels_of(std::size_t law) const { return law_kernels_[static_cast<std::size_t>(plan_->laws()[law].law)]; }
  /// State that a lane started from; null: rest.
  [[nodiscard]] const ReferenceState* start_of(std::size_t lane) const;
  void repeat_first(LaneArray& array) const;
  void set_biases(std::size_t distinct);
  void set_known(const double* sources, double* x) const;
  void take_known(const double* sources);
  void gather_known();
  [[nodiscard]] SolveStatus solve_nonlinear();
  void advance_forward();
  [[nodiscard]] std::size_t at(std::int32_t place) const { return static_cast<std::size_t>(place) * lanes_; }
  template <class Visit>
  void for_state(const Visit& visit);
  [[nodiscard]] SolveStatus solve_adjoint();
  [[nodiscard]] SolveStatus refine_adjoint();
  void note_restless(const double* moved);
  void subtract_law_past(std::size_t law);
  void gather_gradient(const double* stored, bool held);
  void take_solution(LaneArray& x);
  void stand_at_home();
  [[nodiscard]] LawPoint point_of(std::size_t law) { return {forward_controlling_[law].data(), forward_value_[law].data(), slope_[law].data()}; }

  std::shared_ptr<const BatchPlan> plan_;
  std::size_t lanes_;
  const StepKernels& kernels_;
  const LawKernelSet* law_kernels_;
  bool is_modified_;  // Newton's method keeps its factors
  std::unique_ptr<LaneSystem> system_;
  InstructionSet set_;
  const PanelLaneKernels& panel_kernels_;
  BatchValues values_;
  NewtonSettings newton_;

  LaneArray x_, rhs_;                 // extended places; in an adjoint run x_ is the forward step that it meets
  double *now_ = nullptr, *pending_ = nullptr;  // unknowns of the last step, and the next one's right-hand side: in x_ and rhs_, or in rows of a trajectory
  LaneArray adjoint_;                 // extended places: unknowns of the adjoint, zeros behind them
  LaneArray x_last_, x_before_;       // one and two accepted steps ago
  LaneArray residual_, step_, own_;
  std::vector<double> known_zeros_;
  std::optional<PanelMatrix> known_panel_;   // of the known voltages, where nearly every one drives every unknown
  std::vector<std::int32_t> follow_source_;  // where every known voltage follows one source
  std::vector<double> follow_coefficient_;
  LaneArray known_, known_part_;      // known voltages of the last step, and what they drive
  LaneArray constant_;                // currents of the start that no memory holds
  LaneArray known_reference_;
  std::vector<ReferenceState> starts_;
  bool has_constant_ = false, has_reference_ = false, known_is_fresh_ = false, matrix_is_factored_ = false, factor_is_shared_ = false;
  std::vector<Memory> memories_;      // by linear group
  std::vector<Memory> inner_, outer_; // by law
  std::vector<LaneArray> bias_, f_bias_;
  bool is_biased_at_rest_ = false;    // they are those of a start from rest under the present values
  std::vector<LaneArray> law_known_;  // by law: known voltages' part of the ports' voltages
  std::vector<LaneArray> controlling_;// by law: of the last step, where D^(b-1) has a memory
  std::size_t memory_values_ = 0;     // of controlling variables that a trajectory keeps
  double largest_[most_lanes] = {};   // voltage of the run by lane
  std::size_t done_ = 0;
  std::int32_t restless_ = 0;

  std::optional<GradientSums> sums_;               // of linear branches
  std::vector<std::vector<double>> law_gradient_;  // by law
  std::vector<std::vector<std::int32_t>> law_slots_;  // by law: first slot of every branch
  const double* forward_ = nullptr;   // unknowns and ground of the forward step that the adjoint meets, known voltages behind them if linear ports read them
  std::vector<LaneArray> slope_;      // by law: Lambda there
  std::vector<LaneArray> forward_controlling_, forward_value_;  // by law: z and f there
  LaneArray scratch_, answer_;
  TileCounts counts_;
};

}  // namespace tellegen
