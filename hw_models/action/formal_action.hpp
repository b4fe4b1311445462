#pragma once
// The formal action of a circuit, term by term, and its value along a run.

#include <string>
#include <vector>

#include "hw_models/action/branch_record.hpp"

namespace tellegen {

enum class TermKind { kinetic, potential, fractional, source, constraint };

/// One element's term of the action.
struct ActionTerm {
  std::string element;
  std::string kind;      ///< "capacitor", "current source"
  std::string variable;  ///< what the potential is a function of: "v = phi'", "phi", "z = D^1/2 phi"
  std::string formula;   ///< with its sign: "+ c v^2/2"
  TermKind term = TermKind::kinetic;
  double value = 0;      // [J s] h sum over the run
};

/// An element that has no term, and why.
struct MissingTerm {
  std::string element;
  std::string reason;
};

/// Formal action of the circuit's class (all elements of skew 0):
///
///     S = integral  sum_C T*(phi') + sum_F F(D^c phi) - sum_L U(phi) + sum_src I phi   dt
///
/// | symbol   | unit     | meaning                                                                                     |
/// |----------|----------|---------------------------------------------------------------------------------------------|
/// | T*, F, U | J        | potential of the element's own law in its own controlling variable                          |
/// | c        | 1        | order between 0 and 1: 1/2 for fractional memristors and for linear resistors, which are them |
/// | I phi    | J        | source current times the flux that it drives into, counted from the start of the run        |
/// | -i ( phi - integral of E ) | J | a voltage source is a constraint; its multiplier is its current, its value 0         |
///
/// Variation gives Kirchhoff's current law at every node, but for the terms of an order between 0 and 1: their literal variation is
/// D_-^c f D_+^c with the symbol |omega|^(2c), not the causal operator that dissipates; Riewe's method puts the causal one in its
/// place at the end (theory section 2). The circuit that is simulated is always the causal one.
struct FormalAction {
  std::vector<ActionTerm> terms;
  std::vector<MissingTerm> missing;  ///< not empty: the circuit has no action of skew 0, and `total` is only the sum of the others
  bool has_fractional_term = false;
  double total = 0;                  // [J s]
};

[[nodiscard]] FormalAction formal_action(const RecordedRun& run, const BranchRecord& record);

/// Why a branch has no term in an action of skew 0; empty when it has one.
[[nodiscard]] std::string no_term_reason(const Branch& branch);

/// Order c of a branch's term, F(D^c phi): that of its law, or for a linear branch half its total order; only where it has a term.
[[nodiscard]] double term_order(const Branch& branch);

}  // namespace tellegen
