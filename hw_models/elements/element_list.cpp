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
                                    {0, 1, half, "Wb/s^1/2"}, {1, 0, half, "A s^1/2"}};
  for (const auto& n : names)
    if (n.ampere == ampere && n.volt == volt && std::abs(n.second - second) < 1e-12) return std::string(n.name);
  // Coefficients of a polynomial law read best as [f]/[z]^n where both have a name of their own.
  if (ampere == 1 && volt < -1)
    for (const auto& [f, f_second] : {std::pair{"A", 0}, std::pair{"C", 1}})
      for (const auto& [z, z_second] : {std::pair{"V", 0}, std::pair{"Wb", 1}})
        if (std::abs(f_second + volt * z_second - second) < 1e-12) return fmt::format("{}/{}", f, power(z, -volt));
  std::string text = ampere == 1 && volt == -1 ? "S" : ampere == 1 ? "A" : volt == 1 ? "V" : "1";
  if (second > 0) text += " " + power("s", second);
  if (ampere == 1 && volt < -1) text += "/" + power("V", -volt);
  if (second < 0) text += "/" + power("s", -second);
  return text;
}

template <class... E>
constexpr std::array<ElementDescription, sizeof...(E)> describe_all(std::tuple<E...>*) {
  return {ElementDescription{E::name, E::keyword, E::model_type, E::orders, E::has_control_port,
                             std::span<const ParameterView>(E::views), E::deck_value_view}...};
}

constexpr auto element_table = describe_all(static_cast<ElementList*>(nullptr));

}  // namespace

std::span<const ElementDescription> all_elements() { return element_table; }

const ElementDescription& describe(ElementId id) { return element_table[static_cast<std::size_t>(id)]; }

std::string unit_of(ParameterRole role, Orders orders) {
  const double f_seconds = orders.out, z_seconds = 1 - orders.in;
  const auto coefficient = [&](int degree) { return compose(1, -degree, f_seconds - degree * z_seconds); };
  switch (role) {
    case ParameterRole::slope: return coefficient(1);
    case ParameterRole::quadratic: return coefficient(2);
    case ParameterRole::cubic: return coefficient(3);
    case ParameterRole::amplitude: return compose(1, 0, f_seconds);
    case ParameterRole::scale: return compose(0, 1, z_seconds);
    case ParameterRole::dimensionless: return "1";
  }
  return "1";
}

std::string unit_of_controlling_variable(Orders orders) { return compose(0, 1, 1 - orders.in); }

}  // namespace tellegen
