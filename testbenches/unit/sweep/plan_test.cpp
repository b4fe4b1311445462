#include "runtime/sweep/plan.hpp"

#include <doctest/doctest.h>

#include <set>

#include "runtime/sweep/fingerprint.hpp"
#include "unit/training/bench_folder.hpp"

using namespace tellegen;
using namespace tellegen::sweep;
using namespace tellegen::tests;

namespace {

constexpr const char* bench = "[bench]\ndeck = \"lowpass.cir\"\nseed = 7\n[time]\nstep = 1e-6\n[rule]\nbeta = 1e-3\n";

std::vector<VariedKey> keys_of(const std::vector<std::string>& texts) {
  std::vector<VariedKey> keys;
  for (const auto& text : texts) keys.push_back(varied_key(text));
  return keys;
}

struct Planned {
  BenchFolder folder;
  Plan plan;

  explicit Planned(const std::vector<std::string>& vary, std::size_t chips = 0, const std::vector<BenchOverride>& fixed = {})
      : plan(folder.write("b.toml", bench), fixed, keys_of(vary), chips) {}
};

std::string refusal_of(const std::vector<std::string>& vary, std::size_t chips = 0, const std::vector<BenchOverride>& fixed = {}) {
  return error_of([&] { Planned(vary, chips, fixed); });
}

}  // namespace

TEST_CASE("a plan holds every combination, the first key slowest") {
  const Planned planned({"rule.beta=1,2,3", "rule.name=echo,biased_echo"});
  CHECK(planned.plan.size() == 6);
  std::vector<std::string> all;
  for (std::size_t k = 0; k < 6; ++k) all.push_back(planned.plan.values(k)[0].text + planned.plan.values(k)[1].text);
  CHECK(all == std::vector<std::string>{"1echo", "1biased_echo", "2echo", "2biased_echo", "3echo", "3biased_echo"});
  const auto tree = planned.plan.tree(planned.plan.point(3));
  const auto* rule = tree.find("rule")->value.table();
  CHECK(std::get<std::int64_t>(rule->find("beta")->value.value) == 2);
  CHECK(*rule->find("name")->value.text() == "biased_echo");
}

TEST_CASE("chips have seeds and drawn values of their own, the same at every setting") {
  const Planned planned({"rule.beta=1e-4,1e-3", "time.step=1e-6:2e-6"}, 50);
  CHECK(planned.plan.size() == 100);
  std::set<std::uint64_t> seeds;
  std::set<double> steps;
  for (std::size_t chip = 0; chip < 50; ++chip) {
    const auto one = planned.plan.point(chip), other = planned.plan.point(50 + chip);
    CHECK(one.seed == other.seed);
    CHECK(one.drawn[0].number == other.drawn[0].number);
    CHECK(*one.drawn[0].number >= 1e-6);
    CHECK(*one.drawn[0].number <= 2e-6);
    seeds.insert(one.seed);
    steps.insert(*one.drawn[0].number);
  }
  CHECK(seeds.size() == 50);
  CHECK(steps.size() == 50);
  CHECK(*steps.begin() < 1.2e-6);
  CHECK(*steps.rbegin() > 1.8e-6);
  const auto tree = planned.plan.tree(planned.plan.point(3));
  CHECK(std::get<std::int64_t>(tree.find("bench")->value.table()->find("seed")->value.value) == static_cast<std::int64_t>(planned.plan.point(3).seed));
  const Planned again({"time.step=1e-6:2e-6", "rule.beta=1e-4,1e-3"}, 3);
  CHECK(again.plan.point(2).seed == planned.plan.point(2).seed);
  CHECK(again.plan.point(2).drawn[0].number == planned.plan.point(2).drawn[0].number);
}

TEST_CASE("another seed of the bench draws other chips") {
  const Planned seven({"time.step=1e-6:2e-6"}, 3);
  const Planned eight({"time.step=1e-6:2e-6"}, 3, {bench_override("bench.seed=8", "--set")});
  CHECK(seven.plan.point(0).seed != eight.plan.point(0).seed);
  CHECK(seven.plan.point(0).drawn[0].number != eight.plan.point(0).drawn[0].number);
}

TEST_CASE("a plan that makes no sense is refused") {
  CHECK(refusal_of({}).find("nothing varies") != std::string::npos);
  CHECK(refusal_of({"rule.beta=1,2", "rule.beta=3"}) == "--vary: rule.beta is given twice");
  CHECK(refusal_of({"rule.beta=1,2"}, 0, {bench_override("rule.beta=3", "--set")}) == "--vary: rule.beta is given twice");
  CHECK(refusal_of({"rule.beta=1e-3:1e-1"}).find("is drawn for each chip of --monte-carlo N") != std::string::npos);
  CHECK(refusal_of({"bench.seed=1,2"}, 5).find("gives every chip a seed of its own") != std::string::npos);
  CHECK(refusal_of({"rule.beta=1:2:10000", "time.step=1:2:10000"}).find("more than 1000000 points") != std::string::npos);
}

TEST_CASE("an exact gradient is shared by all chips of one circuit, and by no others") {
  const BenchFolder folder;
  const auto file = folder.write("b.toml", bench);
  const auto of = [&](const std::vector<std::string>& set) {
    std::vector<BenchOverride> overrides;
    for (const auto& text : set) overrides.push_back(bench_override(text, "--set"));
    return Fingerprints(folder.path(), "").of_exact_gradient(Plan(file, overrides, {varied_key("limits.x=1")}, 0).tree({}));
  };
  folder.write("lowpass.cir", "low-pass\nI1 0 a 1m\nR1 a 0 1k\n.end\n");
  const auto first = of({});
  for (const std::string same : {"rule.beta=2", "chip.clock=1 kHz", "chip.probe.bits=6", "chip.trace.depth=3", "chip.correlator.gain=0.1", "chip.passes=lockstep", "bench.seed=9"}) {
    INFO(same);
    CHECK(of({same}) == first);
  }
  for (const std::string other : {"chip.mismatch.elements=0.1", "chip.leakage.conductance=1 nS", "chip.lines.resistance=1 ohm", "time.step=2e-6"}) {
    INFO(other);
    CHECK(of({other}) != first);
  }
  CHECK(of({"chip.mismatch.elements=0.1", "bench.seed=9"}) != of({"chip.mismatch.elements=0.1"}));
}

TEST_CASE("a fingerprint tells everything apart that decides a result, and nothing else") {
  const BenchFolder folder;
  folder.write("part.cir", "R1 a 0 1k\n");
  folder.write("lowpass.cir", "low-pass\nI1 0 a 1m\n.include part.cir\n.end\n");
  const auto file = folder.write("b.toml", bench);
  const auto of = [&](const std::string& override_text, const std::string& what = "1") {
    std::vector<BenchOverride> overrides;
    if (!override_text.empty()) overrides.push_back(bench_override(override_text, "--set"));
    return Fingerprints(folder.path(), what).of(Plan(file, overrides, {varied_key("loss.x=1")}, 0).tree({}));
  };
  const auto first = of("");
  CHECK(of("") == first);
  CHECK(of("", "2") != first);
  CHECK(of("rule.beta=2e-3") != first);
  CHECK(of("bench.name=other") == first);
  CHECK(of("limits.gradient_cosine=0.5") == first);
  folder.write("part.cir", "R1 a 0 2k\n");
  CHECK(of("") != first);
  folder.write("part.cir", "R1 a 0 1k\n");
  CHECK(of("") == first);
  folder.write("b.toml", std::string(bench) + "# a remark\n");
  CHECK(of("") == first);
}
