#include <doctest/doctest.h>

#include "circuits/class_circuits.hpp"
#include "circuits/schematic.hpp"
#include "runtime/protocols/classification.hpp"

using namespace tellegen;
using namespace tellegen::elements;
using test::CircuitClass;
using test::Schematic;

namespace {

const std::vector<double> some_law{0.1, 0.2, 0.5};

/// A circuit with that many tanh elements of skew -1, 0 and +1.
std::shared_ptr<const Circuit> with_skews(int resistors, int inductors, int memristors) {
  Schematic schematic;
  schematic.current_source("i1", "0", "a").capacitor("c1", "a", "0", 1);
  for (int i = 0; i < resistors; ++i) schematic.with_law<Resistor, TanhLaw>(fmt::format("r{}", i), "a", "0", some_law);
  for (int i = 0; i < inductors; ++i) schematic.with_law<Inductor, TanhLaw>(fmt::format("l{}", i), "a", "0", some_law);
  for (int i = 0; i < memristors; ++i) schematic.with_law<Memristor, TanhLaw>(fmt::format("ymem!m{}", i), "a", "0", some_law);
  return schematic.freeze();
}

void check(CircuitClass kind, Rule rule, RuleOptions options, Verdict verdict, std::string_view reason_part) {
  const auto result = classify(*test::make_circuit(kind, 1), rule, options);
  CAPTURE(static_cast<int>(kind));
  CAPTURE(name_of(rule));
  CAPTURE(result.reason);
  CHECK(result.rule == rule);
  CHECK(result.verdict == verdict);
  CHECK(result.reason.find(reason_part) != std::string::npos);
}

constexpr RuleOptions one_sided{.sides = Sides::one, .ports_swapped = true};
constexpr RuleOptions fixed_ports{.sides = Sides::centred, .ports_swapped = false};

}  // namespace

TEST_CASE("the adjoint is exact on every class of circuits, unconditionally") {
  for (const auto kind : {CircuitClass::linear, CircuitClass::directed_linear, CircuitClass::resistive_nonlinear, CircuitClass::kendall,
                          CircuitClass::memristive, CircuitClass::mixed_skew, CircuitClass::directed})
    for (const auto& options : {RuleOptions{}, one_sided, fixed_ports}) {
      const auto result = classify(*test::make_circuit(kind, 1), Rule::adjoint, options);
      CHECK(result.verdict == Verdict::exact);
      CHECK(result.reason.empty());
    }
}

TEST_CASE("the echo is exact on linear circuits whose ports are swapped, and biased elsewhere, for the named reason") {
  check(CircuitClass::linear, Rule::echo, {}, Verdict::exact, "every element is linear");
  check(CircuitClass::linear, Rule::echo, one_sided, Verdict::exact, "every element is linear");
  check(CircuitClass::linear, Rule::echo, fixed_ports, Verdict::exact, "every element is linear");
  check(CircuitClass::directed_linear, Rule::echo, {}, Verdict::exact, "every element is linear");
  check(CircuitClass::directed_linear, Rule::echo, fixed_ports, Verdict::biased, "g1 (transconductor) is directed and its ports are not swapped");
  check(CircuitClass::kendall, Rule::echo, {}, Verdict::biased, "c1 (capacitor, tanh law, skew 0) is not linear");
  check(CircuitClass::resistive_nonlinear, Rule::echo, {}, Verdict::biased, "r1 (resistor, ");
}

TEST_CASE("the biased echo is exact as beta vanishes where all nonlinear elements share a skew, which the reason tells") {
  check(CircuitClass::resistive_nonlinear, Rule::biased_echo, {}, Verdict::exact_as_beta_vanishes, "all nonlinear elements share skew -1");
  check(CircuitClass::kendall, Rule::biased_echo, {}, Verdict::exact_as_beta_vanishes, "all nonlinear elements share skew 0");
  check(CircuitClass::memristive, Rule::biased_echo, one_sided, Verdict::exact_as_beta_vanishes, "all nonlinear elements share skew +1");
  check(CircuitClass::directed, Rule::biased_echo, {}, Verdict::exact_as_beta_vanishes, "all nonlinear elements share skew -1");
}

TEST_CASE("the biased echo is biased by mixed skews and by fixed ports, and names the element") {
  check(CircuitClass::mixed_skew, Rule::biased_echo, {}, Verdict::biased, "mixed skews have no exact physical echo");
  check(CircuitClass::directed, Rule::biased_echo, fixed_ports, Verdict::biased, "g1 (transconductor) is directed");
  check(CircuitClass::directed_linear, Rule::biased_echo, fixed_ports, Verdict::biased, "g1 (transconductor) is directed");
  const auto result = classify(*with_skews(2, 1, 0), Rule::biased_echo);
  CHECK(result.reason == "l0 (inductor, tanh law, skew 0) does not share the skew of r0 (resistor, tanh law, skew -1): mixed skews have no exact physical echo");
}

TEST_CASE("the biased echo of a linear circuit is exact when centred, and errs with beta when one-sided") {
  check(CircuitClass::linear, Rule::biased_echo, {}, Verdict::exact, "every element is linear");
  check(CircuitClass::linear, Rule::biased_echo, one_sided, Verdict::exact_as_beta_vanishes, "one-sided");
  check(CircuitClass::directed_linear, Rule::biased_echo, one_sided, Verdict::exact_as_beta_vanishes, "one-sided");
}

TEST_CASE("the echo runs for the skew that most nonlinear elements have, and for -1 where there are none") {
  CHECK(echo_skew(*with_skews(0, 0, 0)) == -1.0);
  CHECK(echo_skew(*with_skews(2, 1, 1)) == -1.0);
  CHECK(echo_skew(*with_skews(1, 2, 1)) == 0.0);
  CHECK(echo_skew(*with_skews(1, 2, 3)) == 1.0);
  CHECK(echo_skew(*with_skews(1, 0, 0)) == -1.0);
}

TEST_CASE("rules and verdicts are found and named as users write them") {
  for (const Rule rule : all_rules) CHECK(rule_of(name_of(rule)) == rule);
  CHECK(rule_of("biased_echo") == Rule::biased_echo);
  CHECK_FALSE(rule_of("Echo").has_value());
  CHECK(name_of(Verdict::exact_as_beta_vanishes) == "exact as beta -> 0");
  CHECK(name_of(Verdict::not_applicable) == "not applicable");
}

TEST_CASE("skew of a linear element is free, of a nonlinear one a number that shows its sign") {
  const auto circuit = with_skews(1, 1, 1);
  const auto text = [&](std::string_view name) { return skew_text(circuit->branches()[circuit->find_branch(name)]); };
  CHECK(text("c1") == "free");
  CHECK(text("r0") == "-1");
  CHECK(text("l0") == "0");
  CHECK(text("ymem!m0") == "+1");
}

TEST_CASE("the stationary action is exact for its own path without half-order terms, biased with them, and has no place for other elements") {
  const auto lossless = Schematic().current_source("i1", "0", "a").with_law<Capacitor, TanhLaw>("c1", "a", "0", some_law).inductor("l1", "a", "0", 1).freeze();
  CHECK(classify(*lossless, Rule::action_nudge).verdict == Verdict::exact_as_beta_vanishes);
  CHECK(classify(*lossless, Rule::action_nudge, {.from_dc = true}).verdict == Verdict::not_applicable);
  const auto driven = Schematic().voltage_source("v1", "a", "0").capacitor("c1", "b", "0", 1).inductor("l1", "a", "b", 1).freeze();
  CHECK(classify(*driven, Rule::action_nudge).reason == "v1 (voltage source) gives a flux that does not come to rest at the path's far end");
  check(CircuitClass::kendall, Rule::action_nudge, {}, Verdict::biased, "|omega|^1, which does not dissipate");
  check(CircuitClass::memristive, Rule::action_nudge, {}, Verdict::not_applicable, "ymem!m1 (memristor, ");
  // A later element without a term counts, whatever stands before it.
  check(CircuitClass::resistive_nonlinear, Rule::action_nudge, {}, Verdict::not_applicable, "r1 (resistor, ");
}

TEST_CASE("a holomorphic nudge needs analytic static laws and runs in the emulator alone") {
  constexpr RuleOptions holomorphic{.sides = Sides::holomorphic};
  check(CircuitClass::resistive_nonlinear, Rule::equilibrium, holomorphic, Verdict::exact_as_beta_vanishes, "the error falls as beta^points");
  check(CircuitClass::directed, Rule::equilibrium, holomorphic, Verdict::not_applicable, "g1 (transconductor)");
  CHECK(classify(*test::make_circuit(CircuitClass::resistive_nonlinear, 1), Rule::equilibrium, holomorphic).demands == std::vector<std::string>{"emulator only"});
  CHECK(runs_in_emulator_only(Rule::equilibrium, Sides::holomorphic));
  CHECK_FALSE(runs_in_emulator_only(Rule::equilibrium, Sides::centred));
  CHECK(runs_in_emulator_only(Rule::action_nudge, Sides::centred));
}
