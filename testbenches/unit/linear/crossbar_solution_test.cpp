#include <doctest/doctest.h>

#include <cmath>

#include "unit/linear/crossbar_nets.hpp"

using namespace tellegen;
using namespace tellegen::test;

namespace {

/// Largest difference between a plan's solutions and those of the whole dense matrix, relative to the largest unknown.
/// @param own  null: the matrix that all samples share
double solution_error(const Network& net, const LinearPlan& plan, int lanes, InstructionSet set, const double* own,
                      unsigned seed) {
  const auto n = static_cast<std::size_t>(net.shape.size);
  const auto system = plan.make_system(lanes, set);
  system->set_shared(net.values);
  REQUIRE((own ? system->factor(own) : system->factor_shared()));
  const auto b = random_lanes(n * lanes, seed, -1e-3, 1e-3);
  LaneArray x(b.size());
  x.copy_from(b);
  system->solve(x.data());
  double largest = 0, error = 0;
  for (int lane = 0; lane < lanes; ++lane) {
    std::vector<double> right(n);
    for (std::size_t k = 0; k < n; ++k) right[plan.order()[k]] = b[k * lanes + lane];
    const auto exact = dense_solution(dense_matrix(net, own, lanes, lane), right);
    for (std::size_t k = 0; k < n; ++k) {
      largest = std::max(largest, std::abs(exact[plan.order()[k]]));
      error = std::max(error, std::abs(x[k * lanes + lane] - exact[plan.order()[k]]));
    }
  }
  return error / largest;
}

void check_net(const Network& net, unsigned seed) {
  const auto plan = make_crossbar_plan(net.shape);
  REQUIRE(plan);
  on_all_lanes([&](int lanes, InstructionSet set) {
    CAPTURE(lanes);
    CAPTURE(name_of(set));
    CAPTURE(seed);
    const auto own = random_lanes(net.shape.own.size() * lanes, seed, 1e-7, 1e-2);
    CHECK(solution_error(net, *plan, lanes, set, own.data(), seed) < 1e-12);
    CHECK(solution_error(net, *plan, lanes, set, nullptr, seed) < 1e-12);
  });
}

}  // namespace

TEST_CASE("a crossbar plan solves nets of every depth and width, one matrix a sample or one for all") {
  for (unsigned seed = 1; seed <= 3; ++seed)
    for (const auto& layers : std::vector<std::vector<std::int32_t>>{
             {16, 4}, {17, 5}, {64, 10}, {10, 64}, {33, 1}, {24, 13, 10}, {20, 20, 20, 6}, {12, 12, 12, 12, 12, 5}})
      check_net(layered_net(layers, seed), seed);
}

TEST_CASE("a crossbar plan solves nets whose remainder is wide, by conjugate gradients or factors") {
  for (const auto& layers : std::vector<std::vector<std::int32_t>>{{36, 34, 8}, {64, 64, 10}, {50, 50, 50, 50}, {110, 100}})
    check_net(layered_net(layers, 5), 5);
}

TEST_CASE("a crossbar plan solves pruned nets") {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    check_net(layered_net({40, 10}, seed, {.density = 0.8}), seed);
    check_net(layered_net({30, 20, 10}, seed, {.density = 0.85}), seed);
  }
}

TEST_CASE("a crossbar plan solves nets where samples add to a part of the diagonals, on either side") {
  for (unsigned seed = 1; seed <= 5; ++seed) check_net(layered_net({40, 12, 8}, seed, {.own_share = 0.5}), seed);
  check_net(layered_net({40, 12}, 1, {.has_own = false}), 1);
  std::mt19937 random(2);
  NetworkBuilder outputs(40, random, true);
  for (std::int32_t i = 0; i < 40; ++i) {
    outputs.ground(i, 1e-4);
    if (i >= 32) outputs.own(i);
    for (std::int32_t j = 32; i < 32 && j < 40; ++j) outputs.connect(i, j, 1e-5 * (1 + (i * 7 + j) % 5));
  }
  check_net(outputs.network(), 3);
}

TEST_CASE("a crossbar plan solves nets with couplings inside the layer that remains, unknowns alone and several nets") {
  std::mt19937 random(4);
  std::uniform_real_distribution<double> conductance(1e-6, 1e-4);
  NetworkBuilder builder(85, random, true);
  for (std::int32_t net = 0; net < 2; ++net)
    for (std::int32_t i = 0; i < 32; ++i)
      for (std::int32_t j = 32; j < 40; ++j) builder.connect(40 * net + i, 40 * net + j, conductance(random));
  for (std::int32_t j = 33; j < 40; ++j) builder.connect(j, j - 1, conductance(random));
  for (std::int32_t i = 0; i < 85; ++i) {
    builder.ground(i, 1e-5);
    if (i % 3 != 0) builder.own(i);
  }
  check_net(builder.network(), 9);
}

TEST_CASE("a crossbar plan agrees with KLU on every sample") {
  const auto net = layered_net({64, 10}, 7);
  const auto plan = make_crossbar_plan(net.shape), reference = make_klu_plan(net.shape);
  REQUIRE(plan);
  const auto set = preferred_instruction_set();
  const auto own = random_lanes(net.shape.own.size() * 16, 8, 1e-7, 1e-2);
  const auto system = plan->make_system(16, set), exact = reference->make_system(16, set);
  LaneArray x(74 * 16), y(74 * 16);
  for (std::size_t k = 0; k < 74; ++k)
    for (std::size_t lane = 0; lane < 16; ++lane)
      x[k * 16 + lane] = y[plan->order()[k] * 16 + lane] = std::sin(static_cast<double>(k * lane + k));
  for (const auto& one : {system.get(), exact.get()}) {
    one->set_shared(net.values);
    REQUIRE(one->factor(own.data()));
  }
  system->solve(x.data());
  exact->solve(y.data());
  for (std::size_t k = 0; k < 74; ++k)
    for (std::size_t lane = 0; lane < 16; ++lane)
      CHECK(x[k * 16 + lane] == doctest::Approx(y[plan->order()[k] * 16 + lane]).epsilon(1e-10));
}

TEST_CASE("the residual of a solution is round-off, with own diagonals and without") {
  for (const auto& layers : std::vector<std::vector<std::int32_t>>{{64, 10}, {30, 20, 10}, {20, 20, 20, 6}}) {
    const auto net = layered_net(layers, 11);
    const auto plan = make_crossbar_plan(net.shape);
    REQUIRE(plan);
    on_all_lanes([&](int lanes, InstructionSet set) {
      const auto own = random_lanes(net.shape.own.size() * lanes, 12, 1e-7, 1e-2);
      const auto b = random_lanes(static_cast<std::size_t>(net.shape.size * lanes), 13, -1e-3, 1e-3);
      for (const double* added : {own.data(), static_cast<const double*>(nullptr)}) {
        const auto system = plan->make_system(lanes, set);
        system->set_shared(net.values);
        REQUIRE((added ? system->factor(added) : system->factor_shared()));
        LaneArray x(b.size()), r(b.size());
        x.copy_from(b);
        r.copy_from(b);
        system->solve(x.data());
        system->subtract_product(added, x.data(), r.data());
        for (std::size_t k = 0; k < r.size(); ++k) CHECK(std::abs(r[k]) < 1e-14);
      }
    });
  }
}

TEST_CASE("a system follows new shared values, and factors of one kind leave nothing behind for those of the other") {
  const auto first = layered_net({30, 20, 10}, 1), second = layered_net({30, 20, 10}, 1, {.ground = 3e-3});
  const auto plan = make_crossbar_plan(first.shape);
  REQUIRE(plan);
  const auto own = random_lanes(first.shape.own.size() * 8, 2, 1e-7, 1e-2), b = random_lanes(60 * 8, 3, -1, 1);
  const auto used = plan->make_system(8, preferred_instruction_set()), fresh = plan->make_system(8, preferred_instruction_set());
  LaneArray x(60 * 8), y(60 * 8);
  used->set_shared(first.values);
  REQUIRE(used->factor(own.data()));
  REQUIRE(used->factor_shared());
  used->set_shared(second.values);
  fresh->set_shared(second.values);
  REQUIRE(used->factor(own.data()));
  REQUIRE(fresh->factor(own.data()));
  x.copy_from(b);
  y.copy_from(b);
  used->solve(x.data());
  fresh->solve(y.data());
  for (std::size_t k = 0; k < x.size(); ++k) CHECK(x[k] == y[k]);
}

TEST_CASE("a singular matrix is refused, in any one sample and on either side, and an unknown of it is named") {
  const auto floating = layered_net({40, 10}, 1, {.ground = 0.0});
  const auto plan = make_crossbar_plan(floating.shape);
  REQUIRE(plan);
  on_all_lanes([&](int lanes, InstructionSet set) {
    CAPTURE(lanes);
    CAPTURE(name_of(set));
    const auto system = plan->make_system(lanes, set);
    system->set_shared(floating.values);
    CHECK_FALSE(system->factor_shared());
    CHECK(system->singular_unknown() == plan->order().back());
    auto own = random_lanes(floating.shape.own.size() * lanes, 2, 1e-7, 1e-2);
    CHECK(system->factor(own.data()));
    CHECK(system->singular_unknown() == -1);
    for (std::size_t j = 0; j < floating.shape.own.size(); ++j) own[j * lanes + lanes - 1] = 0;
    CHECK_FALSE(system->factor(own.data()));
    CHECK(system->singular_unknown() == plan->order().back());
    own.fill(std::nan(""));
    CHECK_FALSE(system->factor(own.data()));
    CHECK(system->singular_unknown() >= 0);
  });
}

TEST_CASE("an unknown without a diagonal is named, whether it is eliminated or remains") {
  const auto net = layered_net({40, 10}, 1);
  const auto plan = make_crossbar_plan(net.shape);
  REQUIRE(plan);
  on_all_lanes([&](int lanes, InstructionSet set) {
    const auto system = plan->make_system(lanes, set);
    LaneArray own(net.shape.own.size() * lanes);
    for (const std::size_t place : {std::size_t{3}, std::size_t{44}}) {
      const auto unknown = plan->order()[place];
      auto values = net.values;
      for (std::size_t e = 0; e < values.size(); ++e)
        if (net.shape.entries[e] == MatrixEntry{unknown, unknown}) values[e] = 0;
      system->set_shared(values);
      CHECK_FALSE(system->factor_shared());
      CHECK(system->singular_unknown() == unknown);
      CHECK_FALSE(system->factor(own.data()));
      CHECK(system->singular_unknown() == unknown);
    }
  });
}
