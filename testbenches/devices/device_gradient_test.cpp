// Adjoint gradients against central differences, by the parameters that users name.

#include <doctest/doctest.h>

#include "circuits/random_devices.hpp"
#include "devices/deck_run.hpp"

using namespace tellegen;
using namespace tellegen::test;

namespace {

constexpr Method methods[] = {Method::be, Method::bdf2, Method::trap};

struct Case {
  const char* name;
  const char* cards;  // the loss looks at the last node
};

constexpr auto laws =
    ".model e E (law=tanh k0=0.1 k1=0.9 z0=0.6)\n.model f F (law=sinh k0=0.2 k1=0.3 z0=0.8)\n.model g G (law=poly k0=-0.3 k1=0.1 k2=-0.2)\n"
    ".model h H (law=sine k0=0.5 k1=0.3 z0=0.7)\n.model el EL (law=tanh k0=0.2 k1=0.5 z0=0.7)\n.model sat C (law=tanh k0=0.3 k1=0.3 z0=0.8)\n";

const Case cases[] = {
    {"linear E F G H", "I1 0 a 0\nR1 a 0 1\nC1 a 0 0.3\nVs a b 0\nR2 b 0 2\nE1 c 0 a 0 0.8\nR3 c d 1\nF1 0 d Vs 0.5\nG1 0 d a b 0.4\nH1 e 0 Vs 0.7\nR4 e d 1\nC2 d 0 0.5\n"},
    {"nonlinear E F G H", "I1 0 a 0\nR1 a 0 1\nC1 a 0 0.3\nVs a b 0\nR2 b 0 2\nE1 c 0 a 0 e\nR3 c d 1\nF1 0 d Vs f\nG1 0 d a 0 g\nH1 e 0 Vs h\nR4 e d 1\nC2 d 0 0.5\n"},
    {"floating sources", "I1 0 a 0\nV1 a b 0\nR1 a 0 1\nR2 b 0 2\nC1 a 0 0.3\nV2 b c 0\nR3 c 0 0.7\nC2 c 0 sat\n"},
    {"coupled inductors", "I1 0 a 0\nR1 a 0 1\nC1 a 0 0.3\nL1 a 0 0.6\nL2 b c 0.9\nK1 L1 L2 0.6\nR2 c 0 1\nR4 b 0 3\nC2 b 0 0.4\nL3 c d 0.5\nK2 L2 L3 -0.3\nR3 d 0 2\nC3 d 0 0.2\n"},
    {"general elements", "I1 0 a 0\nR1 a 0 1\nC1 a 0 0.3\nYEL x a b el a=0.3 b=0.9\nYEL y b 0 el a=1 b=0.4\nR2 b 0 2\nC2 b 0 0.3\nYEL z 0 c b 0 0.4\nYEL w a c el a=0.2 b=0.6\nR3 c 0 1\nC3 c 0 0.5\n"},
    {"behavioural sources", "I1 0 a 0\nR1 a 0 1\nC1 a 0 0.3\nVs a b 0\nR2 b 0 2\nB1 c 0 v='0.5*v(a)*v(a)+i(vs)*time'\nR3 c d 1\nB2 0 d i='0.3*tanh(v(a,b)+v(c))+0.1*v(d)*i(vs)'\nC2 d 0 sat\nR4 d 0 1\n"},
};

}  // namespace

TEST_CASE("adjoint gradients of every device equal central differences, from rest and from DC, for every method") {
  for (const auto& test : cases)
    for (const Method method : methods)
      for (const bool from_dc : {false, true}) {
        CAPTURE(test.name);
        CAPTURE(name_of(method));
        CAPTURE(from_dc);
        CHECK(gradient_error(two_tone_run(circuit_of(std::string(test.cards) + laws), method, from_dc)) < 1e-7);
      }
}

TEST_CASE("adjoint gradients of random circuits of all devices equal central differences, from rest and from DC") {
  for (unsigned seed = 1; seed <= 30; ++seed)
    for (const bool from_dc : {false, true}) {
      CAPTURE(seed);
      CAPTURE(from_dc);
      CHECK(gradient_error(two_tone_run(random_devices(seed), methods[seed % 3], from_dc, 40)) < 1e-6);
    }
}

TEST_CASE("under constant inputs a run from DC stays at its operating point, whatever the devices") {
  for (unsigned seed = 1; seed <= 20; ++seed)
    for (const Method method : methods) {
      CAPTURE(seed);
      auto run = two_tone_run(random_devices(seed, {.explicit_time = false}), method, true, 50);
      for (std::size_t n = 0; n < run.sources.rows(); ++n) std::ranges::copy(run.initial, run.sources.row(n).begin());
      TransientEngine engine(run.circuit, run.grid);
      const auto start = start_of(run, run.circuit->initial_slots());
      const auto records = run_forward(engine, run.sources, start);
      for (std::size_t n = 0; n < run.sources.rows(); ++n)
        for (NodeIndex node = 1; node < run.circuit->node_count(); ++node)
          CHECK(std::abs(records.voltages.at(n, static_cast<std::size_t>(node)) - start.node_voltage[node]) < 1e-9);
    }
}
