#pragma once
// All that a test bench in C++ needs to write an analog netlist and simulate it beside other SystemC modules:
//
//     #include <tellegen/chip.hpp>
//     using namespace tellegen::chip;
//     using namespace tellegen::units;
//
//     struct LowPass : sc_core::sc_module {
//       Node in{"in"}, out{"out"};
//       Ground gnd;
//       VoltageSource v1{"v1", 1.0 * volt};
//       Resistor r1{"r1", 10.0 * kilo_ohm};
//       Capacitor c1{"c1", 1.0 * nano_farad};
//       AnalogCluster cluster{"cluster", {.step = raw(100.0 * nano_second), .steps = 1000}};
//
//       explicit LowPass(const sc_core::sc_module_name& name) : sc_module(name) {
//         v1.p(in), v1.n(gnd);
//         r1.p(in), r1.n(out);
//         c1.p(out), c1.n(gnd);
//       }
//     };
//
//     int sc_main(int, char**) {
//       LowPass low_pass{"low_pass"};
//       sc_core::sc_start(50.05, sc_core::SC_US);   // half a step past the 500th
//       std::cout << low_pass.cluster.voltage(low_pass.out) << " V\n";
//       return 0;
//     }
//
// Link `Tellegen::tellegen` of the installed package, in this tree `tellegen_public`. SystemC's library owns main and calls sc_main.

#include "hw_models/chip/analog_cluster.hpp"
#include "hw_models/chip/element_module.hpp"
#include "hw_models/chip/phase_sequencer.hpp"
#include "hw_models/chip/simulation_context.hpp"
#include "tellegen/units/quantities.hpp"
