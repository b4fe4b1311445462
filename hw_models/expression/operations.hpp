#pragma once
// Operations of the expression machine: each takes `arity` values from the stack and leaves one.

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace tellegen {

/// One operation or function. Variadic ones (min, max) take `arity` or more.
struct Operation {
  std::string_view name;
  int arity;
  bool variadic;
  double (*apply)(const double* x, int count);
};

namespace detail {
inline double sign_of(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0; }
inline double truth(bool b) { return b ? 1.0 : 0.0; }
}  // namespace detail

/// Named functions first; operators, whose names no user can write as functions, after them.
inline constexpr auto operations = std::to_array<Operation>({
    {"sin", 1, false, [](const double* x, int) { return std::sin(x[0]); }},
    {"cos", 1, false, [](const double* x, int) { return std::cos(x[0]); }},
    {"tan", 1, false, [](const double* x, int) { return std::tan(x[0]); }},
    {"asin", 1, false, [](const double* x, int) { return std::asin(x[0]); }},
    {"acos", 1, false, [](const double* x, int) { return std::acos(x[0]); }},
    {"atan", 1, false, [](const double* x, int) { return std::atan(x[0]); }},
    {"atan2", 2, false, [](const double* x, int) { return std::atan2(x[0], x[1]); }},
    {"sinh", 1, false, [](const double* x, int) { return std::sinh(x[0]); }},
    {"cosh", 1, false, [](const double* x, int) { return std::cosh(x[0]); }},
    {"tanh", 1, false, [](const double* x, int) { return std::tanh(x[0]); }},
    {"asinh", 1, false, [](const double* x, int) { return std::asinh(x[0]); }},
    {"acosh", 1, false, [](const double* x, int) { return std::acosh(x[0]); }},
    {"atanh", 1, false, [](const double* x, int) { return std::atanh(x[0]); }},
    {"exp", 1, false, [](const double* x, int) { return std::exp(x[0]); }},
    {"ln", 1, false, [](const double* x, int) { return std::log(x[0]); }},
    {"log", 1, false, [](const double* x, int) { return std::log(x[0]); }},
    {"log10", 1, false, [](const double* x, int) { return std::log10(x[0]); }},
    {"sqrt", 1, false, [](const double* x, int) { return std::sqrt(x[0]); }},
    {"abs", 1, false, [](const double* x, int) { return std::abs(x[0]); }},
    {"floor", 1, false, [](const double* x, int) { return std::floor(x[0]); }},
    {"ceil", 1, false, [](const double* x, int) { return std::ceil(x[0]); }},
    {"sgn", 1, false, [](const double* x, int) { return detail::sign_of(x[0]); }},
    {"u", 1, false, [](const double* x, int) { return detail::truth(x[0] > 0); }},
    {"pow", 2, false, [](const double* x, int) { return std::pow(x[0], x[1]); }},
    {"pwr", 2, false, [](const double* x, int) { return detail::sign_of(x[0]) * std::pow(std::abs(x[0]), x[1]); }},
    {"hypot", 2, false, [](const double* x, int) { return std::hypot(x[0], x[1]); }},
    {"limit", 3, false, [](const double* x, int) { return std::fmax(std::fmin(x[0], std::fmax(x[1], x[2])), std::fmin(x[1], x[2])); }},
    {"min", 2, true, [](const double* x, int count) {
       double least = x[0];
       for (int i = 1; i < count; ++i) least = std::fmin(least, x[i]);
       return least;
     }},
    {"max", 2, true, [](const double* x, int count) {
       double most = x[0];
       for (int i = 1; i < count; ++i) most = std::fmax(most, x[i]);
       return most;
     }},
    {"+", 2, false, [](const double* x, int) { return x[0] + x[1]; }},
    {"-", 2, false, [](const double* x, int) { return x[0] - x[1]; }},
    {"*", 2, false, [](const double* x, int) { return x[0] * x[1]; }},
    {"/", 2, false, [](const double* x, int) { return x[0] / x[1]; }},
    {"%", 2, false, [](const double* x, int) { return std::fmod(x[0], x[1]); }},
    {"^", 2, false, [](const double* x, int) { return std::pow(x[0], x[1]); }},
    {"negate", 1, false, [](const double* x, int) { return -x[0]; }},
    {"!", 1, false, [](const double* x, int) { return detail::truth(x[0] == 0); }},
    {"<", 2, false, [](const double* x, int) { return detail::truth(x[0] < x[1]); }},
    {"<=", 2, false, [](const double* x, int) { return detail::truth(x[0] <= x[1]); }},
    {">", 2, false, [](const double* x, int) { return detail::truth(x[0] > x[1]); }},
    {">=", 2, false, [](const double* x, int) { return detail::truth(x[0] >= x[1]); }},
    {"==", 2, false, [](const double* x, int) { return detail::truth(x[0] == x[1]); }},
    {"!=", 2, false, [](const double* x, int) { return detail::truth(x[0] != x[1]); }},
    {"&&", 2, false, [](const double* x, int) { return detail::truth(x[0] != 0 && x[1] != 0); }},
    {"||", 2, false, [](const double* x, int) { return detail::truth(x[0] != 0 || x[1] != 0); }},
    {"?:", 3, false, [](const double* x, int) { return x[0] != 0 ? x[1] : x[2]; }},
});

/// Operation of that name; -1 when there is none.
[[nodiscard]] constexpr int find_operation(std::string_view name) {
  for (std::size_t i = 0; i < operations.size(); ++i)
    if (operations[i].name == name) return static_cast<int>(i);
  return -1;
}

/// How many entries of the table are functions that a user may call.
inline constexpr int function_count = find_operation("+");

}  // namespace tellegen
