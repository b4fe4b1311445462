#pragma once
// Which rule gives the true gradient on which circuit, told before anything runs, and what the rule demands of the chip.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hw_models/circuit/circuit.hpp"
#include "hw_models/solver/method.hpp"

namespace tellegen {

/// The learning rules of theory section 4.
enum class Rule {
  adjoint,
  echo,
  biased_echo,
  hamiltonian_echo,
  gain_flip_echo,
  periodic_echo,
  action_nudge,
  equilibrium,
  coupled,
  forward_nudge,
};
inline constexpr Rule all_rules[] = {Rule::adjoint,       Rule::echo,         Rule::biased_echo, Rule::hamiltonian_echo, Rule::gain_flip_echo,
                                     Rule::periodic_echo, Rule::action_nudge, Rule::equilibrium, Rule::coupled,          Rule::forward_nudge};

[[nodiscard]] std::string_view name_of(Rule rule);
[[nodiscard]] std::optional<Rule> rule_of(std::string_view name);

enum class Verdict { exact, exact_as_beta_vanishes, biased, not_applicable };

/// "exact", "exact as beta -> 0", "biased", "not applicable".
[[nodiscard]] std::string_view name_of(Verdict verdict);

/// How a rule nudges: one sign, both, or a circle of complex amplitudes.
enum class Sides { one, centred, holomorphic };

/// Choices of a bench that bear on the verdict.
struct RuleOptions {
  Sides sides = Sides::centred;
  bool ports_swapped = true;  ///< controlled sources exchange their ports in the echo, membranes their gates' tangents
  bool from_dc = false;       ///< runs start from an operating point
  bool has_tail = false;      ///< the echo rings out about it
  std::size_t outputs = 1;    ///< probes that the loss looks at
};

/// Whether a rule needs no hardware and could have none: the emulator solves for what it contrasts.
[[nodiscard]] constexpr bool runs_in_emulator_only(Rule rule, Sides sides) {
  return rule == Rule::adjoint || rule == Rule::action_nudge || sides == Sides::holomorphic;
}

struct Classification {
  Rule rule = Rule::adjoint;
  Verdict verdict = Verdict::exact;
  std::string reason;                ///< names the element that is the reason; empty for an unconditional "exact"
  std::vector<std::string> demands;  ///< what the chip must be able to do; "emulator only" when no chip can run the rule
};

/// Verdict of a rule on a circuit by the orders and skew of its elements (theory sections 1, 2, 4 and 5).
[[nodiscard]] Classification classify(const Circuit& circuit, Rule rule, const RuleOptions& options = {});

/// Skew s for which a biased echo is run: the one that most nonlinear elements have, -1 for a linear circuit.
[[nodiscard]] double echo_skew(const Circuit& circuit);

/// Common rate gamma [1/s] of a circuit whose linear conductances are gamma times its capacitances, port by port; nothing for
/// every other circuit.
[[nodiscard]] std::optional<double> uniform_damping(const Circuit& circuit, std::span<const double> slots);

/// First element that is neither inductor nor capacitor; null for a lossless circuit.
[[nodiscard]] const Branch* first_lossy(const Circuit& circuit);

/// "free" for a linear element, which belongs to every skew; else the number with its sign.
[[nodiscard]] std::string skew_text(const Branch& branch);

}  // namespace tellegen
