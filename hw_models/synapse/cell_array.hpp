#pragma once
// Physics and local update rule of synapse cells of one kind, as a structure of arrays. A plain class: a single cell is an
// array of one, a tile holds an array for each kind, so a netlist of cells, a tile and the fast plant share one arithmetic.

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "hw_models/circuit/circuit.hpp"
#include "hw_models/solver/differentiation.hpp"
#include "hw_models/synapse/cell_flaws.hpp"
#include "hw_models/synapse/readout.hpp"

namespace tellegen {

/// Branch that a cell belongs to, and its place in the circuit.
struct CellSite {
  const Branch* branch = nullptr;
  std::int32_t index = 0;
};

/// Whether the cells of two branches can share an array: the same kind of branch, law and orders.
[[nodiscard]] bool are_alike(const Branch& a, const Branch& b);

/// What the cells of an array see in one analog step of a nudged phase, each signal by cell.
struct NudgedSignals {
  const double* bias = nullptr;    ///< [z] record of the step that this one meets
  const double* dz = nullptr;      ///< [z] deviation from it; where the network is no deviation, z itself
  const double* v_out = nullptr;   ///< [V] voltage of the output port (of the driven port of an echo with swapped ports)
  const double* states = nullptr;  ///< internal states of the record, by cell, then state; unused where the branches have none
};

/// Synapse cells of like branches: trace memory, correlator, accumulators and local update of each.
///
/// | signal   | unit       | meaning                                                                         |
/// |----------|------------|---------------------------------------------------------------------------------|
/// | z        | V s^(1-b)  | controlling variable of the branch, sampled into the trace memory               |
/// | bias     | V s^(1-b)  | the trace replayed in reverse                                                    |
/// | dz       | V s^(1-b)  | deviation of the controlling variable in the echo                               |
/// | v_out    | V          | echo voltage of the output port; [D^(a-s) w] = D^(a-s-1) v_out                   |
/// | x        | -          | internal states of the branch (gates), a word each of the trace memory           |
/// | C        | [L]/[p]    | correlator: sum of the readout over a nudged phase, one per side                |
///
/// dL/dp = gain_plus C_plus + gain_minus C_minus with gains -1/2k and +1/2k (theory section 4).
///
/// What an analog step touches lies by signal, then cell; what a learning cycle touches once lies by cell. No cell's result
/// depends on its neighbours, to the last bit.
class CellArray {
 public:
  /// @param sites  one cell each, all alike
  /// @param slots  law parameters of the whole circuit
  /// @param grid   analog grid; `depth` words of trace memory for each signal of a cell
  CellArray(std::span<const CellSite> sites, std::span<const double> slots, const TimeGrid& grid, std::size_t depth);

  [[nodiscard]] std::size_t width() const { return branch_.size(); }
  [[nodiscard]] BranchKind kind() const { return kind_; }
  [[nodiscard]] std::span<const std::int32_t> branches() const { return branch_; }  ///< by cell
  [[nodiscard]] std::span<const Port> outputs() const { return out_; }              ///< by cell
  [[nodiscard]] std::size_t slot_count() const { return slot_count_; }
  [[nodiscard]] LearningSlot& slot(std::size_t cell, std::size_t s) { return learning_[cell * slot_count_ + s]; }
  [[nodiscard]] const LearningSlot& slot(std::size_t cell, std::size_t s) const { return learning_[cell * slot_count_ + s]; }
  /// Law parameter that the circuit sees: the slot's value through its view.
  [[nodiscard]] double law_parameter(std::size_t cell, std::size_t s) const;
  /// Writes the law parameters of all cells into those of the circuit.
  void put_law_parameters(std::span<double> slots) const;

  /// Makes the cells real ones, before their first run.
  void set_flaws(CellFlaws flaws) { flaws_.emplace(std::move(flaws)); }

  /// Fixes what an echo of this reading is correlated with.
  void configure(const NudgeReading& reading);
  /// A new presentation: the accumulators keep their `decay` part, the correlators are emptied.
  void begin_presentation();
  /// How it ends: whole, or cut short, and then the accumulators are again what they were before it (after an update: what they
  /// were then), so that no later update knows of it.
  void keep_presentation();
  void undo_presentation();

  /// Trace memory of clock tick k = 0..depth-1, by cell; and that of the internal states, by cell, then state.
  [[nodiscard]] std::span<double> trace(std::size_t tick) { return std::span(trace_).subspan(tick * width(), width()); }
  [[nodiscard]] std::span<double> state_trace(std::size_t tick) {
    return std::span(state_trace_).subspan(tick * states_.size(), states_.size());
  }
  /// Empties the phasors of cells that lock in.
  void begin_record();
  /// What the branches start from: controlling variables and internal states.
  [[nodiscard]] std::span<double> start() { return start_; }
  [[nodiscard]] std::span<double> start_states() { return states_; }
  /// A run begins there, the one of that count.
  void begin_run(std::uint32_t run);
  /// Whether samples are taken between the steps, so that every step of a clamped phase has to be seen.
  [[nodiscard]] bool sees_steps() const { return flaws_ && flaws_->sees_steps(); }
  /// Room for the controlling variables, then the internal states, of an analog step, counted from 0 in its clock cycle.
  [[nodiscard]] std::span<double> next_seen(std::size_t step) { return flaws_->next(step); }
  /// The trace memory keeps what was put into it.
  void finish_record(std::size_t tick) {
    if (flaws_) flaws_->store(tick, trace(tick), state_trace(tick));
  }
  /// Reads what the trace memory gives of a clock tick, some time [s] after it was stored.
  /// @param share  of the way to the record before it, for a replay that goes straight
  void recall(std::ptrdiff_t tick, double share, double wait);
  /// Record of a clock tick; those before the first are the state that the run started from. Of cells with flaws the one last recalled.
  [[nodiscard]] std::span<const double> recorded(std::ptrdiff_t tick) const;
  [[nodiscard]] std::span<const double> recorded_states(std::ptrdiff_t tick) const;
  /// Internal states of a cell's branch.
  [[nodiscard]] std::size_t state_words() const { return state_words_; }
  [[nodiscard]] std::size_t depth() const { return depth_; }

  /// One analog step of the clamped phase, for cells that lock in. `step` counts from 0 within a run of `steps`.
  void detect(std::size_t step, std::size_t steps, std::span<const double> z);
  [[nodiscard]] bool locks_in() const { return readout_ == Readout::lock_in; }

  /// @param beside  the other side's echo runs at the same time: `select` then says whose step is next
  void begin_echo(Side side, bool beside = false);
  void select(Side side) { side_ = side; }
  /// Whether the readout takes the voltage of the output port.
  [[nodiscard]] bool reads_voltage() const { return reads_voltage_; }
  /// One analog step of a nudged phase of `steps` steps.
  void correlate(const NudgedSignals& signals, std::size_t step, std::size_t steps);
  /// Adds gain_plus C_plus + gain_minus C_minus to every accumulator.
  void accumulate(double gain_plus, double gain_minus);
  /// p <- clip(p - rate * accumulator) in every trained slot; the maximum prevails over the minimum. From here on the
  /// presentation cannot be undone.
  void update();
  /// Writes a parameter.
  void program(std::size_t cell, std::size_t s, double value) { slot(cell, s).value = flaws_ ? flaws_->set(cell, s, value) : value; }
  [[nodiscard]] double correlator(std::size_t cell, std::size_t s, Side side) const { return sums_[static_cast<std::size_t>(side)][s * width() + cell]; }

  /// Room for the signals of one analog step, for whoever steps the network.
  struct Terminals {
    std::vector<double> z, v_out;
  };
  [[nodiscard]] Terminals& terminals() { return terminals_; }

 private:
  /// Adds factor * readout of every cell to the sums, by slot, then cell.
  using ReadoutFunction = void (*)(const void* law, std::size_t width, const double* p, const double* bias, const double* signal,
                                   double factor, double* sums);

  /// Operators of an echo on the voltages of the output ports.
  struct Echo {
    std::vector<DifferentiationBank<double>> orders;  // D^(a-s-1) on v_out: one for all cells, or one for each
    double order = 0;
    std::size_t room = 0;                             // steps that the operator remembers
    std::vector<std::complex<double>> phasors;        // by harmonic, then cell
  };
  [[nodiscard]] Echo& echo() { return echoes_[runs_beside_ && side_ == Side::minus ? 1 : 0]; }
  void make_echo_orders(std::size_t steps);
  void recall_stored(std::ptrdiff_t tick, double wait, double weight);
  [[nodiscard]] const double* echo_of(const double* v_out);
  void correlate_potential(const NudgedSignals& signals, double weight);
  void correlate_membranes(const NudgedSignals& signals, double weight);
  void add_lock_in();
  [[nodiscard]] std::vector<double>& sums() { return sums_[static_cast<std::size_t>(side_)]; }

  BranchKind kind_;
  LawChoice law_;
  Orders orders_;
  TimeGrid grid_;
  std::size_t depth_, slot_count_, state_words_;
  std::vector<std::int32_t> branch_, first_slot_;  // by cell
  std::vector<Port> out_;
  std::vector<LearningSlot> learning_;             // by cell, then slot

  std::vector<double> start_, states_;             // what the branches start from
  std::vector<double> trace_, state_trace_;        // by tick, then as those
  Terminals terminals_;

  NudgeReading reading_;
  Readout readout_ = Readout::product;
  const void* which_law_ = nullptr;  // the law as an object, first argument of `read_`
  ReadoutFunction read_ = nullptr;
  double sign_ = 1;                  // of the potential readout: derivative-like variables change sign under time reversal
  Side side_ = Side::plus;
  std::array<std::vector<double>, 2> sums_;        // correlators by side; by slot, then cell
  std::vector<double> law_parameters_;             // by slot, then cell, as they were when the echo began

  std::array<Echo, 2> echoes_;                     // the second for a negative side beside the positive one
  bool reads_voltage_ = false, runs_beside_ = false;
  double echo_order_ = 0;
  std::vector<double> echo_, past_;                // by cell
  std::vector<double> products_;                   // by slot, then cell: a readout that is not added yet

  std::size_t run_steps_ = 0;
  std::vector<std::complex<double>> phasor_z_;     // by harmonic, then cell

  std::optional<CellFlaws> flaws_;
  std::vector<double> recalled_, recalled_states_; // of cells with flaws
};

}  // namespace tellegen
