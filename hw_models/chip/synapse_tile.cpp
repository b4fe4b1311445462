#include "hw_models/chip/synapse_tile.hpp"

#include "hw_models/chip/synapse_cell.hpp"

namespace tellegen::chip {

SynapseTile::SynapseTile(const sc_core::sc_module_name& name, CellTile cells, Recorder record)
    : sc_core::sc_module(name), cells_(std::move(cells)), record_(std::move(record)) {
  SC_METHOD(on_strobe);
  dont_initialize();
  sensitive << phase << present.pos() << sample.pos() << accumulate.pos() << update.pos();
}

void SynapseTile::on_strobe() {
  for (auto& cells : cells_.arrays()) {
    if (phase->event()) follow_phase(cells, static_cast<regmap::Phase>(phase.read()));
    if (present->posedge()) cells.begin_presentation();
    if (sample->posedge()) record_(cells, sampled_tick.read());
    if (accumulate->posedge()) cells.accumulate(gain_plus.read(), gain_minus.read());
    if (update->posedge()) cells.update();
  }
}

}  // namespace tellegen::chip
