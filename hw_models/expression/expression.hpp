#pragma once
// Arithmetic expressions of decks (`{2*r0}`) and benches ("0.3*sin(2*pi*1e6*t)"): read once, evaluated many times.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tellegen/units/input_error.hpp"

namespace tellegen {

/// Number as SPICE writes it: "1k", "2.2u", "10meg", "10pF" (letters after the suffix are a unit and ignored); nothing
/// when the text is not one.
[[nodiscard]] std::optional<double> spice_number(std::string_view text);

/// Expression compiled to a stack program.
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
  static Expression parse(std::string_view text, const SourceLocation& where, std::string_view subject);

  /// Names that `evaluate` needs, each once, in order of first appearance.
  [[nodiscard]] std::span<const std::string> variables() const { return variables_; }
  [[nodiscard]] const std::string& text() const { return text_; }

  /// Value with the variables in the order of `variables()`. IEEE arithmetic: 1/0 is infinite, sqrt(-1) is NaN.
  [[nodiscard]] double evaluate(std::span<const double> values_of_variables) const;

  /// Value with each variable looked up by name.
  /// @throws InputError naming the variable for which `lookup` returns nothing
  [[nodiscard]] double evaluate(const std::function<std::optional<double>(std::string_view)>& lookup) const;

 private:
  friend class ExpressionParser;
  Expression() = default;
  struct Instruction {
    std::uint8_t operation;     ///< index into the table of operations and functions
    std::int32_t argument = 0;  ///< variable index, or number of arguments
    double constant = 0;
  };

  std::string text_;
  SourceLocation where_;
  std::string subject_;
  std::vector<std::string> variables_;
  std::vector<Instruction> program_;
  std::size_t stack_depth_ = 0;
};

}  // namespace tellegen
