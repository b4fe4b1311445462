#include <doctest/doctest.h>

#include <numbers>

#include "circuits/echo_check.hpp"
#include "devices/deck_run.hpp"

using namespace tellegen;
using namespace tellegen::test;

namespace {

/// A cell under a stimulating current that makes it fire, another one that it drives through a conductance.
constexpr auto pair = "I1 0 a 0\nYHH one a 0 gna=0.11\nRs a b 20meg\nYHH two b 0 gk=0.04\nVm b c 0\nRm c 0 1g\n";

CheckedRun cell_run(Method method, bool from_dc) {
  const auto circuit = circuit_of(pair);
  CheckedRun run{.circuit = circuit, .grid = {.step = 25e-6, .steps = 400, .method = method}, .sources = Table(400, circuit->sources().size()), .initial = {},
                 .probe = circuit->find_node("b")};
  for (std::size_t n = 0; n < 400; ++n) run.sources.at(n, 0) = 1e-9 * (1 + 0.5 * std::sin(2 * std::numbers::pi * 200 * run.grid.time(n + 1)));
  if (from_dc) run.initial = {1e-10, 0};
  return run;
}

}  // namespace

TEST_CASE("adjoint gradients of two coupled cells that fire equal central differences, from rest and from DC") {
  for (const Method method : {Method::be, Method::bdf2, Method::trap})
    for (const bool from_dc : {false, true}) {
      CAPTURE(name_of(method));
      CAPTURE(from_dc);
      CHECK(gradient_error(cell_run(method, from_dc)) < 1e-6);
    }
}

TEST_CASE("a patch at its operating point rests there, at -64.996 mV when no current flows") {
  const auto run = run_deck("I1 0 a 0\nYHH n a 0\n", {.step = 25e-6, .steps = 400, .method = Method::bdf2}, Start::dc);
  CHECK(run.start.node_voltage[run.circuit->find_node("a")] == doctest::Approx(-64.9963793e-3).epsilon(1e-8));
  for (const double v : run.v("a")) CHECK(v == doctest::Approx(-64.9963793e-3).epsilon(1e-8));
}

TEST_CASE("parameters of a patch come from its card and its model, and the area scales its current") {
  const auto one = run_deck("I1 0 a 1n\nYHH n a 0\n", {.step = 25e-6, .steps = 100, .method = Method::bdf2}, Start::dc);
  const auto ten = run_deck("I1 0 a 10n\nYHH n a 0 m area=1m\n.model m HH (area=5m gna=0.12)\n", {.step = 25e-6, .steps = 100, .method = Method::bdf2}, Start::dc);
  const auto expected = one.v("a");
  CHECK(wave_error(ten.v("a"), [&](std::size_t n) { return expected[n]; }) < 1e-12);
}
