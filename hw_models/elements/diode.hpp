#pragma once
#include <array>

#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"
#include "tellegen/units/quantities.hpp"

namespace tellegen::elements {

/// Diode: Shockley junction, i = is (exp(v / (n Vt)) - 1), anode first.
///
/// | symbol | unit | meaning                                  |
/// |--------|------|------------------------------------------|
/// | v      | V    | branch voltage, the controlling variable |
/// | is     | A    | saturation current                       |
/// | n      | 1    | emission coefficient                     |
/// | Vt     | V    | thermal voltage at 27 C                  |
///
/// Orders a = 0, b = 1: skew -1.
struct Diode {
  static constexpr std::string_view name = "diode";
  static constexpr std::string_view keyword = "D";
  static constexpr std::string_view model_type = "D";
  static constexpr Orders orders{.out = 0, .in = 1};
  static constexpr bool has_control_port = false;
  static constexpr std::array<ParameterView, 0> views{};  // never linear: its law is the junction
  static constexpr int deck_value_view = -1;
  using Value = units::current;  ///< saturation current
  using Controlling = units::voltage;
  using Through = units::current;
};

}  // namespace tellegen::elements
