#include "hw_models/linear/plan_choice.hpp"

#include <algorithm>
#include <stdexcept>

namespace tellegen {
namespace {

/// Flops that the kernels of a plan do in the time of one flop of a dense matrix product, inverted: what one flop costs, measured with
/// `bench_linear` and `bench_crossbar` at 16 lanes. [1]
struct FlopCost {
  double factor = 1, solve = 1;
};
constexpr FlopCost crossbar_cost{.factor = 1.5, .solve = 2};
constexpr FlopCost supernodal_cost{.factor = 3, .solve = 3};
constexpr FlopCost klu_cost{.factor = 60, .solve = 40};

double cost_of(const PlanDescription& plan, const FlopCost& cost, bool has_own) {
  // Newton's method factors about once and solves twice a step; a linear circuit only solves.
  return (has_own ? cost.factor * plan.factor_flops : 0) + cost.solve * plan.solve_flops * (has_own ? 2 : 1);
}

RatedPlan rate(const SystemShape& shape, std::shared_ptr<const LinearPlan> plan, const FlopCost& cost) {
  const double predicted = cost_of(plan->description(), cost, !shape.own.empty());
  return {std::move(plan), predicted};
}

}  // namespace

std::vector<RatedPlan> rate_plans(const SystemShape& shape) {
  if (!shape.is_symmetric) return {rate(shape, make_klu_plan(shape), klu_cost)};
  std::vector<RatedPlan> plans{rate(shape, make_supernodal_plan(shape), supernodal_cost)};
  if (auto crossbar = make_crossbar_plan(shape)) plans.push_back(rate(shape, std::move(crossbar), crossbar_cost));
  std::ranges::stable_sort(plans, {}, &RatedPlan::cost);
  return plans;
}

std::vector<RatedPlan> plans_for(const SystemShape& shape, PlanChoice choice) {
  switch (choice) {
    case PlanChoice::automatic: break;
    case PlanChoice::klu: return {rate(shape, make_klu_plan(shape), klu_cost)};
    case PlanChoice::supernodal:
      if (!shape.is_symmetric) throw std::invalid_argument("the circuit's equations are not symmetric; only klu takes them");
      return {rate(shape, make_supernodal_plan(shape), supernodal_cost)};
    case PlanChoice::crossbar:
      auto plan = shape.is_symmetric ? make_crossbar_plan(shape) : nullptr;
      if (!plan) throw std::invalid_argument("the circuit's topology is no crossbar");
      return {rate(shape, std::move(plan), crossbar_cost)};
  }
  return rate_plans(shape);
}

}  // namespace tellegen
