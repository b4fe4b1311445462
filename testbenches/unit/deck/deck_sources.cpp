#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "testbenches/unit/deck/deck_text.hpp"

using namespace tellegen;
using namespace deck_test;

namespace {
Source source_of(const std::string& card, const std::string& directives = "") {
  return source(deck_of(card + "\nR1 a 0 1\n" + directives), card.substr(0, card.find(' ')));
}
std::string message_of_source(const std::string& card) { return message_of(card + "\nR1 a 0 1\n"); }
template <class Shape>
Shape shape_of(const Source& s) {
  return std::get<Shape>(s.waveform.shape());
}
}  // namespace

TEST_CASE("a source is a DC value with or without DC, and zero when nothing is said") {
  CHECK(source_of("V1 a 0 1.5").waveform.dc() == 1.5);
  CHECK(source_of("V1 a 0 DC 1.5").waveform.at(7) == 1.5);
  CHECK(source_of("V1 a 0 dc=2").waveform.dc() == 2);
  CHECK(source_of("V1 a 0").waveform.dc() == 0);
  CHECK(source_of("I1 0 a {2*3m}").waveform.dc() == doctest::Approx(6e-3));
  CHECK(source_of("I1 0 a x", ".param x=4\n").waveform.dc() == 4);
  CHECK(source_of("I1 0 a 1").kind == SourceKind::current);
  CHECK(source_of("I1 0 a 1").port == Port{0, 1});
  CHECK(source_of("V1 a 0 1").kind == SourceKind::voltage);
  CHECK(source_of("V1 a 0 1").where.line == 2);
}

TEST_CASE("waveforms come with brackets, commas or bare") {
  for (const char* card : {"V1 a 0 PULSE(0 1 2n 3n 4n 5n 20n)", "V1 a 0 pulse 0 1 2n 3n 4n 5n 20n",
                           "V1 a 0 Pulse (0, 1, 2n, 3n, 4n, 5n, 20n)"}) {
    CAPTURE(card);
    const auto p = shape_of<PulseWave>(source_of(card));
    CHECK(p.initial == 0);
    CHECK(p.pulsed == 1);
    CHECK(p.delay == 2e-9);
    CHECK(p.rise == 3e-9);
    CHECK(p.fall == 4e-9);
    CHECK(p.width == 5e-9);
    CHECK(p.period == 20e-9);
  }
}

TEST_CASE("times of a pulse that are left out or zero are those of .tran, as in SPICE") {
  const auto p = shape_of<PulseWave>(source_of("V1 a 0 PULSE(0 1 0 0)", ".tran 1n 100n\n"));
  CHECK(p.rise == 1e-9);
  CHECK(p.fall == 1e-9);
  CHECK(std::isinf(p.width));
  CHECK(p.period == 0);
  const auto ideal = shape_of<PulseWave>(source_of("V1 a 0 PULSE(0 1)"));
  CHECK(ideal.rise == 0);
  CHECK(ideal.fall == 0);
}

TEST_CASE("a sine takes offset, amplitude, frequency, delay, damping and phase") {
  const auto s = shape_of<SineWave>(source_of("V1 a 0 SIN(0.5 1 1meg 1u 1k 90)"));
  CHECK(s.offset == 0.5);
  CHECK(s.amplitude == 1);
  CHECK(s.frequency == 1e6);
  CHECK(s.delay == 1e-6);
  CHECK(s.damping == 1e3);
  CHECK(s.phase == 90);
  CHECK(shape_of<SineWave>(source_of("V1 a 0 SIN(0 1)", ".tran 1n 2u\n")).frequency == doctest::Approx(5e5));
}

TEST_CASE("times of an exponential that are left out or zero are those of .tran, as in SPICE") {
  const auto e = shape_of<ExponentialWave>(source_of("V1 a 0 EXP(1 2 3u 4u 5u 6u)"));
  CHECK(e.initial == 1);
  CHECK(e.pulsed == 2);
  CHECK(e.rise_delay == 3e-6);
  CHECK(e.rise_tau == 4e-6);
  CHECK(e.fall_delay == 5e-6);
  CHECK(e.fall_tau == 6e-6);
  const auto d = shape_of<ExponentialWave>(source_of("V1 a 0 EXP(1 2)", ".tran 1n 2u\n"));
  CHECK(d.rise_delay == 1e-9);
  CHECK(d.rise_tau == 1e-9);
  CHECK(d.fall_delay == 2e-9);
  CHECK(d.fall_tau == 1e-9);
}

TEST_CASE("a piecewise linear waveform is its points, over as many lines as needed") {
  const auto p = shape_of<PiecewiseLinear>(source_of("V1 a 0 PWL(0 0\n+ 1u {2*2}\n+ 2u,-1)"));
  REQUIRE(p.points.size() == 3);
  CHECK(p.points[1] == std::pair(1e-6, 4.0));
  CHECK(p.points[2] == std::pair(2e-6, -1.0));
}

TEST_CASE("DC, AC and a waveform stand together in any order, and AC is kept for later") {
  const auto deck = deck_of("V1 a 0 DC 2 AC 3 45 SIN(0 1 1k)\nI1 0 a SIN 0 1 1k AC DC 1\nV3 b 0 AC=0.5\nR1 a b 1\n");
  CHECK(source(deck, "v1").waveform.dc() == 2);
  CHECK(source(deck, "v1").waveform.at(0.25e-3) == doctest::Approx(1));
  CHECK(source(deck, "i1").waveform.dc() == 1);
  CHECK(deck.small_signal.at("v1").magnitude == 3);
  CHECK(deck.small_signal.at("v1").phase == 45);
  CHECK(deck.small_signal.at("i1").magnitude == 1);
  CHECK(deck.small_signal.at("v3").magnitude == 0.5);
  CHECK(source(deck, "v3").waveform.dc() == 0);
}

TEST_CASE("a bad source is told") {
  CHECK(message_of_source("V1 a") == "t.cir:2: V1: a source has 2 nodes, got 1");
  CHECK(message_of_source("V1 a 0 DC") == "t.cir:2: V1: a value is expected after DC");
  CHECK(message_of_source("V1 a 0 foo") == "t.cir:2: V1: \"foo\" is neither a number nor the name of a parameter");
  CHECK(message_of_source("V1 a 0 1 foo") ==
        "t.cir:2: V1: unexpected \"foo\"; DC, AC, SIN, PULSE, PWL or EXP is expected");
  CHECK(message_of_source("V1 a 0 1 DC 2") == "t.cir:2: V1: a second DC value: \"2\"");
  CHECK(message_of_source("V1 a 0 AC 1 AC 2") == "t.cir:2: V1: AC is given twice");
  CHECK(message_of_source("V1 a 0 SIN(0 1 1k) PULSE(0 1)") == "t.cir:2: V1: a second waveform: PULSE");
  CHECK(message_of_source("V1 a 0 SIN(0 1 1k") == "t.cir:2: V1: SIN: \")\" is missing");
  CHECK(message_of_source("V1 a 0 SIN(0)") == "t.cir:2: V1: SIN: 2 to 6 values are expected, got 1");
  CHECK(message_of_source("V1 a 0 SIN(0 1)") ==
        "t.cir:2: V1: SIN: the frequency (value 3) is expected: without .tran it has no default");
  CHECK(message_of_source("V1 a 0 SIN(0 1 -1k)") == "t.cir:2: V1: SIN: the frequency must be positive, got -1000");
  CHECK(message_of_source("V1 a 0 PULSE(0 1 0 -1n)") == "t.cir:2: V1: PULSE: value 4 must not be negative, got -1e-09");
  CHECK(message_of_source("V1 a 0 PULSE(0 1 0 0 0 0 0 0)") == "t.cir:2: V1: PULSE: 2 to 7 values are expected, got 8");
  CHECK(message_of_source("V1 a 0 PWL(0 1 2)") ==
        "t.cir:2: V1: PWL: pairs of time and value are expected, got 3 values");
  CHECK(message_of_source("V1 a 0 PWL()") == "t.cir:2: V1: PWL: pairs of time and value are expected, got 0 values");
  CHECK(message_of_source("V1 a 0 PWL(0 1 0 2)") == "t.cir:2: V1: PWL: times must increase, got 0 after 0");
  CHECK(message_of_source("V1 a 0 PWL(0 1 1 2) r=0") ==
        "t.cir:2: V1: unexpected \"r\"; DC, AC, SIN, PULSE, PWL or EXP is expected");
  CHECK(message_of_source("V1 a 0 PWL(0 1 1 2 r=0)") == "t.cir:2: V1: PWL: \"r=\" is not supported yet");
  CHECK(message_of_source("V1 a 0 PWL file=\"x.csv\"") == "t.cir:2: V1: PWL: \"file=\" is not supported yet");
  CHECK(message_of_source("V1 a 0 EXP(0 1)") ==
        "t.cir:2: V1: EXP: the rise time constant (value 4) is expected: without .tran it has no default");
  CHECK(message_of_source("V1 a 0 EXP(0 1 1u 1u)") ==
        "t.cir:2: V1: EXP: the fall delay (value 5) is expected: without .tran it has no default");
  CHECK(message_of_source("V1 a 0 EXP(0 1 2u 1u 1u 1u)") == "t.cir:2: V1: EXP: the fall must not come before the rise");
  CHECK(message_of_source("V1 a 0 SFFM(0 1 1k 5 1)") ==
        "t.cir:2: V1: SFFM (frequency modulation) is not supported yet");
}
