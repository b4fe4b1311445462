#include "validation/rules_by_class/circuit_classes.hpp"

#include <array>
#include <fmt/format.h>
#include <fstream>
#include <numbers>
#include <random>

namespace tellegen::test {
namespace {

constexpr std::array rows{
    CircuitClassRow{"linear_rc", "linear RC", "resistors and capacitors"},
    CircuitClassRow{"linear_rlc", "linear RLC", "and an inductor"},
    CircuitClassRow{"half_order_linear", "half-order linear", "and a constant-phase element and a linear fractional memristor"},
    CircuitClassRow{"resistive_nonlinear", "resistive nonlinear", "sinh and tanh resistors, linear capacitors: skew -1"},
    CircuitClassRow{"kendall_class", "Kendall class", "saturating capacitors, cubic inductors, sinh fractional memristors: skew 0"},
    CircuitClassRow{"memristive", "memristive", "ideal memristors, linear R and C: skew +1"},
    CircuitClassRow{"lossless_lc", "lossless LC", "saturating capacitors and cubic inductors alone"},
    CircuitClassRow{"uniformly_damped", "uniformly damped", "cubic inductors; each capacitor with a conductance of one and the same rate"},
    CircuitClassRow{"mixed_skew", "mixed skew", "saturating capacitors with sinh resistors"},
    CircuitClassRow{"directed_swapped", "directed, swapped", "a chain of tanh transconductors, ports exchanged in the echo"},
    CircuitClassRow{"directed_fixed", "directed, not swapped", "the same chain, ports as they are"},
    CircuitClassRow{"fixed_point", "fixed point", "a nonlinear resistive net under constant input"},
    CircuitClassRow{"hodgkin_huxley", "Hodgkin-Huxley", "two patches and a gap junction, from rest potential"}};

constexpr std::array columns{RuleColumn{Rule::adjoint, false, "adjoint"},
                             RuleColumn{Rule::echo, false, "echo"},
                             RuleColumn{Rule::biased_echo, false, "biased echo"},
                             RuleColumn{Rule::hamiltonian_echo, false, "Hamiltonian echo"},
                             RuleColumn{Rule::gain_flip_echo, false, "gain-flip echo"},
                             RuleColumn{Rule::periodic_echo, false, "periodic echo"},
                             RuleColumn{Rule::action_nudge, false, "action nudge"},
                             RuleColumn{Rule::equilibrium, false, "equilibrium"},
                             RuleColumn{Rule::equilibrium, true, "equilibrium, holomorphic"},
                             RuleColumn{Rule::coupled, false, "coupled"},
                             RuleColumn{Rule::forward_nudge, false, "forward nudge"}};

/// Deck of three nodes, driven at the first and read at the last.
class DeckWriter {
 public:
  explicit DeckWriter(unsigned seed) : random_(seed) {}

  [[nodiscard]] double value(double low, double high) { return std::uniform_real_distribution(low, high)(random_); }
  template <class... Values>
  void line(fmt::format_string<Values...> text, Values&&... values) {
    text_ += fmt::format(text, std::forward<Values>(values)...) + "\n";
  }
  void resistors() {
    line("R1 1 2 {:.6g}", value(0.6, 1.6));
    line("R2 2 3 {:.6g}", value(0.6, 1.6));
    line("R3 3 0 {:.6g}", value(1, 3));
    line("R4 1 0 {:.6g}", value(1, 3));
  }
  void capacitors() {
    for (int node = 1; node <= 3; ++node) line("C{0} {0} 0 {1:.6g}", node, value(0.3, 0.9));
  }
  void saturating_capacitors() {
    line(".model sat C (law=tanh k0=0.5 k1=0.3 z0=0.8)");
    for (int node = 1; node <= 3; ++node) line("C{0} {0} 0 sat k0={1:.6g} k1={2:.6g}", node, value(0.5, 0.9), value(0.2, 0.5));
  }
  void cubic_inductors(std::string_view ends) {
    line(".model cub L (law=poly k0=0.5 k1=0 k2=0.2)");
    for (std::size_t k = 0; k < ends.size() / 2; ++k)
      line("L{} {} {} cub k0={:.6g} k2={:.6g}", k + 1, ends[2 * k], ends[2 * k + 1], value(0.4, 0.8), value(0.1, 0.4));
  }
  [[nodiscard]] std::string finish() && { return "random circuit\n" + text_ + ".end\n"; }

 private:
  std::mt19937_64 random_;
  std::string text_;
};

void write_sinh_resistors(DeckWriter& deck) {
  deck.line(".model sh R (law=sinh k0=0.2 k1=0.1 z0=0.5)");
  deck.line(".model th R (law=tanh k0=0.2 k1=0.4 z0=0.5)");
  deck.line("R1 1 2 {:.6g}", deck.value(0.6, 1.6));
  deck.line("R2 2 3 sh k0={:.6g} k1={:.6g}", deck.value(0.3, 0.6), deck.value(0.1, 0.3));
  deck.line("R3 3 0 th k0={:.6g} k1={:.6g}", deck.value(0.2, 0.4), deck.value(0.2, 0.5));
  deck.line("R4 1 0 sh k0={:.6g} k1={:.6g}", deck.value(0.2, 0.4), deck.value(0.1, 0.3));
}

void write_directed(DeckWriter& deck) {
  deck.line("R1 1 0 {:.6g}", deck.value(0.8, 1.6));
  deck.line("R2 2 0 {:.6g}", deck.value(0.8, 1.6));
  deck.line("R3 3 0 {:.6g}", deck.value(0.8, 1.6));
  deck.line("R4 1 2 {:.6g}", deck.value(1, 3));
  deck.capacitors();
  deck.line(".model act G (law=tanh k0=-0.1 k1=-0.8 z0=0.8)");
  deck.line("G1 2 0 1 0 act k1={:.6g}", deck.value(-1.2, -0.6));
  deck.line("G2 3 0 2 0 act k1={:.6g}", deck.value(-1.2, -0.6));
}

std::string deck_of(std::string_view kind, unsigned seed) {
  DeckWriter deck(seed);
  if (kind == "hodgkin_huxley") {
    deck.line("I1 0 1 0");
    for (int node = 1; node <= 2; ++node)
      deck.line("YHH n{0} {0} 0 gna={1:.6g} gk={2:.6g} gl={3:.6g}", node, deck.value(0.1, 0.13), deck.value(0.033, 0.04), deck.value(2.5e-4, 4e-4));
    deck.line("R1 1 2 {:.6g}", deck.value(2e6, 6e6));
    return std::move(deck).finish();
  }
  deck.line("I1 0 1 0");
  if (kind == "linear_rc") {
    deck.resistors();
    deck.capacitors();
  } else if (kind == "linear_rlc") {
    deck.resistors();
    deck.capacitors();
    deck.line("L1 1 3 {:.6g}", deck.value(0.8, 2));
  } else if (kind == "half_order_linear") {
    deck.resistors();
    deck.capacitors();
    deck.line("YCPE p1 2 0 q={:.6g} alpha={:.6g}", deck.value(0.3, 0.8), deck.value(0.3, 0.8));
    deck.line("YFMEM m1 1 3 {:.6g}", deck.value(0.3, 0.8));
  } else if (kind == "resistive_nonlinear" || kind == "fixed_point") {
    write_sinh_resistors(deck);
    deck.capacitors();
  } else if (kind == "kendall_class") {
    deck.resistors();
    deck.saturating_capacitors();
    deck.cubic_inductors("13");
    deck.line(".model half FMEM (law=sinh k0=0.3 k1=0.2 z0=0.6)");
    deck.line("YFMEM m1 2 0 half k0={:.6g} k1={:.6g}", deck.value(0.2, 0.5), deck.value(0.1, 0.3));
    deck.line("YFMEM m2 2 3 half k0={:.6g} k1={:.6g}", deck.value(0.2, 0.5), deck.value(0.1, 0.3));
  } else if (kind == "memristive") {
    deck.resistors();
    deck.capacitors();
    deck.line(".model mem MEM (law=poly k0=0.4 k1=0.05 k2=0.1)");
    deck.line("YMEM m1 1 2 mem k0={:.6g} k2={:.6g}", deck.value(0.3, 0.6), deck.value(0.05, 0.15));
    deck.line("YMEM m2 3 0 mem k0={:.6g} k2={:.6g}", deck.value(0.3, 0.6), deck.value(0.05, 0.15));
  } else if (kind == "lossless_lc") {
    deck.saturating_capacitors();
    deck.cubic_inductors("12233010");
  } else if (kind == "uniformly_damped") {
    const double rate = deck.value(0.25, 0.4);
    for (int node = 1; node <= 3; ++node) {
      const double c = deck.value(0.6, 1);
      deck.line("C{0} {0} 0 {1:.17g}", node, c);
      deck.line("R{0} {0} 0 {1:.17g}", node, 1 / (rate * c));
    }
    deck.cubic_inductors("122313");
  } else if (kind == "mixed_skew") {
    write_sinh_resistors(deck);
    deck.saturating_capacitors();
  } else {
    write_directed(deck);
  }
  return std::move(deck).finish();
}

/// Time and drive of a trial.
struct Plan {
  double step = 0.1;  // [s]
  int steps = 80;
  std::string method = "bdf2", input, target, extra_rule, extra_loss, loss = "mse", start = "rest";
};

Plan plan_of(std::string_view kind, const RuleColumn& column, unsigned seed) {
  Plan plan;
  const bool is_neuron = kind == "hodgkin_huxley";
  const double scale = is_neuron ? 1e-9 : 1, unit = is_neuron ? 2e-3 : 1;  // [A], [s]
  const double slow = 1.1 + 0.05 * seed;
  plan.step = is_neuron ? 5e-5 : 0.1;
  plan.steps = is_neuron ? 300 : 80;
  plan.start = is_neuron ? "dc" : "rest";
  plan.input = fmt::format("{0}*(sin({1}*t/{2}) + 0.4*cos(3.1*t/{2}) - 0.4)", scale, slow, unit);
  plan.target = is_neuron ? fmt::format("-0.065 + 0.005*sin(1.7*t/{})", unit) : "0.3*sin(2*t) + 0.1";
  if (kind == "fixed_point") plan.input = "0.8";
  if (is_neuron) plan.extra_rule = "tail = \"200 ms\"\n";
  switch (column.rule) {
    case Rule::hamiltonian_echo:
    case Rule::gain_flip_echo: plan.method = "trap"; break;
    case Rule::action_nudge:  // short and weak: the boundary-value problem of a long run stands near a resonance
      plan.steps = is_neuron ? 60 : 16;
      plan.input = fmt::format("{}*sin({}*t/{})", 0.15 * scale, slow, unit);
      break;
    case Rule::periodic_echo: {
      constexpr int per_period = 64, periods = 30;
      const double period = is_neuron ? 20e-3 : 2 * std::numbers::pi;
      const double w = 2 * std::numbers::pi / period;
      plan.step = period / per_period;
      plan.steps = per_period * periods;
      plan.input = fmt::format("{0}*(sin({1:.17g}*t) + 0.4*cos({2:.17g}*t))", scale, w, 3 * w);
      plan.target = is_neuron ? "-0.065" : fmt::format("0.2*sin({:.17g}*t) + 0.05", w);
      plan.extra_rule += fmt::format("period = {:.17g}\n", period);
      plan.extra_loss = fmt::format("window = [{:.17g}, {:.17g}]\n", plan.step * (per_period * (periods - 1) + 1), plan.step * plan.steps);
      break;
    }
    case Rule::equilibrium:
    case Rule::coupled:
      plan.method = "be";
      plan.loss = "final_mse";
      plan.step = is_neuron ? 1e-4 : 0.2;
      plan.steps = is_neuron ? 500 : 1200;
      plan.input = is_neuron ? "2e-10" : "0.8";
      plan.target = is_neuron ? "-0.06" : "0.25";
      break;
    default: break;
  }
  if (column.is_holomorphic) plan.extra_rule += "sides = \"holomorphic\"\npoints = 8\n";
  if (kind == "directed_fixed") plan.extra_rule += "controlled_sources = \"fixed\"\n";
  return plan;
}

}  // namespace

std::span<const CircuitClassRow> circuit_classes() { return rows; }
std::span<const RuleColumn> rule_columns() { return columns; }

std::filesystem::path write_trial(const std::filesystem::path& folder, std::string_view circuit_class, unsigned seed, const RuleColumn& column,
                                  double beta, int refinement) {
  std::filesystem::create_directories(folder);
  const auto plan = plan_of(circuit_class, column, seed);
  std::ofstream(folder / "deck.cir") << deck_of(circuit_class, seed);
  std::ofstream(folder / "bench.toml") << fmt::format(
      "[bench]\nname = \"{0}\"\ndeck = \"deck.cir\"\n"
      "[time]\nstep = {1:.17g}\nstop = {2:.17g}\nmethod = \"{3}\"\nstart = \"{4}\"\n"
      "[[input]]\nsource = \"I1\"\nexpr = \"{5}\"\n"
      "[[loss]]\nkind = \"{6}\"\nprobe = \"v({7})\"\ntarget = {{ expr = \"{8}\" }}\n{9}"
      "[rule]\nname = \"{10}\"\nbeta = {11}\n{12}",
      circuit_class, plan.step / refinement, plan.step * plan.steps, plan.method, plan.start, plan.input, plan.loss,
      circuit_class == "hodgkin_huxley" ? 2 : 3, plan.target, plan.extra_loss, name_of(column.rule), beta, plan.extra_rule);
  return folder / "bench.toml";
}

}  // namespace tellegen::test
