#include <doctest/doctest.h>

#include <cmath>

#include "hw_models/elements/element_list.hpp"
#include "testbenches/unit/deck/deck_text.hpp"

using namespace tellegen;
using namespace deck_test;

namespace {

std::string message_of_card(const std::string& card) { return message_of(card + "\nRa a 0 1\nRb a b 1\nCb b 0 1\nVa a 0 1\n"); }

double value_of_law(const Deck& deck, std::string_view name, double z) {
  const auto& b = branch(deck, name);
  double f = 0, slope = 0;
  visit_law(b.law, [&](const auto& law) {
    law.template evaluate<double>(deck.circuit.initial_slots().data() + b.first_slot, z, f, slope);
  });
  return f;
}

}  // namespace

TEST_CASE("a law may be an expression of z and the parameters named beside it") {
  const auto deck = deck_of(
      "V1 a 0 1\nR1 a b 1k\n.model sat C (law=expr f='K*z+a*tanh(z/B)' k=1n a=2n b=0.5)\nC1 b 0 sat\nC2 b 0 sat a=3n\n"
      "YFMEM m1 b 0 law=expr f='g*z^3' g={2*1m}\nR2 b 0 law=expr f={z/r} r=4\n");
  CHECK(value_of_law(deck, "c1", 0.25) == doctest::Approx(0.25e-9 + 2e-9 * std::tanh(0.5)).epsilon(1e-15));
  CHECK(value_of_law(deck, "c2", 0.25) == doctest::Approx(0.25e-9 + 3e-9 * std::tanh(0.5)).epsilon(1e-15));
  CHECK(value_of_law(deck, "yfmem!m1", 2) == doctest::Approx(0.016).epsilon(1e-15));
  CHECK(value_of_law(deck, "r2", 2) == 0.5);
  CHECK(keyword_of(branch(deck, "c1").law) == "expr");
  CHECK_FALSE(branch(deck, "c1").is_linear());
  CHECK(branch(deck, "r2").is_linear());
}

TEST_CASE("parameters of a law as an expression are addressed by their names") {
  const auto deck = deck_of(
      "V1 a 0 1\nR1 a b 1k\nC1 b 0 law=expr f='k*z+q*sin(z/b)' k=1n q=2n b=0.5\nR2 b 0 law=expr f='z/r' r=4\n"
      ".subckt s p\nYMEM m p 0 law=expr f='k*z' k=3m\n.ends\nX1 b s\n");
  CHECK(parameter(deck, "c1.k") == 1e-9);
  CHECK(parameter(deck, "c1.q") == 2e-9);
  CHECK(parameter(deck, "c1.b") == 0.5);
  CHECK(parameter(deck, "x1:ymem!m.k") == 3e-3);
  CHECK(parameter(deck, "r2.r") == 4);
  CHECK(std::isnan(parameter(deck, "r2.g")));  // of the built-in linear law only
  CHECK(std::isnan(parameter(deck, "c1.c")));
}

TEST_CASE("a law as an expression takes the parameters of the deck as constants, from where it is written") {
  const auto deck = deck_of(
      ".param gain=3 k=100\nV1 a 0 1\nR1 a b 1k\nR2 b 0 law=expr f='gain*k*z' k=2\n"
      ".subckt s p gain=5\n.model own R (law=expr f='gain*h*z' h=1)\nR3 p 0 own\nR4 p 0 own h=2\n.ends\nX1 b s\nX2 b s gain=7\n");
  CHECK(value_of_law(deck, "r2", 1) == 6);  // the parameter on the card comes before the deck's
  CHECK(value_of_law(deck, "x1:r3", 1) == 5);
  CHECK(value_of_law(deck, "x1:r4", 1) == 10);
  CHECK(value_of_law(deck, "x2:r3", 1) == 7);
  CHECK(branch(deck, "x1:r3").law == branch(deck, "x1:r4").law);
  CHECK_FALSE(branch(deck, "x1:r3").law == branch(deck, "x2:r3").law);
}

TEST_CASE("orders of an element are no parameters of its law") {
  const auto deck = deck_of("V1 a 0 1\nR1 a b 1k\nYEL e1 b 0 law=expr f='k*z+c*z^3' k=1m c=2m a=0.5 b=0.5\n");
  CHECK(branch(deck, "yel!e1").orders == Orders{0.5, 0.5});
  CHECK(value_of_law(deck, "yel!e1", 1) == doctest::Approx(3e-3));
}

TEST_CASE("a mistake in a law as an expression is told with its card") {
  CHECK(message_of_card("R1 a b law=expr f='k*z+q' k=1") ==
        "t.cir:2: R1: expression \"k*z+q\": unknown name \"q\"; known are k, z");
  CHECK(message_of_card(".model m R (law=expr f='foo(z)')") ==
        "t.cir:2: .model m: expression \"foo(z)\": unknown function \"foo\" at character 1");
  CHECK(message_of_card("R1 a b law=expr k=1") ==
        "t.cir:2: R1: law=expr takes f='...', an expression of z and the parameters that are named beside it");
  CHECK(message_of_card("R1 a b law=expr f='z' k=1") == "t.cir:2: R1: parameter \"k\" does not occur in f = \"z\"");
  CHECK(message_of_card("R1 a b law=expr f='z' m=2") == "t.cir:2: R1: \"m=\" (a multiplier) is not supported yet");
  CHECK(message_of_card("R1 a b law=expr f='k*z+1' k=1") == "t.cir:2: R1: f(0) = 1, laws have f(0) = 0; f = \"k*z+1\"");
  CHECK(message_of_card("R1 a b law=expr f='z' z=1") ==
        "t.cir:2: R1: no parameter may be called z, which is the controlling variable");
  CHECK(message_of_card("R1 a b law=expr f='k*z' k=xyz") ==
        "t.cir:2: R1: \"xyz\" is neither a number nor the name of a parameter");
  CHECK(message_of_card("R1 a b 10k law=expr f='k*z' k=1") ==
        "t.cir:2: R1: a law as an expression takes named parameters only, got the value \"10k\"");
  CHECK(message_of_card(".model m R (law=expr f='k*z' k=1)\nR1 a b m q=2") ==
        "t.cir:3: R1: unknown parameter \"q\"; a resistor with law \"expr\" has k");
  CHECK(message_of_card(".model m R (law=expr f='k*z' k=1)\nR1 a b m f='z'") == "t.cir:3: R1: f= belongs to model \"m\"");
  CHECK(message_of_card("R1 a b law=tanh f='z'") ==
        "t.cir:2: R1: unknown parameter \"f\"; a resistor with law \"tanh\" has k0, k1, z0");
  CHECK(message_of_card("V1 a 0 1\nL1 a b law=expr f='z/l' l=1\nL2 b 0 1\nK1 L1 L2 0.5") ==
        "t.cir:3: L1: a coupled inductor is linear; its law cannot be another");
}
