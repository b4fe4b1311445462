// Exit code 3: no solution, said with the node, the time and what to try.

#include <doctest/doctest.h>

#include "program/small_bench.hpp"

using namespace tellegen::tests;

namespace {

/// Resistor that never passes more than 1 mA: 2 mA have nowhere to go.
constexpr const char* saturating = "R1 a 0 sat\n.model sat R (law=tanh k0=0 k1=1m z0=0.5)\n";

std::string unsolved(const Folder& folder, const std::vector<std::string>& arguments) {
  const auto before = folder.content();
  const auto outcome = run_tellegen(folder, arguments);
  INFO(outcome.err);
  CHECK(outcome.code == 3);
  CHECK(outcome.out == "");
  CHECK(lines_of(outcome.err).size() == 1);
  CHECK(folder.content() == before);
  return outcome.err;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("an operating point that does not exist is not found") {
  const Folder folder;
  folder.write("d.cir", std::string("t\nI1 0 a 2m\n") + saturating + ".op\n.end\n");
  const auto message = unsolved(folder, {"sim", "d.cir", "-o", "o.csv"});
  CHECK(has(message, "no convergence at the operating point: node a "));
  CHECK(has(message, "try .nodeset"));
}

TEST_CASE("a transient ends where its solution does, and the message says when") {
  const Folder folder;
  folder.write("d.cir", std::string("t\nI1 0 a PWL(0 0 1u 0 3u 2m)\n") + saturating +
                            ".tran 0.1u 5u 0 0.1u\n.print tran v(a)\n.end\n");
  const auto message = unsolved(folder, {"sim", "d.cir"});
  CHECK(has(message, "no convergence at t = 2"));  // 1 mA is reached at 2 us
  CHECK(has(message, " us: node a "));
  CHECK(has(message, "resistor r1"));
  CHECK(has(message, "try a smaller tmax"));
}

TEST_CASE("conductances that cancel and a loop of sources and inductors have no solution") {
  const Folder folder;
  folder.write("cancel.cir", "t\nI1 0 a 1m\nR1 a 0 1k\nR2 a 0 -1k\n.op\n.end\n");
  CHECK(has(unsolved(folder, {"sim", "cancel.cir"}), "node a"));
  folder.write("loop.cir", "t\nV1 a 0 1\nV2 b 0 2\nL1 a b 1m\nR1 b 0 1k\n.op\n.end\n");
  CHECK(has(unsolved(folder, {"sim", "loop.cir"}), "look for a loop of sources and inductors"));
}

TEST_CASE("inductors in parallel, across equal sources and on a current source do have one") {
  const Folder folder;
  folder.write("d.cir",
               "t\nV1 s 0 1\nV2 t 0 1\nR1 s a 1k\nL1 a 0 1m\nL2 a 0 1m\nL3 s t 1m\nI1 0 b 1m\nL4 b 0 1u\nR2 t 0 "
               "1k\n.op\n.print op i(v1) v(b)\n.end\n");
  const auto outcome = run_tellegen(folder, {"sim", "d.cir"});
  CHECK(outcome.code == 0);
  CHECK(has(outcome.out, "e-03"));
}

TEST_CASE("a bench without a solution ends alike on the direct plant and on the chip, and leaves nothing behind") {
  SmallBench bench;
  bench.deck = std::string("t\nI1 0 a 0\n") + saturating + "C1 a b 1n\nR2 b 0 1k\n.end\n";
  bench.train = "[train]\nparameters = [\"r1.k1\"]\nrate = 1e-9\nepochs = 2\n";
  bench.rule = "[rule]\nname = \"biased_echo\"\n";
  const Folder folder;
  bench.write(folder);
  folder.write("x.csv", sine_csv("x", 5e-3));
  const auto message = unsolved(folder, {"gradcheck", "b.toml", "--json", "x.json"});
  CHECK(has(message, "no convergence at t = "));
  CHECK(has(message, "node a"));
  CHECK(has(message, "try a smaller [time] step"));
  CHECK(unsolved(folder, {"gradcheck", "b.toml", "--plant", "chip"}) == message);
  CHECK(unsolved(folder, {"run", "b.toml", "-o", "out/deep"}) == message);
}
