#include "runtime/training/loss_expression.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tellegen/units/quantity_text.hpp"

namespace tellegen {
namespace {

/// Places of the two variables that are no probes.
constexpr std::size_t place_of_target = static_cast<std::size_t>(-1), place_of_time = static_cast<std::size_t>(-2);

}  // namespace

LossExpression::LossExpression(std::string_view text, std::span<const std::string> probes, bool has_target,
                               const SourceLocation& where, std::string_view subject)
    : probes_(probes.begin(), probes.end()),
      where_(where),
      subject_(subject),
      has_target_(has_target),
      value_(bind(Expression::parse(text, where, subject))) {
  const auto uses = [&](std::size_t place) { return std::ranges::find(value_.places, place) != value_.places.end(); };
  for (std::size_t p = 0; p < probes_.size(); ++p)
    if (!uses(p)) fail(fmt::format("the probe \"{}\" does not occur in \"{}\"", probes_[p], text));
  if (has_target && !uses(place_of_target)) fail(fmt::format("there is a target, but r does not occur in \"{}\"", text));
  for (const auto& probe : probes_) slopes_.push_back(bind(value_.formula.derivative(probe)));
}

LossExpression::Bound LossExpression::bind(Expression formula) const {
  std::vector<std::size_t> places;
  for (const auto& name : formula.variables()) {
    const auto probe = std::ranges::find(probes_, name);
    if (probe != probes_.end()) {
      places.push_back(static_cast<std::size_t>(probe - probes_.begin()));
    } else if (name == "r" && has_target_) {
      places.push_back(place_of_target);
    } else if (name == "t" || name == "time") {
      places.push_back(place_of_time);
    } else if (name == "r") {
      fail("r is the target, and the loss has none");
    } else {
      fail(fmt::format("unknown name \"{}\", expected {}{} or t", name, fmt::join(probes_, ", "),
                       has_target_ ? ", r" : ""));
    }
  }
  return {std::move(formula), std::move(places)};
}

double LossExpression::evaluate(const Bound& bound, std::string_view what, std::span<const double> y, double r,
                                double t) const {
  std::array<double, 16> few{};
  std::vector<double> many;
  if (bound.places.size() > few.size()) many.resize(bound.places.size());
  const std::span<double> arguments = many.empty() ? std::span(few).first(bound.places.size()) : std::span(many);
  for (std::size_t i = 0; i < bound.places.size(); ++i) {
    const auto place = bound.places[i];
    arguments[i] = place == place_of_target ? r : place == place_of_time ? t : y[place];
  }
  const double result = bound.formula.evaluate(arguments);
  if (std::isfinite(result)) return result;
  std::string values;
  for (std::size_t p = 0; p < probes_.size(); ++p) values += fmt::format(", {} = {:g}", probes_[p], y[p]);
  fail(fmt::format("{} of \"{}\" is not finite at t = {}{}", what, text(), engineering(t, "s"), values));
}

double LossExpression::value(std::span<const double> y, double r, double t) const {
  return evaluate(value_, "the value", y, r, t);
}

void LossExpression::slopes(std::span<const double> y, double r, double t, std::span<double> slope) const {
  for (std::size_t p = 0; p < slopes_.size(); ++p)
    slope[p] = evaluate(slopes_[p], "the slope", y, r, t);
}

void LossExpression::fail(std::string_view message) const { throw InputError(where_, subject_, std::string(message)); }

}  // namespace tellegen
