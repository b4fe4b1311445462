#include "hw_models/expression/difference_arithmetic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace tellegen {
namespace {

using enum OperationId;

/// Up to here an exponent grows so little that its exponential is told from 1 by expm1; beyond, end less start loses
/// less than a bit.
constexpr double small_exponent = 1.0;

Difference product(const Difference& x, const Difference& y) {
  return {x.value * y.value, x.value * y.change + y.end * x.change, x.end * y.end};
}

double exponential_change(double start, double end, double exponent_change) {
  return std::abs(exponent_change) < small_exponent ? start * std::expm1(exponent_change) : end - start;
}

double logarithm_change(const Difference& x) {
  const double ratio = x.change / x.value;
  if (!(ratio > -1) || !std::isfinite(ratio)) return std::log(x.end) - std::log(x.value);
  return ratio < -0.5 ? std::log(x.end / x.value) : std::log1p(ratio);
}

/// tanh(x + d) - tanh(x) = sinh(d) / (cosh(x) cosh(x + d)), with the growing exponentials divided out.
double tanh_change(const Difference& x) {
  const double start = std::exp(-2 * std::abs(x.value)), end = std::exp(-2 * std::abs(x.end));
  const double remaining = x.value * x.end > 0 ? std::max(start, end) : 1.0;  // exp(|d| - |x| - |x + d|)
  const double size = -2 * std::expm1(-2 * std::abs(x.change)) * remaining / ((1 + start) * (1 + end));
  return std::copysign(size, x.change);
}

double sech_change(const Difference& x) {
  const double middle = x.value + 0.5 * x.change;
  return -2 * std::sinh(0.5 * x.change) * (std::sinh(middle) / std::cosh(x.value)) / std::cosh(x.end);
}

/// The chord of the unit circle between the two points whose heights are x and x + d.
double arcsine_change(const Difference& x) {
  if (std::abs(x.change) > 0.5) return std::asin(x.end) - std::asin(x.value);
  const double start = std::sqrt((1 - x.value) * (1 + x.value));
  const double end = std::sqrt(((1 - x.value) - x.change) * ((1 + x.value) + x.change));
  return 2 * std::asin(0.5 * x.change * std::hypot(1, (x.value + x.end) / (start + end)));
}

double arctangent_change(const Difference& x) {
  const double scale = std::max(1.0, std::abs(x.value));
  return std::atan2(x.change / scale, 1 / scale + x.value / scale * x.end);
}

double area_sine_change(const Difference& x) {
  const double start = std::hypot(1, x.value), end = std::hypot(1, x.end);
  if (x.value * x.end <= 0) return std::asinh(x.end) - std::asinh(x.value);
  return std::asinh(x.change * ((x.value + x.end) / (x.end * start + x.value * end)));
}

double area_cosine_change(const Difference& x) {
  const double start = std::sqrt(x.value - 1) * std::sqrt(x.value + 1);
  const double end = std::sqrt((x.value - 1) + x.change) * std::sqrt(x.end + 1);
  const double across = x.value * end + x.end * start;
  return std::asinh(x.change * ((x.value + x.end) / across));
}

double area_tangent_change(const Difference& x) {
  const double a = std::abs(x.value), d = std::copysign(1.0, x.value) * x.change;
  const double argument = x.change / ((1 - a) + a * ((1 - a) - d));  // (b - a) / (1 - a b), exact near a = b = 1
  return std::abs(argument) < 0.5 ? std::atanh(argument) : std::atanh(x.end) - std::atanh(x.value);
}

double hypot_change(const Difference& x, const Difference& y) {
  const double lengths = std::hypot(x.value, y.value) + std::hypot(x.end, y.end);
  return x.change * ((x.value + x.end) / lengths) + y.change * ((y.value + y.end) / lengths);
}

/// Angle between the two directions, turned on by the whole turns that atan2 jumps.
double angle_change(const Difference& y, const Difference& x) {
  const double jump = std::atan2(y.end, x.end) - std::atan2(y.value, x.value);
  const double across = x.value * y.change - y.value * x.change;
  const double along = x.value * x.end + y.value * y.end;
  const double angle = std::atan2(across, along), turn = 2 * std::numbers::pi;
  return angle + turn * std::round((jump - angle) / turn);
}

/// x^n by repeated squares, each product being one of differences.
Difference integer_power(Difference base, int exponent) {
  Difference result{1, 0, 1};
  for (;;) {
    if (exponent % 2 != 0) result = product(result, base);
    exponent /= 2;
    if (exponent == 0) return result;
    base = product(base, base);
  }
}

/// Change of x^y. Small whole exponents by products; otherwise x^y (exp(change of y ln x) - 1) while x keeps its sign.
double power_change(double start, double end, const Difference& x, const Difference& y) {
  constexpr double largest_product = 16;
  const bool is_whole = y.change == 0 && y.value == std::floor(y.value);
  if (is_whole && std::abs(y.value) <= largest_product) {
    const auto power = integer_power(x, static_cast<int>(std::abs(y.value)));
    if (y.value >= 0) return power.change;
    return -power.change / power.value / power.end;
  }
  const double ratio = x.end / x.value;
  if (!(ratio > 0) || !(x.value > 0 || is_whole)) return end - start;
  double exponent = y.end * logarithm_change(x);
  if (y.change != 0) exponent += y.change * std::log(x.value);
  return exponential_change(start, end, exponent);
}

double signed_power_change(double start, double end, const Difference& x, const Difference& y) {
  if (!(x.value * x.end > 0)) return end - start;
  const double sign = x.value < 0 ? -1 : 1;
  return sign * power_change(sign * start, sign * end, {sign * x.value, sign * x.change, sign * x.end}, y);
}

/// From one operand to another: the way between them at the start, and how far the second moves.
double change_between(const Difference& from, const Difference& to) {
  return &from == &to ? to.change : (to.value - from.value) + to.change;
}

double extremum_change(std::span<const Difference> x, bool least) {
  const auto precedes = [least](double a, double b) { return std::isnan(b) || (least ? a < b : a > b); };
  const auto first_by = [&](auto key) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < x.size(); ++i)
      if (precedes(key(x[i]), key(x[best]))) best = i;
    return best;
  };
  const auto start = first_by([](const Difference& d) { return d.value; });
  const auto end = first_by([](const Difference& d) { return d.end; });
  return change_between(x[start], x[end]);
}

double limit_change(const Difference& x, const Difference& a, const Difference& b) {
  const auto chosen = [&](auto key) -> const Difference& {
    const Difference& low = key(a) <= key(b) ? a : b;
    const Difference& high = key(a) <= key(b) ? b : a;
    return key(x) < key(low) ? low : key(x) > key(high) ? high : x;
  };
  return change_between(chosen([](const Difference& d) { return d.value; }),
                        chosen([](const Difference& d) { return d.end; }));
}

/// Formula of the operation; `start` and `end` are its plain values.
double formula(OperationId operation, std::span<const Difference> x, double start, double end) {
  const auto& a = x[0];
  const double half = 0.5 * a.change, middle = a.value + half;
  switch (operation) {
    case add: return a.change + x[1].change;
    case subtract: return a.change - x[1].change;
    case negate: return -a.change;
    case multiply: return product(a, x[1]).change;
    case divide: return (a.change - start * x[1].change) / x[1].end;
    case remainder: {
      const auto whole = operation_of(whole_quotient).apply;
      const std::array from{a.value, x[1].value}, to{a.end, x[1].end};
      const double turns = whole(from.data(), 2);
      return turns == whole(to.data(), 2) ? a.change - turns * x[1].change : end - start;
    }
    case exp: return exponential_change(start, end, a.change);
    case ln:
    case log: return logarithm_change(a);
    case log10: return logarithm_change(a) / std::numbers::ln10;
    case sqrt: return a.change / (start + end);
    case sin: return 2 * std::cos(middle) * std::sin(half);
    case cos: return -2 * std::sin(middle) * std::sin(half);
    case tan: return std::sin(a.change) / (std::cos(a.value) * std::cos(a.end));
    case asin: return arcsine_change(a);
    case acos: return -arcsine_change(a);
    case atan: return arctangent_change(a);
    case sinh: return 2 * std::cosh(middle) * std::sinh(half);
    case cosh: return 2 * std::sinh(middle) * std::sinh(half);
    case tanh: return tanh_change(a);
    case sech: return sech_change(a);
    case asinh: return area_sine_change(a);
    case acosh: return area_cosine_change(a);
    case atanh: return area_tangent_change(a);
    case absolute: return a.value * a.end > 0 ? std::copysign(1.0, a.value) * a.change : end - start;
    case pow:
    case power: return power_change(start, end, a, x[1]);
    case pwr: return signed_power_change(start, end, a, x[1]);
    case hypot: return hypot_change(a, x[1]);
    case atan2: return angle_change(a, x[1]);
    case minimum: return extremum_change(x, true);
    case maximum: return extremum_change(x, false);
    case limit: return limit_change(a, x[1], x[2]);
    case choose: return change_between(a.value != 0 ? x[1] : x[2], a.end != 0 ? x[1] : x[2]);
    default: return end - start;
  }
}

double plain_value(OperationId operation, std::span<const Difference> operands, double (*key)(const Difference&)) {
  std::array<double, 8> small{};
  std::vector<double> large;
  if (operands.size() > small.size()) large.resize(operands.size());
  double* const values = large.empty() ? small.data() : large.data();
  std::ranges::transform(operands, values, key);
  return operation_of(operation).apply(values, static_cast<int>(operands.size()));
}

}  // namespace

Difference apply_to_differences(OperationId operation, std::span<const Difference> operands) {
  const double start = plain_value(operation, operands, [](const Difference& d) { return d.value; });
  if (std::ranges::all_of(operands, [](const Difference& d) { return d.change == 0; })) return {start, 0, start};
  const double end = plain_value(operation, operands, [](const Difference& d) { return d.end; });
  const double change = formula(operation, operands, start, end);
  // Far out a formula may run into infinity over infinity where the two values are finite.
  return {start, std::isnan(change) ? end - start : change, end};
}

double change_of(const ExpressionGraph& graph, std::span<const double> at, std::span<const double> by) {
  constexpr std::size_t small_size = 64;
  std::array<Difference, small_size> small;
  std::vector<Difference> large;
  if (graph.size() > small_size) large.resize(graph.size());
  Difference* const terms = large.empty() ? small.data() : large.data();
  std::array<Difference, 4> few;
  std::vector<Difference> many;
  for (std::size_t index = 0; index < graph.size(); ++index) {
    const auto& node = graph.node(static_cast<ExpressionGraph::Index>(index));
    if (node.operation == constant) {
      terms[index] = {node.constant, 0, node.constant};
    } else if (node.operation == variable) {
      terms[index] = {at[node.variable], by[node.variable], at[node.variable] + by[node.variable]};
    } else {
      const auto operands = graph.operands(node);
      if (operands.size() > few.size()) many.resize(operands.size());
      const auto moved = std::span(operands.size() > few.size() ? many.data() : few.data(), operands.size());
      std::ranges::transform(operands, moved.begin(), [&](auto operand) { return terms[operand]; });
      terms[index] = apply_to_differences(node.operation, moved);
    }
  }
  return terms[graph.size() - 1].change;
}

}  // namespace tellegen
