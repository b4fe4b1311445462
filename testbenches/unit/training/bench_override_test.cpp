#include "runtime/training/bench_override.hpp"

#include <doctest/doctest.h>

#include "runtime/training/bench.hpp"
#include "unit/training/bench_folder.hpp"

using namespace tellegen;
using namespace tellegen::tests;

namespace {

constexpr const char* bench = R"toml([bench]
deck = "lowpass.cir"
[time]
step = "10 ns"
stop = "1 us"
[[loss]]
kind = "mse"
probe = "v(out)"
target = { expr = "0" }
)toml";

Bench read_with(const std::vector<std::string>& set) {
  const BenchFolder folder;
  std::vector<BenchOverride> overrides;
  for (const auto& text : set) overrides.push_back(bench_override(text, "--set"));
  return read_bench(folder.write("b.toml", bench), overrides);
}

std::string refused(const std::vector<std::string>& set) {
  const BenchFolder folder;
  return folder.without_folder(error_of([&] {
    std::vector<BenchOverride> overrides;
    for (const auto& text : set) overrides.push_back(bench_override(text, "--set"));
    (void)read_bench(folder.write("b.toml", bench), overrides);
  }));
}

std::string key_text(std::string_view text) { return text_of(bench_key(text, "--set")); }

}  // namespace

TEST_CASE("a key is read as TOML writes it, and written back") {
  CHECK(bench_key("chip.adc.bits", "--set") == BenchKey{"chip", "adc", "bits"});
  CHECK(bench_key(R"(train.bounds."r*.g")", "--set") == BenchKey{"train", "bounds", "r*.g"});
  for (const std::string text : {"chip.clock", "loss.0.weight", R"(train.bounds."r*.g")"}) CHECK(key_text(text) == text);
  for (const std::string text : {"", ".", "a.", ".a", "a..b", "a b", "a[0]", R"("a)"}) {
    INFO(text);
    CHECK(error_of([&] { (void)bench_key(text, "--set"); }).ends_with("is no key of a bench, such as chip.clock or rule.beta"));
  }
}

TEST_CASE("a value is TOML where it can be, and a text otherwise") {
  CHECK(std::get<std::int64_t>(bench_value("3").value) == 3);
  CHECK(std::get<double>(bench_value("1e-3").value) == 1e-3);
  CHECK(std::get<bool>(bench_value("true").value));
  CHECK(*bench_value("10 us").text() == "10 us");
  CHECK(*bench_value("biased_echo").text() == "biased_echo");
  CHECK(*bench_value(R"("3")").text() == "3");
  CHECK(bench_value(R"(["a", "b"])").array()->items.size() == 2);
  CHECK(bench_value(R"({ expr = "0" })").table() != nullptr);
  CHECK(*bench_value("1\nx = 2").text() == "1\nx = 2");
}

TEST_CASE("an override takes the place of the file's value, or makes one") {
  const auto changed = read_with({"time.step=20 ns", "rule.beta=0.5", "loss.0.weight=3", "train.parameters=[\"r1.g\"]"});
  CHECK(changed.grid.step == 20e-9);
  CHECK(changed.rule.beta == 0.5);
  CHECK(changed.train.parameters[0].text == "r1.g");
  CHECK(changed.data.losses[0].term.weight == 3);
  CHECK(read_with({R"(train.bounds."r*.g"=["1 uS", "1 mS"])"}).train.bounds[0].pattern.text == "r*.g");
  CHECK(read_with({"rule.beta=0.5", "rule.beta=0.25"}).rule.beta == 0.25);
}

TEST_CASE("whatever is wrong with an override names it in the place of file and line") {
  CHECK(refused({"time.step=5 kg"}) == "--set time.step=5 kg: [time] step: \"5 kg\" is a mass; a time is expected, such as \"10 ns\"");
  CHECK(refused({"time.stpe=1"}) == "--set time.stpe=1: [time] stpe: unknown key, did you mean \"step\"?");
  CHECK(refused({"tiem.step=1"}) == "--set tiem.step=1: tiem: unknown table, did you mean \"time\"?");
  CHECK(refused({"seed=1"}).starts_with("--set seed=1: seed: unknown key outside of a table"));
  CHECK(refused({"loss.0.kind=nothing"}).starts_with("--set loss.0.kind=nothing: [[loss]] kind: \"nothing\" is unknown"));
  CHECK(refused({"loss.0.probe=u(1)"}).starts_with("--set loss.0.probe=u(1): "));
  CHECK(refused({"loss.0.window=[1]"}).starts_with("--set loss.0.window=[1]: [[loss]] window"));
  CHECK(refused({"train.parameters=[3]"}).starts_with("--set train.parameters=[3]: [train] parameters"));
  CHECK(refused({"report.waves=[\"x\"]"}).starts_with("--set report.waves=[\"x\"]: "));
  CHECK(refused({"chip.clock=30 MHz"}).starts_with("--set chip.clock=30 MHz: [chip] clock: the period of 30 MHz"));
  CHECK(refused({"bench.deck=none.cir"}).starts_with("--set bench.deck=none.cir: [bench] deck: "));
  CHECK(refused({"loss.1.weight=1"}) == "--set loss.1.weight=1: loss.1.weight: loss has 1 value, counted from 0");
  CHECK(refused({"loss.weight=1"}).find("loss is an array; a place in it is expected next, from 0 on, got \"weight\"") != std::string::npos);
  CHECK(refused({"time.step.x=1"}) == "--set time.step.x=1: time.step.x: time.step is \"10 ns\", no table");
  CHECK(refused({"time.step"}).starts_with("--set: KEY=VALUE is expected"));
  CHECK(refused({"time.step="}).starts_with("--set: KEY=VALUE is expected"));
}

TEST_CASE("a line of the file is still told as a line of the file") {
  const BenchFolder folder;
  const auto file = folder.write("b.toml", std::string(bench) + "[rule]\nbeta = -1\n");
  const std::vector<BenchOverride> overrides{bench_override("rule.sides=one", "--set")};
  CHECK(folder.without_folder(error_of([&] { (void)read_bench(file, overrides); })).starts_with("b.toml:11: [rule] beta: "));
}

TEST_CASE("a tree's canonical text does not depend on order or places, and tells everything else apart") {
  const auto text = [](std::string_view toml) { return canonical_text(parse_toml(toml, "")); };
  CHECK(text("a = 1\nb = 2\n") == text("# remark\nb=2\n\na=1"));
  CHECK(text("a = 1") != text("a = 1.0"));
  CHECK(text("a = 1") != text("a = \"1\""));
  CHECK(text("a = 0.1") != text("a = 0.10000000000000002"));
  CHECK(text("a = [1, 2]") != text("a = [12]"));
  CHECK(text("a = \"x\"\nb = \"y\"") != text("a = \"x\\\";1\\\"b\\\"=1\\\"y\""));
}
