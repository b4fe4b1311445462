#include "hw_models/circuit/behaviour.hpp"

#include <algorithm>
#include <cmath>

namespace tellegen {
namespace {

std::vector<std::string> arguments_of(std::vector<std::string> inputs) {
  inputs.emplace_back("time");
  return inputs;
}

}  // namespace

Behaviour::Behaviour(const Expression& g, std::vector<std::string> inputs) : g_(g.in_variables(arguments_of(inputs))) {
  for (const auto& input : inputs) {
    slopes_.push_back(g_.derivative(input));
    is_linear_ = is_linear_ && slopes_.back().constant_value().has_value();
  }
  using enum OperationId;
  for (const auto function : {exp, sinh, cosh})
    for (auto& operands : g_.operands_of(function))
      if (std::ranges::any_of(inputs, [&](const auto& input) { return operands[0].depends_on(input); })) exponents_.push_back(std::move(operands[0]));
}

void Behaviour::slopes(std::span<const double> arguments, std::span<double> out) const {
  for (std::size_t j = 0; j < slopes_.size(); ++j) out[j] = slopes_[j].evaluate(arguments);
}

double Behaviour::trusted_fraction(std::span<const double> arguments, std::span<const double> next) const {
  constexpr double largest_step = 4, harmless = 4;  // of an exponent
  double fraction = 1;
  for (const auto& exponent : exponents_) {
    const double now = exponent.evaluate(arguments), then = exponent.evaluate(next), change = std::abs(then - now);
    if (change > largest_step && std::abs(then) > harmless) fraction = std::min(fraction, largest_step / change);
  }
  return fraction;
}

}  // namespace tellegen
