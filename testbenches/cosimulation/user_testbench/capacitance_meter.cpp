// Measures a capacitance by the time that it takes to charge, with analog modules of Tellegen and a digital one of the user's:
//
//     v1 --- r1 --- charged --- c1 --- ground         v(charged) = V (1 - exp(-t/RC)) --> ThresholdTimer --> count, above
//      `---- r2 --- clamped --- d1 --- ground         Shockley's diode behind a resistor, settled
//
// Writes capacitance_meter.vcd, analog and digital signals together. Exits with 1 when a result is not what theory says.

#include <cmath>
#include <iostream>
#include <tellegen/chip.hpp>

#include "threshold_timer.hpp"

using namespace tellegen::chip;
using namespace tellegen::units;

namespace {

constexpr double supply = 1.0;                                  // [V]
constexpr double resistance_1 = 10e3, resistance_2 = 2e3;       // [ohm]
constexpr double capacitance_1 = 1e-9;                          // [F]
constexpr double saturation_current = 1e-12, emission = 1.5;    // [A], 1
constexpr double threshold = 0.5;                               // [V]
constexpr double step = 10e-9, clock_period = 100e-9;           // [s]
constexpr std::size_t steps = 2000;

/// Analog voltage as a signal that digital modules and traces can read, held between analog steps.
class VoltageProbe : public sc_core::sc_module {
 public:
  sc_core::sc_out<double> voltage{"voltage"};  // [V]

  SC_HAS_PROCESS(VoltageProbe);
  VoltageProbe(const sc_core::sc_module_name& name, const AnalogCluster& cluster, const Node& node)
      : sc_core::sc_module(name), cluster_(cluster), node_(node) {
    SC_METHOD(on_step);
    dont_initialize();
    sensitive << cluster.stepped();
  }

 private:
  void on_step() { voltage.write(cluster_.voltage(node_)); }

  const AnalogCluster& cluster_;
  const Node& node_;
};

/// The analog circuit. Wrong units do not compile: Resistor{"r1", 1.0 * nano_farad}.
struct Circuit : sc_core::sc_module {
  Node input{"input"}, charged{"charged"}, clamped{"clamped"};
  Ground ground;
  VoltageSource v1{"v1", supply * volt};
  Resistor r1{"r1", resistance_1 * ohm}, r2{"r2", resistance_2 * ohm};
  Capacitor c1{"c1", capacitance_1 * farad};
  Diode d1{"d1", junction_law(saturation_current * ampere, emission)};
  AnalogCluster cluster{"cluster", {.step = step, .steps = steps}};

  explicit Circuit(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
    v1.p(input), v1.n(ground);
    r1.p(input), r1.n(charged);
    c1.p(charged), c1.n(ground);
    r2.p(input), r2.n(clamped);
    d1.p(clamped), d1.n(ground);
  }
};

/// Current of a diode behind a resistor [A]: i = n Vt/R W(is R/(n Vt) exp((V + is R)/(n Vt))) - is, W Lambert's function.
double diode_current() {
  const double slope_voltage = emission * tellegen::JunctionLaw::thermal_voltage;
  const double scale = saturation_current * resistance_2 / slope_voltage;
  const double log_x = std::log(scale) + (supply + saturation_current * resistance_2) / slope_voltage;
  double w = log_x;  // of w + log(w) = log(x)
  for (int i = 0; i < 50; ++i) w -= (w + std::log(w) - log_x) / (1 + 1 / w);
  return slope_voltage / resistance_2 * w - saturation_current;
}

bool holds(const char* what, double is, double expected, double tolerance) {
  const bool good = std::abs(is - expected) <= tolerance;
  std::cout << (good ? "  ok    " : "  WRONG ") << what << ": " << is << ", expected " << expected << " within " << tolerance << '\n';
  return good;
}

}  // namespace

int sc_main(int, char**) {
  using sc_core::SC_SEC;
  Circuit circuit{"circuit"};
  sc_core::sc_signal<double> v_charged{"v_charged"}, v_clamped{"v_clamped"};
  sc_core::sc_signal<std::uint32_t> count{"count"};
  sc_core::sc_signal<bool> above{"above"};
  // Edges fall between analog steps, so that no result depends on which of two processes comes first.
  sc_core::sc_clock clock{"clock", clock_period, SC_SEC, 0.5, step / 2, SC_SEC, true};

  VoltageProbe charged_probe{"charged_probe", circuit.cluster, circuit.charged}, clamped_probe{"clamped_probe", circuit.cluster, circuit.clamped};
  charged_probe.voltage(v_charged);
  clamped_probe.voltage(v_clamped);
  ThresholdTimer timer{"timer", threshold};
  timer.clock(clock), timer.voltage(v_charged), timer.count(count), timer.above(above);

  auto* const vcd = sc_core::sc_create_vcd_trace_file("capacitance_meter");
  sc_core::sc_trace(vcd, clock, "clock");
  sc_core::sc_trace(vcd, count, "count");
  sc_core::sc_trace(vcd, above, "above");
  sc_core::sc_trace(vcd, v_charged, "v_charged");
  sc_core::sc_trace(vcd, v_clamped, "v_clamped");

  const double tau = resistance_1 * capacitance_1;  // [s]
  double worst = 0;                                 // [V]
  sc_core::sc_start(step / 2, SC_SEC);
  for (std::size_t n = 1; n <= steps; ++n) {
    sc_core::sc_start(step, SC_SEC);  // half a step past the n-th
    worst = std::max(worst, std::abs(v_charged - supply * (1 - std::exp(-static_cast<double>(n) * step / tau))));
  }
  sc_core::sc_close_vcd_trace_file(vcd);
  if (const auto& failure = circuit.cluster.failure()) return std::cout << explain(*failure, circuit.cluster.circuit()) << '\n', 1;

  const double crossing = -tau * std::log(1 - threshold / supply);  // [s]
  bool good = true;
  good &= holds("largest error of the charging curve [V]", worst, 0, supply * step / tau);  // of the first step, where the source jumps
  good &= holds("edges below the threshold", count, std::ceil((crossing - step / 2) / clock_period), 0);
  good &= holds("capacitance from the count [F]", count * clock_period / (resistance_1 * std::log(2.0)), capacitance_1,
                clock_period / (resistance_1 * std::log(2.0)));
  good &= holds("current of the diode [A]", (supply - v_clamped) / resistance_2, diode_current(), 1e-12);
  good &= holds("the comparator has seen the threshold", above, 1, 0);
  return good ? 0 : 1;
}
