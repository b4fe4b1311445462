#pragma once
#include <array>
#include <cmath>
#include <complex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "hw_models/elements/laws/law.hpp"
#include "hw_models/expression/expression.hpp"

namespace tellegen {

/// A parameter of a law given as an expression: its name in the expression and its first value.
struct NamedValue {
  std::string name;
  double value = 0;
};

/// Law f(z; p) given as an expression of z and named parameters; an object where the built-in laws are types.
///
///     f, f' and df/dp are the expression and its symbolic derivatives,
///     f(z + d) - f(z) is taken by difference arithmetic,
///     F and dF/dp are integrals of f and df/dp from 0 to z, by adaptive Gauss-Kronrod quadrature.
///
/// | symbol | unit    | meaning                                                                     |
/// |--------|---------|-----------------------------------------------------------------------------|
/// | z      | [z]     | controlling variable                                                        |
/// | p      | unknown | named parameters in the order in which they are given                       |
///
/// Functions mean what `law.hpp` says of every law.
class ExpressionLaw {
 public:
  static constexpr std::string_view keyword = "expr";

  /// @param f names other than z and the parameters are already bound (`Expression::with`)
  /// @throws InputError a name that is neither z nor a parameter; a parameter called z, given twice, or absent from f; more
  ///         than `max_law_parameters`; f(0) that is not 0 at these values, or not 0 at others
  ExpressionLaw(Expression f, std::vector<NamedValue> parameters, const SourceLocation& where, std::string_view subject);
  ExpressionLaw(const ExpressionLaw&) = delete;  // the parameters' names are views into the object
  ExpressionLaw& operator=(const ExpressionLaw&) = delete;

  [[nodiscard]] std::span<const LawParameter> parameters() const { return parameters_; }
  [[nodiscard]] const std::string& text() const { return f_.text(); }

  /// Name of a function in f that is not analytic in z (abs, min, ?:); nothing when f can be evaluated at complex z.
  [[nodiscard]] std::optional<std::string_view> not_analytic() const { return f_.not_analytic_in("z"); }
  /// f and f' at a complex z, for real parameters.
  void evaluate_complex(const double* p, std::complex<double> z, std::complex<double>& f, std::complex<double>& slope) const;
  /// dF/dp(z + d) - dF/dp(z) for a complex d: integrals of df/dp along the straight line.
  void potential_contrast_complex(const double* p, double z, std::complex<double> d, std::complex<double>* out) const;

  /// Whether f'' vanishes identically: f = c(p) z.
  bool is_linear;
  /// 4 where the slope grows exponentially, as for the built-in laws; otherwise infinite.
  double largest_step;

  /// The change of z by which the argument of the fastest exponential (where the slope grows so; otherwise that of the
  /// fastest function) changes by 1, seen from 0; 1 when there is none. Computed from the parameters' present values.
  template <class T>
  [[nodiscard]] T step_scale(const T* p) const {
    T scale{};
    for_each_sample<T>(p, [&](const double* own, auto at) { at(scale) = scale_of(own); });
    return scale;
  }
  template <class T>
  void evaluate(const T* p, const T& z, T& f, T& slope) const {
    for_each_sample<T>(p, [&](const double* own, auto at) { evaluate_one(own, at(z), at(f), at(slope)); });
  }
  template <class T>
  void deviation(const T* p, const T& z, const T& d, T& f, T& slope) const {
    for_each_sample<T>(p, [&](const double* own, auto at) { deviate_one(own, at(z), at(d), at(f), at(slope)); });
  }
  template <class T>
  [[nodiscard]] T potential(const T* p, const T& z) const {
    T result{};
    for_each_sample<T>(p, [&](const double* own, auto at) { at(result) = potential_one(own, at(z)); });
    return result;
  }
  template <class T>
  void law_by_parameter(const T* p, const T& z, T* out) const {
    scatter(p, out, [&](const double* own, auto at, double* result) { law_slopes(own, at(z), result); });
  }
  template <class T>
  void potential_by_parameter(const T* p, const T& z, T* out) const {
    scatter(p, out, [&](const double* own, auto at, double* result) { contrast(own, 0.0, at(z), result); });
  }
  template <class T>
  void potential_contrast(const T* p, const T& z, const T& d, T* out) const {
    scatter(p, out, [&](const double* own, auto at, double* result) { contrast(own, at(z), at(d), result); });
  }

 private:
  using Values = std::array<double, max_law_parameters>;

  /// Calls `visit(parameters, at)` for each sample of a lane; `at(x)` is that sample of x. A number is its own sample.
  template <class T, class Visit>
  void for_each_sample(const T* p, Visit visit) const {
    Values own{};
    if constexpr (std::is_floating_point_v<T>) {
      static_assert(std::is_same_v<T, double>);
      visit(p, [](auto& x) -> auto& { return x; });
    } else {
      for (std::size_t i = 0; i < T::width(); ++i) {
        for (std::size_t s = 0; s < parameters_.size(); ++s) own[s] = p[s][i];
        visit(own.data(), [i](auto& x) -> decltype(auto) { return x[i]; });
      }
    }
  }
  /// The same for results that have one entry per parameter.
  template <class T, class Visit>
  void scatter(const T* p, T* out, Visit visit) const {
    for_each_sample<T>(p, [&](const double* own, auto at) {
      Values result{};
      visit(own, at, result.data());
      for (std::size_t s = 0; s < parameters_.size(); ++s) at(out[s]) = result[s];
    });
  }

  void evaluate_one(const double* p, double z, double& f, double& slope) const;
  void deviate_one(const double* p, double z, double d, double& f, double& slope) const;
  [[nodiscard]] double potential_one(const double* p, double z) const;
  void law_slopes(const double* p, double z, double* out) const;
  void contrast(const double* p, double z, double d, double* out) const;
  [[nodiscard]] double scale_of(const double* p) const;

  /// Argument u(z; p) of a function, such as z/b of exp(z/b).
  struct Argument {
    Expression value;                ///< u
    Expression slope;                ///< du/dz
    std::optional<Expression> base;  ///< of a power: its exponent u weighs ln|base|
  };
  /// Values of all variables: the parameters, then z.
  using Point = std::array<double, max_law_parameters + 1>;
  [[nodiscard]] Point point(const double* p, double z) const;
  using ComplexPoint = std::array<std::complex<double>, max_law_parameters + 1>;
  [[nodiscard]] ComplexPoint complex_point(const double* p, std::complex<double> z) const;
  [[nodiscard]] double value_at(const Argument& argument, const double* p, double z) const;
  void check_parameters(const SourceLocation& where, std::string_view subject) const;
  void check_origin(const SourceLocation& where, std::string_view subject) const;
  void add_arguments(OperationId function);
  [[nodiscard]] bool grows_exponentially() const;

  std::vector<std::string> names_;  ///< of the parameters, then "z": the variables of every expression below
  std::vector<LawParameter> parameters_;
  Expression f_, slope_;
  std::vector<Expression> by_parameter_;  ///< df/dp
  std::vector<Argument> arguments_;       ///< those that the scale is taken from
};

}  // namespace tellegen
