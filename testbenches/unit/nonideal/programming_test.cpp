#include <doctest/doctest.h>

#include <cmath>

#include "hw_models/nonideal/programming.hpp"

using namespace tellegen;

TEST_CASE("an ideal device takes any value within its range") {
  const NonIdealities::Programming spec;
  const ProgrammableDevice device(spec, {1, 3});
  CHECK(device.set(1.2345, 1) == doctest::Approx(1.2345));
  CHECK(device.set(0, 0) == 1);
  CHECK(device.set(9, 0) == 3);
}

TEST_CASE("two bits have four levels from end to end") {
  const NonIdealities::Programming spec{.bits = 2, .curve = {}};
  const ProgrammableDevice device(spec, {-1, 2});
  CHECK(device.set(-0.6, 0) == -1);
  CHECK(device.set(-0.4, 0) == doctest::Approx(0));
  CHECK(device.set(1.2, 0) == doctest::Approx(1));
  CHECK(device.set(1.7, 0) == 2);
}

TEST_CASE("an update smaller than half a level is lost") {
  const NonIdealities::Programming spec{.bits = 4, .curve = {}};
  const ProgrammableDevice device(spec, {0, 15});
  CHECK(device.step(7, 0.4, 0) == doctest::Approx(7));
  CHECK(device.step(7, 0.6, 0) == doctest::Approx(8));
}

TEST_CASE("write noise is in parts of the range and stops at its ends") {
  const NonIdealities::Programming spec{.write_noise = 0.05, .curve = {}};
  const ProgrammableDevice device(spec, {0, 10});
  CHECK(device.set(5, 2) == doctest::Approx(6));
  CHECK(device.set(9.9, 2) == 10);
}

TEST_CASE("a soft-bound curve comes as near to its end as its closed form says") {
  // up(x) = a (1 - x): x_n = 1 - (1 - x_0)(1 - a)^n. The mean step of the table is a/2.
  constexpr double a = 0.02;
  const NonIdealities::Programming spec{.curve = {{0, a, 1e-9 + a * 0}, {1, 1e-9, a}}};
  const ProgrammableDevice device(spec, {0, 1});
  const double mean = (a + 1e-9) / 2;
  CHECK(device.step(0.2, 30 * mean, 0) == doctest::Approx(1 - 0.8 * std::pow(1 - a, 30)).epsilon(1e-5));
  CHECK(device.step(0.8, -30 * mean, 0) == doctest::Approx(0.8 * std::pow(1 - a, 30)).epsilon(1e-5));
}

TEST_CASE("up and down of an asymmetric device do not return to where they began") {
  const NonIdealities::Programming spec{.curve = {{0, 0.03, 0.01}, {1, 0.03, 0.01}}};
  const ProgrammableDevice device(spec, {0, 1});
  const double there = device.step(0.5, 0.04, 0);
  CHECK(there == doctest::Approx(0.56));  // two pulses of 0.03, where two of 0.02 were meant
  CHECK(device.step(there, -0.04, 0) == doctest::Approx(0.54));
}

TEST_CASE("less than half a pulse is no pulse, and adds no noise") {
  const NonIdealities::Programming spec{.write_noise = 0.1, .curve = {{0, 0.02, 0.02}, {1, 0.02, 0.02}}};
  CHECK(ProgrammableDevice(spec, {0, 1}).step(0.3, 0.009, 5) == 0.3);
}

TEST_CASE("a device that is not programmed holds what it has") {
  const NonIdealities::Programming spec{.bits = 1, .write_noise = 1, .curve = {}};
  CHECK(ProgrammableDevice(spec, {}).set(0.7, 3) == 0.7);
}
