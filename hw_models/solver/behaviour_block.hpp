#pragma once
// The behavioural branches of a circuit in the transient engine.
//
// Forward, in absolute quantities:            i = g(u_1, ..., u_m, t)
// In a deviation network (echo, adjoint), about the replayed inputs and at the replayed time, with c_j = dg/du_j:
//
//     ports as they are:     i = sum_j c_j w_j                 w_j: deviation of input j
//     ports swapped:         i_j = c_j w                       w: deviation of the output's port, i_j into the port of input j
//
// The internal states are the inputs' values: what a cell's trace memory has to hold.

#include <span>
#include <vector>

#include "hw_models/circuit/behaviour.hpp"
#include "hw_models/circuit/circuit.hpp"

namespace tellegen {

/// All behavioural branches of one circuit.
class BehaviourBlock {
 public:
  explicit BehaviourBlock(const Circuit& circuit);

  [[nodiscard]] std::size_t width() const { return members_.size(); }
  [[nodiscard]] bool is_linear() const { return is_linear_; }
  [[nodiscard]] std::int32_t branch(std::size_t k) const { return members_[k].branch; }
  [[nodiscard]] Port output(std::size_t k) const { return members_[k].output; }
  [[nodiscard]] std::span<const Port> inputs(std::size_t k) const { return members_[k].inputs; }

  /// `linearised`: a deviation network.
  void begin(bool linearised, bool swapped);
  /// Fixes the time [s] of this step and, when linearised, the tangent: `states` are the replayed inputs, empty for zeros.
  void begin_step(double time, std::span<const double> states);
  /// Adds the currents of member k at the unknowns x to the residual.
  void add_currents(std::size_t k, std::span<const double> x, std::span<double> residual);
  /// Slope [A/V, ...] of member k's output in each of its inputs at the unknowns x.
  [[nodiscard]] std::span<const double> slopes(std::size_t k, std::span<const double> x);
  /// Largest fraction of the Newton step dx from x that member k allows.
  [[nodiscard]] double trusted_fraction(std::size_t k, std::span<const double> x, std::span<const double> dx);
  /// Writes the internal states of member k at the accepted unknowns.
  void accept(std::size_t k, std::span<const double> x, std::span<double> states) const;

 private:
  struct Member {
    std::int32_t branch, first_state;
    Port output;
    std::vector<Port> inputs;
    const Behaviour* behaviour;
    std::vector<double> arguments, next;  // inputs and time
    std::vector<double> tangent;          // slope by input
  };
  [[nodiscard]] static double across(std::span<const double> x, Port port) {
    return x[static_cast<std::size_t>(port.p)] - x[static_cast<std::size_t>(port.n)];
  }
  static void sense(Member& member, std::span<const double> x);

  std::vector<Member> members_;
  bool is_linear_ = true, linearised_ = false, swapped_ = false;
};

}  // namespace tellegen
