#pragma once
// What a layout adds to a circuit: leakage across capacitors, resistance and capacitance of lines.

#include <string>
#include <vector>

#include "hw_models/circuit/circuit.hpp"

namespace tellegen {

/// Parasitic elements of a circuit. They are elements like any others, without parameters of their own, so that a run, an echo and the
/// exact gradient all see them.
///
/// A line is a node along which the one-ports that touch it stand in the order of the deck, a piece of wire between each and the next: its
/// resistance in series, its capacitance to ground behind it. The first one-port, sources, outputs and control ports stay at the line's
/// head, the node itself.
struct Parasitics {
  double leakage = 0;  ///< [S] across every capacitor
  struct Lines {
    std::vector<std::string> nodes;  ///< shell patterns of the nodes that are lines; ground is none
    double resistance = 0;           ///< [ohm] of a piece
    double capacitance = 0;          ///< [F] of a piece
    SourceLocation where;            ///< of the patterns, for messages
  } lines;

  [[nodiscard]] bool any() const { return leakage > 0 || lines.resistance > 0 || lines.capacitance > 0; }
};

/// Adds them to a circuit that has all its own elements.
/// @throws InputError a pattern that matches no node
void add_parasitics(CircuitBuilder& builder, const Parasitics& parasitics);

}  // namespace tellegen
