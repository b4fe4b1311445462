// Options, help, and places that cannot be written.

#include <doctest/doctest.h>

#include <algorithm>

#include "program/small_bench.hpp"

using namespace tellegen::tests;

namespace {

constexpr const char* divider = "divider\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n.op\n.end\n";

Folder& sound_folder(Folder& folder) {
  SmallBench{}.write(folder);
  folder.write("divider.cir", divider);
  folder.write("plain", "a file, no folder");
  return folder;
}

}  // namespace

TEST_CASE("help of the program and of every command ends well and tells every option") {
  const Folder folder;
  const auto help = [&](std::vector<std::string> arguments) {
    const auto outcome = run_tellegen(folder, std::move(arguments));
    CHECK(outcome.code == 0);
    CHECK(outcome.err == "");
    CHECK(outcome.out.ends_with('\n'));
    return outcome.out;
  };
  const auto has_all = [](const std::string& text, const std::vector<std::string>& words) {
    for (const auto& word : words) {
      INFO(word);
      CHECK(text.find(word) != std::string::npos);
    }
  };
  has_all(help({"--help"}), {"sim", "classify", "lagrangian", "gradcheck", "run", "sweep", "regs", "--version", "Exit codes"});
  has_all(help({"sim", "--help"}), {"deck", "-o,--output", "--json", ".raw"});
  has_all(help({"classify", "--help"}), {"DECK.cir or BENCH.toml", "--json"});
  has_all(help({"gradcheck", "--help"}), {"BENCH.toml", "--rule", "--plant", "direct", "chip", "--beta",
                                          "--finite-difference", "--json", "biased_echo"});
  has_all(help({"run", "--help"}),
          {"BENCH.toml", "-o,--output", "report.html", "result.json", "waves.vcd", "junit.xml"});
  has_all(help({"sweep", "--help"}), {"BENCH.toml", "--vary", "--set", "--monte-carlo", "--plant", "--train", "--cosine", "--quantile", "--cost", "--jobs", "-o,--output",
                                      "--json", "KEY=a:b:n", "sweep.csv", "Exit code 1"});
  has_all(help({"regs", "--help"}), {"--format", "md", "systemrdl", "h"});
  CHECK(help({"--version"}).starts_with("tellegen "));
}

TEST_CASE("a command that is missing, unknown or not there yet is refused with those that there are") {
  const Folder folder;
  const std::string expected = "expected sim | classify | lagrangian | gradcheck | run | sweep | regs | options; see \"tellegen --help\"";
  CHECK(refusal(folder, {}) == "tellegen: a command is missing, " + expected);
  CHECK(refusal(folder, {"simulate"}) == "tellegen: unknown command \"simulate\", " + expected);
  CHECK(refusal(folder, {"--verbose"}) == "tellegen: unknown option \"--verbose\", " + expected);
  for (const std::string later : {"train", "export"})
    CHECK(refusal(folder, {later, "b.toml"}) ==
          "tellegen: the command \"" + later + "\" is not supported yet, " + expected);
}

TEST_CASE("an option that is unknown, incomplete or of a wrong value is refused with the command's help") {
  Folder folder;
  sound_folder(folder);
  CHECK(refusal(folder, {"sim", "divider.cir", "--fast"}) ==
        "tellegen sim: the following argument was not expected: --fast; see \"tellegen sim --help\"");
  CHECK(refusal(folder, {"sim"}) == "tellegen sim: deck is required; see \"tellegen sim --help\"");
  CHECK(refusal(folder, {"sim", "divider.cir", "-o"}).starts_with("tellegen sim: --output: "));
  CHECK(refusal(folder, {"sim", "divider.cir", "-o", ""}).find("the name of a file is expected") != std::string::npos);
  CHECK(refusal(folder, {"regs", "--format", "xml"}).starts_with("tellegen regs: --format: "));
  CHECK(refusal(folder, {"gradcheck", "b.toml", "--plant", "moon"}).starts_with("tellegen gradcheck: --plant: "));
  for (const std::string beta : {"-1", "0", "inf", "nan", "small"})
    CHECK(refusal(folder, {"gradcheck", "b.toml", "--beta", beta}) ==
          "tellegen gradcheck: --beta: a positive number is expected, got \"" + beta +
              "\"; see \"tellegen gradcheck --help\"");
}

TEST_CASE("an output that cannot be written is refused, and no other output is made either") {
  Folder folder;
  sound_folder(folder);
  for (const std::string place : {"plain/x.csv", "plain/x.raw", "none/x.csv"})
    CHECK(refusal(folder, {"sim", "divider.cir", "-o", place}).starts_with(place + ": cannot be written: "));
  CHECK(refusal(folder, {"sim", "divider.cir", "-o", "."}) == ".: cannot be written: Is a directory");
  CHECK(refusal(folder, {"sim", "divider.cir", "-o", "x.csv", "--json", "plain/x.json"})
            .starts_with("plain/x.json: cannot be written: "));
  CHECK(refusal(folder, {"classify", "divider.cir", "--json", "plain/x.json"})
            .starts_with("plain/x.json: cannot be written: "));
  CHECK(refusal(folder, {"gradcheck", "b.toml", "--json", "plain/x.json"})
            .starts_with("plain/x.json: cannot be written: "));
  for (const std::string place : {"plain", "plain/out", "plain/a/b"})
    CHECK(refusal(folder, {"run", "b.toml", "-o", place}) ==
          place + ": -o: cannot be written; expected a folder in which files can be made");
}

TEST_CASE("folders that a failed run has made disappear again") {
  SmallBench bench;
  bench.rest = "[limits]\ngradient_cosine = 0.5\n";
  const Folder folder;
  bench.write(folder);
  folder.write("x.csv", sine_csv("x", 0));
  CHECK(refusal(folder, {"run", "b.toml", "-o", "a/b/c"}).find("beta") != std::string::npos);
}

TEST_CASE("JSON under -o and two outputs on one stream are refused") {
  Folder folder;
  sound_folder(folder);
  CHECK(refusal(folder, {"sim", "divider.cir", "-o", "x.json"}) ==
        "x.json: -o: CSV or raw is written here; use --json for JSON");
  CHECK(refusal(folder, {"sim", "divider.cir", "-o", "-", "--json", "-"}).find("standard output is taken") !=
        std::string::npos);
}

TEST_CASE("JSON on standard output stands alone") {
  Folder folder;
  sound_folder(folder);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"sim", "divider.cir"},
        {"classify", "divider.cir"},
        {"classify", "b.toml"},
        {"gradcheck", "b.toml"},
        {"gradcheck", "b.toml", "--plant", "chip", "--finite-difference"}}) {
    auto with_json = arguments;
    with_json.insert(with_json.end(), {"--json", "-"});
    const auto outcome = run_tellegen(folder, with_json);
    CHECK(outcome.code == 0);
    CHECK(outcome.err == "");
    CHECK(outcome.out.front() == '{');
    CHECK(nlohmann::json::accept(outcome.out));
  }
}

TEST_CASE("a full disk behind standard output is an error, not silence") {
  if (!installed("sh")) return;
  Folder folder;
  sound_folder(folder);
  for (const std::string arguments : {"regs", "sim divider.cir", "classify divider.cir"}) {
    const auto outcome =
        run_program(folder, {*installed("sh"), "-c", std::string(TELLEGEN_PROGRAM) + " " + arguments + " >/dev/full"});
    CHECK(outcome.code == 2);
    CHECK(outcome.err.find("No space left on device") != std::string::npos);
  }
}

TEST_CASE("a device file is written to and stays a device file") {
  Folder folder;
  sound_folder(folder);
  CHECK(run_tellegen(folder, {"sim", "divider.cir", "-o", "/dev/null"}).code == 0);
  CHECK(std::filesystem::is_character_file("/dev/null"));
}
