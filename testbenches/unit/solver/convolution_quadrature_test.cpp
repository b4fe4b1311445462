#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <numbers>

#include "hw_models/solver/convolution_quadrature.hpp"
#include "hw_models/solver/differentiation.hpp"

using namespace tellegen;

namespace {

constexpr Method methods[] = {Method::be, Method::bdf2, Method::trap};

void check_weights(const std::vector<double>& weights, const std::vector<double>& expected) {
  REQUIRE(weights.size() == expected.size());
  for (std::size_t j = 0; j < expected.size(); ++j) {
    CAPTURE(j);
    CHECK(weights[j] == doctest::Approx(expected[j]).epsilon(1e-14));
  }
}

std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> c(a.size(), 0.0);
  for (std::size_t n = 0; n < c.size(); ++n)
    for (std::size_t j = 0; j <= n; ++j) c[n] += a[j] * b[n - j];
  return c;
}

/// D^order of x by the definition, one sum a step.
std::vector<double> convolve(double order, const std::vector<double>& x, const TimeGrid& grid) {
  return product(quadrature_weights(order, x.size(), grid.step, grid.method), x);
}

/// D^order of x as the solver computes it, step by step.
std::vector<double> advance(DifferentiationBank<double>& bank, const std::vector<double>& x) {
  std::vector<double> y;
  for (const double input : x) {
    double past = 0;
    bank.history(&past);
    bank.accept(&input, &past);
    y.push_back(bank.leading() * input + past);
  }
  return y;
}

std::vector<double> some_signal(std::size_t count) {
  std::vector<double> x;
  for (std::size_t n = 0; n < count; ++n) x.push_back(std::sin(0.3 * static_cast<double>(n)) + 0.1 * static_cast<double>(n % 7) - 0.2);
  return x;
}

/// Error at t = 1 of the numerical half derivative of t^2, whose closed form is 2 / Gamma(5/2) t^(3/2).
double half_derivative_error(Method method, std::size_t steps) {
  const TimeGrid grid{.step = 1.0 / static_cast<double>(steps), .steps = steps, .method = method};
  DifferentiationBank<double> bank(0.5, 1, grid);
  std::vector<double> x;
  for (std::size_t n = 1; n <= steps; ++n) x.push_back(grid.time(n) * grid.time(n));
  return std::abs(advance(bank, x).back() - 2 / std::tgamma(2.5));
}

}  // namespace

TEST_CASE("first derivative has the weights of its method") {
  constexpr double h = 0.25;
  check_weights(quadrature_weights(1, 5, h, Method::be), {4, -4, 0, 0, 0});
  check_weights(quadrature_weights(1, 5, h, Method::bdf2), {6, -8, 2, 0, 0});
  check_weights(quadrature_weights(1, 5, h, Method::trap), {8, -16, 16, -16, 16});
}

TEST_CASE("integral has the weights of its method") {
  constexpr double h = 0.25;
  check_weights(quadrature_weights(-1, 5, h, Method::be), {h, h, h, h, h});
  check_weights(quadrature_weights(-1, 5, h, Method::bdf2), {h * 2 / 3, h * 8 / 9, h * 26 / 27, h * 80 / 81, h * 242 / 243});
  check_weights(quadrature_weights(-1, 5, h, Method::trap), {h / 2, h, h, h, h});
}

TEST_CASE("half derivative has the weights of the binomial series") {
  check_weights(quadrature_weights(0.5, 5, 1, Method::be), {1, -0.5, -0.125, -0.0625, -0.0390625});
  check_weights(quadrature_weights(-0.5, 5, 1, Method::be), {1, 0.5, 0.375, 0.3125, 0.2734375});
  // sqrt(2) sqrt((1-x)/(1+x)) = sqrt(2) (1 - x + x^2/2 - x^3/2 + 3 x^4/8 ...)
  const double r = std::numbers::sqrt2;
  check_weights(quadrature_weights(0.5, 5, 1, Method::trap), {r, -r, r / 2, -r / 2, r * 3 / 8});
}

TEST_CASE("the identity is the operator of order 0, for every method") {
  for (const Method method : methods) check_weights(quadrature_weights(0, 6, 0.1, method), {1, 0, 0, 0, 0, 0});
}

TEST_CASE("operators compose by adding their orders, for every method") {
  constexpr std::size_t count = 200;
  constexpr double h = 0.37;
  for (const Method method : methods)
    for (const double a : {0.5, 0.6, -0.5, 1.0, -1.0, 1.5, 0.31})
      for (const double b : {0.5, -0.6, 0.4, -1.0, 1.0}) {
        CAPTURE(name_of(method));
        CAPTURE(a);
        CAPTURE(b);
        const auto left = quadrature_weights(a, count, h, method), right = quadrature_weights(b, count, h, method);
        const auto composed = product(left, right);
        const auto direct = quadrature_weights(a + b, count, h, method);
        double size = 0, difference = 0;
        for (std::size_t n = 0; n < count; ++n) {
          double terms = 0;
          for (std::size_t j = 0; j <= n; ++j) terms += std::abs(left[j] * right[n - j]);
          size = std::max(size, terms);
          difference = std::max(difference, std::abs(composed[n] - direct[n]));
        }
        CHECK(difference <= 1e-12 * size);
      }
}

TEST_CASE("weights scale with the step to the power of minus the order") {
  for (const Method method : methods) {
    const auto one = quadrature_weights(0.6, 20, 1, method), small = quadrature_weights(0.6, 20, 1e-9, method);
    for (std::size_t j = 0; j < one.size(); ++j) CHECK(small[j] == doctest::Approx(one[j] * std::pow(1e-9, -0.6)).epsilon(1e-13));
  }
}

TEST_CASE("the stepwise operator equals the convolution, for every method and order") {
  constexpr std::size_t steps = 150;
  const auto x = some_signal(steps);
  for (const Method method : methods)
    for (const double order : {-1.0, -0.5, 0.0, 0.25, 0.5, 0.6, 1.0, 1.5}) {
      CAPTURE(name_of(method));
      CAPTURE(order);
      const TimeGrid grid{.step = 0.05, .steps = steps, .method = method};
      DifferentiationBank<double> bank(order, 1, grid);
      const auto stepwise = advance(bank, x), direct = convolve(order, x, grid);
      const double size = std::abs(quadrature_weights(order, 1, grid.step, method)[0]) * static_cast<double>(steps);
      for (std::size_t n = 0; n < steps; ++n) CHECK(std::abs(stepwise[n] - direct[n]) <= 1e-13 * size);
    }
}

TEST_CASE("a reset operator has forgotten its past to the last bit") {
  const auto x = some_signal(60);
  for (const Method method : methods)
    for (const double order : {-1.0, -0.5, 0.0, 0.5, 1.0}) {
      DifferentiationBank<double> bank(order, 1, {.step = 0.05, .steps = x.size(), .method = method});
      const auto first = advance(bank, x);
      bank.reset();
      CHECK(advance(bank, x) == first);
      bank.reset();
      double past = 1;
      bank.history(&past);
      CHECK(past == 0.0);
    }
}

TEST_CASE("signals of one bank do not see each other") {
  constexpr std::size_t steps = 40, width = 3;
  for (const double order : {-1.0, 0.5, 1.0}) {
    const TimeGrid grid{.step = 0.1, .steps = steps, .method = Method::bdf2};
    DifferentiationBank<double> bank(order, width, grid);
    std::vector<std::vector<double>> x(width), y(width);
    for (std::size_t n = 0; n < steps; ++n) {
      std::array<double, width> input{}, past{};
      bank.history(past.data());
      for (std::size_t k = 0; k < width; ++k) x[k].push_back(input[k] = std::cos(static_cast<double>((k + 1) * n)));
      for (std::size_t k = 0; k < width; ++k) y[k].push_back(bank.leading() * input[k] + past[k]);
      bank.accept(input.data(), past.data());
    }
    for (std::size_t k = 0; k < width; ++k) {
      DifferentiationBank<double> alone(order, 1, grid);
      CHECK(advance(alone, x[k]) == y[k]);
    }
  }
}

TEST_CASE("half derivative of t^2 converges to its closed form with the order of the method") {
  for (const auto& [method, ratio] : {std::pair{Method::be, 2.0}, std::pair{Method::bdf2, 4.0}, std::pair{Method::trap, 4.0}}) {
    CAPTURE(name_of(method));
    for (const std::size_t steps : {100u, 200u, 400u}) {
      const double coarse = half_derivative_error(method, steps), fine = half_derivative_error(method, 2 * steps);
      CHECK(coarse / fine == doctest::Approx(ratio).epsilon(0.05));
    }
  }
  CHECK(half_derivative_error(Method::bdf2, 1000) < 1e-6);
}

TEST_CASE("the half-order integral of a half-order derivative is the signal itself") {
  constexpr std::size_t steps = 300;
  const auto x = some_signal(steps);
  for (const Method method : methods) {
    const TimeGrid grid{.step = 0.02, .steps = steps, .method = method};
    DifferentiationBank<double> derivative(0.5, 1, grid), integral(-0.5, 1, grid);
    const auto back = advance(integral, advance(derivative, x));
    for (std::size_t n = 0; n < steps; ++n) CHECK(back[n] == doctest::Approx(x[n]).epsilon(1e-11));
  }
}
