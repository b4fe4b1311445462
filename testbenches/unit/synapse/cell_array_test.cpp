// Cells in an array against the same cells alone.

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "hw_models/elements/element_list.hpp"
#include "hw_models/synapse/cell.hpp"
#include "hw_models/synapse/cell_tile.hpp"

using namespace tellegen;

namespace {

constexpr std::size_t steps = 150;  // Fourier transforms begin behind the first 64

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  int integer(int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine_); }
  double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(engine_); }
  bool coin() { return integer(0, 1) == 1; }
  std::vector<double> many(std::size_t count, double low, double high) {
    std::vector<double> values(count);
    for (double& value : values) value = uniform(low, high);
    return values;
  }

 private:
  std::mt19937 engine_;
};

/// As many like branches as asked for, with slots of their own.
struct Branches {
  std::vector<Branch> branch;
  std::vector<double> slots;
  std::vector<CellSite> sites;

  Branches(Random& random, std::size_t count) {
    constexpr Orders orders[] = {
        {.out = 0, .in = 1}, {.out = 1, .in = 1}, {.out = 0, .in = 0}, {.out = 0.5, .in = 0.5}, {.out = 1, .in = 0}};
    const LawId laws[] = {law_id<LinearLaw>(), law_id<PolynomialLaw>(), law_id<TanhLaw>(), law_id<SinhLaw>(), law_id<SineLaw>()};
    Branch kind;
    kind.orders = orders[random.integer(0, 4)];
    kind.law = laws[random.integer(0, 4)];
    kind.slots = static_cast<std::int32_t>(parameters_of(kind.law).size());
    if (random.integer(0, 5) == 0) {
      kind.kind = BranchKind::membrane;
      kind.slots = static_cast<std::int32_t>(membrane_parameters.size());
      kind.states = gate_count;
    }
    for (std::size_t k = 0; k < count; ++k) {
      kind.first_slot = static_cast<std::int32_t>(slots.size());
      branch.push_back(kind);
      const auto own = random.many(static_cast<std::size_t>(kind.slots), 0.2, 1.5);
      slots.insert(slots.end(), own.begin(), own.end());
    }
    for (std::size_t k = 0; k < count; ++k) sites.push_back({&branch[k], static_cast<std::int32_t>(k)});
  }
};

NudgeReading any_reading(Random& random, bool may_lock_in) {
  NudgeReading reading{.skew = 0.5 * random.integer(-2, 2), .product_only = random.coin(), .potential = random.coin(),
                       .settled_only = random.integer(0, 3) == 0, .weight_rate = random.coin() ? 0 : random.uniform(0, 0.1)};
  if (may_lock_in && random.integer(0, 3) == 0) reading.lock_in = {.period = 10, .harmonics = 0b10111};
  return reading;
}

/// One side of a nudged phase on the array and on the cells alone.
void nudge(Random& random, CellArray& array, std::vector<CellPhysics>& alone, Side side, std::size_t length) {
  array.begin_echo(side);
  for (auto& cell : alone) cell.begin_echo(side);
  for (std::size_t m = 0; m < length; ++m) {
    const auto bias = random.many(array.width(), -1, 1), dz = random.many(array.width(), -0.1, 0.1),
               v_out = random.many(array.width(), -0.1, 0.1);
    const auto states = random.many(array.width() * array.state_words(), 0, 1);
    array.correlate({.bias = bias.data(), .dz = dz.data(), .v_out = v_out.data(), .states = states.data()}, m, length);
    for (std::size_t k = 0; k < alone.size(); ++k)
      alone[k].correlate({.bias = bias[k],
                          .dz = dz[k],
                          .v_out = v_out[k],
                          .states = std::span(states).subspan(k * array.state_words(), array.state_words())},
                         m, length);
  }
}

void check_equal(const CellArray& array, const std::vector<CellPhysics>& alone) {
  for (std::size_t k = 0; k < alone.size(); ++k)
    for (std::size_t s = 0; s < array.slot_count(); ++s) {
      CHECK(array.slot(k, s).value == alone[k].slot(s).value);
      CHECK(array.slot(k, s).accumulator == alone[k].slot(s).accumulator);
      CHECK(array.law_parameter(k, s) == alone[k].law_parameter(s));
    }
}

}  // namespace

TEST_CASE("cells in an array do what each of them does alone, to the last bit, for every law, order, reading and history") {
  for (unsigned seed = 1; seed <= 120; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const auto width = static_cast<std::size_t>(random.integer(1, 21));
    const Branches branches(random, width);
    const TimeGrid grid{.step = 0.1, .steps = steps, .method = std::array{Method::be, Method::bdf2, Method::trap}[seed % 3],
                        .history = std::array{History::direct, History::fft, History::exponentials_20}[seed / 3 % 3]};
    CellArray array(branches.sites, branches.slots, grid, steps);
    std::vector<CellPhysics> alone;
    for (const auto& [branch, index] : branches.sites) alone.emplace_back(*branch, index, branches.slots, grid, steps);
    for (std::size_t k = 0; k < width; ++k)
      for (std::size_t s = 0; s < array.slot_count(); ++s) {
        auto& slot = array.slot(k, s);
        slot.rate = random.uniform(-0.01, 0.01), slot.decay = random.uniform(0, 1);
        if (random.coin()) slot.view = ViewKind::reciprocal;
        if (random.coin()) slot.minimum = 0.1, slot.maximum = 1;
        alone[k].slot(s) = slot;
      }
    for (int program = 0; program < 3; ++program) {
      const auto reading = any_reading(random, !array.state_words());
      array.configure(reading), array.begin_presentation(), array.begin_record();
      for (auto& cell : alone) cell.configure(reading), cell.begin_presentation(), cell.array().begin_record();
      for (std::size_t n = 0; n < steps && array.locks_in(); ++n) {
        const auto z = random.many(width, -1, 1);
        array.detect(n, steps, z);
        for (std::size_t k = 0; k < width; ++k) alone[k].array().detect(n, steps, std::span(z).subspan(k, 1));
      }
      const std::size_t length = random.coin() || array.locks_in() ? steps : steps + 20;  // with a tail
      for (const Side side : {Side::plus, Side::minus}) nudge(random, array, alone, side, length);
      array.accumulate(-0.5, 0.5), array.update();
      for (auto& cell : alone) cell.accumulate(-0.5, 0.5), cell.update();
      check_equal(array, alone);
    }
  }
}

TEST_CASE("a tile puts like branches into one array and finds each cell by its number") {
  CircuitBuilder builder;
  const auto a = builder.node("a");
  const auto add = [&](std::string name, ElementId element, Orders orders, LawId law, std::vector<double> values) {
    builder.add_branch({.name = std::move(name),
                        .element = element,
                        .law = law,
                        .orders = orders,
                        .out = {a, ground},
                        .in = {a, ground},
                        .values = std::move(values),
                        .where = {}});
  };
  using namespace elements;
  add("r1", element_id<Resistor>(), Resistor::orders, law_id<LinearLaw>(), {1});
  add("c1", element_id<Capacitor>(), Capacitor::orders, law_id<LinearLaw>(), {2});
  add("r2", element_id<Resistor>(), Resistor::orders, law_id<TanhLaw>(), {3, 4, 5});
  add("r3", element_id<Resistor>(), Resistor::orders, law_id<LinearLaw>(), {6});
  add("r4", element_id<Resistor>(), Resistor::orders, law_id<TanhLaw>(), {7, 8, 9});
  builder.add_source({.name = "i1", .kind = SourceKind::current, .port = {0, a}, .waveform = Waveform(0.0), .where = {}});
  const auto circuit = std::move(builder).freeze();
  const std::vector<std::int32_t> branches{4, 0, 1, 2, 3};
  CellTile made(circuit, branches, circuit.initial_slots(), {.step = 1, .steps = 4}, 4);
  const CellTile tile = std::move(made);
  REQUIRE(tile.arrays().size() == 3);
  CHECK(std::ranges::equal(tile.arrays()[0].branches(), std::vector{4, 2}));
  CHECK(std::ranges::equal(tile.arrays()[1].branches(), std::vector{0, 3}));
  CHECK(std::ranges::equal(tile.arrays()[2].branches(), std::vector{1}));
  const double first_slot[] = {7, 1, 2, 3, 6};
  for (std::size_t cell = 0; cell < branches.size(); ++cell) CHECK(tile.places()[cell].slot(0).value == first_slot[cell]);
  CHECK(tile.places()[3].slot(2).value == 5);
  std::vector<double> slots(circuit.initial_slots().size(), 0.0);
  for (const auto& cells : tile.arrays()) cells.put_law_parameters(slots);
  CHECK(std::ranges::equal(slots, circuit.initial_slots()));
}

TEST_CASE("records of cells without a tick of their own are what the run started from") {
  Random random(4);
  const Branches branches(random, 5);
  CellArray array(branches.sites, branches.slots, {.step = 0.1, .steps = 6}, 3);
  const auto start = random.many(5, -1, 1), later = random.many(5, -1, 1);
  std::ranges::copy(start, array.start().begin());
  std::ranges::copy(later, array.trace(2).begin());
  CHECK(std::ranges::equal(array.recorded(-1), start));
  CHECK(std::ranges::equal(array.recorded(-7), start));
  CHECK(std::ranges::equal(array.recorded(2), later));
  CHECK(array.depth() == 3);
}
