#pragma once
// The Hodgkin-Huxley membranes of a circuit in the transient engine.
//
// Forward: the gates of a step follow from its voltage alone, because the quadrature's equation for a gate is linear in it:
//
//     w0 (x_n - x_ref) + past = alpha (v_n) (1 - x_n) - beta(v_n) x_n          x = m, h, n
//
// so they are eliminated inside the branch and its current is a function of v_n. Linearised about replayed v and gates (echo
// and adjoint), each gate is a leaky integrator y with D y + (alpha + beta) y = in(t) w that adds out(t) y to the current: in =
// b, out = c forwards; swapped ports exchange them (theory section 5).

#include <array>
#include <vector>

#include "hw_models/circuit/circuit.hpp"
#include "hw_models/solver/differentiation.hpp"

namespace tellegen {

/// All membranes of one circuit with their state.
class MembraneBlock {
 public:
  MembraneBlock(const Circuit& circuit, const TimeGrid& grid);

  [[nodiscard]] std::size_t width() const { return members_.size(); }
  [[nodiscard]] std::int32_t branch(std::size_t k) const { return members_[k].branch; }
  [[nodiscard]] Port port(std::size_t k) const { return members_[k].port; }

  void load_parameters(std::span<const double> slots);
  /// Puts every membrane to rest at its voltage v_ref [V], gates settled there. `linearised`: a deviation network.
  void begin(bool linearised, bool swapped, std::span<const double> v_ref_by_branch);
  /// Takes over the motion of two runs of a single step of the same membranes, of `soon_at` and of `step` [s].
  void set_in_motion(const MembraneBlock& soon, double soon_at, const MembraneBlock& later, double step);
  /// Fixes what the past says about this step and, when linearised, about what v [V] and gates the tangent is taken.
  void begin_step(std::span<const double> bias_by_branch, std::span<const double> states);
  /// Current [A] and conductance [S] of member k at the voltage v [V] of its port.
  void evaluate(std::size_t k, double v, double& current, double& conductance);
  /// Takes the accepted voltage of member k and writes its internal states: gates, or the y of each gate when linearised.
  void accept(std::size_t k, double v, double* states);
  void finish_step();

 private:
  struct Member {
    std::int32_t branch, first_slot, first_state;
    Port port;
    std::array<double, membrane_parameters.size()> p;
    double v_ref;
    Gates x_ref;
    // Tangent of this step.
    double conductance;  // [S/cm^2]
    Gates in, out, decay;
  };
  [[nodiscard]] Gates gates_at(const Member& member, std::size_t k, double v, Gates* slope) const;

  std::vector<Member> members_;
  DifferentiationBank<double> voltage_, gates_;  // D on v - v_ref, on x - x_ref (or y)
  bool linearised_ = false, swapped_ = false;
  std::vector<double> voltage_past_, gate_past_, accepted_voltage_, accepted_gates_;
};

}  // namespace tellegen
