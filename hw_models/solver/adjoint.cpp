#include "hw_models/solver/adjoint.hpp"

#include "hw_models/solver/differentiation.hpp"

namespace tellegen {
namespace {

/// D^order of a constant one that begins with the first step.
std::vector<double> derivative_of_step(double order, const TimeGrid& grid) {
  DifferentiationBank<double> bank(order, 1, grid);
  std::vector<double> out(grid.steps);
  const double one = 1;
  for (double& value : out) {
    double past = 0;
    bank.history(&past);
    value = bank.leading() + past;
    bank.accept(&one, &past);
  }
  return out;
}

/// What the adjoint run leaves for the gradients.
struct AdjointRun {
  Table response;          // D^a lambda by branch, at the forward step that it meets
  Table states;            // adjoint of the internal states
  std::vector<double> sum; // sum over time of the adjoint unknowns
};

AdjointRun run_adjoint(TransientEngine& engine, const Trajectory& forward, const Table& unknown_slope) {
  const auto& circuit = engine.circuit();
  const auto steps = engine.grid().steps;
  AdjointRun run{Table(steps, circuit.branches().size()), Table(steps, static_cast<std::size_t>(circuit.state_count())),
                 std::vector<double>(static_cast<std::size_t>(circuit.unknown_count()), 0.0)};
  engine.begin(adjoint_network);
  for (std::size_t m = 0; m < steps; ++m) {
    const auto n = steps - 1 - m;
    require_converged(engine.step({.sources = {}, .injected = unknown_slope.row(n), .bias = forward.controlling.row(n),
                                   .states = forward.states.row(n), .time = engine.grid().time(n + 1)}),
                      engine);
    std::ranges::copy(engine.controlling(), run.response.row(n).begin());
    std::ranges::copy(engine.states(), run.states.row(n).begin());
    for (std::size_t i = 0; i < run.sum.size(); ++i) run.sum[i] += engine.unknowns()[i];
  }
  return run;
}

/// Gradient of a loss, gathered branch by branch; with a start from DC also the loss's slope in the operating point.
class GradientSum {
 public:
  GradientSum(const TransientEngine& engine, const Trajectory& forward, const AdjointRun& adjoint, const ReferenceState* start)
      : circuit_(engine.circuit()), grid_(engine.grid()), slots_(engine.slots()), forward_(forward), adjoint_(adjoint), start_(start),
        gradient_(slots_.size(), 0.0) {
    if (!start_) return;
    slope_.unknown.assign(static_cast<std::size_t>(circuit_.unknown_count()), 0.0);
    slope_.short_current.assign(circuit_.branches().size(), 0.0);
  }

  void add(std::size_t k) {
    const auto& branch = circuit_.branches()[k];
    switch (branch.kind) {
      case BranchKind::law: visit_law(branch.law, [&](const auto& law) { add_law(law, branch, k); }); break;
      case BranchKind::membrane: add_membrane(branch, k); break;
      case BranchKind::behavioural: break;  // no parameters
    }
  }

  [[nodiscard]] std::vector<double> finish() && {
    add_sources(adjoint_.sum);
    if (!start_) return std::move(gradient_);
    const auto mu = static_adjoint(circuit_, slots_, *start_, slope_);
    for (std::size_t k = 0; k < circuit_.branches().size(); ++k) {
      const auto& branch = circuit_.branches()[k];
      const auto by_parameter = static_current_by_parameter(branch, slots_.data() + branch.first_slot, across(branch.in));
      for (std::size_t s = 0; s < by_parameter.size(); ++s)
        gradient_[branch.first_slot + s] -= (mu[branch.out.p] - mu[branch.out.n]) * by_parameter[s];
    }
    add_sources(mu);
    return std::move(gradient_);
  }

 private:
  /// The level of a constant source stands in its own row or nodes at every step; `adjoint` holds the sum of the variables there.
  void add_sources(std::span<const double> adjoint) {
    const auto sources = circuit_.sources();
    for (std::size_t s = 0; s < sources.size(); ++s) {
      if (sources[s].dc_slot < 0) continue;
      const auto row = circuit_.current_unknown(static_cast<std::int32_t>(s));
      gradient_[sources[s].dc_slot] += row < 0 ? adjoint[sources[s].port.n] - adjoint[sources[s].port.p] : adjoint[row];
    }
  }

  [[nodiscard]] double across(Port port) const { return start_->node_voltage[port.p] - start_->node_voltage[port.n]; }
  void add_voltage_slope(Port port, double slope) {
    slope_.unknown[port.p] += slope;
    slope_.unknown[port.n] -= slope;
  }

  template <class Law>
  void add_law(const Law& law, const Branch& branch, std::size_t k) {
    const double* p = slots_.data() + branch.first_slot;
    double* out = gradient_.data() + branch.first_slot;
    const auto count = parameter_count(law);
    double slope[max_law_parameters] = {}, at_start[max_law_parameters] = {};
    const double z_ref = start_ ? start_->controlling[k] : 0;
    if (start_) law.template law_by_parameter<double>(p, z_ref, at_start);
    for (std::size_t n = 0; n < grid_.steps; ++n) {
      law.template law_by_parameter<double>(p, forward_.controlling.at(n, k), slope);
      for (std::size_t s = 0; s < count; ++s) out[s] -= adjoint_.response.at(n, k) * (slope[s] - at_start[s]);
    }
    if (start_) add_start_of_law(law, branch, k, at_start);
  }

  /// The run's reference moves with the operating point: i_ref, v_ref and z_ref of i = i_ref + D^a [ f(z_ref + u) - f(z_ref) ].
  template <class Law>
  void add_start_of_law(const Law& law, const Branch& branch, std::size_t k, const double* by_parameter) {
    const double* p = slots_.data() + branch.first_slot;
    double* out = gradient_.data() + branch.first_slot;
    const double z_ref = start_->controlling[k];
    double f = 0, slope_ref = 0;
    law.template evaluate<double>(p, z_ref, f, slope_ref);
    const auto ones = derivative_of_step(branch.orders.in - 1, grid_);
    double of_v_ref = 0, of_z_ref = 0;
    for (std::size_t n = 0; n < grid_.steps; ++n) {
      double slope = 0;
      law.template evaluate<double>(p, forward_.controlling.at(n, k), f, slope);
      of_v_ref += adjoint_.response.at(n, k) * slope * ones[n];
      of_z_ref -= adjoint_.response.at(n, k) * (slope - slope_ref);
    }
    const double of_i_ref = -(adjoint_.sum[branch.out.p] - adjoint_.sum[branch.out.n]);
    if (is_shorted_in_dc(branch)) {
      slope_.short_current[k] += of_i_ref + of_z_ref / slope_ref;
      for (std::size_t s = 0; s < parameter_count(law); ++s) out[s] -= of_z_ref * by_parameter[s] / slope_ref;
      return;
    }
    add_voltage_slope(branch.in, of_v_ref + (branch.orders.in == 1 ? of_z_ref : 0));
    if (!conducts_in_dc(branch)) return;
    add_voltage_slope(branch.in, of_i_ref * static_conductance(branch, p, across(branch.in)));
    const auto static_slopes = static_current_by_parameter(branch, p, across(branch.in));
    for (std::size_t s = 0; s < static_slopes.size(); ++s) out[s] += of_i_ref * static_slopes[s];
  }

  void add_membrane(const Branch& branch, std::size_t k) {
    const double* p = slots_.data() + branch.first_slot;
    double* out = gradient_.data() + branch.first_slot;
    const double v_ref = start_ ? across(branch.in) : 0;
    const double area = p[static_cast<std::size_t>(MembraneSlot::area)], c = p[static_cast<std::size_t>(MembraneSlot::c)];
    DifferentiationBank<double> derivative(1, 1, grid_);
    for (std::size_t n = 0; n < grid_.steps; ++n) {
      const double v = forward_.controlling.at(n, k), deviation = v - v_ref;
      double past = 0;
      derivative.history(&past);
      derivative.accept(&deviation, &past);
      Gates x;
      std::copy_n(forward_.states.row(n).begin() + branch.first_state, gate_count, x.begin());
      const auto slopes = current_by_parameter(p, v, x, derivative.leading() * deviation + past);
      for (std::size_t s = 0; s < slopes.size(); ++s) out[s] -= adjoint_.response.at(n, k) * slopes[s];
    }
    if (!start_) return;
    const auto ones = derivative_of_step(1, grid_);
    const auto rates = gate_rates(v_ref);
    double of_v = 0;
    for (std::size_t n = 0; n < grid_.steps; ++n) {
      of_v += area * c * adjoint_.response.at(n, k) * ones[n];
      for (std::size_t g = 0; g < gate_count; ++g)
        of_v -= area * adjoint_.states.at(n, branch.first_state + g) * ones[n] * rates[g].steady_slope();
    }
    add_voltage_slope(branch.in, of_v);
  }

  const Circuit& circuit_;
  const TimeGrid& grid_;
  std::span<const double> slots_;
  const Trajectory& forward_;
  const AdjointRun& adjoint_;
  const ReferenceState* start_;
  std::vector<double> gradient_;
  StaticSlope slope_;
};

}  // namespace

Trajectory run_forward(TransientEngine& engine, const Table& sources, const ReferenceState& start) {
  const auto& circuit = engine.circuit();
  const auto steps = engine.grid().steps;
  Trajectory run(steps, static_cast<std::size_t>(circuit.unknown_count()), circuit.branches().size(), circuit.sources().size(),
                 static_cast<std::size_t>(circuit.state_count()));
  engine.begin(forward_network, start);
  for (std::size_t n = 0; n < steps; ++n) {
    require_converged(engine.step({.sources = sources.columns() ? sources.row(n) : std::span<const double>{}, .injected = {}, .bias = {}}), engine);
    std::ranges::copy(engine.unknowns(), run.voltages.row(n).begin());
    for (std::size_t k = 0; k < circuit.branches().size(); ++k) run.controlling.at(n, k) = controlling_value(engine, start, static_cast<std::int32_t>(k));
    std::ranges::copy(engine.states(), run.states.row(n).begin());
    for (std::size_t s = 0; s < circuit.sources().size(); ++s)
      run.source_currents.at(n, s) = engine.source_current(static_cast<std::int32_t>(s));
  }
  return run;
}

std::vector<double> adjoint_gradient(TransientEngine& engine, const Trajectory& forward, const Table& unknown_slope, const ReferenceState* start) {
  const auto adjoint = run_adjoint(engine, forward, unknown_slope);
  GradientSum sum(engine, forward, adjoint, start);
  for (std::size_t k = 0; k < engine.circuit().branches().size(); ++k) sum.add(k);
  return std::move(sum).finish();
}

}  // namespace tellegen
