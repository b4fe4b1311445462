#pragma once
#include <array>

#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"
#include "tellegen/units/quantities.hpp"

namespace tellegen::elements {

/// Fractional memristor: nonlinear dissipative one-port of half order.
///
///     i = D^(1/2) f( D^(1/2) phi )                       Kendall 2021 (arXiv 2103.05636)
///
/// | symbol | unit      | meaning                                                   |
/// |--------|-----------|-----------------------------------------------------------|
/// | phi    | Wb        | branch flux, the integral of the branch voltage           |
/// | z      | Wb/s^1/2  | controlling variable D^(1/2) phi                          |
/// | f      | A s^1/2   | law; f = G z is an ordinary resistor of conductance G [S] |
///
/// Skew 0: shares an exact echo with nonlinear capacitors and inductors. Rest history: z = 0 for t <= 0.
struct FractionalMemristor {
  static constexpr std::string_view name = "fractional memristor";
  static constexpr std::string_view keyword = "YFMEM";
  static constexpr std::string_view model_type = "FMEM";
  static constexpr Orders orders{.out = half, .in = half};
  static constexpr bool has_control_port = false;
  static constexpr std::array<ParameterView, 1> views{{{"k0", ViewKind::identity, "conductance", "S", Sign::nonzero}}};
  static constexpr int deck_value_view = 0;
  using Value = units::conductance;
  using Controlling = units::flux_per_root_second;
  using Through = units::ampere_root_second;
};

}  // namespace tellegen::elements
