#include "hw_models/linear/plan_choice.hpp"

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

double cost_of(const PlanDescription& plan, const FlopCost& cost, bool has_own) {
  // Newton's method factors about once and solves twice a step; a linear circuit only solves.
  return (has_own ? cost.factor * plan.factor_flops : 0) + cost.solve * plan.solve_flops * (has_own ? 2 : 1);
}

std::shared_ptr<const LinearPlan> required(std::shared_ptr<const LinearPlan> plan) {
  if (!plan) throw std::invalid_argument("the circuit's topology is no crossbar");
  return plan;
}

}  // namespace

std::shared_ptr<const LinearPlan> choose_plan(const SystemShape& shape, PlanChoice choice) {
  switch (choice) {
    case PlanChoice::supernodal: return make_supernodal_plan(shape);
    case PlanChoice::crossbar: return required(make_crossbar_plan(shape));
    case PlanChoice::klu: return make_klu_plan(shape);
    case PlanChoice::automatic: break;
  }
  if (!shape.is_symmetric) return make_klu_plan(shape);
  auto sparse = make_supernodal_plan(shape);
  auto crossbar = make_crossbar_plan(shape);
  if (!crossbar) return sparse;
  const bool has_own = !shape.own.empty();
  return cost_of(crossbar->description(), crossbar_cost, has_own) < cost_of(sparse->description(), supernodal_cost, has_own) ? crossbar : sparse;
}

}  // namespace tellegen
