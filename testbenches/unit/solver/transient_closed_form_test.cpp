#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "circuits/schematic.hpp"
#include "hw_models/solver/differentiation.hpp"

using namespace tellegen;
using namespace tellegen::elements;
using test::Schematic;

namespace {

constexpr Method methods[] = {Method::be, Method::bdf2, Method::trap};

double one(double) { return 1; }

/// Response at time t of x' tau + x = t^2 from rest.
double parabola_response(double t, double tau) { return t * t - 2 * tau * t - 2 * tau * tau * std::expm1(-t / tau); }

/// Largest difference between a run and a function of time, relative to that function's largest value.
double relative_error(const std::vector<double>& run, const TimeGrid& grid, const std::function<double(double)>& expected) {
  double difference = 0, size = 0;
  for (std::size_t n = 0; n < run.size(); ++n) {
    const double value = expected(grid.time(n + 1));
    difference = std::max(difference, std::abs(run[n] - value));
    size = std::max(size, std::abs(value));
  }
  return difference / size;
}

std::shared_ptr<const Circuit> low_pass() {
  return Schematic().voltage_source("v1", "in", "0").resistor("r1", "in", "out", 2).capacitor("c1", "out", "0", 0.25).freeze();
}

}  // namespace

TEST_CASE("step response of an RC low-pass by backward Euler is the geometric series, to round-off") {
  const TimeGrid grid{.step = 0.05, .steps = 200, .method = Method::be};
  const auto circuit = low_pass();
  const auto out = test::voltage(*circuit, test::simulate(circuit, grid, {one}), "out");
  for (std::size_t n = 0; n < grid.steps; ++n)
    CHECK(out[n] == doctest::Approx(1 - std::pow(1 + grid.step / 0.5, -static_cast<double>(n + 1))).epsilon(1e-12));
}

TEST_CASE("step response of an RC low-pass approaches 1 - exp(-t/RC) with the step") {
  const auto circuit = low_pass();
  for (const Method method : methods) {
    CAPTURE(name_of(method));
    const auto error = [&](std::size_t steps) {
      const TimeGrid grid{.step = 3.0 / static_cast<double>(steps), .steps = steps, .method = method};
      return relative_error(test::voltage(*circuit, test::simulate(circuit, grid, {one}), "out"), grid,
                            [](double t) { return -std::expm1(-t / 0.5); });
    };
    CHECK(error(3000) < 2e-3);
    CHECK(error(6000) < 0.6 * error(3000));  // the jump lies between two grid points: first order, whatever the method
  }
}

TEST_CASE("an RC and an RL low-pass follow a parabola with the order of the method") {
  const auto rc = low_pass();
  // i R + L i' = t^2: the resistor's voltage is the response.
  const auto rl = Schematic().voltage_source("v1", "in", "0").inductor("l1", "in", "out", 1).resistor("r1", "out", "0", 2).freeze();
  const auto parabola = [](double t) { return t * t; };
  for (const auto& [method, ratio] : {std::pair{Method::be, 2.0}, std::pair{Method::bdf2, 4.0}, std::pair{Method::trap, 4.0}})
    for (const auto& circuit : {rc, rl}) {
      CAPTURE(name_of(method));
      const auto error = [&](std::size_t steps) {
        const TimeGrid grid{.step = 2.0 / static_cast<double>(steps), .steps = steps, .method = method};
        return relative_error(test::voltage(*circuit, test::simulate(circuit, grid, {parabola}), "out"), grid,
                              [](double t) { return parabola_response(t, 0.5); });
      };
      CHECK(error(200) / error(400) == doctest::Approx(ratio).epsilon(0.05));
      CHECK(error(400) / error(800) == doctest::Approx(ratio).epsilon(0.05));
    }
}

TEST_CASE("a charged series RLC rings down along its closed form, and its energy only falls") {
  constexpr double c = 1, l = 1, r = 0.2;  // alpha = r/2l = 0.1
  const auto circuit = Schematic().capacitor("c1", "a", "0", c).resistor("r1", "a", "b", r).inductor("l1", "b", "0", l).freeze();
  const double alpha = r / (2 * l), omega = std::sqrt(1 / (l * c) - alpha * alpha);
  const std::vector<std::pair<NodeIndex, double>> charged{{circuit->find_node("a"), 1.0}, {circuit->find_node("b"), 1.0}};
  const auto start = initial_state(*circuit, circuit->initial_slots(), charged);
  for (const Method method : methods) {
    CAPTURE(name_of(method));
    const TimeGrid grid{.step = 2e-3, .steps = 10000, .method = method};
    const auto run = test::simulate(circuit, grid, {}, start);
    const auto v = test::voltage(*circuit, run, "a");
    CHECK(relative_error(v, grid, [&](double t) {
            return std::exp(-alpha * t) * (std::cos(omega * t) + alpha / omega * std::sin(omega * t));
          }) < (method == Method::be ? 1e-2 : 2e-3));
    double energy = 0.5 * c;
    for (std::size_t n = 0; n < grid.steps; ++n) {
      const double i = run.controlling.at(n, static_cast<std::size_t>(circuit->find_branch("l1"))) / l;
      const double now = 0.5 * c * v[n] * v[n] + 0.5 * l * i * i;
      // A two-step method's own energy is not exactly this one.
      CHECK(now < energy * (1 + (method == Method::be ? 0 : 1e-5)));
      energy = now;
    }
    CHECK(energy < 0.5 * c * std::exp(-2 * alpha * grid.time(grid.steps)) * 1.2);
  }
}

TEST_CASE("an LC tank that is left alone keeps its energy under the trapezoidal rule") {
  const auto circuit = Schematic().current_source("i1", "0", "a").capacitor("c1", "a", "0", 0.7).inductor("l1", "a", "0", 1.3).freeze();
  const TimeGrid grid{.step = 0.05, .steps = 5000, .method = Method::trap};
  const auto run = test::simulate(circuit, grid, {[](double t) { return t < 2 ? std::pow(std::sin(std::numbers::pi * t / 2), 2) : 0.0; }});
  const auto v = test::voltage(*circuit, run, "a");
  const auto energy = [&](std::size_t n) { return 0.5 * 0.7 * v[n] * v[n] + 0.5 * std::pow(run.controlling.at(n, 1), 2) / 1.3; };
  CHECK(energy(60) > 0.1);
  for (std::size_t n = 60; n < grid.steps; ++n) CHECK(energy(n) == doctest::Approx(energy(60)).epsilon(1e-11));
}

TEST_CASE("a linear fractional memristor and a linear memristor are a resistor, to round-off, in any circuit") {
  const auto make = []<class E>() {
    Schematic schematic;
    schematic.current_source("i1", "0", "a").voltage_source("v1", "b", "c");
    schematic.with_law<Capacitor, TanhLaw>("c1", "a", "0", {0.3, 0.5, 0.8}).capacitor("c2", "c", "0", 0.6);
    schematic.linear<E>("x1", "a", "b", 0.7).template linear<E>("x2", "c", "0", 0.2);
    schematic.with_law<Resistor, SinhLaw>("r1", "a", "c", {0.1, 0.2, 0.5}).inductor("l1", "b", "0", 2);
    return schematic.freeze();
  };
  const std::vector<std::function<double(double)>> drive{[](double t) { return std::sin(3 * t) + 0.3; }, [](double t) { return 0.4 * std::cos(t); }};
  for (const Method method : methods) {
    CAPTURE(name_of(method));
    const TimeGrid grid{.step = 0.05, .steps = 400, .method = method};
    const auto expected = test::simulate(make.operator()<Resistor>(), grid, drive).voltages;
    for (const auto& run : {test::simulate(make.operator()<FractionalMemristor>(), grid, drive), test::simulate(make.operator()<Memristor>(), grid, drive)})
      for (std::size_t n = 0; n < grid.steps; ++n)
        for (std::size_t node = 1; node < expected.columns(); ++node)
          CHECK(std::abs(run.voltages.at(n, node) - expected.at(n, node)) < 1e-11);
  }
}

TEST_CASE("a constant-phase element charged by a constant current follows I t^alpha / (q Gamma(1 + alpha))") {
  constexpr double q = 0.8, current = 0.5;
  for (const double alpha : {0.25, 0.5, 0.6, 0.9}) {
    const auto circuit = Schematic().current_source("i1", "0", "a").constant_phase("ycpe!p1", "a", "0", q, alpha).freeze();
    for (const Method method : methods) {
      CAPTURE(alpha);
      CAPTURE(name_of(method));
      const auto error = [&](std::size_t steps) {
        const TimeGrid grid{.step = 2.0 / static_cast<double>(steps), .steps = steps, .method = method};
        const double end = test::voltage(*circuit, test::simulate(circuit, grid, {[](double) { return current; }}), "a").back();
        return std::abs(end / (current * std::pow(2.0, alpha) / (q * std::tgamma(1 + alpha))) - 1);
      };
      CHECK(error(1000) < 2e-3);
      CHECK(error(500) / error(1000) == doctest::Approx(2).epsilon(0.1));
    }
  }
}

TEST_CASE("a constant-phase element of order 1 is a capacitor, of order 0 a resistor") {
  const auto drive = [](double t) { return std::sin(2 * t); };
  for (const Method method : methods) {
    const TimeGrid grid{.step = 0.05, .steps = 100, .method = method};
    const auto with = [&](double alpha) {
      const auto circuit = Schematic().current_source("i1", "0", "a").resistor("r1", "a", "0", 1).constant_phase("ycpe!p1", "a", "0", 0.8, alpha).freeze();
      return test::voltage(*circuit, test::simulate(circuit, grid, {drive}), "a");
    };
    const auto capacitor = Schematic().current_source("i1", "0", "a").resistor("r1", "a", "0", 1).capacitor("c1", "a", "0", 0.8).freeze();
    const auto resistor = Schematic().current_source("i1", "0", "a").resistor("r1", "a", "0", 1).resistor("r2", "a", "0", 1.25).freeze();
    const auto of_capacitor = test::voltage(*capacitor, test::simulate(capacitor, grid, {drive}), "a");
    const auto of_resistor = test::voltage(*resistor, test::simulate(resistor, grid, {drive}), "a");
    for (std::size_t n = 0; n < grid.steps; ++n) {
      CHECK(with(1)[n] == doctest::Approx(of_capacitor[n]).epsilon(1e-12));
      CHECK(with(0)[n] == doctest::Approx(of_resistor[n]).epsilon(1e-12));
    }
  }
}

TEST_CASE("integral of the current into a nonlinear capacitor is its charge, to round-off") {
  const std::vector<double> p{0.2, 0.7, 0.4};
  const auto circuit = Schematic().voltage_source("v1", "in", "0").resistor("r1", "in", "a", 0.5).with_law<Capacitor, TanhLaw>("c1", "a", "0", p).freeze();
  for (const Method method : methods) {
    CAPTURE(name_of(method));
    const TimeGrid grid{.step = 0.02, .steps = 500, .method = method};
    const auto run = test::simulate(circuit, grid, {[](double t) { return 2 * std::sin(3 * t); }});
    const auto v = test::voltage(*circuit, run, "a");
    DifferentiationBank<double> integral(-1, 1, grid);
    for (std::size_t n = 0; n < grid.steps; ++n) {
      const double current = -run.source_currents.at(n, 0);  // out of the source's positive terminal
      double past = 0;
      integral.history(&past);
      integral.accept(&current, &past);
      const double charge = p[0] * v[n] + p[1] * std::tanh(v[n] / p[2]);
      CHECK(std::abs(integral.leading() * current + past - charge) < 1e-12);
    }
  }
}

TEST_CASE("a floating voltage source keeps its voltage and carries what flows through its branch") {
  const auto circuit = Schematic().current_source("i1", "0", "a").resistor("r1", "a", "0", 4).voltage_source("v1", "a", "b").resistor("r2", "b", "0", 1).freeze();
  const auto run = test::simulate(circuit, {.step = 1, .steps = 1, .method = Method::bdf2}, {[](double) { return 3.0; }, [](double) { return 2.0; }});
  const double a = test::voltage(*circuit, run, "a")[0], b = test::voltage(*circuit, run, "b")[0];
  CHECK(a - b == doctest::Approx(2));
  CHECK(a / 4 + b == doctest::Approx(3));
  CHECK(run.source_currents.at(0, 1) == doctest::Approx(b));
  CHECK(run.source_currents.at(0, 0) == 3.0);
}

TEST_CASE("a transconductor takes its current out of its first output node, by the voltage of its control port") {
  const auto circuit = Schematic().voltage_source("v1", "p", "0").voltage_source("v2", "n", "0").resistor("r1", "out", "0", 10)
                           .resistor("r2", "ret", "0", 2).transconductor("g1", "out", "ret", "p", "n", {0.3}).freeze();
  const auto run = test::simulate(circuit, {.step = 1, .steps = 1, .method = Method::trap}, {[](double) { return 1.5; }, [](double) { return 0.5; }});
  CHECK(test::voltage(*circuit, run, "out")[0] == doctest::Approx(-3));
  CHECK(test::voltage(*circuit, run, "ret")[0] == doctest::Approx(0.6));
  CHECK(run.source_currents.at(0, 0) == doctest::Approx(0));  // a control port draws no current
}

TEST_CASE("a diode rectifier charges its capacitor to the peak and lets nothing back") {
  constexpr double is = 1e-14, vt = JunctionLaw::thermal_voltage;
  const auto circuit = Schematic().voltage_source("v1", "in", "0").diode("d1", "in", "out", is).resistor("r1", "out", "0", 1e4).capacitor("c1", "out", "0", 1e-6).freeze();
  for (const Method method : {Method::be, Method::bdf2}) {
    CAPTURE(name_of(method));
    const TimeGrid grid{.step = 2e-6, .steps = 10000, .method = method};  // 20 ms of 1 kHz
    const auto run = test::simulate(circuit, grid, {[](double t) { return 5 * std::sin(2 * std::numbers::pi * 1e3 * t); }});
    const auto in = test::voltage(*circuit, run, "in"), out = test::voltage(*circuit, run, "out");
    double peak = 0;
    for (std::size_t n = 0; n < grid.steps; ++n) {
      peak = std::max(peak, out[n]);
      const double through_diode = is * std::expm1((in[n] - out[n]) / vt);
      CHECK(-run.source_currents.at(n, 0) == doctest::Approx(through_diode).epsilon(1e-6).scale(1e-9));
      CHECK(out[n] > -1e-9);
      if (n > 500) CHECK(out[n] > 3.7);  // the ripple of one period over RC = 10 ms
    }
    CHECK(peak > 4.2);
    CHECK(peak < 4.5);
  }
}

TEST_CASE("from its operating point a nonlinear circuit with constant sources never moves") {
  const auto circuit = Schematic()
                           .voltage_source("v1", "in", "0").current_source("i1", "0", "b")
                           .resistor("r1", "in", "a", 1).diode("d1", "a", "b", 1e-6, 2).with_law<Resistor, TanhLaw>("r2", "b", "0", {0.2, 0.3, 0.5})
                           .with_law<Capacitor, SinhLaw>("c1", "b", "0", {0.2, 0.3, 0.5}).capacitor("c2", "a", "b", 0.4)
                           .with_law<Inductor, PolynomialLaw>("l1", "b", "c", {0.5, 0.2, 0.3}).resistor("r3", "c", "0", 3)
                           .linear<FractionalMemristor>("yfmem!m1", "a", "c", 0.3).constant_phase("ycpe!p1", "c", "0", 0.3, 0.6)
                           .transconductor<TanhLaw>("g1", "c", "0", "a", "0", {0.1, 0.2, 0.3})
                           .freeze();
  const auto point = test::operating_point(*circuit, {2.0, 0.1});
  for (const Method method : methods) {
    CAPTURE(name_of(method));
    const auto run = test::simulate(circuit, {.step = 0.05, .steps = 1000, .method = method}, {[](double) { return 2.0; }, [](double) { return 0.1; }}, point.state);
    for (std::size_t n = 0; n < 1000; ++n) {
      for (std::size_t node = 1; node < point.state.node_voltage.size(); ++node)
        CHECK(std::abs(run.voltages.at(n, node) - point.state.node_voltage[node]) < 1e-11);
      CHECK(run.source_currents.at(n, 0) == doctest::Approx(point.source_currents[0]).epsilon(1e-10));
      for (std::size_t k = 0; k < circuit->branches().size(); ++k)
        CHECK(std::abs(run.controlling.at(n, k) - point.state.controlling[k]) < 1e-10);
    }
  }
}

TEST_CASE("a circuit without sources and from rest stays at rest") {
  const auto circuit = Schematic().capacitor("c1", "a", "0", 1).diode("d1", "a", "0", 1e-14).inductor("l1", "a", "0", 1).freeze();
  const auto run = test::simulate(circuit, {.step = 0.1, .steps = 10, .method = Method::bdf2}, {});
  for (std::size_t n = 0; n < 10; ++n) CHECK(run.voltages.at(n, 1) == 0.0);
}

TEST_CASE("a law that is flat at rest is left and found again") {
  const auto circuit = Schematic().current_source("i1", "0", "a").with_law<Resistor, PolynomialLaw>("r1", "a", "0", {0, 0, 2}).freeze();
  const TimeGrid grid{.step = 0.1, .steps = 80, .method = Method::bdf2};
  for (const double amplitude : {1e-9, 1.0, 1e6}) {
    CAPTURE(amplitude);
    const auto drive = [&](double t) { return t < 6 ? amplitude * std::sin(t) : 0.0; };
    const auto v = test::voltage(*circuit, test::simulate(circuit, grid, {drive}), "a");
    for (std::size_t n = 0; n < grid.steps; ++n) {
      const double expected = std::cbrt(drive(grid.time(n + 1)) / 2);
      CHECK(v[n] == doctest::Approx(expected).epsilon(1e-7).scale(std::cbrt(amplitude)));
    }
  }
}
