#include "hw_models/circuit/deck/model.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <utility>

#include "hw_models/circuit/circuit.hpp"
#include "hw_models/circuit/deck/unsupported.hpp"

namespace tellegen::deck {
namespace {

/// A key that sets an order of the element rather than a parameter of its law.
struct OrderSetting {
  std::string_view keyword, key;
  double Orders::*order;
  double lowest, highest;
  bool is_open;  ///< the ends themselves are excluded
};
constexpr auto order_settings = std::to_array<OrderSetting>({{"YCPE", "alpha", &Orders::out, 0, 1, true},
                                                             {"YEL", "a", &Orders::out, 0, 1.5, false},
                                                             {"YEL", "b", &Orders::in, 0, 1.5, false}});

/// An element without views is never linear: its law is the junction, and no other element has that one.
LawId usual_law(const ElementDescription& element) {
  return element.views.empty() ? law_id<JunctionLaw>() : law_id<LinearLaw>();
}

bool is_order(std::string_view element_keyword, std::string_view key) {
  return std::ranges::any_of(order_settings, [&](const OrderSetting& o) { return o.keyword == element_keyword && o.key == key; });
}

std::string law_keywords() {
  std::string list;
  for (std::size_t i = 0; i < std::tuple_size_v<LawList>; ++i)
    if (LawId{static_cast<std::uint8_t>(i)} != law_id<JunctionLaw>())
      list += fmt::format("{}{}", list.empty() ? "" : ", ", keyword_of(LawId{static_cast<std::uint8_t>(i)}));
  return list + fmt::format(", {}", ExpressionLaw::keyword);
}

/// "capacitance must be positive, got "-2n"": the text as typed, with its value where that is an expression.
void check_sign(Sign sign, std::string_view quantity, double value, const Token& typed, const SourceLocation& where,
                std::string_view subject) {
  const bool good = sign == Sign::any || (sign == Sign::nonzero && value != 0) || (sign == Sign::positive && value > 0);
  if (good) return;
  const auto shown = spice_number(typed.text) ? std::string() : fmt::format(" = {:g}", value);
  throw InputError(where, subject,
                   fmt::format("{} must {}, got \"{}\"{}", quantity,
                               sign == Sign::positive ? "be positive" : "not be zero", typed.text, shown));
}

std::string model_types() {
  std::string list;
  for (const auto& element : all_elements())
    if (element.has_model) list += fmt::format("{}{}", list.empty() ? "" : " ", element.model_type);
  return list;
}

}  // namespace

std::vector<Setting> read_settings(std::span<const Token> tokens, const SourceLocation& where,
                                   std::string_view subject) {
  std::vector<Setting> settings;
  const auto expected = [&](std::string_view what, std::string_view got) {
    return InputError(where, subject, fmt::format("{} is expected, got \"{}\"", what, got));
  };
  if (!tokens.empty() && tokens.front().is_symbol('(')) {
    if (!tokens.back().is_symbol(')')) throw InputError(where, subject, "\")\" is missing");
    tokens = tokens.subspan(1, tokens.size() - 2);
  }
  for (std::size_t i = 0; i < tokens.size();) {
    const auto& key = tokens[i];
    if (key.is_symbol(',') || key.is_word("params:")) {
      ++i;
      continue;
    }
    if (key.kind != Token::Kind::word) throw expected("name=value", key.text);
    if (i + 1 >= tokens.size() || !tokens[i + 1].is_symbol('=')) throw expected("name=value", key.text);
    if (i + 2 >= tokens.size() || tokens[i + 2].kind == Token::Kind::symbol ||
        tokens[i + 2].kind == Token::Kind::quoted)
      throw InputError(where, subject, fmt::format("a value is expected after \"{}=\"", key.text));
    if (std::ranges::find(settings, key.word, &Setting::key) != settings.end())
      throw InputError(where, subject, fmt::format("\"{}\" is given twice", key.text));
    settings.push_back({key.word, tokens[i + 2]});
    i += 3;
  }
  return settings;
}

Model read_model(const Card& card) {
  const auto tokens = card.after(1);
  if (tokens.empty() || tokens[0].kind != Token::Kind::word)
    throw InputError(card.where, ".model", "a name and a type are expected");
  const auto subject = fmt::format(".model {}", tokens[0].text);
  if (tokens.size() < 2 || tokens[1].kind != Token::Kind::word)
    throw InputError(card.where, subject, "a type is expected after the name");
  const auto& type = tokens[1].word;
  for (std::size_t i = 0; i < all_elements().size(); ++i) {
    if (!all_elements()[i].has_model || lower_case(all_elements()[i].model_type) != type) continue;
    return {tokens[0].text, ElementId{static_cast<std::uint8_t>(i)}, read_settings(card.after(3), card.where, subject),
            card.where};
  }
  refuse_planned_model_type(type, card.where, subject);
  throw InputError(card.where, subject,
                   fmt::format("unknown model type \"{}\"; known are {}", tokens[1].text, model_types()));
}

void apply_to_membrane(std::span<const Setting> settings, ParameterScope& scope, const SourceLocation& where, std::string_view subject,
                       std::span<double> values) {
  for (const auto& setting : settings) {
    const auto found = std::ranges::find(membrane_parameters, setting.key, &MembraneParameter::name);
    if (found == membrane_parameters.end())
      throw InputError(where, subject,
                       fmt::format("unknown parameter \"{}\"; a {} has area, c, gna, gk, gl, ena, ek, el", setting.key, elements::HodgkinHuxley::name));
    const double value = value_of(setting.value, scope, where, subject);
    if (found->must_be_positive && !(value > 0))
      throw InputError(where, subject, fmt::format("{} must be positive, got \"{}\"", setting.key, setting.value.text));
    values[static_cast<std::size_t>(found - membrane_parameters.begin())] = value;
  }
}

ElementValues::ElementValues(ElementId element, std::span<const Setting> settings, ParameterScope& scope, ExpressionLaws& laws,
                             const SourceLocation& where, std::string_view subject)
    : element_(element), law_(usual_law(describe(element))), orders_(describe(element).orders) {
  const auto named = std::ranges::find(settings, "law", &Setting::key);
  if (named != settings.end()) {
    const auto& keyword = named->value.word;
    const bool is_expression = keyword == ExpressionLaw::keyword;
    const auto law = law_of_keyword(keyword);
    const bool is_junction = law == law_id<JunctionLaw>();
    if (describe(element).views.empty() && !(law && law_ == *law))
      throw InputError(where, subject,
                       fmt::format("the law of a {} is fixed, got law={}", describe(element).name, named->value.text));
    if (!is_expression && (!law || (is_junction && law_ != *law)))
      throw InputError(where, subject,
                       fmt::format("unknown law \"{}\"; known are {}", named->value.text, law_keywords()));
    if (is_expression)
      law_ = laws.read(settings, [&](std::string_view key) { return is_order(describe(element).keyword, key); }, scope, where, subject);
    else
      law_ = *law;
  }
  for (const auto& parameter : parameters_of(law_)) values_.push_back(parameter.default_value);
}

void ElementValues::set_slope(const ParameterView& view, const Token& value, ParameterScope& scope,
                              const SourceLocation& where, std::string_view subject) {
  const double number = value_of(value, scope, where, subject);
  check_sign(view.sign, view.quantity, number, value, where, subject);
  values_[0] = view.kind == ViewKind::reciprocal ? 1.0 / number : number;
  has_slope_ = true;
}

bool ElementValues::apply_view(const Setting& setting, ParameterScope& scope, const SourceLocation& where,
                               std::string_view subject) {
  if (!is_plain_slope(law_)) return false;
  for (const auto& view : describe(element_).views) {
    if (view.name != setting.key) continue;
    set_slope(view, setting.value, scope, where, subject);
    return true;
  }
  return false;
}

bool ElementValues::apply_law_parameter(const Setting& setting, ParameterScope& scope, const SourceLocation& where,
                                        std::string_view subject) {
  const auto parameters = parameters_of(law_);
  const auto found = std::ranges::find(parameters, setting.key, &LawParameter::name);
  if (found == parameters.end()) return false;
  const auto slot = static_cast<std::size_t>(found - parameters.begin());
  const double value = value_of(setting.value, scope, where, subject);
  const auto& views = describe(element_).views;
  // The slope of a linear element obeys what its views demand of it, whatever name it is given by.
  const Sign sign = is_plain_slope(law_) && !views.empty() ? views.front().sign
                    : found->must_be_positive         ? Sign::positive
                                                      : Sign::any;
  check_sign(sign, found->name, value, setting.value, where, subject);
  values_[slot] = value;
  has_slope_ = has_slope_ || slot == 0;
  return true;
}

bool ElementValues::apply_order(const Setting& setting, ParameterScope& scope, const SourceLocation& where,
                                std::string_view subject) {
  for (const auto& order : order_settings) {
    if (order.keyword != describe(element_).keyword || order.key != setting.key) continue;
    const double value = value_of(setting.value, scope, where, subject);
    const bool is_inside = order.is_open ? value > order.lowest && value < order.highest : value >= order.lowest && value <= order.highest;
    if (!is_inside)
      throw InputError(where, subject,
                       fmt::format("{} must lie {} {:g} {} {:g}, got \"{}\"", order.key, order.is_open ? "between" : "in", order.lowest,
                                   order.is_open ? "and" : "to", order.highest, setting.value.text));
    orders_.*order.order = value;
    return true;
  }
  return false;
}

void ElementValues::apply(const Token* bare_value, std::span<const Setting> settings, ParameterScope& scope,
                          const SourceLocation& where, std::string_view subject) {
  bool slope_given = bare_value != nullptr;
  if (bare_value != nullptr) apply_bare_value(*bare_value, scope, where, subject);
  for (const auto& setting : settings) {
    if (setting.key == "law" || (law_.expression && setting.key == "f")) continue;  // taken by the constructor
    const bool had_slope = std::exchange(has_slope_, false);
    if (!apply_view(setting, scope, where, subject) && !apply_law_parameter(setting, scope, where, subject) &&
        !apply_order(setting, scope, where, subject)) {
      refuse_planned_parameter(setting.key, where, subject);
      throw InputError(where, subject,
                       fmt::format("unknown parameter \"{}\"; a {} with law \"{}\" has {}", setting.key,
                                   describe(element_).name, keyword_of(law_), known_parameters()));
    }
    if (has_slope_ && slope_given)
      throw InputError(where, subject, fmt::format("\"{}\" gives the value a second time", setting.key));
    slope_given = slope_given || has_slope_;
    has_slope_ = has_slope_ || had_slope;
  }
}

void ElementValues::apply_bare_value(const Token& value, ParameterScope& scope, const SourceLocation& where,
                                     std::string_view subject) {
  const auto& element = describe(element_);
  if (law_.expression)
    throw InputError(where, subject, fmt::format("a law as an expression takes named parameters only, got the value \"{}\"", value.text));
  if (element.deck_value_view < 0)
    throw InputError(where, subject, fmt::format("a {} takes a model, got the value \"{}\"", element.name, value.text));
  set_slope(element.views[element.deck_value_view], value, scope, where, subject);
}

void ElementValues::check_complete(const SourceLocation& where, std::string_view subject) const {
  if (!is_plain_slope(law_) || has_slope_) return;
  throw InputError(where, subject, fmt::format("a value is expected: {}", known_parameters()));
}

std::string ElementValues::known_parameters() const {
  std::vector<std::string_view> names;
  const auto add = [&](std::string_view name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  if (is_plain_slope(law_))
    for (const auto& view : describe(element_).views) add(view.name);
  for (const auto& parameter : parameters_of(law_)) add(parameter.name);
  for (const auto& order : order_settings)
    if (order.keyword == describe(element_).keyword) add(order.key);
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace tellegen::deck
