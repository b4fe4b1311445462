#pragma once
// A loss that the user writes, with the slopes that follow from it.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hw_models/expression/expression.hpp"

namespace tellegen {

/// Loss l(y.., r, t) at one instant, and its slopes dl/dy found symbolically from its text.
///
/// | symbol | unit      | meaning                                                     |
/// |--------|-----------|-------------------------------------------------------------|
/// | y      | of probes | under the names that the probes are given, "y" for a lone one |
/// | r      | of probes | target; only where the loss has one                         |
/// | t      | s         | time, also "time"                                           |
class LossExpression {
 public:
  /// @param probes  names of the probes in lower case, in the order of the values that are given later
  /// @throws InputError a syntax error, a name that is none of these, a probe or a target that does not occur in it, a
  ///         function that has no derivative
  LossExpression(std::string_view text, std::span<const std::string> probes, bool has_target,
                 const SourceLocation& where, std::string_view subject);

  [[nodiscard]] const std::string& text() const { return value_.formula.text(); }

  /// l at one instant.
  /// @throws InputError when it is not finite, with the time and the probes
  [[nodiscard]] double value(std::span<const double> y, double r, double t) const;
  /// dl/dy of each probe.
  /// @throws InputError likewise
  void slopes(std::span<const double> y, double r, double t, std::span<double> slope) const;

 private:
  /// An expression and where its variables come from: an index into the probes, or one of those below.
  struct Bound {
    Expression formula;
    std::vector<std::size_t> places;
  };
  [[nodiscard]] Bound bind(Expression formula) const;
  [[nodiscard]] double evaluate(const Bound& bound, std::string_view what, std::span<const double> y, double r,
                                double t) const;
  [[noreturn]] void fail(std::string_view message) const;

  std::vector<std::string> probes_;
  SourceLocation where_;
  std::string subject_;
  bool has_target_;
  Bound value_;
  std::vector<Bound> slopes_;  // by probe
};

}  // namespace tellegen
