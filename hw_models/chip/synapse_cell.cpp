#include "hw_models/chip/synapse_cell.hpp"

namespace tellegen::chip {

SynapseCell::SynapseCell(const sc_core::sc_module_name& name, CellPhysics physics, std::function<double()> branch_signal,
                         std::function<std::span<const double>()> branch_states)
    : sc_core::sc_module(name), physics_(std::move(physics)), branch_signal_(std::move(branch_signal)), branch_states_(std::move(branch_states)) {
  SC_METHOD(on_phase);
  dont_initialize();
  sensitive << phase;
  SC_METHOD(on_present);
  dont_initialize();
  sensitive << present.pos();
  SC_METHOD(on_sample);
  dont_initialize();
  sensitive << sample.pos();
  SC_METHOD(on_accumulate);
  dont_initialize();
  sensitive << accumulate.pos();
  SC_METHOD(on_update);
  dont_initialize();
  sensitive << update.pos();
}

}  // namespace tellegen::chip
