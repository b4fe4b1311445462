#include <doctest/doctest.h>

#include <cmath>

#include "hw_models/elements/element_list.hpp"
#include "hw_models/synapse/cell.hpp"

using namespace tellegen;

namespace {

constexpr std::size_t ticks = 10;
const TimeGrid grid{.step = 0.5, .steps = 20, .method = Method::bdf2};

Branch conductance() {
  CircuitBuilder builder;
  builder.node("a");
  builder.add_source({.name = "i1", .kind = SourceKind::current, .port = {0, 1}, .waveform = Waveform(0.0), .where = {}});
  builder.add_branch({.name = "r1", .element = element_id<elements::Resistor>(), .orders = elements::Resistor::orders, .out = {1, 0}, .in = {1, 0}, .values = {2.0}, .where = {}});
  return std::move(builder).freeze().branches()[0];
}

/// A cell whose record of tick k is 1 + k.
struct RecordedCell {
  Branch branch = conductance();
  CellPhysics cell;

  explicit RecordedCell(const NonIdealities& chip, double readout = 0) : cell(branch, 0, std::vector{2.0}, grid, ticks) {
    cell.array().set_flaws(CellFlaws({.chip = std::make_shared<const NonIdealities>(chip), .cells_on_chip = 1, .number = {0}, .state_words = 0, .slots = 1, .ticks = ticks,
                                      .steps_per_tick = 2, .step = grid.step, .full_scale = {10}, .readout = {readout}, .range = {{1, 3}}}));
    cell.array().begin_run(1);
    for (std::size_t k = 0; k < ticks; ++k) cell.record(k, 1 + static_cast<double>(k));
  }
  double recalled(std::ptrdiff_t tick, double share = 0, double wait = 0) {
    cell.array().recall(tick, share, wait);
    return cell.recorded(tick);
  }
};

}  // namespace

TEST_CASE("a trace of few words keeps the last record of every so many cycles, the first to be replayed") {
  NonIdealities chip;
  chip.trace_memory.depth = 3;  // of 10 ticks: one record in four
  RecordedCell shallow(chip);
  for (const auto& [tick, value] : {std::pair(0, 4.0), {3, 4.0}, {4, 8.0}, {7, 8.0}, {8, 10.0}, {9, 10.0}}) CHECK(shallow.recalled(tick) == value);
  chip.trace_memory.depth = 10;
  RecordedCell whole(chip);
  CHECK(whole.recalled(4) == 5);
}

TEST_CASE("a stored level droops exponentially until it is replayed; what the run started from does not") {
  NonIdealities chip;
  chip.trace_memory.droop = 0.2;
  RecordedCell cell(chip);
  CHECK(cell.recalled(5, 0, 3) == doctest::Approx(6 * std::exp(-0.6)));
  CHECK(cell.recalled(-1, 0, 50) == 0);
}

TEST_CASE("a replay that goes straight meets the middle of two records half way") {
  RecordedCell cell({});
  CHECK(cell.recalled(5, 0.5) == doctest::Approx(5.5));
  CHECK(cell.recalled(0, 0.25) == doctest::Approx(0.75));  // towards the start at zero
}

TEST_CASE("a trace of three bits knows eight levels of its range") {
  NonIdealities chip;
  chip.trace.bits = 3;
  chip.trace.range = 1;
  RecordedCell cell(chip);
  for (std::size_t k = 0; k < ticks; ++k) CHECK(cell.recalled(static_cast<std::ptrdiff_t>(k)) == std::min(7.5, 2.5 * std::nearbyint((1 + static_cast<double>(k)) / 2.5)));
}

TEST_CASE("a parameter that is written over the bus takes the nearest level of its device") {
  NonIdealities chip;
  chip.programming.bits = 2;
  RecordedCell cell(chip);
  cell.cell.array().program(0, 0, 2.2);
  CHECK(cell.cell.slot(0).value == doctest::Approx(1 + 4.0 / 3));
}

TEST_CASE("an update of a device with few levels that asks for less than half a level changes nothing, again and again") {
  NonIdealities chip;
  chip.programming.bits = 2;
  RecordedCell cell(chip);
  cell.cell.array().program(0, 0, 1);
  cell.cell.slot(0).rate = 1;
  cell.cell.slot(0).accumulator = -0.3;  // levels are 2/3 apart
  for (int n = 0; n < 5; ++n) cell.cell.update();
  CHECK(cell.cell.slot(0).value == 1);
  cell.cell.slot(0).accumulator = -0.4;
  cell.cell.update();
  CHECK(cell.cell.slot(0).value == doctest::Approx(1 + 2.0 / 3));
}
