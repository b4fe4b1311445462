#pragma once
#include <string_view>

namespace tellegen {

/// How a user's parameter maps to the slot of the law that it names.
enum class ViewKind {
  identity,    ///< parameter = slot          (conductance g of a resistor)
  reciprocal,  ///< parameter = 1 / slot      (resistance r, inductance l)
};

/// What a port's signal is: a branch drives a current into its output and senses a voltage unless its type says otherwise.
enum class PortKind { voltage, current };

/// Which values a user may give.
enum class Sign { any, nonzero, positive };

/// Name under which a linear element offers its slope k0. The first view of an element is its primary one: the pattern
/// `*` means it and no other.
struct ParameterView {
  std::string_view name;
  ViewKind kind;
  std::string_view quantity;  ///< in messages: "capacitance"
  std::string_view unit;      ///< empty: follows from the orders
  Sign sign;
};

}  // namespace tellegen
