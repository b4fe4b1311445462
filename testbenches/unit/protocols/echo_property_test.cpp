#include <doctest/doctest.h>

#include "circuits/class_circuits.hpp"
#include "circuits/echo_check.hpp"

using namespace tellegen;
using test::CircuitClass;
using test::compare;

TEST_CASE("error of the biased echo on random circuits of one skew falls with beta squared, centred, and with beta, one-sided") {
  for (const auto kind : {CircuitClass::resistive_nonlinear, CircuitClass::kendall, CircuitClass::memristive, CircuitClass::directed})
    for (unsigned seed = 20; seed < 30; ++seed) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(seed);
      const auto circuit = test::make_circuit(kind, seed);
      const auto error = [&](double beta, bool centred) { return compare(circuit, Rule::biased_echo, {.beta = beta, .sides = centred ? Sides::centred : Sides::one}).relative_error; };
      CHECK(error(1e-2, true) / error(1e-3, true) == doctest::Approx(100).epsilon(0.1));
      CHECK(error(1e-2, false) / error(1e-3, false) == doctest::Approx(10).epsilon(0.1));
      CHECK(error(1e-5, true) < 1e-8);
    }
}

TEST_CASE("an echo classified as exact is exact on random linear circuits at any amplitude") {
  for (const auto kind : {CircuitClass::linear, CircuitClass::directed_linear})
    for (unsigned seed = 20; seed < 40; ++seed) {
      CAPTURE(seed);
      const auto circuit = test::make_circuit(kind, seed);
      for (const double beta : {1e-3, 10.0}) CHECK(compare(circuit, Rule::echo, {.beta = beta}).relative_error < 1e-10);
      CHECK(compare(circuit, Rule::biased_echo, {.beta = 0.1}).relative_error < 1e-10);
    }
}

TEST_CASE("a one-sided contrast on a linear circuit errs with beta, as its verdict says") {
  const auto circuit = test::make_circuit(CircuitClass::linear, 5);
  const auto coarse = compare(circuit, Rule::biased_echo, {.beta = 1e-2, .sides = Sides::one});
  const auto fine = compare(circuit, Rule::biased_echo, {.beta = 1e-3, .sides = Sides::one});
  CHECK(coarse.classification.verdict == Verdict::exact_as_beta_vanishes);
  CHECK(coarse.relative_error / fine.relative_error == doctest::Approx(10).epsilon(0.1));
}
