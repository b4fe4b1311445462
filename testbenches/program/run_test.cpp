// `run`: a whole bench on the emulated chip, and the four files that it leaves.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <set>
#include <sstream>

#include "program/program_run.hpp"

using namespace tellegen::tests;

namespace {

constexpr int steps = 100;

/// Nonlinear capacitors, fractional memristors and an inductor, 20 epochs of learning.
std::string bench_text(const std::string& rest) {
  return R"toml([bench]
name = "small network"
deck = "network.cir"
seed = 7
[time]
step = "10 ns"
stop = "1 us"
[[loss]]
kind = "mse"
probe = "v(3)"
target = { expr = "0.1*sin(2*pi*2e6*t)" }
[train]
parameters = ["*"]
optimizer = "sgd"
scaling = "value"
rate = 2e6
epochs = 20
[rule]
name = "biased_echo"
beta = 1e-3
[chip]
clock = "100 MHz"
[report]
title = "A small network learns <a sine> & stays well-formed"
waves = ["v(1)", "v(1,3)"]
chip_ratios = [1, 4]
)toml" + rest;
}

constexpr const char* network = R"(network of skew 0
I1 0 1 SIN(0 1m 2meg)
C1 1 0 sat
C2 2 0 sat
C3 3 0 sat
YFMEM f1 1 2 half
YFMEM f2 2 0 half
L1 2 3 30u
R1 3 0 1.2k
R2 1 3 2k
.model sat C (law=tanh k0=40p k1=50p z0=0.8)
.model half FMEM (law=sinh k0=0.2m k1=0.1u z0=0.15m)
.end
)";

struct Run {
  Folder folder;
  Outcome outcome;

  explicit Run(const std::string& limits = "") {
    folder.write("bench.toml", bench_text(limits));
    folder.write("network.cir", network);
    outcome = run_tellegen(folder, {"run", "bench.toml", "-o", "results"});
  }
  [[nodiscard]] nlohmann::json result() const { return nlohmann::json::parse(folder.read("results/result.json")); }
};

const Run& run_once() {
  static const Run run("[limits]\ngradient_cosine = 0.99\nrelative_error = 1e-3\nfinal_loss = 1\n");
  return run;
}

/// Value change dump: changes of every variable, in order.
struct ValueChanges {
  std::map<std::string, std::string> kinds;                                           // "wire" or "real" by name
  std::map<std::string, std::vector<std::pair<std::uint64_t, std::string>>> changes;  // time and value by name
};

ValueChanges parse_vcd(const std::string& text) {
  ValueChanges dump;
  std::map<std::string, std::string> names;  // by code
  std::istringstream words(text);
  std::string word;
  const auto skip_to_end = [&] {
    while (words >> word && word != "$end") {
    }
  };
  bool has_timescale = false, in_header = true;
  while (in_header && words >> word) {
    if (word == "$var") {
      std::string kind, width, code, name;
      words >> kind >> width >> code >> name;
      CHECK(names.emplace(code, name).second);
      CHECK(dump.kinds.emplace(name, kind).second);
    }
    has_timescale = has_timescale || word == "$timescale";
    in_header = word != "$enddefinitions";
    skip_to_end();
  }
  CHECK(has_timescale);
  REQUIRE_FALSE(in_header);
  std::uint64_t time = 0;
  while (words >> word) {
    if (word == "$comment") {
      skip_to_end();
    } else if (word[0] == '#') {
      const auto next = std::stoull(word.substr(1));
      CHECK(next >= time);
      time = next;
    } else if (word[0] == 'b' || word[0] == 'r') {
      std::string code;
      words >> code;
      REQUIRE(names.contains(code));
      dump.changes[names.at(code)].emplace_back(time, word.substr(1));
    } else if (word[0] != '$') {
      REQUIRE(names.contains(word.substr(1)));
      dump.changes[names.at(word.substr(1))].emplace_back(time, word.substr(0, 1));
    }
  }
  return dump;
}

int rises(const ValueChanges& dump, const std::string& name) {
  int count = 0;
  for (const auto& [time, value] : dump.changes.at(name)) count += value == "1";
  return count;
}

}  // namespace

TEST_CASE("a run leaves its four files and nothing else, and says where its report is") {
  const auto& run = run_once();
  INFO(run.outcome.err);
  CHECK(run.outcome.code == 0);
  CHECK(run.outcome.err == "");
  CHECK(run.folder.content() == std::vector<std::string>{"bench.toml", "network.cir", "results", "results/junit.xml",
                                                         "results/report.html", "results/result.json",
                                                         "results/waves.vcd"});
  CHECK(run.outcome.out.find("report: results/report.html\n") != std::string::npos);
  CHECK(run.outcome.out.find("Info:") == std::string::npos);
  const auto page = run.folder.read("results/report.html");
  CHECK(page.find("A small network learns &lt;a sine&gt; &amp; stays well-formed") != std::string::npos);
  CHECK(page.find("http://") == page.find("http://www.w3.org"));
}

TEST_CASE("result.json has what programs look for, and learning lowered the loss") {
  const auto result = run_once().result();
  for (const auto* key : {"bench", "bench_file", "deck_file", "title", "tool_version", "date", "seed", "grid",
                          "classification", "gradcheck", "timing_study", "chip_against_direct", "training",
                          "phase_timeline", "circuit", "waveforms", "limits", "cost"})
    CHECK_MESSAGE(result.contains(key), key);
  CHECK(result.at("bench") == "small network");
  CHECK(result.at("seed") == 7);
  CHECK(result.at("grid").at("steps") == steps);

  const auto& gradcheck = result.at("gradcheck");
  CHECK(gradcheck.at("rule") == "biased_echo");
  CHECK(gradcheck.at("classification").at("verdict") == "exact as beta -> 0");
  CHECK(gradcheck.at("cosine").get<double>() > 0.999999);
  CHECK(gradcheck.at("relative_error").get<double>() < 1e-4);
  for (const auto* key : {"name", "unit", "value", "exact", "estimate"})
    CHECK_MESSAGE(gradcheck.at("parameters")[0].contains(key), key);

  CHECK(result.at("chip_against_direct").at("agrees") == true);
  REQUIRE(result.at("timing_study").size() == 2);
  CHECK(result.at("timing_study")[1].at("analog_steps_per_clock") == 4);

  const auto& losses = result.at("training").at("train_loss");
  REQUIRE(losses.size() == 20);
  CHECK(losses.front().get<double>() == doctest::Approx(gradcheck.at("loss").get<double>()).epsilon(1e-9));
  for (std::size_t epoch = 1; epoch < losses.size(); ++epoch)
    CHECK(losses[epoch].get<double>() < losses[epoch - 1].get<double>());
  CHECK(losses.back().get<double>() < 0.7 * losses.front().get<double>());
}

TEST_CASE("the chip's loss in result.json is that of gradcheck on either plant") {
  const auto& run = run_once();
  for (const std::string plant : {"direct", "chip"}) {
    const auto check = json_of(run_tellegen(run.folder, {"gradcheck", "bench.toml", "--plant", plant, "--json", "-"}));
    CHECK(check.at("loss").get<double>() ==
          doctest::Approx(run.result().at("gradcheck").at("loss").get<double>()).epsilon(1e-12));
    CHECK(check.at("relative_error").get<double>() ==
          doctest::Approx(run.result().at("gradcheck").at("relative_error").get<double>()).epsilon(1e-3));
  }
}

TEST_CASE("junit.xml is well-formed and has a test case for every limit") {
  const auto& run = run_once();
  const auto text = run.folder.read("results/junit.xml");
  CHECK(text.starts_with("<?xml"));
  for (const std::string limit : {"gradient_cosine", "relative_error", "final_loss"})
    CHECK(text.find(limit) != std::string::npos);
  CHECK(text.find("failures=\"0\"") != std::string::npos);
  std::vector<std::string> open;
  for (auto at = text.find('<', 1); at != std::string::npos; at = text.find('<', at + 1)) {
    const auto end = text.find('>', at);
    REQUIRE(end != std::string::npos);
    const auto tag = text.substr(at + 1, end - at - 1);
    if (tag.starts_with('?')) continue;
    if (tag.starts_with('/')) {
      REQUIRE_FALSE(open.empty());
      CHECK(open.back() == tag.substr(1));
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(tag.substr(0, tag.find(' ')));
    }
  }
  CHECK(open.empty());
  if (const auto xmllint = installed("xmllint"))
    CHECK(run_program(run.folder, {*xmllint, "--noout", "results/junit.xml"}).code == 0);
}

TEST_CASE("waves.vcd shows every phase in order, one update strobe, and voltages as real numbers") {
  const auto& run = run_once();
  const auto dump = parse_vcd(run.folder.read("results/waves.vcd"));
  for (const auto* name : {"clock", "phase", "strobe_sample", "strobe_update", "irq", "fault"})
    CHECK_MESSAGE(dump.kinds.at(name) == "wire", name);
  CHECK(dump.kinds.at("v_1") == "real");
  CHECK(dump.kinds.at("v_3") == "real");

  std::vector<unsigned long> phases;
  for (const auto& [time, bits] : dump.changes.at("phase")) phases.push_back(std::stoul(bits, nullptr, 2));
  // idle, load, clamped, turn, nudged +, nudged -, accumulate, update, done
  const std::vector<unsigned long> expected{0, 1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<unsigned long> first_seen;
  for (const auto phase : phases)
    if (std::ranges::find(first_seen, phase) == first_seen.end()) first_seen.push_back(phase);
  CHECK(first_seen == expected);

  CHECK(rises(dump, "strobe_update") == 1);
  CHECK(rises(dump, "strobe_sample") == steps);
  CHECK(rises(dump, "irq") >= 1);
  CHECK(rises(dump, "fault") == 0);
  double highest = 0;
  for (const auto& [time, value] : dump.changes.at("v_3")) {
    REQUIRE(std::isfinite(std::stod(value)));
    highest = std::max(highest, std::abs(std::stod(value)));
  }
  CHECK(highest > 0.01);
  CHECK(highest < 10);
}

TEST_CASE("a waveform viewer reads waves.vcd") {
  const auto& run = run_once();
  const auto converter = installed("vcd2fst");
  if (!converter) {
    MESSAGE("vcd2fst is not installed: the VCD was parsed here only");
    return;
  }
  const Folder elsewhere;
  const auto outcome =
      run_program(elsewhere, {*converter, (run.folder.path() / "results/waves.vcd").string(), "waves.fst"});
  INFO(outcome.out << outcome.err);
  CHECK(outcome.code == 0);
  CHECK(std::filesystem::file_size(elsewhere.path() / "waves.fst") > 0);
}

TEST_CASE("two runs of a bench give the same result, bit by bit") {
  const auto without_cost = [](nlohmann::json result) {
    result.erase("date");
    result.erase("cost");
    return result.dump();
  };
  const Run again("[limits]\ngradient_cosine = 0.99\nrelative_error = 1e-3\nfinal_loss = 1\n");
  CHECK(without_cost(again.result()) == without_cost(run_once().result()));
}

TEST_CASE("a run into a folder that exists replaces its own files and touches no other") {
  Run run;
  const auto before = run.folder.read("results/result.json");
  run.folder.write("results/notes.txt", "mine");
  run.folder.write("results/junit.xml", "old");
  CHECK(run_tellegen(run.folder, {"run", "bench.toml", "-o", "results"}).code == 0);
  CHECK(run.folder.read("results/notes.txt") == "mine");
  CHECK(run.folder.read("results/junit.xml") != "old");
  CHECK(run.folder.content().size() == 8);
}

TEST_CASE("without -o the results lie in out/, under the name of the bench's folder") {
  const Folder folder;
  folder.write("lowpass/bench.toml", bench_text(""));
  folder.write("lowpass/network.cir", network);
  CHECK(run_tellegen(folder, {"run", "lowpass/bench.toml"}).code == 0);
  CHECK(std::filesystem::exists(folder.path() / "out/lowpass/report.html"));
  const Folder own;
  own.write("bench.toml", bench_text(""));
  own.write("network.cir", network);
  CHECK(run_tellegen(own, {"run", "bench.toml"}).code == 0);
  CHECK(std::filesystem::exists(own.path() / "out" / own.path().filename() / "report.html"));
}

TEST_CASE("a missed limit is exit code 1, said on standard error, with the whole report written") {
  const Run run("[limits]\ngradient_cosine = 0.99\nfinal_loss = 1e-30\n");
  CHECK(run.outcome.code == 1);
  CHECK(lines_of(run.outcome.err).size() == 1);
  CHECK(run.outcome.err.starts_with("limit final_loss: "));
  CHECK(run.folder.content().size() == 7);
  CHECK(run.folder.read("results/junit.xml").find("failures=\"1\"") != std::string::npos);
  const auto result = run.result();
  int missed = 0;
  for (const auto& limit : result.at("limits")) missed += limit.at("met") == false;
  CHECK(missed == 1);
}

TEST_CASE("gradcheck exits with 1 where a limit on the gradient is missed, with its JSON written") {
  const Folder folder;
  folder.write("network.cir", network);
  folder.write("bench.toml", bench_text("[limits]\nrelative_error = 1e-12\n"));
  const auto to_file = run_tellegen(folder, {"gradcheck", "bench.toml", "--json", "check.json"});
  CHECK(to_file.code == 1);
  CHECK(to_file.err.starts_with("limit relative_error: "));
  CHECK(nlohmann::json::accept(folder.read("check.json")));
  CHECK(
      json_of(run_tellegen(folder, {"gradcheck", "bench.toml", "--json", "-"}), 1).at("relative_error").get<double>() >
      1e-12);
  folder.write("bench.toml", bench_text("[limits]\nrelative_error = 1e-3\n"));
  CHECK(run_tellegen(folder, {"gradcheck", "bench.toml"}).code == 0);
}
