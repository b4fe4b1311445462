#pragma once
// `.model` cards, and the parameters that an element takes from its model and its own card.

#include <span>
#include <string>
#include <vector>

#include "hw_models/circuit/deck/card.hpp"
#include "hw_models/circuit/deck/expression_laws.hpp"
#include "hw_models/circuit/deck/parameter_scope.hpp"
#include "hw_models/elements/element_list.hpp"

namespace tellegen::deck {

/// `key = value` as written.
struct Setting {
  std::string key;  ///< lower case
  Token value;
};

/// Reads `key=value` pairs up to the end; commas and one pair of brackets around all are allowed, "params:" is skipped.
/// @throws InputError anything else, and a key that is given twice
[[nodiscard]] std::vector<Setting> read_settings(std::span<const Token> tokens, const SourceLocation& where,
                                                 std::string_view subject);

/// `.model name TYPE (law=... key=value ...)`
struct Model {
  std::string name;  ///< as typed
  ElementId element{};
  std::vector<Setting> settings;
  SourceLocation where;
};

/// @throws InputError
[[nodiscard]] Model read_model(const Card& card);

/// Sets parameters of a membrane, `values` by MembraneSlot.
/// @throws InputError unknown parameter, bad value
void apply_to_membrane(std::span<const Setting> settings, ParameterScope& scope, const SourceLocation& where, std::string_view subject,
                       std::span<double> values);

/// Law, slot values and orders of one element while its settings are applied: first the model's, then its own.
class ElementValues {
 public:
  /// Starts with the defaults of the law that `settings` name, or of the element's usual one.
  /// @param scope  of the card that the settings stand on
  /// @throws InputError unknown law, bad expression of a law
  ElementValues(ElementId element, std::span<const Setting> settings, ParameterScope& scope, ExpressionLaws& laws,
                const SourceLocation& where, std::string_view subject);

  /// Settings of one card, and its bare value (`R1 a b 10k`: `deck_value_view` of the element) or nullptr.
  /// @throws InputError unknown parameter, bad value, one that the element's sign excludes (shown as typed), the value
  ///         given twice in one card
  void apply(const Token* bare_value, std::span<const Setting> settings, ParameterScope& scope,
             const SourceLocation& where, std::string_view subject);

  /// @throws InputError when a linear element has got no slope
  void check_complete(const SourceLocation& where, std::string_view subject) const;

  [[nodiscard]] const LawChoice& law() const { return law_; }
  [[nodiscard]] Orders orders() const { return orders_; }
  [[nodiscard]] const std::vector<double>& values() const { return values_; }

 private:
  bool apply_view(const Setting& setting, ParameterScope& scope, const SourceLocation& where, std::string_view subject);
  bool apply_law_parameter(const Setting& setting, ParameterScope& scope, const SourceLocation& where,
                           std::string_view subject);
  bool apply_order(const Setting& setting, ParameterScope& scope, const SourceLocation& where,
                   std::string_view subject);
  void apply_bare_value(const Token& value, ParameterScope& scope, const SourceLocation& where,
                        std::string_view subject);
  void set_slope(const ParameterView& view, const Token& value, ParameterScope& scope, const SourceLocation& where,
                 std::string_view subject);
  [[nodiscard]] std::string known_parameters() const;

  ElementId element_;
  LawChoice law_;
  Orders orders_;
  std::vector<double> values_;
  bool has_slope_ = false;
};

}  // namespace tellegen::deck
