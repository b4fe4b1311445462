#pragma once
// All that a program needs to read a deck, build a chip from it, and let it learn through its bus, without a trace of SystemC:
//
//     const auto deck = tellegen::read_deck("lowpass.cir");
//     tellegen::chip::EmulatedChip chip({.circuit = ..., .grid = ..., .probes = ..., .driven_sources = ..., .cells = ...});
//     tellegen::ChipPlant plant(chip.bus(), setup, layout);
//     plant.run(tellegen::make_cycle(plant, ...).program);
//
// The drivers below the plant and the ideal plant beside it are here too; `testbenches/cosimulation/user_testbench/learning_chip.cpp` is a
// whole example. Link `Tellegen::tellegen`, in this tree `tellegen_public`.

#include "hw_models/chip/emulated_chip.hpp"
#include "hw_models/circuit/deck/deck.hpp"
#include "hw_models/synapse/cell_tile.hpp"
#include "runtime/drivers/cells.hpp"
#include "runtime/drivers/correlator.hpp"
#include "runtime/drivers/interrupts.hpp"
#include "runtime/drivers/sequencer.hpp"
#include "runtime/drivers/waveform_memory.hpp"
#include "runtime/plant/chip_plant.hpp"
#include "runtime/plant/direct_plant.hpp"
#include "runtime/protocols/cycle.hpp"
#include "tellegen/bus/recording_bus.hpp"
#include "tellegen/regmap/registers.hpp"
#include "tellegen/units/quantities.hpp"
