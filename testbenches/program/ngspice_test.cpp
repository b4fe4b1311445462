// `sim` against ngspice, where that is installed.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <map>
#include <sstream>

#include "program/program_run.hpp"

using namespace tellegen::tests;

namespace {

struct Transient {
  std::string name, cards, step, stop;
  std::vector<std::string> outputs;
  double tolerance;  // [V] both programs' own errors
};

std::string rc_ladder(int sections) {
  std::string cards = "V1 n0 0 PULSE(0 1 0 1n 1n 1 2)\n";
  for (int i = 0; i < sections; ++i) cards += fmt::format("R{0} n{0} n{1} 100\nC{0} n{1} 0 1p\n", i, i + 1);
  return cards;
}

std::string rlc_line(int sections) {
  std::string cards = "V1 s 0 PULSE(0 1 0 1n 1n 1 2)\nRS s n0 50\n";
  for (int i = 0; i < sections; ++i)
    cards += fmt::format("L{0} n{0} m{0} 2.5n\nR{0} m{0} n{1} 0.1\nC{0} n{1} 0 1p\n", i, i + 1);
  return cards + fmt::format("RL n{} 0 50\n", sections);
}

std::string mesh(int size) {
  std::string cards = "V1 s 0 PULSE(0 1 0 1n 1n 1 2)\nRS s n0_0 50\n";
  int resistors = 0;
  for (int i = 0; i < size; ++i)
    for (int j = 0; j < size; ++j) {
      cards += fmt::format("C{0} n{1}_{2} 0 1p\n", i * size + j, i, j);
      if (j + 1 < size) cards += fmt::format("R{0} n{1}_{2} n{1}_{3} 100\n", resistors++, i, j, j + 1);
      if (i + 1 < size) cards += fmt::format("R{0} n{1}_{2} n{3}_{2} 100\n", resistors++, i, j, i + 1);
    }
  return cards;
}

const std::vector<Transient> transients{
    {"rc 10", rc_ladder(10), "0.1n", "50n", {"v(n1)", "v(n10)"}, 2e-3},
    {"rlc 5", rlc_line(5), "20p", "10n", {"v(n1)", "v(n5)"}, 5e-3},
    {"mesh 4", mesh(4), "0.1n", "50n", {"v(n2_2)", "v(n3_3)"}, 2e-3},
    {"clipper",
     "V1 in 0 SIN(0 2 1meg)\nR1 in out 1k\nC1 out 0 20p\nD1 out 0 dm\nD2 0 out dm\n.model dm D (is=1e-12 n=1.2)\n",
     "2n",
     "2u",
     {"v(out)"},
     5e-3},
    {"rectifier",
     "V1 in 0 SIN(0 5 1k)\nD1 in out dm\nC1 out 0 1u\nR1 out 0 10k\n.model dm D (is=1e-9 n=1.8)\n",
     "2u",
     "3m",
     {"v(out)"},
     1e-2},
    {"pwl and exp",
     "V1 a 0 PWL(0 0 1u 1 2u -1 4u 0.5)\nI1 0 b EXP(0 1m 0.5u 0.2u 2u 0.4u)\nR1 a b 1k\nC1 b 0 200p\nR2 b 0 3k\n",
     "5n",
     "5u",
     {"v(b)"},
     5e-3},
    {"controlled sources",
     "V1 in 0 SIN(0 1 1meg)\nR1 in a 1k\nC1 a 0 100p\nVs a b 0\nR2 b 0 2k\nE1 c 0 a 0 3\nR3 c d 1k\nC2 d 0 50p\nF1 0 d Vs 2\nH1 e 0 Vs 5k\nR4 e f 1k\nC3 f 0 "
     "80p\nG1 0 f d 0 0.2m\n",
     "2n",
     "2u",
     {"v(d)", "v(f)", "i(vs)"},
     5e-3},
    {"transformer",
     "V1 in 0 SIN(0 5 100k)\nR1 in p 50\nL1 p 0 1m\nL2 s 0 4m\nK1 L1 L2 0.95\nC2 s 0 100p\nR2 s 0 5k\n",
     "20n",
     "20u",
     {"v(p)", "v(s)"},
     2e-2},
    {"behavioural sources",
     "V1 in 0 SIN(0 1 1meg)\nR1 in a 1k\nC1 a 0 100p\nVs a b 0\nR2 b 0 2k\nB1 c 0 V=2*tanh(v(a)*1.5)+i(Vs)*1000\nR3 c d 1k\nC2 d 0 50p\n"
     "B2 0 d I=0.0005*v(a,d)*v(a)-1e-6*exp(v(d)/0.3)\n",
     "2n",
     "2u",
     {"v(c)", "v(d)"},
     5e-3},
};

/// Columns of ngspice's `wrdata`: time, then the outputs, on the grid of tstep.
std::vector<std::vector<double>> ngspice_rows(const Folder& folder, const std::string& deck, std::size_t columns) {
  folder.write("oracle.cir", deck);
  const auto outcome = run_program(folder, {*installed("ngspice"), "-b", "oracle.cir"});
  INFO(outcome.out << outcome.err);
  std::vector<std::vector<double>> rows;
  std::istringstream numbers(folder.read("oracle.txt"));
  for (double value = 0; numbers >> value;) {
    if (rows.empty() || rows.back().size() == columns) rows.emplace_back();
    rows.back().push_back(value);
  }
  REQUIRE_FALSE(rows.empty());
  return rows;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += " " + word;
  return text;
}

}  // namespace

TEST_CASE("transients agree with ngspice") {
  if (!installed("ngspice")) {
    MESSAGE("ngspice is not installed: nothing is compared with it");
    return;
  }
  for (const auto& t : transients) {
    CAPTURE(t.name);
    const Folder folder;
    const auto tran = fmt::format("tran {0} {1} 0 {0}", t.step, t.stop);
    const auto expected =
        ngspice_rows(folder,
                     fmt::format("{}\n{}.options reltol=1e-5 method=trap\n.control\nset wr_singlescale\nset "
                                 "numdgt=12\n{}\nlinearize{}\nwrdata oracle.txt{}\n.endc\n.end\n",
                                 t.name, t.cards, tran, joined(t.outputs), joined(t.outputs)),
                     t.outputs.size() + 1);
    folder.write("d.cir", fmt::format("{}\n{}.save{}\n.{}\n.end\n", t.name, t.cards, joined(t.outputs), tran));
    const auto variables = json_of(run_tellegen(folder, {"sim", "d.cir", "--json", "-"})).at("variables");
    const auto& time = variables[0].at("values");
    REQUIRE(time.size() > 100);
    for (std::size_t v = 1; v <= t.outputs.size(); ++v) {
      CHECK(variables[v].at("name") == t.outputs[v - 1]);
      double largest = 0;
      for (std::size_t n = 0; n < std::min(time.size(), expected.size()); ++n) {
        CHECK(expected[n][0] == doctest::Approx(time[n].get<double>()).epsilon(1e-6));
        largest = std::max(largest, std::abs(expected[n][v] - variables[v].at("values")[n].get<double>()));
      }
      CAPTURE(t.outputs[v - 1]);
      CHECK(largest < t.tolerance);
    }
  }
}

TEST_CASE("operating points agree with ngspice") {
  if (!installed("ngspice")) return;
  const std::map<std::string, std::vector<std::string>> circuits{
      {"V1 in 0 5\nR1 in a 1k\nD1 a b dm\nR2 b 0 100\n.model dm D (is=1e-14 n=1.5)\n", {"v(a)", "v(b)", "i(v1)"}},
      {"I1 0 a 1m\nD1 a b dm\nD2 b 0 dm\nR1 a 0 10k\n.model dm D (is=1e-12)\n", {"v(a)", "v(b)"}},
      {"V1 in 0 0.7\nR1 in a 1k\nVs a b 0\nR2 b 0 2k\nE1 c 0 a 0 3\nR3 c d 1k\nF1 0 d Vs 2\nR4 d 0 500\nH1 e 0 Vs 5k\nR5 e 0 1k\n", {"v(c)", "v(d)", "v(e)", "i(e1)", "i(h1)"}},
      {"V1 in 0 0.7\nR1 in a 1k\nB1 a 0 I=1e-12*(exp(v(a)/0.0258)-1)\nB2 c 0 V=v(a)^2+i(V1)*100\nR2 c 0 1k\n", {"v(a)", "v(c)", "i(v1)"}},
      {"V1 in 0 2\nR1 in p 50\nL1 p 0 1m\nL2 s t 4m\nK1 L1 L2 0.9\nR2 s 0 10\nR3 t 0 20\nI2 0 t 0.1\n", {"v(s)", "v(t)", "i(v1)"}},
      {"V1 in 0 1\nG1 0 out in 0 2m\nR1 out x 500\nL1 x 0 1m\nR2 in out 2k\nC1 out 0 1n\n",
       {"v(out)", "v(x)", "i(v1)"}},
  };
  for (const auto& [cards, outputs] : circuits) {
    CAPTURE(cards);
    const Folder folder;
    const auto expected =
        ngspice_rows(folder,
                     fmt::format("op\n{}.options reltol=1e-9 abstol=1e-15 vntol=1e-12\n.control\nset "
                                 "wr_singlescale\nset numdgt=12\nop\nwrdata oracle.txt{}\n.endc\n.end\n",
                                 cards, joined(outputs)),
                     outputs.size() + 1);
    folder.write("d.cir", fmt::format("op\n{}.op\n.save{}\n.end\n", cards, joined(outputs)));
    const auto variables = json_of(run_tellegen(folder, {"sim", "d.cir", "--json", "-"})).at("variables");
    for (std::size_t v = 0; v < outputs.size(); ++v) {
      CAPTURE(outputs[v]);
      const double found = variables[v].at("values")[0];
      CHECK(std::abs(found - expected[0][v + 1]) <= 1e-6 * std::abs(expected[0][v + 1]) + 1e-12);
    }
  }
}
