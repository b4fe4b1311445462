#include "runtime/cli/chip_bench.hpp"

#include "hw_models/synapse/cell_tile.hpp"

namespace tellegen::cli {

ChipBench::ChipBench(const Experiment& experiment, std::size_t steps_per_clock, chip::SequencerFactory make_sequencer) {
  const auto setup = experiment.plant_setup();
  std::vector<std::int32_t> trained;
  for (const auto& learning : setup.learning) trained.push_back(learning.parameter);
  const bool in_tile = experiment.bench().chip.cells == ChipSettings::Cells::tile;
  const auto layout = in_tile ? chip::CellLayout::tile : chip::CellLayout::modules;
  description_ = {.circuit = setup.circuit,
                  .grid = setup.grid,
                  .steps_per_tick = steps_per_clock,
                  .probes = setup.probes,
                  .driven_sources = experiment.driven_sources(),
                  .cells = branches_with_cells(*setup.circuit, trained),
                  .dc_sources = setup.dc_sources,
                  .longest_tail = static_cast<std::uint32_t>((setup.tail + steps_per_clock - 1) / steps_per_clock),
                  .cell_layout = layout,
                  .make_sequencer = std::move(make_sequencer)};
  chip_ = std::make_unique<chip::EmulatedChip>(description_);
  plant_ = std::make_unique<ChipPlant>(chip_->bus(), setup, ChipLayout{description_.driven_sources, description_.cells},
                                       [this] { return chip_->fault_text(); });
}

}  // namespace tellegen::cli
