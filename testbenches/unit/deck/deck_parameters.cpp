#include <doctest/doctest.h>

#include <cmath>

#include "testbenches/unit/deck/deck_text.hpp"

using namespace tellegen;
using namespace deck_test;

namespace {
const std::string net = "V1 a 0 1\nR9 a 0 1\n";
}

TEST_CASE("parameters may depend on each other in any order") {
  const auto deck = deck_of(net + "R1 a 0 {r}\nR2 a 0 'r + 1'\nR3 a 0 r=r\n.param r = {2*base} base=1k\n");
  CHECK(parameter(deck, "r1.r") == doctest::Approx(2000));
  CHECK(parameter(deck, "r2.r") == doctest::Approx(2001));
  CHECK(parameter(deck, "r3.r") == doctest::Approx(2000));
}

TEST_CASE("a parameter's value may be a bare expression with blanks") {
  const auto deck =
      deck_of(net + "R1 a 0 {x}\nR2 a 0 {y}\nR3 a 0 {z}\n.PARAM X = 2 * Y + 1, y = max(1k, 2) z='y==1k ? 7 : 8'\n");
  CHECK(parameter(deck, "r1.r") == doctest::Approx(2001));
  CHECK(parameter(deck, "r2.r") == doctest::Approx(1000));
  CHECK(parameter(deck, "r3.r") == doctest::Approx(7));
}

TEST_CASE("a bad parameter is told, used or not") {
  CHECK(message_of(net + ".param a={b} b={c}\n.param c={a}\n") == "t.cir:4: .param a: depends on itself");
  CHECK(message_of(net + ".param a={a+1}\n") == "t.cir:4: .param a: depends on itself");
  CHECK(message_of(net + ".param a={b}\n") == "t.cir:4: .param a: expression \"b\": unknown name \"b\"");
  CHECK(message_of(net + ".param a=1\n.param A=2\n") == "t.cir:5: .param a: is already defined in t.cir:4");
  CHECK(message_of(net + ".param a={1/0}\n") == "t.cir:4: .param a: \"1/0\" is inf, not a finite number");
  CHECK(message_of(net + ".param a\n") == "t.cir:4: .param: name=value is expected");
  CHECK(message_of(net + ".param a b=1\n") == "t.cir:4: .param: name=value is expected");
  CHECK(message_of(net + ".param a=\n") == "t.cir:4: .param a: a value is expected after \"=\"");
  CHECK(message_of(net + ".param a= b=1\n") == "t.cir:4: .param a: a value is expected after \"=\"");
  CHECK(message_of(net + ".param 1a=1\n") == "t.cir:4: .param: \"1a\" is no name of a parameter");
  CHECK(message_of(net + ".param pi=3\n") == "t.cir:4: .param pi: this name is a constant");
  CHECK(message_of(net + ".param a=2*\n") ==
        "t.cir:4: .param a: expression \"2*\": the end comes too early at character 3");
}

TEST_CASE("a very long chain of parameters is refused, not a crash") {
  std::string chain = net + ".param p0=1\n";
  for (int i = 1; i < 5000; ++i) chain += ".param p" + std::to_string(i) + "={p" + std::to_string(i - 1) + "}\n";
  // Read from the far end: the first in the order of evaluation depends on all others.
  chain += ".param a={p4999}\n";
  CHECK(message_of(chain).find("the chain of dependent parameters is too long") != std::string::npos);
}

TEST_CASE("a subcircuit makes its devices and nodes under the name of its instance") {
  const auto deck = deck_of(
      "V1 in 0 1\nX1 in out lowpass\nX2 out 0 half\nYMEM m9 out 0 1u\n"
      ".subckt lowpass a b\nR1 a mid 1k\nR2 mid b 2k\nC1 b gnd 1n\nYFMEM f1 mid 0 1u\n.ends lowpass\n"
      ".subckt half p n\nR1 p n 5\n.ends\n");
  CHECK(parameter(deck, "x1:r1.r") == doctest::Approx(1000));
  CHECK(parameter(deck, "x1:yfmem!f1.k0") == 1e-6);
  CHECK(parameter(deck, "x2:r1.r") == doctest::Approx(5));
  CHECK(deck.circuit.find_node("x1:mid") > 0);
  CHECK(branch(deck, "x1:c1").out == Port{deck.circuit.find_node("out"), ground});
  CHECK(branch(deck, "x1:r2").where.line == 8);
}

TEST_CASE("subcircuits nest, by definition and by use") {
  const auto deck = deck_of(
      "V1 in 0 1\nXa in 0 outer\n"
      ".subckt outer a b\nX1 a m inner\nX2 m b inner\n.subckt inner p q\nR1 p q 1k\nX3 p q leaf\n.ends inner\n.ends "
      "outer\n"
      ".subckt leaf p q\nR7 p q 9\n.ends\n");
  CHECK(deck.circuit.branches().size() == 4);
  CHECK(parameter(deck, "xa:x2:r1.r") == doctest::Approx(1000));
  CHECK(parameter(deck, "xa:x2:x3:r7.r") == doctest::Approx(9));
  CHECK(deck.circuit.find_node("xa:m") > 0);
}

TEST_CASE("parameters of an instance replace the defaults and are evaluated outside") {
  const auto deck = deck_of(
      "V1 in 0 1\nX1 in 0 s\nX2 in 0 s r=5k\nX3 in 0 s params: r={2*base} k=3\nX4 in 0 s r=base\n.param base=100 "
      "twice=7\n"
      ".subckt s a b params: r=1k k={twice}\n.param twice={2*r} c0=1n\nR1 a b {r}\nR2 a b {twice}\nC1 a b "
      "{c0*k}\n.ends\n");
  CHECK(parameter(deck, "x1:r1.r") == doctest::Approx(1000));
  CHECK(parameter(deck, "x1:r2.r") == doctest::Approx(2000));
  CHECK(parameter(deck, "x1:c1.c") == doctest::Approx(2000e-9));
  CHECK(parameter(deck, "x2:r1.r") == doctest::Approx(5000));
  CHECK(parameter(deck, "x2:r2.r") == doctest::Approx(10000));
  CHECK(parameter(deck, "x3:r1.r") == doctest::Approx(200));
  CHECK(parameter(deck, "x3:c1.c") == doctest::Approx(3e-9));
  CHECK(parameter(deck, "x4:r1.r") == doctest::Approx(100));
}

TEST_CASE("an inner parameter of the same name hides the outer one, also from the value given to it") {
  const auto deck = deck_of("V1 a 0 1\nX1 a 0 s r={r}\n.param r=3\n.subckt s p q r=1\nR1 p q {r}\n.ends\n");
  CHECK(parameter(deck, "x1:r1.r") == doctest::Approx(3));
}

TEST_CASE("defaults of a subcircuit's parameters may depend on each other in any order") {
  const auto deck = deck_of("V1 a 0 1\nX1 a 0 s x=10\n.subckt s p q y={2*x} x=1\nR1 p q {y}\n.ends\n");
  CHECK(parameter(deck, "x1:r1.r") == doctest::Approx(20));
  const auto plain = deck_of("V1 a 0 1\nX1 a 0 s\n.subckt s p q y={2*x} x={3*z}\n.param z=5\nR1 p q {y}\n.ends\n");
  CHECK(parameter(plain, "x1:r1.r") == doctest::Approx(30));
}

TEST_CASE("a parameter is given either by its subcircuit's line or by .param, not by both") {
  const std::string body = "V1 a 0 1\n.subckt s p q r=1\n.param r=2\nR1 p q {r}\n.ends\n";
  CHECK(message_of(body + "X1 a 0 s\n") == "t.cir:3: .param r: is already defined in t.cir:4");
  CHECK(message_of(body + "X1 a 0 s r=3\n") == "t.cir:4: .param r: is a parameter of the subcircuit already");
}

TEST_CASE("models belong to the block where they stand, and inner ones come first") {
  const auto deck = deck_of(
      "V1 a 0 1\nR1 a 0 m\nX1 a 0 s\nX2 a 0 t\n.model m R (r=1)\n"
      ".subckt s p q k=4\n.model m R (r={k})\nR1 p q m\n.ends\n.subckt t p q\nR1 p q m\n.ends\n");
  CHECK(parameter(deck, "r1.r") == doctest::Approx(1));
  CHECK(parameter(deck, "x1:r1.r") == doctest::Approx(4));
  CHECK(parameter(deck, "x2:r1.r") == doctest::Approx(1));
}

TEST_CASE("global nodes and ground are one node everywhere") {
  const auto deck = deck_of("V1 vdd 0 1\n.global VDD\n.subckt s2 a\nR1 a vdd 1\nR2 a gnd 1\n.ends\nX3 n s2\n");
  CHECK(branch(deck, "x3:r1").out == Port{deck.circuit.find_node("n"), deck.circuit.find_node("vdd")});
  CHECK(branch(deck, "x3:r2").out.n == ground);
  CHECK(deck.circuit.find_node("x3:vdd") == -1);
}

TEST_CASE("sources inside a subcircuit are named like its devices") {
  const auto deck = deck_of("X1 a s v=2\nR1 a 0 1\n.subckt s p v=1\nV1 p 0 {v} AC 1\n.ends\n");
  CHECK(source(deck, "x1:v1").waveform.dc() == 2);
  CHECK(deck.small_signal.contains("x1:v1"));
}

TEST_CASE("a bad subcircuit is told") {
  CHECK(message_of(net + ".subckt s a b\nR1 a b 1\n") == "t.cir:4: .subckt s: \".ends\" is missing");
  CHECK(message_of(net + ".ends\n") == "t.cir:4: .ends: there is no .subckt to end");
  CHECK(message_of(net + ".subckt s a b\n.ends t\n") ==
        "t.cir:5: .ends: ends \"t\", but the open one is \"s\" of t.cir:4");
  CHECK(message_of(net + ".subckt\n") == "t.cir:4: .subckt: a name is expected");
  CHECK(message_of(net + ".subckt s\n.ends\n") == "t.cir:4: .subckt s: at least one pin is expected");
  CHECK(message_of(net + ".subckt s a A\n.ends\n") == "t.cir:4: .subckt s: pin \"A\" is given twice");
  CHECK(message_of(net + ".subckt s a 0\n.ends\n") ==
        "t.cir:4: .subckt s: ground cannot be a pin: it is the same node everywhere");
  CHECK(message_of(net + ".subckt s a {b}\n.ends\n") == "t.cir:4: .subckt s: a node name is expected, got \"{b}\"");
  CHECK(message_of(net + ".subckt s a\n.ends\n.subckt S b\n.ends\n") ==
        "t.cir:6: .subckt S: this name is already used in t.cir:4");
  CHECK(message_of(net + ".subckt s a\n.op\n.ends\n") == "t.cir:5: .op belongs outside of .subckt s");
  CHECK(message_of(net + ".subckt s a r=1k5\n.ends\n") ==
        "t.cir:4: .subckt s: r: expression \"1k5\": unexpected \"5\" in a number at character 3");
  CHECK(message_of(net + ".subckt s a r=\n.ends\n") == "t.cir:4: .subckt s: a value is expected after \"r=\"");
  CHECK(message_of(net + ".global\n") == "t.cir:4: .global: node names are expected");
}

TEST_CASE("a bad instance is told") {
  const std::string s = ".subckt s a b r=1\nR1 a b {r}\n.ends\n";
  CHECK(message_of(net + "X1 a 0 t\n" + s) == "t.cir:4: X1: there is no subcircuit \"t\"");
  CHECK(message_of(net + "X1 a s\n" + s) == "t.cir:4: X1: subcircuit \"s\" of t.cir:5 has 2 pins, got 1 nodes");
  CHECK(message_of(net + "X1\n" + s) == "t.cir:4: X1: nodes and the name of a subcircuit are expected");
  CHECK(message_of(net + "X1 a 0 s foo=2\n" + s) == "t.cir:4: X1: subcircuit \"s\" has no parameter \"foo\"");
  CHECK(message_of(net + "X1 a 0 s m=2\n" + s) == "t.cir:4: X1: \"m=\" (a multiplier) is not supported yet");
  CHECK(message_of(net + "X1 a 0 s r=zz\n" + s) ==
        "t.cir:4: X1: \"zz\" is neither a number nor the name of a parameter");
  CHECK(message_of(net + "X1 a 0 s\nx1 a 0 s\n" + s) == "t.cir:5: x1: this name is already used in t.cir:4");
  CHECK(message_of(net + "X1 a 0 s r=0\n" + s) == "t.cir:6: x1:R1: resistance must not be zero, got \"{r}\" = 0");
}

TEST_CASE("a subcircuit that calls itself is refused") {
  CHECK(message_of(net + "X1 a 0 s\n.subckt s a b\nX2 a b s\n.ends\n") ==
        "t.cir:6: x1:X2: subcircuit \"s\" calls itself");
  CHECK(message_of(net + "X1 a 0 s\n.subckt s a b\nX2 a b t\n.ends\n.subckt t a b\nX3 a b s\n.ends\n") ==
        "t.cir:9: x1:x2:X3: subcircuit \"s\" calls itself");
}
