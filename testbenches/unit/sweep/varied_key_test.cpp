#include "runtime/sweep/varied_key.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace tellegen;
using namespace tellegen::sweep;

namespace {

std::vector<std::string> texts_of(const VariedKey& key) {
  std::vector<std::string> texts;
  for (const auto& value : key.values) texts.push_back(value.shown.text);
  return texts;
}

std::string refusal_of(const std::string& text) {
  try {
    static_cast<void>(varied_key(text));
  } catch (const InputError& error) {
    return error.what();
  }
  return "(no error)";
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a list holds numbers, quantities and words as they are written") {
  const auto numbers = varied_key("chip.adc.bits=4,6,8");
  CHECK(numbers.key == BenchKey{"chip", "adc", "bits"});
  CHECK(texts_of(numbers) == Texts{"4", "6", "8"});
  CHECK(std::get<std::int64_t>(numbers.values[1].node.value) == 6);
  const auto clocks = varied_key("chip.clock=1 kHz, 500 Hz");
  CHECK(texts_of(clocks) == Texts{"1 kHz", "500 Hz"});
  CHECK(clocks.values[0].shown.number == 1000);
  CHECK(clocks.shown.unit == "Hz");
  const auto words = varied_key("rule.name=echo,biased_echo");
  CHECK(texts_of(words) == Texts{"echo", "biased_echo"});
  CHECK_FALSE(words.values[0].shown.number.has_value());
  const auto arrays = varied_key(R"(train.parameters=["r1.g", "c1.c"],["r1.g"])");
  REQUIRE(arrays.values.size() == 2);
  CHECK(arrays.values[0].node.array()->items.size() == 2);
}

TEST_CASE("a range is linear, or logarithmic where its ends are far apart and not whole, or as it says") {
  CHECK(texts_of(varied_key("rule.beta=1e-4:1e-1:4")) == Texts{"0.0001", "0.001", "0.01", "0.1"});
  CHECK(texts_of(varied_key("rule.beta=1e-4:1e-1:4:lin"))[1] == "0.0334");
  CHECK(texts_of(varied_key("rule.beta=0.1:0.4:4")) == Texts{"0.1", "0.2", "0.3", "0.4"});
  CHECK(texts_of(varied_key("train.epochs=1:1000:4")) == Texts{"1", "334", "667", "1000"});
  CHECK(texts_of(varied_key("train.epochs=1:1000:4:log")) == Texts{"1", "10", "100", "1000"});
  CHECK(texts_of(varied_key("x.y=8:2:4")) == Texts{"8", "6", "4", "2"});
  CHECK(texts_of(varied_key("x.y=3:9:1")) == Texts{"3"});
}

TEST_CASE("values between whole numbers stay whole where they come out whole") {
  const auto whole = varied_key("chip.adc.bits=4:12:5");
  for (const auto& value : whole.values) CHECK(std::holds_alternative<std::int64_t>(value.node.value));
  const auto part = varied_key("x.y=1:2:3");
  CHECK(std::holds_alternative<std::int64_t>(part.values[0].node.value));
  CHECK(std::get<double>(part.values[1].node.value) == 1.5);
}

TEST_CASE("a range of quantities keeps the unit of its first end") {
  const auto steps = varied_key("time.step=1 us:0.1 ms:3");
  CHECK(texts_of(steps) == Texts{"1 us", "10 us", "100 us"});
  CHECK(*steps.values[2].node.text() == "100 us");
  CHECK(steps.values[1].shown.number == 1e-5);
  CHECK(steps.shown.unit == "s");
  CHECK(texts_of(varied_key("chip.clock=1 kHz:100 Hz:4")) == Texts{"1 kHz", "0.7 kHz", "0.4 kHz", "0.1 kHz"});
}

TEST_CASE("a range without a count is drawn from, between its ends") {
  const auto key = varied_key("rule.beta=1e-3:1e-1");
  CHECK(key.shown.drawn);
  CHECK(key.values.empty());
  CHECK(*key.range.drawn(0).shown.number == 1e-3);
  CHECK(*key.range.drawn(0.5).shown.number == doctest::Approx(1e-2));
  const auto whole = varied_key("chip.adc.bits=4:6");
  CHECK(*whole.range.drawn(0).shown.number == 4);
  CHECK(*whole.range.drawn(0.5).shown.number == 5);
  CHECK(*whole.range.drawn(0.999).shown.number == 6);
  CHECK(std::holds_alternative<std::int64_t>(whole.range.drawn(0.7).node.value));
}

TEST_CASE("what is no key with values is refused with what was expected") {
  CHECK(refusal_of("rule.beta").find("KEY=a:b:n, KEY=v1,v2,..") != std::string::npos);
  CHECK(refusal_of("rule.beta=").find("KEY=a:b:n") != std::string::npos);
  CHECK(refusal_of("rule..beta=1") == "--vary: \"rule..beta\" is no key of a bench, such as chip.clock or rule.beta");
  CHECK(refusal_of("rule.beta=1e-3:1e-1:0") == "--vary rule.beta=1e-3:1e-1:0: \"0\" is no number of values, expected 1 to 10000");
  CHECK(refusal_of("rule.beta=1e-3:1e-1:-2").find("\"-2\" is no number of values") != std::string::npos);
  CHECK(refusal_of("rule.beta=1e-3:1e-1:2.5").find("\"2.5\" is no number of values") != std::string::npos);
  CHECK(refusal_of("rule.beta=1e-3:1e-1:99999").find("expected 1 to 10000") != std::string::npos);
  CHECK(refusal_of("rule.beta=-1:1:3:log").find("only positive ends") != std::string::npos);
  CHECK(refusal_of("rule.beta=1:1:3").find("both ends are equal") != std::string::npos);
  CHECK(refusal_of("rule.beta=1e-3,0.001").find("0.001 is there twice") != std::string::npos);
  CHECK(refusal_of("rule.beta=1,,2").find("a value is empty") != std::string::npos);
  CHECK(refusal_of("time.step=1 us:5 kg:3").find("\"1 us\" is a time, \"5 kg\" a mass") != std::string::npos);
  CHECK(refusal_of("time.step=1:5 us:3").find("both ends need the same kind of unit") != std::string::npos);
  CHECK(refusal_of("train.parameters=x1:r3.g").find("a text with a colon needs quotes") != std::string::npos);
  CHECK(refusal_of("rule.beta=1:2:3,4").find("a range cannot stand in a list") != std::string::npos);
}
