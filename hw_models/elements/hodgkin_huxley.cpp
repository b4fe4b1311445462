#include "hw_models/elements/hodgkin_huxley.hpp"

namespace tellegen {
namespace {

/// u / (1 - exp(-u)) and its slope; at u = 0 it is 1.
struct Linoid {
  double value, slope;
};

Linoid linoid(double u) {
  constexpr double series_range = 0.05;  // where the series' first neglected term is below round-off
  if (std::abs(u) < series_range) {
    const double u2 = u * u;
    return {1 + u / 2 + u2 / 12 - u2 * u2 / 720 + u2 * u2 * u2 / 30240, 0.5 + u / 6 - u * u2 / 180 + u * u2 * u2 / 5040};
  }
  const double rest = -std::expm1(-u);
  const double value = u / rest;
  return {value, (1 - value * (1 - rest)) / rest};
}

}  // namespace

std::array<GateRates, gate_count> gate_rates(double v) {
  using std::exp;
  constexpr double per_ms = 1e3, mv = 1e-3;
  const auto opening = linoid((v + 40 * mv) / (10 * mv)), delayed = linoid((v + 55 * mv) / (10 * mv));
  const double beta_m = 4 * per_ms * exp(-(v + 65 * mv) / (18 * mv));
  const double alpha_h = 0.07 * per_ms * exp(-(v + 65 * mv) / (20 * mv));
  const double closing = exp(-(v + 35 * mv) / (10 * mv));
  const double beta_h = per_ms / (1 + closing);
  const double beta_n = 0.125 * per_ms * exp(-(v + 65 * mv) / (80 * mv));
  return {GateRates{per_ms * opening.value, beta_m, per_ms * opening.slope / (10 * mv), -beta_m / (18 * mv)},
          GateRates{alpha_h, beta_h, -alpha_h / (20 * mv), beta_h * (closing / (1 + closing)) / (10 * mv)},
          GateRates{0.1 * per_ms * delayed.value, beta_n, 0.1 * per_ms * delayed.slope / (10 * mv), -beta_n / (80 * mv)}};
}

Gates steady_gates(double v) {
  const auto rates = gate_rates(v);
  return {rates[0].steady(), rates[1].steady(), rates[2].steady()};
}

IonicCurrent ionic_current(const double* p, double v, const Gates& x) {
  const auto at = [p](MembraneSlot slot) { return p[static_cast<std::size_t>(slot)]; };
  const auto [m, h, n] = x;
  const double na = at(MembraneSlot::gna) * m * m * m * h, k = at(MembraneSlot::gk) * n * n * n * n, leak = at(MembraneSlot::gl);
  const double over_na = v - at(MembraneSlot::ena), over_k = v - at(MembraneSlot::ek), over_l = v - at(MembraneSlot::el);
  return {.current = na * over_na + k * over_k + leak * over_l,
          .conductance = na + k + leak,
          .by_gate = {3 * at(MembraneSlot::gna) * m * m * h * over_na, at(MembraneSlot::gna) * m * m * m * over_na,
                      4 * at(MembraneSlot::gk) * n * n * n * over_k}};
}

std::array<double, membrane_parameters.size()> current_by_parameter(const double* p, double v, const Gates& x, double v_dot) {
  const auto at = [p](MembraneSlot slot) { return p[static_cast<std::size_t>(slot)]; };
  const auto [m, h, n] = x;
  const double area = at(MembraneSlot::area), na_open = m * m * m * h, k_open = n * n * n * n;
  const double density = at(MembraneSlot::c) * v_dot + ionic_current(p, v, x).current;
  return {area * v_dot,
          area * na_open * (v - at(MembraneSlot::ena)),
          area * k_open * (v - at(MembraneSlot::ek)),
          area * (v - at(MembraneSlot::el)),
          -area * at(MembraneSlot::gna) * na_open,
          -area * at(MembraneSlot::gk) * k_open,
          -area * at(MembraneSlot::gl),
          density};
}

}  // namespace tellegen
