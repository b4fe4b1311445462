#pragma once
#include <array>

#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"
#include "tellegen/units/quantities.hpp"

namespace tellegen::elements {

/// Transconductor (voltage-controlled current source, SPICE's G): i_out = f(v_control); linear: i = gm v.
///
/// | symbol    | unit | meaning                                                          |
/// |-----------|------|------------------------------------------------------------------|
/// | v_control | V    | voltage of the control port, the controlling variable            |
/// | i_out     | A    | current from the first output node through the source to the second |
/// | gm        | S    | transconductance (linear law)                                    |
///
/// Orders a = 0, b = 1: skew -1. Directed: its echo needs output and control port swapped.
struct Transconductor {
  static constexpr std::string_view name = "transconductor";
  static constexpr std::string_view keyword = "G";
  static constexpr std::string_view model_type = "G";
  static constexpr Orders orders{.out = 0, .in = 1};
  static constexpr bool has_control_port = true;
  static constexpr std::array<ParameterView, 1> views{{{"gm", ViewKind::identity, "transconductance", "S", Sign::any}}};
  static constexpr int deck_value_view = 0;
  using Value = units::conductance;
  using Controlling = units::voltage;
  using Through = units::current;
};

}  // namespace tellegen::elements
