// `classify`: which rule is exact on a circuit, and which element is the reason.

#include <doctest/doctest.h>

#include "program/program_run.hpp"

using namespace tellegen::tests;

namespace {

constexpr const char* laws =
    ".model sat C (law=tanh k0=1n k1=1n z0=1)\n.model spring R (law=sinh k0=1m k1=1m z0=1)\n"
    ".model half FMEM (law=sinh k0=1m k1=1u z0=1m)\n.model ideal MEM (law=tanh k0=1m k1=1u z0=1m)\n"
    ".model stage G (law=tanh k0=1m k1=1m z0=1)\n";

struct Row {
  std::string verdict, reason;
};

/// Verdict and reason by rule.
std::map<std::string, Row> classified(const std::string& cards) {
  const Folder folder;
  folder.write("d.cir", "t\nI1 0 a 1m\nR1 a 0 1k\nC1 b 0 1n\nR2 a b 1k\n" + cards + laws + ".end\n");
  std::map<std::string, Row> rows;
  const auto json = json_of(run_tellegen(folder, {"classify", "d.cir", "--json", "-"}));
  for (const auto& row : json.at("rules")) rows[row.at("rule")] = {row.at("verdict"), row.at("reason")};
  return rows;
}

}  // namespace

TEST_CASE("the adjoint is exact on every circuit") {
  for (const std::string cards : {"", "D1 b 0 dm\n.model dm D\n", "C2 b 0 sat\nR3 a b spring\n"})
    CHECK(classified(cards).at("adjoint").verdict == "exact");
}

TEST_CASE("on a linear circuit every echo is exact, controlled sources and all") {
  for (const std::string cards : {"", "G1 b 0 a 0 1m\n", "YCPE p a b q=1u alpha=0.5\n", "L1 a b 1u\n"}) {
    CHECK(classified(cards).at("echo").verdict == "exact");
    CHECK(classified(cards).at("biased_echo").verdict == "exact");
  }
}

TEST_CASE("one skew makes the biased echo exact as beta -> 0, and the reason says which") {
  const std::map<std::string, std::string> skews{{"D1 b 0 dm\nR3 a b spring\nG1 b 0 a 0 stage\n.model dm D\n", "-1"},
                                                 {"C2 b 0 sat\nYFMEM f a b half\n", "0"},
                                                 {"YMEM m a b ideal\n", "+1"}};
  for (const auto& [cards, skew] : skews) {
    const auto row = classified(cards).at("biased_echo");
    CHECK(row.verdict == "exact as beta -> 0");
    CHECK(row.reason == "all nonlinear elements share skew " + skew);
    CHECK(classified(cards).at("echo").verdict == "biased");
  }
}

TEST_CASE("mixed skews are biased, with the element that does not fit") {
  const auto row = classified("C2 b 0 sat\nC3 a 0 sat\nYMEM m a b ideal\n").at("biased_echo");
  CHECK(row.verdict == "biased");
  CHECK(row.reason ==
        "ymem!m (memristor, tanh law, skew +1) does not share the skew of c2 (capacitor, tanh law, skew 0): mixed "
        "skews have no exact "
        "physical echo");
}

TEST_CASE("a bench that keeps the ports of controlled sources fixed is classified with that") {
  const Folder folder;
  folder.write("d.cir", "t\nI1 0 a 1m\nR1 a 0 1k\nR2 b 0 1k\nG1 0 b a 0 1m\n.end\n");
  for (const std::string ports : {"swapped", "fixed"}) {
    folder.write(
        "b.toml",
        "[bench]\ndeck = \"d.cir\"\n[time]\nstep = 1e-6\nstop = 1e-5\n[[loss]]\nkind = \"mse\"\nprobe = \"v(b)\"\n"
        "target = { expr = \"0\" }\n[rule]\nname = \"echo\"\ncontrolled_sources = \"" +
            ports + "\"\n");
    const auto row = json_of(run_tellegen(folder, {"classify", "b.toml", "--json", "-"})).at("rules")[1];
    CHECK(row.at("rule") == "echo");
    CHECK(row.at("verdict") == (ports == "swapped" ? "exact" : "biased"));
    if (ports == "fixed") CHECK(row.at("reason").get<std::string>().starts_with("g1 (transconductor) is directed"));
  }
}

TEST_CASE("the table names every element with its orders and its skew; a linear one is free") {
  const Folder folder;
  folder.write("d.cir",
               std::string("t\nI1 0 a 1m\nR1 a 0 1k\nC2 a 0 sat\nYFMEM f a 0 half\nYMEM m a 0 ideal\nR3 a 0 spring\n") +
                   laws + ".end\n");
  const auto outcome = run_tellegen(folder, {"classify", "d.cir"});
  CHECK(outcome.code == 0);
  const std::map<std::string, std::vector<std::string>> expected{{"r1", {"linear", "0", "1", "free"}},
                                                                 {"c2", {"tanh", "1", "1", "0"}},
                                                                 {"yfmem!f", {"sinh", "0.5", "0.5", "0"}},
                                                                 {"ymem!m", {"tanh", "1", "0", "+1"}},
                                                                 {"r3", {"sinh", "0", "1", "-1"}}};
  std::size_t found = 0;
  for (const auto& line : lines_of(outcome.out)) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    if (words.size() < 5 || !expected.contains(words[0])) continue;
    CHECK(std::vector<std::string>(words.end() - 4, words.end()) == expected.at(words[0]));
    ++found;
  }
  CHECK(found == expected.size());
  CHECK(outcome.out.find("+0") == std::string::npos);
}
