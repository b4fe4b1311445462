// `[chip]` through the command line: what is refused, what the options print, and what they change.

#include <doctest/doctest.h>

#include <fmt/format.h>
#include <cmath>
#include <sstream>

#include "program/small_bench.hpp"

using namespace tellegen::tests;

namespace {

SmallBench biased(const std::string& chip) {
  SmallBench bench;
  bench.rule = "[rule]\nname = \"biased_echo\"\nbeta = 1e-3\n";
  bench.rest = chip;
  return bench;
}

std::string refused(const SmallBench& bench) {
  const Folder folder;
  bench.write(folder);
  return refusal(folder, {"gradcheck", "b.toml", "--plant", "chip"});
}

nlohmann::json gradcheck(const SmallBench& bench, const std::string& plant = "chip") {
  const Folder folder;
  bench.write(folder);
  return json_of(run_tellegen(folder, {"gradcheck", "b.toml", "--plant", plant, "--json", "-"}));
}

struct PrintedOption {
  std::string table, key, unit, range;
};

/// Rows of `tellegen options` that are numbers.
std::vector<PrintedOption> printed_options() {
  const Folder folder;
  const auto outcome = run_tellegen(folder, {"options"});
  REQUIRE(outcome.code == 0);
  std::vector<PrintedOption> options;
  std::string table;
  for (const auto& line : lines_of(outcome.out)) {
    if (line.starts_with("## [")) table = line.substr(4, line.size() - 5);
    if (table.empty() || !line.starts_with("| `")) continue;
    std::stringstream cells(line);
    std::vector<std::string> row;
    for (std::string cell; std::getline(cells, cell, '|');) row.push_back(cell.size() > 2 ? cell.substr(1, cell.size() - 2) : "");
    options.push_back({table, row.at(1).substr(1, row.at(1).size() - 2), row.at(2), row.at(3)});
  }
  return options;
}

}  // namespace

TEST_CASE("options prints every option with its unit and range, and each is refused beyond both ends in one line that says them") {
  const auto options = printed_options();
  CHECK(options.size() > 50);
  for (const auto& option : options) {
    CAPTURE(option.table + "." + option.key);
    for (const std::string value : {"-1e30", "1e30"}) {
      const auto line = refused(biased(fmt::format("[{}]\n{} = {}\n", option.table, option.key, value)));
      CHECK(line.find(fmt::format("b.toml:23: [{}] {}: ", option.table, option.key)) == 0);
      CHECK(line.find(" is expected, got ") != std::string::npos);
    }
  }
}

TEST_CASE("no bits, half a bit and a quantity of another kind are refused") {
  CHECK(refused(biased("[chip.probe]\nbits = 0\n")) == "b.toml:23: [chip.probe] bits: a whole number from 1 to 24 is expected, got 0");
  CHECK(refused(biased("[chip.trace]\nbits = 7.5\n")) == "b.toml:23: [chip.trace] bits: a whole number from 1 to 24 is expected, got 7.5");
  CHECK(refused(biased("[chip.probe]\njitter = \"3 V\"\n")).find("a time is expected") != std::string::npos);
}

TEST_CASE("unknown tables and keys are refused with the nearest known one") {
  CHECK(refused(biased("[chip.probes]\nbits = 8\n")) == "b.toml:22: [chip] probes: unknown key, did you mean \"probe\"?");
  CHECK(refused(biased("[chip.probe]\nbit = 8\n")) == "b.toml:23: [chip.probe] bit: unknown key, did you mean \"bits\"?");
  CHECK(refused(biased("[chip]\nprobe = 3\n")).find("[chip] probe: a table is expected, under a line [chip.probe]") != std::string::npos);
}

TEST_CASE("an option that could change nothing is refused, with what it lacks") {
  const auto line_of = [](const std::string& chip) { return refused(biased(chip)); };
  CHECK(line_of("[chip.probe]\ninl = 1\n").find("expected bits beside it") != std::string::npos);
  CHECK(line_of("[chip.probe]\nbits = 20\ndnl = 0.1\n").find("at most 16 bits are drawn") != std::string::npos);
  CHECK(line_of("[chip.probe]\nrange = 2\n").find("expected one of them") != std::string::npos);
  CHECK(line_of("[chip.probe]\nbits = 8\nrange = 2\nfull_scale = \"1 V\"\n").find("expected one of them") != std::string::npos);
  CHECK(line_of("[chip.mismatch]\ntwin = 0.01\n").find("expected [chip] passes = \"lockstep\"") != std::string::npos);
  CHECK(line_of("[chip.programming]\nrange = 3\n").find("expected bits, write_noise or curve") != std::string::npos);
  CHECK(line_of("[chip.lines]\nresistance = \"1 ohm\"\n").find("no node is a line") != std::string::npos);
  CHECK(line_of("[chip.lines]\nnodes = [\"a\"]\n").find("neither resistance nor capacitance") != std::string::npos);
  CHECK(line_of("[chip.lines]\nnodes = [\"zz*\"]\nresistance = \"1 ohm\"\n") == "b.toml:23: [chip.lines] nodes: \"zz*\" matches no node of the deck");
  CHECK(line_of("[chip.negative_conductance]\ngain = 0.1\n").find("expected name = \"gain_flip_echo\"") != std::string::npos);
  CHECK(line_of("[chip.probe]\nearly = \"1 ms\"\n").find("is longer than a clock cycle") != std::string::npos);
  auto echo = biased("[chip]\npasses = \"lockstep\"\n");
  echo.rule = "[rule]\nname = \"echo\"\nbeta = 1e-3\n";
  CHECK(refused(echo).find("echo has one nudged pass") != std::string::npos);
  auto own_waveform = biased("[chip.stimulus]\nbits = 8\n");
  own_waveform.input = "\n\n\n\n";
  own_waveform.deck.replace(own_waveform.deck.find("I1 0 a 0"), 8, "I1 0 a SIN(0 1m 2k)");
  CHECK(refused(own_waveform).find("expected an [[input]] with csv or samples") != std::string::npos);
}

TEST_CASE("a programming curve that is none is refused with its line") {
  for (const auto& [rows, expected] : {std::pair("0,0.1,0.1\n0.5,0.1,0\n", "curve.csv:3: [chip.programming] curve: steps above 0"),
                                       {"0,0.1,0.1\n0,0.1,0.1\n", "curve.csv:3: [chip.programming] curve: rising values"},
                                       {"1.5,0.1,0.1\n", "curve.csv:2: [chip.programming] curve: a value in parts"},
                                       {"", "the file has no rows"}}) {
    const Folder folder;
    biased("[chip.programming]\ncurve = \"curve.csv\"\n").write(folder);
    folder.write("curve.csv", std::string("value,up,down\n") + rows);
    CHECK(refusal(folder, {"gradcheck", "b.toml", "--plant", "chip"}).find(expected) != std::string::npos);
  }
}

TEST_CASE("leakage, lines and mismatch are the circuit's own: both plants and the exact gradient see them") {
  for (const std::string chip : {"[chip.leakage]\nconductance = \"0.1 mS\"\n", "[chip.lines]\nnodes = [\"a\", \"b\"]\nresistance = \"300 ohm\"\ncapacitance = \"10 nF\"\n",
                                 "[chip.mismatch]\nelements = 0.05\n"}) {
    CAPTURE(chip);
    const auto ideal = gradcheck(biased("")), real = gradcheck(biased(chip));
    CHECK(std::abs(real.at("parameters")[0].at("exact").get<double>() / ideal.at("parameters")[0].at("exact").get<double>() - 1) > 1e-3);
    CHECK(gradcheck(biased(chip), "direct").at("parameters")[0].at("exact") == real.at("parameters")[0].at("exact"));
    if (chip.find("mismatch") == std::string::npos) CHECK(real.at("relative_error").get<double>() < 1e-6);
    // The cells know their devices as designed: an error of the order of the mismatch.
    else CHECK(real.at("relative_error").get<double>() < 0.1);
  }
}

TEST_CASE("the exact gradient is that of the parameters which the chip could write") {
  const auto coarse = gradcheck(biased("[chip.programming]\nbits = 4\nrange = 3\n"));
  const auto ideal = gradcheck(biased(""));
  CHECK(coarse.at("parameters")[0].at("exact") != ideal.at("parameters")[0].at("exact"));
  CHECK(coarse.at("relative_error").get<double>() < 1e-5);
}

TEST_CASE("stating energies changes no number of the run, and the result tells operations and energy") {
  const auto result = [](const std::string& chip) {
    const Folder folder;
    biased(chip).write(folder);
    CHECK(run_tellegen(folder, {"run", "b.toml", "-o", "out"}).code == 0);
    return nlohmann::json::parse(folder.read("out/result.json"));
  };
  const auto with = result("[chip.energy]\nprobe = \"2 pJ\"\ncycle = \"1 pJ\"\n"), without = result("");
  CHECK(with.at("gradcheck").at("parameters") == without.at("gradcheck").at("parameters"));
  const auto row = [](const nlohmann::json& json, const std::string& name) {
    for (const auto& each : json.at("phase_timeline").at("operations"))
      if (each.at("name") == name) return each;
    return nlohmann::json{};
  };
  CHECK(row(with, "conversions of outputs").at("count") == 100);
  CHECK(row(with, "conversions of outputs").at("energy").get<double>() == doctest::Approx(200e-12));
  CHECK(row(with, "clock cycles").at("count") == 302);
  CHECK(!row(without, "clock cycles").contains("energy"));
  CHECK(row(result("[chip]\npasses = \"lockstep\"\n"), "clock cycles").at("count") == 202);
}
