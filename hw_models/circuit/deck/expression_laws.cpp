#include "hw_models/circuit/deck/expression_laws.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "hw_models/circuit/deck/model.hpp"
#include "hw_models/circuit/deck/unsupported.hpp"

namespace tellegen::deck {

std::shared_ptr<const ExpressionLaw> ExpressionLaws::read(std::span<const Setting> settings,
                                                          const std::function<bool(std::string_view)>& reserved, ParameterScope& scope,
                                                          const SourceLocation& where, std::string_view subject) {
  const auto f = std::ranges::find(settings, "f", &Setting::key);
  if (f == settings.end())
    throw InputError(where, subject, "law=expr takes f='...', an expression of z and the parameters that are named beside it");
  const auto written = Expression::parse(f->value.word, where, subject);

  std::vector<NamedValue> parameters;
  auto key = fmt::format("{}|", written.text());
  for (const auto& setting : settings) {
    if (setting.key == "law" || setting.key == "f" || reserved(setting.key)) continue;
    if (!written.depends_on(setting.key)) refuse_planned_parameter(setting.key, where, subject);
    parameters.push_back({setting.key, value_of(setting.value, scope, where, subject)});
    key += fmt::format("{}={}|", setting.key, parameters.back().value);
  }
  const auto bound = written.with([&](std::string_view name) -> std::optional<double> {
    if (name == "z" || std::ranges::find(parameters, name, &NamedValue::name) != parameters.end()) return std::nullopt;
    const auto value = scope.find(name);
    if (value) key += fmt::format("{}:{}|", name, *value);
    return value;
  });
  auto& law = known_[key];
  if (!law) law = std::make_shared<const ExpressionLaw>(bound, std::move(parameters), where, subject);
  return law;
}

}  // namespace tellegen::deck
