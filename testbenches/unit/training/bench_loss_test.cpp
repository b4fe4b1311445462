// What a [[loss]] table may say, and the whole line that refuses what it may not.

#include <doctest/doctest.h>

#include <cmath>

#include "runtime/training/bench.hpp"
#include "unit/training/bench_folder.hpp"

using namespace tellegen;
using namespace tellegen::tests;

namespace {

/// Four steps of 1 s; the table begins on line 6.
std::string bench_with(const std::string& table) {
  return "[bench]\ndeck = \"lowpass.cir\"\n[time]\nstep = 1\nstop = 4\n[[loss]]\n" + table + "\n";
}

BenchLoss loss_of(const std::string& table) {
  const BenchFolder folder;
  folder.write("x.csv", "t,c,w\n1,0,1\n2,1,2\n3,1,0\n4,0,1\n");
  return read_bench(folder.write("b.toml", bench_with(table))).data.losses[0];
}

std::string refusal_of(const std::string& table) {
  const BenchFolder folder;
  folder.write("x.csv", "t,c,w\n1,0,1\n2.5,1,-2\n4,0,1\n");
  const auto file = folder.write("b.toml", bench_with(table));
  return folder.without_folder(error_of([&] { (void)read_bench(file); }));
}

const std::string two = "kind = \"cross_entropy\"\nprobes = { on = \"v(A)\", off = \"v(b)\" }\n";
const std::string written = "kind = \"expr\"\nprobe = \"i(R1)\"\n";

using Classes = std::vector<std::size_t>;

}  // namespace

TEST_CASE("a cross_entropy takes its class by number, name or probe, once or at every step") {
  CHECK(loss_of(two + "target = 1").term.target_class == Classes{1, 1, 1, 1});
  CHECK(loss_of(two + "target = \"ON\"").term.target_class == Classes{0, 0, 0, 0});
  CHECK(loss_of(two + "target = \"v(b)\"").term.target_class == Classes{1, 1, 1, 1});
  CHECK(loss_of(two + "target = { samples = [0, 1, 1, 0] }").term.target_class == Classes{0, 1, 1, 0});
  CHECK(loss_of(two + "target = { samples = [\"on\", \"off\", \"v(a)\", \"off\", \"on\"] }").term.target_class == Classes{0, 1, 0, 1});
  CHECK(loss_of(two + "target = { csv = \"x.csv\", column = \"c\" }").term.target_class == Classes{0, 1, 1, 0});
  CHECK(loss_of(two + "target = { expr = \"t > 2.5\" }").term.target_class == Classes{0, 0, 1, 1});
}

TEST_CASE("the probes of a cross_entropy are a list, or have names") {
  const auto named = loss_of(two + "target = 0\nscale = 0.5");
  CHECK(named.probes == std::vector<std::string>{"v(a)", "v(b)"});
  CHECK(named.term.scale == 0.5);
  const auto listed = loss_of("kind = \"cross_entropy\"\nprobes = [\"q(c1)\", \"q(c2)\", \"q(C3)\"]\ntarget = \"q(c3)\"");
  CHECK(listed.probes == std::vector<std::string>{"q(c1)", "q(c2)", "q(c3)"});
  CHECK(listed.term.target_class == Classes{2, 2, 2, 2});
  CHECK(listed.term.scale == 1);
}

TEST_CASE("an expression names one probe y, several as it likes, and may do without a target") {
  const auto alone = loss_of(written + "expr = \"0.5*(y - r)^2\"\ntarget = { expr = \"t\" }");
  CHECK(alone.probes == std::vector<std::string>{"i(r1)"});
  CHECK(alone.term.target == std::vector<double>{1, 2, 3, 4});
  const std::vector<double> y{5};
  CHECK(alone.term.expression->value(y, 2, 0) == 4.5);
  const auto several = loss_of("kind = \"expr\"\nprobes = { a = \"v(a)\", B = \"z(yfmem!m1)\" }\nexpr = \"a*b^2\"");
  CHECK(several.probes == std::vector<std::string>{"v(a)", "z(yfmem!m1)"});
  const std::vector<double> ab{5, 2};
  CHECK(several.term.expression->value(ab, 0, 0) == 20);
}

TEST_CASE("weights are a number, or a waveform") {
  CHECK(loss_of(two + "target = 0\nweight = 2.5").term.weight == 2.5);
  const auto by_step = loss_of(two + "target = 0\nweight = { csv = \"x.csv\", column = \"w\", scale = 10 }").term;
  CHECK(by_step.weight == 1);
  CHECK(by_step.step_weights == std::vector<double>{10, 20, 0, 10});
}

TEST_CASE("a constant target is a number, or a quantity in the probe's unit") {
  const std::string mse = "kind = \"mse\"\nprobe = \"i(r1)\"\ntarget = ";
  CHECK(loss_of(mse + "0.25").term.target == std::vector<double>(4, 0.25));
  const BenchFolder folder;
  const auto terms = [&](const std::string& target, const std::string& unit) {
    const auto bench = read_bench(folder.write("b.toml", bench_with(mse + target)));
    const std::vector<std::string> units{unit};
    return loss_terms(bench.data, probes_of(bench.data), units, bench.grid);
  };
  CHECK(terms("\"2 mA\"", "A")[0].target == std::vector<double>(4, 2e-3));
  CHECK(terms("\"3 mWb/s^1/2\"", "Wb/s^1/2")[0].target[0] == doctest::Approx(3e-3).epsilon(1e-15));
  CHECK(folder.without_folder(error_of([&] { (void)terms("\"2 mA\"", "V"); })) ==
        "b.toml:9: [[loss]] target: \"2 mA\" is a current; a voltage is expected, such as \"1 V\"");
  CHECK(folder.without_folder(error_of([&] { (void)terms("\"2 mA\"", "V s^0.4"); })) ==
        "b.toml:9: [[loss]] target: \"2 mA\" cannot be compared with the probe's unit V s^0.4; expected a number in SI");
}

TEST_CASE("the scale of a cross_entropy has its probes' unit, and they have one") {
  const BenchFolder folder;
  const auto scale = [&](const std::string& text, const std::vector<std::string>& units) {
    const auto bench = read_bench(folder.write("b.toml", bench_with(two + "target = 0\nscale = \"" + text + "\"")));
    return loss_terms(bench.data, probes_of(bench.data), units, bench.grid)[0].scale;
  };
  const auto refused = [&](const std::string& text, const std::vector<std::string>& units) {
    return folder.without_folder(error_of([&] { (void)scale(text, units); }));
  };
  CHECK(scale("25 mV", {"V", "V"}) == doctest::Approx(0.025).epsilon(1e-15));
  CHECK(refused("25 mV", {"A", "A"}) == "b.toml:10: [[loss]] scale: \"25 mV\" is a voltage; a current is expected, such as \"1 uA\"");
  CHECK(refused("-1 V", {"V", "V"}) == "b.toml:10: [[loss]] scale: a positive quantity is expected, got \"-1 V\"");
  CHECK(refused("25 mV", {"V", "A"}) == "b.toml:8: [[loss]] probes: the probes have several units: v(a) is in V, v(b) in A");
}

TEST_CASE("a cross_entropy that is wrong is refused") {
  const auto target = [](const std::string& text) { return refusal_of(two + "target = " + text); };
  CHECK(target("2") == "b.toml:9: [[loss]] target: 2 is no class, expected a whole number from 0 to 1");
  CHECK(target("-1") == "b.toml:9: [[loss]] target: -1 is no class, expected a whole number from 0 to 1");
  CHECK(target("\"maybe\"") == "b.toml:9: [[loss]] target: \"maybe\" is none of the probes, expected on | off");
  CHECK(target("{ csv = \"x.csv\", column = \"c\" }") ==
        "b.toml:9: [[loss]] target: 0.666667 at t = 2 s is no class, expected a whole number from 0 to 1");
  CHECK(target("{ samples = [\"on\"] }") ==
        "b.toml:9: [[loss]] target.samples: 1 samples for 4 steps, expected one per step: n = 1..4");
  CHECK(target("[1]").starts_with("b.toml:9: [[loss]] target: a class is expected"));
  CHECK(refusal_of(two) == "b.toml:6: [[loss]]: \"target\" is missing");
  CHECK(refusal_of(two + "target = 0\nscale = 0") == "b.toml:10: [[loss]] scale: a positive quantity is expected, got 0");
  CHECK(refusal_of("kind = \"cross_entropy\"\nprobe = \"v(a)\"\ntarget = 0").starts_with("b.toml:8: [[loss]] probe: unknown key"));
  CHECK(refusal_of("kind = \"cross_entropy\"\nprobes = [\"v(a)\"]\ntarget = 0") == "b.toml:8: [[loss]] probes: 2 at least are expected, got 1");
  CHECK(refusal_of("kind = \"cross_entropy\"\nprobes = [\"v(a)\",\n\"V(A)\"]\ntarget = 0") == "b.toml:9: [[loss]] probes: \"v(a)\" is there twice");
}

TEST_CASE("an expression that is wrong is refused") {
  CHECK(refusal_of(written) == "b.toml:6: [[loss]]: \"expr\" is missing");
  CHECK(refusal_of(written + "expr = \"y^2 + r\"") == "b.toml:9: [[loss]] expr: r is the target, and the loss has none");
  CHECK(refusal_of(written + "expr = \"y^2 + a\"") == "b.toml:9: [[loss]] expr: unknown name \"a\", expected y or t");
  CHECK(refusal_of(written + "expr = \"y^2\"\ntarget = 3") ==
        "b.toml:9: [[loss]] expr: there is a target, but r does not occur in \"y^2\"");
  CHECK(refusal_of(written + "expr = \"y^2\"\nprobes = { a = \"v(a)\" }") ==
        "b.toml:10: [[loss]] probes: there is \"probe\" already, expected one of the two");
  CHECK(refusal_of("kind = \"expr\"\nprobes = [\"v(a)\"]\nexpr = \"y\"") ==
        "b.toml:8: [[loss]] probes: a table of names and probes such as { a = \"v(o1)\", b = \"v(o2)\" } is expected, got an array");
  CHECK(refusal_of("kind = \"expr\"\nprobes = { t = \"v(a)\" }\nexpr = \"t\"") ==
        "b.toml:8: [[loss]] probes: \"t\" has a meaning of its own in an expression, expected another name");
  CHECK(refusal_of("kind = \"expr\"\nprobes = { \"a-b\" = \"v(a)\" }\nexpr = \"t\"") ==
        "b.toml:8: [[loss]] probes: \"a-b\" is no name for an expression; expected letters, digits and _");
  CHECK(refusal_of("kind = \"expr\"\nprobes = { a = 3 }\nexpr = \"a\"") ==
        "b.toml:8: [[loss]] probes: a: a probe in quotes is expected, got the number 3");
  CHECK(refusal_of("kind = \"mse\"\nprobe = \"v(a)\"\ntarget = 1\nscale = 2").starts_with("b.toml:10: [[loss]] scale: unknown key"));
}

TEST_CASE("weights by step are refused where negative, and for a loss of the last step") {
  CHECK(refusal_of(two + "target = 0\nweight = { csv = \"x.csv\", column = \"w\" }") ==
        "b.toml:10: [[loss]] weight: a weight is not negative, got -1 at t = 2 s");
  CHECK(refusal_of("kind = \"final_mse\"\nprobe = \"v(a)\"\ntarget = 1\nweight = { expr = \"t\" }") ==
        "b.toml:10: [[loss]] weight: a final_mse looks at the last step alone, a number is expected");
}
