// One learning cycle of a bench on a chip with its own sequencer, and on one whose sequencer is Verilog:
//
//     learn_by_verilog BENCH.toml [WAVES.vcd]
//
// Prints both gradients and the clock cycles of every phase. Exits with 1 when a single bit of them differs. WAVES.vcd
// holds the Verilog module's signals, the chip's own, and all node voltages.

#include <fmt/format.h>
#include <iostream>
#include <systemc>

#include "cosimulation/verilog_sequencer/verilog_sequencer.hpp"
#include "runtime/cli/chip_bench.hpp"
#include "tellegen/units/input_error.hpp"

using namespace tellegen;

namespace {

/// What a cycle leaves behind.
struct Outcome {
  std::vector<double> gradient, parameters;
  std::vector<std::uint32_t> cycles;  // by phase
  bool operator==(const Outcome&) const = default;
};

Outcome learn(const Experiment& experiment, chip::SequencerFactory make_sequencer, const char* vcd) {
  cli::ChipBench bench(experiment, experiment.bench().chip.steps_per_clock, cli::Realism::as_stated, std::move(make_sequencer));
  const auto& circuit = *experiment.circuit();
  if (vcd) {
    std::vector<std::string> nodes;
    for (NodeIndex node = 1; node < circuit.node_count(); ++node) nodes.push_back(circuit.unknown_name(node));
    bench.chip().record_vcd(vcd, nodes);
  }
  auto& plant = bench.plant();
  const auto ratio = plant.steps_per_tick();
  plant.run(make_cycle(plant, circuit, experiment.grid(), experiment.bench().rule.name, experiment.cycle_options(ratio),
                       experiment.data().stimulus, experiment.error_function(plant.ticks(), ratio), true)
                .program);
  Outcome outcome{.gradient = plant.gradient(), .parameters = plant.parameters(), .cycles = {}};
  for (const auto& phase : plant.phase_cycles()) outcome.cycles.push_back(phase.cycles);
  return outcome;
}

bool compare(const Experiment& experiment, const Outcome& built_in, const Outcome& verilog) {
  fmt::print("{:<16} {:>24} {:>24}\n", "gradient in", "built-in sequencer", "Verilog sequencer");
  for (std::size_t i = 0; i < built_in.gradient.size(); ++i)
    fmt::print("{:<16} {:>24.16g} {:>24.16g}\n", experiment.parameter(i).name, built_in.gradient[i],
               verilog.gradient[i]);
  constexpr const char* phases[] = {"idle",     "load",       "clamped", "turn", "nudged +",
                                    "nudged -", "accumulate", "update",  "done"};
  fmt::print("\n{:<16} {:>24} {:>24}\n", "clock cycles of", "", "");
  for (std::size_t i = 0; i < regmap::phase_count; ++i)
    fmt::print("{:<16} {:>24} {:>24}\n", phases[i], built_in.cycles[i], verilog.cycles[i]);
  const bool same = built_in == verilog;
  fmt::print("\n{}\n", same ? "the same to the last bit, updated parameters too" : "NOT the same");
  return same;
}

}  // namespace

int sc_main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::cerr << "usage: learn_by_verilog BENCH.toml [WAVES.vcd]\n";
    return 2;
  }
  try {
    const Experiment experiment(read_bench(argv[1]));
    experiment.require_applicable(experiment.bench().rule.name);
    return compare(experiment, learn(experiment, {}, nullptr),
                   learn(experiment, cosimulation::make_verilog_sequencer, argc > 2 ? argv[2] : nullptr))
               ? 0
               : 1;
  } catch (const InputError& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
