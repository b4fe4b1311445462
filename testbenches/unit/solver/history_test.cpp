#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "hw_models/solver/differentiation.hpp"

using namespace tellegen;

namespace {

constexpr Method methods[] = {Method::be, Method::bdf2, Method::trap};
constexpr History sums[] = {History::exponentials_20, History::exponentials_32};
constexpr History histories[] = {History::direct, History::fft, History::exponentials_20, History::exponentials_32};

std::vector<double> noise(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> value(-1, 1);
  std::vector<double> x;
  for (std::size_t n = 0; n < count; ++n) x.push_back(value(random));
  return x;
}

/// D^order of x, step by step.
std::vector<double> differentiate(double order, const std::vector<double>& x, const TimeGrid& grid) {
  DifferentiationBank<double> bank(order, 1, grid);
  std::vector<double> y;
  for (const double input : x) {
    double past = 0;
    bank.history(&past);
    y.push_back(bank.leading() * input + past);
    bank.accept(&input, &past);
  }
  return y;
}

TimeGrid with(TimeGrid grid, History history) {
  grid.history = history;
  return grid;
}

double norm(const std::vector<double>& x) {
  double sum = 0;
  for (const double value : x) sum += value * value;
  return std::sqrt(sum);
}

double distance(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0;
  for (std::size_t n = 0; n < x.size(); ++n) sum += (x[n] - y[n]) * (x[n] - y[n]);
  return std::sqrt(sum);
}

/// || W y || of the bound in exponential_sum.hpp.
double weighted_norm(std::vector<double> y, const TimeGrid& grid) {
  if (grid.method == Method::trap) {
    const auto slope = differentiate(1, y, grid);
    for (std::size_t n = 0; n < y.size(); ++n) y[n] += grid.step / 2 * slope[n];
  }
  return norm(y);
}

/// Integral order of the sum that D^order is built on.
double beta_of(double order) { return std::ceil(order) - order; }

std::complex<double> symbol(Method method, std::complex<double> zeta) {
  switch (method) {
    case Method::be: return 1.0 - zeta;
    case Method::bdf2: return 1.5 - 2.0 * zeta + 0.5 * zeta * zeta;
    case Method::trap: return 2.0 * (1.0 - zeta) / (1.0 + zeta);
  }
  return 0;
}

/// Relative error of a sum at one point of the symbol of a run of five decades, h = 1.
double error_at(const ExponentialSum& sum, double beta, Method method, double angle) {
  const auto s = symbol(method, std::polar(std::exp(-1e-5), angle));
  std::complex<double> k = 0;
  for (std::size_t j = 0; j < sum.rate.size(); ++j) k += sum.weight[j] / (s + sum.rate[j]);
  return std::abs(k * std::pow(s, beta) - 1.0) / (method == Method::trap ? std::abs(1.0 + s / 2.0) : 1.0);
}

/// Angles of the upper half circle, dense towards both ends.
std::vector<double> angles() {
  std::vector<double> result;
  for (double decades = -7; decades < 0; decades += 0.01) {
    result.push_back(std::numbers::pi * std::pow(10, decades));
    result.push_back(std::numbers::pi - result.back());
  }
  return result;
}

}  // namespace

TEST_CASE("every sum of exponentials is passive: its rates and weights are positive") {
  for (const Method method : methods)
    for (const int terms : {20, 32})
      for (const double beta : {2e-7, 1e-3, 0.05, 0.3, 0.5, 0.6, 0.95, 0.999, 1 - 2e-7}) {
        CAPTURE(name_of(method));
        CAPTURE(terms);
        CAPTURE(beta);
        const auto sum = exponential_sum(beta, terms, {.step = 1e-6, .steps = 1000, .method = method});
        CHECK(sum.rate.size() == static_cast<std::size_t>(terms));
        CHECK(sum.rate.front() > 0);
        CHECK(std::ranges::is_sorted(sum.rate));
        CHECK(std::ranges::min(sum.weight) > 0);
      }
}

TEST_CASE("a sum of exponentials keeps its stated error on the symbol of five decades, for every order and method") {
  const auto stated = [](Method method, int terms) {
    switch (method) {
      case Method::be: return terms == 20 ? 1.1e-6 : 1.8e-10;
      case Method::bdf2: return terms == 20 ? 5.2e-6 : 2.3e-9;
      case Method::trap: return terms == 20 ? 9e-5 : 1.6e-6;
    }
    return 0.0;
  };
  for (const Method method : methods)
    for (const int terms : {20, 32})
      for (const double beta : {0.02, 0.25, 0.4, 0.5, 0.6, 0.75, 0.98}) {
        CAPTURE(name_of(method));
        CAPTURE(terms);
        CAPTURE(beta);
        const TimeGrid grid{.step = 1, .steps = 100'000, .method = method};
        const auto sum = exponential_sum(beta, terms, grid);
        double largest = 0;
        for (const double angle : angles()) largest = std::max(largest, error_at(sum, beta, method, angle));
        CHECK(largest < stated(method, terms));
        CHECK(largest == doctest::Approx(symbol_error(sum, beta, grid)).epsilon(0.03));
      }
}

TEST_CASE("the error of the half-order sum is the same all along the symbol of backward Euler, as that of a best function is") {
  const auto sum = exponential_sum(0.5, 20, {.step = 1, .steps = 100'000, .method = Method::be});
  for (const double angle : angles()) CHECK(error_at(sum, 0.5, Method::be, angle) == doctest::Approx(9.857e-7).epsilon(2e-3));
}

TEST_CASE("a sum scales with the step, and is the same for every run of up to five decades") {
  for (const double beta : {0.5, 0.3}) {
    const auto one = exponential_sum(beta, 20, {.step = 1, .steps = 100'000, .method = Method::bdf2});
    const auto small = exponential_sum(beta, 20, {.step = 1e-9, .steps = 7, .method = Method::bdf2});
    for (std::size_t j = 0; j < one.rate.size(); ++j) {
      CHECK(small.rate[j] == doctest::Approx(one.rate[j] * 1e9).epsilon(1e-14));
      CHECK(small.weight[j] == doctest::Approx(one.weight[j] * std::pow(1e-9, beta - 1)).epsilon(1e-13));
    }
  }
  CHECK(span_of(100'000) == 100'000);
  CHECK(span_of(100'001) == 200'000);
}

TEST_CASE("an integer has no sum of exponentials") {
  for (const double beta : {0.0, 1.0, -0.5, 1.5})
    CHECK_THROWS_AS(exponential_sum(beta, 20, {.step = 1, .steps = 10}), std::invalid_argument);
}

TEST_CASE("blockwise convolution equals direct convolution to round-off, whatever the length of the run") {
  for (const Method method : methods)
    for (const double order : {-1.3, -0.5, 0.25, 0.5, 1.4})
      for (const std::size_t steps : {1u, 63u, 64u, 65u, 128u, 129u, 1000u, 1024u, 3000u}) {
        CAPTURE(name_of(method));
        CAPTURE(order);
        CAPTURE(steps);
        const TimeGrid grid{.step = 0.05, .steps = steps, .method = method};
        const auto x = noise(steps, static_cast<unsigned>(steps));
        const auto direct = differentiate(order, x, grid), fft = differentiate(order, x, with(grid, History::fft));
        CHECK(distance(fft, direct) <= 1e-14 * norm(direct));
      }
}

TEST_CASE("operators by sums of exponentials keep their bound on noise, for every order, method and number of terms") {
  constexpr std::size_t steps = 3000;
  const auto x = noise(steps, 5);
  for (const Method method : methods)
    for (const History history : sums)
      for (const double order : {-1.4, -0.9, -0.5, -0.3, 0.25, 0.5, 0.6, 0.95, 1.4}) {
        CAPTURE(name_of(method));
        CAPTURE(name_of(history));
        CAPTURE(order);
        const TimeGrid grid{.step = 0.05, .steps = steps, .method = method, .history = history};
        const auto exact = differentiate(order, x, with(grid, History::direct)), near = differentiate(order, x, grid);
        const double error = symbol_error(exponential_sum(beta_of(order), terms_of(history), grid), beta_of(order), grid);
        CHECK(distance(near, exact) <= std::numbers::e * error * weighted_norm(exact, grid) + 1e-13 * norm(exact));
        CHECK(distance(near, exact) > 0);
      }
}

TEST_CASE("operators by sums of exponentials keep their bound over five decades of steps") {
  constexpr std::size_t steps = 100'000;
  const auto x = noise(steps, 6);
  for (const Method method : methods)
    for (const double order : {-0.5, 0.5, 0.8}) {
      const TimeGrid grid{.step = 1e-6, .steps = steps, .method = method};
      const auto exact = differentiate(order, x, with(grid, History::fft));
      const double size = weighted_norm(exact, grid);
      for (const History history : sums) {
        CAPTURE(name_of(method));
        CAPTURE(name_of(history));
        CAPTURE(order);
        const auto near = differentiate(order, x, with(grid, history));
        const double error = symbol_error(exponential_sum(beta_of(order), terms_of(history), grid), beta_of(order), grid);
        CHECK(distance(near, exact) <= std::numbers::e * error * size + 1e-12 * norm(exact));
      }
    }
}

TEST_CASE("orders that differ by one differ by one derivative exactly, by sums of exponentials too") {
  const auto x = noise(500, 7);
  for (const Method method : methods)
    for (const History history : sums)
      for (const double order : {-1.5, -0.5, -0.3, 0.5}) {
        CAPTURE(name_of(method));
        CAPTURE(order);
        const TimeGrid grid{.step = 0.1, .steps = x.size(), .method = method, .history = history};
        const auto whole = differentiate(order + 1, x, grid), composed = differentiate(1, differentiate(order, x, grid), grid);
        CHECK(distance(whole, composed) <= 2e-11 * norm(whole));
      }
}

TEST_CASE("integer orders are exact recursions whatever the history") {
  const auto x = noise(300, 8);
  for (const Method method : methods)
    for (const History history : {History::fft, History::exponentials_20})
      for (const double order : {-2.0, -1.0, 0.0, 1.0, 2.0, 1.0 - 1e-13}) {
        CAPTURE(name_of(method));
        CAPTURE(order);
        const TimeGrid grid{.step = 0.1, .steps = x.size(), .method = method, .history = history};
        const auto direct = differentiate(std::round(order), x, with(grid, History::direct));
        CHECK(distance(differentiate(order, x, grid), direct) <= 1e-11 * norm(direct));
      }
}

TEST_CASE("every history forgets its past at a reset to the last bit, and answers a first input with its leading weight") {
  const auto x = noise(200, 9);
  for (const Method method : methods)
    for (const History history : histories)
      for (const double order : {-1.2, -0.5, 0.5, 1.2, 2.0}) {
        CAPTURE(name_of(history));
        CAPTURE(order);
        const TimeGrid grid{.step = 0.1, .steps = x.size(), .method = method, .history = history};
        DifferentiationBank<double> bank(order, 1, grid);
        const auto run = [&] {
          std::vector<double> y;
          for (const double input : x) {
            double past = 0;
            bank.history(&past);
            y.push_back(past);
            bank.accept(&input, &past);
          }
          return y;
        };
        const auto first = run();
        CHECK(first[0] == 0.0);
        bank.reset();
        CHECK(run() == first);
      }
}

TEST_CASE("signals of one bank do not see each other, whatever the history") {
  constexpr std::size_t steps = 300, width = 3;
  std::vector<std::vector<double>> x;
  for (unsigned k = 0; k < width; ++k) x.push_back(noise(steps, 20 + k));
  for (const History history : histories) {
    CAPTURE(name_of(history));
    const TimeGrid grid{.step = 0.1, .steps = steps, .method = Method::bdf2, .history = history};
    DifferentiationBank<double> bank(0.6, width, grid);
    std::vector<std::vector<double>> y(width);
    for (std::size_t n = 0; n < steps; ++n) {
      double input[width], past[width];
      for (std::size_t k = 0; k < width; ++k) input[k] = x[k][n];
      bank.history(past);
      for (std::size_t k = 0; k < width; ++k) y[k].push_back(bank.leading() * input[k] + past[k]);
      bank.accept(input, past);
    }
    for (std::size_t k = 0; k < width; ++k) {
      const auto alone = differentiate(0.6, x[k], grid);
      CHECK(distance(y[k], alone) <= (history == History::fft ? 1e-14 * norm(alone) : 0.0));
    }
  }
}

namespace {

/// A number that counts what is done to it.
struct Counted {
  double value = 0;
  static inline std::size_t operations = 0;

  Counted() = default;
  Counted(double v) : value(v) {}  // NOLINT(google-explicit-constructor): as a lane
  friend Counted operator+(const Counted& a, const Counted& b) { return ++operations, Counted(a.value + b.value); }
  friend Counted operator-(const Counted& a, const Counted& b) { return ++operations, Counted(a.value - b.value); }
  friend Counted operator*(const Counted& a, const Counted& b) { return ++operations, Counted(a.value * b.value); }
};

std::size_t operations_of_step(DifferentiationBank<Counted>& bank) {
  Counted::operations = 0;
  Counted input(1.0), past;
  bank.history(&past);
  bank.accept(&input, &past);
  return Counted::operations;
}

}  // namespace

TEST_CASE("a sum of exponentials costs the same operations at every step and the same memory for every length of run") {
  for (const Method method : methods)
    for (const History history : sums)
      for (const double order : {-0.5, 0.5, 1.4}) {
        CAPTURE(name_of(method));
        const TimeGrid grid{.step = 1, .steps = 100'000'000, .method = method, .history = history};
        DifferentiationBank<Counted> bank(order, 1, grid), brief(order, 1, {.step = 1, .steps = 10, .method = method, .history = history});
        CHECK(bank.stored_values() == brief.stored_values());
        const auto first = operations_of_step(bank);
        CHECK(first < 10 * static_cast<std::size_t>(terms_of(history)));
        for (int n = 0; n < 1000; ++n) CHECK(operations_of_step(bank) == first);
      }
}

TEST_CASE("the direct history costs more at every step, so that the count of operations can tell") {
  DifferentiationBank<Counted> bank(0.5, 1, {.step = 1, .steps = 1000});
  for (int n = 0; n < 100; ++n) operations_of_step(bank);
  const auto early = operations_of_step(bank);
  for (int n = 0; n < 800; ++n) operations_of_step(bank);
  CHECK(operations_of_step(bank) > 5 * early);
}

TEST_CASE("time reversed, an operator without one state per order starts from rest, as if it were new") {
  const TimeGrid plain{.step = 0.1, .steps = 60, .method = Method::trap};
  const auto x = noise(plain.steps, 5);
  for (const auto history : histories)
    for (const double order : {0.5, -0.5, 0.3}) {
      CAPTURE(order);
      const auto grid = with(plain, history);
      DifferentiationBank<double> bank(order, 1, grid);
      const auto run = [&] {
        std::vector<double> y;
        for (const double input : x) {
          double past = 0;
          bank.history(&past);
          y.push_back(bank.leading() * input + past);
          bank.accept(&input, &past);
        }
        return y;
      };
      const auto first = run();
      bank.reverse_time();
      CHECK(run() == first);
    }
}
