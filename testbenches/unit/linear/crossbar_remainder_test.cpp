#include <doctest/doctest.h>

#include <cmath>

#include "hw_models/linear/crossbar_remainder.hpp"
#include "unit/linear/crossbar_nets.hpp"

using namespace tellegen;
using namespace tellegen::test;

namespace {

/// The two solvers of one remainder, with the diagonals that both take.
struct Remainder {
  Remainder(const Network& net, const LaneArray& own_values, int lane_count, InstructionSet set)
      : topology(net.shape, find_crossbar(net.shape).value()),
        matrix(topology, lane_count, set),
        descent(matrix, set),
        factors(matrix, set),
        own(own_values.data()),
        inverse(matrix.eliminated() * lane_count),
        diagonal(matrix.remaining() * lane_count) {
    const auto& kernels = crossbar_kernels(set).with(lane_count);
    matrix.set(net.values);
    is_positive = kernels.invert(matrix.eliminated_diagonal(), own, inverse.data());
    kernels.assemble(matrix.remaining_diagonal(), own, diagonal.data());
  }
  CrossbarTopology topology;
  CrossbarMatrix matrix;
  RemainderDescent descent;
  RemainderFactors factors;
  const double* own;
  LaneArray inverse, diagonal;
  bool is_positive = false;
};

LaneArray copy_of(const LaneArray& from) {
  LaneArray made(from.size());
  made.copy_from(from);
  return made;
}

double largest_difference(const LaneArray& a, const LaneArray& b) {
  double largest = 0, difference = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    largest = std::max(largest, std::abs(b[k]));
    difference = std::max(difference, std::abs(a[k] - b[k]));
  }
  return difference / largest;
}

double largest_residual(const LinearPlan& plan, const Network& net, const LaneArray& own, int lanes, InstructionSet set,
                        unsigned seed) {
  const auto system = plan.make_system(lanes, set);
  system->set_shared(net.values);
  REQUIRE(system->factor(own.data()));
  const auto b = random_lanes(static_cast<std::size_t>(net.shape.size * lanes), seed, -1, 1);
  auto x = copy_of(b), r = copy_of(b);
  system->solve(x.data());
  system->subtract_product(own.data(), x.data(), r.data());
  double largest = 0;
  for (std::size_t k = 0; k < r.size(); ++k) largest = std::max(largest, std::abs(r[k]));
  return largest;
}

/// Synapses over eight decades, hardly grounded: conjugate gradients need more steps than there are unknowns.
Network stiff_net(unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> decade(-12, -4);
  NetworkBuilder builder(160, random, true);
  for (std::int32_t i = 0; i < 80; ++i)
    for (std::int32_t j = 80; j < 160; ++j) builder.connect(i, j, std::pow(10.0, (i + j) % 11 == 0 ? decade(random) : -12));
  for (std::int32_t i = 0; i < 160; ++i) builder.ground(i, 1e-12), builder.own(i);
  return builder.network();
}

}  // namespace

TEST_CASE("conjugate gradients and factors give one solution, and dense layers need few steps") {
  for (const auto& layers : std::vector<std::vector<std::int32_t>>{{30, 20}, {64, 64, 10}, {110, 100}, {40, 40, 40, 40, 40}}) {
    const auto net = layered_net(layers, 3);
    on_all_lanes([&](int lanes, InstructionSet set) {
      CAPTURE(lanes);
      CAPTURE(name_of(set));
      const auto own = random_lanes(net.shape.own.size() * lanes, 4, 1e-9, 1e-2);
      Remainder one(net, own, lanes, set);
      REQUIRE(one.is_positive);
      REQUIRE(one.matrix.is_dominant(own.data()));
      REQUIRE(one.descent.prepare(own.data()));
      REQUIRE(one.factors.factor(one.inverse.data(), one.diagonal.data()));
      auto x = random_lanes(one.diagonal.size(), 5, -1, 1), y = copy_of(x);
      REQUIRE(one.descent.solve(one.inverse.data(), one.diagonal.data(), x.data()));
      one.factors.solve(y.data());
      CHECK(largest_difference(x, y) < 1e-12);
      CHECK(one.descent.steps() <= 16);  // what the choice between the two counts on
    });
  }
}

TEST_CASE("a right-hand side of zeros has the solution zero, beside others that have not") {
  const auto net = layered_net({64, 64, 10}, 1);
  const auto own = random_lanes(net.shape.own.size() * 8, 2, 1e-9, 1e-2);
  Remainder one(net, own, 8, preferred_instruction_set());
  REQUIRE(one.descent.prepare(own.data()));
  auto x = random_lanes(one.diagonal.size(), 3, -1, 1);
  for (std::size_t k = 0; k < x.size(); k += 8) x[k + 5] = 0;
  REQUIRE(one.descent.solve(one.inverse.data(), one.diagonal.data(), x.data()));
  for (std::size_t k = 0; k < x.size(); k += 8) {
    CHECK(x[k + 5] == 0);
    CHECK(x[k + 4] != 0);
  }
}

TEST_CASE("a sample's solution is the same bit for bit whatever its neighbours are") {
  const auto net = layered_net({64, 64, 10}, 1);
  const auto plan = make_crossbar_plan(net.shape);
  REQUIRE(plan);
  const auto set = preferred_instruction_set();
  auto own = random_lanes(net.shape.own.size() * 16, 2, 1e-6, 1e-2), other = random_lanes(own.size(), 9, 1e-9, 1.0);
  const auto b = random_lanes(static_cast<std::size_t>(net.shape.size) * 16, 3, -1, 1);
  for (std::size_t j = 0; j < own.size(); j += 16) other[j + 6] = own[j + 6];
  auto x = copy_of(b), y = copy_of(b);
  const auto system = plan->make_system(16, set);
  system->set_shared(net.values);
  REQUIRE(system->factor(own.data()));
  system->solve(x.data());
  REQUIRE(system->factor(other.data()));
  system->solve(y.data());
  for (std::size_t k = 0; k < x.size(); k += 16) {
    CHECK(x[k + 6] == y[k + 6]);
    CHECK(x[k + 7] != y[k + 7]);
  }
}

TEST_CASE("where conjugate gradients do not arrive the right-hand side is left alone and factors solve it") {
  const auto net = stiff_net(1);
  const auto plan = make_crossbar_plan(net.shape);
  REQUIRE(plan);
  on_all_lanes([&](int lanes, InstructionSet set) {
    CAPTURE(lanes);
    CAPTURE(name_of(set));
    const auto own = random_lanes(net.shape.own.size() * lanes, 2, 0, 1e-12);
    Remainder one(net, own, lanes, set);
    REQUIRE(one.matrix.is_dominant(own.data()));
    REQUIRE(one.descent.prepare(own.data()));
    const auto b = random_lanes(one.diagonal.size(), 3, -1e-6, 1e-6);
    auto x = copy_of(b);
    CHECK_FALSE(one.descent.solve(one.inverse.data(), one.diagonal.data(), x.data()));
    CHECK(largest_difference(x, b) == 0);

    const auto system = plan->make_system(lanes, set);
    system->set_shared(net.values);
    REQUIRE(system->factor(own.data()));
    const auto right = random_lanes(static_cast<std::size_t>(net.shape.size * lanes), 4, -1e-6, 1e-6);
    auto first = copy_of(right), second = copy_of(right);
    system->solve(first.data());
    system->solve(second.data());
    CHECK(largest_difference(first, second) == 0);
    const auto exact_plan = make_klu_plan(net.shape);
    const auto exact = exact_plan->make_system(lanes, set);
    exact->set_shared(net.values);
    REQUIRE(exact->factor(own.data()));
    LaneArray y(right.size());
    for (std::size_t k = 0; k < y.size(); ++k) y[plan->order()[k / lanes] * lanes + k % lanes] = right[k];
    exact->solve(y.data());
    LaneArray reordered(y.size());
    for (std::size_t k = 0; k < y.size(); ++k) reordered[k] = y[plan->order()[k / lanes] * lanes + k % lanes];
    CHECK(largest_difference(first, reordered) < 1e-6);
  });
}

TEST_CASE("negative slopes are solved while the matrix is definite and refused when it is not") {
  const auto net = layered_net({64, 64, 10}, 1);
  const auto plan = make_crossbar_plan(net.shape);
  REQUIRE(plan);
  on_all_lanes([&](int lanes, InstructionSet set) {
    CAPTURE(lanes);
    CAPTURE(name_of(set));
    auto own = random_lanes(net.shape.own.size() * lanes, 2, 1e-6, 1e-2);
    own[lanes - 1] = -2e-4;  // more than its ground, less than its synapses
    Remainder one(net, own, lanes, set);
    CHECK_FALSE(one.matrix.is_dominant(own.data()));
    CHECK(largest_residual(*plan, net, own, lanes, set, 3) < 1e-11);
    own[lanes - 1] = -1.0;
    const auto system = plan->make_system(lanes, set);
    system->set_shared(net.values);
    CHECK_FALSE(system->factor(own.data()));
  });
}

TEST_CASE("a wide net that hangs in the air is refused, in any one sample") {
  const auto net = layered_net({64, 64, 10}, 1, {.ground = 0.0});
  const auto plan = make_crossbar_plan(net.shape);
  REQUIRE(plan);
  on_all_lanes([&](int lanes, InstructionSet set) {
    const auto system = plan->make_system(lanes, set);
    system->set_shared(net.values);
    CHECK_FALSE(system->factor_shared());
    auto own = random_lanes(net.shape.own.size() * lanes, 2, 1e-7, 1e-2);
    CHECK(system->factor(own.data()));
    for (std::size_t j = 0; j < net.shape.own.size(); ++j) own[j * lanes] = 0;
    CHECK_FALSE(system->factor(own.data()));
  });
}
