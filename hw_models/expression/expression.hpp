#pragma once
// Arithmetic expressions of decks (`{2*r0}`) and benches ("0.3*sin(2*pi*1e6*t)"): read once, evaluated many times.

#include <complex>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hw_models/expression/stack_program.hpp"
#include "tellegen/units/input_error.hpp"

namespace tellegen {

/// Number as SPICE writes it: "1k", "2.2u", "10meg", "10pF" (letters after the suffix are a unit and ignored); nothing
/// when the text is not one.
[[nodiscard]] std::optional<double> spice_number(std::string_view text);

/// Which names an expression may hold.
enum class ExpressionNames {
  plain,    ///< variables are identifiers
  circuit,  ///< `v(a)`, `v(a,b)` and `i(vx)` are variables too, named in lower case without blanks: "v(a,b)"
};

/// Value of a name; nothing when there is none.
using NameLookup = std::function<std::optional<double>(std::string_view)>;

/// Expression in variables: an immutable tree whose equal subterms are shared, evaluated by a stack program.
///
///     expr   = or [ "?" expr ":" expr ]
///     or     = and { "||" and }                          and     = compare { "&&" compare }
///     compare= sum [ ("<"|"<="|">"|">="|"=="|"!=") sum ] true is 1, false is 0
///     sum    = product { ("+"|"-") product }             product = unary { ("*"|"/"|"%") unary }
///     unary  = ("-"|"+"|"!") unary | power               power   = atom [ ("^"|"**") unary ]
///     atom   = number | name | function "(" expr { "," expr } ")" | "(" expr ")"
///
/// So -2^2 is -4, 2^-1 is 0.5, and powers associate to the right. Names are case-insensitive and given in lower case; a
/// name is a variable unless it is `pi` or `e`. Numbers take SPICE suffixes and a unit ("10pF"). Both arms of `?:` are
/// evaluated.
///
/// Functions: sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp ln log log10 sqrt abs min max pow
/// pwr floor ceil sgn u hypot limit. `log` is the natural logarithm, `log10` the decimal one; u is the unit step;
/// pow(x,y) = x^y, pwr(x,y) = |x|^y sgn x, limit(x,a,b) = x held between a and b.
class Expression {
 public:
  /// @throws InputError syntax error, unknown function, wrong number of arguments
  static Expression parse(std::string_view text, const SourceLocation& where, std::string_view subject,
                          ExpressionNames names = ExpressionNames::plain);

  /// Names that `evaluate` needs, each once, in order of first appearance.
  [[nodiscard]] std::span<const std::string> variables() const { return variables_; }
  [[nodiscard]] const std::string& text() const { return text_; }

  /// Value with the variables in the order of `variables()`. IEEE arithmetic: 1/0 is infinite, sqrt(-1) is NaN.
  [[nodiscard]] double evaluate(std::span<const double> values_of_variables) const {
    return program_.run(values_of_variables);
  }

  /// Value with each variable looked up by name.
  /// @throws InputError naming the variable for which `lookup` returns nothing
  [[nodiscard]] double evaluate(const NameLookup& lookup) const;

  /// Exact derivative by one variable, simplified. It has the same `variables()` in the same order, whether it needs
  /// them or not; by a name that does not occur it is 0.
  ///
  /// Where the slope jumps: abs has slope 0 at 0, a step (sgn, u, floor, ceil, comparisons) has slope 0 everywhere, min,
  /// max, limit and `?:` have that of the operand that they choose, the first one of equals. x^y with x < 0 has no
  /// derivative by y (NaN); pwr has.
  [[nodiscard]] Expression derivative(std::string_view variable) const;

  /// f(x + d) - f(x) without cancellation when d is small; x is `at`, d is `by`, in the order of `variables()`.
  [[nodiscard]] double change(std::span<const double> at, std::span<const double> by) const;

  /// Value at complex variables: analytic functions are continued from the real axis.
  [[nodiscard]] std::complex<double> evaluate_complex(std::span<const std::complex<double>> values_of_variables) const;
  /// Name of a function or operator that is not analytic and that the variable goes through (abs, min, ?:); nothing when there is
  /// none, so that `evaluate_complex` is an analytic function of it.
  [[nodiscard]] std::optional<std::string_view> not_analytic_in(std::string_view variable) const;

  /// The expression with the names that `values` knows bound to their values; the others stay variables, in their order.
  /// Evaluates to the same bits as with those values given as variables.
  [[nodiscard]] Expression with(const NameLookup& values) const;

  /// The same expression with `variables()` as given, needed or not.
  /// @throws InputError naming the variable that is not among them, and what is
  [[nodiscard]] Expression in_variables(std::span<const std::string> names) const;

  /// The value of an expression that is a mere number after simplification.
  [[nodiscard]] std::optional<double> constant_value() const;
  /// Whether the variable occurs in it.
  [[nodiscard]] bool depends_on(std::string_view variable) const;
  /// What every occurrence of an operation is applied to, with the same `variables()`: of x+exp(2*x) and `exp`, {2*x}.
  [[nodiscard]] std::vector<std::vector<Expression>> operands_of(OperationId operation) const;

 private:
  explicit Expression(ExpressionGraph graph);
  /// Another term in the same variables, under the same place.
  [[nodiscard]] Expression related(ExpressionGraph graph, std::string text) const;
  /// Terms with every variable bound to a value or else renumbered.
  [[nodiscard]] ExpressionGraph rebuilt(std::span<const std::optional<double>> bound,
                                        std::span<const std::int32_t> place) const;

  std::string text_;
  SourceLocation where_;
  std::string subject_;
  std::vector<std::string> variables_;
  std::shared_ptr<const ExpressionGraph> graph_;  ///< its last term is the expression
  StackProgram program_;
};

}  // namespace tellegen
