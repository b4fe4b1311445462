#include "hw_models/solver/convolution_quadrature.hpp"

#include <array>
#include <cmath>
#include <span>

namespace tellegen {
namespace {

/// Power series of p(zeta)^a for a polynomial p, by the recurrence of J. C. P. Miller.
std::vector<double> power_of_polynomial(std::span<const double> p, double a, std::size_t count) {
  std::vector<double> q(count, 0.0);
  q[0] = std::pow(p[0], a);
  for (std::size_t n = 1; n < count; ++n) {
    double sum = 0;
    for (std::size_t k = 1; k < p.size() && k <= n; ++k)
      sum += (static_cast<double>(k) * (a + 1) - static_cast<double>(n)) * p[k] * q[n - k];
    q[n] = sum / (static_cast<double>(n) * p[0]);
  }
  return q;
}

/// Power series of (2 (1-zeta)/(1+zeta))^a from (1 - zeta^2) w' = -2 a w.
std::vector<double> power_of_bilinear(double a, std::size_t count) {
  std::vector<double> w(count, 0.0);
  w[0] = std::pow(2.0, a);
  for (std::size_t n = 1; n < count; ++n) {
    const double previous = n >= 2 ? static_cast<double>(n - 2) * w[n - 2] : 0.0;
    w[n] = (previous - 2 * a * w[n - 1]) / static_cast<double>(n);
  }
  return w;
}

}  // namespace

std::vector<double> quadrature_weights(double order, std::size_t count, double h, Method method) {
  if (count == 0) return {};
  std::vector<double> w;
  switch (method) {
    case Method::be: w = power_of_polynomial(std::array{1.0, -1.0}, order, count); break;
    case Method::bdf2: w = power_of_polynomial(std::array{1.5, -2.0, 0.5}, order, count); break;
    case Method::trap: w = power_of_bilinear(order, count); break;
  }
  const double scale = std::pow(h, -order);
  for (double& weight : w) weight *= scale;
  return w;
}

Recursion derivative_recursion(double h, Method method) {
  switch (method) {
    case Method::be: return {.w0 = 1 / h, .a1 = -1 / h};
    case Method::bdf2: return {.w0 = 1.5 / h, .a1 = -2 / h, .a2 = 0.5 / h};
    case Method::trap: return {.w0 = 2 / h, .a1 = -2 / h, .b1 = -1};
  }
  return {};
}

Recursion integral_recursion(double h, Method method) {
  switch (method) {
    case Method::be: return {.w0 = h, .b1 = 1};
    case Method::bdf2: return {.w0 = h / 1.5, .b1 = 2 / 1.5, .b2 = -0.5 / 1.5};
    case Method::trap: return {.w0 = h / 2, .a1 = h / 2, .b1 = 1};
  }
  return {};
}

}  // namespace tellegen
