#include "hw_models/nonideal/devices.hpp"

#include <algorithm>
#include <cmath>

namespace tellegen {
namespace {

constexpr double boltzmann = 1.380649e-23;  // [J/K], exact
constexpr double least_factor = 0.01;

bool is_winding(const Circuit& circuit, std::int32_t slot) {
  return std::ranges::any_of(circuit.couplings(), [&](const Coupling& c) { return slot == c.l1_slot || slot == c.l2_slot || slot == c.m_slots[0] || slot == c.m_slots[1]; });
}

bool varies(const Circuit& circuit, const Branch& branch, std::int32_t s) {
  if (branch.is_instrument) return false;
  if (branch.kind == BranchKind::membrane) {
    const auto slot = static_cast<MembraneSlot>(s);
    return slot == MembraneSlot::c || slot == MembraneSlot::gna || slot == MembraneSlot::gk || slot == MembraneSlot::gl;
  }
  return !is_winding(circuit, branch.first_slot + s);
}

}  // namespace

std::vector<double> device_factors(const Circuit& circuit, double sigma, const RandomSource& random, RandomUse use, std::uint32_t instance) {
  std::vector<double> factors(circuit.initial_slots().size(), 1.0);
  if (sigma == 0) return factors;
  const auto branches = circuit.branches();
  for (std::size_t k = 0; k < branches.size(); ++k)
    for (std::int32_t s = 0; s < branches[k].slots; ++s)
      if (varies(circuit, branches[k], s))
        factors[branches[k].first_slot + s] =
            std::max(least_factor, 1 + sigma * random.normal(use, static_cast<std::uint32_t>(k), static_cast<std::uint32_t>(s), instance));
  return factors;
}

double johnson_current(double conductance, double temperature, double step) { return std::sqrt(2 * boltzmann * temperature * std::abs(conductance) / step); }

}  // namespace tellegen
