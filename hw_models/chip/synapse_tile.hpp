#pragma once
// Many synapse cells as one piece of hardware.

#include <functional>
#include <systemc>

#include "hw_models/synapse/cell_tile.hpp"

namespace tellegen::chip {

/// Tile of synapse cells: one module and one process in place of a `SynapseCell` each, with the same ports, strobes and
/// arithmetic. No cell differs from one that stands alone, to the last bit.
class SynapseTile : public sc_core::sc_module {
 public:
  sc_core::sc_in<std::uint32_t> phase{"phase"};
  sc_core::sc_in<bool> present{"present"}, sample{"sample"}, accumulate{"accumulate"}, update{"update"};
  sc_core::sc_in<std::uint32_t> sampled_tick{"sampled_tick"};
  sc_core::sc_in<double> gain_plus{"gain_plus"}, gain_minus{"gain_minus"};

  /// Puts the signals of the cells' branches into their trace memories, at the address of a clock tick.
  using Recorder = std::function<void(CellArray& cells, std::size_t tick)>;

  SC_HAS_PROCESS(SynapseTile);
  SynapseTile(const sc_core::sc_module_name& name, CellTile cells, Recorder record);

  [[nodiscard]] CellTile& cells() { return cells_; }

 private:
  void on_strobe();

  CellTile cells_;
  Recorder record_;
};

}  // namespace tellegen::chip
