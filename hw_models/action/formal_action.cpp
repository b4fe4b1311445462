#include "hw_models/action/formal_action.hpp"

#include <fmt/format.h>

#include "hw_models/elements/element_list.hpp"

namespace tellegen {
namespace {

/// Potential of a law in the variable z, by the names of its parameters.
std::string potential_formula(const Branch& branch, std::string_view z) {
  if (branch.law.expression) return fmt::format("integral of ({}) dz from 0 to {}", branch.law.expression->text(), z);
  const auto keyword = keyword_of(branch.law);
  if (keyword == "linear") return fmt::format("k0 {}^2/2", z);
  if (keyword == "poly") return fmt::format("k0 {0}^2/2 + k1 {0}^3/3 + k2 {0}^4/4", z);
  if (keyword == "tanh") return fmt::format("k0 {0}^2/2 + k1 z0 ln cosh({0}/z0)", z);
  if (keyword == "sinh") return fmt::format("k0 {0}^2/2 + k1 z0 (cosh({0}/z0) - 1)", z);
  if (keyword == "sine") return fmt::format("k0 {0}^2/2 + k1 z0 (1 - cos({0}/z0))", z);
  return fmt::format("is n Vt (exp({0}/(n Vt)) - 1 - {0}/(n Vt))", z);
}

/// The same with an element's own name for its slope: "c v^2/2", "phi^2/(2 l)".
std::string term_formula(const Branch& branch, std::string_view z) {
  const auto views = describe(branch.element).views;
  if (!is_plain_slope(branch.law) || views.empty()) return potential_formula(branch, z);
  return views[0].kind == ViewKind::reciprocal ? fmt::format("{}^2/(2 {})", z, views[0].name) : fmt::format("{} {}^2/2", views[0].name, z);
}

std::string order_text(double order) { return order == half ? "1/2" : fmt::format("{:.4g}", order); }

/// Total order of a linear branch, i = k D^(a+b) phi.
double total_order(const Branch& branch) { return branch.orders.out + branch.orders.in; }

class ActionReader {
 public:
  ActionReader(const RecordedRun& run, const BranchRecord& record) : run_(run), record_(record) {}

  FormalAction read() {
    const auto& circuit = run_.circuit;
    for (std::size_t k = 0; k < circuit.branches().size(); ++k) if (!circuit.branches()[k].is_instrument) add_branch(circuit.branches()[k], k);
    for (std::size_t s = 0; s < circuit.sources().size(); ++s) if (!circuit.sources()[s].is_instrument) add_source(circuit.sources()[s], static_cast<std::int32_t>(s));
    for (const auto& term : action_.terms) action_.total += term.value;
    return std::move(action_);
  }

 private:
  void add_branch(const Branch& branch, std::size_t k) {
    if (auto reason = no_term_reason(branch); !reason.empty()) {
      action_.missing.push_back({branch.name, std::move(reason)});
      return;
    }
    ActionTerm term{.element = branch.name, .kind = std::string(describe(branch.element).name), .variable = {}, .formula = {}};
    if (describe(branch.element).is_winding) {
      const bool is_mutual = branch.element == element_id<elements::MutualInductance>();
      term.variable = "i, the source current";
      term.formula = is_mutual ? "+ m i1 i2/2, once in each winding" : "+ l i^2/2";
      term.value = run_.grid.step * sum([&](std::size_t n) { return 0.5 * slots(branch)[0] * record_.controlling.at(n, k) * record_.conjugate.at(n, k); });
      action_.terms.push_back(std::move(term));
      return;
    }
    const double order = term_order(branch);
    const bool is_flux = order == 0, is_voltage = order == 1;
    term.term = is_flux ? TermKind::potential : is_voltage ? TermKind::kinetic : TermKind::fractional;
    term.variable = is_flux ? "phi" : is_voltage ? "v = phi'" : fmt::format("z = D^{} phi", order_text(order));
    term.formula = fmt::format("{} {}", is_flux ? "-" : "+", term_formula(branch, is_flux ? "phi" : is_voltage ? "v" : "z"));
    action_.has_fractional_term = action_.has_fractional_term || term.term == TermKind::fractional;
    const auto z = variable(branch, k, order);
    const double total = visit_law(branch.law, [&](const auto& law) {
      return sum([&](std::size_t n) { return law.template potential<double>(slots(branch), z[n - 1]); });
    });
    term.value = (is_flux ? -1 : 1) * run_.grid.step * total;
    action_.terms.push_back(std::move(term));
  }

  void add_source(const Source& source, std::int32_t index) {
    const bool is_current = source.kind == SourceKind::current;
    ActionTerm term{.element = source.name, .kind = is_current ? "current source" : source.is_constraint ? "held voltage" : "voltage source",
                    .variable = "phi", .formula = {}};
    const auto flux = flux_across(source.port);
    const auto current = [&](std::size_t n) { return run_.trajectory.source_currents.at(n - 1, index); };
    term.term = is_current ? TermKind::source : TermKind::constraint;
    if (is_current || source.is_constraint) {
      // A source drives its current out of the circuit at p: the flux that it drives into is that from p to n.
      term.formula = is_current ? "+ I phi" : "- i phi";
      term.value = -run_.grid.step * sum([&](std::size_t n) { return current(n) * flux[n - 1]; });
    } else {
      term.formula = "- i (phi - integral of E dt) = 0";
    }
    action_.terms.push_back(std::move(term));
  }

  /// Controlling variable of a branch's term, t_1 to t_N.
  [[nodiscard]] std::vector<double> variable(const Branch& branch, std::size_t k, double order) const {
    std::vector<double> z(run_.grid.steps);
    for (std::size_t n = 0; n < z.size(); ++n) z[n] = record_.controlling.at(n + 1, k);
    if (order == branch.orders.in) return z;
    // A linear branch of other orders: its own variable, differentiated to the order of the term.
    const double reference = record_.controlling.at(0, k);
    for (double& value : z) value -= reference;
    z = differentiated(z, order - branch.orders.in, run_.grid);
    return z;
  }

  /// Flux of a port from the start of the run on.
  [[nodiscard]] std::vector<double> flux_across(Port port) const {
    const auto& at_start = run_.start.node_voltage;
    const double reference = at_start.empty() ? 0 : at_start[port.p] - at_start[port.n];
    std::vector<double> v(run_.grid.steps);
    for (std::size_t n = 0; n < v.size(); ++n) v[n] = run_.trajectory.voltages.at(n, port.p) - run_.trajectory.voltages.at(n, port.n) - reference;
    auto flux = differentiated(v, -1, run_.grid);
    for (std::size_t n = 0; n < flux.size(); ++n) flux[n] += reference * run_.grid.time(n + 1);
    return flux;
  }

  template <class F>
  [[nodiscard]] double sum(F&& at) const {
    double total = 0;
    for (std::size_t n = 1; n <= run_.grid.steps; ++n) total += at(n);
    return total;
  }
  [[nodiscard]] const double* slots(const Branch& branch) const { return run_.slots.data() + branch.first_slot; }

  const RecordedRun& run_;
  const BranchRecord& record_;
  FormalAction action_;
};

}  // namespace

std::string no_term_reason(const Branch& branch) {
  const auto kind = describe(branch.element).name;
  if (branch.kind == BranchKind::membrane) return fmt::format("{} ({}): its gates follow rates, no potential", branch.name, kind);
  if (branch.kind == BranchKind::behavioural) return fmt::format("{} ({}): an expression of any voltages and currents has no potential", branch.name, kind);
  if (is_directed(branch)) return fmt::format("{} ({}): it drives one port by another, so no potential gives both currents", branch.name, kind);
  if (describe(branch.element).is_winding) return "";
  if (branch.is_linear() && total_order(branch) > 2)
    return fmt::format("{} ({}): order {:g} of the flux is beyond a capacitor's", branch.name, kind, total_order(branch));
  if (branch.is_linear() || branch.orders.skew() == 0) return "";
  return fmt::format("{} ({}, {} law): skew {:+g}; only elements of skew 0 have a potential of their own variable", branch.name, kind,
                     law_name(branch), branch.orders.skew());
}

double term_order(const Branch& branch) { return branch.is_linear() ? total_order(branch) / 2 : branch.orders.in; }

FormalAction formal_action(const RecordedRun& run, const BranchRecord& record) { return ActionReader(run, record).read(); }

}  // namespace tellegen
