#pragma once
#include <array>

#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"
#include "tellegen/units/quantities.hpp"

namespace tellegen::elements {

/// Constant-phase element: i = q D^alpha v, impedance 1 / (q (j omega)^alpha), phase -90 alpha degrees.
///
/// | symbol | unit      | meaning                                                        |
/// |--------|-----------|----------------------------------------------------------------|
/// | v      | V         | branch voltage, the controlling variable                       |
/// | q      | S s^alpha | pseudo-capacitance                                             |
/// | alpha  | 1         | order, between 0 (resistor) and 1 (capacitor); not trainable   |
///
/// Orders a = alpha, b = 1 (linear: any split of 1 + alpha is the same element, so it belongs to every skew).
struct ConstantPhase {
  static constexpr std::string_view name = "constant-phase element";
  static constexpr std::string_view keyword = "YCPE";
  static constexpr std::string_view model_type = "CPE";
  static constexpr Orders orders{.out = half, .in = 1};  ///< default; `alpha` of the instance replaces `out`
  static constexpr bool has_control_port = false;
  static constexpr std::array<ParameterView, 1> views{{{"q", ViewKind::identity, "pseudo-capacitance", "", Sign::positive}}};
  static constexpr int deck_value_view = 0;
  using Value = units::root_second_siemens;  ///< at alpha = 1/2
  using Controlling = units::voltage;
  using Through = units::charge;
};

}  // namespace tellegen::elements
