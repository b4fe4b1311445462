#pragma once
// Which of a circuit's parameters the patterns of a bench choose.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "hw_models/circuit/circuit.hpp"
#include "runtime/training/bench.hpp"

namespace tellegen {

/// Whether a shell pattern (`*`, `?`, `[..]`) chooses a parameter. `*` spans dots and colons; letter case does not
/// matter. A parameter that is not primary (`r1.r`, beside `r1.g`) is chosen only by a pattern that ends in its own
/// last name: `r*.r`.
[[nodiscard]] bool chooses(std::string_view pattern, const Parameter& parameter);

/// Indices into `circuit.parameters()`, in its order, of all that the patterns choose together.
/// @param subject  key that the patterns come from, for messages: "[train] parameters"
/// @throws InputError a pattern that chooses nothing (with a hint); two names of one value chosen at once (r1.g and
/// r1.r)
[[nodiscard]] std::vector<std::size_t> choose_parameters(std::span<const ParameterPattern> patterns,
                                                         const Circuit& circuit,
                                                         std::string_view subject = "[train] parameters");

/// The parameters that a bench trains, ready for an optimiser.
struct TrainedParameters {
  std::vector<std::size_t> indices;  ///< into `circuit.parameters()`
  std::vector<double> initial;       ///< values as the deck gives them, SI
  std::vector<Interval> bounds;      ///< where the bench says nothing: free, but never through zero
};

/// @throws InputError as `choose_parameters`; a bound that no trained parameter has, or two for one parameter, or of
/// the wrong
///         dimension; a parameter that starts at zero under scaling = "value"
[[nodiscard]] TrainedParameters trained_parameters(const TrainSettings& train, const Circuit& circuit);

}  // namespace tellegen
