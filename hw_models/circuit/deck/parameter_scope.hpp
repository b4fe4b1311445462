#pragma once
// Parameters of a deck or of one subcircuit instance: defined in any order, evaluated when first needed.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hw_models/circuit/deck/card.hpp"
#include "hw_models/expression/expression.hpp"

namespace tellegen::deck {

/// One `name = expression` of `.param`.
struct ParameterDefinition {
  std::string name;  ///< lower case
  Expression value;
  SourceLocation where;
};

/// Definitions of a `.param` card. Values may be bare expressions with blanks: `.param a = 2*b + 1 c=3k`.
/// @throws InputError syntax errors, a name that is no identifier or a constant
[[nodiscard]] std::vector<ParameterDefinition> read_parameter_card(const Card& card);

class ParameterScope {
 public:
  explicit ParameterScope(ParameterScope* outer) : outer_(outer) {}
  ParameterScope(const ParameterScope&) = delete;
  ParameterScope& operator=(const ParameterScope&) = delete;

  /// @throws InputError when the name is defined in this scope already
  void define(const ParameterDefinition& definition);
  /// Parameter whose value is known: what an X card gives.
  void set(const std::string& name, double value, const SourceLocation& where);

  /// Value of that name here or further out; nothing when there is none.
  /// @throws InputError when parameters depend on each other in a circle, or a value is no finite number
  [[nodiscard]] std::optional<double> find(std::string_view name);

  /// Evaluates everything, so that a bad definition is told even when nobody uses it.
  void evaluate_all();

 private:
  struct Entry {
    const ParameterDefinition* definition = nullptr;  ///< owned by the outline of the deck
    std::optional<double> value;
    bool in_progress = false;
    SourceLocation where;
  };
  double evaluate(const std::string& name, Entry& entry);

  ParameterScope* outer_;
  std::map<std::string, Entry, std::less<>> entries_;
};

/// Value of a token: a number with SPICE suffix, the bare name of a parameter, or an expression in braces or quotes.
/// @throws InputError
[[nodiscard]] double value_of(const Token& token, ParameterScope& scope, const SourceLocation& where,
                              std::string_view subject);

/// Whether `value_of` would read the token without looking up a name: a number or an expression.
[[nodiscard]] bool is_value(const Token& token);

}  // namespace tellegen::deck
