#include "tellegen/units/quantities.hpp"

#include <doctest/doctest.h>

#include <type_traits>

#include "tellegen/units/quantity_format.hpp"

namespace u = tellegen::units;
using namespace tellegen::units::literals;

TEST_CASE("a literal is the number times its unit") {
  CHECK(u::raw(10_kohm) == 1e4);
  CHECK(u::raw(2.2_nF) == doctest::Approx(2.2e-9).epsilon(1e-15));
  CHECK(u::raw(5_ns) == doctest::Approx(5e-9).epsilon(1e-15));
  CHECK(u::raw(10.0 * u::kilo_ohm) == u::raw(10_kohm));
  CHECK(u::raw(3.0 * u::micro_siemens) == doctest::Approx(3e-6).epsilon(1e-15));
}

TEST_CASE("products of quantities have the dimension that physics gives them") {
  const u::time tau = 10_kohm * 1_nF;
  CHECK(u::raw(tau) == doctest::Approx(1e-5));
  const u::voltage v = 1_mA * 1_kohm;
  CHECK(u::raw(v) == doctest::Approx(1.0));
  const u::charge q = 1_pF * 2_V;
  CHECK(u::raw(q) == doctest::Approx(2e-12));
  const u::magnetic_flux phi = 1_mH * 3_mA;
  CHECK(u::raw(phi) == doctest::Approx(3e-6));
  static_assert(std::is_same_v<decltype(1.0 / (1_ohm)), u::conductance>);
}

TEST_CASE("conductance times half-flux is the value of a fractional memristor's law") {
  const u::flux_per_root_second z = 2.0 * u::weber_per_root_second;
  const u::ampere_root_second f = 3_S * z;
  CHECK(u::raw(f) == 6.0);
  static_assert(
      std::is_same_v<decltype(u::siemens * u::weber_per_root_second), decltype(u::ampere_times_root_second * 1.0)>);
}

TEST_CASE("a quantity prints itself in engineering notation") {
  CHECK(fmt::format("{}", 2.2_nF) == "2.2 nF");
  CHECK(fmt::format("{}", 10_kohm) == "10 kohm");
  CHECK(fmt::format("{}", 0.5 * u::volt) == "500 mV");
  CHECK(fmt::format("{}", 1e-6 * u::siemens_times_root_second) == "1 uS s^1/2");
  CHECK(fmt::format("{}", 20e-3 * u::weber_per_root_second) == "20 mWb/s^1/2");
  CHECK(fmt::format("{:>8}", 1_us) == "    1 us");
}
