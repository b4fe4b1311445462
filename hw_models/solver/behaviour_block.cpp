#include "hw_models/solver/behaviour_block.hpp"

#include <algorithm>

namespace tellegen {

BehaviourBlock::BehaviourBlock(const Circuit& circuit) {
  const auto branches = circuit.branches();
  for (std::size_t b = 0; b < branches.size(); ++b) {
    const auto& branch = branches[b];
    if (branch.kind != BranchKind::behavioural) continue;
    const std::vector<double> arguments(branch.inputs.size() + 1, 0.0);
    members_.push_back({.branch = static_cast<std::int32_t>(b), .first_state = branch.first_state, .output = branch.out, .inputs = branch.inputs,
                        .behaviour = branch.behaviour.get(), .arguments = arguments, .next = arguments,
                        .tangent = std::vector<double>(branch.inputs.size(), 0.0)});
    is_linear_ = is_linear_ && branch.behaviour->is_linear();
  }
}

void BehaviourBlock::begin(bool linearised, bool swapped) {
  linearised_ = linearised;
  swapped_ = swapped;
}

void BehaviourBlock::begin_step(double time, std::span<const double> states) {
  for (auto& member : members_) {
    member.arguments.back() = member.next.back() = time;
    if (!linearised_) continue;
    for (std::size_t j = 0; j < member.inputs.size(); ++j)
      member.arguments[j] = states.empty() ? 0 : states[static_cast<std::size_t>(member.first_state) + j];
    member.behaviour->slopes(member.arguments, member.tangent);
  }
}

void BehaviourBlock::sense(Member& member, std::span<const double> x) {
  for (std::size_t j = 0; j < member.inputs.size(); ++j) member.arguments[j] = across(x, member.inputs[j]);
}

void BehaviourBlock::add_currents(std::size_t k, std::span<const double> x, std::span<double> residual) {
  auto& member = members_[k];
  const auto drive = [&](Port port, double current) {
    residual[static_cast<std::size_t>(port.p)] += current;
    residual[static_cast<std::size_t>(port.n)] -= current;
  };
  if (!linearised_) {
    sense(member, x);
    return drive(member.output, member.behaviour->value(member.arguments));
  }
  for (std::size_t j = 0; j < member.inputs.size(); ++j) {
    const Port sensed = swapped_ ? member.output : member.inputs[j], driven = swapped_ ? member.inputs[j] : member.output;
    drive(driven, member.tangent[j] * across(x, sensed));
  }
}

std::span<const double> BehaviourBlock::slopes(std::size_t k, std::span<const double> x) {
  auto& member = members_[k];
  if (!linearised_) {
    sense(member, x);
    member.behaviour->slopes(member.arguments, member.tangent);
  }
  return member.tangent;
}

double BehaviourBlock::trusted_fraction(std::size_t k, std::span<const double> x, std::span<const double> dx) {
  if (linearised_) return 1;
  auto& member = members_[k];
  sense(member, x);
  for (std::size_t j = 0; j < member.inputs.size(); ++j) member.next[j] = member.arguments[j] + across(dx, member.inputs[j]);
  return member.behaviour->trusted_fraction(member.arguments, member.next);
}

void BehaviourBlock::accept(std::size_t k, std::span<const double> x, std::span<double> states) const {
  const auto& member = members_[k];
  for (std::size_t j = 0; j < member.inputs.size(); ++j) states[static_cast<std::size_t>(member.first_state) + j] = across(x, member.inputs[j]);
}

}  // namespace tellegen
