#pragma once
#include <array>

#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"

namespace tellegen::elements {

/// Mutual inductance of two inductors (SPICE's K): v1 = l1 di1/dt + m di2/dt, v2 = m di1/dt + l2 di2/dt, m = k sqrt(l1 l2).
///
/// | symbol | unit | meaning                           |
/// |--------|------|-----------------------------------|
/// | k      | 1    | coupling coefficient, -1 to 1     |
/// | m      | H    | mutual inductance                 |
///
/// Coupled inductors stand in the current form: flux f(i) = l i of the winding's current, in the row that holds its voltage.
/// In that row they are D f(D q) of the charge q: orders a = b = 1, linear, reciprocal.
struct MutualInductance {
  static constexpr std::string_view name = "mutual inductance";
  static constexpr std::string_view keyword = "K";
  static constexpr std::string_view model_type = "K";
  static constexpr Orders orders{.out = 1, .in = 1};
  static constexpr bool has_control_port = false;
  static constexpr std::array<ParameterView, 1> views{{{"m", ViewKind::identity, "mutual inductance", "H", Sign::any}}};
  static constexpr int deck_value_view = -1;
  static constexpr bool is_winding = true;
  static constexpr bool has_model = false;
};

}  // namespace tellegen::elements
