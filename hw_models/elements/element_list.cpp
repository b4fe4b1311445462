#include "hw_models/elements/element_list.hpp"

#include <array>
#include <cmath>
#include <fmt/format.h>

namespace tellegen {
namespace {

std::string power(std::string_view base, double exponent) {
  if (exponent == 1) return std::string(base);
  if (exponent == half) return fmt::format("{}^1/2", base);
  return fmt::format("{}^{:.4g}", base, exponent);
}

/// Unit A^ampere V^volt s^second under its usual name where it has one.
std::string compose(int ampere, int volt, double second) {
  struct Named {
    int ampere, volt;
    double second;
    std::string_view name;
  };
  static constexpr Named names[] = {{1, -1, 0, "S"}, {1, -1, 1, "F"},  {1, -1, -1, "1/H"}, {1, 0, 0, "A"},
                                    {1, 0, 1, "C"},  {0, 1, 0, "V"},   {0, 1, 1, "Wb"},    {0, 0, 0, "1"},
                                    {0, 1, half, "Wb/s^1/2"}, {1, 0, half, "A s^1/2"},
                                    {-1, 1, 0, "ohm"}, {-1, 1, 1, "H"}};
  for (const auto& n : names)
    if (n.ampere == ampere && n.volt == volt && std::abs(n.second - second) < 1e-12) return std::string(n.name);
  // Coefficients of a polynomial law read best as [f]/[z]^n where both have a name of their own.
  if (ampere == 1 && volt < -1)
    for (const auto& [f, f_second] : {std::pair{"A", 0}, std::pair{"C", 1}})
      for (const auto& [z, z_second] : {std::pair{"V", 0}, std::pair{"Wb", 1}})
        if (std::abs(f_second + volt * z_second - second) < 1e-12) return fmt::format("{}/{}", f, power(z, -volt));
  std::string text = ampere == 1 && volt == -1 ? "S" : ampere == -1 && volt == 1 ? "ohm" : ampere == 1 ? "A" : volt == 1 ? "V" : "1";
  if (second > 0) text += " " + power("s", second);
  if (ampere == 1 && volt < -1) text += "/" + power("V", -volt);
  if (volt == 1 && ampere < -1) text += "/" + power("A", -ampere);
  if (ampere < 0 && volt == 0) text += "/" + power("A", -ampere);
  if (volt < 0 && ampere == 0) text += "/" + power("V", -volt);
  if (second < 0) text += "/" + power("s", -second);
  return text;
}

template <class E>
constexpr ElementDescription describe_type() {
  ElementDescription d{.name = E::name, .keyword = E::keyword, .model_type = E::model_type, .orders = E::orders,
                       .has_control_port = E::has_control_port, .views = E::views, .deck_value_view = E::deck_value_view,
                       .output = PortKind::current, .control = PortKind::voltage, .takes_control_port = false, .takes_orders = false, .has_model = true, .is_winding = false};
  if constexpr (requires { E::output; }) d.output = E::output;
  if constexpr (requires { E::control; }) d.control = E::control;
  if constexpr (requires { E::takes_control_port; }) d.takes_control_port = E::takes_control_port;
  if constexpr (requires { E::takes_orders; }) d.takes_orders = E::takes_orders;
  if constexpr (requires { E::has_model; }) d.has_model = E::has_model;
  if constexpr (requires { E::is_winding; }) d.is_winding = E::is_winding;
  return d;
}

template <class... E>
constexpr std::array<ElementDescription, sizeof...(E)> describe_all(std::tuple<E...>*) {
  return {describe_type<E>()...};
}

constexpr auto element_table = describe_all(static_cast<ElementList*>(nullptr));

}  // namespace

std::span<const ElementDescription> all_elements() { return element_table; }

const ElementDescription& describe(ElementId id) { return element_table[static_cast<std::size_t>(id)]; }

std::string unit_of(ParameterRole role, Orders orders, PortKind output, PortKind control) {
  const double f_seconds = orders.out, z_seconds = 1 - orders.in;
  const int f_ampere = output == PortKind::current ? 1 : 0, z_ampere = control == PortKind::current ? 1 : 0;
  const auto of = [&](int f, int z) {
    return compose(f * f_ampere + z * z_ampere, f * (1 - f_ampere) + z * (1 - z_ampere), f * f_seconds + z * z_seconds);
  };
  switch (role) {
    case ParameterRole::slope: return of(1, -1);
    case ParameterRole::quadratic: return of(1, -2);
    case ParameterRole::cubic: return of(1, -3);
    case ParameterRole::amplitude: return of(1, 0);
    case ParameterRole::scale: return of(0, 1);
    case ParameterRole::dimensionless: return "1";
    case ParameterRole::named: return "";
  }
  return "1";
}

std::string unit_of_controlling_variable(Orders orders, PortKind control) {
  return control == PortKind::voltage ? compose(0, 1, 1 - orders.in) : compose(1, 0, 1 - orders.in);
}

}  // namespace tellegen
