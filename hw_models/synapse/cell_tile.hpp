#pragma once
// Synapse cells of any branches of a circuit, numbered as the register map numbers them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "hw_models/synapse/cell_array.hpp"

namespace tellegen {

/// Where a cell lives.
struct CellPlace {
  CellArray* array = nullptr;
  std::size_t cell = 0;  ///< within the array

  [[nodiscard]] LearningSlot& slot(std::size_t s) const { return array->slot(cell, s); }
  [[nodiscard]] std::size_t slot_count() const { return array->slot_count(); }
  /// Writes a parameter.
  void program(std::size_t s, double value) const { array->program(cell, s, value); }
};

/// Tile of synapse cells: one array for each kind of branch.
class CellTile {
 public:
  /// @param branches  of the circuit, one cell each; cell k belongs to branches[k]
  /// @param slots     law parameters of the whole circuit
  /// @param grid      analog grid; `depth` words of trace memory for each signal of a cell
  CellTile(const Circuit& circuit, std::span<const std::int32_t> branches, std::span<const double> slots, const TimeGrid& grid,
           std::size_t depth);
  CellTile(CellTile&&) noexcept = default;
  CellTile(const CellTile&) = delete;
  CellTile& operator=(const CellTile&) = delete;

  [[nodiscard]] std::span<CellArray> arrays() { return arrays_; }
  [[nodiscard]] std::span<const CellArray> arrays() const { return arrays_; }
  /// By cell number; valid as long as the tile is, also when it moves.
  [[nodiscard]] const std::vector<CellPlace>& places() const { return places_; }

 private:
  std::vector<CellArray> arrays_;
  std::vector<CellPlace> places_;
};

/// Which branches carry a cell: every nonlinear one (its record is replayed) and every one with a trained parameter.
[[nodiscard]] std::vector<std::int32_t> branches_with_cells(const Circuit& circuit,
                                                            std::span<const std::int32_t> trained_parameters);

}  // namespace tellegen
