#include "hw_models/expression/derivative.hpp"

#include <cmath>
#include <numbers>

#include "hw_models/expression/algebra.hpp"

namespace tellegen {
namespace {

using Index = ExpressionGraph::Index;
using enum OperationId;

/// Forward differentiation: the derivative of every term from those of its operands.
class Differentiation {
 public:
  Differentiation(const ExpressionGraph& source, std::int32_t variable)
      : graph_(source), algebra_(graph_), variable_(variable) {
    const auto terms = static_cast<Index>(source.size());
    slope_.reserve(source.size());
    for (Index index = 0; index < terms; ++index) slope_.push_back(slope_of(index));
  }

  [[nodiscard]] ExpressionGraph result() const { return graph_.reduced_to(slope_.back()); }

 private:
  Index slope_of(Index index) {
    const auto node = graph_.node(index);  // copies: the graph grows
    if (node.operation == OperationId::constant) return algebra_.constant(0);
    if (node.operation == OperationId::variable) return algebra_.constant(node.variable == variable_ ? 1 : 0);
    const auto view = graph_.operands(index);
    const std::vector<Index> x(view.begin(), view.end());
    bool depends = false;
    for (const Index operand : x) depends = depends || !algebra_.is_zero(slope_[operand]);
    if (!depends) return algebra_.constant(0);
    switch (node.operation) {
      case add: return algebra_.sum(slope_[x[0]], slope_[x[1]]);
      case subtract: return algebra_.difference(slope_[x[0]], slope_[x[1]]);
      case negate: return algebra_.negative(slope_[x[0]]);
      case multiply:
        return algebra_.sum(algebra_.product(slope_[x[0]], x[1]), algebra_.product(x[0], slope_[x[1]]));
      case divide: return of_quotient(index, x[0], x[1]);
      case remainder:
        return algebra_.difference(
            slope_[x[0]], algebra_.product(algebra_.apply(whole_quotient, {x[0], x[1]}), slope_[x[1]]));
      case pow:
      case power: return of_power(index, x[0], x[1]);
      case pwr: return of_signed_power(index, x[0], x[1]);
      case hypot: return of_hypot(index, x[0], x[1]);
      case atan2: return of_atan2(x[0], x[1]);
      case choose: return algebra_.choice(x[0], slope_[x[1]], slope_[x[2]]);
      case minimum: return of_extremum(x, less_equal);
      case maximum: return of_extremum(x, greater_equal);
      case limit: return of_limit(x[0], x[1], x[2]);
      case floor:
      case ceil:
      case sign:
      case unit_step:
      case logical_not:
      case less:
      case less_equal:
      case greater:
      case greater_equal:
      case equal:
      case not_equal:
      case logical_and:
      case logical_or:
      case whole_quotient: return algebra_.constant(0);  // steps
      default: return of_function(node.operation, index, x[0]);
    }
  }

  /// Function of one argument x: its own slope, `value` being its value, times that of x.
  Index of_function(OperationId function, Index value, Index x) {
    const Index dx = slope_[x];
    const Index one = algebra_.constant(1);
    const auto over = [&](Index denominator) { return algebra_.quotient(dx, denominator); };
    const auto times = [&](Index factor) { return algebra_.product(dx, factor); };
    const auto root = [&](Index a) { return algebra_.apply(sqrt, {a}); };
    switch (function) {
      case sin: return times(algebra_.apply(cos, {x}));
      case cos: return algebra_.negative(times(algebra_.apply(sin, {x})));
      case tan: return times(algebra_.sum(one, algebra_.square(value)));
      case asin: return over(root(one_minus_square(x)));
      case acos: return algebra_.negative(over(root(one_minus_square(x))));
      case atan: return over(algebra_.sum(one, algebra_.square(x)));
      case sinh: return times(algebra_.apply(cosh, {x}));
      case cosh: return times(algebra_.apply(sinh, {x}));
      case tanh: return times(algebra_.square(algebra_.apply(sech, {x})));
      case sech: return algebra_.negative(times(algebra_.product(value, algebra_.apply(tanh, {x}))));
      case asinh: return over(algebra_.apply(hypot, {x, one}));
      case acosh:
        return over(algebra_.product(root(algebra_.difference(x, one)), root(algebra_.sum(x, one))));
      case atanh: return over(one_minus_square(x));
      case exp: return times(value);
      case ln:
      case log: return over(x);
      case log10: return over(algebra_.product(algebra_.constant(std::numbers::ln10), x));
      case sqrt: return over(algebra_.product(algebra_.constant(2), value));
      case absolute: return times(algebra_.apply(sign, {x}));
      default: return algebra_.constant(NAN);  // unreachable: every operation stands here or above
    }
  }

  /// (1 - x)(1 + x), which keeps its digits near 1.
  Index one_minus_square(Index x) {
    const Index one = algebra_.constant(1);
    return algebra_.product(algebra_.difference(one, x), algebra_.sum(one, x));
  }

  Index of_quotient(Index value, Index x, Index y) {
    // (dx - (x/y) dy) / y
    return algebra_.quotient(algebra_.difference(slope_[x], algebra_.product(value, slope_[y])), y);
  }

  /// y x^(y-1) dx + x^y ln(x) dy; the logarithm's term is left out at x = 0, where its limit is 0 for y > 0.
  Index of_power(Index value, Index x, Index y) {
    const Index one = algebra_.constant(1);
    const Index by_base = algebra_.product(
        slope_[x], algebra_.product(y, algebra_.power(x, algebra_.difference(y, one))));
    return algebra_.sum(by_base, by_exponent(value, x, algebra_.apply(ln, {x}), y));
  }

  /// |x|^y sgn x: y |x|^(y-1) dx + |x|^y sgn(x) ln|x| dy
  Index of_signed_power(Index value, Index x, Index y) {
    const Index one = algebra_.constant(1);
    const Index size = algebra_.apply(absolute, {x});
    const Index by_base = algebra_.product(
        slope_[x], algebra_.product(y, algebra_.power(size, algebra_.difference(y, one))));
    return algebra_.sum(by_base, by_exponent(value, x, algebra_.apply(ln, {size}), y));
  }

  Index by_exponent(Index value, Index base, Index logarithm, Index exponent) {
    if (algebra_.is_zero(slope_[exponent])) return algebra_.constant(0);
    const Index zero = algebra_.constant(0);
    const Index grown = algebra_.product(value, logarithm);
    return algebra_.product(slope_[exponent], algebra_.choice(algebra_.apply(equal, {base, zero}), zero, grown));
  }

  /// (x dx + y dy) / hypot; 0 at the origin, as the slope of abs is.
  Index of_hypot(Index value, Index x, Index y) {
    const Index zero = algebra_.constant(0);
    const Index slope = algebra_.sum(algebra_.product(slope_[x], algebra_.apply(divide, {x, value})),
                                     algebra_.product(slope_[y], algebra_.apply(divide, {y, value})));
    return algebra_.choice(algebra_.apply(equal, {value, zero}), zero, slope);
  }

  /// (x dy - y dx) / (x^2 + y^2) of the angle atan2(y, x), with one division by the length at a time.
  Index of_atan2(Index y, Index x) {
    const Index length = algebra_.apply(hypot, {x, y});
    const auto part = [&](Index a, Index db) {
      return algebra_.product(algebra_.apply(divide, {a, length}), algebra_.quotient(db, length));
    };
    return algebra_.difference(part(x, slope_[y]), part(y, slope_[x]));
  }

  /// That of the first operand that is the least (or the most).
  Index of_extremum(const std::vector<Index>& x, OperationId precedes) {
    const auto function = precedes == less_equal ? minimum : maximum;
    Index best = x[0], slope = slope_[x[0]];
    for (std::size_t i = 1; i < x.size(); ++i) {
      slope = algebra_.choice(algebra_.apply(precedes, {best, x[i]}), slope, slope_[x[i]]);
      best = algebra_.apply(function, {best, x[i]});
    }
    return slope;
  }

  Index of_limit(Index x, Index a, Index b) {
    const Index low = algebra_.apply(minimum, {a, b}), high = algebra_.apply(maximum, {a, b});
    const Index low_slope = of_extremum({a, b}, less_equal), high_slope = of_extremum({a, b}, greater_equal);
    const Index above = algebra_.choice(algebra_.apply(greater, {x, high}), high_slope, slope_[x]);
    return algebra_.choice(algebra_.apply(less, {x, low}), low_slope, above);
  }

  ExpressionGraph graph_;
  Algebra algebra_;
  std::int32_t variable_;
  std::vector<Index> slope_;  ///< of every term of the source
};

}  // namespace

ExpressionGraph derivative_of(const ExpressionGraph& graph, std::int32_t variable) {
  return Differentiation(graph, variable).result();
}

}  // namespace tellegen
