#pragma once
#include <systemc>

#include "tellegen/units/quantities.hpp"

namespace tellegen::chip {

/// One SystemC simulation among many in a process: its own kernel context, and the kernel's previous one back at the end.
/// Must outlive every module of the simulation. Only one may exist at a time, because the kernel's context is global.
class SimulationContext {
 public:
  /// @param resolution smallest time [s]; rounded down to a power of ten, at least a femtosecond
  explicit SimulationContext(double resolution);
  explicit SimulationContext(units::time resolution) : SimulationContext(units::raw(resolution)) {}
  ~SimulationContext();
  SimulationContext(const SimulationContext&) = delete;
  SimulationContext& operator=(const SimulationContext&) = delete;

 private:
  sc_core::sc_simcontext* previous_current_;
  sc_core::sc_simcontext* previous_default_;
  sc_core::sc_simcontext* own_;
};

}  // namespace tellegen::chip
