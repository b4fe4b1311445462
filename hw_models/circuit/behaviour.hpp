#pragma once
// What a behavioural source does: an expression of what it senses and of time, with its slopes.

#include <span>
#include <string>
#include <vector>

#include "hw_models/expression/expression.hpp"

namespace tellegen {

/// Function g of a behavioural branch, i = g(u_1, ..., u_m, t) (or a voltage in the row of a constraint).
///
/// | symbol | unit   | meaning                                                    |
/// |--------|--------|------------------------------------------------------------|
/// | u_j    | V or A | what input j senses: a voltage or the current of a source  |
/// | t      | s      | time                                                       |
///
/// Every function takes its arguments as one row: u_1 ... u_m, then t. Const and free of state: branches may share one.
class Behaviour {
 public:
  /// @param inputs  names of the inputs in g; beside them g may hold `time`
  /// @throws InputError g holds another name
  Behaviour(const Expression& g, std::vector<std::string> inputs);

  [[nodiscard]] std::size_t input_count() const { return slopes_.size(); }
  [[nodiscard]] const std::string& text() const { return g_.text(); }

  [[nodiscard]] double value(std::span<const double> arguments) const { return g_.evaluate(arguments); }
  /// dg/du_j of every input.
  void slopes(std::span<const double> arguments, std::span<double> out) const;
  /// Whether no slope depends on anything: a linear source, or an independent one with its waveform in the expression.
  [[nodiscard]] bool is_linear() const { return is_linear_; }

  /// Fraction of the step from `arguments` to `next` in which no exponential grows out of what Newton's method may trust.
  [[nodiscard]] double trusted_fraction(std::span<const double> arguments, std::span<const double> next) const;

 private:
  Expression g_;
  std::vector<Expression> slopes_;
  std::vector<Expression> exponents_;  // of exp, sinh, cosh
  bool is_linear_ = true;
};

}  // namespace tellegen
