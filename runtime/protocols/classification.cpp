#include "runtime/protocols/classification.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <cmath>
#include <map>

#include "hw_models/action/formal_action.hpp"
#include "hw_models/solver/complex_operating_point.hpp"

namespace tellegen {
namespace {

/// "-1", "0", "+1": the sign tells the kind of element.
std::string signed_text(double skew) { return skew == 0 ? "0" : fmt::format("{:+g}", skew); }

std::string describe_element(const Branch& branch) {
  return fmt::format("{} ({}, {} law, skew {})", branch.name, describe(branch.element).name, law_name(branch), skew_text(branch));
}

const Branch* first_nonlinear(const Circuit& circuit) {
  const auto found = std::ranges::find_if(circuit.branches(), [](const Branch& b) { return !b.is_linear(); });
  return found == circuit.branches().end() ? nullptr : &*found;
}

const Branch* first_controlled(const Circuit& circuit) {
  const auto found = std::ranges::find_if(circuit.branches(), is_directed);
  return found == circuit.branches().end() ? nullptr : &*found;
}

std::string name_with_kind(const Branch& branch) { return fmt::format("{} ({})", branch.name, describe(branch.element).name); }

std::string fixed_port_reason(const Branch& source) {
  if (source.kind == BranchKind::membrane)
    return fmt::format("{}: the tangents of its gates are not swapped in the echo", name_with_kind(source));
  return fmt::format("{} is directed and its ports are not swapped in the echo", name_with_kind(source));
}

/// First branch whose adjoint exchanges two ports, or a membrane, whose gates exchange their tangents.
const Branch* first_to_swap(const Circuit& circuit) {
  const auto found = std::ranges::find_if(circuit.branches(), [](const Branch& b) { return is_directed(b) || b.kind == BranchKind::membrane; });
  return found == circuit.branches().end() ? nullptr : &*found;
}

/// First branch that conducts in DC through a memory, so that its static current is not a function of its record.
const Branch* first_static_memory(const Circuit& circuit) {
  const auto found = std::ranges::find_if(
      circuit.branches(), [](const Branch& b) { return b.orders.in != 1 && std::abs(b.orders.in + b.orders.out - 1) < 1e-12; });
  return found == circuit.branches().end() ? nullptr : &*found;
}

bool is_lossless(const Branch& b) {
  const bool has_lossless_orders = b.orders == Orders{.out = 0, .in = 0} || b.orders == Orders{.out = 1, .in = 1};
  return b.kind == BranchKind::law && has_lossless_orders && !is_directed(b);
}

/// First branch whose memory is not one state per order: a fractional order remembers its whole past, gates relax one way.
const Branch* first_irreversible(const Circuit& circuit) {
  const auto is_whole = [](double order) { return order == 0 || order == 1; };
  const auto found = std::ranges::find_if(circuit.branches(), [&](const Branch& b) {
    return b.kind == BranchKind::membrane || !is_whole(b.orders.in) || !is_whole(b.orders.out);
  });
  return found == circuit.branches().end() ? nullptr : &*found;
}

struct Judgement {
  Verdict verdict;
  std::string reason;
};

/// What a start from DC adds: the part of the gradient that moves the operating point itself.
Judgement with_start(const Circuit& circuit, const RuleOptions& options, Judgement judged) {
  if (!options.from_dc || judged.verdict == Verdict::biased || judged.verdict == Verdict::not_applicable) return judged;
  if (const Branch* memory = first_static_memory(circuit))
    return {Verdict::biased, fmt::format("the run starts from DC, and {} conducts there through a memory that no record holds", name_with_kind(*memory))};
  if (!options.has_tail) return {Verdict::biased, "the run starts from DC and the echo has no tail in which it could ring out: the static part is lost"};
  judged.reason += fmt::format("{}the static part of the start from DC rings out in the echo's tail", judged.reason.empty() ? "" : "; ");
  return judged;
}

Judgement judge_echo(const Circuit& circuit, const RuleOptions& options) {
  if (const Branch* branch = first_nonlinear(circuit))
    return {Verdict::biased, fmt::format("{} is not linear: an echo without replayed bias misses its operating point", describe_element(*branch))};
  if (const Branch* source = first_to_swap(circuit); source && !options.ports_swapped) return {Verdict::biased, fixed_port_reason(*source)};
  return with_start(circuit, options, {Verdict::exact, "every element is linear"});
}

Judgement judge_biased_echo(const Circuit& circuit, const RuleOptions& options) {
  if (const Branch* source = first_to_swap(circuit); source && !options.ports_swapped) return {Verdict::biased, fixed_port_reason(*source)};
  const Branch* nonlinear = first_nonlinear(circuit);
  if (!nonlinear) {
    if (options.sides == Sides::centred) return with_start(circuit, options, {Verdict::exact, "every element is linear"});
    return with_start(circuit, options, {Verdict::exact_as_beta_vanishes, "every element is linear, but a one-sided contrast is quadratic in beta"});
  }
  const double skew = echo_skew(circuit);
  const auto branches = circuit.branches();
  const auto shares = [&](const Branch& b) { return b.orders.skew() == skew; };
  const auto odd = std::ranges::find_if(branches, [&](const Branch& b) { return !b.is_linear() && !shares(b); });
  if (odd == branches.end())
    return with_start(circuit, options, {Verdict::exact_as_beta_vanishes, fmt::format("all nonlinear elements share skew {}", signed_text(skew))});
  const auto usual = std::ranges::find_if(branches, [&](const Branch& b) { return !b.is_linear() && shares(b); });
  return {Verdict::biased,
          fmt::format("{} does not share the skew of {}: mixed skews have no exact physical echo", describe_element(*odd), describe_element(*usual))};
}

Judgement judge_hamiltonian(const Circuit& circuit, const RuleOptions& options) {
  if (options.from_dc) return {Verdict::not_applicable, "its end state is retraced to rest; the run must start from there"};
  if (const Branch* memory = first_irreversible(circuit))
    return {Verdict::not_applicable, fmt::format("{}: its memory is no state that could be stored and reversed", name_with_kind(*memory))};
  if (const Branch* lossy = first_lossy(circuit))
    return {Verdict::biased, fmt::format("{} is no inductor or capacitor: what it loses does not come back when time is reversed", name_with_kind(*lossy))};
  return {Verdict::exact_as_beta_vanishes, "the circuit is lossless: reversed in time it retraces its path"};
}

Judgement judge_gain_flip(const Circuit& circuit, const RuleOptions& options) {
  if (options.from_dc) return {Verdict::not_applicable, "its end state is retraced to rest; the run must start from there"};
  if (const Branch* memory = first_irreversible(circuit))
    return {Verdict::not_applicable, fmt::format("{}: its memory is no state that could be stored and reversed", name_with_kind(*memory))};
  if (!first_lossy(circuit)) return {Verdict::exact_as_beta_vanishes, "the circuit is lossless: there is no loss to flip"};
  const auto is_resistor = [](const Branch& b) { return b.is_linear() && b.orders == Orders{.out = 0, .in = 1} && !is_directed(b); };
  for (const auto& b : circuit.branches()) {
    if (!is_lossless(b) && !is_resistor(b)) return {Verdict::biased, fmt::format("{} cannot be flipped into a gain", name_with_kind(b))};
    if (b.orders == Orders{.out = 1, .in = 1} && !b.is_linear())
      return {Verdict::biased, fmt::format("{} is not linear: no constant conductance damps it at a uniform rate", name_with_kind(b))};
  }
  if (!uniform_damping(circuit, circuit.initial_slots()))
    return {Verdict::biased, "the conductances are not one rate times the capacitances across the same nodes: damping is not uniform"};
  return {Verdict::exact_as_beta_vanishes, "damping is uniform; exact as beta and the square of the step vanish"};
}

Judgement judge_periodic(const Circuit& circuit, const RuleOptions&) {
  if (const Branch* branch = first_nonlinear(circuit))
    return {Verdict::biased, fmt::format("{} is not linear: its phasors mix", describe_element(*branch))};
  if (const Branch* source = first_controlled(circuit)) return {Verdict::biased, fmt::format("{} is directed: the circuit is not reciprocal", name_with_kind(*source))};
  if (!first_lossy(circuit)) return {Verdict::not_applicable, "nothing dissipates: no periodic state is ever reached"};
  for (const auto& b : circuit.branches())
    if (b.orders.in != std::floor(b.orders.in) || b.orders.out != std::floor(b.orders.out))
      return {Verdict::biased, fmt::format("{} settles into the periodic state as a power of time only", name_with_kind(b))};
  return {Verdict::exact, "linear and reciprocal; exact up to what has not settled"};
}

Judgement judge_action(const Circuit& circuit, const RuleOptions& options) {
  if (options.from_dc) return {Verdict::not_applicable, "the path's ends are fixed at rest"};
  for (const auto& source : circuit.sources())
    if (source.kind == SourceKind::voltage)
      return {Verdict::not_applicable, fmt::format("{} (voltage source) gives a flux that does not come to rest at the path's far end", source.name)};
  for (const auto& b : circuit.branches())
    if (const auto reason = no_term_reason(b); !reason.empty()) return {Verdict::not_applicable, reason};
  for (const auto& b : circuit.branches())
    if (term_order(b) != 0 && term_order(b) != 1)
      return {Verdict::biased, fmt::format("{}: varying its term of order {:g} gives |omega|^{:g}, which does not dissipate; the path of the real action is not "
                                           "the causal circuit's", name_with_kind(b), term_order(b), 2 * term_order(b))};
  return {Verdict::exact_as_beta_vanishes, "for the path between the given ends, which is not the causal run; away from resonance"};
}

Judgement judge_settled(const Circuit& circuit, const RuleOptions& options, Rule rule) {
  const bool is_holomorphic = rule == Rule::equilibrium && options.sides == Sides::holomorphic;
  if (is_holomorphic)
    for (const auto& b : circuit.branches())
      if (const auto reason = no_holomorphic_point(b); !reason.empty()) return {Verdict::not_applicable, reason};
  for (const auto& b : circuit.branches()) {
    if (b.kind == BranchKind::membrane)
      return {Verdict::not_applicable, fmt::format("{}: its gates are states beside its voltage, no co-content can be read from it", name_with_kind(b))};
    const double total = b.orders.in + b.orders.out;
    const bool is_whole = (b.orders.in == 0 || b.orders.in == 1) && (b.orders.out == 0 || b.orders.out == 1);
    if (std::abs(total - 1) < 1e-12 && b.orders.in == 0)
      return {Verdict::not_applicable, fmt::format("{} integrates its voltage: it never settles", name_with_kind(b))};
    if (!is_whole) return {Verdict::biased, fmt::format("{} settles as a power of time only", name_with_kind(b))};
  }
  if (!std::ranges::any_of(circuit.branches(), [](const Branch& b) { return b.orders == Orders{.out = 0, .in = 1}; }))
    return {Verdict::not_applicable, "nothing dissipates: no fixed point is ever reached"};
  if (const Branch* source = first_controlled(circuit)) return {Verdict::biased, fmt::format("{} is directed: the static part is not reciprocal", name_with_kind(*source))};
  if (rule == Rule::coupled && options.outputs > 1)
    return {Verdict::biased, fmt::format("{} outputs: held voltages weigh their errors by the circuit's output conductances", options.outputs)};
  if (is_holomorphic) return {Verdict::exact_as_beta_vanishes, "a settled, reciprocal fixed point, analytic in the nudge: the error falls as beta^points"};
  return {Verdict::exact_as_beta_vanishes, "a settled, reciprocal fixed point, on one branch of solutions"};
}

Judgement judge(const Circuit& circuit, Rule rule, const RuleOptions& options) {
  switch (rule) {
    case Rule::adjoint: return {Verdict::exact, ""};
    case Rule::echo: return judge_echo(circuit, options);
    case Rule::biased_echo: return judge_biased_echo(circuit, options);
    case Rule::hamiltonian_echo: return judge_hamiltonian(circuit, options);
    case Rule::gain_flip_echo: return judge_gain_flip(circuit, options);
    case Rule::periodic_echo: return judge_periodic(circuit, options);
    case Rule::action_nudge: return judge_action(circuit, options);
    case Rule::equilibrium:
    case Rule::coupled: return judge_settled(circuit, options, rule);
    case Rule::forward_nudge:
      return {Verdict::biased, "a nudge forward in time contrasts the action with initial conditions only; near the gradient when the circuit is fast against "
                               "the signal"};
  }
  return {};
}

std::vector<std::string> demands_of(const Circuit& circuit, Rule rule, const RuleOptions& options) {
  std::vector<std::string> demands;
  const auto count = [&](auto&& wanted) { return std::ranges::count_if(circuit.branches(), wanted); };
  const auto nonlinear = count([](const Branch& b) { return !b.is_linear(); });
  const auto directed = count(is_directed);
  const auto membranes = count([](const Branch& b) { return b.kind == BranchKind::membrane; });
  const bool is_echo = rule == Rule::echo || rule == Rule::biased_echo;
  if (runs_in_emulator_only(rule, rule == Rule::equilibrium ? options.sides : Sides::centred)) return {"emulator only"};
  if (is_echo) demands.emplace_back("trace memory replayed in reverse");
  if (rule == Rule::forward_nudge) demands.emplace_back("trace memory replayed forwards");
  if (is_echo && directed > 0 && options.ports_swapped) demands.push_back(fmt::format("swapped ports of {} controlled source{}", directed, directed == 1 ? "" : "s"));
  if (rule == Rule::biased_echo && nonlinear > membranes) demands.push_back(fmt::format("replayed bias at {} nonlinear element{}", nonlinear - membranes, nonlinear - membranes == 1 ? "" : "s"));
  if (is_echo && membranes > 0) demands.push_back(fmt::format("stored gates and swapped gate tangents in {} membrane{}", membranes, membranes == 1 ? "" : "s"));
  if (rule == Rule::hamiltonian_echo || rule == Rule::gain_flip_echo) {
    demands.emplace_back("stored end state");
    demands.emplace_back("capacitors that exchange their terminals");
  }
  if (rule == Rule::gain_flip_echo) {
    demands.emplace_back("negative conductance");
    demands.emplace_back("trace memory at trained resistors and capacitors");
  }
  if (rule == Rule::periodic_echo) demands.emplace_back("lock-in detection at the drive's harmonics");
  if (rule == Rule::equilibrium || rule == Rule::coupled) demands.emplace_back("constant inputs until settled, a sample and hold in each cell");
  if (rule == Rule::coupled) demands.emplace_back("outputs held at a voltage, their current measured");
  if (rule == Rule::forward_nudge || (is_echo && echo_skew(circuit) != -1 && rule == Rule::biased_echo)) demands.emplace_back("differentiated error");
  return demands;
}

}  // namespace

std::string_view name_of(Rule rule) {
  switch (rule) {
    case Rule::adjoint: return "adjoint";
    case Rule::echo: return "echo";
    case Rule::biased_echo: return "biased_echo";
    case Rule::hamiltonian_echo: return "hamiltonian_echo";
    case Rule::gain_flip_echo: return "gain_flip_echo";
    case Rule::periodic_echo: return "periodic_echo";
    case Rule::action_nudge: return "action_nudge";
    case Rule::equilibrium: return "equilibrium";
    case Rule::coupled: return "coupled";
    case Rule::forward_nudge: return "forward_nudge";
  }
  return "";
}

std::optional<Rule> rule_of(std::string_view name) {
  for (const Rule rule : all_rules)
    if (name_of(rule) == name) return rule;
  return std::nullopt;
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::exact: return "exact";
    case Verdict::exact_as_beta_vanishes: return "exact as beta -> 0";
    case Verdict::biased: return "biased";
    case Verdict::not_applicable: return "not applicable";
  }
  return "";
}

Classification classify(const Circuit& circuit, Rule rule, const RuleOptions& options) {
  auto [verdict, reason] = judge(circuit, rule, options);
  return {rule, verdict, std::move(reason), demands_of(circuit, rule, options)};
}

const Branch* first_lossy(const Circuit& circuit) {
  const auto found = std::ranges::find_if_not(circuit.branches(), is_lossless);
  return found == circuit.branches().end() ? nullptr : &*found;
}

std::optional<double> uniform_damping(const Circuit& circuit, std::span<const double> slots) {
  std::map<std::pair<NodeIndex, NodeIndex>, std::pair<double, double>> across;  // conductance and capacitance
  for (const auto& b : circuit.branches()) {
    if (!b.is_linear() || is_directed(b)) {
      if (b.orders == Orders{.out = 0, .in = 0}) continue;  // an inductor may be nonlinear
      return std::nullopt;
    }
    const std::pair ends{std::min(b.out.p, b.out.n), std::max(b.out.p, b.out.n)};
    if (b.orders == Orders{.out = 0, .in = 1}) across[ends].first += slots[b.first_slot];
    if (b.orders == Orders{.out = 1, .in = 1}) across[ends].second += slots[b.first_slot];
  }
  std::optional<double> rate;
  constexpr double tolerance = 1e-9;
  for (const auto& [ends, values] : across) {
    const auto [conductance, capacitance] = values;
    if (capacitance == 0) return std::nullopt;
    const double own = conductance / capacitance;
    if (rate && std::abs(own - *rate) > tolerance * std::abs(*rate)) return std::nullopt;
    rate = own;
  }
  return rate;
}

double echo_skew(const Circuit& circuit) {
  std::map<double, int> votes;
  for (const auto& branch : circuit.branches())
    if (!branch.is_linear()) ++votes[branch.orders.skew()];
  if (votes.empty()) return -1;
  return std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; })->first;
}

std::string skew_text(const Branch& branch) { return branch.is_linear() ? "free" : signed_text(branch.orders.skew()); }

}  // namespace tellegen
