#pragma once
#include <array>

#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"

namespace tellegen::elements {

/// Element of the general family: i = D^a f( D^b phi ) with any orders a, b in 0 to 1.5, sensing its own port or another.
///
/// | symbol | unit      | meaning                                             |
/// |--------|-----------|-----------------------------------------------------|
/// | phi    | Wb        | flux of the sensed port                             |
/// | z      | V s^(1-b) | controlling variable D^b phi                        |
/// | f      | A s^a     | law                                                 |
/// | k0     | [f]/[z]   | slope of the linear law                             |
///
/// Theory section 1. Skew a - b.
struct GeneralElement {
  static constexpr std::string_view name = "general element";
  static constexpr std::string_view keyword = "YEL";
  static constexpr std::string_view model_type = "EL";
  static constexpr Orders orders{.out = 0, .in = 1};
  static constexpr bool has_control_port = false;
  static constexpr std::array<ParameterView, 1> views{{{"k0", ViewKind::identity, "slope", "", Sign::any}}};
  static constexpr int deck_value_view = 0;
  static constexpr bool takes_control_port = true;  ///< two more nodes in the deck sense another port
  static constexpr bool takes_orders = true;
};

}  // namespace tellegen::elements
