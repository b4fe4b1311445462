#pragma once
// Random circuits of thirteen classes, as decks, and the bench on which a rule is tried on them.

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "runtime/protocols/classification.hpp"

namespace tellegen::test {

/// One row of the matrix.
struct CircuitClassRow {
  std::string_view key;    ///< "kendall_class"
  std::string_view title;  ///< "Kendall class"
  std::string_view what;   ///< what it is made of, for the report
};
[[nodiscard]] std::span<const CircuitClassRow> circuit_classes();

/// One column of the matrix: a rule, with complex amplitudes where `is_holomorphic`.
struct RuleColumn {
  Rule rule;
  bool is_holomorphic = false;
  std::string_view title;
};
[[nodiscard]] std::span<const RuleColumn> rule_columns();

/// Writes the deck and the bench of one trial into a folder. Each rule gets the drive that it asks for: constant inputs for a
/// fixed point, a periodic one with the loss on its last period, the trapezoidal method where time is reversed.
/// @param refinement  the step is divided by it
/// @returns the bench
[[nodiscard]] std::filesystem::path write_trial(const std::filesystem::path& folder, std::string_view circuit_class, unsigned seed,
                                                const RuleColumn& column, double beta, int refinement = 1);

}  // namespace tellegen::test
