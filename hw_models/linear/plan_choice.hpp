#pragma once
// Which plan a system gets.

#include "hw_models/linear/linear_plan.hpp"

namespace tellegen {

/// Which plan to take.
enum class PlanChoice { automatic, supernodal, crossbar, klu };

/// The plan of least predicted cost that a shape admits: flops of one factor and two solves, weighted by the speed at which each plan's
/// kernels were measured to do them. A shape that is not symmetric gets KLU.
/// @throws std::invalid_argument a plan that the shape does not admit
[[nodiscard]] std::shared_ptr<const LinearPlan> choose_plan(const SystemShape& shape, PlanChoice choice = PlanChoice::automatic);

}  // namespace tellegen
