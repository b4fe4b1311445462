#pragma once
#include <array>

#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"

namespace tellegen::elements {

/// Voltage-controlled voltage source (SPICE's E): v_out = f(v_control); linear: v_out = gain v_control.
///
/// | symbol    | unit | meaning                                                     |
/// |-----------|------|-------------------------------------------------------------|
/// | v_control | V    | voltage of the control port, the controlling variable       |
/// | v_out     | V    | voltage of the first output node against the second         |
/// | gain      | 1    | voltage gain (linear law)                                   |
///
/// Orders a = 0, b = 1: skew -1. Its output current is an unknown, in whose row the law stands. Directed: in an echo with
/// swapped ports it is a current-controlled current source.
struct VoltageAmplifier {
  static constexpr std::string_view name = "voltage-controlled voltage source";
  static constexpr std::string_view keyword = "E";
  static constexpr std::string_view model_type = "E";
  static constexpr Orders orders{.out = 0, .in = 1};
  static constexpr bool has_control_port = true;
  static constexpr std::array<ParameterView, 1> views{{{"gain", ViewKind::identity, "voltage gain", "1", Sign::any}}};
  static constexpr int deck_value_view = 0;
  static constexpr PortKind output = PortKind::voltage;
};

}  // namespace tellegen::elements
