// The classifier against measurement: a cell whose numbers contradict its verdict fails.
//
// The matrix is left in rules_by_class/ below the folder that the test runs in; TELLEGEN_MATRIX_CIRCUITS sets the number of
// random circuits of each class (5), TELLEGEN_MATRIX_SEED the first of their seeds (1).

#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>

#include "validation/rules_by_class/matrix.hpp"

namespace tellegen::test {
namespace {

unsigned setting(const char* name, unsigned otherwise) {
  const char* text = std::getenv(name);
  return text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : otherwise;
}

TEST_CASE("no measurement contradicts the verdict of its rule on its class of circuits") {
  const std::filesystem::path folder = "rules_by_class";
  const auto matrix = measure_matrix(folder / "trials", setting("TELLEGEN_MATRIX_CIRCUITS", 5), setting("TELLEGEN_MATRIX_SEED", 1));
  write_matrix(matrix, folder / "report.html", folder / "matrix.json");
  for (std::size_t c = 0; c < matrix.cells.size(); ++c)
    for (std::size_t r = 0; r < matrix.cells[c].size(); ++r) {
      const auto& cell = matrix.cells[c][r];
      CAPTURE(circuit_classes()[c].title);
      CAPTURE(rule_columns()[r].title);
      CAPTURE(name_of(cell.verdict));
      CAPTURE(cell.reason);
      CHECK(cell.contradiction == "");
      CHECK(cell.trials.size() == matrix.circuits);
    }
}

}  // namespace
}  // namespace tellegen::test
