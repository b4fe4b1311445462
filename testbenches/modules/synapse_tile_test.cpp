// A tile of synapse cells against a module for each cell: through the bus nobody can tell them apart.

#include <doctest/doctest.h>

#include <unistd.h>
#include <fstream>
#include <random>
#include <sstream>

#include "circuits/random_devices.hpp"
#include "hw_models/solver/convergence.hpp"
#include "modules/learning_bench.hpp"
#include "runtime/drivers/cells.hpp"
#include "runtime/drivers/interrupts.hpp"
#include "runtime/drivers/sequencer.hpp"

using namespace tellegen;
using chip::CellLayout;
using drivers::Status;
using test::ChipUnderTest, test::CircuitGenerator, test::LearningBench;

namespace {

/// Six nodes with many branches of few kinds, so that arrays hold several cells.
std::shared_ptr<const Circuit> lattice(unsigned seed) {
  using namespace elements;
  CircuitGenerator make(seed);
  constexpr int nodes = 6;
  for (int i = 1; i <= nodes; ++i) {
    (void)make.node(i);
    make.linear<Capacitor>(fmt::format("c{}", i), make.node(i), ground, make.uniform(0.4, 1));
    make.linear<Resistor>(fmt::format("r{}", i), make.node(i), ground, make.uniform(0.8, 1.5));
  }
  make.source(SourceKind::current, "i1", ground, make.node(1));
  make.source(SourceKind::current, "i2", ground, make.node(4));
  for (int i = 1; i <= nodes; ++i) {
    const NodeIndex a = make.node(i), b = make.node(i % nodes + 1), c = make.node((i + 2) % nodes + 1);
    make.nonlinear<Resistor>(fmt::format("rn{}", i), i % 2 ? law_id<TanhLaw>() : law_id<SinhLaw>(), a, b);
    if (i % 2) make.nonlinear<FractionalMemristor>(fmt::format("yfmem!{}", i), law_id<TanhLaw>(), a, c);
    if (i % 3) make.linear<Inductor>(fmt::format("l{}", i), a, c, make.uniform(0.3, 1));
    if (i % 3) make.nonlinear<Memristor>(fmt::format("ymem!{}", i), law_id<SineLaw>(), b, c);
  }
  return make.freeze();
}

/// Programs drawn at random, and all that software can see of what they do.
class Session {
 public:
  Session(const LearningBench& bench, std::size_t steps_per_tick, CellLayout layout, unsigned seed)
      : bench_(bench),
        chip_(bench, steps_per_tick, layout),
        sequencer_(chip_.chip.bus()),
        interrupts_(chip_.chip.bus()),
        cells_(chip_.chip.bus()),
        random_(seed) {}

  void step() {
    switch (integer(0, 5)) {
      case 0: return write_cells();
      case 1: return abort_somewhere();
      default: return run_program();
    }
  }
  /// Doubles as their bits: a NaN equals itself.
  [[nodiscard]] const std::vector<std::uint64_t>& seen() const { return seen_; }
  [[nodiscard]] int programs_run() const { return programs_run_; }

 private:
  int integer(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }
  bool coin() { return integer(0, 1) == 1; }
  void see(double value) { seen_.push_back(std::bit_cast<std::uint64_t>(value)); }

  NudgeWiring any_wiring() {
    constexpr double skews[] = {-1, -0.5, 0, 0.5, 1};
    NudgeWiring wiring{.kind = static_cast<NudgeKind>(integer(0, bench_.grid.method == Method::trap ? 2 : 1)),
                       .swap_ports = coin(),
                       .replay_bias = coin(),
                       .flip_loss = coin(),
                       .clamp_outputs = integer(0, 3) == 0,
                       .reading = {}};
    if (wiring.kind == NudgeKind::echo && coin())
      wiring.tail = static_cast<std::size_t>(integer(0, static_cast<int>(bench_.setup.tail / chip_.plant.steps_per_tick())));
    wiring.reading = {.skew = skews[integer(0, 4)],
                      .product_only = coin(),
                      .potential = coin(),
                      .settled_only = integer(0, 3) == 0,
                      .weight_rate = coin() ? 0 : uniform(0, 0.2)};
    // A lock-in's period is one of whole clock cycles on both plants.
    if (integer(0, 3) == 0)
      wiring.reading.lock_in = {.period = static_cast<std::uint32_t>(10 * chip_.plant.steps_per_tick()), .harmonics = 0b1011};
    return wiring;
  }

  void run_program() {
    PhaseProgram program(any_wiring());
    const auto record = program.clamped(bench_.stimulus);
    Nudge nudge{.drive = Table(chip_.plant.ticks(), bench_.setup.probes.size()),
                .gain_plus = uniform(-2, 2),
                .gain_minus = uniform(-2, 2),
                .beta = 1};
    for (std::size_t k = 0; k < nudge.drive.rows(); ++k)
      for (double& level : nudge.drive.row(k)) level = uniform(-0.1, 0.1);
    if (program.wiring().clamp_outputs) nudge.drive_minus = nudge.drive;
    const auto decided = program.turn(record, [nudge](const ClampedRecord&) { return nudge; });
    std::vector<Ticket<std::vector<double>>> currents;
    if (coin()) currents.push_back(program.nudged(decided, Side::plus));
    if (coin()) currents.push_back(program.nudged(decided, Side::minus));
    if (coin()) program.accumulate(decided);
    if (coin()) program.update();
    try {
      chip_.plant.run(program);
      for (std::size_t k = 0; k < record.get().probes.rows(); ++k)
        for (const double value : record.get().probes.row(k)) see(value);
      see(record.get().peak_source_current);
      for (const auto& ticket : currents)
        for (const double current : ticket.get()) see(current);
      ++programs_run_;
    } catch (const ConvergenceError& error) {
      for (const char* c = error.what(); *c; ++c) see(*c);
    }
    look_around();
  }

  void write_cells() {
    std::uint32_t count = 0, slots = 0;
    REQUIRE(cells_.count(count) == Status::ok);
    for (std::uint32_t cell = 0; cell < count; ++cell) {
      REQUIRE(cells_.slots(cell, slots) == Status::ok);
      for (std::uint32_t slot = 0; slot < slots; ++slot) {
        if (coin()) REQUIRE(cells_.set_rate(cell, slot, coin() ? 0 : uniform(0, 1e-3)) == Status::ok);
        if (coin()) REQUIRE(cells_.set_decay(cell, slot, coin() ? 0 : uniform(0, 1)) == Status::ok);
        if (coin())
          REQUIRE(cells_.set_view(cell, slot, coin() ? drivers::View::identity : drivers::View::reciprocal) == Status::ok);
        if (integer(0, 5) == 0) REQUIRE(cells_.set_limits(cell, slot, 0.05, 2) == Status::ok);
        double value = 0;
        REQUIRE(cells_.parameter(cell, slot, value) == Status::ok);
        REQUIRE(cells_.set_parameter(cell, slot, uniform(0.9, 1.1) * value) == Status::ok);
      }
    }
    look_around();
  }

  void abort_somewhere() {
    drivers::Sequencer::State state;
    REQUIRE(sequencer_.state(state) == Status::ok);
    if (state.phase != regmap::Phase::idle && state.phase != regmap::Phase::done) REQUIRE(sequencer_.abort() == Status::ok);
    REQUIRE(sequencer_.load() == Status::ok);
    REQUIRE(sequencer_.start() == Status::ok);
    const auto pass = [&](int words) {
      for (int i = 0; i < words; ++i) REQUIRE(sequencer_.state(state) == Status::ok);
    };
    pass(integer(0, 150));
    if (drivers::Interrupts::Causes causes; coin() && interrupts_.wait(causes) == Status::ok && causes.turn) {
      REQUIRE(sequencer_.resume() == Status::ok);
      pass(integer(0, 300));
    }
    REQUIRE(sequencer_.state(state) == Status::ok);
    see(static_cast<double>(state.phase));
    REQUIRE(sequencer_.abort() == Status::ok);
    look_around();
  }

  /// Every word that the cells show, the cycle counters and the time that has passed.
  void look_around() {
    std::uint32_t count = 0, slots = 0;
    REQUIRE(cells_.count(count) == Status::ok);
    see(count);
    for (std::uint32_t cell = 0; cell < count; ++cell) {
      REQUIRE(cells_.slots(cell, slots) == Status::ok);
      for (std::uint32_t slot = 0; slot < slots; ++slot) {
        double value = 0, accumulator = 0;
        REQUIRE(cells_.parameter(cell, slot, value) == Status::ok);
        REQUIRE(cells_.accumulator(cell, slot, accumulator) == Status::ok);
        see(value), see(accumulator);
      }
    }
    for (const auto& [phase, cycles] : chip_.plant.phase_cycles()) see(cycles);
    see(chip_.chip.simulated_time());
  }

  const LearningBench& bench_;
  ChipUnderTest chip_;
  drivers::Sequencer sequencer_;
  drivers::Interrupts interrupts_;
  drivers::Cells cells_;
  std::mt19937 random_;
  std::vector<std::uint64_t> seen_;
  int programs_run_ = 0;
};

/// What a session of so many steps shows.
std::vector<std::uint64_t> play(const LearningBench& bench, std::size_t steps_per_tick, CellLayout layout, unsigned seed) {
  constexpr int steps = 12;
  Session session(bench, steps_per_tick, layout, seed);
  for (int i = 0; i < steps; ++i) session.step();
  CHECK(session.programs_run() > 0);
  return session.seen();
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  std::string line;
  while (std::getline(in, line))
    if (line.find("20") == std::string::npos || line.find(':') == std::string::npos) text << line << '\n';  // but for the date
  return text.str();
}

}  // namespace

TEST_CASE(
    "a tile shows on the bus what a module for each cell shows, to the last bit, whatever programs run and wherever they are "
    "aborted") {
  for (unsigned seed = 1; seed <= 12; ++seed)
    for (const std::size_t steps_per_tick : {1u, 3u}) {
      CAPTURE(seed);
      CAPTURE(steps_per_tick);
      const auto history = std::array{History::direct, History::fft, History::exponentials_20}[seed / 3 % 3];
      // Fourier transforms begin behind the first 64 steps.
      LearningBench bench(seed % 3 ? lattice(seed) : test::random_devices(seed), history == History::fft ? 150 : 30);
      bench.add_probe({2, 1});
      bench.bus_clock = 50;  // [Hz] a few words to the clock cycle, so that aborts fall anywhere
      bench.grid.method = bench.setup.grid.method = std::array{Method::bdf2, Method::trap, Method::be}[seed % 3];
      bench.grid.history = bench.setup.grid.history = history;
      bench.setup.tail = 9;
      if (seed % 2) bench.setup.dc_sources.assign(bench.circuit->sources().size(), 0.0), bench.setup.dc_sources[0] = 0.4;
      const auto of_tile = play(bench, steps_per_tick, CellLayout::tile, seed),
                 of_modules = play(bench, steps_per_tick, CellLayout::modules, seed);
      CHECK(of_tile == of_modules);
    }
}

TEST_CASE("the VCD of a chip with a tile is that of a chip with a module for each cell") {
  const LearningBench bench(lattice(5), 20);
  const auto recorded = [&](CellLayout layout, const char* name) {
    const auto file = std::filesystem::temp_directory_path() / fmt::format("tellegen-{}-{}.vcd", getpid(), name);
    {
      ChipUnderTest chip(bench, 2, layout);
      chip.chip.record_vcd(file, {"n1", "n3"});
      chip.plant.run(bench.cycle(chip.plant).program);
    }
    auto text = text_of(file);
    std::filesystem::remove(file);
    return text;
  };
  const auto of_tile = recorded(CellLayout::tile, "tile");
  CHECK(of_tile.size() > 1000);
  CHECK(of_tile == recorded(CellLayout::modules, "modules"));
}

namespace {

/// Inputs held by voltage sources, a conductance from each input to each output, 1 S from each output to ground.
std::shared_ptr<const Circuit> crossbar(std::int32_t inputs, std::int32_t outputs) {
  CircuitBuilder builder;
  const auto add = [&](std::string name, Port port, double siemens) {
    builder.add_branch({.name = std::move(name),
                        .element = element_id<elements::Resistor>(),
                        .orders = elements::Resistor::orders,
                        .out = port,
                        .in = port,
                        .values = {siemens},
                        .where = {}});
  };
  std::vector<NodeIndex> in, out;
  for (std::int32_t i = 0; i < inputs; ++i) in.push_back(builder.node(fmt::format("in{}", i)));
  for (std::int32_t o = 0; o < outputs; ++o) out.push_back(builder.node(fmt::format("out{}", o)));
  for (std::int32_t i = 0; i < inputs; ++i)
    builder.add_source({.name = fmt::format("v{}", i),
                        .kind = SourceKind::voltage,
                        .port = {in[i], ground},
                        .waveform = Waveform(0.0),
                        .where = {}});
  for (std::int32_t i = 0; i < inputs; ++i)
    for (std::int32_t o = 0; o < outputs; ++o)
      add(fmt::format("r{}_{}", i, o), {in[i], out[o]}, 1e-3 * (1 + (7 * i + 3 * o) % 11));
  for (std::int32_t o = 0; o < outputs; ++o) add(fmt::format("load{}", o), {out[o], ground}, 1);
  return std::make_shared<const Circuit>(std::move(builder).freeze());
}

/// [byte] of this process's memory that are in use.
double resident_memory() {
  std::ifstream statistics("/proc/self/statm");
  double pages = 0, resident = 0;
  statistics >> pages >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace

TEST_CASE("a hundred thousand cells in one tile measure the gradient that a crossbar's own equations give") {
  constexpr std::int32_t inputs = 250, outputs = 400;
  constexpr std::size_t cells = static_cast<std::size_t>(inputs) * outputs, steps = 4;
  constexpr double most_bytes_per_cell = 4e3;
  const double before = resident_memory();
  LearningBench bench(crossbar(inputs, outputs), steps);
  bench.setup.probes.clear(), bench.target.clear();
  for (std::int32_t o = 0; o < outputs; ++o) bench.add_probe({1 + inputs + o, ground});
  REQUIRE(bench.setup.learning.size() == cells + outputs);
  ChipUnderTest chip(bench, 1, CellLayout::tile);
  chip.plant.run(bench.cycle(chip.plant, {.rule = Rule::echo, .with_update = false}).program);
  const auto gradient = chip.plant.gradient();
  CHECK(resident_memory() - before < most_bytes_per_cell * static_cast<double>(cells));

  // y_o = sum_i g_io x_i / G_o with G_o = 1 + sum_i g_io, so dy_o/dg_io = (x_i - y_o) / G_o and dy_o/dload_o = -y_o / G_o.
  double worst = 0, largest = 0;
  for (std::int32_t o = 0; o < outputs; ++o) {
    const auto g = [&](std::int32_t i) { return bench.setup.slots[static_cast<std::size_t>(i * outputs + o)]; };
    std::vector<double> expected(inputs + 1, 0.0);
    for (std::size_t n = 0; n < steps; ++n) {
      const auto x = bench.stimulus.row(n);
      double sum = 0, total = 1;
      for (std::int32_t i = 0; i < inputs; ++i) sum += g(i) * x[i], total += g(i);
      const double y = sum / total, slope = bench.grid.step * (y - bench.target[o][n]) / total;
      for (std::int32_t i = 0; i < inputs; ++i) expected[i] += slope * (x[i] - y);
      expected[inputs] -= slope * y;
    }
    for (std::int32_t i = 0; i <= inputs; ++i) {
      const double found = gradient[static_cast<std::size_t>(i * outputs + o)];
      worst = std::max(worst, std::abs(found - expected[i]));
      largest = std::max(largest, std::abs(expected[i]));
    }
  }
  CHECK(worst < 1e-9 * largest);
}

TEST_CASE("a hundred thousand real cells in one tile spread as their mismatch says") {
  constexpr std::int32_t inputs = 250, outputs = 400;
  constexpr std::size_t cells = static_cast<std::size_t>(inputs) * outputs, steps = 4;
  LearningBench bench(crossbar(inputs, outputs), steps);
  bench.setup.probes.clear(), bench.target.clear();
  for (std::int32_t o = 0; o < outputs; ++o) bench.add_probe({1 + inputs + o, ground});
  const test::BenchCycle options{.rule = Rule::echo, .with_update = false};
  const auto gradient_of = [&](const NonIdealities& nonideal) {
    ChipUnderTest chip(bench, test::nonideal_chip(bench, nonideal, 1, CellLayout::tile, options));
    chip.plant.run(bench.cycle(chip.plant, options).program);
    return chip.plant.gradient();
  };
  NonIdealities real;
  real.correlator.gain_mismatch = 0.05;
  const auto ideal = gradient_of({}), found = gradient_of(real);
  double sum = 0, squares = 0;
  for (std::size_t k = 0; k < cells; ++k) {
    const double error = found[k] / ideal[k] - 1;
    sum += error, squares += error * error;
  }
  const double count = static_cast<double>(cells);
  CHECK(std::abs(sum / count) < 4 * 0.05 / std::sqrt(count));
  CHECK(std::abs(std::sqrt(squares / count) / 0.05 - 1) < 4 / std::sqrt(2 * count));
}
