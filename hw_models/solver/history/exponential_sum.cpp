#include "hw_models/solver/history/exponential_sum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <numbers>
#include <stdexcept>
#include <tuple>

#include "hw_models/solver/history/zolotarev.hpp"

namespace tellegen {
namespace {

using Real = long double;
using Complex = std::complex<Real>;

Complex generating(Method method, Complex zeta) {
  switch (method) {
    case Method::be: return Real(1) - zeta;
    case Method::bdf2: return (Real(1) - zeta) * (Real(3) - zeta) / Real(2);
    case Method::trap: return Real(2) * (Real(1) - zeta) / (Real(1) + zeta);
  }
  return 0;
}

/// delta(zeta) along the upper half of |zeta| = exp(-1/N), evenly in the logarithm of |s| towards both ends.
std::vector<Complex> symbol_curve(Method method, std::size_t span) {
  constexpr int points = 200;
  const Real reach = 1 / static_cast<Real>(span), radius = std::exp(-reach);
  const Real middle = std::asinh(std::numbers::pi_v<Real> / 2 / reach);
  std::vector<Complex> curve;
  for (int i = 0; i <= points; ++i) {
    const Real u = 2 * middle * i / points;
    const Real angle = u <= middle ? reach * std::sinh(u) : std::numbers::pi_v<Real> - reach * std::sinh(2 * middle - u);
    curve.push_back(generating(method, std::polar(radius, angle)));
  }
  return curve;
}

/// max |K(s) s^beta - 1| / |W(s)| over the curve.
Real largest_error(const PartialFractions& k, Real beta, Method method, const std::vector<Complex>& curve) {
  Real largest = 0;
  for (const Complex s : curve) {
    Complex sum = 0;
    for (std::size_t j = 0; j < k.rate.size(); ++j) sum += k.weight[j] / (s + k.rate[j]);
    const Real weight = method == Method::trap ? std::abs(Real(1) + s / Real(2)) : 1;
    largest = std::max(largest, std::abs(sum * std::pow(s, beta) - Real(1)) / weight);
  }
  return largest;
}

/// The half-order approximant of a method: its circle passes through the symbol's nearest point. That of be is the symbol
/// itself. The symbol of bdf2 bulges out of every circle and that of trap is weighted, so the farthest point is searched for.
HalfOrderApproximant fit_half_order(int terms, Method method, std::size_t span) {
  const Real radius = std::exp(-1 / static_cast<Real>(span));
  const Real nearest = generating(method, radius).real(), farthest = generating(method, -radius).real();
  if (method == Method::be) return HalfOrderApproximant::on_circle(terms, nearest, farthest);

  const auto curve = symbol_curve(method, span);
  const auto error = [&](Real log_farthest) {
    const auto candidate = HalfOrderApproximant::on_circle(terms, nearest, std::exp(log_farthest));
    return largest_error(candidate.fractions(), Real(0.5), method, curve);
  };
  // Golden section; the error falls, then rises.
  constexpr Real golden = 0.6180339887498948482L, enough = 0.02L;
  Real low = std::log(Real(2)), high = method == Method::trap ? std::log(farthest) : std::log(4 * farthest);
  Real left = high - golden * (high - low), right = low + golden * (high - low);
  Real error_left = error(left), error_right = error(right);
  while (high - low > enough) {
    if (error_left < error_right) {
      high = right, right = left, error_right = error_left;
      error_left = error(left = high - golden * (high - low));
    } else {
      low = left, left = right, error_left = error_right;
      error_right = error(right = low + golden * (high - low));
    }
  }
  return HalfOrderApproximant::on_circle(terms, nearest, std::exp((low + high) / 2));
}

/// Solves A x = b in place by elimination with row exchange; b becomes x.
void solve_dense(std::vector<Real>& a, std::vector<Real>& b) {
  const auto n = b.size();
  for (std::size_t j = 0; j < n; ++j) {
    std::size_t pivot = j;
    for (std::size_t i = j + 1; i < n; ++i)
      if (std::abs(a[i * n + j]) > std::abs(a[pivot * n + j])) pivot = i;
    if (pivot != j) {
      std::swap_ranges(&a[j * n], &a[j * n] + n, &a[pivot * n]);
      std::swap(b[j], b[pivot]);
    }
    for (std::size_t i = j + 1; i < n; ++i) {
      const Real factor = a[i * n + j] / a[j * n + j];
      for (std::size_t k = j + 1; k < n; ++k) a[i * n + k] -= factor * a[j * n + k];
      b[i] -= factor * b[j];
    }
  }
  for (std::size_t j = n; j-- > 0;) {
    for (std::size_t k = j + 1; k < n; ++k) b[j] -= a[j * n + k] * b[k];
    b[j] /= a[j * n + j];
  }
}

/// Partial fractions that meet s^(-beta) in given points, followed from beta = 1/2 to where they are wanted. Unknown are the
/// logarithms of weights and rates, in units of the points' geometric mean.
class MeetingPath {
 public:
  MeetingPath(const PartialFractions& start, std::vector<Complex> points) : points_(std::move(points)), terms_(start.rate.size()) {
    Real sum = 0;
    for (const Complex s : points_) sum += std::log(std::abs(s));
    unit_ = std::exp(sum / static_cast<Real>(points_.size()));
    for (Complex& s : points_) logs_.push_back(std::log(s /= unit_));
    for (std::size_t j = 0; j < terms_; ++j) x_.push_back(std::log(start.weight[j]) - std::log(unit_) / 2);
    for (std::size_t j = 0; j < terms_; ++j) x_.push_back(std::log(start.rate[j] / unit_));
  }

  [[nodiscard]] PartialFractions at(Real beta) {
    // In log(beta / (1 - beta)) the slowest and the fastest rate move evenly however near to an integer the order is.
    const Real target = std::log(beta / (1 - beta));
    Real here = 0, stride = 1;
    while (!correct(Real(0.5))) stride = fail();
    while (here != target) {
      const Real next = std::abs(target - here) <= stride ? target : here + std::copysign(stride, target);
      const auto kept = x_;
      predict(order_at(here), order_at(next));
      if (correct(next == target ? beta : order_at(next))) {
        here = next;
        continue;
      }
      x_ = kept;
      stride /= 2;
      if (stride < Real(1e-3)) fail();
    }
    PartialFractions result;
    for (std::size_t j = 0; j < terms_; ++j) result.rate.push_back(std::exp(x_[terms_ + j]) * unit_);
    for (std::size_t j = 0; j < terms_; ++j) result.weight.push_back(std::exp(x_[j] + (1 - beta) * std::log(unit_)));
    return result;
  }

 private:
  [[noreturn]] static Real fail() { throw std::logic_error("a sum of exponentials was not found"); }
  [[nodiscard]] static Real order_at(Real t) { return 1 / (1 + std::exp(-t)); }

  /// Jacobian and value of K(s) s^beta - 1 in every point, real parts first. @returns the largest value
  Real linearise(Real beta, std::vector<Real>& jacobian, std::vector<Real>& value) const {
    const auto n = 2 * terms_;
    jacobian.assign(n * n, 0);
    value.assign(n, 0);
    Real largest = 0;
    for (std::size_t i = 0; i < terms_; ++i) {
      const Complex power = std::exp(beta * logs_[i]);
      Complex sum = -1;
      for (std::size_t j = 0; j < terms_; ++j) {
        const Real rate = std::exp(x_[terms_ + j]);
        const Complex under = Real(1) / (points_[i] + rate);
        const Complex term = power * std::exp(x_[j]) * under, by_rate = -rate * under * term;
        sum += term;
        jacobian[i * n + j] = term.real(), jacobian[(terms_ + i) * n + j] = term.imag();
        jacobian[i * n + terms_ + j] = by_rate.real(), jacobian[(terms_ + i) * n + terms_ + j] = by_rate.imag();
      }
      value[i] = sum.real(), value[terms_ + i] = sum.imag();
      largest = std::max(largest, std::abs(sum));
    }
    return largest;
  }

  /// First-order change of the solution from one order to another.
  void predict(Real from, Real to) {
    std::vector<Real> jacobian, change;
    linearise(from, jacobian, change);
    for (std::size_t i = 0; i < terms_; ++i) {
      change[i] = -(to - from) * logs_[i].real();
      change[terms_ + i] = -(to - from) * logs_[i].imag();
    }
    solve_dense(jacobian, change);
    move(change);
  }

  /// Newton's method, down to round-off. @returns false when it does not arrive
  bool correct(Real beta) {
    constexpr int most = 12;
    constexpr Real good = 1e-14L;  // far below the error between the points
    std::vector<Real> jacobian, change;
    Real last = std::numeric_limits<Real>::infinity();
    for (int i = 0; i < most; ++i) {
      const Real error = linearise(beta, jacobian, change);
      if (!std::isfinite(error)) return false;
      if (error < good && error > last / 4) return true;
      last = error;
      for (Real& value : change) value = -value;
      solve_dense(jacobian, change);
      move(change);
    }
    return last < good;
  }

  void move(const std::vector<Real>& change) {
    Real largest = 1;
    for (const Real value : change) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < x_.size(); ++i) x_[i] += change[i] / largest;
  }

  std::vector<Complex> points_, logs_;
  std::size_t terms_;
  Real unit_ = 1;
  std::vector<Real> x_;  // log weights, then log rates
};

PartialFractions make_fractions(Real beta, int terms, Method method, std::size_t span) {
  const auto half_order = fit_half_order(terms, method, span);
  if (beta == Real(0.5)) return half_order.fractions();
  return MeetingPath(half_order.fractions(), half_order.meeting_points()).at(beta);
}

/// Dimensionless fractions (h = 1), made once for the life of the process.
const PartialFractions& kept_fractions(double beta, int terms, Method method, std::size_t span) {
  static std::mutex mutex;
  static std::map<std::tuple<double, int, Method, std::size_t>, PartialFractions> kept;
  const std::scoped_lock lock(mutex);
  const auto key = std::tuple(beta, terms, method, span);
  auto found = kept.find(key);
  if (found == kept.end()) found = kept.emplace(key, make_fractions(beta, terms, method, span)).first;
  return found->second;
}

}  // namespace

std::size_t span_of(std::size_t steps) {
  std::size_t span = shortest_span;
  while (span < steps) span *= 2;
  return span;
}

ExponentialSum exponential_sum(double beta, int terms, const TimeGrid& grid) {
  if (!(beta >= nearest_to_integer && beta <= 1 - nearest_to_integer))
    throw std::invalid_argument("the order of a sum of exponentials lies between 0 and 1");
  const auto& k = kept_fractions(beta, terms, grid.method, span_of(grid.steps));
  ExponentialSum sum;
  for (const Real rate : k.rate) sum.rate.push_back(static_cast<double>(rate / grid.step));
  const Real scale = std::pow(static_cast<Real>(grid.step), static_cast<Real>(beta) - 1);
  for (const Real weight : k.weight) sum.weight.push_back(static_cast<double>(weight * scale));
  return sum;
}

double symbol_error(const ExponentialSum& sum, double beta, const TimeGrid& grid) {
  PartialFractions k;
  const Real scale = std::pow(static_cast<Real>(grid.step), 1 - static_cast<Real>(beta));
  for (const double rate : sum.rate) k.rate.push_back(rate * static_cast<Real>(grid.step));
  for (const double weight : sum.weight) k.weight.push_back(weight * scale);
  return static_cast<double>(largest_error(k, beta, grid.method, symbol_curve(grid.method, span_of(grid.steps))));
}

}  // namespace tellegen
