#pragma once
// Every rule on every class of circuits: the classifier's word against measurement.

#include <filesystem>
#include <string>
#include <vector>

#include "validation/rules_by_class/circuit_classes.hpp"

namespace tellegen::test {

/// One rule on one random circuit.
struct Trial {
  unsigned seed = 0;
  double cosine = 0;         ///< with the exact gradient, at the smaller beta
  double coarse_error = 0;   ///< relative error at beta = 1e-2
  double fine_error = 0;     ///< at beta = 1e-3
  double refined_error = 0;  ///< at beta = 1e-3 and a quarter of the step; only where the verdict asks for small steps
  std::string refusal;       ///< what the program said instead of a number; empty: it measured
};

/// One cell of the matrix.
struct MatrixCell {
  Verdict verdict = Verdict::exact;
  std::string reason;
  std::vector<std::string> demands;
  std::vector<Trial> trials;
  std::string contradiction;  ///< how the measurements speak against the verdict; empty: they do not

  [[nodiscard]] bool was_measured() const;
  /// Medians over the trials that gave numbers.
  [[nodiscard]] double cosine() const;
  [[nodiscard]] double error() const;
  [[nodiscard]] double coarse_error() const;
};

struct Matrix {
  std::vector<std::vector<MatrixCell>> cells;  ///< by class, then rule
  unsigned circuits = 0;                       ///< per class
};

/// Tries every rule on that many random circuits of every class.
/// @param folder  decks and benches of all trials are left there
[[nodiscard]] Matrix measure_matrix(const std::filesystem::path& folder, unsigned circuits, unsigned first_seed = 1);

/// Writes the heat map with its tables as one page without outside parts, and the numbers as JSON beside it.
void write_matrix(const Matrix& matrix, const std::filesystem::path& page, const std::filesystem::path& json);

}  // namespace tellegen::test
