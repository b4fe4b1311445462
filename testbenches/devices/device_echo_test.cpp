// Echoes of circuits with devices that sense or hold currents, and of runs that start from DC, against the adjoint.

#include <doctest/doctest.h>

#include "circuits/echo_check.hpp"
#include "devices/deck_run.hpp"

using namespace tellegen;
using namespace tellegen::test;

namespace {

constexpr auto linear_chain =
    "I1 0 a 0\nR1 a 0 1\nC1 a 0 0.3\nVs a b 0\nR2 b 0 2\nE1 c 0 a 0 0.8\nR3 c d 1\nL3 d 0 2\nF1 0 d Vs 0.5\nG1 0 d a b 0.4\nH1 e 0 Vs 0.7\nR4 e d 1\nC2 d 0 0.5\n";
constexpr auto nonlinear_chain =
    "I1 0 a 0\nR1 a 0 1\nC1 a 0 0.3\nVs a b 0\nR2 b 0 2\nE1 c 0 a 0 e\nR3 c d 1\nF1 0 d Vs f\nG1 0 d a b g\nH1 e 0 Vs h\nR4 e d 1\nC2 d 0 0.5\nR5 d 0 r\n"
    ".model e E (law=tanh k0=0.1 k1=0.9 z0=0.6)\n.model f F (law=sinh k0=0.2 k1=0.3 z0=0.8)\n.model g G (law=poly k0=-0.3 k1=0.1 k2=-0.2)\n"
    ".model h H (law=sine k0=0.5 k1=0.3 z0=0.7)\n.model r R (law=sinh k0=0.3 k1=0.2 z0=0.8)\n";
constexpr auto behavioural_chain =
    "I1 0 a 0\nR1 a 0 1\nC1 a 0 0.3\nVs a b 0\nR2 b 0 2\nB1 c 0 v='0.5*v(a)*v(a)+i(vs)*time'\nR3 c d 1\nB2 0 d i='0.3*tanh(v(a,b)+v(c))-0.1*v(d)*cos(time)'\n"
    "C2 d 0 0.5\nR4 d 0 r\n.model r R (law=sinh k0=0.3 k1=0.2 z0=0.8)\n";

std::vector<double> initial_of(const Circuit& circuit) {
  std::vector<double> initial(circuit.sources().size(), 0.0);
  initial[0] = 0.5;
  return initial;
}

}  // namespace

TEST_CASE("the echo of a linear chain of E F G H with swapped ports is exact at any amplitude") {
  const auto circuit = circuit_of(linear_chain);
  for (const double beta : {1e-3, 10.0}) {
    const auto swapped = compare(circuit, Rule::echo, {.beta = beta});
    CHECK(swapped.relative_error < 1e-11);
    CHECK(swapped.classification.verdict == Verdict::exact);
  }
  const auto fixed = compare(circuit, Rule::echo, {.ports_swapped = false});
  CHECK(fixed.relative_error > 1e-2);
  CHECK(fixed.classification.verdict == Verdict::biased);
}

TEST_CASE("the biased echo of a chain of nonlinear E F G H, or of behavioural sources, errs with the square of beta") {
  for (const auto* cards : {nonlinear_chain, behavioural_chain}) {
    const auto circuit = circuit_of(cards);
    const auto coarse = compare(circuit, Rule::biased_echo, {.beta = 1e-2}), fine = compare(circuit, Rule::biased_echo, {.beta = 1e-3});
    CAPTURE(cards);
    CHECK(coarse.classification.verdict == Verdict::exact_as_beta_vanishes);
    CHECK(fine.relative_error < 1e-5);
    CHECK(coarse.relative_error / fine.relative_error == doctest::Approx(100).epsilon(0.1));
    const auto fixed = compare(circuit, Rule::biased_echo, {.ports_swapped = false});
    CHECK(fixed.relative_error > 1e-2);
    CHECK(fixed.classification.verdict == Verdict::biased);
  }
}

TEST_CASE("a behavioural source whose slopes are constant is linear: its echo is exact") {
  const auto result = compare(circuit_of("I1 0 a 0\nR1 a 0 1\nC1 a 0 0.3\nB1 c 0 v='0.5*v(a)+0.1*sin(time)'\nR3 c d 1\nR4 d 0 1\nC2 d 0 0.4\n"), Rule::echo, {});
  CHECK(result.classification.verdict == Verdict::exact);
  CHECK(result.relative_error < 1e-11);
}

TEST_CASE("a transformer is reciprocal: its echo is exact for the elements around it, ports swapped or not") {
  const auto circuit = circuit_of("I1 0 a 0\nR1 a 0 1\nC1 a 0 0.3\nL1 a 0 0.6\nL2 b c 0.9\nK1 L1 L2 0.6\nR2 c 0 1\nC2 b 0 0.4\nR3 b 0 2\n");
  for (const bool swapped : {true, false}) {
    const auto learned = compare(circuit, Rule::echo, {.ports_swapped = swapped}, History::direct, {}, {"r1.g", "r2.g", "r3.g", "c1.c", "c2.c"});
    CHECK(learned.relative_error < 1e-11);
    CHECK(learned.classification.verdict == Verdict::exact);
  }
}

TEST_CASE("from DC an echo without a tail is called biased and is; with a tail it converges to the adjoint as that grows") {
  for (const auto* cards : {linear_chain, nonlinear_chain, behavioural_chain}) {
    CAPTURE(cards);
    const auto circuit = circuit_of(cards);
    const auto initial = initial_of(*circuit);
    const auto error = [&](std::size_t tail) { return compare(circuit, Rule::biased_echo, {.beta = 1e-4, .tail = tail}, History::direct, initial); };
    const auto without = error(0);
    CHECK(without.classification.verdict == Verdict::biased);
    CHECK(without.classification.reason.find("no tail") != std::string::npos);
    CHECK(without.relative_error > 1e-4);
    double last = without.relative_error;
    for (const std::size_t tail : {20u, 60u}) {
      const auto with = error(tail);
      CHECK(with.classification.verdict != Verdict::biased);
      CHECK(with.classification.reason.find("rings out in the echo's tail") != std::string::npos);
      CHECK(with.relative_error < 0.3 * last);
      last = with.relative_error;
    }
    CHECK(error(400).relative_error < 1e-6);
  }
}
