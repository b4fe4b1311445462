#include "runtime/training/parameter_pattern.hpp"

#include <doctest/doctest.h>

#include <string>

#include "hw_models/elements/element_list.hpp"
#include "unit/training/bench_folder.hpp"

using namespace tellegen;
using namespace tellegen::tests;

namespace {

/// Resistors r1 (10 uS), r2 (20 uS), x1:r3 (30 uS), bus r[0] (40 uS); capacitors c1, c2; a transconductor of zero
/// slope.
Circuit circuit() {
  CircuitBuilder builder;
  const auto a = builder.node("a");
  const auto b = builder.node("b");
  builder.add_source({"i1", SourceKind::current, {ground, a}, Waveform(1e-6), {"deck.cir", 2}});
  const auto add = [&](std::string name, ElementId element, Orders orders, Port out, double value) {
    builder.add_branch({.name = std::move(name),
                        .element = element,
                        .orders = orders,
                        .out = out,
                        .in = out,
                        .values = {value},
                        .where = {"deck.cir", 3}});
  };
  constexpr auto resistor = element_id<elements::Resistor>();
  constexpr auto capacitor = element_id<elements::Capacitor>();
  add("r1", resistor, elements::Resistor::orders, {a, b}, 10e-6);
  add("r2", resistor, elements::Resistor::orders, {b, ground}, 20e-6);
  add("x1:r3", resistor, elements::Resistor::orders, {a, b}, 30e-6);
  add("r[0]", resistor, elements::Resistor::orders, {a, b}, 40e-6);
  add("c1", capacitor, elements::Capacitor::orders, {a, ground}, 1e-9);
  add("c2", capacitor, elements::Capacitor::orders, {b, ground}, 2e-9);
  builder.add_branch({.name = "g1",
                      .element = element_id<elements::Transconductor>(),
                      .orders = elements::Transconductor::orders,
                      .out = {b, ground},
                      .in = {a, ground},
                      .values = {0.0},
                      .where = {"deck.cir", 9}});
  return std::move(builder).freeze();
}

std::vector<ParameterPattern> patterns(std::initializer_list<std::string> texts) {
  std::vector<ParameterPattern> out;
  int line = 20;
  for (const auto& text : texts) out.push_back({text, {"bench.toml", line++}});
  return out;
}

std::string chosen(std::initializer_list<std::string> texts) {
  const auto network = circuit();
  std::string names;
  for (const auto index : choose_parameters(patterns(texts), network)) names += network.parameters()[index].name + " ";
  return names;
}

std::string choice_error(std::initializer_list<std::string> texts) {
  return error_of([&] { (void)chosen(texts); });
}

}  // namespace

TEST_CASE("a star means every primary parameter, and no resistance beside its conductance") {
  CHECK(chosen({"*"}) == "r1.g r2.g x1:r3.g r[0].g c1.c c2.c g1.gm ");
}

TEST_CASE("patterns choose together, each parameter once, in the order of the circuit") {
  CHECK(chosen({"c2.c", "r?.g", "r1.g"}) == "r1.g r2.g c2.c ");
  CHECK(chosen({"*r3.g"}) == "x1:r3.g ");
  CHECK(chosen({"c[1-2].c"}) == "c1.c c2.c ");
  CHECK(chosen({"r1.*"}) == "r1.g ");
}

TEST_CASE("letter case does not matter, and a name with brackets is itself") {
  CHECK(chosen({"R1.G"}) == "r1.g ");
  CHECK(chosen({"r[0].g"}) == "r[0].g ");
}

TEST_CASE("a parameter that is not primary is chosen only by its own last name") {
  CHECK(chosen({"r1.r"}) == "r1.r ");
  CHECK(chosen({"r?.r"}) == "r1.r r2.r ");
  CHECK(chosen({"r1.?"}) == "r1.g ");
  CHECK(chosen({"r1.[gr]"}) == "r1.g ");
}

TEST_CASE("two names of one value are refused at the pattern that names the second") {
  CHECK(choice_error({"*", "r1.r"}) ==
        "bench.toml:21: [train] parameters: r1.g and r1.r are two names of one value, expected one of them");
  CHECK(choice_error({"r2.r", "r2.g"}) ==
        "bench.toml:20: [train] parameters: r2.g and r2.r are two names of one value, expected one of them");
}

TEST_CASE("a pattern that matches nothing is refused with a hint") {
  CHECK(choice_error({"*", "r1.c"}) ==
        "bench.toml:21: [train] parameters: \"r1.c\" matches no parameter; there are r1.g, r1.r");
  CHECK(choice_error({"r1"}) == "bench.toml:20: [train] parameters: \"r1\" matches no parameter; there are r1.g, r1.r");
  CHECK(choice_error({"cc2.c"}) ==
        "bench.toml:20: [train] parameters: \"cc2.c\" matches no parameter; did you mean \"c2.c\"?");
  CHECK(choice_error({"v1.dc"}).find("\"v1.dc\" matches no parameter; ") != std::string::npos);
  CHECK(choice_error({"i1.*"}).find("\"i1.*\" matches no parameter; ") != std::string::npos);
}

TEST_CASE("trained parameters carry the deck's values and the bench's bounds in SI") {
  TrainSettings train;
  train.parameters = patterns({"r[12].g", "c1.c"});
  train.bounds = {{{"r*.g", {"bench.toml", 30}}, "1 uS", "1 mS"}};
  const auto trained = trained_parameters(train, circuit());
  CHECK(trained.indices.size() == 3);
  CHECK(trained.initial == std::vector<double>{10e-6, 20e-6, 1e-9});
  CHECK(trained.bounds[1].low == doctest::Approx(1e-6).epsilon(1e-12));
  CHECK(trained.bounds[1].high == doctest::Approx(1e-3).epsilon(1e-12));
  CHECK(trained.bounds[2].low == doctest::Approx(1e-12).epsilon(1e-12));  // a capacitance keeps its sign
  CHECK(trained.bounds[2].high == HUGE_VAL);
}

TEST_CASE("a parameter that starts outside its bounds is refused") {
  TrainSettings train;
  train.parameters = patterns({"r1.g"});
  train.bounds = {{{"r*.g", {"bench.toml", 30}}, "1 mS", "2 mS"}};
  CHECK_THROWS_WITH_AS((void)trained_parameters(train, circuit()), doctest::Contains("r1.g starts at 1e-05, outside its bounds"), InputError);
}

TEST_CASE("bounds of the wrong dimension, upside down, twice or for nothing are refused at their line") {
  const auto bounds_error = [](std::vector<ParameterBounds> bounds) {
    TrainSettings train;
    train.parameters = patterns({"r1.g"});
    train.bounds = std::move(bounds);
    return error_of([&] { (void)trained_parameters(train, circuit()); });
  };
  const auto at = [](int line) { return SourceLocation{"bench.toml", line}; };
  CHECK(bounds_error({{{"r1.g", at(30)}, "1 V", "1 mS"}})
            .starts_with("bench.toml:30: [train] bounds.r1.g: \"1 V\" is a voltage"));
  CHECK(bounds_error({{{"r1.g", at(30)}, "2 mS", "1 mS"}}) ==
        "bench.toml:30: [train] bounds.r1.g: the lower bound 2 mS is not below the upper bound 1 mS");
  CHECK(bounds_error({{{"r1.g", at(30)}, "1 uS", "1 mS"}, {{"r*.g", at(31)}, "1 uS", "1 mS"}}) ==
        "bench.toml:31: [train] bounds: r1.g has two bounds, by \"r1.g\" and by \"r*.g\"");
  CHECK(bounds_error({{{"c1.c", at(30)}, "1 pF", "1 nF"}}) ==
        "bench.toml:30: [train] bounds: \"c1.c\" matches no parameter that is trained");
}

TEST_CASE("a rate relative to a parameter that starts at zero is refused") {
  TrainSettings train;
  train.parameters = patterns({"g1.gm"});
  CHECK(trained_parameters(train, circuit()).initial == std::vector<double>{0.0});
  train.optimizer.scaling = RateScaling::value;
  CHECK(error_of([&] { (void)trained_parameters(train, circuit()); }) ==
        "bench.toml:20: [train] scaling: \"value\" gives g1.gm a rate of zero, because it starts at zero; expected "
        "none, or "
        "another start");
}
