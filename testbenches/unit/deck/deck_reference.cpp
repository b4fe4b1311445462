#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "testbenches/unit/deck/deck_text.hpp"

using namespace tellegen;
using namespace deck_test;

TEST_CASE("the reference decks give the parameters of their expected results, in order") {
  namespace fs = std::filesystem;
  const auto folder = fs::path(TELLEGEN_SOURCE_DIR).parent_path() / "shared/reference/gradients";
  if (!fs::exists(folder)) {
    MESSAGE("skipped: the reference decks are not beside this source tree");
    return;
  }
  int decks = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!entry.is_directory() || entry.path().filename() == "hodgkin_huxley") continue;
    CAPTURE(entry.path().filename().string());
    const auto deck = read_deck(entry.path() / "deck.cir");
    const auto expected = nlohmann::json::parse(std::ifstream(entry.path() / "expected.json")).at("parameters");
    std::vector<const Parameter*> primary;
    for (const auto& p : deck.circuit.parameters())
      if (p.primary) primary.push_back(&p);
    REQUIRE(primary.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CAPTURE(primary[i]->name);
      CHECK(primary[i]->name == expected[i].at("name").get<std::string>());
      CHECK(deck.circuit.parameter_value(*primary[i], deck.circuit.initial_slots()) ==
            doctest::Approx(expected[i].at("value").get<double>()).epsilon(1e-12));
    }
    ++decks;
  }
  CHECK(decks >= 14);
}

TEST_CASE("an RC ladder as benchmarks write it") {
  std::string text = "rc ladder 10\nV1 n0 0 PULSE(0 1 0 1n 1n 1 2)\n";
  for (int i = 0; i < 10; ++i) {
    const auto k = std::to_string(i), next = std::to_string(i + 1);
    text.append("R").append(k).append(" n").append(k).append(" n").append(next).append(" 100\n");
    text.append("C").append(k).append(" n").append(next).append(" 0 1p\n");
  }
  text += ".save v(n1) v(n10)\n.tran 1e-10 1e-07 0 1e-10\n.print tran v(n1) v(n10)\n.end\n";
  const auto deck = read_deck_text(text, "rc.cir");
  CHECK(deck.circuit.node_count() == 12);
  CHECK(deck.circuit.branches().size() == 20);
  CHECK(deck.saved.size() == 2);
  const auto& tran = std::get<TransientAnalysis>(deck.analyses.at(0));
  CHECK(tran.max_step == tran.step);
  CHECK(parameter(deck, "r7.r") == doctest::Approx(100));
}

TEST_CASE("a network of conductances and diode pairs as benchmarks write it") {
  const auto deck = deck_of(
      "VI0 x0_0 0 -0.731271\nVB xb 0 1.0\nR0 x0_0 h1_0 118056\nR1 xb h1_0 1.3e+06\nCC1_0 h1_0 0 1p\n"
      "DU1_0 h1_0 bu DMOD\nDD1_0 bd h1_0 DMOD\nRO1_0 h1_0 0 1meg\nVU bu 0 0.2\nVD bd 0 -0.2\n.model DMOD D(IS=1e-9 "
      "N=1.0)\n"
      ".save v(h1_0)\n.op\n.print op v(h1_0)\n.end\n");
  CHECK(deck.circuit.branches().size() == 6);
  CHECK(parameter(deck, "dd1_0.is") == 1e-9);
  CHECK(parameter(deck, "ro1_0.r") == doctest::Approx(1e6));
  CHECK(source(deck, "vi0").waveform.dc() == -0.731271);
}
