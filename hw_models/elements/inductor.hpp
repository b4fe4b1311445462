#pragma once
#include <array>

#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"
#include "tellegen/units/quantities.hpp"

namespace tellegen::elements {

/// Inductor: i = f(phi); linear: i = phi / l; with a law the current is a function of flux (saturating, Josephson).
///
/// | symbol | unit | meaning                                              |
/// |--------|------|------------------------------------------------------|
/// | phi    | Wb   | branch flux, the controlling variable                |
/// | f      | A    | law: current of flux                                 |
/// | l      | H    | inductance, the reciprocal of the slope (linear law) |
///
/// Orders a = b = 0: skew 0.
struct Inductor {
  static constexpr std::string_view name = "inductor";
  static constexpr std::string_view keyword = "L";
  static constexpr std::string_view model_type = "L";
  static constexpr Orders orders{.out = 0, .in = 0};
  static constexpr bool has_control_port = false;
  static constexpr std::array<ParameterView, 1> views{{{"l", ViewKind::reciprocal, "inductance", "H", Sign::positive}}};
  static constexpr int deck_value_view = 0;
  using Value = units::inductance;
  using Controlling = units::magnetic_flux;
  using Through = units::current;
};

}  // namespace tellegen::elements
