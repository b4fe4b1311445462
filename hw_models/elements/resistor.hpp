#pragma once
#include <array>

#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"
#include "tellegen/units/quantities.hpp"

namespace tellegen::elements {

/// Resistor: dissipative one-port, i = f(v); linear: i = g v, r = 1/g.
///
/// | symbol | unit | meaning                                      |
/// |--------|------|----------------------------------------------|
/// | v      | V    | branch voltage, the controlling variable     |
/// | f      | A    | law; f = g z is Ohm's                        |
/// | g, r   | S, ohm | conductance, resistance (linear law)       |
///
/// Orders a = 0, b = 1: skew -1. A linear resistor belongs to every skew.
struct Resistor {
  static constexpr std::string_view name = "resistor";
  static constexpr std::string_view keyword = "R";
  static constexpr std::string_view model_type = "R";
  static constexpr Orders orders{.out = 0, .in = 1};
  static constexpr bool has_control_port = false;
  static constexpr std::array<ParameterView, 2> views{
      {{"g", ViewKind::identity, "conductance", "S", Sign::nonzero}, {"r", ViewKind::reciprocal, "resistance", "ohm", Sign::nonzero}}};
  static constexpr int deck_value_view = 1;  ///< `R1 a b 10k` gives the resistance
  using Value = units::resistance;
  using Controlling = units::voltage;
  using Through = units::current;
};

}  // namespace tellegen::elements
