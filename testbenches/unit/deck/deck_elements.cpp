#include <doctest/doctest.h>

#include <cmath>

#include "hw_models/elements/element_list.hpp"
#include "testbenches/unit/deck/deck_text.hpp"

using namespace tellegen;
using namespace deck_test;

namespace {
/// Message of a deck whose line 2 is the given card; the rest is sound.
std::string message_of_card(const std::string& card) { return message_of(card + "\nRa a 0 1\nRb b 0 1\nVa a 0 1\n"); }
}  // namespace

TEST_CASE("bare values give resistance, capacitance, inductance, transconductance") {
  const auto deck = deck_of("V1 a 0 1\nR1 a b 10k\nC1 b 0 2.2n\nL1 b 0 4m\nG1 0 b a 0 3u\n");
  CHECK(slot(deck, "r1") == doctest::Approx(1e-4).epsilon(1e-15));
  CHECK(slot(deck, "c1") == 2.2e-9);
  CHECK(slot(deck, "l1") == doctest::Approx(250).epsilon(1e-15));
  CHECK(slot(deck, "g1") == 3e-6);
  CHECK(branch(deck, "g1").is_two_port());
  CHECK(branch(deck, "g1").in == Port{1, 0});
  CHECK(branch(deck, "g1").out == Port{0, 2});
  CHECK_FALSE(branch(deck, "r1").is_two_port());
}

TEST_CASE("a value may be given by any of the element's names") {
  const auto deck = deck_of(
      "V1 a 0 1\nR1 a b r=2k\nR2 a b g=1m\nR3 a b k0=3m\nC1 b 0 c=1p\nL1 b 0 l=1u\nL2 b 0 k0=5\nG1 b 0 a 0 "
      "gm=-1m\nYMEM m1 a b k0=4u\n");
  CHECK(slot(deck, "r1") == doctest::Approx(5e-4));
  CHECK(slot(deck, "r2") == 1e-3);
  CHECK(slot(deck, "r3") == 3e-3);
  CHECK(slot(deck, "c1") == 1e-12);
  CHECK(slot(deck, "l1") == doctest::Approx(1e6));
  CHECK(slot(deck, "l2") == 5);
  CHECK(slot(deck, "g1") == -1e-3);
  CHECK(slot(deck, "ymem!m1") == 4e-6);
}

TEST_CASE("Y devices carry their type in their name") {
  const auto deck =
      deck_of("V1 a 0 1\nYFMEM F1 a b 2u\nYCPE p1 b 0 q=1n alpha=0.6\nYCPE p2 b 0 q=1n\nymem m1 b 0 1u\n");
  CHECK(branch(deck, "yfmem!f1").orders == Orders{0.5, 0.5});
  CHECK(slot(deck, "yfmem!f1") == 2e-6);
  CHECK(branch(deck, "ycpe!p1").orders == Orders{0.6, 1});
  CHECK(branch(deck, "ycpe!p2").orders == Orders{0.5, 1});
  CHECK(parameter(deck, "ycpe!p1.q") == 1e-9);
  CHECK(branch(deck, "ymem!m1").orders == Orders{1, 0});
}

TEST_CASE("a model gives the law, the card may override its parameters") {
  const auto deck = deck_of(
      "V1 a 0 1\nC1 a 0 sat\nC2 a 0 SAT k1=1n\nYFMEM m1 a 0 half\nR1 a 0 cubic\nL1 a 0 jj\nD1 a 0 dm\nD2 a 0 plain "
      "is=2f\n"
      ".model sat C (law=tanh k0=1n k1=0.4n z0=0.5)\n"
      ".model half FMEM(law=sinh, k0=0, k1=1u, z0=0.2)\n"
      ".model cubic R law=poly k0=1u k2=3u\n"
      ".model jj L (law=sine k1=1m z0=0.3f)\n"
      ".model dm D(IS=1e-9 N=1.5)\n"
      ".model plain D\n");
  CHECK(branch(deck, "c1").law == law_id<TanhLaw>());
  CHECK(slot(deck, "c1", 0) == 1e-9);
  CHECK(slot(deck, "c1", 1) == 0.4e-9);
  CHECK(slot(deck, "c1", 2) == 0.5);
  CHECK(slot(deck, "c2", 0) == 1e-9);
  CHECK(slot(deck, "c2", 1) == 1e-9);
  CHECK(branch(deck, "yfmem!m1").law == law_id<SinhLaw>());
  CHECK(slot(deck, "yfmem!m1", 2) == 0.2);
  CHECK(slot(deck, "r1", 0) == 1e-6);
  CHECK(slot(deck, "r1", 1) == 0);
  CHECK(slot(deck, "r1", 2) == 3e-6);
  CHECK(slot(deck, "l1", 2) == 3e-16);
  CHECK(branch(deck, "d1").law == law_id<JunctionLaw>());
  CHECK(slot(deck, "d1", 0) == 1e-9);
  CHECK(slot(deck, "d1", 1) == 1.5);
  CHECK(slot(deck, "d2", 0) == 2e-15);
  CHECK(slot(deck, "d2", 1) == 1);
}

TEST_CASE("a linear model takes the element's own names, and a law may stand on the card") {
  const auto deck = deck_of(
      "V1 a 0 1\nR1 a 0 rm\nR2 a 0 rm r=5k\nC1 a 0 cm\nYCPE p1 a 0 pm\nYFMEM f1 a 0 law=tanh k1=1u z0=2\n"
      ".model rm R (r=2k)\n.model cm C (law=linear c=3p)\n.model pm CPE (q=1n alpha=0.7)\n");
  CHECK(parameter(deck, "r1.r") == doctest::Approx(2000));
  CHECK(parameter(deck, "r2.r") == doctest::Approx(5000));
  CHECK(parameter(deck, "c1.c") == 3e-12);
  CHECK(branch(deck, "ycpe!p1").orders.out == 0.7);
  CHECK(branch(deck, "yfmem!f1").law == law_id<TanhLaw>());
}

TEST_CASE("a sign that the element excludes is told with the text as typed") {
  CHECK(message_of_card("C3 a 0 -2n") == "t.cir:2: C3: capacitance must be positive, got \"-2n\"");
  CHECK(message_of_card("C3 a 0 0") == "t.cir:2: C3: capacitance must be positive, got \"0\"");
  CHECK(message_of_card("C3 a 0 k0=-1p") == "t.cir:2: C3: k0 must be positive, got \"-1p\"");
  CHECK(message_of_card("L1 a 0 -1u") == "t.cir:2: L1: inductance must be positive, got \"-1u\"");
  CHECK(message_of_card("R1 a 0 0") == "t.cir:2: R1: resistance must not be zero, got \"0\"");
  CHECK(message_of_card("R1 a 0 g=0") == "t.cir:2: R1: conductance must not be zero, got \"0\"");
  CHECK(message_of_card("C3 a 0 {1n-3n}") == "t.cir:2: C3: capacitance must be positive, got \"{1n-3n}\" = -2e-09");
  CHECK(message_of_card("C3 a 0 m z0=0\n.model m C (law=tanh k0=1)") == "t.cir:2: C3: z0 must be positive, got \"0\"");
  CHECK(message_of_card("C3 a 0 m\n.model m C (law=tanh z0=-1)") ==
        "t.cir:3: .model m: z0 must be positive, got \"-1\"");
  CHECK(message_of_card("YCPE p a 0 q=-1 alpha=0.5") ==
        "t.cir:2: YCPE!p: pseudo-capacitance must be positive, got \"-1\"");
  CHECK(message_of_card("YCPE p a 0 q=1 alpha=1") == "t.cir:2: YCPE!p: alpha must lie between 0 and 1, got \"1\"");
  CHECK(message_of_card("YCPE p a 0 q=1 alpha=0") == "t.cir:2: YCPE!p: alpha must lie between 0 and 1, got \"0\"");
}

TEST_CASE("a negative resistor is an active element and allowed") {
  CHECK(parameter(deck_of("R1 a 0 -50\nR2 a 0 10\nV1 a 0 1\n"), "r1.r") == doctest::Approx(-50));
}

TEST_CASE("a wrong number of nodes is told") {
  CHECK(message_of_card("R1") == "t.cir:2: R1: a resistor has 2 nodes, got 0");
  CHECK(message_of_card("R1 a") == "t.cir:2: R1: a resistor has 2 nodes, got 1");
  CHECK(message_of_card("G1 a 0") == "t.cir:2: G1: a transconductor has 4 nodes, got 2");
  CHECK(message_of_card("R1 a 10k") == "t.cir:2: R1: a value is expected: g, r, k0");
  CHECK(message_of_card("R1 a b 0 1k") ==
        "t.cir:2: R1: unexpected \"1k\"; a resistor has 2 nodes and a value or a model");
  CHECK(message_of_card("R1 a {b} 1k") == "t.cir:2: R1: a node name is expected, got \"{b}\"");
  CHECK(message_of_card("YFMEM") == "t.cir:2: YFMEM: a name is expected after the device type");
  CHECK(message_of_card("YFMEM m1 a") == "t.cir:2: YFMEM!m1: a fractional memristor has 2 nodes, got 1");
}

TEST_CASE("a bad value is told as typed") {
  CHECK(message_of_card("R1 a b 1k5") == "t.cir:2: R1: \"1k5\" is neither a number nor the name of a model");
  CHECK(message_of_card("R1 a b r=1k5") == "t.cir:2: R1: \"1k5\" is neither a number nor the name of a parameter");
  CHECK(message_of_card("R1 a b r=2*3") == "t.cir:2: R1: \"2*3\" is no number; an expression goes in braces: {2*3}");
  CHECK(message_of_card("R1 a b {2*x}") == "t.cir:2: R1: expression \"2*x\": unknown name \"x\"");
  CHECK(message_of_card("R1 a b {1/0}") == "t.cir:2: R1: \"{1/0}\" is inf, not a finite number");
  CHECK(message_of_card("R1 a b {foo(2)}") ==
        "t.cir:2: R1: expression \"foo(2)\": unknown function \"foo\" at character 1");
  CHECK(message_of_card("R1 a b r=") == "t.cir:2: R1: a value is expected after \"r=\"");
  CHECK(message_of_card("R1 a b 1k r=2k") == "t.cir:2: R1: \"r\" gives the value a second time");
  CHECK(message_of_card("R1 a b g=1 r=2") == "t.cir:2: R1: \"r\" gives the value a second time");
  CHECK(message_of_card("R1 a b r=1 r=2") == "t.cir:2: R1: \"r\" is given twice");
  CHECK(message_of_card("R1 a b 1k (") == "t.cir:2: R1: \")\" is missing");
}

TEST_CASE("a model that is missing, misplaced or of another type is told") {
  CHECK(message_of_card("R1 a b sat") == "t.cir:2: R1: \"sat\" is neither a number nor the name of a model");
  CHECK(message_of_card("R1 a b m\n.model m C (c=1)") ==
        "t.cir:2: R1: model \"m\" of t.cir:3 is of type C, a resistor takes type R");
  CHECK(message_of_card("D1 a b") == "t.cir:2: D1: a diode takes a model of type D");
  CHECK(message_of_card("D1 a b 5") == "t.cir:2: D1: a diode takes a model, got the value \"5\"");
  CHECK(message_of_card("R1 a b m law=tanh\n.model m R (r=1)") == "t.cir:2: R1: law= belongs to model \"m\"");
  CHECK(message_of_card("C1 a b m\n.model m C (law=linear)") == "t.cir:2: C1: a value is expected: c, k0");
}

TEST_CASE("a parameter that the law does not know is told with those it knows") {
  CHECK(message_of_card("C1 a b 1n foo=2") ==
        "t.cir:2: C1: unknown parameter \"foo\"; a capacitor with law \"linear\" has c, k0");
  CHECK(message_of_card("YCPE p a b q=1 foo=2") ==
        "t.cir:2: YCPE!p: unknown parameter \"foo\"; a constant-phase element with law \"linear\" has q, k0, alpha");
  CHECK(message_of_card("C1 a b m\n.model m C (law=tanh c=1n)") ==
        "t.cir:3: .model m: unknown parameter \"c\"; a capacitor with law \"tanh\" has k0, k1, z0");
  CHECK(message_of_card(".model unused D (is=1f cjo=2p)") ==
        "t.cir:2: .model unused: unknown parameter \"cjo\"; a diode with law \"junction\" has is, n");
  CHECK(message_of_card("C1 a b 1n ic=1") ==
        "t.cir:2: C1: \"ic=\" (an initial condition of an element) is not supported yet");
  CHECK(message_of_card("R1 a b 1k m=2") == "t.cir:2: R1: \"m=\" (a multiplier) is not supported yet");
  CHECK(message_of_card("R1 a b 1k temp=2") == "t.cir:2: R1: \"temp=\" (a temperature) is not supported yet");
}

TEST_CASE("a bad model card is told, used or not") {
  CHECK(message_of_card(".model") == "t.cir:2: .model: a name and a type are expected");
  CHECK(message_of_card(".model m") == "t.cir:2: .model m: a type is expected after the name");
  CHECK(message_of_card(".model m FOO (a=1)") ==
        "t.cir:2: .model m: unknown model type \"FOO\"; known are R C L D G FMEM MEM CPE EL E F H HH");
  CHECK(message_of_card(".model m R (law=cosh)") ==
        "t.cir:2: .model m: unknown law \"cosh\"; known are linear, poly, tanh, sinh, sine, expr");
  CHECK(message_of_card(".model m R (law=junction)") ==
        "t.cir:2: .model m: unknown law \"junction\"; known are linear, poly, tanh, sinh, sine, expr");
  CHECK(message_of_card(".model m D (law=tanh)") == "t.cir:2: .model m: the law of a diode is fixed, got law=tanh");
  CHECK(message_of_card(".model m D (law=expr f='z')") == "t.cir:2: .model m: the law of a diode is fixed, got law=expr");
  CHECK(message_of_card(".model m R (r=1") == "t.cir:2: .model m: \")\" is missing");
  CHECK(message_of_card(".model m R (r 1)") == "t.cir:2: .model m: name=value is expected, got \"r\"");
  CHECK(message_of_card(".model m R (r=abc)") ==
        "t.cir:2: .model m: \"abc\" is neither a number nor the name of a parameter");
  CHECK(message_of_card(".model m R (r=1)\n.model M C (c=1)") ==
        "t.cir:3: .model M: this name is already used in t.cir:2");
}

TEST_CASE("a name that is used twice is told at its second line") {
  CHECK(message_of("R1 a 0 1\nV1 a 0 1\nr1 a 0 2\n").find("t.cir:4: r1: ") == 0);
  CHECK(message_of("V1 a 0 1\nR1 a 0 1\nv1 a 0 2\n").find("t.cir:4: v1: ") == 0);
  CHECK(message_of("V1 a 0 1\nYMEM m a 0 1\nYFMEM m a 0 1\n") == "no error");
}

TEST_CASE("a circuit that cannot be solved is told with the deck's line") {
  CHECK(message_of("V1 a 0 1\nR1 a 0 1\nV2 a 0 2\n").find("t.cir:4: v2: ") == 0);
  CHECK(message_of("V1 a 0 1\nR1 a b 1\n").find("t.cir:3: r1: ") == 0);
}
