#include "runtime/training/optimizer.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace tellegen {
namespace {

constexpr double first_decay = 0.9;
constexpr double second_decay = 0.999;
constexpr double relative_floor = 1e-8;

}  // namespace

Optimizer::Optimizer(const OptimizerSettings& settings, std::span<const double> initial, std::vector<Interval> bounds)
    : settings_(settings), scale_(initial.size(), 1.0), bounds_(std::move(bounds)) {
  if (bounds_.empty()) bounds_.resize(initial.size());
  if (bounds_.size() != initial.size()) throw std::invalid_argument("one interval of bounds per parameter is needed");
  if (settings_.scaling == RateScaling::value) {
    for (std::size_t i = 0; i < initial.size(); ++i) scale_[i] = std::fabs(initial[i]);
    if (std::find(scale_.begin(), scale_.end(), 0.0) != scale_.end())
      throw std::invalid_argument("a rate relative to a parameter's value needs a value that is not zero");
  }
  state_.first.assign(initial.size(), 0.0);
  state_.second.assign(initial.size(), 0.0);
}

void Optimizer::update(std::span<double> parameters, std::span<const double> gradient) {
  if (parameters.size() != scale_.size() || gradient.size() != scale_.size())
    throw std::invalid_argument("parameters and gradient must be those that the optimiser was made for");
  ++state_.steps;
  switch (settings_.kind) {
    case OptimizerKind::sgd:
      return descend(parameters, gradient);
    case OptimizerKind::momentum:
      for (std::size_t i = 0; i < gradient.size(); ++i)
        state_.first[i] = settings_.momentum * state_.first[i] + gradient[i];
      return descend(parameters, state_.first);
    case OptimizerKind::adam:
      return update_adam(parameters, gradient);
  }
}

void Optimizer::descend(std::span<double> parameters, std::span<const double> direction) const {
  for (std::size_t i = 0; i < parameters.size(); ++i)
    parameters[i] = bounds_[i].clip(parameters[i] - settings_.rate * scale_[i] * scale_[i] * direction[i]);
}

void Optimizer::update_adam(std::span<double> parameters, std::span<const double> gradient) {
  const auto steps = static_cast<double>(state_.steps);
  const double first_correction = 1.0 - std::pow(first_decay, steps);
  const double second_correction = 1.0 - std::pow(second_decay, steps);
  double largest = 0;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const double scaled = scale_[i] * gradient[i];
    state_.first[i] = first_decay * state_.first[i] + (1.0 - first_decay) * scaled;
    state_.second[i] = second_decay * state_.second[i] + (1.0 - second_decay) * scaled * scaled;
    largest = std::max(largest, std::sqrt(state_.second[i] / second_correction));
  }
  const double floor = settings_.scaling == RateScaling::value ? relative_floor * largest : 0.0;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const double root = std::sqrt(state_.second[i] / second_correction) + floor;
    if (root == 0.0) continue;  // never had a slope
    const double direction = state_.first[i] / first_correction / root;
    parameters[i] = bounds_[i].clip(parameters[i] - settings_.rate * scale_[i] * direction);
  }
}

void Optimizer::restore(State state) {
  if (state.first.size() != scale_.size() || state.second.size() != scale_.size())
    throw std::invalid_argument("the checkpoint is of another number of parameters");
  state_ = std::move(state);
}

}  // namespace tellegen
