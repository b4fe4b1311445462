#pragma once
// Which plan a system gets.

#include <memory>
#include <vector>

#include "hw_models/linear/linear_plan.hpp"

namespace tellegen {

/// Which plan to take.
enum class PlanChoice { automatic, supernodal, crossbar, klu };

/// A plan and what a step of one sample is predicted to cost with it.
struct RatedPlan {
  std::shared_ptr<const LinearPlan> plan;
  double cost = 0;  // [flops of a dense matrix product that take as long]
};

/// The plans that a shape admits, the cheapest first: one factor and two solves where samples have entries of their own, one solve
/// otherwise, weighted by the speed at which each plan's kernels were measured to work. A shape that is not symmetric gets KLU alone.
[[nodiscard]] std::vector<RatedPlan> rate_plans(const SystemShape& shape);

/// The one plan that was asked for, or all as `rate_plans` gives them.
/// @throws std::invalid_argument a plan that the shape does not admit
[[nodiscard]] std::vector<RatedPlan> plans_for(const SystemShape& shape, PlanChoice choice);

}  // namespace tellegen
