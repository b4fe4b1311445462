#pragma once
#include <array>

#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"

namespace tellegen::elements {

/// Winding of a transformer: an inductor in current form, v = d/dt( l i ), because another one shares its flux.
///
/// | symbol | unit | meaning                       |
/// |--------|------|-------------------------------|
/// | i      | A    | current, the sensed variable  |
/// | l      | H    | self-inductance               |
///
/// A deck's L becomes one when a K names it. Orders a = b = 1 in the row that holds its voltage; see MutualInductance.
struct CoupledInductor {
  static constexpr std::string_view name = "coupled inductor";
  static constexpr std::string_view keyword = "KL";
  static constexpr std::string_view model_type = "KL";
  static constexpr Orders orders{.out = 1, .in = 1};
  static constexpr bool has_control_port = false;
  static constexpr std::array<ParameterView, 1> views{{{"l", ViewKind::identity, "inductance", "H", Sign::positive}}};
  static constexpr int deck_value_view = -1;
  static constexpr bool is_winding = true;
  static constexpr bool has_model = false;
};

}  // namespace tellegen::elements
