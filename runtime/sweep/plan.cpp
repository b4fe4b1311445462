#include "runtime/sweep/plan.hpp"

#include <fmt/format.h>

#include <utility>

#include "runtime/sweep/fingerprint.hpp"
#include "runtime/training/bench.hpp"

namespace tellegen::sweep {
namespace {

constexpr std::string_view option = "--vary";
constexpr std::string_view seed_key = "bench.seed";

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014): every bit of the result depends on every bit of the argument.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

constexpr unsigned seed_bits = 53;  // so that a seed is exact as a number of JSON

std::uint64_t chip_seed(std::uint64_t bench_seed, std::size_t chip) { return mixed(mixed(bench_seed) + chip) >> (64 - seed_bits); }

/// Uniform in 0 <= x < 1.
double chip_fraction(std::uint64_t bench_seed, std::size_t chip, std::string_view key) {
  const auto bits = mixed(mixed(mixed(bench_seed) + chip) ^ hash_of(key)) >> (64 - seed_bits);
  return static_cast<double>(bits) / static_cast<double>(std::uint64_t{1} << seed_bits);
}

BenchOverride override_of(const VariedKey& key, const KeyValue& value) {
  BenchOverride one{key.key, value.node};
  set_origin(one, fmt::format("{} {}={}", option, key.shown.name, value.shown.text));
  return one;
}

void check_keys(const std::vector<BenchOverride>& fixed, const std::vector<VariedKey>& keys, std::size_t chips) {
  if (keys.empty()) throw InputError({}, "tellegen sweep", "nothing varies; --vary KEY=a:b:n or --vary KEY=v1,v2,.. is expected once at least");
  std::vector<std::string> names;
  const auto add = [&](const std::string& name, std::string_view from) {
    for (const auto& other : names)
      if (other == name) throw InputError({}, from, fmt::format("{} is given twice", name));
    names.push_back(name);
  };
  for (const auto& one : fixed) add(text_of(one.key), "--set");
  for (const auto& key : keys) {
    add(key.shown.name, option);
    if (key.shown.drawn && chips == 0)
      throw InputError({}, option, fmt::format("{}: a range without a number of values is drawn for each chip of --monte-carlo N; for n values on it, KEY=a:b:n is expected",
                                               key.shown.name));
    if (key.shown.name == seed_key && chips > 0) throw InputError({}, option, "bench.seed: --monte-carlo gives every chip a seed of its own");
  }
}

}  // namespace

Plan::Plan(std::filesystem::path bench, std::vector<BenchOverride> fixed, std::vector<VariedKey> keys, std::size_t chips)
    : bench_(std::move(bench)), fixed_(std::move(fixed)), chips_(chips) {
  check_keys(fixed_, keys, chips);
  for (auto& key : keys) (key.shown.drawn ? drawn_ : listed_).push_back(std::move(key));
  for (const auto& key : listed_) {
    settings_ *= key.values.size();
    if (settings_ * this->chips() > most_points)
      throw InputError({}, "tellegen sweep", fmt::format("more than {} points; fewer values or chips are expected", most_points));
  }
  root_ = bench_tree(bench_, fixed_);
}

const KeyValue& Plan::value(std::size_t key, std::size_t setting) const {
  for (std::size_t k = listed_.size(); k-- > key + 1;) setting /= listed_[k].values.size();
  return listed_[key].values[setting % listed_[key].values.size()];
}

std::vector<report::SweepValue> Plan::values(std::size_t setting) const {
  std::vector<report::SweepValue> out;
  for (std::size_t k = 0; k < listed_.size(); ++k) out.push_back(value(k, setting).shown);
  return out;
}

/// Seed that a bench states; a wrong one is refused when the bench is read.
std::uint64_t Plan::seed_of(const TomlTable& tree) const {
  const auto* head = tree.find("bench");
  const auto* seed = head != nullptr && head->value.table() != nullptr ? head->value.table()->find("seed") : nullptr;
  const auto* number = seed != nullptr ? std::get_if<std::int64_t>(&seed->value.value) : nullptr;
  return number != nullptr && *number >= 0 ? static_cast<std::uint64_t>(*number) : 1;
}

PlannedPoint Plan::point(std::size_t index) const {
  PlannedPoint point{.setting = index / chips(), .chip = index % chips(), .seed = 0, .drawn = {}, .overrides = {}};
  for (std::size_t k = 0; k < listed_.size(); ++k) point.overrides.push_back(override_of(listed_[k], value(k, point.setting)));
  const auto bench_seed = seed_of(tree(point));
  point.seed = bench_seed;
  if (!is_monte_carlo()) return point;
  for (const auto& key : drawn_) {
    const auto drawn = key.range.drawn(chip_fraction(bench_seed, point.chip, key.shown.name));
    point.drawn.push_back(drawn.shown);
    point.overrides.push_back(override_of(key, drawn));
  }
  point.seed = chip_seed(bench_seed, point.chip);
  BenchOverride seed{bench_key(seed_key, "--monte-carlo"), {}};
  seed.value.value = static_cast<std::int64_t>(point.seed);
  set_origin(seed, "--monte-carlo");
  point.overrides.push_back(std::move(seed));
  return point;
}

TomlTable Plan::tree(const PlannedPoint& point) const {
  auto tree = root_;
  for (const auto& one : point.overrides) put(tree, one);
  return tree;
}

}  // namespace tellegen::sweep
