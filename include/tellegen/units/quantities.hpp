#pragma once
// Physical quantities for public interfaces: checked by the compiler, converted to raw SI doubles at one gate, `raw`.
//
//     const auto r = 10.0 * kilo_ohm;                   // units::resistance
//     const auto c = 2.2_nF;                            // using namespace tellegen::units::literals
//     solver.set_step(raw(5.0 * nano_second));          // 5e-9 [s]

#include <boost/units/quantity.hpp>
#include <boost/units/static_rational.hpp>
#include <boost/units/systems/si/capacitance.hpp>
#include <boost/units/systems/si/conductance.hpp>
#include <boost/units/systems/si/current.hpp>
#include <boost/units/systems/si/electric_charge.hpp>
#include <boost/units/systems/si/electric_potential.hpp>
#include <boost/units/systems/si/frequency.hpp>
#include <boost/units/systems/si/inductance.hpp>
#include <boost/units/systems/si/magnetic_flux.hpp>
#include <boost/units/systems/si/resistance.hpp>
#include <boost/units/systems/si/time.hpp>
#include <type_traits>

namespace tellegen::units {

namespace detail {
namespace si = boost::units::si;
using RootSecond = boost::units::power_typeof_helper<si::time, boost::units::static_rational<1, 2>>::type;
template <class A, class B>
using Product = typename boost::units::multiply_typeof_helper<A, B>::type;
template <class A, class B>
using Quotient = typename boost::units::divide_typeof_helper<A, B>::type;
}  // namespace detail

template <class Unit>
using quantity = boost::units::quantity<Unit, double>;

using time = quantity<detail::si::time>;
using frequency = quantity<detail::si::frequency>;
using voltage = quantity<detail::si::electric_potential>;
using current = quantity<detail::si::current>;
using charge = quantity<detail::si::electric_charge>;
using resistance = quantity<detail::si::resistance>;
using conductance = quantity<detail::si::conductance>;
using capacitance = quantity<detail::si::capacitance>;
using inductance = quantity<detail::si::inductance>;
using magnetic_flux = quantity<detail::si::magnetic_flux>;
/// Controlling variable of a fractional memristor, D^(1/2) phi [Wb/s^1/2].
using flux_per_root_second = quantity<detail::Quotient<detail::si::magnetic_flux, detail::RootSecond>>;
/// Value of a fractional memristor's law [A s^1/2].
using ampere_root_second = quantity<detail::Product<detail::si::current, detail::RootSecond>>;
/// Pseudo-capacitance of a constant-phase element of order 1/2 [S s^1/2].
using root_second_siemens = quantity<detail::Product<detail::si::conductance, detail::RootSecond>>;

/// The gate from quantities to raw doubles: the value in SI.
template <class Unit>
[[nodiscard]] constexpr double raw(const quantity<Unit>& q) {
  static_assert(std::is_same_v<typename Unit::system_type, detail::si::time::system_type>, "raw values are SI");
  return q.value();
}

namespace detail {
template <class Q>
constexpr Q scaled(double factor) {
  return Q::from_value(factor);
}
}  // namespace detail

// Units to multiply with: `10.0 * kilo_ohm`.
inline constexpr time second = detail::scaled<time>(1), milli_second = detail::scaled<time>(1e-3),
                      micro_second = detail::scaled<time>(1e-6), nano_second = detail::scaled<time>(1e-9),
                      pico_second = detail::scaled<time>(1e-12), femto_second = detail::scaled<time>(1e-15);
inline constexpr frequency hertz = detail::scaled<frequency>(1), kilo_hertz = detail::scaled<frequency>(1e3),
                           mega_hertz = detail::scaled<frequency>(1e6), giga_hertz = detail::scaled<frequency>(1e9);
inline constexpr voltage volt = detail::scaled<voltage>(1), milli_volt = detail::scaled<voltage>(1e-3),
                         micro_volt = detail::scaled<voltage>(1e-6), nano_volt = detail::scaled<voltage>(1e-9);
inline constexpr current ampere = detail::scaled<current>(1), milli_ampere = detail::scaled<current>(1e-3),
                         micro_ampere = detail::scaled<current>(1e-6), nano_ampere = detail::scaled<current>(1e-9),
                         pico_ampere = detail::scaled<current>(1e-12), femto_ampere = detail::scaled<current>(1e-15);
inline constexpr charge coulomb = detail::scaled<charge>(1), nano_coulomb = detail::scaled<charge>(1e-9),
                        pico_coulomb = detail::scaled<charge>(1e-12), femto_coulomb = detail::scaled<charge>(1e-15);
inline constexpr resistance ohm = detail::scaled<resistance>(1), kilo_ohm = detail::scaled<resistance>(1e3),
                            mega_ohm = detail::scaled<resistance>(1e6), giga_ohm = detail::scaled<resistance>(1e9);
inline constexpr conductance siemens = detail::scaled<conductance>(1),
                             milli_siemens = detail::scaled<conductance>(1e-3),
                             micro_siemens = detail::scaled<conductance>(1e-6),
                             nano_siemens = detail::scaled<conductance>(1e-9),
                             pico_siemens = detail::scaled<conductance>(1e-12);
inline constexpr capacitance farad = detail::scaled<capacitance>(1), milli_farad = detail::scaled<capacitance>(1e-3),
                             micro_farad = detail::scaled<capacitance>(1e-6),
                             nano_farad = detail::scaled<capacitance>(1e-9),
                             pico_farad = detail::scaled<capacitance>(1e-12),
                             femto_farad = detail::scaled<capacitance>(1e-15);
inline constexpr inductance henry = detail::scaled<inductance>(1), milli_henry = detail::scaled<inductance>(1e-3),
                            micro_henry = detail::scaled<inductance>(1e-6),
                            nano_henry = detail::scaled<inductance>(1e-9),
                            pico_henry = detail::scaled<inductance>(1e-12);
inline constexpr magnetic_flux weber = detail::scaled<magnetic_flux>(1),
                               micro_weber = detail::scaled<magnetic_flux>(1e-6),
                               femto_weber = detail::scaled<magnetic_flux>(1e-15);
inline constexpr flux_per_root_second weber_per_root_second = detail::scaled<flux_per_root_second>(1);
inline constexpr ampere_root_second ampere_times_root_second = detail::scaled<ampere_root_second>(1);
inline constexpr root_second_siemens siemens_times_root_second = detail::scaled<root_second_siemens>(1);

inline namespace literals {
// One literal for decimals (`2.2_nF`) and one for integers (`10_kohm`) each.
#define TELLEGEN_LITERAL(suffix, unit)                                                          \
  constexpr auto operator""_##suffix(long double v) { return static_cast<double>(v) * (unit); } \
  constexpr auto operator""_##suffix(unsigned long long v) { return static_cast<double>(v) * (unit); }
TELLEGEN_LITERAL(s, second)
TELLEGEN_LITERAL(ms, milli_second)
TELLEGEN_LITERAL(us, micro_second)
TELLEGEN_LITERAL(ns, nano_second)
TELLEGEN_LITERAL(ps, pico_second)
TELLEGEN_LITERAL(fs, femto_second)
TELLEGEN_LITERAL(Hz, hertz)
TELLEGEN_LITERAL(kHz, kilo_hertz)
TELLEGEN_LITERAL(MHz, mega_hertz)
TELLEGEN_LITERAL(GHz, giga_hertz)
TELLEGEN_LITERAL(V, volt)
TELLEGEN_LITERAL(mV, milli_volt)
TELLEGEN_LITERAL(uV, micro_volt)
TELLEGEN_LITERAL(A, ampere)
TELLEGEN_LITERAL(mA, milli_ampere)
TELLEGEN_LITERAL(uA, micro_ampere)
TELLEGEN_LITERAL(nA, nano_ampere)
TELLEGEN_LITERAL(pA, pico_ampere)
TELLEGEN_LITERAL(ohm, ohm)
TELLEGEN_LITERAL(kohm, kilo_ohm)
TELLEGEN_LITERAL(Mohm, mega_ohm)
TELLEGEN_LITERAL(S, siemens)
TELLEGEN_LITERAL(mS, milli_siemens)
TELLEGEN_LITERAL(uS, micro_siemens)
TELLEGEN_LITERAL(nS, nano_siemens)
TELLEGEN_LITERAL(F, farad)
TELLEGEN_LITERAL(uF, micro_farad)
TELLEGEN_LITERAL(nF, nano_farad)
TELLEGEN_LITERAL(pF, pico_farad)
TELLEGEN_LITERAL(fF, femto_farad)
TELLEGEN_LITERAL(H, henry)
TELLEGEN_LITERAL(mH, milli_henry)
TELLEGEN_LITERAL(uH, micro_henry)
TELLEGEN_LITERAL(nH, nano_henry)
TELLEGEN_LITERAL(C, coulomb)
TELLEGEN_LITERAL(Wb, weber)
#undef TELLEGEN_LITERAL
}  // namespace literals

}  // namespace tellegen::units
