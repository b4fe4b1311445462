// `sweep`: a bench at many settings; what it writes, what it says, and what it refuses.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <tuple>

#include "program/sweep_bench.hpp"

using namespace tellegen::tests;

namespace {

namespace fs = std::filesystem;

/// Cells of a CSV file without quotes; the header first.
std::vector<std::vector<std::string>> rows_of(const std::string& csv) {
  std::vector<std::vector<std::string>> rows;
  for (auto line : lines_of(csv)) {
    CHECK(line.ends_with('\r'));
    line.pop_back();
    auto& row = rows.emplace_back(1);
    for (const char c : line) {
      if (c == ',') row.emplace_back();
      else row.back() += c;
    }
  }
  return rows;
}

}  // namespace

TEST_CASE("a grid has a row for every combination, with what gradcheck measures there and what it costs") {
  const Folder folder;
  nonlinear_bench().write(folder);
  const auto outcome = run_tellegen(folder, sweep(grid));
  INFO(outcome.err);
  CHECK(outcome.code == 0);
  CHECK(folder.content() == std::vector<std::string>{"b.toml", "d.cir", "out", "out/points.journal", "out/report.html", "out/sweep.csv", "out/sweep.json", "x.csv", "y.csv"});
  const auto rows = rows_of(folder.read("out/sweep.csv"));
  REQUIRE(rows.size() == 16);
  CHECK(rows[0] == std::vector<std::string>{"rule.beta", "chip.clock [Hz]", "chip", "seed", "status", "loss [V^2 s]", "cosine", "relative_error", "final_loss [V^2 s]",
                                            "held_out_loss [V^2 s]", "cycles", "time [s]", "memory [bit]", "conversions", "energy [J]", "message"});
  CHECK(rows[1][0] == "0.001");
  CHECK(rows[1][1] == "100000");
  CHECK(rows[15][1] == "20000");
  const auto json = nlohmann::json::parse(folder.read("out/sweep.json"));
  CHECK(json["points"].size() == 15);
  CHECK(json["settings"].size() == 15);
  CHECK(json["keys"][1]["unit"] == "Hz");
  CHECK(json["keys"][0]["spacing"] == "log");
  // A setting is the bench with these values in it, no more and no less.
  const auto checked = json_of(run_tellegen(folder, {"gradcheck", "b.toml", "--plant", "chip", "--set", "rule.beta=1", "--set", "chip.clock=50 kHz", "--json", "-"}));
  const auto& point = json["points"][3 * 3 + 1];
  CHECK(json["settings"][3 * 3 + 1]["values"]["rule.beta"] == 1.0);
  CHECK(point["cosine"] == checked["cosine"]);
  CHECK(point["relative_error"] == checked["relative_error"]);
  CHECK(point["loss"] == checked["loss"]);
  CHECK(point["cosine"] < 1);
  // Half the clock halves the traces and the phases.
  const auto& fast = json["points"][0]["cost"];
  const auto& slow = json["points"][1]["cost"];
  CHECK(fast["cycles"].get<double>() / slow["cycles"].get<double>() == doctest::Approx(2).epsilon(0.05));
  CHECK(fast["memory_bits"] > slow["memory_bits"]);
  CHECK(fast["conversions"] > slow["conversions"]);
  CHECK(fast["time"].get<double>() == doctest::Approx(fast["cycles"].get<double>() / 100e3));
}

TEST_CASE("it ends with the cheapest setting that holds the limit") {
  const Folder folder;
  nonlinear_bench().write(folder);
  const auto outcome = run_tellegen(folder, sweep(with(grid, {"--cosine", "0.9999"})));
  CHECK(outcome.code == 0);
  const auto json = nlohmann::json::parse(folder.read("out/sweep.json"));
  // The same by hand: least memory, then least time, then the best cosine, among those that hold.
  const nlohmann::json* best = nullptr;
  for (const auto& point : json["points"]) {
    if (point["cosine"] < 0.9999) continue;
    const auto order = [](const nlohmann::json& one) {
      return std::tuple(one["cost"]["memory_bits"].get<double>(), one["cost"]["time"].get<double>(), -one["cosine"].get<double>());
    };
    if (best == nullptr || order(point) < order(*best)) best = &point;
  }
  REQUIRE(best != nullptr);
  CHECK(json["chosen"] == (*best)["setting"]);
  const auto sentence = json["sentence"].get<std::string>();
  CHECK(sentence.starts_with("cheapest setting with cosine >= 0.9999: rule.beta = "));
  CHECK(outcome.out.find(sentence) != std::string::npos);
  CHECK(folder.read("out/report.html").find("heapest setting with cosine \u2265 0.9999") != std::string::npos);
  CHECK(outcome.out.find("report: out/report.html\n") != std::string::npos);
}

TEST_CASE("a limit that is stated and that no setting holds ends with code 1, one that is not stated with 0") {
  const Folder folder;
  auto bench = nonlinear_bench();
  bench.write(folder);
  const Arguments poor{"--vary", "chip.clock=10 kHz,5 kHz"};
  const auto stated = run_tellegen(folder, sweep(with(poor, {"--cosine", "1"})));
  CHECK(stated.code == 1);
  CHECK(stated.out.find("no setting holds cosine >= 1; nearest: chip.clock = ") != std::string::npos);
  CHECK(stated.err.find("limit gradient_cosine") != std::string::npos);
  CHECK(fs::exists(folder.path() / "out/report.html"));
  bench.rest = "[limits]\ngradient_cosine = 1\n";
  bench.write(folder);
  CHECK(run_tellegen(folder, sweep(poor)).code == 1);
  bench.rest = "";
  bench.write(folder);
  CHECK(run_tellegen(folder, sweep(poor)).code == 0);
}

TEST_CASE("the same bits come out whatever the number of jobs") {
  const Folder one, three;
  nonlinear_bench().write(one);
  nonlinear_bench().write(three);
  for (const auto& arguments : {grid, chips}) {
    CHECK(run_tellegen(one, sweep(with(arguments, {"--jobs", "1"}))).code == 0);
    CHECK(run_tellegen(three, sweep(with(arguments, {"--jobs", "3"}))).code == 0);
    check_same_results(one, three);
  }
}

TEST_CASE("a Monte Carlo runs the same chips at every setting, and tells median, quantile and worst") {
  const Folder folder;
  nonlinear_bench().write(folder);
  const auto outcome = run_tellegen(folder, sweep(chips));
  INFO(outcome.err);
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find("25 % worst") != std::string::npos);
  const auto json = nlohmann::json::parse(folder.read("out/sweep.json"));
  REQUIRE(json["points"].size() == 16);
  REQUIRE(json["settings"].size() == 2);
  std::set<std::uint64_t> seeds;
  std::vector<double> cosines;
  for (std::size_t k = 0; k < 8; ++k) {
    const auto &here = json["points"][k], &there = json["points"][8 + k];
    CHECK(here["seed"] == there["seed"]);
    CHECK(here["drawn"] == there["drawn"]);
    seeds.insert(here["seed"].get<std::uint64_t>());
    cosines.push_back(here["cosine"]);
    CHECK(here["drawn"]["rule.beta"] >= 1e-3);
    CHECK(here["drawn"]["rule.beta"] <= 1e-1);
  }
  CHECK(seeds.size() == 8);
  std::ranges::sort(cosines);
  const auto& spread = json["settings"][0]["cosine"];
  CHECK(spread["worst"] == cosines[0]);
  CHECK(spread["quantile"] == cosines[2]);  // two of eight may be worse
  CHECK(spread["median"] == cosines[3]);
  CHECK(spread["best"] == cosines[7]);
  CHECK(json["sentence"].get<std::string>().find("on 75 % of 8 chips") != std::string::npos);
  CHECK(rows_of(folder.read("out/sweep.csv"))[0][1] == "rule.beta");
}

TEST_CASE("a point that does not converge is a row that says so, and the exit code is 3") {
  auto bench = nonlinear_bench();
  bench.deck = "t\nI1 0 a 0\nR1 a 0 sat\n.model sat R (law=tanh k0=0 k1=1m z0=0.5)\nC1 a b 1n\nR2 b 0 1k\n.end\n";
  bench.train = "[train]\nparameters = [\"r1.k1\"]\nrate = 1e-9\n";
  const Folder folder;
  bench.write(folder);
  const auto outcome = run_tellegen(folder, sweep({"--vary", "input.0.scale=0.1,5"}));
  CHECK(outcome.code == 3);
  CHECK(outcome.err.find("1 of 2 points did not converge; the first, input.0.scale = 5: no convergence at t = ") != std::string::npos);
  const auto rows = rows_of(folder.read("out/sweep.csv"));
  CHECK(rows[1][3] == "done");
  CHECK(rows[2][3] == "no convergence");
  CHECK(rows[2][5] == "");
  const auto json = nlohmann::json::parse(folder.read("out/sweep.json"));
  CHECK(json["points"][1]["message"].get<std::string>().find("node a") != std::string::npos);
  CHECK(json["settings"][1]["cosine"]["median"] == nullptr);
  CHECK(json["chosen"] == 0);
}

TEST_CASE("a learning that does not converge takes a point's result, and leaves its gradient in the files") {
  auto bench = nonlinear_bench();
  bench.deck = "t\nI1 0 a 0\nR1 a 0 sat\n.model sat R (law=tanh k0=0 k1=1m z0=0.5)\n.end\n";
  bench.loss = "[[loss]]\nkind = \"mse\"\nprobe = \"v(a)\"\ntarget = { csv = \"y.csv\", column = \"y\" }\n";
  bench.train = "[train]\nparameters = [\"r1.k1\"]\nrate = 1e-9\nepochs = 3\nbounds = { \"r1.k1\" = [1e-6, 1] }\n";
  const Folder folder;
  bench.write(folder);
  folder.write("x.csv", sine_csv("x", 5e-4));
  folder.write("y.csv", sine_csv("y", 30));  // asks for a voltage that only a weaker resistor gives
  const auto outcome = run_tellegen(folder, sweep({"--vary", "train.rate=1e-12,1e9", "--train"}));
  CHECK(outcome.code == 3);
  const auto json = nlohmann::json::parse(folder.read("out/sweep.json"));
  CHECK(json["points"][0]["status"] == "done");
  CHECK(json["points"][1]["status"] == "no convergence");
  CHECK(json["points"][1]["message"].get<std::string>().starts_with("while learning: no "));
  CHECK(json["points"][1]["cosine"] == json["points"][0]["cosine"]);
  CHECK_FALSE(json["points"][1].contains("final_loss"));
  CHECK(json["settings"][1]["cosine"]["median"] == nullptr);
  CHECK(json["settings"][1]["without_result"] == 1);
}

TEST_CASE("non-idealities of the chip are keys like any other, and each chip of a Monte Carlo draws its own") {
  const Folder folder;
  nonlinear_bench().write(folder);
  CHECK(run_tellegen(folder, sweep({"--vary", "chip.trace.bits=4,8,16", "--set", "chip.drive.bits=16"})).code == 0);
  const auto bits = nlohmann::json::parse(folder.read("out/sweep.json"))["points"];
  CHECK(bits[0]["relative_error"] > bits[1]["relative_error"]);
  CHECK(bits[1]["relative_error"] > bits[2]["relative_error"]);
  CHECK(bits[0]["cost"]["memory_bits"] < bits[1]["cost"]["memory_bits"]);
  const auto checked = json_of(run_tellegen(folder, {"gradcheck", "b.toml", "--plant", "chip", "--set", "chip.trace.bits=8", "--set", "chip.drive.bits=16", "--json", "-"}));
  CHECK(bits[1]["cosine"] == checked["cosine"]);

  CHECK(run_tellegen(folder, sweep({"--vary", "chip.mismatch.elements=0.01,0.1", "--monte-carlo", "6", "--set", "chip.correlator.gain_mismatch=0.05"}, "chips")).code == 0);
  const auto drawn = nlohmann::json::parse(folder.read("chips/sweep.json"))["points"];
  std::set<double> losses;
  for (std::size_t k = 0; k < 6; ++k) losses.insert(drawn[k]["loss"].get<double>());
  CHECK(losses.size() == 6);
  // The chip of that seed, alone; its exact gradient is that of its own circuit.
  const auto alone = json_of(run_tellegen(folder, {"gradcheck", "b.toml", "--plant", "chip", "--json", "-", "--set", "chip.mismatch.elements=0.1", "--set",
                                                   "chip.correlator.gain_mismatch=0.05", "--set", "bench.seed=" + drawn[8]["seed"].dump()}));
  CHECK(alone["cosine"] == drawn[8]["cosine"]);
  CHECK(alone["relative_error"] == drawn[8]["relative_error"]);
}

TEST_CASE("cheap may mean energy where the bench states energies, and conversions everywhere") {
  const Folder folder;
  nonlinear_bench().write(folder);
  const Arguments clocks{"--vary", "chip.clock=100 kHz,50 kHz"};
  CHECK(run_tellegen(folder, sweep(with(clocks, {"--cost", "conversions"}))).out.find(" conversions") != std::string::npos);
  CHECK(refusal(folder, sweep(with(clocks, {"--cost", "energy"}))) == "b.toml: --cost: the bench states no [chip.energy]");
  CHECK(run_tellegen(folder, sweep(with(clocks, {"--cost", "energy", "--set", "chip.energy.product=1 pJ"}))).code == 0);
  const auto json = nlohmann::json::parse(folder.read("out/sweep.json"));
  CHECK(json["points"][0]["cost"]["energy"] > json["points"][1]["cost"]["energy"]);
  CHECK(json["chosen"] == 1);
}

TEST_CASE("only what is new is run: more values, the same values, and a changed file") {
  const Folder folder;
  nonlinear_bench().write(folder);
  CHECK(run_tellegen(folder, sweep({"--vary", "rule.beta=1e-3,1e-2"})).code == 0);
  const auto first = folder.read("out/sweep.csv");
  const auto more = run_tellegen(folder, sweep({"--vary", "rule.beta=1e-3,1e-2,1e-1"}));
  CHECK(more.err == "2 of 3 points are taken from out/points.journal\n");
  const auto same = run_tellegen(folder, sweep({"--vary", "rule.beta=1e-3,1e-2"}));
  CHECK(same.err == "2 of 2 points are taken from out/points.journal\n");
  CHECK(folder.read("out/sweep.csv") == first);
  auto bench = nonlinear_bench();
  bench.deck.replace(bench.deck.find("100n"), 4, "200n");
  bench.write(folder);
  const auto changed = run_tellegen(folder, sweep({"--vary", "rule.beta=1e-3,1e-2"}));
  CHECK(changed.err == "");
  CHECK(folder.read("out/sweep.csv") != first);
}

TEST_CASE("training adds the final loss, which run reports too") {
  const Folder folder;
  auto bench = nonlinear_bench();
  bench.train = "[train]\nparameters = [\"r*.g\"]\noptimizer = \"sgd\"\nscaling = \"value\"\nrate = 1e4\nepochs = 7\n";
  bench.rest = "[limits]\nfinal_loss = 1\n";
  bench.write(folder);
  CHECK(run_tellegen(folder, sweep({"--vary", "chip.clock=100 kHz,50 kHz", "--train"})).code == 0);
  const auto json = nlohmann::json::parse(folder.read("out/sweep.json"));
  CHECK(run_tellegen(folder, {"run", "b.toml", "-o", "run", "--set", "chip.clock=50 kHz"}).code == 0);
  const auto result = nlohmann::json::parse(folder.read("run/result.json"));
  CHECK(json["points"][1]["final_loss"] == result["limits"][0]["measured"]);
  CHECK(json["points"][1]["final_loss"] < json["points"][1]["loss"]);
}

TEST_CASE("words, modules or a tile, and the direct plant can be swept too") {
  const Folder folder;
  nonlinear_bench().write(folder);
  CHECK(run_tellegen(folder, sweep({"--vary", "rule.name=echo,biased_echo", "--vary", "chip.cells=tile,modules"})).code == 0);
  const auto json = nlohmann::json::parse(folder.read("out/sweep.json"));
  CHECK(json["settings"][0]["values"]["rule.name"] == "echo");
  CHECK(json["points"][2]["cosine"] == json["points"][3]["cosine"]);
  CHECK(json["points"][0]["cosine"] < json["points"][2]["cosine"]);
  CHECK(run_tellegen(folder, sweep({"--vary", "rule.name=adjoint,biased_echo", "--plant", "direct"}, "direct")).code == 0);
  const auto direct = nlohmann::json::parse(folder.read("direct/sweep.json"));
  CHECK_FALSE(direct["points"][0].contains("cost"));
  CHECK(direct["points"][0]["cosine"] == doctest::Approx(1));
}

TEST_CASE("a value that the bench cannot have is refused before anything runs, with the option as its place") {
  const Folder folder;
  nonlinear_bench().write(folder);
  const auto refused = [&](const Arguments& arguments) { return refusal(folder, sweep(arguments)); };
  CHECK(refused({"--vary", "rule.beta=1e-3,-1"}) == "--vary rule.beta=-1: [rule] beta: a positive number is expected, got -1");
  CHECK(refused({"--vary", "chip.clock=100 kHz,30 kHz"}).starts_with("--vary chip.clock=30 kHz: [chip] clock: the period of 30 kHz"));
  CHECK(refused({"--vary", "chip.clock=1 V,2 V"}).starts_with("--vary chip.clock=1 V: [chip] clock: \"1 V\" is a voltage"));
  CHECK(refused({"--vary", "rule.name=echo,backprop"}).starts_with("--vary rule.name=backprop: [rule] name: \"backprop\" is unknown"));
  CHECK(refused({"--vary", "rule.bta=1,2"}) == "--vary rule.bta=1: [rule] bta: unknown key, did you mean \"beta\"?");
  CHECK(refused({"--vary", "chp.clock=1,2"}) == "--vary chp.clock=1: chp: unknown table, did you mean \"chip\"?");
  CHECK(refused({"--vary", "loss.3.weight=1,2"}) == "--vary loss.3.weight=1: loss.3.weight: loss has 1 value, counted from 0");
  CHECK(refused({"--vary", "rule.beta.x=1,2"}) == "--vary rule.beta.x=1: rule.beta.x: rule.beta is the number 0.001, no table");
  CHECK(refused({"--vary", "train.epochs=1.5,2"}).starts_with("--vary train.epochs=1.5: [train] epochs: a whole number is expected"));
  CHECK(refused({"--vary", "rule.beta=1,2", "--set", "time.step=5 kg"}).starts_with("--set time.step=5 kg: [time] step: \"5 kg\" is a mass"));
  CHECK(refused({"--vary", "rule.name=biased_echo,adjoint"}).starts_with("--vary rule.name=adjoint: [rule] name: the adjoint cannot run on a chip"));
  CHECK(refused({"--vary", "chip.passes=sequential,lockstep", "--set", "rule.sides=one"}).find("[chip] passes: ") != std::string::npos);
  CHECK(refused({"--vary", "chip.adc.bits=4,6"}).starts_with("--vary chip.adc.bits=4: [chip] adc: unknown key"));
  CHECK(refused({"--vary", "chip.probe.bits=4,0"}).starts_with("--vary chip.probe.bits=0: [chip.probe] bits: a whole number from 1 to 24 is expected"));
  CHECK(refused({"--vary", "rule.beta=1,2", "--train"}).find("[train] epochs is 0") != std::string::npos);
  CHECK(refusal(folder, {"gradcheck", "b.toml", "--set", "rule.beta=0"}) == "--set rule.beta=0: [rule] beta: a positive number is expected, got 0");
}

TEST_CASE("options of a sweep that make no sense are refused") {
  const Folder folder;
  nonlinear_bench().write(folder);
  folder.write("plain", "a file, no folder");
  const auto refused = [&](const Arguments& arguments) { return refusal(folder, sweep(arguments)); };
  CHECK(refused({}) == "tellegen sweep: nothing varies; --vary KEY=a:b:n or --vary KEY=v1,v2,.. is expected once at least");
  CHECK(refused({"--vary", "rule.beta=1,2", "--vary", "rule.beta=3"}) == "--vary: rule.beta is given twice");
  CHECK(refused({"--vary", "rule.beta=1e-3:1e-1:0"}).find("is no number of values") != std::string::npos);
  CHECK(refused({"--vary", "rule.beta=1e-3:1e-1"}).find("--monte-carlo N") != std::string::npos);
  CHECK(refused({"--vary", "rule.beta=1,2", "--cosine", "1.5"}) == "--cosine: a cosine lies in -1 to 1, got 1.5");
  CHECK(refused({"--vary", "rule.beta=1,2", "--monte-carlo", "3", "--quantile", "1"}).starts_with("--quantile: a share of the chips"));
  CHECK(refused({"--vary", "rule.beta=1,2", "--quantile", "0.1"}) == "--quantile: it is of the chips of --monte-carlo N, which is missing");
  CHECK(refused({"--vary", "rule.beta=1,2", "--plant", "direct", "--cost", "time"}) == "--cost: the direct plant has none; expected --plant chip with it");
  CHECK(refused({"--vary", "rule.beta=1,2", "--cost", "beauty"}).starts_with("tellegen sweep: --cost: "));
  CHECK(refused({"--vary", "rule.beta=1,2", "--jobs", "0"}).starts_with("tellegen sweep: --jobs: "));
  CHECK(refused({"--vary", "rule.beta=1,2", "--monte-carlo", "0"}).starts_with("tellegen sweep: --monte-carlo: "));
  CHECK(refusal(folder, sweep({"--vary", "rule.beta=1,2"}, "plain")).find("plain: -o: cannot be written") == 0);
  CHECK(refusal(folder, {"sweep", "none.toml", "--vary", "rule.beta=1,2"}) == "none.toml: cannot be read: No such file or directory");
}

TEST_CASE("a Monte Carlo of drawn values alone is one setting") {
  const Folder folder;
  nonlinear_bench().write(folder);
  const auto outcome = run_tellegen(folder, sweep({"--vary", "rule.beta=1e-3:1e-1", "--monte-carlo", "4"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find("cheapest setting with cosine >= 0.99 on 95 % of 4 chips: the bench as it is (") != std::string::npos);
}

TEST_CASE("JSON of a sweep on standard output stands alone") {
  const Folder folder;
  nonlinear_bench().write(folder);
  const auto outcome = run_tellegen(folder, sweep({"--vary", "rule.beta=1e-3,1e-2", "--json", "-"}));
  CHECK(outcome.err == "");
  CHECK(outcome.out == folder.read("out/sweep.json"));
  CHECK(nlohmann::json::accept(outcome.out));
}
