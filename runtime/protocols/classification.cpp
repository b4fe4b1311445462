#include "runtime/protocols/classification.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

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

std::string fixed_port_reason(const Branch& source) {
  return fmt::format("{} ({}) is directed and its ports are not swapped in the echo", source.name, describe(source.element).name);
}

Classification classify_echo(const Circuit& circuit, const RuleOptions& options) {
  if (const Branch* branch = first_nonlinear(circuit))
    return {Rule::echo, Verdict::biased, fmt::format("{} is not linear: an echo without replayed bias misses its operating point", describe_element(*branch))};
  if (const Branch* source = first_controlled(circuit); source && !options.ports_swapped)
    return {Rule::echo, Verdict::biased, fixed_port_reason(*source)};
  return {Rule::echo, Verdict::exact, "every element is linear"};
}

Classification classify_biased_echo(const Circuit& circuit, const RuleOptions& options) {
  if (const Branch* source = first_controlled(circuit); source && !options.ports_swapped)
    return {Rule::biased_echo, Verdict::biased, fixed_port_reason(*source)};
  const Branch* nonlinear = first_nonlinear(circuit);
  if (!nonlinear) {
    if (options.centred) return {Rule::biased_echo, Verdict::exact, "every element is linear"};
    return {Rule::biased_echo, Verdict::exact_as_beta_vanishes, "every element is linear, but a one-sided contrast is quadratic in beta"};
  }
  const double skew = echo_skew(circuit);
  const auto branches = circuit.branches();
  const auto shares = [&](const Branch& b) { return b.orders.skew() == skew; };
  const auto odd = std::ranges::find_if(branches, [&](const Branch& b) { return !b.is_linear() && !shares(b); });
  if (odd == branches.end())
    return {Rule::biased_echo, Verdict::exact_as_beta_vanishes, fmt::format("all nonlinear elements share skew {}", signed_text(skew))};
  const auto usual = std::ranges::find_if(branches, [&](const Branch& b) { return !b.is_linear() && shares(b); });
  return {Rule::biased_echo, Verdict::biased,
          fmt::format("{} does not share the skew of {}: mixed skews have no exact physical echo", describe_element(*odd), describe_element(*usual))};
}

}  // namespace

std::string_view name_of(Rule rule) {
  switch (rule) {
    case Rule::adjoint: return "adjoint";
    case Rule::echo: return "echo";
    case Rule::biased_echo: return "biased_echo";
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
  switch (rule) {
    case Rule::adjoint: return {Rule::adjoint, Verdict::exact, ""};
    case Rule::echo: return classify_echo(circuit, options);
    case Rule::biased_echo: return classify_biased_echo(circuit, options);
  }
  return {};
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
