#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "hw_models/elements/orders.hpp"
#include "hw_models/elements/parameter_view.hpp"

namespace tellegen {

/// Gates of a Hodgkin-Huxley membrane, in the order of its internal states.
enum class Gate : std::size_t { m, h, n };
inline constexpr int gate_count = 3;
using Gates = std::array<double, gate_count>;

/// Slot of a membrane's parameter. Densities are per square centimetre, as physiology writes them.
struct MembraneParameter {
  std::string_view name;
  std::string_view unit;
  double default_value;  ///< in SI per the unit
  bool must_be_positive;
};

enum class MembraneSlot : std::size_t { c, gna, gk, gl, ena, ek, el, area };

inline constexpr std::array<MembraneParameter, 8> membrane_parameters{{{"c", "F/cm^2", 1e-6, true},
                                                                      {"gna", "S/cm^2", 0.12, false},
                                                                      {"gk", "S/cm^2", 0.036, false},
                                                                      {"gl", "S/cm^2", 3e-4, false},
                                                                      {"ena", "V", 50e-3, false},
                                                                      {"ek", "V", -77e-3, false},
                                                                      {"el", "V", -54.387e-3, false},
                                                                      {"area", "cm^2", 1e-4, true}}};

/// Rate functions of one gate at a voltage, with their slopes: dx/dt = alpha (1 - x) - beta x.
struct GateRates {
  double alpha, beta;                // [1/s]
  double alpha_slope, beta_slope;    // [1/(s V)]
  [[nodiscard]] double steady() const { return alpha / (alpha + beta); }
  /// d steady / dv [1/V].
  [[nodiscard]] double steady_slope() const {
    const double sum = alpha + beta;
    return (alpha_slope * beta - alpha * beta_slope) / (sum * sum);
  }
};

/// Rates of the squid axon at 6.3 C in modern sign convention (resting voltage -65 mV). Their removable singularities, at
/// -40 mV and -55 mV, are evaluated by series.
///
/// Hodgkin and Huxley, J. Physiol. 117 (1952) 500, equations 12, 13, 20, 21, 23, 24, shifted to the absolute voltage.
[[nodiscard]] std::array<GateRates, gate_count> gate_rates(double v);

/// Gates that have settled at a constant voltage.
[[nodiscard]] Gates steady_gates(double v);

/// Ionic current density through a membrane and all its partial slopes.
struct IonicCurrent {
  double current;      // [A/cm^2] gna m^3 h (v - ena) + gk n^4 (v - ek) + gl (v - el)
  double conductance;  // [S/cm^2] slope in v at fixed gates
  Gates by_gate;       // [A/cm^2] slope in m, h, n
};

/// @param p  slots of the membrane, by MembraneSlot
[[nodiscard]] IonicCurrent ionic_current(const double* p, double v, const Gates& x);

/// Slope of the membrane current [A] in each slot at fixed v, gates and dv/dt [V/s], by MembraneSlot.
[[nodiscard]] std::array<double, membrane_parameters.size()> current_by_parameter(const double* p, double v, const Gates& x, double v_dot);

namespace elements {

/// Hodgkin-Huxley membrane patch: a capacitor beside two gated conductances and a leak.
///
///     i = area ( c dv/dt + gna m^3 h (v - ena) + gk n^4 (v - ek) + gl (v - el) )
///     dx/dt = alpha_x(v) (1 - x) - beta_x(v) x          x = m, h, n
///
/// | symbol      | unit    | meaning                                                          |
/// |-------------|---------|------------------------------------------------------------------|
/// | v           | V       | membrane voltage, inside against outside                         |
/// | m, h, n     | 1       | gates; they start at the steady state of the initial voltage     |
/// | gna, gk, gl | S/cm^2  | maximal conductance densities                                    |
/// | ena, ek, el | V       | reversal potentials                                              |
/// | c           | F/cm^2  | capacitance density                                              |
///
/// Its gates' tangents dx' = -(alpha + beta) dx + b(t) dv contribute c(t) dx to the current; the adjoint swaps b and c, so an
/// echo of skew -1 is local to the neuron. Hodgkin and Huxley, J. Physiol. 117 (1952) 500; theory section 5.
struct HodgkinHuxley {
  static constexpr std::string_view name = "Hodgkin-Huxley membrane";
  static constexpr std::string_view keyword = "YHH";
  static constexpr std::string_view model_type = "HH";
  static constexpr Orders orders{.out = 0, .in = 1};
  static constexpr bool has_control_port = false;
  static constexpr std::array<ParameterView, 0> views{};
  static constexpr int deck_value_view = -1;
};

}  // namespace elements
}  // namespace tellegen
