#include <doctest/doctest.h>

#include "hw_models/linear/crossbar_structure.hpp"
#include "unit/linear/crossbar_nets.hpp"

using namespace tellegen;
using namespace tellegen::test;

namespace {

std::int32_t remaining_of(const Network& net) {
  const auto found = find_crossbar(net.shape);
  return found ? found->remaining : -1;
}

}  // namespace

TEST_CASE("a net of one hidden layer is a crossbar whose smaller side remains, whatever its unknowns are called") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    CHECK(remaining_of(layered_net({64, 10}, seed)) == 10);
    CHECK(remaining_of(layered_net({10, 64}, seed)) == 10);
    CHECK(remaining_of(layered_net({100, 10}, seed)) == 10);
  }
}

TEST_CASE("every other layer of a deep net remains") {
  CHECK(remaining_of(layered_net({64, 64, 10}, 1)) == 64);
  CHECK(remaining_of(layered_net({40, 30, 20, 10}, 1)) == 40);
  CHECK(remaining_of(layered_net({40, 20, 40, 20, 40}, 1)) == 40);
}

TEST_CASE("a deep net eliminates its layers as dense blocks, each with the layers beside it alone") {
  const auto found = find_crossbar(layered_net({32, 32, 32, 32, 8}, 3).shape);
  REQUIRE(found);
  CHECK(found->groups.size() == 3);
  CHECK(found->synapses() == 3 * 32 * 32 + 32 * 8);
}

TEST_CASE("unknowns of one kind do not touch, in every crossbar that is found") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const auto net = layered_net({30, 20, 10}, seed, {.density = 0.8});
    const auto found = find_crossbar(net.shape);
    REQUIRE(found);
    std::vector<std::int32_t> place(found->order.size());
    for (std::size_t k = 0; k < place.size(); ++k) place[found->order[k]] = static_cast<std::int32_t>(k);
    for (const auto [row, column] : net.shape.entries)
      if (row != column) CHECK(std::max(place[row], place[column]) >= found->eliminated);
  }
}

TEST_CASE("pruned nets are crossbars while most of their synapses are there") {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    CHECK(remaining_of(layered_net({64, 10}, seed, {.density = 0.8})) == 10);
    CHECK(remaining_of(layered_net({64, 10}, seed, {.density = 0.02})) == -1);
  }
}

TEST_CASE("a layer with couplings inside it may remain") {
  std::mt19937 random(5);
  NetworkBuilder builder(74, random, true);
  for (std::int32_t i = 0; i < 64; ++i) {
    builder.own(i);
    for (std::int32_t j = 64; j < 74; ++j) builder.connect(i, j, 1.0);
  }
  for (std::int32_t j = 64; j < 74; ++j) {
    builder.ground(j, 1.0);
    if (j > 64) builder.connect(j, j - 1, 1.0);
  }
  CHECK(remaining_of(builder.network()) == 10);
}

TEST_CASE("several nets in one system and unknowns alone are one crossbar") {
  std::mt19937 random(6);
  NetworkBuilder builder(80, random, true);
  for (std::int32_t net = 0; net < 2; ++net)
    for (std::int32_t i = 0; i < 24; ++i)
      for (std::int32_t j = 24; j < 32; ++j) builder.connect(32 * net + i, 32 * net + j, 1.0);
  for (std::int32_t i = 0; i < 80; ++i) builder.ground(i, 1.0), builder.own(i);
  const auto found = find_crossbar(builder.network().shape);
  REQUIRE(found);
  CHECK(found->remaining == 16);
  CHECK(found->remainder_entries == 2 * 36);
}

TEST_CASE("ladders, trees and meshes are no crossbars") {
  for (const std::int32_t size : {2, 3, 10, 100, 1000}) {
    CAPTURE(size);
    CHECK(remaining_of(tree(size, 1)) == -1);
    CHECK(remaining_of(tree(size, 2)) == -1);
    CHECK(remaining_of(tree(size, 5)) == -1);
  }
  for (const std::int32_t side : {2, 3, 5, 8, 12, 30}) {
    CAPTURE(side);
    CHECK(remaining_of(mesh(side, true)) == -1);
    CHECK(remaining_of(mesh(side, false)) == -1);
  }
}

TEST_CASE("a crossbar needs a symmetric shape whose own entries lie on the diagonal") {
  auto net = layered_net({64, 10}, 1);
  REQUIRE(make_crossbar_plan(net.shape));
  auto with_own_synapse = net.shape;
  with_own_synapse.own.clear();
  for (std::size_t e = 0; e < net.shape.entries.size() && with_own_synapse.own.empty(); ++e)
    if (net.shape.entries[e].row != net.shape.entries[e].column) with_own_synapse.own.push_back(static_cast<std::int32_t>(e));
  CHECK_FALSE(make_crossbar_plan(with_own_synapse));
  net.shape.is_symmetric = false;
  CHECK_FALSE(make_crossbar_plan(net.shape));
}

TEST_CASE("a crossbar plan says what it is") {
  const auto narrow = make_crossbar_plan(layered_net({64, 10}, 1).shape),
             wide = make_crossbar_plan(layered_net({64, 64, 10}, 1).shape);
  REQUIRE(narrow);
  REQUIRE(wide);
  CHECK(narrow->description().name == "crossbar");
  CHECK(narrow->description().details == "64 x 10, Cholesky of 10");
  CHECK(narrow->description().unknowns == 74);
  CHECK(narrow->description().matrix_entries == 74 + 2 * 640);
  CHECK(narrow->description().factor_entries == 64 + 640 + 55);
  CHECK(narrow->description().factor_flops == doctest::Approx(64 * 55 * 2 + 10 * 10 * 10 / 3.0).epsilon(0.05));
  CHECK(wide->description().details == "74 x 64, conjugate gradients in 64");
}
