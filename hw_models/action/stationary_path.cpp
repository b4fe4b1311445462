#include "hw_models/action/stationary_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "hw_models/solver/convolution_quadrature.hpp"
#include "hw_models/solver/sparse_lu.hpp"

namespace tellegen {
namespace {

constexpr double newton_tolerance = 1e-11;
constexpr double acceptable_step = 1e-7;
constexpr int newton_iterations = 60;
/// Beyond this condition number (over the square of the path's length) a free oscillation fits the run.
constexpr double resonance_condition = 1e6;

/// Rows of a linear map from a path's free samples to a branch's variable z_1 ... z_N; entries of zero are left out.
struct PathOperator {
  struct Entry {
    std::size_t sample;  ///< free sample of the flux
    double weight;
  };
  std::vector<std::vector<Entry>> rows;
};

/// Weights of the cyclic (1 - zeta)^c / h^c, by the inverse discrete Fourier transform of its symbol.
std::vector<double> cyclic_weights(double order, const TimeGrid& grid) {
  const auto steps = grid.steps;
  std::vector<double> w(steps, 0.0);
  for (std::size_t m = 1; m < steps; ++m) {  // the symbol vanishes at m = 0
    const auto zeta = std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(m) / static_cast<double>(steps));
    const auto symbol = std::pow((1.0 - zeta) / grid.step, order);
    for (std::size_t j = 0; j < steps; ++j)
      w[j] += (symbol * std::polar(1.0, 2 * std::numbers::pi * static_cast<double>(j * m % steps) / static_cast<double>(steps))).real();
  }
  for (double& weight : w) weight /= static_cast<double>(steps);
  return w;
}

}  // namespace

struct StationaryPath::State {
  struct Term {
    std::size_t branch;
    double order;
    double sign;  ///< of the potential in the action
    const PathOperator* map;
  };

  std::shared_ptr<const Circuit> circuit;
  TimeGrid grid;
  PathEnds ends;
  std::vector<double> slots;
  Table sources;
  std::size_t nodes = 0;    ///< without ground
  std::size_t samples = 0;  ///< free ones of each node
  std::vector<std::unique_ptr<PathOperator>> maps;
  std::vector<std::pair<double, const PathOperator*>> map_of_order;
  std::vector<Term> terms;
  PathOperator reading;  ///< samples to voltages at t_1 ... t_N
  SparsePattern pattern{0};
  std::optional<SparseLu> lu;
  std::vector<double> values;
  double condition = 0;

  [[nodiscard]] std::size_t size() const { return nodes * samples; }
  [[nodiscard]] std::size_t place(std::size_t sample, NodeIndex node) const { return sample * nodes + static_cast<std::size_t>(node) - 1; }

  void check_sources() const;
  void build_terms();
  void build_reading();
  void build_pattern();
  [[nodiscard]] const PathOperator* map_for(double order);
  [[nodiscard]] PathOperator made_map(double order) const;
  [[nodiscard]] std::vector<double> variable(const Term& term, std::span<const double> x) const;
  void add_slope(std::vector<double>& gradient, const Term& term, std::span<const double> by_variable) const;
  [[nodiscard]] std::vector<double> residual(std::span<const double> x, double source_scale) const;
  void assemble_hessian(std::span<const double> x);
  void factor();
  void estimate_condition();
  [[nodiscard]] bool newton(std::vector<double>& x, double source_scale);
  [[nodiscard]] std::vector<double> loss_slope(const Table& voltage_slope) const;
  void add_sources(std::vector<double>& by_slot, std::span<const double> x) const;
  [[nodiscard]] std::vector<double> free_part(const Table& flux) const;
  [[nodiscard]] Table whole(std::span<const double> x) const;
};

void StationaryPath::State::check_sources() const {
  for (const auto& source : circuit->sources())
    if (source.kind == SourceKind::voltage)
      throw InputError(source.where, source.name,
                       "a voltage source gives its flux at all times, so that the path's ends cannot be chosen; the stationary path takes current sources only "
                       "(a series resistance and a voltage are a current beside a conductance)");
  for (const auto& branch : circuit->branches())
    if (const auto reason = no_term_reason(branch); !reason.empty()) throw InputError(branch.where, "action_nudge", reason);
}

PathOperator StationaryPath::State::made_map(double order) const {
  PathOperator map{std::vector<std::vector<PathOperator::Entry>>(grid.steps)};
  const auto weights = order == 0                       ? std::vector<double>{1.0}
                       : order == 1                     ? std::vector<double>{1 / grid.step, -1 / grid.step}
                       : ends == PathEnds::periodic     ? cyclic_weights(order, grid)
                                                        : quadrature_weights(order, grid.steps, grid.step, Method::be);
  for (std::size_t n = 1; n <= grid.steps; ++n)
    for (std::size_t j = 0; j < weights.size(); ++j) {
      if (ends == PathEnds::periodic) {
        map.rows[n - 1].push_back({(n - 1 + grid.steps - j) % grid.steps, weights[j]});
      } else if (n - j >= 1 && j < n && n - j <= samples) {
        map.rows[n - 1].push_back({n - j - 1, weights[j]});
      }
    }
  return map;
}

const PathOperator* StationaryPath::State::map_for(double order) {
  for (const auto& [known, map] : map_of_order)
    if (known == order) return map;
  if (order != 0 && order != 1 && size() > longest_dense_path)
    throw InputError({}, "action_nudge",
                     fmt::format("{} steps of {} nodes are too many beside a term of order {:g}, which couples all of them; expected at most {} unknowns, "
                                 "so a larger [time] step", grid.steps, nodes, order, longest_dense_path));
  maps.push_back(std::make_unique<PathOperator>(made_map(order)));
  return map_of_order.emplace_back(order, maps.back().get()).second;
}

void StationaryPath::State::build_terms() {
  for (std::size_t k = 0; k < circuit->branches().size(); ++k) {
    const double order = term_order(circuit->branches()[k]);
    terms.push_back({k, order, order == 0 ? -1.0 : 1.0, map_for(order)});
  }
}

void StationaryPath::State::build_reading() {
  const double twice = 2 * grid.step;
  reading.rows.resize(grid.steps);
  for (std::size_t n = 1; n <= grid.steps; ++n) {
    auto& row = reading.rows[n - 1];
    if (ends == PathEnds::periodic) {
      row = {{n % grid.steps, 1 / twice}, {(n + grid.steps - 2) % grid.steps, -1 / twice}};
      continue;
    }
    const auto add = [&](std::size_t m, double weight) {
      if (m >= 1 && m <= samples) row.push_back({m - 1, weight});
    };
    if (n < grid.steps) {
      add(n + 1, 1 / twice);
      if (n >= 2) add(n - 1, -1 / twice);
    } else {  // phi_N = 0
      add(n - 1, -4 / twice);
      if (n >= 3) add(n - 2, 1 / twice);
    }
  }
}

void StationaryPath::State::build_pattern() {
  pattern = SparsePattern(static_cast<std::int32_t>(size()));
  for (std::size_t i = 0; i < size(); ++i) pattern.add(static_cast<std::int32_t>(i), static_cast<std::int32_t>(i));
  for (const auto& term : terms) {
    const auto [p, m] = circuit->branches()[term.branch].out;
    const auto couple = [&](std::size_t a, std::size_t b) {
      for (const NodeIndex row : {p, m})
        for (const NodeIndex column : {p, m})
          if (row != ground && column != ground) pattern.add(static_cast<std::int32_t>(place(a, row)), static_cast<std::int32_t>(place(b, column)));
    };
    if (term.order != 0 && term.order != 1) {
      for (std::size_t a = 0; a < samples; ++a)
        for (std::size_t b = 0; b < samples; ++b) couple(a, b);
      continue;
    }
    for (const auto& row : term.map->rows)
      for (const auto& a : row)
        for (const auto& b : row) couple(a.sample, b.sample);
  }
  pattern.freeze();
  values.assign(static_cast<std::size_t>(pattern.entries()), 0.0);
  lu.emplace(pattern);
}

/// z_1 ... z_N of a term along a path.
std::vector<double> StationaryPath::State::variable(const Term& term, std::span<const double> x) const {
  const auto [p, m] = circuit->branches()[term.branch].out;
  std::vector<double> flux(samples), z(grid.steps, 0.0);
  for (std::size_t s = 0; s < samples; ++s) flux[s] = (p == ground ? 0 : x[place(s, p)]) - (m == ground ? 0 : x[place(s, m)]);
  for (std::size_t n = 0; n < grid.steps; ++n)
    for (const auto& entry : term.map->rows[n]) z[n] += entry.weight * flux[entry.sample];
  return z;
}

/// Adds W^T by_variable at the branch's nodes.
void StationaryPath::State::add_slope(std::vector<double>& gradient, const Term& term, std::span<const double> by_variable) const {
  const auto [p, m] = circuit->branches()[term.branch].out;
  for (std::size_t n = 0; n < grid.steps; ++n)
    for (const auto& entry : term.map->rows[n]) {
      const double part = entry.weight * by_variable[n];
      if (p != ground) gradient[place(entry.sample, p)] += part;
      if (m != ground) gradient[place(entry.sample, m)] -= part;
    }
}

/// dS/dphi.
std::vector<double> StationaryPath::State::residual(std::span<const double> x, double source_scale) const {
  std::vector<double> gradient(size(), 0.0), by_variable(grid.steps);
  for (const auto& term : terms) {
    const auto& branch = circuit->branches()[term.branch];
    const auto z = variable(term, x);
    visit_law(branch.law, [&](const auto& law) {
      for (std::size_t n = 0; n < grid.steps; ++n) {
        double f = 0, slope = 0;
        law.template evaluate<double>(slots.data() + branch.first_slot, z[n], f, slope);
        by_variable[n] = term.sign * grid.step * f;
      }
    });
    add_slope(gradient, term, by_variable);
  }
  for (std::size_t s = 0; s < circuit->sources().size(); ++s) {
    const auto [p, m] = circuit->sources()[s].port;
    for (std::size_t n = 0; n < samples; ++n) {
      const double part = source_scale * grid.step * sources.at(n, s);
      if (p != ground) gradient[place(n, p)] -= part;
      if (m != ground) gradient[place(n, m)] += part;
    }
  }
  return gradient;
}

void StationaryPath::State::assemble_hessian(std::span<const double> x) {
  std::ranges::fill(values, 0.0);
  for (const auto& term : terms) {
    const auto& branch = circuit->branches()[term.branch];
    const auto z = variable(term, x);
    const auto [p, m] = branch.out;
    const auto couple = [&](std::size_t a, std::size_t b, double value) {
      for (const NodeIndex row : {p, m})
        for (const NodeIndex column : {p, m})
          if (row != ground && column != ground)
            values[pattern.place(static_cast<std::int32_t>(place(a, row)), static_cast<std::int32_t>(place(b, column)))] += row == column ? value : -value;
    };
    std::vector<double> weight(grid.steps);
    visit_law(branch.law, [&](const auto& law) {
      for (std::size_t n = 0; n < grid.steps; ++n) {
        double f = 0;
        law.template evaluate<double>(slots.data() + branch.first_slot, z[n], f, weight[n]);
        weight[n] *= term.sign * grid.step;
      }
    });
    if (p == m) continue;
    if (term.order == 0 || term.order == 1) {
      for (std::size_t n = 0; n < grid.steps; ++n)
        for (const auto& a : term.map->rows[n])
          for (const auto& b : term.map->rows[n]) couple(a.sample, b.sample, a.weight * weight[n] * b.weight);
      continue;
    }
    // Dense in time: the product is formed first, so that each place of the matrix is looked up once.
    std::vector<double> product(samples * samples, 0.0);
    for (std::size_t n = 0; n < grid.steps; ++n)
      for (const auto& a : term.map->rows[n])
        for (const auto& b : term.map->rows[n]) product[a.sample * samples + b.sample] += a.weight * weight[n] * b.weight;
    for (std::size_t a = 0; a < samples; ++a)
      for (std::size_t b = 0; b < samples; ++b) couple(a, b, product[a * samples + b]);
  }
}

[[noreturn]] void refuse_resonance(double condition) {
  throw ConvergenceError(fmt::format("action_nudge: the path's ends do not fix it: a free oscillation of the circuit, or a flux that no inductor holds, fits the run "
                                     "(condition number {:.2g}); change [time] stop, or [rule] ends", condition));
}

void StationaryPath::State::factor() {
  if (!lu->factor(values)) refuse_resonance(HUGE_VAL);
}

/// Size of the inverse of the scaled Hessian D^-1/2 H D^-1/2 by a few inverse iterations, D its columns' sums; H is symmetric.
void StationaryPath::State::estimate_condition() {
  std::vector<double> root(size());
  for (std::int32_t c = 0; c < pattern.size(); ++c) {
    double sum = 0;
    for (auto e = pattern.column_starts()[c]; e < pattern.column_starts()[c + 1]; ++e) sum += std::abs(values[e]);
    root[c] = std::sqrt(sum);
  }
  const auto norm = [](std::span<const double> v) {
    double sum = 0;
    for (const double value : v) sum += value * value;
    return std::sqrt(sum);
  };
  std::vector<double> v(size());
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = 1 + 0.5 * std::sin(12.9898 * static_cast<double>(i + 1));  // no mode is orthogonal to it
  double growth = 0;
  for (int i = 0; i < 4; ++i) {
    const double before = norm(v);
    for (std::size_t k = 0; k < v.size(); ++k) v[k] *= root[k] / before;
    lu->solve(v);
    for (std::size_t k = 0; k < v.size(); ++k) v[k] *= root[k];
    growth = norm(v);
  }
  const auto length = static_cast<double>(samples);
  condition = growth / (length * length);
  if (!(condition < resonance_condition)) refuse_resonance(condition);
}

/// Damped Newton; false when it gets nowhere.
bool StationaryPath::State::newton(std::vector<double>& x, double source_scale) {
  const auto norm = [](std::span<const double> v) {
    double sum = 0;
    for (const double value : v) sum += value * value;
    return std::sqrt(sum);
  };
  auto r = residual(x, source_scale);
  double last = norm(r), last_step = HUGE_VAL;
  for (int iteration = 0; iteration < newton_iterations; ++iteration) {
    assemble_hessian(x);
    factor();
    auto step = r;
    lu->solve(step);
    if (!std::isfinite(norm(step))) refuse_resonance(HUGE_VAL);
    double fraction = 1;
    std::vector<double> next(x.size());
    for (int halving = 0;; ++halving) {
      for (std::size_t i = 0; i < x.size(); ++i) next[i] = x[i] - fraction * step[i];
      r = residual(next, source_scale);
      if (norm(r) <= 2 * last || halving == 20) break;  // the path is a saddle: its residual may grow a little on the way
      fraction /= 2;
    }
    x = next;
    last = norm(r);
    if (!std::isfinite(last)) return false;
    const double moved = norm(step);
    if (fraction == 1 && moved <= newton_tolerance * norm(x)) return true;
    // Near round-off the steps of a quadratic method stop shrinking.
    if (fraction == 1 && moved <= acceptable_step * norm(x) && moved > 0.1 * last_step) return true;
    last_step = moved;
  }
  return false;
}

std::vector<double> StationaryPath::State::loss_slope(const Table& voltage_slope) const {
  std::vector<double> slope(size(), 0.0);
  for (std::size_t n = 0; n < grid.steps; ++n)
    for (const auto& entry : reading.rows[n])
      for (std::size_t node = 1; node <= nodes; ++node)
        slope[place(entry.sample, static_cast<NodeIndex>(node))] += entry.weight * voltage_slope.at(n, node);
  return slope;
}

/// Adds h sum phi, the flux that a constant source drives into, to its level's slot.
void StationaryPath::State::add_sources(std::vector<double>& by_slot, std::span<const double> x) const {
  for (const auto& source : circuit->sources()) {
    if (source.dc_slot < 0) continue;
    const auto [p, m] = source.port;
    for (std::size_t n = 0; n < samples; ++n)
      by_slot[source.dc_slot] += grid.step * ((m == ground ? 0 : x[place(n, m)]) - (p == ground ? 0 : x[place(n, p)]));
  }
}

std::vector<double> StationaryPath::State::free_part(const Table& flux) const {
  std::vector<double> x(size());
  for (std::size_t s = 0; s < samples; ++s)
    for (std::size_t node = 1; node <= nodes; ++node) x[place(s, static_cast<NodeIndex>(node))] = flux.at(s, node);
  return x;
}

Table StationaryPath::State::whole(std::span<const double> x) const {
  Table flux(grid.steps, nodes + 1);
  for (std::size_t s = 0; s < samples; ++s)
    for (std::size_t node = 1; node <= nodes; ++node) flux.at(s, node) = x[place(s, static_cast<NodeIndex>(node))];
  return flux;
}

StationaryPath::StationaryPath(std::shared_ptr<const Circuit> circuit, const TimeGrid& grid, PathEnds ends, std::span<const double> slots,
                               const Table& current_sources)
    : state_(std::make_unique<State>()) {
  auto& s = *state_;
  s.circuit = std::move(circuit);
  s.grid = grid;
  s.ends = ends;
  s.slots.assign(slots.begin(), slots.end());
  s.sources = current_sources;
  s.check_sources();
  s.nodes = static_cast<std::size_t>(s.circuit->node_count()) - 1;
  if (grid.steps < 3) throw InputError({}, "action_nudge", fmt::format("a path of {} steps has no inside; expected 3 or more", grid.steps));
  s.samples = ends == PathEnds::periodic ? grid.steps : grid.steps - 1;
  s.build_terms();
  s.build_reading();
  s.build_pattern();
}

StationaryPath::~StationaryPath() = default;

Table StationaryPath::solve() {
  auto& s = *state_;
  std::vector<double> x(s.size(), 0.0);
  if (!s.newton(x, 1)) {
    s.estimate_condition();  // at resonance no way leads on
    // The sources grow from zero, and the path with them.
    constexpr int stages = 16;
    std::ranges::fill(x, 0.0);
    for (int stage = 1; stage <= stages; ++stage)
      if (!s.newton(x, static_cast<double>(stage) / stages))
        throw ConvergenceError(fmt::format("action_nudge: no stationary path was found beyond {:.0f} % of the sources; try a shorter [time] stop or weaker inputs",
                                           100.0 * (stage - 1) / stages));
  }
  s.assemble_hessian(x);
  s.factor();
  s.estimate_condition();
  return s.whole(x);
}

Table StationaryPath::solve_nudged(const Table& nearby, double k, const Slope& slope) {
  auto& s = *state_;
  // Newton's method on S + k L with the Hessian of S alone: what it leaves out is of the size of the nudge.
  constexpr int limit = 200;
  auto x = s.free_part(nearby);
  double last = HUGE_VAL;
  int worse = 0;
  for (int iteration = 0; iteration < limit && worse < 5; ++iteration) {
    auto step = s.residual(x, 1);
    const auto nudge = s.loss_slope(slope(voltages(s.whole(x))));
    for (std::size_t i = 0; i < step.size(); ++i) step[i] += k * nudge[i];
    s.assemble_hessian(x);
    s.factor();
    s.lu->solve(step);
    double moved = 0, size = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] -= step[i];
      moved += step[i] * step[i];
      size += x[i] * x[i];
    }
    if (!std::isfinite(moved)) break;
    if (moved <= 1e-28 * size) return s.whole(x);
    // Near round-off the steps stop shrinking.
    if (moved <= 1e-24 * size && moved >= 0.25 * last) return s.whole(x);
    worse += moved > last ? 1 : 0;
    last = moved;
  }
  throw ConvergenceError("action_nudge: no stationary path was found near the free one for this nudge; try a smaller [rule] beta");
}

Table StationaryPath::voltages(const Table& flux) const {
  const auto& s = *state_;
  Table v(s.grid.steps, s.nodes + 1);
  for (std::size_t n = 0; n < s.grid.steps; ++n)
    for (const auto& entry : s.reading.rows[n])
      for (std::size_t node = 1; node <= s.nodes; ++node) v.at(n, node) += entry.weight * flux.at(entry.sample, node);
  return v;
}

std::vector<double> StationaryPath::action_by_slot(const Table& flux) const {
  const auto& s = *state_;
  const auto x = s.free_part(flux);
  std::vector<double> out(s.slots.size(), 0.0);
  for (const auto& term : s.terms) {
    const auto& branch = s.circuit->branches()[term.branch];
    const auto z = s.variable(term, x);
    visit_law(branch.law, [&](const auto& law) {
      double slope[max_law_parameters] = {};
      for (const double value : z) {
        law.template potential_by_parameter<double>(s.slots.data() + branch.first_slot, value, slope);
        for (std::size_t i = 0; i < parameter_count(law); ++i) out[branch.first_slot + i] += term.sign * s.grid.step * slope[i];
      }
    });
  }
  s.add_sources(out, x);
  return out;
}

std::vector<double> StationaryPath::loss_by_slot(const Table& flux, const Table& voltage_slope) {
  auto& s = *state_;
  const auto x = s.free_part(flux);
  s.assemble_hessian(x);
  s.factor();
  auto lambda = s.loss_slope(voltage_slope);
  s.lu->solve(lambda);
  std::vector<double> out(s.slots.size(), 0.0);
  for (const auto& term : s.terms) {
    const auto& branch = s.circuit->branches()[term.branch];
    const auto z = s.variable(term, x), along = s.variable(term, lambda);
    visit_law(branch.law, [&](const auto& law) {
      double slope[max_law_parameters] = {};
      for (std::size_t n = 0; n < s.grid.steps; ++n) {
        law.template law_by_parameter<double>(s.slots.data() + branch.first_slot, z[n], slope);
        for (std::size_t i = 0; i < parameter_count(law); ++i) out[branch.first_slot + i] -= term.sign * s.grid.step * slope[i] * along[n];
      }
    });
  }
  for (double& value : lambda) value = -value;
  s.add_sources(out, lambda);
  return out;
}

double StationaryPath::peak_nudge(const Table& voltage_slope) const {
  double largest = 0;
  for (const double value : state_->loss_slope(voltage_slope)) largest = std::max(largest, std::abs(value));
  return largest / state_->grid.step;
}

double StationaryPath::condition() const { return state_->condition; }

}  // namespace tellegen
