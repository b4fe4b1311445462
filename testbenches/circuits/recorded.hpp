#pragma once
// A run of a small circuit with all that it is looked back at by.

#include <functional>
#include <memory>
#include <vector>

#include "circuits/schematic.hpp"
#include "hw_models/action/energy_audit.hpp"
#include "hw_models/action/formal_action.hpp"

namespace tellegen::test {

/// Keeps what a RecordedRun refers to.
struct LookBack {
  std::shared_ptr<const Circuit> circuit;
  TimeGrid grid;
  std::vector<double> slots;
  Table sources;
  ReferenceState start;
  std::vector<double> initial_sources;
  Trajectory trajectory;
  BranchRecord record;

  LookBack(std::shared_ptr<const Circuit> c, const TimeGrid& g, const std::vector<std::function<double(double)>>& waveforms, ReferenceState from = {})
      : circuit(std::move(c)), grid(g), slots(circuit->initial_slots().begin(), circuit->initial_slots().end()), sources(sampled(grid, waveforms)),
        start(std::move(from)) {
    if (!start.node_voltage.empty())
      for (const auto& waveform : waveforms) initial_sources.push_back(waveform(0));
    TransientEngine engine(circuit, grid);
    trajectory = run_forward(engine, sources, start);
    record = record_branches(run());
  }

  [[nodiscard]] RecordedRun run() const {
    return {.circuit = *circuit, .grid = grid, .slots = slots, .sources = sources, .trajectory = trajectory, .start = start, .initial_sources = initial_sources};
  }
  [[nodiscard]] EnergyAudit audit() const { return audit_energy(run(), record); }
  [[nodiscard]] KirchhoffResidual residual() const { return kirchhoff_residual(run(), record); }
  [[nodiscard]] FormalAction action() const { return formal_action(run(), record); }
};

}  // namespace tellegen::test
