#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "hw_models/lanes/lane_array.hpp"
#include "hw_models/linear/linear_plan.hpp"
#include "unit/linear/symmetric_cases.hpp"

namespace tellegen {
namespace {

using test::SymmetricCase;

constexpr int lane_counts[] = {1, 8, 16};

/// Names own entries: all diagonals, or a random part of all entries.
void take_own(SymmetricCase& c, bool only_diagonals, std::mt19937& random) {
  for (std::size_t e = 0; e < c.shape.entries.size(); ++e) {
    const auto [row, column] = c.shape.entries[e];
    const bool takes = only_diagonals ? row == column : std::uniform_real_distribution<double>(0, 1)(random) < 0.3;
    if (takes) c.shape.own.push_back(static_cast<std::int32_t>(e));
  }
}

/// Own values that leave the matrix dominated by its diagonal: conductances between two nodes or to ground.
std::vector<double> own_values(const SymmetricCase& c, std::mt19937& random) {
  auto values = test::random_values(c.shape.own.size(), 0.0, 2.0, random);
  for (std::size_t j = 0; j < values.size(); ++j)
    if (const auto e = c.shape.entries[c.shape.own[j]]; e.row != e.column) values[j] *= 0.02;
  return values;
}

/// One sample's exact solution and right-hand side.
struct Sample {
  std::vector<double> own, x, b;
};

Sample sample_of(const SymmetricCase& c, bool with_own, std::mt19937& random) {
  Sample s;
  if (with_own) s.own = own_values(c, random);
  s.x = test::random_values(static_cast<std::size_t>(c.shape.size), -1.0, 1.0, random);
  s.b = test::product_of(test::dense_of(c, s.own), s.x);
  return s;
}

LaneArray in_lanes(const std::vector<Sample>& samples, std::vector<double> Sample::*values, std::span<const std::int32_t> order) {
  LaneArray array(order.size() * samples.size());
  for (std::size_t place = 0; place < order.size(); ++place)
    for (std::size_t lane = 0; lane < samples.size(); ++lane)
      array[place * samples.size() + lane] = (samples[lane].*values)[order[place]];
  return array;
}

LaneArray own_in_lanes(const std::vector<Sample>& samples) {
  std::vector<std::int32_t> as_they_are(samples.front().own.size());
  std::iota(as_they_are.begin(), as_they_are.end(), 0);
  return in_lanes(samples, &Sample::own, as_they_are);
}

double largest_difference(const LaneArray& a, const LaneArray& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

/// Runs over all instruction sets and lanes.
template <class Check>
void on_all_machines(const Check& check) {
  for (const auto set : available_instruction_sets())
    for (const int lanes : lane_counts) check(set, lanes);
}

std::vector<Sample> samples_of(const SymmetricCase& c, int lanes, bool with_own, std::mt19937& random) {
  std::vector<Sample> samples;
  for (int lane = 0; lane < lanes; ++lane) samples.push_back(sample_of(c, with_own, random));
  return samples;
}

}  // namespace

TEST_CASE("order of a supernodal plan is a permutation of the unknowns") {
  std::mt19937 random(1);
  for (const auto& c : test::symmetric_cases(random)) {
    CAPTURE(c.name);
    const auto plan = make_supernodal_plan(c.shape);
    std::vector<std::int32_t> sorted(plan->order().begin(), plan->order().end());
    std::ranges::sort(sorted);
    std::vector<std::int32_t> all(static_cast<std::size_t>(c.shape.size));
    std::iota(all.begin(), all.end(), 0);
    CHECK(sorted == all);
  }
}

TEST_CASE("one factor for all lanes solves every symmetric pattern") {
  std::mt19937 random(2);
  for (const auto& c : test::symmetric_cases(random)) {
    CAPTURE(c.name);
    const auto plan = make_supernodal_plan(c.shape);
    on_all_machines([&](InstructionSet set, int lanes) {
      CAPTURE(name_of(set));
      CAPTURE(lanes);
      const auto samples = samples_of(c, lanes, false, random);
      const auto system = plan->make_system(lanes, set);
      system->set_shared(c.values);
      REQUIRE(system->factor_shared());
      CHECK(system->singular_unknown() == -1);
      auto x = in_lanes(samples, &Sample::b, plan->order());
      system->solve(x.data());
      CHECK(largest_difference(x, in_lanes(samples, &Sample::x, plan->order())) < 1e-11);
    });
  }
}

TEST_CASE("a factor per lane solves every symmetric pattern, own entries on and off the diagonal") {
  std::mt19937 random(3);
  for (const bool only_diagonals : {true, false})
    for (auto& c : test::symmetric_cases(random)) {
      CAPTURE(c.name);
      take_own(c, only_diagonals, random);
      const auto plan = make_supernodal_plan(c.shape);
      on_all_machines([&](InstructionSet set, int lanes) {
        CAPTURE(name_of(set));
        CAPTURE(lanes);
        const auto samples = samples_of(c, lanes, true, random);
        const auto system = plan->make_system(lanes, set);
        system->set_shared(c.values);
        const auto own = own_in_lanes(samples);
        REQUIRE(system->factor(own.data()));
        auto x = in_lanes(samples, &Sample::b, plan->order());
        system->solve(x.data());
        CHECK(largest_difference(x, in_lanes(samples, &Sample::x, plan->order())) < 1e-11);
      });
    }
}

TEST_CASE("factors in single precision solve to seven digits, and refinement in doubles restores the rest") {
  std::mt19937 random(8);
  for (auto& c : test::symmetric_cases(random)) {
    CAPTURE(c.name);
    take_own(c, true, random);
    const auto plan = make_supernodal_plan(c.shape);
    on_all_machines([&](InstructionSet set, int lanes) {
      CAPTURE(name_of(set));
      CAPTURE(lanes);
      const auto samples = samples_of(c, lanes, true, random);
      const auto system = plan->make_system(lanes, set, Precision::single);
      system->set_shared(c.values);
      const auto own = own_in_lanes(samples);
      REQUIRE(system->factor(own.data()));
      const auto exact = in_lanes(samples, &Sample::x, plan->order());
      auto x = in_lanes(samples, &Sample::b, plan->order());
      system->solve(x.data());
      CHECK(largest_difference(x, exact) < 1e-4);
      if (lanes > 1 && c.name.starts_with("dense") && c.shape.size > 8) CHECK(largest_difference(x, exact) > 1e-10);
      for (int step = 0; step < 3; ++step) {
        auto correction = in_lanes(samples, &Sample::b, plan->order());
        system->subtract_product(own.data(), x.data(), correction.data());
        system->solve(correction.data());
        for (std::size_t i = 0; i < x.size(); ++i) x[i] += correction[i];
      }
      CHECK(largest_difference(x, exact) < 1e-11);
      // The same system still has its shared factors in doubles.
      REQUIRE(system->factor_shared());
      const auto shared = samples_of(c, lanes, false, random);
      auto y = in_lanes(shared, &Sample::b, plan->order());
      system->solve(y.data());
      CHECK(largest_difference(y, in_lanes(shared, &Sample::x, plan->order())) < 1e-11);
    });
  }
}

TEST_CASE("the product that a supernodal system subtracts is that of the matrix, with and without own entries") {
  std::mt19937 random(4);
  for (auto& c : test::symmetric_cases(random)) {
    CAPTURE(c.name);
    take_own(c, false, random);
    const auto plan = make_supernodal_plan(c.shape);
    on_all_machines([&](InstructionSet set, int lanes) {
      CAPTURE(name_of(set));
      CAPTURE(lanes);
      for (const bool with_own : {false, true}) {
        const auto samples = samples_of(c, lanes, with_own, random);
        const auto system = plan->make_system(lanes, set);
        system->set_shared(c.values);
        const auto own = own_in_lanes(samples);
        const auto x = in_lanes(samples, &Sample::x, plan->order());
        auto r = in_lanes(samples, &Sample::b, plan->order());
        system->subtract_product(with_own ? own.data() : nullptr, x.data(), r.data());
        CHECK(largest_difference(r, LaneArray(r.size())) < 1e-12);
      }
    });
  }
}

TEST_CASE("supernodal factors and KLU agree, one matrix after the other") {
  std::mt19937 random(5);
  auto c = test::case_of("mesh", 100, test::mesh_edges(10), random);
  take_own(c, true, random);
  const auto supernodal = make_supernodal_plan(c.shape);
  const auto klu = make_klu_plan(c.shape);
  const auto one = supernodal->make_system(8, preferred_instruction_set());
  const auto other = klu->make_system(8, preferred_instruction_set());
  for (int trial = 0; trial < 6; ++trial) {
    c.values = test::case_of("mesh", 100, test::mesh_edges(10), random).values;
    for (std::size_t e = 0; e < c.values.size(); ++e)
      c.values[e] =
          c.shape.entries[e].row == c.shape.entries[e].column ? 4.5 : std::uniform_real_distribution<double>(-1, 1)(random);
    const auto samples = samples_of(c, 8, true, random);
    const auto own = own_in_lanes(samples);
    one->set_shared(c.values);
    other->set_shared(c.values);
    const bool shares = trial % 2 == 0;
    REQUIRE((shares ? one->factor_shared() : one->factor(own.data())));
    REQUIRE((shares ? other->factor_shared() : other->factor(own.data())));
    auto x = in_lanes(samples, &Sample::b, supernodal->order());
    auto y = in_lanes(samples, &Sample::b, klu->order());
    one->solve(x.data());
    other->solve(y.data());
    for (std::size_t place = 0; place < 100; ++place)
      for (std::size_t lane = 0; lane < 8; ++lane)
        CHECK(x[place * 8 + lane] == doctest::Approx(y[supernodal->order()[place] * 8 + lane]).epsilon(1e-10));
  }
}

TEST_CASE("a network without a way to ground is refused, and one of its unknowns is named") {
  std::mt19937 random(6);
  for (const auto& edges : {test::path_edges(30), test::mesh_edges(5), test::dense_edges(12), test::tree_edges(30, random)}) {
    std::int32_t size = 0;
    for (const auto& [one, other] : edges) size = std::max({size, one + 1, other + 1});
    // A grounded path beside the floating network.
    auto c = test::case_of("floating", size + 10, test::side_by_side(edges, size, test::path_edges(10)), random);
    std::vector<double> diagonal(static_cast<std::size_t>(size) + 10, 0.0);
    for (std::size_t e = 0; e < c.values.size(); ++e)
      if (const auto [row, column] = c.shape.entries[e]; row != column) {
        c.values[e] = -std::abs(c.values[e]);
        diagonal[row] -= c.values[e];
        diagonal[column] -= c.values[e];
      }
    for (std::size_t e = 0; e < c.values.size(); ++e)
      if (const auto [row, column] = c.shape.entries[e]; row == column) c.values[e] = diagonal[row] + (row >= size ? 1.0 : 0.0);
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(c.shape.entries.size()); ++i)
      if (c.shape.entries[i].row == c.shape.entries[i].column) c.shape.own.push_back(i);
    const auto plan = make_supernodal_plan(c.shape);
    on_all_machines([&](InstructionSet set, int lanes) {
      const auto system = plan->make_system(lanes, set);
      system->set_shared(c.values);
      CHECK_FALSE(system->factor_shared());
      CHECK(system->singular_unknown() >= 0);
      CHECK(system->singular_unknown() < size);
      // Only the last lane stays without a leak.
      LaneArray own(c.shape.own.size() * static_cast<std::size_t>(lanes));
      for (std::size_t i = 0; i < own.size(); ++i) own[i] = i % lanes + 1 == static_cast<std::size_t>(lanes) ? 0.0 : 1e-3;
      CHECK_FALSE(system->factor(own.data()));
      CHECK(system->singular_unknown() >= 0);
      CHECK(system->singular_unknown() < size);
      own.fill(1e-3);
      CHECK(system->factor(own.data()));
      CHECK(system->singular_unknown() == -1);
      own[own.size() - 1] = std::nan("");
      CHECK_FALSE(system->factor(own.data()));
    });
  }
}

TEST_CASE("KLU names the unknown at which it breaks down") {
  const SystemShape shape{.size = 3, .entries = {{0, 0}, {1, 1}, {2, 2}}, .is_symmetric = true, .own = {}};
  const auto plan = make_klu_plan(shape);
  const auto system = plan->make_system(1, preferred_instruction_set());
  system->set_shared(std::vector<double>{1.0, 0.0, 2.0});
  CHECK_FALSE(system->factor_shared());
  CHECK(system->singular_unknown() == 1);
  system->set_shared(std::vector<double>{1.0, 3.0, 2.0});
  CHECK(system->factor_shared());
  CHECK(system->singular_unknown() == -1);
}

TEST_CASE("a supernodal plan refuses a shape that is not symmetric") {
  CHECK_THROWS_AS((void)make_supernodal_plan({.size = 1, .entries = {{0, 0}}, .is_symmetric = false, .own = {}}),
                  std::invalid_argument);
}

TEST_CASE("a tree has no fill, and its plan counts as many entries as it has edges and unknowns") {
  std::mt19937 random(7);
  const auto c = test::case_of("tree", 400, test::tree_edges(400, random), random);
  const auto path = test::case_of("path", 400, test::path_edges(400), random);
  CHECK(make_supernodal_plan(path.shape)->description().factor_entries == 799);
  CHECK(make_supernodal_plan(path.shape)->description().matrix_entries == 3 * 400 - 2);
  CHECK(make_supernodal_plan(c.shape)->description().factor_entries < 4 * 799);
  CHECK(make_supernodal_plan(c.shape)->description().name == "supernodal LDL^T");
}

}  // namespace tellegen
