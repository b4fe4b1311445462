#pragma once
#include <array>

#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"

namespace tellegen::elements {

/// Behavioural source (SPICE's B): a current or a voltage that is an expression of voltages, source currents and time.
///
///     i = g( v(a), v(a,b), i(vx), ..., t )        or        v = g( ... )
///
/// Memoryless: skew -1. Its derivatives are symbolic. In an echo it carries its tangent at the replayed inputs, with each input's
/// port driven by what its output senses.
struct BehaviouralSource {
  static constexpr std::string_view name = "behavioural source";
  static constexpr std::string_view keyword = "B";
  static constexpr std::string_view model_type = "B";
  static constexpr Orders orders{.out = 0, .in = 1};
  static constexpr bool has_control_port = false;
  static constexpr std::array<ParameterView, 0> views{};
  static constexpr int deck_value_view = -1;
  static constexpr bool has_model = false;
};

}  // namespace tellegen::elements
