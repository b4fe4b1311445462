#include <doctest/doctest.h>

#include <set>

#include "hw_models/elements/element_list.hpp"

using namespace tellegen;
using namespace tellegen::elements;

namespace {

std::string unit(ParameterRole role, Orders orders) { return unit_of(role, orders); }

}  // namespace

TEST_CASE("the element table holds every kind of the list at its own id") {
  REQUIRE(all_elements().size() == std::tuple_size_v<ElementList>);
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    const auto check = []<class E>() {
      const auto& described = describe(element_id<E>());
      CHECK(described.name == E::name);
      CHECK(described.keyword == E::keyword);
      CHECK(described.model_type == E::model_type);
      CHECK(described.orders == E::orders);
      CHECK(described.has_control_port == E::has_control_port);
      CHECK(described.views.size() == E::views.size());
      CHECK(described.deck_value_view == E::deck_value_view);
      CHECK(described.deck_value_view < static_cast<int>(described.views.size()));
    };
    (check.template operator()<std::tuple_element_t<I, ElementList>>(), ...);
  }(std::make_index_sequence<std::tuple_size_v<ElementList>>());
}

TEST_CASE("names, keywords and model types of elements are unique, and keywords are upper case") {
  std::set<std::string_view> names, keywords, models;
  for (const auto& element : all_elements()) {
    CHECK(names.insert(element.name).second);
    CHECK(keywords.insert(element.keyword).second);
    CHECK(models.insert(element.model_type).second);
    for (const char c : element.keyword) CHECK((c >= 'A' && c <= 'Z'));
    std::set<std::string_view> views;
    for (const auto& view : element.views) CHECK(views.insert(view.name).second);
  }
}

TEST_CASE("orders and skews are those of the table of elements") {
  CHECK(Inductor::orders == Orders{.out = 0, .in = 0});
  CHECK(FractionalMemristor::orders == Orders{.out = 0.5, .in = 0.5});
  CHECK(Capacitor::orders == Orders{.out = 1, .in = 1});
  CHECK(Resistor::orders == Orders{.out = 0, .in = 1});
  CHECK(Diode::orders == Orders{.out = 0, .in = 1});
  CHECK(Transconductor::orders == Orders{.out = 0, .in = 1});
  CHECK(Memristor::orders == Orders{.out = 1, .in = 0});
  CHECK(ConstantPhase::orders.in == 1);
  for (const double skew : {Inductor::orders.skew(), FractionalMemristor::orders.skew(), Capacitor::orders.skew()}) CHECK(skew == 0);
  for (const double skew : {Resistor::orders.skew(), Diode::orders.skew(), Transconductor::orders.skew()}) CHECK(skew == -1);
  CHECK(Memristor::orders.skew() == 1);
}

TEST_CASE("skews of equal orders' differences are equal whatever the rounding of the subtraction") {
  CHECK(Orders{.out = 0.7, .in = 0.3}.skew() == Orders{.out = 0.9, .in = 0.5}.skew());
  CHECK(Orders{.out = 0.3, .in = 0.9}.skew() == Orders{.out = 0.1, .in = 0.7}.skew());
}

TEST_CASE("slope of every element has the unit of its linear value") {
  CHECK(unit(ParameterRole::slope, Resistor::orders) == "S");
  CHECK(unit(ParameterRole::slope, Transconductor::orders) == "S");
  CHECK(unit(ParameterRole::slope, Capacitor::orders) == "F");
  CHECK(unit(ParameterRole::slope, Inductor::orders) == "1/H");
  CHECK(unit(ParameterRole::slope, FractionalMemristor::orders) == "S");
  CHECK(unit(ParameterRole::slope, Memristor::orders) == "S");
  CHECK(unit(ParameterRole::slope, ConstantPhase::orders) == "S s^1/2");
  CHECK(unit(ParameterRole::slope, Orders{.out = 0.6, .in = 1}) == "S s^0.6");
  CHECK(unit(ParameterRole::slope, Orders{.out = 1.5, .in = 1}) == "S s^1.5");
}

TEST_CASE("amplitude of a law has the unit of its value, its scale that of the controlling variable") {
  struct Expected {
    Orders orders;
    std::string_view amplitude, scale;
  };
  for (const auto& [orders, amplitude, scale] : {Expected{Resistor::orders, "A", "V"}, Expected{Diode::orders, "A", "V"},
                                                 Expected{Transconductor::orders, "A", "V"}, Expected{Capacitor::orders, "C", "V"},
                                                 Expected{Inductor::orders, "A", "Wb"}, Expected{Memristor::orders, "C", "Wb"},
                                                 Expected{FractionalMemristor::orders, "A s^1/2", "Wb/s^1/2"},
                                                 Expected{Orders{.out = 0.25, .in = 0.75}, "A s^0.25", "V s^0.25"}}) {
    CHECK(unit(ParameterRole::amplitude, orders) == amplitude);
    CHECK(unit(ParameterRole::scale, orders) == scale);
    CHECK(unit_of_controlling_variable(orders) == scale);
    CHECK(unit(ParameterRole::dimensionless, orders) == "1");
  }
}

TEST_CASE("polynomial coefficients divide the law's unit by powers of the controlling variable's") {
  CHECK(unit(ParameterRole::quadratic, Resistor::orders) == "A/V^2");
  CHECK(unit(ParameterRole::cubic, Resistor::orders) == "A/V^3");
  CHECK(unit(ParameterRole::quadratic, Capacitor::orders) == "C/V^2");
  CHECK(unit(ParameterRole::cubic, Capacitor::orders) == "C/V^3");
  CHECK(unit(ParameterRole::quadratic, Inductor::orders) == "A/Wb^2");
  CHECK(unit(ParameterRole::cubic, Inductor::orders) == "A/Wb^3");
  CHECK(unit(ParameterRole::quadratic, Memristor::orders) == "C/Wb^2");
  CHECK(unit(ParameterRole::cubic, Memristor::orders) == "C/Wb^3");
  // A s^1/2 / (V s^1/2)^2 = A / (V^2 s^1/2)
  CHECK(unit(ParameterRole::quadratic, FractionalMemristor::orders) == "A/V^2/s^1/2");
  CHECK(unit(ParameterRole::cubic, FractionalMemristor::orders) == "A/V^3/s");
}
