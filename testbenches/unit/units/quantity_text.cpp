#include "tellegen/units/quantity_text.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <string>

using namespace tellegen;

namespace {

std::string message_of(const char* text, Dimension expected) {
  try {
    static_cast<void>(parse_quantity(text, expected, {"bench.toml", 8}, "[time] step"));
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

double si(const char* text, Dimension expected) { return parse_quantity(text, expected, {"b", 1}, "k"); }

}  // namespace

TEST_CASE("a quantity text gives the nearest double in SI") {
  CHECK(si("10 ns", dimensions::time) == 10e-9);
  CHECK(si("2.2nF", dimension_of_unit("F")) == 2.2e-9);
  CHECK(si("0.1 us", dimensions::time) == 1e-7);
  CHECK(si("3.3 kohm", dimension_of_unit("ohm")) == 3300);
  CHECK(si("-1.5e1 mV", dimensions::voltage) == -0.015);
  CHECK(si("+.5V", dimensions::voltage) == 0.5);
  CHECK(si("5. V", dimensions::voltage) == 5);
  CHECK(si("2e-9", dimensions::time) == 2e-9);
  CHECK(si("  7  ", dimensions::none) == 7);
  CHECK(si("1e-400", dimensions::time) == 0);
}

TEST_CASE("every prefix is a power of ten") {
  CHECK(si("1 fs", dimensions::time) == 1e-15);
  CHECK(si("1 ps", dimensions::time) == 1e-12);
  CHECK(si("1 us", dimensions::time) == 1e-6);
  CHECK(si("1 \u00b5s", dimensions::time) == 1e-6);
  CHECK(si("1 \u03bcs", dimensions::time) == 1e-6);
  CHECK(si("1 ms", dimensions::time) == 1e-3);
  CHECK(si("1 kHz", dimensions::frequency) == 1e3);
  CHECK(si("1 MHz", dimensions::frequency) == 1e6);
  CHECK(si("1 megHz", dimensions::frequency) == 1e6);
  CHECK(si("1 GHz", dimensions::frequency) == 1e9);
  CHECK(si("1 THz", dimensions::frequency) == 1e12);
  CHECK(si("1 M\u03a9", dimension_of_unit("ohm")) == 1e6);
  CHECK(si("1 cm^2", dimension_of_unit("m^2")) == doctest::Approx(1e-4).epsilon(1e-15));
}

TEST_CASE("a whole symbol wins over a prefix and a symbol") {
  CHECK(dimension_of_unit("m") == Dimension{.metre = 2});
  CHECK(dimension_of_unit("mm") == Dimension{.metre = 2});
  CHECK(name_of(dimension_of_unit("T")) == "magnetic field");
  CHECK(si("2 min", dimensions::time) == 120);
}

TEST_CASE("compound units are products of powers, halves included") {
  CHECK(dimension_of_unit("Wb/s^1/2") == dimension_of_unit("V s^1/2"));
  CHECK(dimension_of_unit("A s^1/2") == Dimension{.second = 1, .ampere = 2});
  CHECK(dimension_of_unit("A s^(1/2)") == dimension_of_unit("A*s^0.5"));
  CHECK(dimension_of_unit("S s^1/2") == dimension_of_unit("A s^1/2/V"));
  CHECK(dimension_of_unit("1/H") == dimension_of_unit("H^-1"));
  CHECK(dimension_of_unit("kg m^2/s^3/A") == dimensions::voltage);
  CHECK(dimension_of_unit("V/A") == dimension_of_unit("ohm"));
  CHECK(dimension_of_unit("J/s") == dimension_of_unit("W"));
  CHECK(dimension_of_unit("C/V") == dimension_of_unit("F"));
  CHECK(dimension_of_unit("1") == dimensions::none);
  CHECK(si("5 mV/us", dimension_of_unit("V/s")) == doctest::Approx(5e3).epsilon(1e-15));
  CHECK(si("1 ms^1/2", dimension_of_unit("s^1/2")) == doctest::Approx(std::sqrt(1e-3)).epsilon(1e-15));
  CHECK(si("5 %", dimensions::none) == doctest::Approx(0.05));
  CHECK(si("1 g", dimension_of_unit("kg")) == doctest::Approx(1e-3));
}

TEST_CASE("a unit that nobody knows is refused") {
  CHECK_THROWS_AS(static_cast<void>(dimension_of_unit("parsec")), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(dimension_of_unit("V/")), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(dimension_of_unit("V*/s")), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(dimension_of_unit("/s")), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(dimension_of_unit("s^x")), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(dimension_of_unit("s^(1/2")), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(dimension_of_unit("s^0.6")), std::invalid_argument);
}

TEST_CASE("a wrong dimension is told with both names and an example") {
  CHECK(message_of("5 kg", dimensions::time) ==
        "bench.toml:8: [time] step: \"5 kg\" is a mass; a time is expected, such as \"10 ns\"");
  CHECK(message_of("10 nS", dimensions::time) ==
        "bench.toml:8: [time] step: \"10 nS\" is a conductance; a time is expected, such as \"10 ns\"");
  CHECK(message_of("1 s", dimension_of_unit("H")) ==
        "bench.toml:8: [time] step: \"1 s\" is a time; an inductance is expected, such as \"1 mH\"");
  CHECK(message_of("1 V s^1/2", dimensions::voltage) ==
        "bench.toml:8: [time] step: \"1 V s^1/2\" is a flux per root second; a voltage is expected, such as \"1 V\"");
  CHECK(message_of("1 K^2", dimensions::none) ==
        "bench.toml:8: [time] step: \"1 K^2\" is a quantity in K^2; a plain number is expected, such as \"0.5\"");
}

TEST_CASE("a text that cannot be read is told with what was expected") {
  CHECK(message_of("fast", dimensions::time) ==
        "bench.toml:8: [time] step: \"fast\" is not a number; a time is expected, such as \"10 ns\"");
  CHECK(message_of("", dimensions::time) ==
        "bench.toml:8: [time] step: \"\" is not a number; a time is expected, such as \"10 ns\"");
  CHECK(message_of("10 lightyears", dimensions::time) ==
        "bench.toml:8: [time] step: \"10 lightyears\" has an unknown unit \"lightyears\"; a time is expected, such as "
        "\"10 ns\"");
  CHECK(message_of("10 k", dimensions::voltage) ==
        "bench.toml:8: [time] step: \"10 k\" has an unknown unit \"k\"; \"K\" is meant, perhaps; a voltage is "
        "expected, such as \"1 V\"");
  CHECK(message_of("1 mhz", dimensions::frequency) ==
        "bench.toml:8: [time] step: \"1 mhz\" has an unknown unit \"mhz\"; \"mHz\" is meant, perhaps; a frequency is "
        "expected, such as "
        "\"1 MHz\"");
  CHECK(message_of("1e999 s", dimensions::time) == "bench.toml:8: [time] step: \"1e999 s\" is too large");
  CHECK(message_of("1 s/", dimensions::time) ==
        "bench.toml:8: [time] step: \"1 s/\" has an unreadable unit \"s/\"; a time is expected, such as \"10 ns\"");
}

TEST_CASE("dimensions have names where the field has them") {
  CHECK(name_of(dimensions::current) == "current");
  CHECK(name_of(dimension_of_unit("Wb/s^1/2")) == "flux per root second");
  CHECK(name_of(dimension_of_unit("m^3/s^1/2")) == "m^3 s^-1/2");
}

TEST_CASE("engineering notation keeps four digits and the nearest prefix") {
  CHECK(engineering(3.2e-6, "s") == "3.2 us");
  CHECK(engineering(0, "V") == "0 V");
  CHECK(engineering(1, "V") == "1 V");
  CHECK(engineering(-0.74, "V") == "-740 mV");
  CHECK(engineering(1234.5, "ohm") == "1.234 kohm");
  CHECK(engineering(999.96e-9, "s") == "1 us");
  CHECK(engineering(999.94e-9, "s") == "999.9 ns");
  CHECK(engineering(1e-15, "F") == "1 fF");
  CHECK(engineering(1e12, "Hz") == "1 THz");
  CHECK(engineering(4.5e-21, "F") == "4.5e-21 F");
  CHECK(engineering(1e18, "Hz") == "1e18 Hz");
  CHECK(engineering(1500, "1/H") == "1.5e3 1/H");
  CHECK(engineering(2e-6, "m^2") == "2e-6 m^2");
  CHECK(engineering(0.002, "") == "2e-3");
  CHECK(engineering(INFINITY, "s") == "inf s");
}

TEST_CASE("what engineering notation prints reads back") {
  for (const double value : {3.2e-6, 1.0, 47e3, 1e-15, 999.9e-9, 5e12, 0.25})
    CHECK(si(engineering(value, "s").c_str(), dimensions::time) == value);
}

TEST_CASE("a quantity of any dimension is found with its value in SI, its number and its unit") {
  const auto clock = find_quantity(" 1.5 kHz ");
  REQUIRE(clock.has_value());
  CHECK(clock->value == 1500);
  CHECK(clock->number == 1.5);
  CHECK(clock->unit == "kHz");
  CHECK(clock->dimension == dimensions::frequency);
  CHECK(symbol_of(clock->dimension) == "Hz");
  CHECK(find_quantity("3e-2")->unit == "");
  CHECK(find_quantity("3e-2")->dimension == dimensions::none);
  for (const char* text : {"", "echo", "3 parsec", "1e999 s", "1 s/"}) CHECK_FALSE(find_quantity(text).has_value());
}

TEST_CASE("the SI unit of a dimension has the symbol of the field, or is written in base units") {
  CHECK(symbol_of(dimensions::none) == "");
  CHECK(symbol_of(dimensions::time) == "s");
  CHECK(symbol_of(dimension_of_unit("kg")) == "kg");
  CHECK(symbol_of(dimension_of_unit("mV/us")) == "kg m^2 A^-1 s^-4");
}
