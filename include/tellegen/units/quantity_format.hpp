#pragma once
// Prints quantities with fmt in engineering notation: fmt::format("{}", 2.2_nF) == "2.2 nF".

#include <fmt/format.h>

#include <string_view>

#include "tellegen/units/quantities.hpp"
#include "tellegen/units/quantity_text.hpp"

namespace tellegen::units {

/// Symbol of a quantity's SI unit; a quantity without one cannot be printed.
template <class Quantity>
inline constexpr std::string_view symbol_of{};
template <>
inline constexpr std::string_view symbol_of<time> = "s";
template <>
inline constexpr std::string_view symbol_of<frequency> = "Hz";
template <>
inline constexpr std::string_view symbol_of<voltage> = "V";
template <>
inline constexpr std::string_view symbol_of<current> = "A";
template <>
inline constexpr std::string_view symbol_of<charge> = "C";
template <>
inline constexpr std::string_view symbol_of<resistance> = "ohm";
template <>
inline constexpr std::string_view symbol_of<conductance> = "S";
template <>
inline constexpr std::string_view symbol_of<capacitance> = "F";
template <>
inline constexpr std::string_view symbol_of<inductance> = "H";
template <>
inline constexpr std::string_view symbol_of<magnetic_flux> = "Wb";
template <>
inline constexpr std::string_view symbol_of<flux_per_root_second> = "Wb/s^1/2";
template <>
inline constexpr std::string_view symbol_of<ampere_root_second> = "A s^1/2";
template <>
inline constexpr std::string_view symbol_of<root_second_siemens> = "S s^1/2";

}  // namespace tellegen::units

template <class Unit>
struct fmt::formatter<boost::units::quantity<Unit, double>> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const boost::units::quantity<Unit, double>& q, Context& context) const {
    constexpr std::string_view symbol = tellegen::units::symbol_of<boost::units::quantity<Unit, double>>;
    static_assert(!symbol.empty(), "this quantity has no symbol in quantity_format.hpp");
    return fmt::formatter<std::string_view>::format(tellegen::engineering(tellegen::units::raw(q), symbol), context);
  }
};
