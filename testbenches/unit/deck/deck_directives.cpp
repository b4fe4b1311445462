#include <doctest/doctest.h>

#include "testbenches/unit/deck/deck_text.hpp"

using namespace tellegen;
using namespace deck_test;

namespace {
const std::string net = "V1 a 0 1\nR1 a b 1\nR2 b 0 1\n";  // the next line is line 5
std::string message_with(const std::string& line) { return message_of(net + line + "\n"); }
Deck deck_with(const std::string& lines) { return deck_of(net + lines + "\n"); }
}  // namespace

TEST_CASE("analyses are kept in the order of the deck") {
  const auto deck = deck_with(".tran 1n 1u 10n {2*1n} uic\n.op\n.TRAN 1n 2u");
  REQUIRE(deck.analyses.size() == 3);
  const auto& first = std::get<TransientAnalysis>(deck.analyses[0]);
  CHECK(first.step == 1e-9);
  CHECK(first.stop == 1e-6);
  CHECK(first.start == 1e-8);
  CHECK(first.max_step == 2e-9);
  CHECK(first.use_initial_conditions);
  CHECK(first.where.line == 5);
  CHECK(std::holds_alternative<OperatingPointAnalysis>(deck.analyses[1]));
  const auto& last = std::get<TransientAnalysis>(deck.analyses[2]);
  CHECK(last.start == 0);
  CHECK(last.max_step == 0);
  CHECK_FALSE(last.use_initial_conditions);
}

TEST_CASE("a bad analysis is told") {
  CHECK(message_with(".tran 1n") == "t.cir:5: .tran: tstep tstop [tstart [tmax]] [uic] is expected, got 1 values");
  CHECK(message_with(".tran 1 2 3 4 5") ==
        "t.cir:5: .tran: tstep tstop [tstart [tmax]] [uic] is expected, got 5 values");
  CHECK(message_with(".tran 0 1u") == "t.cir:5: .tran: tstep must be positive, got \"0\"");
  CHECK(message_with(".tran 1n -1u") == "t.cir:5: .tran: tstop must be positive, got \"-1u\"");
  CHECK(message_with(".tran 1u 1n") == "t.cir:5: .tran: tstep \"1u\" is longer than tstop \"1n\"");
  CHECK(message_with(".tran 1n 1u 2u") == "t.cir:5: .tran: tstart must lie between 0 and tstop, got \"2u\"");
  CHECK(message_with(".tran 1n 1u 0 0") == "t.cir:5: .tran: tmax must be positive, got \"0\"");
  CHECK(message_with(".tran 1n abc") == "t.cir:5: .tran: \"abc\" is neither a number nor the name of a parameter");
  CHECK(message_with(".op now") == "t.cir:5: .op: nothing is expected after it, got \"now\"");
}

TEST_CASE("printed and saved variables are voltages, differences and source currents") {
  const auto deck = deck_with(".print tran v(a) V(a, b) i(V1)\n.print op v(b,0)\n.save v(b) , v(a)\n.save i(v1)");
  REQUIRE(deck.prints.size() == 2);
  CHECK(deck.prints[0].analysis == "tran");
  REQUIRE(deck.prints[0].variables.size() == 3);
  const auto& difference = deck.prints[0].variables[1];
  CHECK(difference.text == "v(a,b)");
  CHECK(difference.p == "a");
  CHECK(difference.n == "b");
  CHECK(difference.kind == OutputVariable::voltage);
  const auto& current = deck.prints[0].variables[2];
  CHECK(current.text == "i(v1)");
  CHECK(current.device == "v1");
  CHECK(current.kind == OutputVariable::current);
  CHECK(deck.prints[1].variables[0].n == "");
  CHECK(deck.prints[1].variables[0].text == "v(b,0)");
  REQUIRE(deck.saved.size() == 3);
  CHECK(deck.saved[2].text == "i(v1)");
  CHECK(deck.saved[2].where.line == 8);
}

TEST_CASE("saving all saves all") {
  CHECK(deck_with(".save all").saved.empty());
  CHECK(deck_with(".save v(a)\n.save all").saved.empty());
}

TEST_CASE("inner nodes and sources of subcircuits can be printed") {
  const auto deck = deck_of("X1 a s\nR1 a 0 1\n.print op v(x1:m) i(x1:v1)\n.subckt s p\nR1 p m 1\nV1 m 0 1\n.ends\n");
  CHECK(deck.prints[0].variables[0].p == "x1:m");
  CHECK(deck.prints[0].variables[1].device == "x1:v1");
}

TEST_CASE("an output of what is not there is told") {
  CHECK(message_with(".print tran v(c)") == "t.cir:5: .print: v(c): there is no node \"c\"");
  CHECK(message_with(".save v(a,c)") == "t.cir:5: .save: v(a,c): there is no node \"c\"");
  CHECK(message_with(".save i(v2)") == "t.cir:5: .save: i(v2): there is no device \"v2\"");
  CHECK(message_with(".save i(r1)") ==
        "t.cir:5: .save: i(r1): the current of a voltage source is expected; put one of 0 V in series");
}

TEST_CASE("a bad output is told") {
  CHECK(message_with(".print") == "t.cir:5: .print: tran or op is expected");
  CHECK(message_with(".print v(a)") == "t.cir:5: .print: tran or op is expected, got \"v\"");
  CHECK(message_with(".print ac v(a)") == "t.cir:5: .print: tables of the ac analysis are not supported yet");
  CHECK(message_with(".print tran") == "t.cir:5: .print: what to print is expected, such as v(out)");
  CHECK(message_with(".save") == "t.cir:5: .save: what to save is expected, such as v(out) or all");
  CHECK(message_with(".save a") == "t.cir:5: .save: v(node), v(node,node) or i(source) is expected, got \"a\"");
  CHECK(message_with(".save v()") == "t.cir:5: .save: v(node), v(node,node) or i(source) is expected, got \"v\"");
  CHECK(message_with(".save v(a") == "t.cir:5: .save: \")\" is missing after \"a\"");
  CHECK(message_with(".save v(a,)") == "t.cir:5: .save: a second node is expected in \"v(a,\"");
  CHECK(message_with(".save vdb(a)") == "t.cir:5: .save: vdb() (a small-signal quantity) is not supported yet");
  CHECK(message_with(".save @r1[i]") == "t.cir:5: .save: \"@r1[i]\": only v() and i() are supported yet");
  CHECK(message_with(".print tran {v(a)-v(b)}") ==
        "t.cir:5: .print: \"{v(a)-v(b)}\": only v() and i() are supported yet");
}

TEST_CASE("the method is kept, tolerances are checked, unknown options are refused") {
  const auto deck = deck_with(".options method=BDF2 reltol=1e-4, abstol=1p\n.option VNTOL=1u");
  CHECK(deck.method == "bdf2");
  CHECK_FALSE(deck_with("").method.has_value());
  CHECK(message_with(".options klu") ==
        "t.cir:5: .options: unknown option \"klu\"; known are method history terms reltol abstol vntol");
  CHECK(message_with(".options method=gear") == "t.cir:5: .options: method must be be, bdf2 or trap, got \"gear\"");
  CHECK(message_with(".options method") == "t.cir:5: .options: a value is expected: method=...");
  CHECK(message_with(".options reltol=0") == "t.cir:5: .options: reltol must be positive, got \"0\"");
  CHECK(message_with(".options reltol=") == "t.cir:5: .options: name=value is expected, got \"reltol\"");
  CHECK(message_with(".options gmin=1p") == "t.cir:5: .options: unknown option \"gmin\"; known are method history terms reltol abstol vntol");
}

TEST_CASE("the history of fractional orders is kept, and only sums of exponentials have terms") {
  const auto deck = deck_with(".options terms=20\n.options history=EXP");
  CHECK(deck.history == "exp");
  CHECK(deck.terms == 20);
  CHECK_FALSE(deck_with(".options history=fft").terms.has_value());
  CHECK_FALSE(deck_with("").history.has_value());
  CHECK(message_with(".options history=fast") == "t.cir:5: .options: history must be direct, fft or exp, got \"fast\"");
  CHECK(message_with(".options history=exp terms=24") == "t.cir:5: .options: terms must be 20 or 32, got \"24\"");
  CHECK(message_with(".options terms=32") == "t.cir:5: .options: terms: only history=exp has terms");
  CHECK(message_with(".options history=fft terms=32") == "t.cir:5: .options: terms: only history=exp has terms");
}

TEST_CASE("initial conditions and node sets name nodes of the circuit") {
  const auto deck = deck_with(".ic v(a)=1 v(b)={x}\n.nodeset V(b)=0.5\n.param x=2m");
  REQUIRE(deck.initial_conditions.size() == 2);
  CHECK(deck.initial_conditions[1] == std::pair<std::string, double>("b", 2e-3));
  CHECK(deck.nodesets.at(0) == std::pair<std::string, double>("b", 0.5));
  CHECK(message_with(".ic") == "t.cir:5: .ic: v(node)=value is expected");
  CHECK(message_with(".ic v(a)") == "t.cir:5: .ic: v(node)=value is expected, got \"v(a)\"");
  CHECK(message_with(".ic v(a,b)=1") == "t.cir:5: .ic: v(node)=value is expected, got \"v(a,b)\"");
  CHECK(message_with(".ic v(0)=1") == "t.cir:5: .ic: the voltage of ground is zero");
  CHECK(message_with(".ic v(a)=1 v(A)=2") == "t.cir:5: .ic: v(a) is given twice");
  CHECK(message_with(".nodeset v(c)=1") == "t.cir:5: .nodeset: v(c): there is no node \"c\"");
}
