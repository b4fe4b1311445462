#pragma once
#include <array>

#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"
#include "tellegen/units/quantities.hpp"

namespace tellegen::elements {

/// Capacitor: i = d/dt q(v); linear: q = c v; with a law the charge is f(v) (varactor, saturating).
///
/// | symbol | unit | meaning                                  |
/// |--------|------|------------------------------------------|
/// | v      | V    | branch voltage, the controlling variable |
/// | f      | C    | law: charge of voltage                   |
/// | c      | F    | capacitance (linear law)                 |
///
/// Orders a = b = 1: skew 0.
struct Capacitor {
  static constexpr std::string_view name = "capacitor";
  static constexpr std::string_view keyword = "C";
  static constexpr std::string_view model_type = "C";
  static constexpr Orders orders{.out = 1, .in = 1};
  static constexpr bool has_control_port = false;
  static constexpr std::array<ParameterView, 1> views{{{"c", ViewKind::identity, "capacitance", "F", Sign::positive}}};
  static constexpr int deck_value_view = 0;
  using Value = units::capacitance;
  using Controlling = units::voltage;
  using Through = units::charge;
};

}  // namespace tellegen::elements
