#include <doctest/doctest.h>

#include <cmath>

#include "circuits/schematic.hpp"

using namespace tellegen;
using namespace tellegen::elements;
using test::Schematic;

namespace {

/// Starts at rest with three derivatives, so that the order of the method is seen undisturbed.
double smooth(double t) { return t * t * t * std::exp(-t) * std::cos(2 * t); }

/// Largest distance of two runs of the same circuit, the second `factor` times finer.
double distance(const std::shared_ptr<const Circuit>& circuit, Method method, std::size_t steps, std::size_t factor) {
  constexpr double stop = 4;  // [s]
  const auto run = [&](std::size_t count) {
    return test::simulate(circuit, {.step = stop / static_cast<double>(count), .steps = count, .method = method}, {smooth}).voltages;
  };
  const auto coarse = run(steps), fine = run(steps * factor);
  double largest = 0;
  for (std::size_t n = steps / 4; n < steps; ++n)
    for (std::size_t node = 1; node < coarse.columns(); ++node)
      largest = std::max(largest, std::abs(coarse.at(n, node) - fine.at((n + 1) * factor - 1, node)));
  return largest;
}

void check_orders(const std::shared_ptr<const Circuit>& circuit) {
  for (const auto& [method, order] : {std::pair{Method::be, 1.0}, std::pair{Method::bdf2, 2.0}, std::pair{Method::trap, 2.0}}) {
    CAPTURE(name_of(method));
    // Of a method of order p the distances between successive halvings shrink by 2^p.
    const double ratio = distance(circuit, method, 200, 2) / distance(circuit, method, 400, 2);
    CHECK(std::log2(ratio) == doctest::Approx(order).epsilon(0.06));
  }
}

}  // namespace

TEST_CASE("halving the step of a diode network with inductor and nonlinear capacitor divides the error by 2 or 4") {
  check_orders(Schematic().current_source("i1", "0", "a").capacitor("c1", "a", "0", 0.5).diode("d1", "a", "b", 1e-2, 8)
                   .with_law<Resistor, TanhLaw>("r1", "b", "0", {0.4, 0.5, 0.3}).with_law<Capacitor, TanhLaw>("c2", "b", "0", {0.2, 0.3, 0.5})
                   .with_law<Inductor, SineLaw>("l1", "a", "0", {0.3, 0.4, 0.5}).resistor("r2", "a", "0", 3).freeze());
}

TEST_CASE("halving the step of a network of nonlinear half-order elements and memristors divides the error by 2 or 4") {
  check_orders(Schematic().current_source("i1", "0", "a").capacitor("c1", "a", "0", 0.5)
                   .with_law<FractionalMemristor, SinhLaw>("yfmem!f1", "a", "b", {0.2, 0.4, 0.7})
                   .with_law<FractionalMemristor, TanhLaw>("yfmem!f2", "b", "0", {0.2, 0.4, 0.7}).capacitor("c2", "b", "0", 0.4)
                   .with_law<Memristor, PolynomialLaw>("ymem!m1", "a", "0", {0.4, 0.1, 0.3}).freeze());
}

TEST_CASE("halving the step of a directed chain divides the error by 2 or 4") {
  check_orders(Schematic().current_source("i1", "0", "a").capacitor("c1", "a", "0", 0.5).resistor("r1", "a", "0", 1)
                   .transconductor<TanhLaw>("g1", "b", "0", "a", "0", {-0.2, -1.5, 0.4}).capacitor("c2", "b", "0", 0.3).resistor("r2", "b", "0", 0.8)
                   .transconductor<SinhLaw>("g2", "c", "0", "b", "a", {-0.2, -0.3, 0.6}).capacitor("c3", "c", "0", 0.6).resistor("r3", "c", "0", 1.5).freeze());
}
