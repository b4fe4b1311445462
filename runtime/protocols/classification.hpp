#pragma once
// Which rule gives the true gradient on which circuit, told before anything runs.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hw_models/circuit/circuit.hpp"

namespace tellegen {

enum class Rule { adjoint, echo, biased_echo };
inline constexpr Rule all_rules[] = {Rule::adjoint, Rule::echo, Rule::biased_echo};

[[nodiscard]] std::string_view name_of(Rule rule);
[[nodiscard]] std::optional<Rule> rule_of(std::string_view name);

enum class Verdict { exact, exact_as_beta_vanishes, biased, not_applicable };

/// "exact", "exact as beta -> 0", "biased", "not applicable".
[[nodiscard]] std::string_view name_of(Verdict verdict);

/// Choices of a bench that bear on the verdict.
struct RuleOptions {
  bool centred = true;
  bool ports_swapped = true;  ///< controlled sources exchange their ports in the echo
};

struct Classification {
  Rule rule = Rule::adjoint;
  Verdict verdict = Verdict::exact;
  std::string reason;  ///< names the element that is the reason; empty for an unconditional "exact"
};

/// Verdict of a rule on a circuit by the skew of its nonlinear elements (theory sections 1, 4 and 5).
[[nodiscard]] Classification classify(const Circuit& circuit, Rule rule, const RuleOptions& options = {});

/// Skew s for which a biased echo is run: the one that most nonlinear elements have, -1 for a linear circuit.
[[nodiscard]] double echo_skew(const Circuit& circuit);

/// "free" for a linear element, which belongs to every skew; else the number with its sign.
[[nodiscard]] std::string skew_text(const Branch& branch);

}  // namespace tellegen
