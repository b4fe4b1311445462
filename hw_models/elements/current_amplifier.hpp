#pragma once
#include <array>

#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"

namespace tellegen::elements {

/// Current-controlled current source (SPICE's F): i_out = f(i_control); linear: i_out = gain i_control.
///
/// | symbol    | unit | meaning                                                             |
/// |-----------|------|---------------------------------------------------------------------|
/// | i_control | A    | current of a voltage source, the controlling variable               |
/// | i_out     | A    | current from the first output node through the source to the second |
/// | gain      | 1    | current gain (linear law)                                           |
///
/// Orders a = 0, b = 1: skew -1. Directed: in an echo with swapped ports it is a voltage-controlled voltage source.
struct CurrentAmplifier {
  static constexpr std::string_view name = "current-controlled current source";
  static constexpr std::string_view keyword = "F";
  static constexpr std::string_view model_type = "F";
  static constexpr Orders orders{.out = 0, .in = 1};
  static constexpr bool has_control_port = true;
  static constexpr std::array<ParameterView, 1> views{{{"gain", ViewKind::identity, "current gain", "1", Sign::any}}};
  static constexpr int deck_value_view = 0;
  static constexpr PortKind control = PortKind::current;
};

}  // namespace tellegen::elements
