#pragma once
#include <array>

#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"

namespace tellegen::elements {

/// Current-controlled voltage source (SPICE's H): v_out = f(i_control); linear: v_out = rm i_control.
///
/// | symbol    | unit | meaning                                               |
/// |-----------|------|-------------------------------------------------------|
/// | i_control | A    | current of a voltage source, the controlling variable |
/// | v_out     | V    | voltage of the first output node against the second   |
/// | rm        | ohm  | transresistance (linear law)                          |
///
/// Orders a = 0, b = 1: skew -1. Directed: its echo needs output and control port swapped.
struct Transresistor {
  static constexpr std::string_view name = "current-controlled voltage source";
  static constexpr std::string_view keyword = "H";
  static constexpr std::string_view model_type = "H";
  static constexpr Orders orders{.out = 0, .in = 1};
  static constexpr bool has_control_port = true;
  static constexpr std::array<ParameterView, 1> views{{{"rm", ViewKind::identity, "transresistance", "ohm", Sign::any}}};
  static constexpr int deck_value_view = 0;
  static constexpr PortKind output = PortKind::voltage;
  static constexpr PortKind control = PortKind::current;
};

}  // namespace tellegen::elements
