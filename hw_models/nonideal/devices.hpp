#pragma once
// Devices as they come out of a fab, and as they are from one pass to the next.

#include <span>
#include <vector>

#include "hw_models/circuit/circuit.hpp"
#include "hw_models/nonideal/random_source.hpp"

namespace tellegen {

/// Factors 1 + sigma xi by slot of the circuit, xi standard normal numbers of each slot: 1 for what is no device's own size (reversal
/// potentials, a membrane's area, windings of transformers, levels of sources, instruments). None is below 1/100.
/// @param instance  another number, another draw
[[nodiscard]] std::vector<double> device_factors(const Circuit& circuit, double sigma, const RandomSource& random, RandomUse use, std::uint32_t instance);

/// Standard deviation [A] of the Johnson noise that a conductance [S] carries, of each sample at a step [s]: the two-sided density 2kTG over
/// the band of the grid, sqrt(2kTG/h).
[[nodiscard]] double johnson_current(double conductance, double temperature, double step);

}  // namespace tellegen
