#include "hw_models/action/branch_record.hpp"

#include <algorithm>
#include <cmath>

#include "hw_models/circuit/behaviour.hpp"
#include "hw_models/solver/differentiation.hpp"

namespace tellegen {
namespace {

/// Fills one branch's columns.
class BranchReader {
 public:
  BranchReader(const RecordedRun& run, std::size_t k, BranchRecord& out)
      : run_(run), branch_(run.circuit.branches()[k]), k_(k), p_(run.slots.data() + branch_.first_slot), out_(out) {}

  void read() {
    const bool in_row = is_in_source_row(run_.circuit, branch_);
    for (std::size_t n = 0; n <= run_.grid.steps; ++n) out_.conjugate.at(n, k_) = (in_row ? -1 : 1) * across(branch_.out, n);
    switch (branch_.kind) {
      case BranchKind::law: visit_law(branch_.law, [&](const auto& law) { read_law(law); }); break;
      case BranchKind::membrane: read_membrane(); break;
      case BranchKind::behavioural: read_behaviour(); break;
    }
  }

 private:
  /// Unknowns across a port; row 0 is the start.
  [[nodiscard]] double across(Port port, std::size_t n) const {
    if (n > 0) return run_.trajectory.voltages.at(n - 1, port.p) - run_.trajectory.voltages.at(n - 1, port.n);
    const auto& at_start = run_.start.node_voltage;
    return at_start.empty() ? 0 : at_start[port.p] - at_start[port.n];
  }
  [[nodiscard]] double v_ref() const { return run_.start.voltage.empty() ? across(branch_.in, 0) : run_.start.voltage[k_]; }

  template <class Law>
  void read_law(const Law& law) {
    const auto steps = run_.grid.steps;
    const double z_ref = run_.start.controlling.empty() ? 0 : run_.start.controlling[k_];
    const double i_ref = run_.start.current.empty() ? 0 : run_.start.current[k_], reference = v_ref();
    std::vector<double> v(steps), g(steps);
    for (std::size_t n = 0; n < steps; ++n) v[n] = across(branch_.in, n + 1) - reference;
    const auto u = differentiated(v, branch_.orders.in - 1, run_.grid);
    double slope = 0;
    for (std::size_t n = 0; n < steps; ++n) law.template deviation<double>(p_, z_ref, u[n], g[n], slope);
    const auto deviation = differentiated(g, branch_.orders.out, run_.grid);
    out_.value.at(0, k_) = i_ref;
    out_.controlling.at(0, k_) = z_ref;
    for (std::size_t n = 0; n < steps; ++n) {
      out_.value.at(n + 1, k_) = i_ref + deviation[n];
      out_.controlling.at(n + 1, k_) = z_ref + u[n];
    }
  }

  void read_membrane() {
    const auto steps = run_.grid.steps;
    const double area = p_[static_cast<std::size_t>(MembraneSlot::area)], c = p_[static_cast<std::size_t>(MembraneSlot::c)];
    std::vector<double> v(steps);
    for (std::size_t n = 0; n < steps; ++n) v[n] = across(branch_.in, n + 1) - v_ref();
    const auto v_dot = differentiated(v, 1, run_.grid);
    out_.controlling.at(0, k_) = v_ref();
    out_.value.at(0, k_) = run_.start.current.empty() ? 0 : run_.start.current[k_];
    for (std::size_t n = 0; n < steps; ++n) {
      Gates x;
      std::copy_n(run_.trajectory.states.row(n).begin() + branch_.first_state, gate_count, x.begin());
      const double now = across(branch_.in, n + 1);
      out_.controlling.at(n + 1, k_) = now;
      out_.value.at(n + 1, k_) = area * (c * v_dot[n] + ionic_current(p_, now, x).current);
    }
  }

  void read_behaviour() {
    std::vector<double> arguments(branch_.inputs.size() + 1);
    for (std::size_t n = 0; n <= run_.grid.steps; ++n) {
      for (std::size_t j = 0; j < branch_.inputs.size(); ++j) arguments[j] = across(branch_.inputs[j], n);
      arguments.back() = run_.grid.time(n);
      // At rest nothing flows before the first step, whatever the expression says of zero.
      const bool is_rest = n == 0 && run_.start.node_voltage.empty();
      out_.value.at(n, k_) = is_rest ? 0 : branch_.behaviour->value(arguments);
    }
  }

  const RecordedRun& run_;
  const Branch& branch_;
  std::size_t k_;
  const double* p_;
  BranchRecord& out_;
};

}  // namespace

bool is_in_source_row(const Circuit& circuit, const Branch& branch) {
  return std::max(branch.out.p, branch.out.n) >= circuit.node_count();
}

std::vector<double> differentiated(std::span<const double> samples, double order, const TimeGrid& grid) {
  DifferentiationBank<double> bank(order, 1, grid);
  std::vector<double> out(samples.size());
  for (std::size_t n = 0; n < samples.size(); ++n) {
    double past = 0;
    bank.history(&past);
    out[n] = bank.leading() * samples[n] + past;
    bank.accept(&samples[n], &past);
  }
  return out;
}

BranchRecord record_branches(const RecordedRun& run) {
  const auto rows = run.grid.steps + 1, branches = run.circuit.branches().size();
  BranchRecord record{Table(rows, branches), Table(rows, branches), Table(rows, branches)};
  for (std::size_t k = 0; k < branches; ++k) BranchReader(run, k, record).read();
  return record;
}

KirchhoffResidual kirchhoff_residual(const RecordedRun& run, const BranchRecord& record) {
  const auto& circuit = run.circuit;
  const auto unknowns = static_cast<std::size_t>(circuit.unknown_count()), nodes = static_cast<std::size_t>(circuit.node_count());
  KirchhoffResidual result{.largest = std::vector<double>(unknowns, 0.0)};
  double largest_current = 0, largest_voltage = 0;
  std::vector<double> sum(unknowns);
  for (std::size_t n = 1; n <= run.grid.steps; ++n) {
    const auto x = run.trajectory.voltages.row(n - 1);
    std::ranges::fill(sum, 0.0);
    for (std::size_t k = 0; k < circuit.branches().size(); ++k) {
      const auto& branch = circuit.branches()[k];
      const double value = record.value.at(n, k);
      sum[branch.out.p] += value, sum[branch.out.n] -= value;
      if (!is_in_source_row(circuit, branch)) largest_current = std::max(largest_current, std::abs(value));
    }
    for (std::size_t s = 0; s < circuit.sources().size(); ++s) {
      const auto [p, m] = circuit.sources()[s].port;
      const double current = run.trajectory.source_currents.at(n - 1, s);
      largest_current = std::max(largest_current, std::abs(current));
      sum[p] += current, sum[m] -= current;
      const auto row = circuit.current_unknown(static_cast<std::int32_t>(s));
      if (row >= 0) sum[row] += x[p] - x[m] - run.sources.at(n - 1, s);
    }
    for (std::size_t i = 1; i < unknowns; ++i) {
      result.largest[i] = std::max(result.largest[i], std::abs(sum[i]));
      if (i < nodes) largest_voltage = std::max(largest_voltage, std::abs(x[i]));
    }
  }
  for (std::size_t i = 1; i < unknowns; ++i) {
    double& largest = i < nodes ? result.current : result.voltage;
    largest = std::max(largest, result.largest[i]);
  }
  if (largest_current > 0) result.relative_current = result.current / largest_current;
  if (largest_voltage > 0) result.relative_voltage = result.voltage / largest_voltage;
  return result;
}

}  // namespace tellegen
