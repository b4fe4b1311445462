#include "hw_models/solver/operating_point.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <optional>

#include "hw_models/circuit/behaviour.hpp"
#include "hw_models/solver/convergence.hpp"
#include "hw_models/solver/sparse_lu.hpp"
#include "tellegen/units/quantity_text.hpp"

namespace tellegen {
namespace {

enum class Role { shorted, conducting, open };

/// Change of a membrane's voltage that one Newton step may make. [V]
constexpr double largest_membrane_step = 0.02;

Role role_of(const Branch& branch) {
  // A sensor that integrates starts from zero wherever the circuit does.
  if (branch.is_instrument && branch.orders.in < 1) return Role::open;
  const double total = branch.orders.out + branch.orders.in;
  constexpr double tolerance = 1e-12;
  return total < 1 - tolerance ? Role::shorted : total > 1 + tolerance ? Role::open : Role::conducting;
}

/// Static current and conductance of a conducting branch at the voltage of its port.
void evaluate_static(const Branch& branch, const double* p, double v, double& current, double& slope) {
  if (branch.kind == BranchKind::membrane) {
    const auto x = steady_gates(v);
    const auto ionic = ionic_current(p, v, x);
    const auto rates = gate_rates(v);
    const double area = p[static_cast<std::size_t>(MembraneSlot::area)];
    current = area * ionic.current;
    slope = ionic.conductance;
    for (std::size_t g = 0; g < gate_count; ++g) slope += ionic.by_gate[g] * rates[g].steady_slope();
    slope *= area;
    return;
  }
  visit_law(branch.law, [&](const auto& law) {
    const bool has_memory = branch.orders.in != 1;
    law.template evaluate<double>(p, has_memory ? 0.0 : v, current, slope);
    if (has_memory) current = slope * v;
  });
}

/// Series resistance of a DC short, so that parallel inductors share their current. [ohm]
constexpr double short_resistance = 1e-12;
/// Conductance to ground of nodes that nothing holds in DC. [S]
constexpr double floating_conductance = 1e-12;
constexpr double tolerance = 1e-12;  // relative size of the last Newton step

class DcSolver {
 public:
  DcSolver(const Circuit& circuit, const OperatingPointRequest& request);

  /// Newton from the present iterate with an extra conductance from every node to ground, sources scaled.
  SolveStatus solve(double gmin, double source_scale);
  void restart();
  [[nodiscard]] std::vector<double>& unknowns() { return x_; }
  [[nodiscard]] OperatingPoint result() const;
  [[nodiscard]] std::vector<double> adjoint(const ReferenceState& point, const StaticSlope& slope);
  [[nodiscard]] const ConvergenceFailure& failure() const { return failure_; }

 private:
  void build_pattern();
  void find_floating_nodes();
  void assemble(double gmin, double source_scale);
  void add(std::int32_t row, std::int32_t column, double value);
  [[nodiscard]] bool factor(int& leaks);
  [[nodiscard]] double limit_step();
  [[nodiscard]] std::int32_t restless_branch() const;
  void evaluate(const Branch& branch, double v, double& current, double& slope) const {
    evaluate_static(branch, request_.slots.data() + branch.first_slot, v, current, slope);
  }
  [[nodiscard]] SolveStatus check_shorts(double source_scale);
  /// Inputs of a behavioural branch at the iterate, and the time: zero.
  void sense(const Branch& branch, std::span<const double> x, std::vector<double>& arguments) const {
    arguments.assign(branch.inputs.size() + 1, 0.0);
    for (std::size_t j = 0; j < branch.inputs.size(); ++j) arguments[j] = x[branch.inputs[j].p] - x[branch.inputs[j].n];
  }
  void assemble_behaviour(const Branch& branch);

  const Circuit& circuit_;
  const OperatingPointRequest& request_;
  std::vector<std::int32_t> source_unknown_, short_unknown_;  // row and column; -1: none
  std::vector<bool> is_winding_;                              // by source: a coupled inductor, a short as well
  std::vector<bool> floating_;
  SparsePattern pattern_{0};
  std::optional<SparseLu> lu_;
  std::vector<double> x_, residual_, step_, values_;  // ground in front
  std::vector<double> arguments_, next_, slopes_;     // of the behavioural branch at hand
  ConvergenceFailure failure_;
};

DcSolver::DcSolver(const Circuit& circuit, const OperatingPointRequest& request) : circuit_(circuit), request_(request) {
  find_floating_nodes();
  build_pattern();
  restart();
}

void DcSolver::restart() {
  std::ranges::fill(x_, 0.0);
  for (const auto& [node, value] : request_.first_guess) x_[node] = value;
  for (const auto& [node, value] : request_.held) x_[node] = value;
}

void DcSolver::find_floating_nodes() {
  std::vector<NodeIndex> parent(circuit_.node_count());
  std::iota(parent.begin(), parent.end(), 0);
  const auto find = [&](NodeIndex node) {
    while (parent[node] != node) node = parent[node] = parent[parent[node]];
    return node;
  };
  for (const auto& branch : circuit_.branches())
    if (role_of(branch) != Role::open && branch.ties_terminals()) parent[find(branch.out.p)] = find(branch.out.n);
  for (const auto& source : circuit_.sources())
    if (source.kind == SourceKind::voltage) parent[find(source.port.p)] = find(source.port.n);
  for (const auto& [node, value] : request_.held) parent[find(node)] = find(ground);
  for (NodeIndex node = 0; node < circuit_.node_count(); ++node) floating_.push_back(find(node) != find(ground));
}

void DcSolver::build_pattern() {
  std::int32_t unknowns = circuit_.node_count() - 1;
  for (const auto& source : circuit_.sources()) source_unknown_.push_back(source.kind == SourceKind::voltage ? unknowns++ : -1);
  for (std::size_t s = 0; s < circuit_.sources().size(); ++s) {
    const auto row = source_unknown_[s] + 1;
    is_winding_.push_back(std::ranges::any_of(
        circuit_.branches(), [row](const Branch& branch) { return row > 0 && describe(branch.element).is_winding && branch.out.n == row; }));
  }
  for (const auto& branch : circuit_.branches()) short_unknown_.push_back(role_of(branch) == Role::shorted ? unknowns++ : -1);
  pattern_ = SparsePattern(unknowns);
  const auto name = [&](std::int32_t row, std::int32_t column) {
    if (row >= 0 && column >= 0) pattern_.add(row, column);
  };
  for (std::int32_t i = 0; i < unknowns; ++i) name(i, i);
  const auto& branches = circuit_.branches();
  for (std::size_t k = 0; k < branches.size(); ++k) {
    const auto [op, on] = branches[k].out;
    const auto [ip, in] = branches[k].in;
    const auto j = short_unknown_[k];
    for (const Port input : branches[k].inputs)
      for (const auto row : {op, on})
        for (const auto column : {input.p, input.n}) name(row - 1, column - 1);
    if (branches[k].kind == BranchKind::behavioural) continue;
    if (j < 0) {
      for (const auto row : {op, on})
        for (const auto column : {ip, in}) name(row - 1, column - 1);
      continue;
    }
    for (const auto row : {op, on}) name(row - 1, j);
    for (const auto column : {ip, in}) name(j, column - 1);
  }
  for (std::size_t s = 0; s < circuit_.sources().size(); ++s)
    for (const auto node : {circuit_.sources()[s].port.p, circuit_.sources()[s].port.n}) {
      if (source_unknown_[s] < 0) continue;
      name(node - 1, source_unknown_[s]);
      name(source_unknown_[s], node - 1);
    }
  pattern_.freeze();
  for (auto* vector : {&x_, &residual_, &step_}) vector->assign(static_cast<std::size_t>(unknowns) + 1, 0.0);
  values_.assign(static_cast<std::size_t>(pattern_.entries()), 0.0);
  lu_.emplace(pattern_);
}

void DcSolver::add(std::int32_t row, std::int32_t column, double value) {
  if (row > 0 && column > 0) values_[pattern_.place(row - 1, column - 1)] += value;
}

void DcSolver::assemble_behaviour(const Branch& branch) {
  const auto [p, n] = branch.out;
  sense(branch, x_, arguments_);
  slopes_.resize(branch.inputs.size());
  branch.behaviour->slopes(arguments_, slopes_);
  const double current = branch.behaviour->value(arguments_);
  residual_[p] += current, residual_[n] -= current;
  for (std::size_t j = 0; j < slopes_.size(); ++j) {
    const auto [ip, in] = branch.inputs[j];
    add(p, ip, slopes_[j]), add(p, in, -slopes_[j]), add(n, ip, -slopes_[j]), add(n, in, slopes_[j]);
  }
}

void DcSolver::assemble(double gmin, double source_scale) {
  std::ranges::fill(residual_, 0.0);
  std::ranges::fill(values_, 0.0);
  const auto branches = circuit_.branches();
  for (std::size_t k = 0; k < branches.size(); ++k) {
    if (branches[k].kind == BranchKind::behavioural) {
      assemble_behaviour(branches[k]);
      continue;
    }
    const auto [op, on] = branches[k].out;
    const auto [ip, in] = branches[k].in;
    switch (role_of(branches[k])) {
      case Role::open: break;
      case Role::shorted: {
        const auto j = short_unknown_[k] + 1;
        residual_[op] += x_[j], residual_[on] -= x_[j];
        residual_[j] += x_[ip] - x_[in] - short_resistance * x_[j];
        add(op, j, 1), add(on, j, -1), add(j, ip, 1), add(j, in, -1), add(j, j, -short_resistance);
        break;
      }
      case Role::conducting: {
        double current = 0, g = 0;
        evaluate(branches[k], x_[ip] - x_[in], current, g);
        residual_[op] += current, residual_[on] -= current;
        add(op, ip, g), add(op, in, -g), add(on, ip, -g), add(on, in, g);
        break;
      }
    }
  }
  const auto sources = circuit_.sources();
  for (std::size_t s = 0; s < sources.size(); ++s) {
    const auto [p, n] = sources[s].port;
    const double value = source_scale * request_.sources[s];
    if (source_unknown_[s] < 0) {
      residual_[p] += value, residual_[n] -= value;
      continue;
    }
    const auto j = source_unknown_[s] + 1;
    residual_[p] += x_[j], residual_[n] -= x_[j];
    residual_[j] += x_[p] - x_[n] - value;
    if (is_winding_[s]) {
      residual_[j] -= short_resistance * x_[j];
      add(j, j, -short_resistance);
    }
    add(p, j, 1), add(n, j, -1), add(j, p, 1), add(j, n, -1);
  }
  for (NodeIndex node = 1; node < circuit_.node_count(); ++node) {
    const double g = gmin + (floating_[node] ? floating_conductance : 0.0);
    residual_[node] += g * x_[node];
    add(node, node, g);
  }
  // A held node's own equation gives way to its value.
  for (const auto& [node, value] : request_.held) {
    for (std::int32_t c = 0; c < pattern_.size(); ++c)
      for (auto e = pattern_.column_starts()[c]; e < pattern_.column_starts()[c + 1]; ++e)
        if (pattern_.rows()[e] == node - 1) values_[e] = c == node - 1 ? 1.0 : 0.0;
    residual_[node] = x_[node] - value;
  }
  residual_[0] = 0;
}

double DcSolver::limit_step() {
  double fraction = 1;
  for (const auto& branch : circuit_.branches()) {
    if (branch.kind == BranchKind::behavioural) {
      sense(branch, x_, arguments_);
      sense(branch, step_, next_);
      for (std::size_t j = 0; j < next_.size(); ++j) next_[j] += arguments_[j];
      fraction = std::min(fraction, branch.behaviour->trusted_fraction(arguments_, next_));
      continue;
    }
    if (role_of(branch) != Role::conducting || branch.orders.in != 1) continue;
    if (branch.kind == BranchKind::membrane) {
      const double change = std::abs(step_[branch.in.p] - step_[branch.in.n]);
      fraction = std::min(fraction, largest_membrane_step / std::max(change, largest_membrane_step));
      continue;
    }
    visit_law(branch.law, [&](const auto& law) {
      if (!std::isfinite(law.largest_step)) return;
      const double scale = std::abs(law.template step_scale<double>(request_.slots.data() + branch.first_slot));
      const double now = (x_[branch.in.p] - x_[branch.in.n]) / scale;
      const double change = (step_[branch.in.p] - step_[branch.in.n]) / scale;
      if (std::abs(change) > law.largest_step && std::abs(now + change) > law.largest_step)
        fraction = std::min(fraction, law.largest_step / std::abs(change));
    });
  }
  return fraction;
}

/// The nonlinear branch whose voltage the last Newton step moved most; -1: there is none.
std::int32_t DcSolver::restless_branch() const {
  std::int32_t restless = -1;
  double most = 0;
  const auto branches = circuit_.branches();
  for (std::size_t k = 0; k < branches.size(); ++k) {
    const double change = std::abs(step_[branches[k].in.p] - step_[branches[k].in.n]);
    if (branches[k].is_linear() || role_of(branches[k]) != Role::conducting || change <= most) continue;
    most = change;
    restless = static_cast<std::int32_t>(k);
  }
  return restless;
}

/// Factors the Jacobian; where laws are flat (a cubic at rest) with a leak to ground that keeps it regular. The residual knows
/// nothing of the leak, so that the solution is not changed by it.
bool DcSolver::factor(int& leaks) {
  constexpr int most_leaks = 10;
  if (lu_->factor(values_)) return true;
  if (++leaks > most_leaks) return false;
  for (NodeIndex node = 1; node < circuit_.node_count(); ++node) add(node, node, floating_conductance);
  return lu_->factor(values_);
}

SolveStatus DcSolver::solve(double gmin, double source_scale) {
  constexpr int limit = 300;
  const auto nodes = static_cast<std::size_t>(circuit_.node_count());
  double low = 0, high = 0;
  std::size_t worst = 0;
  int leaks = 0;
  for (int iteration = 0; iteration < limit; ++iteration) {
    assemble(gmin, source_scale);
    if (!std::ranges::all_of(residual_, [](double r) { return std::isfinite(r); })) {
      failure_ = {.status = SolveStatus::not_finite, .time = -1, .unknown = static_cast<std::int32_t>(worst)};
      return SolveStatus::not_finite;
    }
    if (!factor(leaks)) {
      failure_ = {.status = SolveStatus::singular, .time = -1, .unknown = lu_->singular_column() + 1};
      return SolveStatus::singular;
    }
    for (std::size_t i = 1; i < x_.size(); ++i) step_[i] = -residual_[i];
    lu_->solve(std::span(step_).subspan(1));
    const double taken = limit_step();
    double largest_step = 0, largest = 0;
    for (std::size_t i = 1; i < x_.size(); ++i) {
      x_[i] += taken * step_[i];
      if (i >= nodes) continue;
      largest = std::max(largest, std::abs(x_[i]));
      if (!(std::abs(step_[i]) <= largest_step)) largest_step = std::abs(step_[i]), worst = i;
    }
    // An infinite voltage would pass every comparison with itself.
    if (!std::isfinite(largest) || !std::isfinite(largest_step)) {
      failure_ = {.status = SolveStatus::not_finite, .time = -1, .unknown = static_cast<std::int32_t>(worst)};
      return SolveStatus::not_finite;
    }
    if (taken == 1 && largest_step <= tolerance * largest) return check_shorts(source_scale);
    // Round-off can keep the step from vanishing; a quadratic method is done long before.
    if (taken == 1 && iteration > limit / 2 && largest_step <= 1e3 * tolerance * largest) return check_shorts(source_scale);
    low = std::min(x_[worst], x_[worst] - taken * step_[worst]);
    high = std::max(x_[worst], x_[worst] - taken * step_[worst]);
  }
  failure_ = {.status = SolveStatus::not_converged, .time = -1, .unknown = static_cast<std::int32_t>(worst), .low = low, .high = high,
              .branch = restless_branch()};
  return SolveStatus::not_converged;
}

/// A short that carries a voltage of its own closes a loop of sources and inductors: no finite current does that.
SolveStatus DcSolver::check_shorts(double source_scale) {
  constexpr double noticeable = 1e-6;  // of the largest voltage that is forced
  double largest = 0;
  for (std::size_t s = 0; s < circuit_.sources().size(); ++s)
    if (source_unknown_[s] >= 0) largest = std::max(largest, std::abs(source_scale * request_.sources[s]));
  for (const auto& [node, value] : request_.held) largest = std::max(largest, std::abs(value));
  if (largest == 0) return SolveStatus::converged;
  const auto closes_loop = [&](std::int32_t unknown, Port port) {
    if (std::abs(short_resistance * x_[unknown + 1]) <= noticeable * largest) return false;
    failure_ = {.status = SolveStatus::singular, .time = -1, .unknown = port.p != ground ? port.p : port.n};
    return true;
  };
  for (std::size_t k = 0; k < short_unknown_.size(); ++k)
    if (short_unknown_[k] >= 0 && closes_loop(short_unknown_[k], circuit_.branches()[k].out)) return SolveStatus::singular;
  for (std::size_t s = 0; s < source_unknown_.size(); ++s)
    if (is_winding_[s] && closes_loop(source_unknown_[s], circuit_.sources()[s].port)) return SolveStatus::singular;
  return SolveStatus::converged;
}

/// The controlling variable nearest to rest at which the law carries the current: Newton's method inside the bracket that
/// it finds. Nothing when the law never carries it.
std::optional<double> invert_law(const Branch& branch, const double* p, double current) {
  constexpr int limit = 200;
  constexpr double acceptable = 1e-9;  // remainder, of the current
  return visit_law(branch.law, [&](const auto& law) -> std::optional<double> {
    if (current == 0) return 0.0;
    const double scale = std::abs(law.template step_scale<double>(p));
    double f = 0, slope = 0;
    law.template evaluate<double>(p, 0.0, f, slope);
    // The search walks from rest to the side where the law approaches the current.
    const double side = (current > 0) == (slope >= 0) ? 1 : -1, sign = current > 0 ? 1 : -1;
    double inside = 0, outside = std::numeric_limits<double>::infinity(), z = 0, missing = 0;
    for (int i = 0; i < limit && std::isfinite(z); ++i) {
      law.template evaluate<double>(p, side * z, f, slope);
      missing = sign * (current - f);
      double next = z + missing / (sign * side * slope);
      // Far out on a saturated law every step is small against z; only a small remainder tells a solution.
      if (missing == 0 || (std::abs(next - z) <= 1e-15 * z && std::abs(missing) <= acceptable * std::abs(current))) return side * z;
      (missing > 0 ? inside : outside) = z;
      if (!(next > inside && next < outside)) next = std::isfinite(outside) ? 0.5 * (inside + outside) : z > 0 ? 2 * z : scale;
      z = std::min(next, z + law.largest_step * scale);
    }
    // At a crest the slope vanishes and the last digits of z have no meaning.
    if (std::abs(missing) <= acceptable * std::abs(current)) return side * z;
    return std::nullopt;
  });
}

std::vector<double> DcSolver::adjoint(const ReferenceState& point, const StaticSlope& slope) {
  std::ranges::copy(point.node_voltage, x_.begin());
  for (std::size_t k = 0; k < short_unknown_.size(); ++k)
    if (short_unknown_[k] >= 0) x_[short_unknown_[k] + 1] = point.current[k];
  assemble(0, 1);
  int leaks = 0;
  if (!factor(leaks)) throw ConvergenceError("the operating point's linearised network is singular, so its gradient is not defined");
  std::ranges::fill(step_, 0.0);
  std::ranges::copy(slope.unknown, step_.begin());
  for (std::size_t k = 0; k < short_unknown_.size(); ++k)
    if (short_unknown_[k] >= 0) step_[short_unknown_[k] + 1] = slope.short_current[k];
  lu_->solve_transposed(std::span(step_).subspan(1));
  std::vector<double> mu(step_.begin(), step_.begin() + circuit_.unknown_count());
  mu[ground] = 0;
  return mu;
}

OperatingPoint DcSolver::result() const {
  OperatingPoint point;
  const auto branches = circuit_.branches();
  point.state.node_voltage.assign(x_.begin(), x_.begin() + circuit_.unknown_count());
  for (std::size_t k = 0; k < branches.size(); ++k) {
    const auto& branch = branches[k];
    const double v = x_[branch.in.p] - x_[branch.in.n];
    double current = 0, slope = 0, z = 0;
    if (branch.kind == BranchKind::behavioural) {
      std::vector<double> arguments;
      sense(branch, x_, arguments);
      current = branch.behaviour->value(arguments);
      z = v;
    } else if (short_unknown_[k] >= 0) {
      current = x_[short_unknown_[k] + 1];
      const auto flux = invert_law(branch, request_.slots.data() + branch.first_slot, current);
      if (!flux)
        throw ConvergenceError(fmt::format("no operating point: {} {} cannot carry {}, which is more than its law reaches", describe(branch.element).name,
                                           branch.name, engineering(current, "A")));
      z = *flux;
    } else {
      if (role_of(branch) == Role::conducting) evaluate(branch, v, current, slope);
      if (branch.orders.in == 1) z = v;
    }
    point.state.current.push_back(current);
    point.state.controlling.push_back(z);
  }
  for (std::size_t s = 0; s < circuit_.sources().size(); ++s)
    point.source_currents.push_back(source_unknown_[s] < 0 ? request_.sources[s] : x_[source_unknown_[s] + 1]);
  return point;
}

}  // namespace

bool is_shorted_in_dc(const Branch& branch) { return role_of(branch) == Role::shorted; }
bool conducts_in_dc(const Branch& branch) { return role_of(branch) == Role::conducting; }

double static_conductance(const Branch& branch, const double* p, double v) {
  double current = 0, slope = 0;
  evaluate_static(branch, p, v, current, slope);
  return slope;
}

std::vector<double> static_current_by_parameter(const Branch& branch, const double* p, double v) {
  std::vector<double> slopes(static_cast<std::size_t>(branch.slots), 0.0);
  if (role_of(branch) != Role::conducting || slopes.empty()) return slopes;
  if (branch.kind == BranchKind::membrane) {
    std::ranges::copy(current_by_parameter(p, v, steady_gates(v), 0), slopes.begin());
    return slopes;
  }
  visit_law(branch.law, [&](const auto& law) {
    if (branch.orders.in == 1) return law.template law_by_parameter<double>(p, v, slopes.data());
    // At rest i = f'(0) v; the slope's own change with a parameter is the even part's limit of df/dp(z)/z.
    const double z = 1e-5 * std::abs(law.template step_scale<double>(p));
    double above[max_law_parameters] = {}, below[max_law_parameters] = {};
    law.template law_by_parameter<double>(p, z, above);
    law.template law_by_parameter<double>(p, -z, below);
    for (std::size_t s = 0; s < slopes.size(); ++s) slopes[s] = (above[s] - below[s]) / (2 * z) * v;
  });
  return slopes;
}

std::vector<double> static_adjoint(const Circuit& circuit, std::span<const double> slots, const ReferenceState& point, const StaticSlope& slope) {
  const OperatingPointRequest request{.sources = std::vector<double>(circuit.sources().size(), 0.0), .slots = {slots.begin(), slots.end()},
                                      .first_guess = {}, .held = {}};
  return DcSolver(circuit, request).adjoint(point, slope);
}

OperatingPoint find_operating_point(const Circuit& circuit, const OperatingPointRequest& request) {
  DcSolver solver(circuit, request);
  if (solver.solve(0, 1) == SolveStatus::converged) return solver.result();
  const auto first_failure = solver.failure();

  // gmin stepping: a leak to ground that holds every node is withdrawn decade by decade.
  solver.restart();
  bool follows = true;
  for (double gmin = 1e-2; follows && gmin > 1e-13; gmin /= 10) follows = solver.solve(gmin, 1) == SolveStatus::converged;
  if (follows && solver.solve(0, 1) == SolveStatus::converged) return solver.result();

  // Source stepping: all sources grow together from zero, in steps that shrink when one fails.
  solver.restart();
  if (solver.solve(0, 0) == SolveStatus::converged) {
    double reached = 0, stride = 0.1;
    while (reached < 1 && stride > 1e-6) {
      const auto last = solver.unknowns();
      const double next = std::min(1.0, reached + stride);
      if (solver.solve(0, next) == SolveStatus::converged) {
        reached = next;
        stride *= 2;
      } else {
        solver.unknowns() = last;
        stride /= 4;
      }
    }
    if (reached >= 1) return solver.result();
  }
  throw ConvergenceError(explain(first_failure, circuit));
}

ReferenceState initial_state(const Circuit& circuit, std::span<const double> slots,
                             std::span<const std::pair<NodeIndex, double>> node_voltages) {
  ReferenceState state;
  state.node_voltage.assign(static_cast<std::size_t>(circuit.unknown_count()), 0.0);
  for (const auto& [node, value] : node_voltages) state.node_voltage[node] = value;
  for (const auto& branch : circuit.branches()) {
    const double v = state.node_voltage[branch.in.p] - state.node_voltage[branch.in.n];
    double current = 0, slope = 0;
    const bool is_memoryless = branch.orders == Orders{.out = 0, .in = 1};
    if (is_memoryless && branch.kind == BranchKind::law) evaluate_static(branch, slots.data() + branch.first_slot, v, current, slope);
    // A law of the voltage starts at it; a memory of the voltage is at rest and sees all of it from the first step on.
    const double start = branch.orders.in == 1 ? v : 0.0;
    state.current.push_back(current);
    state.controlling.push_back(start);
    state.voltage.push_back(start);
  }
  return state;
}

}  // namespace tellegen
