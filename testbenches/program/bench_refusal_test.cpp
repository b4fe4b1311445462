// Every way in which a bench can be wrong ends in exit code 2 and one line that says where, from `run` and from
// `gradcheck` alike.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "program/small_bench.hpp"

using namespace tellegen::tests;

namespace {

std::string refused_by(const std::string& command, const SmallBench& bench, const std::string& data = "") {
  const Folder folder;
  bench.write(folder);
  if (!data.empty()) folder.write("x.csv", data);
  return refusal(folder, {command, "b.toml"});
}

/// Line in which both commands refuse a bench.
std::string refused(const SmallBench& bench, const std::string& data = "") {
  const auto line = refused_by("gradcheck", bench, data);
  CHECK(refused_by("run", bench, data) == line);
  return line;
}

/// The small bench with one of its tables replaced.
SmallBench with(std::string SmallBench::*table, const std::string& text) {
  SmallBench bench;
  bench.*table = text;
  return bench;
}

}  // namespace

TEST_CASE("a quantity of the wrong dimension is refused") {
  CHECK(refused(with(&SmallBench::time, "[time]\nstep = \"5 kg\"\nstop = \"1 ms\"\n")) ==
        "b.toml:5: [time] step: \"5 kg\" is a mass; a time is expected, such as \"10 ns\"");
}

TEST_CASE("a CSV column that is missing is refused with those that there are") {
  CHECK(refused(with(&SmallBench::input, "[[input]]\nsource = \"I1\"\ncsv = \"x.csv\"\ncolumn = \"u\"\n")) ==
        "b.toml:10: [[input]] column: \"x.csv\" has no column \"u\"; it has t, x");
}

TEST_CASE("a sample that is no finite number is refused with its own file and line") {
  for (const std::string sample : {"nan", "inf", "-inf", "1e999", "twelve", ""}) {
    auto data = sine_csv("x", 1e-3);
    const auto line = data.find("5e-5,");
    data.replace(line, data.find('\n', line) - line, "5e-5," + sample);
    CHECK(refused({}, data).starts_with("x.csv:6: column \"x\": "));
  }
}

TEST_CASE("a file of data that ends early is refused with what it covers") {
  const auto data = sine_csv("x", 1e-3);
  CHECK(refused({}, data.substr(0, data.find("51e-5"))) ==
        "x.csv: column \"t\": the file covers 0 s to 500 us, the bench's steps lie at 10 us to 1 ms");
}

TEST_CASE("a parameter pattern that matches nothing is refused") {
  CHECK(refused(with(&SmallBench::train, "[train]\nparameters = [\"r*.g\", \"q*\"]\n")) ==
        "b.toml:16: [train] parameters: \"q*\" matches no parameter; there are r1.g, r1.r, r2.g, r2.r, c1.c, i1.dc");
}

TEST_CASE("a probe, a wave or a source that the deck lacks is refused") {
  CHECK(refused(with(&SmallBench::loss, "[[loss]]\nkind = \"mse\"\nprobe = \"v(zz)\"\ntarget = { expr = \"0\" }\n")) ==
        "b.toml:13: [[loss]] probe: \"v(zz)\": the deck has no node \"zz\"");
  CHECK(refused(with(&SmallBench::rest, "[report]\nwaves = [\"v(a)\",\n  \"v(zz)\"]\n")) ==
        "b.toml:24: [report] waves: \"v(zz)\": the deck has no node \"zz\"");
  CHECK(refused(with(&SmallBench::input, "[[input]]\nsource = \"I9\"\ncsv = \"x.csv\"\ncolumn = \"x\"\n")) ==
        "b.toml:7: [[input]] source: the deck has no source \"i9\"");
}

TEST_CASE("a clock that is no whole number of steps is refused, and the one that is suggested is taken") {
  auto bench = with(&SmallBench::rest, "[chip]\nclock = \"30 kHz\"\n");
  CHECK(
      refused(bench) ==
      "b.toml:23: [chip] clock: the period of 30 kHz, 33.33 us, is 3.333333 steps of 10 us; a whole number of steps is "
      "expected, such as 33333.3333333 Hz");
  bench.rest = "[chip]\nclock = \"33333.3333333 Hz\"\n";
  const Folder folder;
  bench.write(folder);
  CHECK(run_tellegen(folder, {"gradcheck", "b.toml", "--plant", "chip"}).code == 0);
}

TEST_CASE("a key or a table that is unknown is refused with the nearest known one") {
  CHECK(refused(with(&SmallBench::time, "[time]\nstep = \"10 us\"\nstop = \"1 ms\"\nstpe = 1\n")) ==
        "b.toml:7: [time] stpe: unknown key, did you mean \"step\"?");
  CHECK(refused(with(&SmallBench::rest, "[chp]\nclock = 1\n")) ==
        "b.toml:22: chp: unknown table, did you mean \"chip\"?");
}

TEST_CASE("TOML that cannot be parsed is refused with its line") {
  CHECK(refused(with(&SmallBench::time, "[time]\nstep = \"10 us\nstop = \"1 ms\"\n")).starts_with("b.toml:5: "));
  CHECK(refused(with(&SmallBench::time, "[time]\nstep = 1\nstep = 2\n")).starts_with("b.toml:6: "));
}

TEST_CASE("a missing bench, deck or data file is refused") {
  const Folder folder;
  for (const std::string command : {"run", "gradcheck", "classify"})
    CHECK(refusal(folder, {command, "none.toml"}) == "none.toml: cannot be read: No such file or directory");
  CHECK(refused(with(&SmallBench::head, "[bench]\nname = \"small\"\ndeck = \"none.cir\"\n")) ==
        "b.toml:3: [bench] deck: \"none.cir\" cannot be read");
  CHECK(refused(with(&SmallBench::input, "[[input]]\nsource = \"I1\"\ncsv = \"none.csv\"\ncolumn = \"x\"\n"))
            .starts_with("b.toml:9: [[input]] csv: none.csv: cannot be read"));
}

TEST_CASE("an error in the deck of a bench is told with the deck's line") {
  CHECK(refused(with(&SmallBench::deck, "t\nI1 0 a 0\nR1 a b 1k\nC1 b 0 -1n\n.end\n")) ==
        "d.cir:4: C1: capacitance must be positive, got \"-1n\"");
}

TEST_CASE("the adjoint cannot run on a chip") {
  const auto bench = with(&SmallBench::rule, "[rule]\nname = \"adjoint\"\n");
  CHECK(refused_by("run", bench) ==
        "b.toml:20: [rule] name: the adjoint cannot run on a chip; expected echo or biased_echo (gradcheck takes the "
        "adjoint)");
  const Folder folder;
  bench.write(folder);
  CHECK(refusal(folder, {"gradcheck", "b.toml", "--plant", "chip"})
            .starts_with("--plant: the adjoint cannot run on a chip"));
  CHECK(run_tellegen(folder, {"gradcheck", "b.toml"}).code == 0);
}

TEST_CASE("adam has no place in the cells of a chip") {
  const auto train = "[train]\nparameters = [\"r*.g\"]\noptimizer = \"adam\"\nrate = 1e-3\nepochs = 3\n";
  CHECK(
      refused_by("run", with(&SmallBench::train, train)) ==
      "b.toml:17: [train] optimizer: adam needs a second moment that the cells do not hold; expected sgd or momentum");
}

TEST_CASE("a rule that is unknown is refused, in the bench and on the command line") {
  CHECK(refused(with(&SmallBench::rule, "[rule]\nname = \"backprop\"\n"))
            .starts_with("b.toml:20: [rule] name: \"backprop\" is unknown"));
  const Folder folder;
  SmallBench{}.write(folder);
  CHECK(refusal(folder, {"gradcheck", "b.toml", "--rule", "backprop"}).starts_with("--rule: \"backprop\" is unknown"));
}

TEST_CASE("an echo without any input current is refused: its beta has no reference") {
  CHECK(refused({}, sine_csv("x", 0)).starts_with("b.toml:21: [rule] beta: no source delivers any current"));
}

TEST_CASE("a limit on held-out data that the bench lacks is refused before anything runs") {
  CHECK(refused(with(&SmallBench::rest, "[limits]\nheld_out_loss = 1\n")) ==
        "b.toml:23: [limits] held_out_loss: there is no [held_out] data to compute it on");
}
