#pragma once
#include <array>

#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"
#include "tellegen/units/quantities.hpp"

namespace tellegen::elements {

/// Ideal (flux-controlled) memristor: q = f(phi), so i = d/dt f(phi) = f'(phi) v (Chua 1971).
///
/// | symbol | unit | meaning                                                     |
/// |--------|------|-------------------------------------------------------------|
/// | phi    | Wb   | branch flux, the controlling variable                       |
/// | f      | C    | law: charge of flux; its slope is the memductance W(phi) [S] |
///
/// Orders a = 1, b = 0: skew +1.
struct Memristor {
  static constexpr std::string_view name = "memristor";
  static constexpr std::string_view keyword = "YMEM";
  static constexpr std::string_view model_type = "MEM";
  static constexpr Orders orders{.out = 1, .in = 0};
  static constexpr bool has_control_port = false;
  static constexpr std::array<ParameterView, 1> views{{{"k0", ViewKind::identity, "memductance", "S", Sign::nonzero}}};
  static constexpr int deck_value_view = 0;
  using Value = units::conductance;
  using Controlling = units::magnetic_flux;
  using Through = units::charge;
};

}  // namespace tellegen::elements
