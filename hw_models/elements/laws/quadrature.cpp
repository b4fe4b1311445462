#include "hw_models/elements/laws/quadrature.hpp"

#include <algorithm>
#include <array>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <vector>

namespace tellegen {
namespace {

constexpr double tolerance = 2e-15;  // of the integral of |f|
constexpr int most_intervals = 400;

/// Estimates over the part [from, from + width] of the unit interval.
struct Part {
  double from, width;
  double value, size;  ///< integrals of f and |f|
  double error;
};

Part estimate(const std::function<double(double)>& f, double start, double length, double from, double width) {
  using Kronrod = boost::math::quadrature::gauss_kronrod<double, 15>;
  using Gauss = boost::math::quadrature::gauss<double, 7>;
  const auto& nodes = Kronrod::abscissa();
  const auto& weights = Kronrod::weights();
  const auto& gauss_weights = Gauss::weights();
  const double half = 0.5 * width;
  const auto at = [&](double x) { return f(start + length * (from + half * (1 + x))); };
  const double centre = at(0);
  std::array<double, 15> values{};
  double kronrod = weights[0] * centre, gauss = gauss_weights[0] * centre, size = weights[0] * std::abs(centre);
  values[0] = centre;
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    const double below = values[2 * i - 1] = at(-nodes[i]), above = values[2 * i] = at(nodes[i]);
    kronrod += weights[i] * (below + above);
    size += weights[i] * (std::abs(below) + std::abs(above));
    if (i % 2 == 0) gauss += gauss_weights[i / 2] * (below + above);
  }
  // The Kronrod sum is far better than the Gauss sum that it is compared with: the error goes as its power 3/2 on the
  // scale of how much f varies (QUADPACK).
  double variation = weights[0] * std::abs(centre - 0.5 * kronrod);
  for (std::size_t i = 1; i < nodes.size(); ++i)
    variation += weights[i] * (std::abs(values[2 * i - 1] - 0.5 * kronrod) + std::abs(values[2 * i] - 0.5 * kronrod));
  const double apart = std::abs(kronrod - gauss);
  const double error = variation > 0 ? variation * std::min(1.0, std::pow(200 * apart / variation, 1.5)) : apart;
  return {from, width, kronrod * half, size * half, error * half};
}

}  // namespace

double integral(const std::function<double(double)>& f, double start, double length) {
  if (length == 0) return 0;
  std::vector<Part> parts{estimate(f, start, length, 0, 1)};
  double size = parts[0].size, error = parts[0].error;
  const auto worse = [](const Part& a, const Part& b) { return a.error < b.error; };
  while (error > tolerance * size && parts.size() < most_intervals) {
    std::ranges::pop_heap(parts, worse);
    const Part worst = parts.back();
    parts.pop_back();
    const double half = 0.5 * worst.width;
    for (const double from : {worst.from, worst.from + half}) {
      parts.push_back(estimate(f, start, length, from, half));
      std::ranges::push_heap(parts, worse);
    }
    size = error = 0;
    for (const auto& part : parts) size += part.size, error += part.error;
  }
  double sum = 0;
  for (const auto& part : parts) sum += part.value;
  return length * sum;
}

}  // namespace tellegen
