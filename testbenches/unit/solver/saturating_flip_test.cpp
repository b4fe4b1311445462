#include <doctest/doctest.h>

#include <cmath>

#include "hw_models/elements/element_list.hpp"
#include "hw_models/solver/transient.hpp"

using namespace tellegen;

namespace {

constexpr double v0 = 0.2, g = 1, c = 1;

/// A capacitor that a current charged to v0, with a resistor beside it that is flipped; its voltage after `time`.
double grown(double gain, double saturation, double time) {
  CircuitBuilder builder;
  builder.node("a");
  builder.add_source({.name = "i1", .kind = SourceKind::current, .port = {0, 1}, .waveform = Waveform(0.0), .where = {}});
  builder.add_branch({.name = "r1", .element = element_id<elements::Resistor>(), .orders = elements::Resistor::orders, .out = {1, 0}, .in = {1, 0}, .values = {g}, .where = {}});
  builder.add_branch({.name = "c1", .element = element_id<elements::Capacitor>(), .orders = elements::Capacitor::orders, .out = {1, 0}, .in = {1, 0}, .values = {c}, .where = {}});
  const auto circuit = std::make_shared<const Circuit>(std::move(builder).freeze());
  const TimeGrid grid{.step = 1e-3, .steps = 4000, .method = Method::trap};
  TransientEngine engine(circuit, grid);
  engine.begin(forward_network);
  // Held where it is by the current that the resistor takes.
  for (int n = 0; n < 2000; ++n) {
    const double wanted = v0 * std::min(1.0, (n + 1) / 1000.0), before = v0 * std::min(1.0, n / 1000.0);
    const std::array drive{g * wanted + c * (wanted - before) / grid.step};
    require_converged(engine.step({.sources = drive, .injected = {}, .bias = {}}), engine);
  }
  const auto state = engine.save();
  const double charged = engine.voltages()[1];
  engine.begin_reversed(state, {.loss_flipped = true, .flip_gain = gain, .flip_saturation = saturation});
  for (double t = 0; t < time - grid.step / 2; t += grid.step) require_converged(engine.step({.sources = {}, .injected = {}, .bias = {}}), engine);
  return -engine.voltages()[1] / charged * v0;
}

}  // namespace

TEST_CASE("a negative conductance that saturates lets a capacitor grow as its closed form says") {
  // C dv/dt = G V tanh(v/V): sinh(v/V) = sinh(v0/V) exp(G t / C).
  for (const double saturation : {0.1, 0.3, 1.0})
    CHECK(grown(0, saturation, 1) == doctest::Approx(saturation * std::asinh(std::sinh(v0 / saturation) * std::exp(1.0))).epsilon(2e-3));
}

TEST_CASE("one that never saturates grows exponentially, faster by its gain error") {
  CHECK(grown(0, 0, 1) == doctest::Approx(v0 * std::exp(1.0)).epsilon(2e-3));
  CHECK(grown(0.1, 0, 1) == doctest::Approx(v0 * std::exp(1.1)).epsilon(2e-3));
  CHECK(grown(0.1, 1e6, 1) == doctest::Approx(grown(0.1, 0, 1)).epsilon(1e-9));
}
