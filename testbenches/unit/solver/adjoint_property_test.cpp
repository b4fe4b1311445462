#include <doctest/doctest.h>

#include "circuits/class_circuits.hpp"
#include "circuits/gradient_check.hpp"

using namespace tellegen;
using test::CircuitClass;

namespace {

constexpr Method methods[] = {Method::be, Method::bdf2, Method::trap};

}  // namespace

TEST_CASE("adjoint gradient of random circuits of any elements equals central differences, for every method") {
  for (unsigned seed = 1; seed <= 40; ++seed)
    for (const Method method : methods) {
      CAPTURE(seed);
      CAPTURE(name_of(method));
      CHECK(test::adjoint_error(test::random_circuit(seed), method, 40) < 1e-6);
    }
}

TEST_CASE("adjoint gradient of every class of the theory equals central differences, for every method") {
  for (const auto kind : {CircuitClass::linear, CircuitClass::directed_linear, CircuitClass::resistive_nonlinear, CircuitClass::kendall,
                          CircuitClass::memristive, CircuitClass::mixed_skew, CircuitClass::directed})
    for (const unsigned seed : {11u, 12u, 13u, 14u, 15u})
      for (const Method method : methods) {
        CAPTURE(static_cast<int>(kind));
        CAPTURE(seed);
        CAPTURE(name_of(method));
        CHECK(test::adjoint_error(test::make_circuit(kind, seed), method, 40) < 1e-6);
      }
}
