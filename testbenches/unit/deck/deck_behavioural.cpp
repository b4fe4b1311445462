#include <doctest/doctest.h>

#include "hw_models/circuit/behaviour.hpp"
#include "testbenches/unit/deck/deck_text.hpp"

using namespace tellegen;
using namespace deck_test;

namespace {

/// Message of a deck whose line 5 is the given card.
std::string message_of_card(const std::string& card) { return message_of("V1 a 0 1\nI1 0 a 1\nR1 a 0 1k\n" + card + "\n"); }

constexpr std::string_view form = "B1 p n i='expression' or v='expression' is expected";

}  // namespace

TEST_CASE("a behavioural source senses each voltage and current of its expression once, in order of appearance") {
  const auto deck = deck_of(".param k=3\nV1 a 0 1\nR1 a b 1\nR2 b 0 1\nB1 0 c I='k*v(b)+i(V1)*V(a,b)-v(b)*time'\nRc c 0 1\n");
  const auto& b1 = branch(deck, "b1");
  CHECK(b1.kind == BranchKind::behavioural);
  const auto current = deck.circuit.current_unknown(deck.circuit.find_source("v1"));
  CHECK(b1.inputs == std::vector<Port>{{2, 0}, {current, 0}, {1, 2}});
  CHECK(b1.states == 3);
  CHECK(b1.slots == 0);
  CHECK(b1.out == Port{0, 3});
  CHECK(b1.behaviour->value(std::vector{2.0, 0.5, 4.0, 10.0}) == 3 * 2 + 0.5 * 4 - 2 * 10);
  CHECK_FALSE(b1.is_linear());
}

TEST_CASE("an expression may stand in braces, in quotes or bare") {
  for (const auto* card : {"B1 0 b i='2*v(a)'", "B1 0 b i={2*v(a)}", "B1 0 b i=2*v(a)", "b1 0 b I = 2 * V( a )"}) {
    CAPTURE(card);
    const auto deck = deck_of("V1 a 0 1\nRb b 0 1\nRa a 0 1\n" + std::string(card) + "\n");
    CHECK(branch(deck, "b1").behaviour->value(std::vector{3.0, 0.0}) == 6);
    CHECK(branch(deck, "b1").is_linear());
  }
}

TEST_CASE("a voltage that an expression gives stands in a row of its own, whose current can be sensed") {
  const auto deck = deck_of("B1 b 0 v='sin(time)'\nRb b 0 1\nF1 0 c B1 2\nRc c 0 1\n");
  CHECK(source(deck, "b1").is_constraint);
  CHECK(branch(deck, "b1").out == Port{0, deck.circuit.current_unknown(0)});
  CHECK(branch(deck, "f1").in == Port{deck.circuit.current_unknown(0), 0});
}

TEST_CASE("names that an expression does not know are told with the line of its card") {
  CHECK(message_of_card("B1 a 0 i='v(q)'") == "t.cir:5: B1: there is no node \"q\"");
  CHECK(message_of_card("B1 a 0 i='v(a,q)'") == "t.cir:5: B1: there is no node \"q\"");
  CHECK(message_of_card("B1 a 0 i='i(v9)'") == "t.cir:5: B1: there is no voltage source \"v9\" whose current could be sensed");
  CHECK(message_of_card("B1 a 0 i='i(i1)'") == "t.cir:5: B1: there is no voltage source \"i1\" whose current could be sensed");
  CHECK(message_of_card("B1 a 0 i='gain*v(a)'") ==
        "t.cir:5: B1: unknown name \"gain\"; v(node), v(node,node), i(source), time and parameters are known");
  CHECK(message_of_card("B1 a 0 i='ddt(v(a))'").find("t.cir:5: B1: expression \"ddt(v(a))\": unknown function \"ddt\"") == 0);
}

TEST_CASE("a card that is no behavioural source is told what one looks like") {
  CHECK(message_of_card("B1 a 0") == "t.cir:5: B1: " + std::string(form) + ", got no \"=\"");
  CHECK(message_of_card("B1 a 0 r='v(a)'") == "t.cir:5: B1: " + std::string(form) + ", got \"r=\"");
  CHECK(message_of_card("B1 a i='1'") == "t.cir:5: B1: " + std::string(form) + "; before \"=\" stand 2 nodes and i or v, got 2 words");
  CHECK(message_of_card("B1 a 0 i=") == "t.cir:5: B1: an expression is expected after \"i=\"");
  CHECK(message_of_card("B1 a 0 i='1' tc1=2") == "t.cir:5: B1: unexpected \"tc1\" after the expression");
  CHECK(message_of_card("B1 a 0 v='v(a)'").find("closes a loop of voltage sources") != std::string::npos);
  CHECK(message_of_card("B1 a 0 i='1'\nB1 a 0 i='2'").find("this name is already used in line 5") != std::string::npos);
}
