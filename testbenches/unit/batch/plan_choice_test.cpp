#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "hw_models/batch/batch_plan.hpp"
#include "hw_models/circuit/deck/deck.hpp"

using namespace tellegen;

namespace {

std::shared_ptr<const BatchPlan> plan_of(const std::string& lines, PlanChoice choice = PlanChoice::automatic) {
  const auto circuit = std::make_shared<const Circuit>(read_deck_text("title\n" + lines + ".end\n", "t.cir").circuit);
  auto made = BatchPlan::make(circuit, {.step = 1e-9, .steps = 10, .method = Method::trap}, circuit->initial_slots(), BatchAnalysis::transient, choice);
  REQUIRE(std::holds_alternative<std::shared_ptr<const BatchPlan>>(made));
  return std::get<std::shared_ptr<const BatchPlan>>(made);
}

std::string net(int inputs, int hidden, int outputs) {
  std::string lines = ".model dm D(is=1e-9)\n";
  for (int i = 0; i < inputs; ++i) lines += fmt::format("v{} x{} 0 0.5\n", i, i);
  for (int h = 0; h < hidden; ++h) {
    for (int i = 0; i < inputs; ++i) lines += fmt::format("ri{}_{} x{} h{} 1k\n", i, h, i, h);
    for (int o = 0; o < outputs; ++o) lines += fmt::format("ro{}_{} h{} y{} 1k\n", h, o, h, o);
    lines += fmt::format("d{} h{} 0 dm\nc{} h{} 0 1p\n", h, h, h, h);
  }
  for (int o = 0; o < outputs; ++o) lines += fmt::format("rl{} y{} 0 1k\n", o, o);
  return lines;
}

std::string ladder(int sections, bool with_diodes) {
  std::string lines = ".model dm D(is=1e-9)\nv1 n0 0 1\n";
  for (int i = 0; i < sections; ++i) {
    lines += fmt::format("r{} n{} n{} 100\nc{} n{} 0 1p\n", i, i, i + 1, i, i + 1);
    if (with_diodes) lines += fmt::format("d{} n{} 0 dm\n", i, i + 1);
  }
  return lines;
}

}  // namespace

TEST_CASE("the plan is recognised from the topology alone") {
  CHECK(plan_of(net(8, 40, 6))->linear().description().name == "crossbar");
  CHECK(plan_of(ladder(50, false))->linear().description().name == "supernodal LDL^T");
  CHECK(plan_of(ladder(50, true))->linear().description().name == "supernodal LDL^T");
  CHECK(plan_of("v1 a 0 1\nr1 a b 1k\nc1 b 0 1p\ng1 c 0 b 0 1m\nr2 c 0 1k\nc2 c 0 1p\n")->linear().description().name == "KLU");
}

TEST_CASE("ratings put the chosen plan first, and a plan asked for is the plan taken") {
  const auto automatic = plan_of(net(8, 40, 6));
  REQUIRE(automatic->ratings().size() == 2);
  CHECK(automatic->ratings()[0].cost < automatic->ratings()[1].cost);
  CHECK(automatic->ratings()[0].name == automatic->linear().description().name);
  CHECK(plan_of(net(8, 40, 6), PlanChoice::supernodal)->linear().description().name == "supernodal LDL^T");
  CHECK(plan_of(net(8, 40, 6), PlanChoice::klu)->linear().description().name == "KLU");
  CHECK_THROWS_AS(static_cast<void>(plan_of(ladder(50, true), PlanChoice::crossbar)), std::invalid_argument);
}

TEST_CASE("known voltages leave the system and parallel branches share a port") {
  const auto plan = plan_of("v1 a 0 1\nr1 a b 1k\nr2 b a 2k\nc1 b 0 1p\nc2 0 b 2p\nr3 b c 1k\nr4 c 0 1k\nc3 c 0 1p\n");
  CHECK(plan->unknowns() == 2);
  std::size_t ports = 0;
  for (const auto& group : plan->linear_groups()) ports += static_cast<std::size_t>(group.ports.count());
  CHECK(ports == 5);  // r1 with r2, r3, r4, c1 with c2, c3
  const auto values = plan->values(plan->circuit().initial_slots());
  double conductance = 0;
  for (std::size_t g = 0; g < values.conductance.size(); ++g)
    if (plan->linear_groups()[g].is_input()) conductance = values.conductance[g][0];
  CHECK(conductance == doctest::Approx(1.5e-3));
}

TEST_CASE("factors with pivoting stay exact where small diagonal entries would grow from column to column") {
  SystemShape shape{.size = 12, .entries = {}, .is_symmetric = false, .own = {}};
  std::vector<double> values;
  const auto entry = [](std::int32_t row, std::int32_t column) { return row == column ? 2e-3 : column == 11 ? 1.0 : -1.0; };
  for (std::int32_t column = 0; column < shape.size; ++column)
    for (std::int32_t row = column == 11 ? 0 : column; row < shape.size; ++row) {
      shape.entries.push_back({row, column});
      values.push_back(entry(row, column));
    }
  const auto plan = make_klu_plan(shape);
  const auto system = plan->make_system(1, InstructionSet::scalar);
  system->set_shared(values);
  for (const bool transposed : {false, true}) {
    REQUIRE(system->factor_shared());
    std::vector<double> x(12), residual(12);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = residual[i] = 1 + 0.1 * static_cast<double>(i);
    transposed ? system->solve_transposed(x.data()) : system->solve(x.data());
    system->subtract_product(nullptr, x.data(), residual.data(), transposed);
    for (const double r : residual) CHECK(std::abs(r) < 1e-12);
  }
}
