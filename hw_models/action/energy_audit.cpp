#include "hw_models/action/energy_audit.hpp"

#include <cmath>

namespace tellegen {
namespace {

/// Sum of x y over the run by the method's own quadrature; rows 0 to N.
template <class X, class Y>
double energy_of(const RecordedRun& run, X&& x, Y&& y) {
  // A start by `uic` is no solution of Kirchhoff's laws; its step counts with its end, which costs no order.
  const bool starts_off = !run.start.voltage.empty();
  double sum = 0;
  for (std::size_t n = 1; n <= run.grid.steps; ++n) {
    if (run.grid.method == Method::be || (n == 1 && starts_off))
      sum += x(n) * y(n);
    else if (run.grid.method == Method::bdf2)
      sum += 0.5 * (x(n - 1) * y(n - 1) + x(n) * y(n));
    else
      sum += 0.25 * (x(n - 1) + x(n)) * (y(n - 1) + y(n));
  }
  return run.grid.step * sum;
}

/// Energy that a branch stores at its controlling variable z; `value_current` is the conjugate current of a mutual inductance.
double stored_at(const Branch& branch, const double* p, double z, double conjugate) {
  if (describe(branch.element).is_winding) return 0.5 * p[0] * z * conjugate;
  return visit_law(branch.law, [&](const auto& law) {
    const double potential = law.template potential<double>(p, z);
    if (branch.orders.out == 0) return potential;
    double charge = 0, slope = 0;
    law.template evaluate<double>(p, z, charge, slope);
    return charge * z - potential;
  });
}

}  // namespace

EnergyRole energy_role(const Branch& branch) {
  if (branch.kind != BranchKind::law) return EnergyRole::dissipated;
  const bool stores = branch.orders == Orders{.out = 1, .in = 1} || branch.orders == Orders{.out = 0, .in = 0};
  return stores && !is_directed(branch) ? EnergyRole::stored : EnergyRole::dissipated;
}

EnergyAudit audit_energy(const RecordedRun& run, const BranchRecord& record) {
  const auto& circuit = run.circuit;
  const auto steps = run.grid.steps;
  EnergyAudit audit;
  double size = 0;
  for (std::size_t s = 0; s < circuit.sources().size(); ++s) {
    const auto& source = circuit.sources()[s];
    if (source.is_constraint || source.is_instrument) continue;  // its branches are audited themselves; instruments take nothing
    const auto row = circuit.current_unknown(static_cast<std::int32_t>(s));
    const auto voltage = [&](std::size_t n) {
      if (n > 0) return run.trajectory.voltages.at(n - 1, source.port.p) - run.trajectory.voltages.at(n - 1, source.port.n);
      const auto& at_start = run.start.node_voltage;
      return at_start.empty() ? 0.0 : at_start[source.port.p] - at_start[source.port.n];
    };
    const auto current = [&](std::size_t n) {
      if (n > 0) return run.trajectory.source_currents.at(n - 1, s);
      if (row >= 0) return run.start.node_voltage.empty() ? 0.0 : run.start.node_voltage[row];
      return run.initial_sources.empty() ? 0.0 : run.initial_sources[s];
    };
    const double delivered = -energy_of(run, voltage, current);
    audit.sources.push_back({static_cast<std::int32_t>(s), delivered});
    audit.delivered += delivered;
    size += std::abs(delivered);
  }
  for (std::size_t k = 0; k < circuit.branches().size(); ++k) {
    const auto& branch = circuit.branches()[k];
    if (branch.is_instrument) continue;
    BranchEnergy energy{.branch = static_cast<std::int32_t>(k), .role = energy_role(branch)};
    energy.taken = energy_of(run, [&](std::size_t n) { return record.value.at(n, k); }, [&](std::size_t n) { return record.conjugate.at(n, k); });
    if (energy.role == EnergyRole::stored) {
      const double* p = run.slots.data() + branch.first_slot;
      const auto at = [&](std::size_t n) { return stored_at(branch, p, record.controlling.at(n, k), record.conjugate.at(n, k)); };
      energy.stored = at(steps) - at(0);
      audit.stored += energy.stored;
    } else {
      audit.dissipated += energy.taken;
    }
    audit.branches.push_back(energy);
  }
  audit.imbalance = audit.delivered - audit.stored - audit.dissipated;
  if (size > 0) audit.relative_imbalance = std::abs(audit.imbalance) / size;
  return audit;
}

}  // namespace tellegen
