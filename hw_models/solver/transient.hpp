#pragma once
// Transient solution of a circuit on a uniform grid, forward, as an echo, or as its own adjoint.
//
//     sum_k A_out,k i_k = I(t)          Kirchhoff's current law at every node          [A]
//     v_p - v_n = E(t)                  at every voltage source                        [V]
//     i_k = i_ref + D^a [ f( bias + u ) - f( bias ) ],   u = D^(b-1) ( A_in,k^T v - v_ref )
//
// | symbol     | unit       | meaning                                                                        |
// |------------|------------|--------------------------------------------------------------------------------|
// | v          | V          | node voltages, the unknowns, with the currents of the voltage sources          |
// | A_out/A_in | 1          | incidence of a branch's output and control port                                |
// | a, b       | 1          | orders of the branch, discretised by convolution quadrature                    |
// | u          | V s^(1-b)  | deviation of the controlling variable D^b phi                                  |
// | bias       | V s^(1-b)  | value about which the law is taken: rest, the operating point, or a replayed record |
//
// An echo exchanges the ports of controlled sources; the adjoint exchanges the orders too and takes the law's tangent at
// the bias. Both have the transposed Jacobian of the forward network, so one symbolic plan and one set of factors serve all.

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "hw_models/circuit/circuit.hpp"
#include "hw_models/solver/convergence.hpp"
#include "hw_models/solver/time_grid.hpp"

namespace tellegen {

/// How the network is run.
struct NetworkMode {
  bool ports_swapped = false;   ///< controlled sources exchange output and control port
  bool orders_swapped = false;  ///< a branch is D^(b-1) Lambda D^a instead of D^a f D^(b-1): the adjoint network
  bool tangent = false;         ///< the law is replaced by its slope at the bias
  bool deviation = false;       ///< an echo: what the branches carry are deviations from the replayed records
  bool time_reversed = false;   ///< capacitors stand with their terminals exchanged: the state retraces its path
  bool loss_flipped = false;    ///< linear resistors are negative conductances
  double flip_gain = 0;         ///< error of those, relative
  double flip_saturation = 0;   ///< [V] at which they saturate, i = -G V tanh(v/V); 0: never
};

inline constexpr NetworkMode forward_network{};
inline constexpr NetworkMode adjoint_network{.ports_swapped = true, .orders_swapped = true, .tangent = true, .deviation = true};

/// State that the run starts from: rest, or values about which all deviations are taken.
struct ReferenceState {
  std::vector<double> node_voltage;  // [V] by node, [0] = ground, and [A] by voltage source behind them; empty: rest
  std::vector<double> current;       // [A] by branch
  std::vector<double> controlling;   // [V s^(1-b)] by branch
  std::vector<double> voltage;       // [V] by branch, v_ref; empty: that of the node voltages
};

/// What drives one step. Spans may be empty: no injection, zero sources, zero bias.
struct StepDrive {
  std::span<const double> sources;   // [V] or [A] by source of the circuit
  std::span<const double> injected;  // [A] by node, into the node, then [V] by voltage source; [0] is ignored; may end early
  std::span<const double> bias;      // [V s^(1-b)] by branch
  std::span<const double> states = {};  // internal states of the replayed step, in a deviation network
  double time = -1;                     // [s] of the replayed step; negative: the engine's own
  std::span<const double> clamped = {};  // [V] by clamp of the engine; empty: the clamps are off
};

/// Largest number of Newton iterations in a step.
inline constexpr int newton_limit = 100;

/// Dynamic state of an engine, opaque.
class EngineState {
 public:
  struct Content;
  std::shared_ptr<const Content> content;
};

/// Engine that advances one network step by step. Parameters and state are its own; the circuit is shared and const.
class TransientEngine {
 public:
  /// @param clamps  ports whose voltage a step may hold (`StepDrive::clamped`): outputs with a clamp amplifier
  TransientEngine(std::shared_ptr<const Circuit> circuit, const TimeGrid& grid, std::vector<Port> clamps = {});
  ~TransientEngine();
  TransientEngine(TransientEngine&&) noexcept;

  [[nodiscard]] const Circuit& circuit() const;
  [[nodiscard]] const TimeGrid& grid() const;

  /// Takes new law parameters (slots of the circuit); valid from the next `begin` on.
  void set_slots(std::span<const double> slots);
  [[nodiscard]] std::span<const double> slots() const;
  /// Puts the network back to its start.
  void begin(NetworkMode mode, const ReferenceState& start = {});
  /// As a forward `begin`, but with everything that moves at the start in motion already, where `begin` has rest before it: a
  /// second-order method is then one from the first step on, even if the sources jump there. Half orders start from rest.
  /// @param sources  values [V] or [A] at a time [s]
  void begin_in_motion(const ReferenceState& start, const std::function<std::vector<double>(double)>& sources);
  /// Memories of a law branch whose operators are of order -1 or 1, as what they add to the next step and to the one after.
  struct BranchMemory {
    double inner = 0, inner_second = 0;  // of D^(b-1) on the voltage
    double outer = 0, outer_second = 0;  // of D^a on the law's value
  };
  /// By branch.
  [[nodiscard]] std::vector<BranchMemory> memories() const;
  /// State after the last step, to be taken up again.
  [[nodiscard]] EngineState save() const;
  /// Starts a run in a saved state of a network of inductors, capacitors and resistors on the trapezoidal grid, with time
  /// reversed: fluxes stay, voltages change sign (theory section 4). The steps are counted anew.
  /// @param mode  its flips are taken
  void begin_reversed(const EngineState& state, NetworkMode mode);
  /// Advances by one step. On failure the state is that before the step and `failure()` says what happened.
  /// @throws std::logic_error past the last step of the grid
  SolveStatus step(const StepDrive& drive);

  /// Node voltages [V] after the last step, [0] = ground. In the adjoint network: the adjoint variable per node.
  [[nodiscard]] std::span<const double> voltages() const;
  /// All unknowns after the last step: the node voltages, then the currents [A] of the voltage sources.
  [[nodiscard]] std::span<const double> unknowns() const;
  /// Internal states of the branches after the last step; in the adjoint network the adjoint ones.
  [[nodiscard]] std::span<const double> states() const;
  /// Deviation u by branch after the last step; in the adjoint network D^a of the adjoint branch variable.
  [[nodiscard]] std::span<const double> controlling() const;
  /// Current [A] that a clamp drives into its port.
  [[nodiscard]] double clamp_current(std::size_t clamp) const;
  /// Current [A] that a source carries from p through itself to n.
  [[nodiscard]] double source_current(std::int32_t source) const;
  [[nodiscard]] std::size_t steps_done() const;
  [[nodiscard]] const ConvergenceFailure& failure() const;
  /// Newton iterations since `begin`.
  [[nodiscard]] std::size_t iterations() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Controlling variable of a branch after the last step of a forward run that began in that state: reference plus deviation.
[[nodiscard]] double controlling_value(const TransientEngine& engine, const ReferenceState& start, std::int32_t branch);

/// @throws ConvergenceError with the engine's explanation when the step failed
void require_converged(SolveStatus status, const TransientEngine& engine);

}  // namespace tellegen
