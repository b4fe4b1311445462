#include "hw_models/solver/transient.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <tuple>

#include "hw_models/solver/behaviour_block.hpp"
#include "hw_models/solver/branch_block.hpp"
#include "hw_models/solver/differentiation.hpp"
#include "hw_models/solver/membrane_block.hpp"
#include "hw_models/solver/sparse_lu.hpp"

namespace tellegen {
namespace {

/// Relative size of a Newton step after which the next one would be below round-off (convergence is quadratic).
constexpr double newton_tolerance = 1e-9;
/// Steps below this fraction of the run's largest voltage are round-off whatever the present voltage.
constexpr double newton_floor = 1e-15;
constexpr int longest_backtrack = 10;
/// Change of a membrane's voltage over which its exponential rates may be trusted in one Newton step. [V]
constexpr double largest_membrane_step = 0.05;
/// Leak from every node to ground that takes an iterate off a place where the laws are flat. [S]
constexpr double leak_conductance = 1e-3;
constexpr int most_leaks = 10;  // in one solve
/// The last iterates of a solve that gives up; their range goes into the message.
constexpr int remembered_iterates = 6;

/// Places of a branch's four entries in the matrix values; -1: the entry belongs to ground.
using Stamp = std::array<std::int32_t, 4>;

/// One block of branches with its own state.
struct Block {
  const BlockLayout* layout;
  LawKernels<double> kernels;
  std::size_t width;
  std::vector<double> parameters;                // by slot, then member
  DifferentiationBank<double> inner, outer;      // D^(b-1), D^a
  double orientation = 1;                        // -1: terminals exchanged
  std::vector<Stamp> stamps;
  std::vector<double> bias, slope_bias;          // law about the bias
  std::vector<double> v_ref, i_ref;              // start of the run
  std::vector<double> v, u, g, slope;            // present iterate
  std::vector<double> inner_past, outer_past;

  void evaluate_bias() { kernels.evaluate(kernels.law, width, parameters.data(), bias.data(), g.data(), slope_bias.data()); }
  /// Law's value and slope at the present deviation u.
  void evaluate_law(bool tangent) {
    if (!tangent) return kernels.deviate(kernels.law, width, parameters.data(), bias.data(), u.data(), g.data(), slope.data());
    for (std::size_t k = 0; k < width; ++k) g[k] = slope_bias[k] * u[k];
    slope = slope_bias;
  }
};

}  // namespace

struct EngineState::Content {
  struct Banks {
    DifferentiationBank<double> inner, outer;
  };
  std::vector<double> x;
  std::vector<Banks> banks;
};

struct TransientEngine::State {
  std::shared_ptr<const Circuit> circuit;
  TimeGrid grid;
  std::vector<BlockLayout> layouts;
  std::vector<Block> blocks;
  MembraneBlock membranes;
  std::vector<Stamp> membrane_stamps;
  BehaviourBlock behaviours;
  std::vector<std::vector<Stamp>> behaviour_stamps;  // by member and input
  std::vector<std::int32_t> source_unknown;  // unknown of each voltage source's current; -1 for a current source
  SparsePattern pattern{0};
  std::optional<SparseLu> lu;
  std::vector<Stamp> source_stamps;
  std::vector<std::int32_t> diagonal;  // place of each node's own entry
  std::vector<double> slots;

  NetworkMode mode;
  bool all_linear = true;
  bool factored = false;
  bool clamps_hold = false;
  std::size_t done = 0;
  std::size_t iterations = 0;
  double largest_voltage = 0;  // [V] in this run
  ConvergenceFailure failure;

  // Unknowns are stored with ground in front: x[0] = 0, x[node], then source currents.
  std::vector<double> x, residual, step, values;
  std::vector<double> x_last, x_before_last;                // accepted one and two steps ago
  std::vector<double> low, high;                            // range of the remembered iterates
  std::vector<double> controlling, states;
  std::vector<double> source_values, last_source_values;  // [V] or [A] of this step and of the one before

  std::vector<Port> clamps;
  std::vector<std::array<std::int32_t, 5>> clamp_stamps;  // (p,j) (n,j) (j,p) (j,n) (j,j)
  std::size_t first_clamp = 0;                            // unknown of the first clamp's current

  State(std::shared_ptr<const Circuit> c, const TimeGrid& g, std::vector<Port> clamped_ports);
  void build_pattern();
  void load_parameters();
  void begin_step(const StepDrive& drive);
  void add_to_matrix(const Stamp& stamp, double conductance);
  void evaluate(const StepDrive& drive, bool with_matrix);
  [[nodiscard]] double limit_step();
  [[nodiscard]] bool factor(int& leaks);
  SolveStatus solve(const StepDrive& drive);
  void accept();
  void remember_iterate(int iteration);
  void remember_failure(SolveStatus status);
};

TransientEngine::State::State(std::shared_ptr<const Circuit> c, const TimeGrid& g, std::vector<Port> clamped_ports)
    : circuit(std::move(c)), grid(g), membranes(*circuit, grid), behaviours(*circuit), clamps(std::move(clamped_ports)) {
  layouts = group_branches(*circuit);
  blocks.reserve(layouts.size());
  const auto values_of = [](std::size_t n) { return std::vector<double>(n, 0.0); };
  for (const auto& layout : layouts) {
    const auto n = layout.branch.size();
    const auto kernels = kernels_of<double>(layout.law);
    all_linear = all_linear && kernels.is_linear;
    blocks.push_back(Block{.layout = &layout, .kernels = kernels, .width = n,
                           .parameters = values_of(n * parameters_of(layout.law).size()),
                           .inner = {layout.orders.in - 1, n, grid}, .outer = {layout.orders.out, n, grid}, .stamps = {},
                           .bias = values_of(n), .slope_bias = values_of(n),
                           .v_ref = values_of(n), .i_ref = values_of(n),
                           .v = values_of(n), .u = values_of(n), .g = values_of(n), .slope = values_of(n),
                           .inner_past = values_of(n), .outer_past = values_of(n)});
  }
  all_linear = all_linear && membranes.width() == 0 && behaviours.is_linear();
  controlling.assign(circuit->branches().size(), 0.0);
  states.assign(static_cast<std::size_t>(circuit->state_count()), 0.0);
  for (auto* of_sources : {&source_values, &last_source_values}) of_sources->assign(circuit->sources().size(), 0.0);
  slots.assign(circuit->initial_slots().begin(), circuit->initial_slots().end());
  build_pattern();
  load_parameters();
}

void TransientEngine::State::build_pattern() {
  std::int32_t unknowns = circuit->node_count() - 1;
  for (const auto& source : circuit->sources()) source_unknown.push_back(source.kind == SourceKind::voltage ? unknowns++ : -1);

  first_clamp = static_cast<std::size_t>(unknowns) + 1;
  unknowns += static_cast<std::int32_t>(clamps.size());
  pattern = SparsePattern(unknowns);
  const auto add = [&](std::int32_t row, std::int32_t column) {
    if (row >= 0 && column >= 0) pattern.add(row, column);
  };
  for (NodeIndex node = 1; node < circuit->node_count(); ++node) add(node - 1, node - 1);
  for (const auto& block : blocks)
    for (std::size_t k = 0; k < block.width; ++k)
      for (const auto row : {block.layout->out[k].p, block.layout->out[k].n})
        for (const auto column : {block.layout->in[k].p, block.layout->in[k].n}) add(row - 1, column - 1);
  for (std::size_t k = 0; k < membranes.width(); ++k)
    for (const auto row : {membranes.port(k).p, membranes.port(k).n})
      for (const auto column : {membranes.port(k).p, membranes.port(k).n}) add(row - 1, column - 1);
  for (std::size_t k = 0; k < behaviours.width(); ++k)
    for (const Port input : behaviours.inputs(k))
      for (const auto row : {behaviours.output(k).p, behaviours.output(k).n})
        for (const auto column : {input.p, input.n}) add(row - 1, column - 1);
  const auto sources = circuit->sources();
  for (std::size_t s = 0; s < sources.size(); ++s) {
    if (source_unknown[s] < 0) continue;
    for (const auto node : {sources[s].port.p, sources[s].port.n}) {
      add(node - 1, source_unknown[s]);
      add(source_unknown[s], node - 1);
    }
  }
  for (std::size_t c = 0; c < clamps.size(); ++c) {
    const auto j = static_cast<std::int32_t>(first_clamp + c) - 1;
    add(j, j);
    for (const auto node : {clamps[c].p, clamps[c].n}) add(node - 1, j), add(j, node - 1);
  }
  pattern.freeze();

  const auto place = [&](std::int32_t row, std::int32_t column) {
    return row >= 0 && column >= 0 ? pattern.place(row, column) : -1;
  };
  for (NodeIndex node = 1; node < circuit->node_count(); ++node) diagonal.push_back(place(node - 1, node - 1));
  const auto stamp = [&](Port out, Port in) {
    return Stamp{place(out.p - 1, in.p - 1), place(out.p - 1, in.n - 1), place(out.n - 1, in.p - 1), place(out.n - 1, in.n - 1)};
  };
  for (auto& block : blocks)
    for (std::size_t k = 0; k < block.width; ++k) block.stamps.push_back(stamp(block.layout->out[k], block.layout->in[k]));
  for (std::size_t k = 0; k < membranes.width(); ++k) membrane_stamps.push_back(stamp(membranes.port(k), membranes.port(k)));
  for (std::size_t k = 0; k < behaviours.width(); ++k) {
    auto& stamps = behaviour_stamps.emplace_back();
    for (const Port input : behaviours.inputs(k)) stamps.push_back(stamp(behaviours.output(k), input));
  }
  for (std::size_t s = 0; s < sources.size(); ++s) {
    const auto [p, n] = sources[s].port;
    const auto j = source_unknown[s];
    source_stamps.push_back(j < 0 ? Stamp{-1, -1, -1, -1} : Stamp{place(p - 1, j), place(n - 1, j), place(j, p - 1), place(j, n - 1)});
  }
  for (std::size_t c = 0; c < clamps.size(); ++c) {
    const auto j = static_cast<std::int32_t>(first_clamp + c) - 1;
    const auto [p, n] = clamps[c];
    clamp_stamps.push_back({place(p - 1, j), place(n - 1, j), place(j, p - 1), place(j, n - 1), place(j, j)});
  }
  const auto size = static_cast<std::size_t>(unknowns) + 1;
  for (auto* vector : {&x, &x_last, &x_before_last, &low, &high, &residual, &step}) vector->assign(size, 0.0);
  values.assign(static_cast<std::size_t>(pattern.entries()), 0.0);
  lu.emplace(pattern);
}

void TransientEngine::State::load_parameters() {
  const auto branches = circuit->branches();
  all_linear = membranes.width() == 0 && behaviours.is_linear();
  for (auto& block : blocks) {
    const bool is_flipped = mode.loss_flipped && block.layout->orders == Orders{.out = 0, .in = 1};
    const bool saturates = is_flipped && mode.flip_saturation > 0 && block.layout->law == law_id<LinearLaw>();
    const LawChoice law = saturates ? LawChoice(law_id<TanhLaw>()) : block.layout->law;
    block.kernels = kernels_of<double>(law);
    block.parameters.assign(block.width * parameters_of(law).size(), 0.0);
    all_linear = all_linear && block.kernels.is_linear;
    for (std::size_t k = 0; k < block.width; ++k) {
      const auto& branch = branches[block.layout->branch[k]];
      const auto own = std::span(slots).subspan(static_cast<std::size_t>(branch.first_slot), static_cast<std::size_t>(branch.slots));
      if (saturates) {
        block.parameters[block.width + k] = -(1 + mode.flip_gain) * own[0] * mode.flip_saturation;
        block.parameters[2 * block.width + k] = mode.flip_saturation;
        continue;
      }
      for (std::size_t s = 0; s < own.size(); ++s) block.parameters[s * block.width + k] = own[s];
      if (is_flipped) block.parameters[k] *= -(1 + mode.flip_gain);
    }
  }
  membranes.load_parameters(slots);
  factored = false;
}

/// Fixes what the past and the drive say about this step.
void TransientEngine::State::begin_step(const StepDrive& drive) {
  std::swap(source_values, last_source_values);
  std::fill(source_values.begin(), source_values.end(), 0.0);
  std::copy(drive.sources.begin(), drive.sources.end(), source_values.begin());
  if (clamps_hold != !drive.clamped.empty()) factored = false;
  clamps_hold = !drive.clamped.empty();
  for (auto& block : blocks) {
    block.inner.history(block.inner_past.data());
    block.outer.history(block.outer_past.data());
    // Without a replayed record the bias is the run's reference, whose law was evaluated when the run began.
    if (drive.bias.empty()) continue;
    for (std::size_t k = 0; k < block.width; ++k) block.bias[k] = drive.bias[block.layout->branch[k]];
    if (mode.tangent) block.evaluate_bias();
  }
  membranes.begin_step(drive.bias, drive.states);
  behaviours.begin_step(drive.time < 0 ? grid.time(done + 1) : drive.time, drive.states);
}

/// Adds the slope of an output in a sensed port to the matrix.
void TransientEngine::State::add_to_matrix(const Stamp& stamp, double conductance) {
  const auto& [pp, pn, np, nn] = stamp;
  if (pp >= 0) values[pp] += conductance;
  if (pn >= 0) values[pn] -= conductance;
  if (np >= 0) values[np] -= conductance;
  if (nn >= 0) values[nn] += conductance;
}

/// Residual of Kirchhoff's laws at the present iterate, and the Jacobian where asked.
void TransientEngine::State::evaluate(const StepDrive& drive, bool with_matrix) {
  std::fill(residual.begin(), residual.end(), 0.0);
  if (with_matrix) std::fill(values.begin(), values.end(), 0.0);
  const bool swapped = mode.ports_swapped;
  for (auto& block : blocks) {
    const auto& senses = swapped ? block.layout->out : block.layout->in;
    const auto& drives = swapped ? block.layout->in : block.layout->out;
    const double w_in = block.inner.leading(), w_out = block.outer.leading();
    for (std::size_t k = 0; k < block.width; ++k)
      block.u[k] = w_in * (block.orientation * (x[senses[k].p] - x[senses[k].n]) - block.v_ref[k]) + block.inner_past[k];
    block.evaluate_law(mode.tangent);
    for (std::size_t k = 0; k < block.width; ++k) {
      const double current = block.orientation * (block.i_ref[k] + w_out * block.g[k] + block.outer_past[k]);
      residual[drives[k].p] += current;
      residual[drives[k].n] -= current;
    }
    if (!with_matrix) continue;
    for (std::size_t k = 0; k < block.width; ++k) add_to_matrix(block.stamps[k], w_out * block.slope[k] * w_in);
  }
  for (std::size_t k = 0; k < membranes.width(); ++k) {
    const auto [p, n] = membranes.port(k);
    double current = 0, conductance = 0;
    membranes.evaluate(k, x[p] - x[n], current, conductance);
    residual[p] += current;
    residual[n] -= current;
    if (with_matrix) add_to_matrix(membrane_stamps[k], conductance);
  }
  for (std::size_t k = 0; k < behaviours.width(); ++k) {
    behaviours.add_currents(k, x, residual);
    if (!with_matrix) continue;
    const auto slopes = behaviours.slopes(k, x);
    for (std::size_t j = 0; j < slopes.size(); ++j) add_to_matrix(behaviour_stamps[k][j], slopes[j]);
  }
  const auto sources = circuit->sources();
  for (std::size_t s = 0; s < sources.size(); ++s) {
    const auto [p, n] = sources[s].port;
    if (source_unknown[s] < 0) {
      residual[p] += source_values[s];
      residual[n] -= source_values[s];
      continue;
    }
    const auto j = source_unknown[s] + 1;
    residual[p] += x[j];
    residual[n] -= x[j];
    residual[j] += x[p] - x[n] - source_values[s];  // branches may add to the voltage that the source holds
    if (!with_matrix) continue;
    const auto& [pj, nj, jp, jn] = source_stamps[s];
    if (pj >= 0) values[pj] += 1, values[jp] += 1;
    if (nj >= 0) values[nj] -= 1, values[jn] -= 1;
  }
  for (std::size_t c = 0; c < clamps.size(); ++c) {
    const auto [p, n] = clamps[c];
    const auto j = first_clamp + c;
    const bool holds = !drive.clamped.empty();
    if (holds) residual[p] -= x[j], residual[n] += x[j];
    residual[j] = holds ? x[p] - x[n] - drive.clamped[c] : x[j];
    if (!with_matrix) continue;
    const auto& [pj, nj, jp, jn, jj] = clamp_stamps[c];
    if (!holds) {
      values[jj] = 1;
      continue;
    }
    if (pj >= 0) values[pj] -= 1, values[jp] += 1;
    if (nj >= 0) values[nj] += 1, values[jn] -= 1;
  }
  for (std::size_t i = 1; i < drive.injected.size(); ++i) residual[i] -= drive.injected[i];
}

/// Largest fraction of the Newton step that keeps every exponential law within its range of trust.
double TransientEngine::State::limit_step() {
  double fraction = 1;
  for (const auto& block : blocks) {
    if (mode.tangent || !std::isfinite(block.kernels.largest_step)) continue;
    const auto& senses = mode.ports_swapped ? block.layout->out : block.layout->in;
    const double w_in = block.inner.leading();
    for (std::size_t k = 0; k < block.width; ++k) {
      const double scale = std::abs(block.kernels.step_scale(block.kernels.law, block.width, block.parameters.data(), k));
      const double change = block.orientation * w_in * (step[senses[k].p] - step[senses[k].n]) / scale;
      const double next = (block.bias[k] + block.u[k]) / scale + change;
      if (std::abs(change) > block.kernels.largest_step && std::abs(next) > block.kernels.largest_step)
        fraction = std::min(fraction, block.kernels.largest_step / std::abs(change));
    }
  }
  for (std::size_t k = 0; !mode.deviation && k < membranes.width(); ++k) {
    const auto [p, n] = membranes.port(k);
    fraction = std::min(fraction, largest_membrane_step / std::max(std::abs(step[p] - step[n]), largest_membrane_step));
  }
  for (std::size_t k = 0; k < behaviours.width(); ++k) fraction = std::min(fraction, behaviours.trusted_fraction(k, x, step));
  return fraction;
}

/// Factors the Jacobian. Where laws are flat (a cubic at rest) it is singular although a solution exists; a leak to ground
/// lets Newton's method walk on. It changes the way, not the solution: the residual knows nothing of it.
bool TransientEngine::State::factor(int& leaks) {
  if (lu->factor(values)) return true;
  if (all_linear || mode.tangent || ++leaks > most_leaks) return false;
  for (const auto place : diagonal) values[place] += leak_conductance;
  return lu->factor(values);
}

SolveStatus TransientEngine::State::solve(const StepDrive& drive) {
  const auto unknowns = x.size();
  const auto norm = [](std::span<const double> v) {
    double sum = 0;
    for (const double value : v.subspan(1)) sum += value * value;
    return std::sqrt(sum);
  };
  double last_norm = std::numeric_limits<double>::infinity();
  double taken = 0;  // fraction of `step` that led to the present iterate
  int backtracks = 0, leaks = 0;
  for (int iteration = 0; iteration < newton_limit; ++iteration) {
    ++iterations;
    remember_iterate(iteration);
    const bool with_matrix = !(all_linear && factored);
    evaluate(drive, with_matrix);
    residual[0] = 0;
    const double present_norm = norm(residual);
    if (!std::isfinite(present_norm)) {
      if (taken == 0 || ++backtracks > 4 * longest_backtrack) {
        remember_failure(SolveStatus::not_finite);
        return SolveStatus::not_finite;
      }
      for (std::size_t i = 1; i < unknowns; ++i) x[i] -= 0.5 * taken * step[i];
      taken *= 0.5;
      continue;
    }
    // A step that made things clearly worse is taken back by half; the first steps may climb, a limited one has its own care.
    if (taken == 1 && present_norm > 2 * last_norm && backtracks < longest_backtrack) {
      ++backtracks;
      for (std::size_t i = 1; i < unknowns; ++i) x[i] -= 0.5 * step[i];
      taken = 0.5;
      continue;
    }
    last_norm = present_norm;
    if (with_matrix) {
      if (!factor(leaks)) {
        failure = {.status = SolveStatus::singular, .time = grid.time(done + 1), .unknown = lu->singular_column() + 1};
        return SolveStatus::singular;
      }
      factored = true;
    }
    for (std::size_t i = 1; i < unknowns; ++i) step[i] = -residual[i];
    const auto right_hand_side = std::span(step).subspan(1);
    mode.ports_swapped ? lu->solve_transposed(right_hand_side) : lu->solve(right_hand_side);
    taken = all_linear ? 1 : limit_step();
    double largest_step = 0, largest = 0;
    bool is_finite = true;
    const auto nodes = static_cast<std::size_t>(circuit->node_count());
    for (std::size_t i = 1; i < unknowns; ++i) {
      x[i] += taken * step[i];
      is_finite = is_finite && std::isfinite(x[i]);
      if (i >= nodes) continue;
      largest_step = std::max(largest_step, std::abs(step[i]));
      largest = std::max(largest, std::abs(x[i]));
    }
    // An infinite voltage would pass every comparison with itself.
    if (!is_finite) {
      remember_failure(SolveStatus::not_finite);
      return SolveStatus::not_finite;
    }
    if (all_linear || mode.tangent) return SolveStatus::converged;
    // A node-free circuit of sources alone has no voltage to wait for.
    if (taken == 1 && largest_step <= newton_tolerance * largest + newton_floor * largest_voltage) {
      largest_voltage = std::max(largest_voltage, largest);
      return SolveStatus::converged;
    }
  }
  remember_failure(SolveStatus::not_converged);
  return SolveStatus::not_converged;
}

void TransientEngine::State::remember_iterate(int iteration) {
  const int first = newton_limit - remembered_iterates;
  if (iteration < first) return;
  if (iteration == first) low = high = x;
  for (std::size_t i = 0; i < x.size(); ++i) {
    low[i] = std::min(low[i], x[i]);
    high[i] = std::max(high[i], x[i]);
  }
}

void TransientEngine::State::remember_failure(SolveStatus status) {
  failure = {.status = status, .time = grid.time(done + 1)};
  const auto nodes = static_cast<std::size_t>(circuit->node_count());
  std::size_t worst = std::min<std::size_t>(1, nodes - 1);
  for (std::size_t i = 1; i < nodes; ++i)
    if (!(std::abs(step[i]) <= std::abs(step[worst]))) worst = i;
  failure.unknown = static_cast<std::int32_t>(worst);
  if (status == SolveStatus::not_converged) failure.low = low[worst], failure.high = high[worst];
  double most = 0;
  for (const auto& block : blocks) {
    if (block.kernels.is_linear) continue;
    const auto& senses = mode.ports_swapped ? block.layout->out : block.layout->in;
    for (std::size_t k = 0; k < block.width; ++k) {
      const double change = std::abs(step[senses[k].p] - step[senses[k].n]);
      if (change <= most) continue;
      most = change;
      failure.branch = block.layout->branch[k];
    }
  }
}

void TransientEngine::State::accept() {
  for (auto& block : blocks) {
    const auto& senses = mode.ports_swapped ? block.layout->out : block.layout->in;
    const double w_in = block.inner.leading();
    // The accepted unknowns are one Newton step past the last evaluation.
    for (std::size_t k = 0; k < block.width; ++k) {
      block.v[k] = block.orientation * (x[senses[k].p] - x[senses[k].n]) - block.v_ref[k];
      block.u[k] = w_in * block.v[k] + block.inner_past[k];
      controlling[block.layout->branch[k]] = block.u[k];
    }
    block.inner.accept(block.v.data(), block.inner_past.data());
    block.evaluate_law(mode.tangent);
    block.outer.accept(block.g.data(), block.outer_past.data());
  }
  for (std::size_t k = 0; k < membranes.width(); ++k) {
    const auto [p, n] = membranes.port(k);
    controlling[membranes.branch(k)] = x[p] - x[n];
    membranes.accept(k, x[p] - x[n], states.data());
  }
  membranes.finish_step();
  for (std::size_t k = 0; k < behaviours.width(); ++k) behaviours.accept(k, x, states);
  ++done;
}

TransientEngine::TransientEngine(std::shared_ptr<const Circuit> circuit, const TimeGrid& grid, std::vector<Port> clamps)
    : state_(std::make_unique<State>(std::move(circuit), grid, std::move(clamps))) {}
TransientEngine::~TransientEngine() = default;
TransientEngine::TransientEngine(TransientEngine&&) noexcept = default;

const Circuit& TransientEngine::circuit() const { return *state_->circuit; }
const TimeGrid& TransientEngine::grid() const { return state_->grid; }

void TransientEngine::set_slots(std::span<const double> slots) {
  if (std::ranges::equal(slots, state_->slots)) return;
  state_->slots.assign(slots.begin(), slots.end());
  state_->load_parameters();
}

std::span<const double> TransientEngine::slots() const { return state_->slots; }

void TransientEngine::begin(NetworkMode mode, const ReferenceState& start) {
  auto& s = *state_;
  if (mode.orders_swapped != s.mode.orders_swapped)
    for (auto& block : s.blocks) std::swap(block.inner, block.outer);
  const auto flip_of = [](const NetworkMode& m) { return std::tuple(m.loss_flipped, m.flip_gain, m.flip_saturation); };
  const bool flips = flip_of(mode) != flip_of(s.mode);
  s.mode = mode;
  if (flips) s.load_parameters();
  s.done = 0;
  s.iterations = 0;
  s.largest_voltage = 0;
  std::fill(s.x.begin(), s.x.end(), 0.0);
  for (std::size_t i = 0; i < start.node_voltage.size(); ++i) s.x[i] = start.node_voltage[i];
  s.x_last = s.x_before_last = s.x;
  std::fill(s.controlling.begin(), s.controlling.end(), 0.0);
  std::fill(s.states.begin(), s.states.end(), 0.0);
  std::vector<double> v_ref(s.circuit->branches().size(), 0.0);
  for (std::size_t k = 0; k < v_ref.size() && !start.node_voltage.empty(); ++k) {
    const Port in = s.circuit->branches()[k].in;
    v_ref[k] = start.voltage.empty() ? start.node_voltage[in.p] - start.node_voltage[in.n] : start.voltage[k];
  }
  s.membranes.begin(mode.deviation, mode.ports_swapped, v_ref);
  s.behaviours.begin(mode.deviation, mode.ports_swapped);
  std::fill(s.source_values.begin(), s.source_values.end(), 0.0);
  for (auto& block : s.blocks) {
    block.inner.reset();
    block.outer.reset();
    // A capacitor holds its charge while its terminals are exchanged; one in a winding's row is a current, which stays.
    const bool is_capacitor = block.layout->orders == Orders{.out = 1, .in = 1} && block.layout->out.front() == block.layout->in.front();
    block.orientation = mode.time_reversed && is_capacitor ? -1 : 1;
    for (std::size_t k = 0; k < block.width; ++k) {
      const auto branch = block.layout->branch[k];
      const Port in = block.layout->in[k];
      block.v_ref[k] = !start.voltage.empty()        ? start.voltage[branch]
                       : !start.node_voltage.empty() ? start.node_voltage[in.p] - start.node_voltage[in.n]
                                                     : 0;
      block.i_ref[k] = start.current.empty() ? 0 : start.current[branch];
      block.bias[k] = start.controlling.empty() ? 0 : start.controlling[branch];
    }
    block.evaluate_bias();
  }
}

void TransientEngine::begin_in_motion(const ReferenceState& start, const std::function<std::vector<double>(double)>& sources) {
  begin(forward_network, start);
  auto& s = *state_;
  const double step = s.grid.step, soon_at = 1e-3 * step;
  const auto after = [&](double time) {
    TransientEngine engine(s.circuit, {.step = time, .steps = 1, .method = Method::be});
    engine.set_slots(s.slots);
    engine.begin(forward_network, start);
    const auto values = sources(time);
    return std::pair(engine.step({.sources = values, .injected = {}, .bias = {}}), std::move(engine));
  };
  const auto [soon_status, soon] = after(soon_at);
  const auto [later_status, later] = after(step);
  if (soon_status != SolveStatus::converged || later_status != SolveStatus::converged) return;
  for (std::size_t b = 0; b < s.blocks.size(); ++b) {
    const auto &first = soon.state_->blocks[b], &second = later.state_->blocks[b];
    for (std::size_t k = 0; k < first.width; ++k) {
      s.blocks[b].inner.set_in_motion(k, first.v[k], soon_at, second.v[k], step);
      s.blocks[b].outer.set_in_motion(k, first.g[k], soon_at, second.g[k], step);
    }
  }
  s.membranes.set_in_motion(soon.state_->membranes, soon_at, later.state_->membranes, step);
}

std::vector<TransientEngine::BranchMemory> TransientEngine::memories() const {
  std::vector<BranchMemory> memories(state_->circuit->branches().size());
  std::vector<double> past, second;
  for (const auto& block : state_->blocks) {
    past.resize(block.width);
    second.resize(block.width);
    const auto take = [&](const DifferentiationBank<double>& bank, double BranchMemory::*next, double BranchMemory::*after) {
      bank.history(past.data());
      bank.second(second.data(), block.width);
      for (std::size_t k = 0; k < block.width; ++k) {
        memories[block.layout->branch[k]].*next = past[k];
        memories[block.layout->branch[k]].*after = second[k];
      }
    };
    take(block.inner, &BranchMemory::inner, &BranchMemory::inner_second);
    take(block.outer, &BranchMemory::outer, &BranchMemory::outer_second);
  }
  return memories;
}

EngineState TransientEngine::save() const {
  auto content = std::make_shared<EngineState::Content>();
  content->x = state_->x;
  for (const auto& block : state_->blocks) content->banks.push_back({block.inner, block.outer});
  return {std::move(content)};
}

void TransientEngine::begin_reversed(const EngineState& state, NetworkMode mode) {
  mode.time_reversed = true;
  begin(mode);
  auto& s = *state_;
  for (std::size_t b = 0; b < s.blocks.size(); ++b) {
    s.blocks[b].inner = state.content->banks[b].inner;
    s.blocks[b].outer = state.content->banks[b].outer;
    s.blocks[b].inner.reverse_time();
    s.blocks[b].outer.reverse_time();
  }
  const auto nodes = static_cast<std::size_t>(s.circuit->node_count());
  for (std::size_t i = 0; i < s.x.size(); ++i) s.x[i] = i < nodes ? -state.content->x[i] : state.content->x[i];
  s.x_last = s.x_before_last = s.x;
}

SolveStatus TransientEngine::step(const StepDrive& drive) {
  auto& s = *state_;
  if (s.done == s.grid.steps) throw std::logic_error("a step past the end of the engine's time grid");
  s.begin_step(drive);
  s.x_last = s.x;
  // A straight line through the last two solutions is a better first guess than the last one.
  if (s.done >= 2 && !s.all_linear)
    for (std::size_t i = 1; i < s.x.size(); ++i) s.x[i] += s.x[i] - s.x_before_last[i];
  auto status = s.solve(drive);
  if (status == SolveStatus::not_converged || status == SolveStatus::not_finite) {
    s.x = s.x_last;
    status = s.solve(drive);
  }
  if (status != SolveStatus::converged) {
    s.x = s.x_last;
    std::swap(s.source_values, s.last_source_values);
    return status;
  }
  std::swap(s.x_before_last, s.x_last);
  s.accept();
  return status;
}

std::span<const double> TransientEngine::voltages() const {
  return std::span(state_->x).first(static_cast<std::size_t>(state_->circuit->node_count()));
}
std::span<const double> TransientEngine::unknowns() const {
  return std::span(state_->x).first(static_cast<std::size_t>(state_->circuit->unknown_count()));
}
double TransientEngine::clamp_current(std::size_t clamp) const { return state_->x[state_->first_clamp + clamp]; }
std::span<const double> TransientEngine::states() const { return state_->states; }
std::span<const double> TransientEngine::controlling() const { return state_->controlling; }

double TransientEngine::source_current(std::int32_t source) const {
  const auto unknown = state_->source_unknown[source];
  return unknown < 0 ? state_->source_values[source] : state_->x[unknown + 1];
}

std::size_t TransientEngine::steps_done() const { return state_->done; }
const ConvergenceFailure& TransientEngine::failure() const { return state_->failure; }
std::size_t TransientEngine::iterations() const { return state_->iterations; }

double controlling_value(const TransientEngine& engine, const ReferenceState& start, std::int32_t branch) {
  // A membrane's variable is the voltage itself.
  const bool is_deviation = !start.controlling.empty() && engine.circuit().branches()[branch].kind == BranchKind::law;
  return (is_deviation ? start.controlling[branch] : 0.0) + engine.controlling()[branch];
}

void require_converged(SolveStatus status, const TransientEngine& engine) {
  if (status != SolveStatus::converged) throw ConvergenceError(explain(engine.failure(), engine.circuit()));
}

}  // namespace tellegen
