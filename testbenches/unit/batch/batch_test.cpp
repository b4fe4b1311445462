#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "circuits/class_circuits.hpp"
#include "hw_models/solver/operating_point.hpp"
#include "unit/batch/engine_comparison.hpp"

using namespace tellegen;
using test::CircuitClass, test::ScaledTones, test::compare, test::from_deck, test::grid_of, test::loss_of;

namespace {

/// Twelve inputs, nine hidden nodes with diode pairs and amplifiers that answer backwards, five outputs.
std::string deep_network() {
  std::string network;
  for (int i = 0; i < 12; ++i) network += fmt::format("VI{0} x{0} 0 1\n", i);
  network += "VB xb 0 1\nVU bu 0 0.2\nVD bd 0 -0.2\n";
  for (int j = 0; j < 9; ++j) {
    for (int i = 0; i < 12; ++i) network += fmt::format("RI{0}_{1} x{0} h{1} {2}\n", i, j, 3 + (5 * i + 3 * j) % 11);
    network += fmt::format("RB{0} xb h{0} 7\nCH{0} h{0} 0 0.3\nDU{0} h{0} bu DMOD\nDD{0} bd h{0} DMOD\nEA{0} a{0} 0 h{0} 0 4\nVS{0} a{0} o{0} 0\nFA{0} 0 h{0} VS{0} -0.25\n", j);
    for (int k = 0; k < 5; ++k) network += fmt::format("RO{0}_{1} o{0} y{1} {2}\n", j, k, 5 + (3 * j + 7 * k) % 13);
  }
  for (int k = 0; k < 5; ++k) network += fmt::format("RL{0} y{0} 0 2\nCY{0} y{0} 0 0.2\n", k);
  return network;
}

/// Seven inputs, nine hidden nodes with diode pairs, five outputs, and resistors alone between them.
std::string plain_network() {
  std::string network = "VB xb 0 1\nVU bu 0 0.2\nVD bd 0 -0.2\n";
  for (int i = 0; i < 7; ++i) network += fmt::format("VI{0} x{0} 0 1\n", i);
  for (int j = 0; j < 9; ++j) {
    for (int i = 0; i < 7; ++i) network += fmt::format("RI{0}_{1} x{0} h{1} {2}\n", i, j, 3 + (5 * i + 3 * j) % 11);
    network += fmt::format("RB{0} xb h{0} 7\nCH{0} h{0} 0 0.3\nDU{0} h{0} bu DMOD\nDD{0} bd h{0} DMOD\n", j);
  }
  for (int j = 0; j < 9; ++j)
    for (int k = 0; k < 5; ++k) network += fmt::format("RO{0}_{1} h{0} y{1} {2}\n", j, k, 5 + (3 * j + 7 * k) % 13);
  for (int k = 0; k < 5; ++k) network += fmt::format("RL{0} y{0} 0 2\nCY{0} y{0} 0 0.2\n", k);
  return network;
}

}  // namespace

TEST_CASE("lanes give the waves and the gradient of the general engine, on every class, method and number of samples") {
  for (const auto kind : {CircuitClass::linear, CircuitClass::directed_linear, CircuitClass::resistive_nonlinear, CircuitClass::kendall,
                          CircuitClass::memristive, CircuitClass::mixed_skew, CircuitClass::directed})
    for (const Method method : {Method::be, Method::bdf2, Method::trap})
      for (const std::size_t samples : {1u, 3u, 19u}) {
        CAPTURE(static_cast<int>(kind));
        CAPTURE(name_of(method));
        CAPTURE(samples);
        const auto errors = compare(test::make_circuit(kind, 11), grid_of(method), {.samples = samples});
        CHECK(errors.wave < 1e-9);
        CHECK(errors.gradient < 1e-8);
      }
}

TEST_CASE("ladders, lines, meshes and deep networks, linear or not, give the waves and gradients of the general engine") {
  std::string ladder = "V1 n0 0 1\n", line = "V1 s 0 1\nRS s n0 2\n", mesh = "V1 s 0 1\nRS s n0_0 1\n", diodes;
  for (int i = 0; i < 37; ++i) {
    ladder += fmt::format("R{0} n{0} n{1} {2}\nC{0} n{1} 0 0.1\n", i, i + 1, 1 + 0.1 * i);
    line += fmt::format("L{0} n{0} m{0} 0.1\nR{0} m{0} n{1} 0.1\nC{0} n{1} 0 0.{2}\n", i, i + 1, 1 + i % 7);
  }
  line += "RL n37 0 2\n";
  for (int i = 0; i < 7; ++i)
    for (int j = 0; j < 7; ++j) {
      mesh += fmt::format("C{0}_{1} n{0}_{1} 0 0.1\n", i, j);
      if (j < 6) mesh += fmt::format("R{0}_{1} n{0}_{1} n{0}_{2} {3}\n", i, j, j + 1, 1 + 0.3 * j);
      if (i < 6) mesh += fmt::format("S{0}_{1} n{0}_{1} n{2}_{1} {3}\n", i, j, i + 1, 1 + 0.2 * i);
      diodes += fmt::format("D{0}_{1} n{0}_{1} 0 DMOD\n", i, j);
    }
  std::ranges::replace(mesh, 'S', 'R');
  for (std::size_t at = 0; (at = mesh.find("\nR", at)) != std::string::npos; ++at) mesh.insert(at + 2, fmt::format("{}_", at));  // names of their own
  const std::string model = ".model DMOD D(IS=1e-2 N=20)";
  for (const auto& lines : {ladder + model, line + model, mesh + model, mesh + diodes + model, deep_network() + model})
    for (const Method method : {Method::bdf2, Method::trap})
      for (const auto& [samples, lanes] : {std::pair(std::size_t{1}, 1), std::pair(std::size_t{3}, 8), std::pair(std::size_t{19}, 16)}) {
        CAPTURE(lines.substr(0, 60));
        CAPTURE(name_of(method));
        CAPTURE(lanes);
        const auto errors = compare(from_deck(lines), grid_of(method), {.samples = samples, .lanes = lanes});
        CHECK(errors.wave < 1e-9);
        CHECK(errors.gradient < 1e-8);
      }
}

TEST_CASE("gradients hold where a source controls a conductance, inputs meet both sides of an amplifier, or two memories stand at every node") {
  std::string controlled = "V1 n0 0 1\n";
  for (int i = 0; i < 20; ++i) controlled += fmt::format("R{0} n{0} n{1} {2}\nC{0} n{1} 0 0.1\n", i, i + 1, 1 + 0.1 * i);
  controlled += "G1 0 n4 n0 0 0.3\nG2 0 n9 n3 0 0.2\n";
  // Node o is three times node h: resistors from the inputs to either are ports of one row, of different gains.
  std::string amplified;
  for (int i = 0; i < 12; ++i) amplified += fmt::format("VI{0} x{0} 0 1\nRI{0} x{0} h {1}\n", i, 2 + i % 5);
  amplified += "CH h 0 0.3\nEA a 0 h 0 3\nVS a o 0\nFA 0 h VS -0.3333333333333333\nRX x2 o 4\nRY x5 o 6\nRO o y 2\nRL y 0 1\nCY y 0 0.2\n";
  // The same with one input that misses h: as many ports as the columns that they span.
  auto gap = amplified;
  gap.erase(gap.find("RI7 "), gap.find("VI8 ") - gap.find("RI7 "));
  gap.erase(gap.find("RY "), gap.find("RO ") - gap.find("RY "));
  gap += "RZ x7 y 50\n";
  // Two kinds of memory from every node to ground.
  std::string resonators = "V1 n0 0 1\n";
  for (int i = 0; i < 12; ++i) resonators += fmt::format("R{0} n{0} n{1} 1\nC{0} n{1} 0 0.1\nL{0} n{1} 0 0.{2}\n", i, i + 1, 2 + i % 5);
  for (const auto& lines : {controlled, amplified, gap, resonators})
    for (const auto& [samples, lanes] : {std::pair(std::size_t{1}, 1), std::pair(std::size_t{3}, 8), std::pair(std::size_t{19}, 16)}) {
      CAPTURE(lines.substr(lines.size() - 60));
      CAPTURE(lanes);
      const auto errors = compare(from_deck(lines), grid_of(Method::trap), {.samples = samples, .lanes = lanes});
      CHECK(errors.wave < 1e-9);
      CHECK(errors.gradient < 1e-8);
    }
}

TEST_CASE("operating points of many samples and their gradients equal the general engine's and its central differences") {
  class Levels final : public SampleDrive {  // of the inputs; bias sources as in the deck
   public:
    explicit Levels(const Circuit& circuit) : circuit_(circuit) {}
    [[nodiscard]] double level(std::size_t source, std::size_t sample) const {
      const auto& s = circuit_.sources()[source];
      return s.name.starts_with("vi") ? std::sin(1.3 * static_cast<double>(source) + 0.7 * static_cast<double>(sample)) : s.waveform.dc();
    }
    void sources(std::size_t, std::size_t first, int count, double* out, int stride) const override {
      for (std::size_t s = 0; s < circuit_.sources().size(); ++s)
        for (int i = 0; i < count; ++i) out[s * static_cast<std::size_t>(stride) + static_cast<std::size_t>(i)] = level(s, first + static_cast<std::size_t>(i));
    }

   private:
    const Circuit& circuit_;
  };
  const BatchTransient::Loss loss = [](TileSpan span, const TileWaves& waves, TileWaves& slopes) {
    double total = 0;
    for (int lane = 0; lane < span.count; ++lane) {
      total += 0.5 * std::pow(waves.at(0, 0, lane), 2);
      slopes.at(0, 0, lane) = waves.at(0, 0, lane);
    }
    return total;
  };
  const auto check = [&](const std::string& network, PlanChoice plan, std::size_t samples, int lanes) {
    CAPTURE(samples);
    const auto circuit = from_deck(network + ".model DMOD D(IS=1e-2 N=20)");
    const auto probe = circuit->find_node("y2");
    const Levels drive(*circuit);
    auto made = BatchTransient::make(circuit, {.step = 1, .steps = 1, .method = Method::be}, {probe}, {.samples = samples, .lanes = lanes, .plan = plan}, BatchAnalysis::operating_point);
    REQUIRE(std::holds_alternative<BatchTransient>(made));
    auto& batch = std::get<BatchTransient>(made);
    const std::vector<double> slots(circuit->initial_slots().begin(), circuit->initial_slots().end());
    const auto exact_loss = [&](const std::vector<double>& at) {
      double total = 0;
      for (std::size_t sample = 0; sample < samples; ++sample) {
        std::vector<double> levels;
        for (std::size_t s = 0; s < circuit->sources().size(); ++s) levels.push_back(drive.level(s, sample));
        const auto point = find_operating_point(*circuit, {.sources = levels, .slots = at, .first_guess = {}, .held = {}});
        total += 0.5 * std::pow(point.state.node_voltage[probe], 2);
      }
      return total;
    };
    const auto gradient = batch.gradient(drive, loss);
    CHECK(gradient.loss == doctest::Approx(exact_loss(slots)).epsilon(1e-9));
    CHECK(batch.gradient(drive, loss).by_slot == gradient.by_slot);  // nothing of the first run is left in the second
    double size = 0;
    for (std::size_t p = 0; p < slots.size(); ++p) size = std::max(size, std::abs(gradient.by_slot[p] * slots[p]));
    for (std::size_t p = 0; p < slots.size(); p += samples > 16 ? 7 : 1) {
      if (!batch.covers(static_cast<std::int32_t>(p)) || slots[p] == 0) continue;
      CAPTURE(p);
      auto up = slots, down = slots;
      const double change = 1e-4 * slots[p];
      up[p] += change;
      down[p] -= change;
      const double difference = (exact_loss(up) - exact_loss(down)) / 2e-4;
      CHECK(std::abs(gradient.by_slot[p] * slots[p] - difference) < 1e-6 * size);
    }
  };
  for (const auto& [samples, lanes] : {std::pair(std::size_t{1}, 1), std::pair(std::size_t{5}, 8), std::pair(std::size_t{16}, 16), std::pair(std::size_t{37}, 16)}) {
    check(deep_network(), PlanChoice::automatic, samples, lanes);
    check(plain_network(), PlanChoice::crossbar, samples, lanes);
  }
}

TEST_CASE("every instruction set and number of lanes gives the same to round-off") {
  for (const auto set : available_instruction_sets())
    for (const int lanes : {1, 8, 16})
      for (const auto kind : {CircuitClass::linear, CircuitClass::kendall, CircuitClass::mixed_skew}) {
        CAPTURE(name_of(set));
        CAPTURE(lanes);
        CAPTURE(static_cast<int>(kind));
        const auto errors = compare(test::make_circuit(kind, 12), grid_of(Method::bdf2), {.samples = 5, .lanes = lanes, .instructions = set});
        CHECK(errors.wave < 1e-9);
        CHECK(errors.gradient < 1e-8);
      }
}

TEST_CASE("known voltages, ideal amplifiers, ammeters and sources in chains leave the system") {
  const auto network = from_deck(R"(V1 x1 0 1
V2 x2 x1 0.5
R1 x1 h 1
R2 x2 h 2
C1 h 0 1
E1 a 0 h 0 4
VS a o 0
F1 0 h VS -0.25
D1 h b DMOD
D2 c h DMOD
VB b 0 0.2
VC c 0 -0.2
R3 o y 1
C2 y 0 1
R4 y 0 1
.model DMOD D(IS=1e-2 N=20))");
  const auto reduced = reduce(*network, network->initial_slots());
  REQUIRE(std::holds_alternative<Reduction>(reduced));
  CHECK(std::get<Reduction>(reduced).unknowns == 2);
  CHECK(std::get<Reduction>(reduced).is_symmetric);
  // The two tones would turn the ammeter into a source.
  class Steady final : public SampleDrive {
   public:
    void sources(std::size_t, std::size_t, int count, double* out, int stride) const override {
      const double level[] = {1, 0.5, 0, 0, 0.2, -0.2};
      for (std::size_t s = 0; s < 6; ++s) std::fill_n(out + s * static_cast<std::size_t>(stride), count, level[s]);
    }
  };
  const auto grid = grid_of(Method::bdf2);
  REQUIRE(network->sources().size() == 6);
  auto made = BatchTransient::make(network, grid, {network->find_node("y"), network->find_node("o")}, {.samples = 1});
  REQUIRE(std::holds_alternative<BatchTransient>(made));
  auto& batch = std::get<BatchTransient>(made);
  TransientEngine engine(network, grid);
  Table sources(grid.steps, 6);
  Steady drive;
  for (std::size_t n = 0; n < grid.steps; ++n) drive.sources(n + 1, 0, 1, sources.row(n).data(), 1);
  const auto run = run_forward(engine, sources);
  batch.run(drive, {}, [&](TileSpan, const TileWaves& waves) {
    for (std::size_t n = 0; n < grid.steps; ++n) {
      CHECK(waves.at(n, 0, 0) == doctest::Approx(run.voltages.at(n, static_cast<std::size_t>(network->find_node("y")))).epsilon(1e-10));
      CHECK(waves.at(n, 1, 0) == doctest::Approx(run.voltages.at(n, static_cast<std::size_t>(network->find_node("o")))).epsilon(1e-10));
    }
  });
  Table slope(grid.steps, static_cast<std::size_t>(network->unknown_count()));
  for (std::size_t n = 0; n < grid.steps; ++n) slope.at(n, static_cast<std::size_t>(network->find_node("y"))) = 1, slope.at(n, static_cast<std::size_t>(network->find_node("o"))) = 0.5;
  const auto exact = adjoint_gradient(engine, run, slope);
  const auto gradient = batch.gradient(drive, [&](TileSpan, const TileWaves&, TileWaves& slopes) {
    for (std::size_t n = 0; n < grid.steps; ++n) slopes.at(n, 0, 0) = 1, slopes.at(n, 1, 0) = 0.5;
    return 0.0;
  });
  for (std::size_t p = 0; p < exact.size(); ++p)
    if (batch.covers(static_cast<std::int32_t>(p))) CHECK(gradient.by_slot[p] == doctest::Approx(exact[p]).epsilon(1e-9));
}

TEST_CASE("circuits that lanes do not take say why") {
  const auto why = [](std::string_view lines) {
    const auto made = BatchTransient::make(from_deck(lines), grid_of(Method::be), {}, {});
    REQUIRE(std::holds_alternative<std::string>(made));
    return std::get<std::string>(made);
  };
  CHECK(why("V1 a 0 1\nR1 a b 1\nB1 b 0 I=V(b)^3\nC1 b 0 1") == "b1 has states or inputs of its own");
  CHECK(why("V1 a 0 1\nR1 a b 1\nV2 b c 1\nC1 c 0 1\nR2 b 0 1") == "a source stands in series with an unknown voltage");
  CHECK(why("V1 a 0 1\nR1 a 0 1") == "every node is held by a source");
}

TEST_CASE("results do not depend on the number of threads, nor checkpoints change the gradient") {
  const auto circuit = test::make_circuit(CircuitClass::kendall, 13);
  const auto grid = grid_of(Method::trap);
  const ScaledTones drive(*circuit, grid.steps);
  const auto gradient_with = [&](const BatchOptions& options) {
    auto made = BatchTransient::make(circuit, grid, {circuit->node_count() - 1}, options);
    return std::get<BatchTransient>(made).gradient(drive, loss_of(grid.steps));
  };
  const auto one = gradient_with({.samples = 37, .lanes = 8});
  for (const int threads : {2, 3, 8}) {
    const auto many = gradient_with({.samples = 37, .threads = threads, .lanes = 8});
    CHECK(many.loss == one.loss);
    CHECK(many.by_slot == one.by_slot);
  }
  const auto tight = gradient_with({.samples = 37, .memory_limit = 4000, .lanes = 8});
  for (std::size_t p = 0; p < one.by_slot.size(); ++p) CHECK(tight.by_slot[p] == doctest::Approx(one.by_slot[p]).epsilon(1e-10));
}

TEST_CASE("a checkpointed segment of a single step leaves the gradient of one sample as it is") {
  const auto circuit = from_deck(plain_network() + ".model DMOD D(IS=1e-2 N=20)");
  int lone_steps = 0;
  for (std::size_t steps = 5; steps < 30; ++steps) {
    CAPTURE(steps);
    const TimeGrid grid{.step = 0.1, .steps = steps, .method = Method::trap};
    const ScaledTones drive(*circuit, steps);
    const auto gradient_with = [&](std::size_t memory_limit) {
      auto made = BatchTransient::make(circuit, grid, {circuit->find_node("y2")}, {.samples = 1, .memory_limit = memory_limit, .plan = PlanChoice::crossbar});
      auto& batch = std::get<BatchTransient>(made);
      const auto segment = batch.storage().segment;
      lone_steps += segment > 1 && segment < steps && steps % segment == 1;
      return batch.gradient(drive, loss_of(steps));
    };
    const auto stored = gradient_with(std::size_t{1} << 30), tight = gradient_with(1);
    CHECK(tight.loss == stored.loss);
    double size = 0;
    for (const double g : stored.by_slot) size = std::max(size, std::abs(g));
    for (std::size_t p = 0; p < stored.by_slot.size(); ++p) CHECK(std::abs(tight.by_slot[p] - stored.by_slot[p]) < 1e-12 * size);
  }
  CHECK(lone_steps > 0);
}
