#include <doctest/doctest.h>

#include "circuits/class_circuits.hpp"
#include "circuits/echo_check.hpp"

using namespace tellegen;
using test::CircuitClass;
using test::compare;

TEST_CASE("the echo is exact on linear circuits at any amplitude, controlled sources swapped") {
  for (const unsigned seed : {1u, 2u, 3u})
    for (const double beta : {1e-6, 1e-2, 1.0, 1e3})
      for (const auto kind : {CircuitClass::linear, CircuitClass::directed_linear}) {
        const auto result = compare(test::make_circuit(kind, seed), Rule::echo, {.beta = beta});
        CHECK(result.relative_error < 1e-10);
        CHECK(result.classification.verdict == Verdict::exact);
      }
}

TEST_CASE("the centred biased echo is exact on linear circuits") {
  for (const unsigned seed : {1u, 2u, 3u}) CHECK(compare(test::make_circuit(CircuitClass::linear, seed), Rule::biased_echo, {.beta = 1e-2}).relative_error < 1e-10);
}

TEST_CASE("the centred biased echo errs with beta squared where all nonlinear elements share a skew, the one-sided with beta") {
  for (const auto kind : {CircuitClass::resistive_nonlinear, CircuitClass::kendall, CircuitClass::memristive, CircuitClass::directed})
    for (const unsigned seed : {1u, 2u, 3u, 4u, 5u}) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(seed);
      const auto circuit = test::make_circuit(kind, seed);
      const auto coarse = compare(circuit, Rule::biased_echo, {.beta = 1e-2});
      const auto fine = compare(circuit, Rule::biased_echo, {.beta = 1e-3});
      CHECK(coarse.classification.verdict == Verdict::exact_as_beta_vanishes);
      CHECK(coarse.relative_error / fine.relative_error > 90);
      CHECK(coarse.relative_error / fine.relative_error < 110);
      const auto one_coarse = compare(circuit, Rule::biased_echo, {.beta = 1e-2, .sides = Sides::one});
      const auto one_fine = compare(circuit, Rule::biased_echo, {.beta = 1e-3, .sides = Sides::one});
      CHECK(one_coarse.relative_error / one_fine.relative_error > 9);
      CHECK(one_coarse.relative_error / one_fine.relative_error < 11);
    }
}

TEST_CASE("mixed skews and unswapped ports are called biased and are, naming the element") {
  for (const unsigned seed : {1u, 2u, 3u}) {
    const auto mixed = compare(test::make_circuit(CircuitClass::mixed_skew, seed), Rule::biased_echo, {.beta = 1e-4});
    CHECK(mixed.classification.verdict == Verdict::biased);
    CHECK(mixed.classification.reason.find("c1 (capacitor") != std::string::npos);
    CHECK(mixed.relative_error > 1e-3);
    const auto fixed = compare(test::make_circuit(CircuitClass::directed, seed), Rule::biased_echo, {.beta = 1e-4, .ports_swapped = false});
    CHECK(fixed.classification.verdict == Verdict::biased);
    CHECK(fixed.classification.reason.find("g1 (transconductor)") != std::string::npos);
    CHECK(fixed.relative_error > 1e-2);
    const auto unbiased = compare(test::make_circuit(CircuitClass::kendall, seed), Rule::echo, {.beta = 1e-4});
    CHECK(unbiased.classification.verdict == Verdict::biased);
    CHECK(unbiased.relative_error > 1e-3);
  }
}

TEST_CASE("an echo is exact on circuits of approximated elements for the same reasons as on the true ones") {
  for (const History history : {History::fft, History::exponentials_20, History::exponentials_32})
    for (const unsigned seed : {1u, 2u, 3u}) {
      CAPTURE(name_of(history));
      CAPTURE(seed);
      CHECK(compare(test::make_circuit(CircuitClass::linear, seed), Rule::echo, {.beta = 1e-2}, history).relative_error < 1e-10);
      for (const auto kind : {CircuitClass::kendall, CircuitClass::memristive}) {
        const auto coarse = compare(test::make_circuit(kind, seed), Rule::biased_echo, {.beta = 1e-2}, history);
        const auto fine = compare(test::make_circuit(kind, seed), Rule::biased_echo, {.beta = 1e-3}, history);
        CHECK(coarse.relative_error / fine.relative_error == doctest::Approx(100).epsilon(0.1));
        CHECK(compare(test::make_circuit(kind, seed), Rule::biased_echo, {.beta = 1e-5}, history).relative_error < 1e-8);
      }
    }
}
