// Every kind of loss and every kind of probe: the exact gradient against central differences, through the program.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "program/small_bench.hpp"

using namespace tellegen::tests;
using nlohmann::json;

namespace {

/// Driven by a voltage source: all elements that a probe can measure, two of them nonlinear, one directed.
const char* const deck =
    "all that can be measured\n"
    "V1 in 0 0\n"
    "R1 in a 1k\n"
    "L1 a b 20m\n"
    "C1 b 0 100n\n"
    "YFMEM m1 b c half\n"
    "R2 c 0 2k\n"
    "G1 0 d b 0 1m\n"
    "R3 d 0 1k\n"
    "C2 d 0 sat\n"
    ".model half FMEM (law=sinh k0=0.2m k1=4u z0=0.005)\n"
    ".model sat C (law=tanh k0=20n k1=30n z0=0.5)\n"
    ".end\n";

SmallBench measuring(const std::string& loss) {
  SmallBench bench;
  bench.input = "[[input]]\nsource = \"V1\"\ncsv = \"x.csv\"\ncolumn = \"x\"\nscale = 1e3\n";
  bench.loss = loss;
  bench.train = "[train]\nparameters = [\"*\"]\n";
  bench.rule = "[rule]\nname = \"adjoint\"\n";
  bench.deck = deck;
  return bench;
}

json gradcheck(const SmallBench& bench, std::vector<std::string> more = {"--finite-difference"}) {
  const Folder folder;
  bench.write(folder);
  std::vector<std::string> arguments{"gradcheck", "b.toml", "--json", "-"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return json_of(run_tellegen(folder, std::move(arguments)));
}

/// Relative distance of two columns of the gradient, every entry times its parameter's value.
double distance(const json& result, const char* column) {
  double difference = 0, size = 0;
  for (const auto& p : result.at("parameters")) {
    const double value = p.at("value").get<double>(), exact = value * p.at("exact").get<double>();
    difference += std::pow(exact - value * p.at(column).get<double>(), 2);
    size += exact * exact;
  }
  REQUIRE(size > 0);
  return std::sqrt(difference / size);
}

json checked(const std::string& loss) {
  CAPTURE(loss);
  auto result = gradcheck(measuring(loss));
  CHECK(distance(result, "finite_difference") < 1e-6);
  CHECK(result.at("loss").get<double>() > 0);
  return result;
}

}  // namespace

TEST_CASE("the exact gradient equals central differences for every kind of loss") {
  CHECK(checked("[[loss]]\nkind = \"mse\"\nprobe = \"v(b)\"\ntarget = { csv = \"y.csv\", column = \"y\" }\n").at("loss_unit") == "V^2 s");
  CHECK(checked("[[loss]]\nkind = \"final_mse\"\nprobe = \"v(c)\"\ntarget = \"0.3 V\"\nweight = 3\n").at("loss_unit") == "V^2");
  CHECK(checked("[[loss]]\nkind = \"cross_entropy\"\nprobes = [\"v(b)\", \"v(c)\", \"v(d)\"]\n"
                "target = { expr = \"min(floor(3000*t), 2)\" }\nscale = \"200 mV\"\nwindow = [\"0 s\", \"0.9 ms\"]\n").at("loss_unit") == "s");
  CHECK(checked("[[loss]]\nkind = \"expr\"\nprobes = { a = \"v(b)\", b = \"v(d)\" }\nexpr = \"(a - r)^2*exp(b) + 1e-2*b^4*cos(1e4*t)^2\"\n"
                "target = { csv = \"y.csv\", column = \"y\" }\nweight = { expr = \"1e3*t\" }\nwindow = [\"0.1 ms\", \"1 ms\"]\n").at("loss_unit") == "");
}

TEST_CASE("the exact gradient equals central differences for every kind of probe") {
  for (const auto& [probe, unit] : {std::pair{"v(a,b)", "V^2 s"},
                                    {"i(v1)", "A^2 s"},
                                    {"i(r1)", "A^2 s"},
                                    {"i(c2)", "A^2 s"},
                                    {"i(yfmem!m1)", "A^2 s"},
                                    {"i(g1)", "A^2 s"},
                                    {"z(r1)", "V^2 s"},
                                    {"z(c2)", "V^2 s"},
                                    {"z(l1)", "Wb^2 s"},
                                    {"z(g1)", "V^2 s"},
                                    {"z(yfmem!m1)", "Wb^2"},
                                    {"q(c1)", "C^2 s"},
                                    {"q(v1)", "C^2 s"},
                                    {"q(yfmem!m1)", "C^2 s"}})
    CHECK(checked(fmt::format("[[loss]]\nkind = \"mse\"\nprobe = \"{}\"\ntarget = 0\n", probe)).at("loss_unit") == unit);
}

TEST_CASE("the exact gradient equals central differences for every kind of probe from an operating point on") {
  for (const char* const probe : {"i(v1)", "i(c2)", "z(c2)", "z(l1)", "z(yfmem!m1)", "q(c1)", "q(l1)", "q(yfmem!m1)"}) {
    auto bench = measuring(fmt::format("[[loss]]\nkind = \"mse\"\nprobe = \"{}\"\ntarget = 0\n", probe));
    bench.time += "start = \"dc\"\n";
    bench.deck.replace(bench.deck.find("V1 in 0 0"), 9, "V1 in 0 0.4");
    CAPTURE(probe);
    CHECK(distance(gradcheck(bench), "finite_difference") < 1e-6);
  }
}

TEST_CASE("the exact gradient equals central differences where probes measure sources that other elements control") {
  for (const auto& [probe, unit] : {std::pair{"i(e1)", "A^2 s"},
                                    {"q(e1)", "C^2 s"},
                                    {"i(h1)", "A^2 s"},
                                    {"i(f1)", "A^2 s"},
                                    {"z(f1)", "A^2 s"},
                                    {"z(e1)", "V^2 s"}}) {
    auto bench = measuring(fmt::format("[[loss]]\nkind = \"mse\"\nprobe = \"{}\"\ntarget = 0\n", probe));
    bench.deck =
        "controlled\nV1 in 0 0\nR1 in b 1k\nC1 b 0 100n\nE1 d 0 b 0 2\nR4 d e 1k\nC4 e 0 50n\n"
        "F1 0 f V1 0.5\nR5 f 0 1k\nH1 g 0 V1 500\nR6 g 0 1k\n.end\n";
    CAPTURE(probe);
    const auto result = gradcheck(bench);
    CHECK(distance(result, "finite_difference") < 1e-6);
    CHECK(result.at("loss_unit") == unit);
  }
}

TEST_CASE("losses of several units add up, and are told one by one") {
  const auto result = checked(
      "[[loss]]\nkind = \"mse\"\nprobe = \"i(r1)\"\ntarget = \"1 mA\"\nweight = 1e6\n"
      "[[loss]]\nkind = \"final_mse\"\nprobe = \"z(l1)\"\ntarget = \"1 uWb\"\nweight = 1e6\n"
      "[[loss]]\nkind = \"cross_entropy\"\nprobes = { low = \"q(c1)\", high = \"q(c2)\" }\ntarget = \"low\"\nscale = \"20 nC\"\n"
      "[[loss]]\nkind = \"expr\"\nprobe = \"v(d)\"\nexpr = \"y^4\"\nwindow = [\"0.5 ms\", \"1 ms\"]\n");
  CHECK(result.at("loss_unit") == "");
  const auto& terms = result.at("loss_terms");
  REQUIRE(terms.size() == 4);
  double sum = 0;
  for (const auto& term : terms) sum += term.at("value").get<double>();
  CHECK(sum == doctest::Approx(result.at("loss").get<double>()).epsilon(1e-13));
  CHECK(terms[1].at("unit") == "Wb^2");
  CHECK(terms[2].at("probes") == json{"q(c1)", "q(c2)"});
  CHECK(terms[3].at("expr") == "y^4");
  CHECK(terms[3].at("window") == "500 us to 1 ms");
}

TEST_CASE("an expression that says mse gives what mse gives") {
  const std::string rest = "probe = \"i(c1)\"\ntarget = { csv = \"y.csv\", column = \"y\", scale = 1e-3 }\n";
  const auto said = gradcheck(measuring("[[loss]]\nkind = \"mse\"\n" + rest), {});
  const auto written = gradcheck(measuring("[[loss]]\nkind = \"expr\"\nexpr = \"0.5*(y-r)^2\"\n" + rest), {});
  CHECK(written.at("loss").get<double>() == doctest::Approx(said.at("loss").get<double>()).epsilon(1e-13));
  for (std::size_t i = 0; i < said.at("parameters").size(); ++i)
    CHECK(written.at("parameters")[i].at("exact").get<double>() ==
          doctest::Approx(said.at("parameters")[i].at("exact").get<double>()).epsilon(1e-11));
}

TEST_CASE("an instrument changes nothing: the loss on a voltage is the same beside it") {
  const std::string loss = "[[loss]]\nkind = \"mse\"\nprobe = \"v(d)\"\ntarget = 0\n";
  auto watched = measuring(loss);
  watched.rest = "[report]\nwaves = [\"i(r1)\", \"z(l1)\", \"q(c2)\", \"z(yfmem!m1)\"]\n";
  const auto plain = gradcheck(measuring(loss), {}), measured = gradcheck(watched, {});
  CHECK(measured.at("loss").get<double>() == doctest::Approx(plain.at("loss").get<double>()).epsilon(1e-12));
  CHECK(measured.at("parameters").size() == plain.at("parameters").size());
}

TEST_CASE("an echo pushes currents, fluxes and charges where they are measured, on both plants") {
  for (const char* const probe : {"i(r1)", "i(v1)", "z(l1)", "q(c1)"}) {
    CAPTURE(probe);
    auto bench = measuring(fmt::format("[[loss]]\nkind = \"mse\"\nprobe = \"{}\"\ntarget = 0\n", probe));
    bench.deck = "linear\nV1 in 0 0\nR1 in a 1k\nL1 a b 20m\nC1 b 0 100n\nR2 b 0 5k\n.end\n";
    bench.rule = "[rule]\nname = \"echo\"\n";
    for (const char* const plant : {"direct", "chip"})
      CHECK(distance(gradcheck(bench, {"--plant", plant}), "estimate") < 1e-9);
  }
}

TEST_CASE("a run with losses and waves of every kind leaves a report, and its terms") {
  auto bench = measuring(
      "[[loss]]\nkind = \"cross_entropy\"\nprobes = [\"i(r1)\", \"i(r2)\"]\ntarget = 1\nscale = \"0.1 mA\"\n"
      "[[loss]]\nkind = \"expr\"\nprobe = \"q(c1)\"\nexpr = \"1e14*y^2\"\n"
      "[[held_out.loss]]\nkind = \"expr\"\nprobe = \"q(c1)\"\nexpr = \"1e14*y^2\"\n");
  bench.deck = "linear\nV1 in 0 0\nR1 in b 1k\nC1 b 0 100n\nR2 b 0 5k\n.end\n";
  bench.train = "[train]\nparameters = [\"r*.g\"]\nrate = 1e-9\nepochs = 2\n";
  bench.rule = "[rule]\nname = \"echo\"\n";
  bench.rest = "[report]\nwaves = [\"i(v1)\", \"q(c1)\", \"v(b)\"]\nchip_ratios = [1]\n";
  const Folder folder;
  bench.write(folder);
  const auto outcome = run_tellegen(folder, {"run", "b.toml", "-o", "out"});
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  const auto result = json::parse(folder.read("out/result.json"));
  CHECK(result.at("gradcheck").at("loss_terms").size() == 2);
  CHECK(result.at("training").at("held_out").at("after").at("label") == "Held-out loss");
  std::vector<std::string> panels;
  for (const auto& panel : result.at("waveforms"))
    if (panel.at("group") == "Training record") panels.push_back(panel.at("title").get<std::string>() + " " + panel.at("unit").get<std::string>());
  CHECK(panels == std::vector<std::string>{"i(v1) A", "v(b) V", "i(r1) A", "i(r2) A", "q(c1) C"});
  // The circuit of the report is the user's own.
  CHECK(result.at("circuit").at("elements").size() == 3);
  CHECK(result.at("circuit").at("nodes") == 3);
  CHECK(result.at("circuit").at("sources") == json{"v1"});
  const auto page = folder.read("out/report.html");
  CHECK(page.find("1e14*y^2") != std::string::npos);
  const auto vcd = folder.read("out/waves.vcd");
  for (const char* const name : {"i_v1", "q_c1", "v_b"}) CHECK(vcd.find(name) != std::string::npos);
}

TEST_CASE("losses and probes that do not fit the circuit are refused") {
  const auto refused = [](const std::string& loss) {
    const Folder folder;
    measuring(loss).write(folder);
    return refusal(folder, {"gradcheck", "b.toml"});
  };
  const std::string mse = "[[loss]]\nkind = \"mse\"\ntarget = 0\nprobe = ";
  CHECK(refused(mse + "\"i(r9)\"\n") == "b.toml:15: [[loss]] probe: \"i(r9)\": the deck has no element \"r9\"");
  CHECK(refused(mse + "\"z(v1)\"\n") ==
        "b.toml:15: [[loss]] probe: \"z(v1)\": v1 has no controlling variable: it follows no law f(z)");
  CHECK(refused("[[loss]]\nkind = \"mse\"\nprobe = \"i(r1)\"\ntarget = \"3 V\"\n") ==
        "b.toml:15: [[loss]] target: \"3 V\" is a voltage; a current is expected, such as \"1 uA\"");
  CHECK(refused("[[loss]]\nkind = \"cross_entropy\"\nprobes = [\"v(a)\", \"i(r1)\"]\ntarget = 0\n") ==
        "b.toml:14: [[loss]] probes: the probes have several units: v(a) is in V, i(r1) in A");
  CHECK(refused("[[loss]]\nkind = \"expr\"\nprobe = \"v(b)\"\nexpr = \"log(y)\"\n")
            .starts_with("b.toml:15: [[loss]] expr: the value of \"log(y)\" is not finite at t = "));
}
