#pragma once
// Operations that expressions are made of: each takes `arity` values and gives one.

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace tellegen {

/// Every operation; its number is its place in the table below.
///
/// Named functions first; then the operators and what only derivatives are made of, whose names no user can write as
/// functions; the two leaves, which take nothing, stand outside of the table.
enum class OperationId : std::uint8_t {
  sin, cos, tan, asin, acos, atan, atan2, sinh, cosh, tanh, asinh, acosh, atanh, exp, ln, log, log10, sqrt, absolute,
  floor, ceil, sign, unit_step, pow, pwr, hypot, limit, minimum, maximum, add, subtract, multiply, divide, remainder,
  power, negate, logical_not, less, less_equal, greater, greater_equal, equal, not_equal, logical_and, logical_or,
  choose, sech, whole_quotient,
  constant, variable
};

/// One operation or function. Variadic ones (min, max) take `arity` or more.
struct Operation {
  OperationId id;
  std::string_view name;
  int arity;
  bool variadic;
  double (*apply)(const double* x, int count);
};

namespace detail {
inline double sign_of(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0; }
inline double truth(bool b) { return b ? 1.0 : 0.0; }
}  // namespace detail

inline constexpr auto operations = std::to_array<Operation>({
    {OperationId::sin, "sin", 1, false, [](const double* x, int) { return std::sin(x[0]); }},
    {OperationId::cos, "cos", 1, false, [](const double* x, int) { return std::cos(x[0]); }},
    {OperationId::tan, "tan", 1, false, [](const double* x, int) { return std::tan(x[0]); }},
    {OperationId::asin, "asin", 1, false, [](const double* x, int) { return std::asin(x[0]); }},
    {OperationId::acos, "acos", 1, false, [](const double* x, int) { return std::acos(x[0]); }},
    {OperationId::atan, "atan", 1, false, [](const double* x, int) { return std::atan(x[0]); }},
    {OperationId::atan2, "atan2", 2, false, [](const double* x, int) { return std::atan2(x[0], x[1]); }},
    {OperationId::sinh, "sinh", 1, false, [](const double* x, int) { return std::sinh(x[0]); }},
    {OperationId::cosh, "cosh", 1, false, [](const double* x, int) { return std::cosh(x[0]); }},
    {OperationId::tanh, "tanh", 1, false, [](const double* x, int) { return std::tanh(x[0]); }},
    {OperationId::asinh, "asinh", 1, false, [](const double* x, int) { return std::asinh(x[0]); }},
    {OperationId::acosh, "acosh", 1, false, [](const double* x, int) { return std::acosh(x[0]); }},
    {OperationId::atanh, "atanh", 1, false, [](const double* x, int) { return std::atanh(x[0]); }},
    {OperationId::exp, "exp", 1, false, [](const double* x, int) { return std::exp(x[0]); }},
    {OperationId::ln, "ln", 1, false, [](const double* x, int) { return std::log(x[0]); }},
    {OperationId::log, "log", 1, false, [](const double* x, int) { return std::log(x[0]); }},
    {OperationId::log10, "log10", 1, false, [](const double* x, int) { return std::log10(x[0]); }},
    {OperationId::sqrt, "sqrt", 1, false, [](const double* x, int) { return std::sqrt(x[0]); }},
    {OperationId::absolute, "abs", 1, false, [](const double* x, int) { return std::abs(x[0]); }},
    {OperationId::floor, "floor", 1, false, [](const double* x, int) { return std::floor(x[0]); }},
    {OperationId::ceil, "ceil", 1, false, [](const double* x, int) { return std::ceil(x[0]); }},
    {OperationId::sign, "sgn", 1, false, [](const double* x, int) { return detail::sign_of(x[0]); }},
    {OperationId::unit_step, "u", 1, false, [](const double* x, int) { return detail::truth(x[0] > 0); }},
    {OperationId::pow, "pow", 2, false, [](const double* x, int) { return std::pow(x[0], x[1]); }},
    {OperationId::pwr, "pwr", 2, false, [](const double* x, int) { return detail::sign_of(x[0]) * std::pow(std::abs(x[0]), x[1]); }},
    {OperationId::hypot, "hypot", 2, false, [](const double* x, int) { return std::hypot(x[0], x[1]); }},
    {OperationId::limit, "limit", 3, false, [](const double* x, int) { return std::fmax(std::fmin(x[0], std::fmax(x[1], x[2])), std::fmin(x[1], x[2])); }},
    {OperationId::minimum, "min", 2, true, [](const double* x, int count) {
       double least = x[0];
       for (int i = 1; i < count; ++i) least = std::fmin(least, x[i]);
       return least;
     }},
    {OperationId::maximum, "max", 2, true, [](const double* x, int count) {
       double most = x[0];
       for (int i = 1; i < count; ++i) most = std::fmax(most, x[i]);
       return most;
     }},
    {OperationId::add, "+", 2, false, [](const double* x, int) { return x[0] + x[1]; }},
    {OperationId::subtract, "-", 2, false, [](const double* x, int) { return x[0] - x[1]; }},
    {OperationId::multiply, "*", 2, false, [](const double* x, int) { return x[0] * x[1]; }},
    {OperationId::divide, "/", 2, false, [](const double* x, int) { return x[0] / x[1]; }},
    {OperationId::remainder, "%", 2, false, [](const double* x, int) { return std::fmod(x[0], x[1]); }},
    {OperationId::power, "^", 2, false, [](const double* x, int) { return std::pow(x[0], x[1]); }},
    {OperationId::negate, "negate", 1, false, [](const double* x, int) { return -x[0]; }},
    {OperationId::logical_not, "!", 1, false, [](const double* x, int) { return detail::truth(x[0] == 0); }},
    {OperationId::less, "<", 2, false, [](const double* x, int) { return detail::truth(x[0] < x[1]); }},
    {OperationId::less_equal, "<=", 2, false, [](const double* x, int) { return detail::truth(x[0] <= x[1]); }},
    {OperationId::greater, ">", 2, false, [](const double* x, int) { return detail::truth(x[0] > x[1]); }},
    {OperationId::greater_equal, ">=", 2, false, [](const double* x, int) { return detail::truth(x[0] >= x[1]); }},
    {OperationId::equal, "==", 2, false, [](const double* x, int) { return detail::truth(x[0] == x[1]); }},
    {OperationId::not_equal, "!=", 2, false, [](const double* x, int) { return detail::truth(x[0] != x[1]); }},
    {OperationId::logical_and, "&&", 2, false, [](const double* x, int) { return detail::truth(x[0] != 0 && x[1] != 0); }},
    {OperationId::logical_or, "||", 2, false, [](const double* x, int) { return detail::truth(x[0] != 0 || x[1] != 0); }},
    {OperationId::choose, "?:", 3, false, [](const double* x, int) { return x[0] != 0 ? x[1] : x[2]; }},
    {OperationId::sech, "1/cosh", 1, false, [](const double* x, int) { return 1.0 / std::cosh(x[0]); }},
    {OperationId::whole_quotient, "whole quotient", 2, false, [](const double* x, int) { return std::round((x[0] - std::fmod(x[0], x[1])) / x[1]); }},
});

/// Operation of that name; -1 when there is none.
[[nodiscard]] constexpr int find_operation(std::string_view name) {
  for (std::size_t i = 0; i < operations.size(); ++i)
    if (operations[i].name == name) return static_cast<int>(i);
  return -1;
}

[[nodiscard]] constexpr const Operation& operation_of(OperationId id) { return operations[static_cast<std::size_t>(id)]; }

/// How many entries of the table are functions that a user may call.
inline constexpr int function_count = static_cast<int>(OperationId::add);

static_assert([] {
  for (std::size_t i = 0; i < operations.size(); ++i)
    if (static_cast<std::size_t>(operations[i].id) != i) return false;
  return operations.size() == static_cast<std::size_t>(OperationId::constant);
}());

}  // namespace tellegen
