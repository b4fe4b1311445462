#include "hw_models/solver/complex_operating_point.hpp"

#include <fmt/format.h>

#include <cmath>

#include "hw_models/elements/laws/complex_law.hpp"
#include "hw_models/solver/sparse_lu.hpp"

namespace tellegen {
namespace {

using Complex = std::complex<double>;

/// As in the real operating point. [ohm], [S]
constexpr double short_resistance = 1e-12;
constexpr double floating_conductance = 1e-12;
constexpr double tolerance = 1e-13;
constexpr int iteration_limit = 60;

/// One entry of the complex Jacobian.
struct Entry {
  std::int32_t row, column;
  Complex value;
};

/// Solves J dx = r for complex J by its real form; row and column 0 are ground.
bool solve_complex(std::int32_t size, std::span<const Entry> jacobian, std::span<const Complex> r, std::span<Complex> dx) {
  SparsePattern pattern(2 * (size - 1));
  const auto each = [&](auto&& visit) {
    for (const auto& [row, column, value] : jacobian) {
      if (row == 0 || column == 0) continue;
      const std::int32_t i = 2 * (row - 1), j = 2 * (column - 1);
      visit(i, j, value.real()), visit(i, j + 1, -value.imag()), visit(i + 1, j, value.imag()), visit(i + 1, j + 1, value.real());
    }
  };
  each([&](std::int32_t i, std::int32_t j, double) { pattern.add(i, j); });
  pattern.freeze();
  std::vector<double> values(static_cast<std::size_t>(pattern.entries()), 0.0), b;
  each([&](std::int32_t i, std::int32_t j, double value) { values[pattern.place(i, j)] += value; });
  for (std::int32_t i = 1; i < size; ++i) b.push_back(r[i].real()), b.push_back(r[i].imag());
  SparseLu lu(pattern);
  if (!lu.factor(values)) return false;
  lu.solve(b);
  for (std::int32_t i = 1; i < size; ++i) dx[i] = {b[2 * (i - 1)], b[2 * (i - 1) + 1]};
  return true;
}

}  // namespace

std::string no_holomorphic_point(const Branch& branch) {
  const auto kind = describe(branch.element).name;
  if (branch.kind == BranchKind::membrane) return fmt::format("{} ({}): its gates make it more than a static law", branch.name, kind);
  if (is_directed(branch)) return fmt::format("{} ({}): it drives one port by another, so no co-content gives both currents", branch.name, kind);
  if (!conducts_in_dc(branch)) return "";
  if (branch.orders.in != 1 && !branch.is_linear()) return fmt::format("{} ({}): it conducts through a memory, not by a static law", branch.name, kind);
  if (const auto function = not_analytic(branch.law); !function.empty())
    return fmt::format("{} ({}): its law has {}, which is not analytic", branch.name, kind, function);
  return "";
}

ComplexOperatingPoint::ComplexOperatingPoint(const Circuit& circuit, std::span<const double> slots, const ReferenceState& real_point)
    : circuit_(circuit), slots_(slots), real_(real_point.node_voltage) {
  for (const auto& branch : circuit.branches())
    if (const auto reason = no_holomorphic_point(branch); !reason.empty()) throw InputError(branch.where, "equilibrium", reason + "; complex nudges need one");
  for (std::size_t k = 0; k < circuit.branches().size(); ++k) {
    const bool is_short = is_shorted_in_dc(circuit.branches()[k]);
    short_unknown_.push_back(is_short ? static_cast<std::int32_t>(real_.size()) : -1);
    if (is_short) real_.push_back(real_point.current[k]);
  }
}

/// Residual and Jacobian without independent sources.
struct ComplexOperatingPoint::System {
  std::vector<Complex> residual;
  std::vector<Entry> jacobian;

  void couple(Port rows, Port columns, Complex value) {
    jacobian.insert(jacobian.end(), {{rows.p, columns.p, value}, {rows.p, columns.n, -value}, {rows.n, columns.p, -value}, {rows.n, columns.n, value}});
  }
  void add(Port port, Complex current) { residual[port.p] += current, residual[port.n] -= current; }
};

ComplexOperatingPoint::System ComplexOperatingPoint::assembled(std::span<const Complex> x) const {
  System system{.residual = std::vector<Complex>(x.size(), 0.0), .jacobian = {}};
  // A voltage source's row and a short's: the current flows out of p, the voltage across it is what the row is about.
  const auto add_row = [&](Port port, NodeIndex j, double resistance) {
    system.add(port, x[j]);
    system.residual[j] = x[port.p] - x[port.n] - resistance * x[j];
    system.couple(port, {j, ground}, 1);
    system.couple({j, ground}, port, 1);
    system.jacobian.push_back({j, j, -resistance});
  };
  for (std::size_t k = 0; k < circuit_.branches().size(); ++k) {
    const auto& branch = circuit_.branches()[k];
    if (short_unknown_[k] >= 0) add_row(branch.out, short_unknown_[k], short_resistance);
    if (!conducts_in_dc(branch)) continue;
    Complex current = 0, slope = 0;
    visit_law(branch.law, [&](const auto& law) { evaluate_complex(law, slots_.data() + branch.first_slot, x[branch.out.p] - x[branch.out.n], current, slope); });
    system.add(branch.out, current);
    system.couple(branch.out, branch.out, slope);
  }
  for (std::size_t s = 0; s < circuit_.sources().size(); ++s)
    if (const auto j = circuit_.current_unknown(static_cast<std::int32_t>(s)); j >= 0) add_row(circuit_.sources()[s].port, j, 0);
  for (NodeIndex node = 1; node < circuit_.node_count(); ++node) {
    system.add({node, ground}, floating_conductance * x[node]);
    system.jacobian.push_back({node, node, floating_conductance});
  }
  return system;
}

std::vector<Complex> ComplexOperatingPoint::solve(std::span<const double> g, Complex lambda) const {
  std::vector<Complex> x(real_.begin(), real_.end()), step(x.size());
  // The independent sources are what balances the network at its real point.
  const auto balance = assembled(x).residual;
  for (int iteration = 0; iteration < iteration_limit; ++iteration) {
    auto [residual, jacobian] = assembled(x);
    for (std::size_t i = 1; i < x.size(); ++i) residual[i] += (i < g.size() ? lambda * g[i] : 0.0) - balance[i];
    if (!solve_complex(static_cast<std::int32_t>(x.size()), jacobian, residual, step)) break;
    double moved = 0, largest = 0;
    for (std::size_t i = 1; i < x.size(); ++i) {
      x[i] -= step[i];
      if (static_cast<NodeIndex>(i) >= circuit_.node_count()) continue;
      moved = std::max(moved, std::abs(step[i]));
      largest = std::max(largest, std::abs(x[i]));
    }
    if (!std::isfinite(moved)) break;
    if (moved <= tolerance * largest || (iteration > iteration_limit / 2 && moved <= 1e3 * tolerance * largest)) {
      x.resize(static_cast<std::size_t>(circuit_.unknown_count()));
      return x;
    }
  }
  throw ConvergenceError("equilibrium: no settled point was found under a complex nudge of this size; try a smaller [rule] beta");
}

std::vector<Complex> ComplexOperatingPoint::potential_contrast(std::span<const Complex> x) const {
  std::vector<Complex> out(slots_.size(), 0.0);
  for (const auto& branch : circuit_.branches()) {
    if (!conducts_in_dc(branch)) continue;
    const auto [p, n] = branch.out;
    const double start = real_[p] - real_[n];
    visit_law(branch.law, [&](const auto& law) {
      potential_contrast_complex(law, slots_.data() + branch.first_slot, start, x[p] - x[n] - start, out.data() + branch.first_slot);
    });
  }
  // A source's level stands in P as I (v_p - v_n), or as -i E beside the constraint of its row.
  for (std::size_t s = 0; s < circuit_.sources().size(); ++s) {
    const auto& source = circuit_.sources()[s];
    if (source.dc_slot < 0) continue;
    const auto [p, n] = source.port;
    const auto j = circuit_.current_unknown(static_cast<std::int32_t>(s));
    out[source.dc_slot] += j < 0 ? x[p] - x[n] - (real_[p] - real_[n]) : real_[j] - x[j];
  }
  return out;
}

}  // namespace tellegen
