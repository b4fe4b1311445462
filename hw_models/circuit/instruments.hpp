#pragma once
// Ideal instruments: what it takes to see a current, a charge or an element's controlling variable as an unknown.
//
//     i(x)   current of an element: an ammeter, a source of 0 V in series with it; of a voltage source, its own current
//     z(x)   controlling variable D^b phi of an element: where b = 1 its voltage itself, else a sensor
//     q(x)   charge that has passed through an element, the integral of its current from t = 0: ammeter and sensor
//
// A sensor is a linear source of current, orders a = 0 and b, 1 S, from the sensed port into a node of its own with 1 S to
// ground: the node's voltage is z in SI. Instruments change no solution, and bear names that no deck can write. A run that
// starts from an operating point begins with all sensors at zero: z and q of what deviates from that point.

#include <span>
#include <string>
#include <string_view>

#include "hw_models/circuit/circuit.hpp"

namespace tellegen {

/// A probe as text, and who asks for it.
struct ProbeRequest {
  std::string text;  ///< lower case, no blanks: "v(a)", "v(a,b)", "i(r1)", "z(yfmem!m1)", "q(c1)"
  SourceLocation where;
  std::string subject;  ///< for messages: "[[loss]] probe"
};

/// A probe found in a circuit: the difference of two unknowns.
struct Probe {
  Port port;         ///< terminals index the unknowns: nodes, or currents of voltage sources
  std::string unit;  ///< "V", "A", "C", "Wb", "Wb/s^1/2", ..
};

/// Puts in the instruments that the probes need, each once; call when everything else has been added.
/// @throws InputError an element that is not there, or has no such variable
void add_instruments(CircuitBuilder& builder, std::span<const ProbeRequest> probes);

/// Finds a probe in a circuit that has its instruments.
/// @throws InputError an unknown node or element, or a text that is no probe
[[nodiscard]] Probe resolve_probe(const Circuit& circuit, const ProbeRequest& probe);

}  // namespace tellegen
