#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "hw_models/circuit/deck/deck.hpp"
#include "hw_models/solver/adjoint.hpp"
#include "hw_models/solver/transient.hpp"

using namespace tellegen;

namespace {

const TimeGrid grid{.step = 1e-3, .steps = 60, .method = Method::bdf2};

Trajectory run(const Deck& deck) {
  const auto circuit = std::make_shared<const Circuit>(deck.circuit);
  TransientEngine engine(circuit, grid);
  Table stimulus(grid.steps, circuit->sources().size());
  for (std::size_t n = 0; n < grid.steps; ++n)
    for (std::size_t s = 0; s < stimulus.columns(); ++s) stimulus.at(n, s) = circuit->sources()[s].waveform.at(grid.time(n + 1));
  return run_forward(engine, stimulus, {});
}

/// Every node of the second deck behaves in the first as in the second.
void check_same(const Deck& built, const Deck& written) {
  const auto a = run(built), b = run(written);
  for (NodeIndex node = 1; node < written.circuit.node_count(); ++node) {
    const auto& name = written.circuit.node_names()[node];
    CAPTURE(name);
    const auto there = built.circuit.find_node(name);
    REQUIRE(there > 0);
    for (std::size_t n = 0; n < grid.steps; ++n)
      CHECK(a.voltages.at(n, static_cast<std::size_t>(there)) == doctest::Approx(b.voltages.at(n, static_cast<std::size_t>(node))).epsilon(1e-12));
  }
}

const std::string crossbar =
    "two rows, two columns\nV1 r1 0 SIN(0 1 20)\nV2 r2 0 SIN(0 0.5 31)\n"
    "R11 r1 c1 1k\nR12 r1 c2 2k\nR21 r2 c1 3k\nR22 r2 c2 4k\nC1 c1 0 1u\nC2 c2 0 2u\nG1 c2 0 c1 0 1m\n";

}  // namespace

TEST_CASE("leakage is a conductance across every capacitor, and nothing else changes") {
  const auto built = read_deck_text(crossbar + ".end\n", "d.cir", {}, {.leakage = 1e-4, .lines = {}});
  const auto written = read_deck_text(crossbar + "RA c1 0 10k\nRB c2 0 10k\n.end\n", "d.cir");
  check_same(built, written);
  CHECK(built.circuit.parameters().size() == read_deck_text(crossbar + ".end\n", "d.cir").circuit.parameters().size());
}

TEST_CASE("the one-ports of a line stand along a wire in the order of the deck, the first with sources and control ports at its head") {
  const auto built = read_deck_text(crossbar + ".end\n", "d.cir", {}, {.leakage = 0, .lines = {.nodes = {"c*"}, .resistance = 50, .capacitance = 1e-7, .where = {}}});
  const auto written = read_deck_text(
      "the same, written out\nV1 r1 0 SIN(0 1 20)\nV2 r2 0 SIN(0 0.5 31)\n"
      "R11 r1 c1 1k\nR12 r1 c2 2k\nR21 r2 t12 3k\nR22 r2 t22 4k\nC1 t13 0 1u\nC2 t23 0 2u\nG1 c2 0 c1 0 1m\n"
      "RW2 c1 t12 50\nRW3 t12 t13 50\nRW5 c2 t22 50\nRW6 t22 t23 50\n"
      "CK2 t12 0 0.1u\nCK3 t13 0 0.1u\nCK5 t22 0 0.1u\nCK6 t23 0 0.1u\n.end\n",
      "d.cir");
  for (const auto* node : {"c1", "c2", "r1", "r2"}) CHECK(built.circuit.find_node(node) > 0);
  const auto a = run(built), b = run(written);
  for (const auto* node : {"c1", "c2"})
    for (std::size_t n = 0; n < grid.steps; ++n)
      CHECK(a.voltages.at(n, static_cast<std::size_t>(built.circuit.find_node(node))) ==
            doctest::Approx(b.voltages.at(n, static_cast<std::size_t>(written.circuit.find_node(node)))).epsilon(1e-12));
}

TEST_CASE("an element between a row and a column leaves its place on neither") {
  const Parasitics parasitics{.leakage = 0, .lines = {.nodes = {"r1", "r2", "c1", "c2"}, .resistance = 10, .capacitance = 0, .where = {}}};
  const auto built = read_deck_text(crossbar + ".end\n", "d.cir", {}, parasitics);
  // Two rows of one piece, two columns of two.
  CHECK(built.circuit.branches().size() == 7 + 6);
  const auto& r22 = built.circuit.branches()[built.circuit.find_branch("r22")];
  CHECK(built.circuit.node_names()[r22.out.p] == "line r2 1");
  CHECK(built.circuit.node_names()[r22.out.n] == "line c2 1");
}

TEST_CASE("a pattern of lines that matches no node is refused") {
  const Parasitics parasitics{.leakage = 0, .lines = {.nodes = {"x*"}, .resistance = 10, .capacitance = 0, .where = {"b.toml", 7}}};
  CHECK_THROWS_WITH_AS(read_deck_text(crossbar + ".end\n", "d.cir", {}, parasitics), "b.toml:7: [chip.lines] nodes: \"x*\" matches no node of the deck", InputError);
}
