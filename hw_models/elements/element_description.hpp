#pragma once
// What the rest of the tree may know about an element kind at run time. Light on purpose: the typed element headers,
// with their Boost.Units quantities, stay out of the circuit and the solver.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "hw_models/elements/laws/law.hpp"
#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"

namespace tellegen {

/// Index into the list of element kinds.
enum class ElementId : std::uint8_t {};

/// The same facts as an element's type states them, readable at run time.
struct ElementDescription {
  std::string_view name;        ///< "fractional memristor"
  std::string_view keyword;     ///< "YFMEM", or SPICE's letter
  std::string_view model_type;  ///< `.model x FMEM (...)`
  Orders orders;
  bool has_control_port;
  std::span<const ParameterView> views;  ///< names of the slope of the linear law, primary first
  int deck_value_view;                   ///< which view a bare value in a deck gives; -1: a model is required
  PortKind output;                       ///< what the law's value is
  PortKind control;                      ///< what the controlling variable is made of
  bool takes_control_port;               ///< a deck may give a control port, or none
  bool takes_orders;                     ///< a deck gives a= and b=
  bool has_model;                        ///< `.model` lines may describe it
  bool is_winding;                       ///< part of a transformer: two-port in form, reciprocal together with the other parts
};

/// All element kinds in the order of their ids.
[[nodiscard]] std::span<const ElementDescription> all_elements();

[[nodiscard]] const ElementDescription& describe(ElementId id);

/// Unit of a law's parameter on an element of these orders: "F", "Wb/s^1/2", "A s^1/2", "S s^0.6".
///
/// With [f] = A s^a and [z] = V s^(1-b), or the other way round for ports of the other kind: slope [f]/[z], amplitude [f], scale [z].
[[nodiscard]] std::string unit_of(ParameterRole role, Orders orders, PortKind output = PortKind::current, PortKind control = PortKind::voltage);

/// Unit of the controlling variable z of an element of these orders.
[[nodiscard]] std::string unit_of_controlling_variable(Orders orders, PortKind control = PortKind::voltage);

}  // namespace tellegen
