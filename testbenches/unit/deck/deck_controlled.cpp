#include <doctest/doctest.h>

#include "testbenches/unit/deck/deck_text.hpp"

using namespace tellegen;
using namespace deck_test;

namespace {

/// Message of a deck whose line 2 is the given card; the rest is sound, with inductors L1, L2 and voltage source Va.
std::string message_of_card(const std::string& card, const std::string& more = "") {
  return message_of(card + "\nRa a 0 1\nRb b 0 1\nVa a 0 1\nIb 0 b 1\nL1 b 0 1\nL2 b 0 1\n" + more);
}

}  // namespace

TEST_CASE("E, F, G and H take their gain as a bare value or by its name, and offer it as a parameter") {
  const auto deck = deck_of("V1 a 0 1\nR1 a b 1\nVs b 0 0\nE1 c 0 a b 2\nF1 0 d Vs gain=3\nG1 0 d a 0 4m\nH1 e 0 vS rm=5\nRc c 0 1\nRd d 0 1\nRe e 0 1\n");
  CHECK(parameter(deck, "e1.gain") == 2);
  CHECK(parameter(deck, "f1.gain") == 3);
  CHECK(parameter(deck, "g1.gm") == 4e-3);
  CHECK(parameter(deck, "h1.rm") == 5);
  const auto current = deck.circuit.current_unknown(deck.circuit.find_source("vs"));
  CHECK(branch(deck, "f1").in == Port{current, 0});
  CHECK(branch(deck, "h1").in == Port{current, 0});
  // What holds a voltage has a row of its own.
  CHECK(source(deck, "e1").is_constraint);
  CHECK(source(deck, "h1").is_constraint);
  CHECK(branch(deck, "e1").out == Port{0, deck.circuit.current_unknown(deck.circuit.find_source("e1"))});
}

TEST_CASE("F and H refuse a source that is not there or holds no voltage") {
  CHECK(message_of_card("F1 0 b Vx 2") == "t.cir:2: F1: there is no voltage source \"Vx\" whose current could be sensed");
  CHECK(message_of_card("H1 b 0 Ib 2") == "t.cir:2: H1: there is no voltage source \"Ib\" whose current could be sensed");
  CHECK(message_of_card("F1 0 b").find("t.cir:2: F1: the name of the voltage source whose current it senses is expected") == 0);
  CHECK(message_of_card("F1 0 b Va").find("t.cir:2: F1: a value is expected") == 0);
  CHECK(message_of_card("F1 0 b Va m", ".model m H (k0=1)\n").find("t.cir:2: F1: model \"m\" of t.cir:9 is of type H, a current-controlled current source takes type F") == 0);
  CHECK(message_of_card("F1 0 b Va law=cube").find("t.cir:2: F1: unknown law \"cube\"") == 0);
}

TEST_CASE("voltages that contradict each other are refused: an amplifier's output across a source") {
  CHECK(message_of_card("E1 a 0 b 0 2").find("closes a loop of voltage sources") != std::string::npos);
  CHECK(message_of_card("E1 b 0 a", "").find("t.cir:2: E1: a voltage-controlled voltage source has 4 nodes, got 3") == 0);
}

TEST_CASE("a coupling refuses what it cannot couple, with its line") {
  CHECK(message_of_card("K1 L1 L9 0.5") == "t.cir:2: K1: there is no inductor \"L9\"");
  CHECK(message_of_card("K1 L1 Ra 0.5") == "t.cir:2: K1: there is no inductor \"Ra\"");
  CHECK(message_of_card("K1 L1 L2 1.01") == "t.cir:2: K1: the coupling coefficient must lie in -1 to 1, got 1.01");
  CHECK(message_of_card("K1 L1 L2 -1.2") == "t.cir:2: K1: the coupling coefficient must lie in -1 to 1, got -1.2");
  CHECK(message_of_card("K1 L1 L1 0.5") == "t.cir:2: K1: an inductor cannot be coupled to itself");
  CHECK(message_of_card("K1 L1 0.5") == "t.cir:2: K1: two inductors and a coupling coefficient are expected");
  CHECK(message_of_card("K1 L1 L2 L3 0.5").find("t.cir:2: K1: unexpected \"0.5\"; couple the windings in pairs") == 0);
  CHECK(message_of_card("K1 L1 L2 0.5", "K1 L1 L2 0.4\n") == "t.cir:9: k1: this name is already used in line 2");
  CHECK(message_of_card("K1 L1 L3 0.5", "L3 b 0 sat\n.model sat L (law=tanh k1=1 z0=1)\n") ==
        "t.cir:9: L3: a coupled inductor is linear; its law cannot be another");
}

TEST_CASE("two couplings of one pair of inductors are refused") {
  CHECK(message_of_card("K1 L1 L2 0.5", "K2 L2 L1 0.4\n") == "t.cir:9: K2: l2 and l1 are coupled already");
}

TEST_CASE("a general element takes its orders, a law and a control port, and refuses orders out of range") {
  const auto deck = deck_of("V1 a 0 1\nR1 a 0 1\nYEL x a 0 2 a=0.3 b=0.8\nYEL y 0 b a 0 m b=0.5\nRb b 0 1\n.model m EL (law=tanh k0=1 k1=2 z0=3 a=1.5 b=1)\n");
  CHECK(branch(deck, "yel!x").orders == Orders{0.3, 0.8});
  CHECK(branch(deck, "yel!y").orders == Orders{1.5, 0.5});
  CHECK(branch(deck, "yel!y").in == Port{1, 0});
  CHECK(slot(deck, "yel!y", 1) == 2);
  CHECK(message_of_card("YEL x a 0 1 a=1.6") == "t.cir:2: YEL!x: a must lie in 0 to 1.5, got \"1.6\"");
  CHECK(message_of_card("YEL x a 0 1 b=-0.1") == "t.cir:2: YEL!x: b must lie in 0 to 1.5, got \"-0.1\"");
  CHECK(message_of_card("YEL x a 0 a=1").find("t.cir:2: YEL!x: a value is expected") == 0);
  CHECK(message_of_card("YEL x a 0 b 1").find("t.cir:2: YEL!x") == 0);
  CHECK(message_of_card("YEL x a 0 1 c=1").find("t.cir:2: YEL!x: unknown parameter \"c\"") == 0);
}

TEST_CASE("a membrane refuses parameters that it has not and values that no membrane has") {
  CHECK(message_of_card("YHH n b 0 gx=1") == "t.cir:2: YHH!n: unknown parameter \"gx\"; a Hodgkin-Huxley membrane has area, c, gna, gk, gl, ena, ek, el");
  CHECK(message_of_card("YHH n b 0 c=0") == "t.cir:2: YHH!n: c must be positive, got \"0\"");
  CHECK(message_of_card("YHH n b 0 area={-1}").find("t.cir:2: YHH!n: area must be positive") == 0);
  CHECK(message_of_card("YHH n b 0 12") == "t.cir:2: YHH!n: a membrane has no value of its own, got \"12\"");
  CHECK(message_of_card("YHH n b").find("t.cir:2: YHH!n: a Hodgkin-Huxley membrane has 2 nodes, got 1") == 0);
  CHECK(message_of_card("YHH n b 0 m", ".model m HH (gq=1)\n").find("t.cir:9: .model m: unknown parameter \"gq\"") == 0);
}
