#pragma once
// Reduction of a circuit's unknowns before anything is factored: known voltages leave the system.
//
//     v_node = gain u_i + K_j                       every node follows one unknown, one known voltage, or neither
//     sum_nodes weight_node J_node = 0              Kirchhoff's law of row i; J: current that leaves a node through branches
//
// | symbol | unit | meaning                                                                                         |
// |--------|------|-------------------------------------------------------------------------------------------------|
// | u      | V    | unknowns that remain: voltages of nodes that no ideal source fixes                              |
// | K      | V    | voltages that the sources alone fix                                                             |
// | gain   | 1    | through voltage-controlled voltage sources                                                      |
// | weight | 1    | through current-controlled current sources, times the scale that makes the system symmetric     |
//
// A voltage source, a voltage-controlled voltage source or an ammeter takes one node out of the unknowns; its current is what
// Kirchhoff's law at that node says, and stands nowhere else but where it is sensed. Ideal amplifiers that answer backwards with the
// inverse gain (J. Kendall et al., arXiv:2006.01981) leave a system that is symmetric after a scaling of its rows.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "hw_models/circuit/circuit.hpp"

namespace tellegen {

/// What a node's voltage follows.
struct NodeVoltage {
  std::int32_t unknown = -1;  ///< -1: none
  double gain = 0;
  std::int32_t known = -1;    ///< index of a known voltage; -1: zero
};

/// Which row a current that leaves a node through a branch counts in.
struct NodeCurrent {
  std::int32_t row = -1;  ///< -1: an ideal source takes it
  double weight = 0;
};

/// Voltage that sources fix: sum of coefficient * value of source.
struct KnownVoltage {
  struct Term {
    std::int32_t source = 0;
    double coefficient = 0;
    friend bool operator==(const Term&, const Term&) = default;
  };
  std::vector<Term> terms;
  friend bool operator==(const KnownVoltage&, const KnownVoltage&) = default;
};

struct Reduction {
  std::int32_t unknowns = 0;
  std::vector<NodeIndex> node_of_unknown;
  std::vector<NodeVoltage> voltage;  ///< by node
  std::vector<NodeCurrent> current;  ///< by node
  std::vector<KnownVoltage> known;
  std::vector<std::int32_t> amplifiers;  ///< branches that became gains and weights
  bool is_symmetric = false;             ///< every branch's stamp is, with these weights
};

/// Reduces a circuit at the values of its slots (gains of amplifiers stand in the result).
/// @returns the reduction, or in a few words what keeps the circuit from being reduced
[[nodiscard]] std::variant<Reduction, std::string> reduce(const Circuit& circuit, std::span<const double> slots);

}  // namespace tellegen
