#include "hw_models/elements/laws/expression_law.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

#include "hw_models/elements/laws/quadrature.hpp"

namespace tellegen {
namespace {

constexpr std::string_view controlling_variable = "z";

std::vector<std::string> names_of(std::span<const NamedValue> parameters) {
  std::vector<std::string> names;
  for (const auto& parameter : parameters) names.push_back(parameter.name);
  names.emplace_back(controlling_variable);
  return names;
}

void check_list(std::span<const NamedValue> parameters, const Expression& f, const SourceLocation& where,
                std::string_view subject) {
  if (parameters.size() > max_law_parameters)
    throw InputError(where, subject, fmt::format("a law takes at most {} parameters, got {}", max_law_parameters, parameters.size()));
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& name = parameters[i].name;
    if (name == controlling_variable)
      throw InputError(where, subject, "no parameter may be called z, which is the controlling variable");
    if (std::ranges::count(parameters, name, &NamedValue::name) > 1)
      throw InputError(where, subject, fmt::format("parameter \"{}\" is given twice", name));
    if (!f.depends_on(name))
      throw InputError(where, subject, fmt::format("parameter \"{}\" does not occur in f = \"{}\"", name, f.text()));
    if (!std::isfinite(parameters[i].value))
      throw InputError(where, subject, fmt::format("{} must be a finite number, got {}", name, parameters[i].value));
  }
}

}  // namespace

ExpressionLaw::ExpressionLaw(Expression f, std::vector<NamedValue> parameters, const SourceLocation& where,
                             std::string_view subject)
    : names_(names_of(parameters)), f_(f.in_variables(names_)), slope_(f_.derivative(controlling_variable)) {
  check_list(parameters, f, where, subject);
  for (std::size_t s = 0; s < parameters.size(); ++s) {
    parameters_.push_back({names_[s], ParameterRole::named, parameters[s].value, false});
    by_parameter_.push_back(f_.derivative(names_[s]));
  }
  check_origin(where, subject);
  is_linear = slope_.derivative(controlling_variable).constant_value() == 0.0;

  using enum OperationId;
  for (const auto function : {exp, sinh, cosh, pow, power, pwr}) add_arguments(function);
  const bool grows = grows_exponentially();
  largest_step = grows ? 4.0 : HUGE_VAL;
  if (!grows)
    for (const auto function : {sin, cos, tan, asin, acos, atan, tanh, asinh, acosh, atanh}) add_arguments(function);
}

ExpressionLaw::Point ExpressionLaw::point(const double* p, double z) const {
  Point all{};
  std::copy_n(p, parameters_.size(), all.begin());
  all[parameters_.size()] = z;
  return all;
}

ExpressionLaw::ComplexPoint ExpressionLaw::complex_point(const double* p, std::complex<double> z) const {
  ComplexPoint all{};
  std::copy_n(p, parameters_.size(), all.begin());
  all[parameters_.size()] = z;
  return all;
}

void ExpressionLaw::evaluate_complex(const double* p, std::complex<double> z, std::complex<double>& f, std::complex<double>& slope) const {
  const auto at = complex_point(p, z);
  f = f_.evaluate_complex(at);
  slope = slope_.evaluate_complex(at);
}

void ExpressionLaw::potential_contrast_complex(const double* p, double z, std::complex<double> d, std::complex<double>* out) const {
  for (std::size_t s = 0; s < parameters_.size(); ++s) {
    const auto along = [&](double part) { return by_parameter_[s].evaluate_complex(complex_point(p, z + part * d)); };
    out[s] = d * std::complex<double>(integral([&](double part) { return along(part).real(); }, 0, 1),
                                      integral([&](double part) { return along(part).imag(); }, 0, 1));
  }
}

void ExpressionLaw::check_origin(const SourceLocation& where, std::string_view subject) const {
  Values p{};
  for (std::size_t s = 0; s < parameters_.size(); ++s) p[s] = parameters_[s].default_value;
  const double f = f_.evaluate(point(p.data(), 0));
  if (f != 0) throw InputError(where, subject, fmt::format("f(0) = {:g}, laws have f(0) = 0; f = \"{}\"", f, f_.text()));
  for (std::size_t s = 0; s < parameters_.size(); ++s) {
    const double first = std::exchange(p[s], p[s] == 0 ? 0.25 : 1.25 * p[s]);
    const double moved = f_.evaluate(point(p.data(), 0));
    // Another value may lie outside of what the expression is defined for.
    if (std::isfinite(moved) && moved != 0)
      throw InputError(where, subject,
                       fmt::format("f(0) = {:g} at {} = {:g}, laws have f(0) = 0 whatever their parameters; f = \"{}\"", moved,
                                   parameters_[s].name, p[s], f_.text()));
    p[s] = first;
  }
}

void ExpressionLaw::add_arguments(OperationId function) {
  const bool is_power = operation_of(function).arity == 2;
  for (const auto& operands : f_.operands_of(function)) {
    const auto& u = operands[is_power ? 1 : 0];
    if (!u.depends_on(controlling_variable)) continue;
    arguments_.push_back({u, u.derivative(controlling_variable), is_power ? std::optional(operands[0]) : std::nullopt});
  }
}

/// Whether the slope grows as no power does: by a factor of a million over 64 scales of the fastest exponential.
bool ExpressionLaw::grows_exponentially() const {
  if (arguments_.empty()) return false;
  constexpr double far = 64, factor = 1e6;
  Values p{};
  for (std::size_t s = 0; s < parameters_.size(); ++s)
    p[s] = parameters_[s].default_value == 0 ? 1.0 : parameters_[s].default_value;  // an amplitude that is yet to be learnt
  const double scale = scale_of(p.data());
  const auto slope = [&](double z) { return std::abs(slope_.evaluate(point(p.data(), z))); };
  const double near = std::max({slope(0), slope(scale), slope(-scale)});
  return slope(far * scale) > factor * near || slope(-far * scale) > factor * near;
}

double ExpressionLaw::value_at(const Argument& argument, const double* p, double z) const {
  const auto at = point(p, z);
  const double u = argument.value.evaluate(at);
  return argument.base ? u * std::log(std::abs(argument.base->evaluate(at))) : u;
}

double ExpressionLaw::scale_of(const double* p) const {
  constexpr int limit = 80;  // halvings and doublings
  double least = HUGE_VAL;
  for (const auto& argument : arguments_) {
    const auto origin = point(p, 0);
    double rate = std::abs(argument.slope.evaluate(origin));
    if (argument.base) rate *= std::abs(std::log(std::abs(argument.base->evaluate(origin))));
    double scale = rate > 0 && std::isfinite(rate) ? 1 / rate : 1.0;
    const double start = value_at(argument, p, 0);
    for (int i = 0; i < limit; ++i) {
      // The larger of both sides; a side that is not defined does not count.
      const double change = std::fmax(std::abs(value_at(argument, p, scale) - start), std::abs(value_at(argument, p, -scale) - start));
      if (change > 2)
        scale *= 0.5;
      else if (change < 0.5)
        scale *= 2;
      else {
        least = std::min(least, scale);
        break;
      }
    }
  }
  return std::isfinite(least) ? least : 1.0;
}

void ExpressionLaw::evaluate_one(const double* p, double z, double& f, double& slope) const {
  const auto at = point(p, z);
  f = f_.evaluate(at);
  slope = slope_.evaluate(at);
}

void ExpressionLaw::deviate_one(const double* p, double z, double d, double& f, double& slope) const {
  Point by{};
  by[parameters_.size()] = d;
  f = f_.change(point(p, z), by);
  slope = slope_.evaluate(point(p, z + d));
}

double ExpressionLaw::potential_one(const double* p, double z) const {
  auto at = point(p, 0);
  double& moving = at[parameters_.size()];
  return integral([&](double x) { return moving = x, f_.evaluate(at); }, 0, z);
}

void ExpressionLaw::law_slopes(const double* p, double z, double* out) const {
  const auto at = point(p, z);
  for (std::size_t s = 0; s < parameters_.size(); ++s) out[s] = by_parameter_[s].evaluate(at);
}

void ExpressionLaw::contrast(const double* p, double z, double d, double* out) const {
  auto at = point(p, z);
  double& moving = at[parameters_.size()];
  for (std::size_t s = 0; s < parameters_.size(); ++s)
    out[s] = integral([&](double x) { return moving = x, by_parameter_[s].evaluate(at); }, z, d);
}

}  // namespace tellegen
