#pragma once
// The whole chip behind its bus, without a trace of SystemC in this header.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hw_models/chip/array_flaws.hpp"
#include "hw_models/circuit/circuit.hpp"
#include "hw_models/nonideal/programming.hpp"
#include "hw_models/solver/time_grid.hpp"
#include "tellegen/bus/bus.hpp"

namespace tellegen::chip {

/// How the synapse cells of a chip are built; what they do is the same.
enum class CellLayout : std::uint8_t {
  tile,     ///< all in one module; elements with a cell, neighbours in the circuit, share modules too
  modules,  ///< a module each, for whoever wants to see or to replace a single one
};

class PhaseSequencer;

/// Makes a sequencer of that name; called while the chip is being built, inside its simulation.
using SequencerFactory = std::function<std::unique_ptr<PhaseSequencer>(const char* name)>;

/// What a chip is built from.
struct ChipDescription {
  std::shared_ptr<const Circuit> circuit;
  TimeGrid grid;                            ///< analog grid of the bench: step, and steps that a phase must cover
  std::size_t steps_per_tick = 1;           ///< analog steps per chip clock
  std::vector<Port> probes;                 ///< outputs that are read and pushed
  std::vector<std::int32_t> driven_sources; ///< sources whose samples come from a stimulus bank, in bank order
  std::vector<std::int32_t> cells;          ///< branches that carry a synapse cell, in the order of cell numbers
  double bus_clock = 100e6;                 ///< [Hz] one 32-bit word a cycle
  std::vector<double> dc_sources = {};      ///< [V] or [A] by source: runs start settled at these inputs; empty: from rest
  std::uint32_t longest_tail = 0;           ///< [clock cycle] largest TAIL
  CellLayout cell_layout = CellLayout::tile;
  SequencerFactory make_sequencer = {};     ///< a sequencer in place of the chip's own; empty: its own
  std::shared_ptr<const NonIdealities> nonideal = nullptr;  ///< nothing: an ideal chip
  FullScales full_scales = {};                              ///< of its converters and correlators
  std::vector<double> device_factors = {};                  ///< by slot of the circuit: the devices as built; empty: as designed
  std::vector<std::vector<DeviceRange>> device_ranges = {}; ///< by cell, then slot, where devices are not programmed ideally
};

/// Clock cycles of an analog phase: the last one may reach past the grid's end.
[[nodiscard]] std::size_t ticks_of(const TimeGrid& grid, std::size_t steps_per_tick);

/// Emulated chip: elements as SystemC modules, an analog array on its own step, synapse cells, sequencer, register file,
/// and a bus master that lets the simulated time pass. Only one may exist at a time: the SystemC kernel is global.
class EmulatedChip {
 public:
  /// @throws InputError a description that no chip can have; std::logic_error another chip exists
  explicit EmulatedChip(const ChipDescription& description);
  ~EmulatedChip();
  EmulatedChip(const EmulatedChip&) = delete;
  EmulatedChip& operator=(const EmulatedChip&) = delete;

  /// The only road from software to the chip.
  [[nodiscard]] bus::Bus& bus();
  /// Writes phases, strobes, drives and the named unknowns to a VCD from now on; call before the first bus access. A node's
  /// voltage [V] goes by the node's name, a voltage source's current [A] is i(source), an instrument has a name of that form.
  /// A sequencer that is not the chip's own adds what its `trace` does.
  /// The values of analog step m of a clock cycle appear (m + 1/2) steps after its rising edge, m = 0, 1, ...
  /// @throws InputError the file cannot be written or does not end in .vcd, or the circuit has no such unknown
  void record_vcd(const std::filesystem::path& file, const std::vector<std::string>& unknowns);
  [[nodiscard]] double simulated_time() const;  // [s]
  [[nodiscard]] double clock_period() const;    // [s]
  /// Sentence about the last fault of the analog array; empty when there was none.
  [[nodiscard]] std::string fault_text() const;

 private:
  struct Modules;
  std::unique_ptr<Modules> modules_;
};

}  // namespace tellegen::chip
