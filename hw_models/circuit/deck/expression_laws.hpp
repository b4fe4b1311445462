#pragma once
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "hw_models/circuit/deck/parameter_scope.hpp"
#include "hw_models/elements/laws/expression_law.hpp"

namespace tellegen::deck {

struct Setting;

/// Laws that a deck gives as expressions, `law=expr f='k*z+a*tanh(z/b)' k=1m a=2m b=0.5`. Elements whose laws are the same share
/// one object, so that the solver runs them as one block.
class ExpressionLaws {
 public:
  /// Law of these settings: f, and every other key but `law` and the ones that are `reserved` names a parameter with its
  /// first value. Names in f that are neither z nor such a parameter are parameters of the deck, bound to their values.
  /// @throws InputError no f; what is wrong with f or its parameters
  [[nodiscard]] std::shared_ptr<const ExpressionLaw> read(std::span<const Setting> settings,
                                                          const std::function<bool(std::string_view)>& reserved, ParameterScope& scope,
                                                          const SourceLocation& where, std::string_view subject);

 private:
  std::map<std::string, std::shared_ptr<const ExpressionLaw>> known_;  ///< by all that makes the law
};

}  // namespace tellegen::deck
