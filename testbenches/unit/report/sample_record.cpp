#include "testbenches/unit/report/sample_record.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <random>

namespace tellegen::report {
namespace {

constexpr double sample_rate = 1440;  // [Hz]
constexpr int samples = 5760;         // four seconds

/// One heart beat as a sum of bells: P, Q, R, S and T waves. `phase` runs from 0 to 1. [V]
double heart_beat(double phase) {
  struct Wave {
    double place, width, height;
  };
  constexpr Wave waves[] = {{0.20, 0.025, 0.12e-3},
                            {0.365, 0.008, -0.14e-3},
                            {0.385, 0.009, 1.05e-3},
                            {0.408, 0.009, -0.26e-3},
                            {0.62, 0.045, 0.31e-3}};
  double sum = 0;
  for (const auto& wave : waves) sum += wave.height * std::exp(-std::pow((phase - wave.place) / wave.width, 2) / 2);
  return sum;
}

double heart(double time, double rate) { return heart_beat(std::fmod(time * rate, 1.0)); }

std::vector<double> sampled(double (*signal)(double)) {
  std::vector<double> values;
  for (int n = 1; n <= samples; ++n) values.push_back(signal(n / sample_rate));
  return values;
}

double hum(double time) {
  return 0.30e-3 * std::sin(2 * std::numbers::pi * 60 * time) +
         0.1e-3 * std::sin(2 * std::numbers::pi * 180 * time + 0.6);
}

double clean(double time) { return heart(time, 1.13); }
double wandering(double time) { return 0.18e-3 * std::sin(2 * std::numbers::pi * 0.31 * time); }
double noisy(double time) { return clean(time) + hum(time) + wandering(time); }
double untrained(double time) { return 0.7 * clean(time - 0.004) + 0.8 * hum(time - 0.002) + wandering(time); }
double trained(double time) { return 0.97 * clean(time - 0.0006) + 0.035 * hum(time - 0.001) + 0.1 * wandering(time); }
double held_clean(double time) { return heart(time + 0.3, 1.31); }
double held_noisy(double time) { return held_clean(time) + hum(time + 0.004) + wandering(time + 1); }
double held_after(double time) {
  return 0.96 * held_clean(time - 0.0006) + 0.05 * hum(time) + 0.12 * wandering(time + 1);
}
double held_baseline(double time) {
  return 0.86 * held_clean(time - 0.003) + 0.2 * hum(time + 0.001) + 0.9 * wandering(time + 1);
}

std::vector<WaveformPanel> waveforms() {
  std::vector<double> time;
  for (int n = 1; n <= samples; ++n) time.push_back(n / sample_rate);
  using enum SeriesRole;
  return {{"Training record 100",
           "Electrode signal into the circuit, v(in)",
           "V",
           time,
           {{"input", sampled(noisy), input}}},
          {"Training record 100",
           "Output v(out) before and after training, and its target",
           "V",
           time,
           {{"before training", sampled(untrained), SeriesRole::before},
            {"after training", sampled(trained), output},
            {"target", sampled(clean), target}}},
          {"Held-out record 117",
           "Electrode signal into the circuit, v(in)",
           "V",
           time,
           {{"input", sampled(held_noisy), input}}},
          {"Held-out record 117",
           "Output v(out), target, and a fixed notch filter",
           "V",
           time,
           {{"notch filter", sampled(held_baseline), baseline},
            {"after training", sampled(held_after), output},
            {"target", sampled(held_clean), target}}}};
}

/// Twelve conductances, eight capacitors and five fractional memristors in a ladder.
void add_elements(RunRecord& record) {
  std::mt19937_64 draw(7);
  std::normal_distribution<double> normal;
  const auto add = [&](const std::string& device, const std::string& parameter, const std::string& unit, double value,
                       const ElementRow& like) {
    const double trained = value * std::exp(0.35 * normal(draw));
    auto row = like;
    row.name = device;
    row.parameters.insert(row.parameters.begin(), {parameter, trained, unit, true, value, trained});
    record.circuit.elements.push_back(row);
    const double exact = normal(draw) * std::pow(10.0, -9.5 + 1.1 * normal(draw)) / value;
    const double estimate = exact * (1 + 3e-4 * normal(draw)) + 2e-14 * normal(draw) / value;
    std::optional<double> difference;
    if (record.gradient.parameters.size() < 25) difference = exact * (1 + 2e-8 * normal(draw));
    record.gradient.parameters.push_back({device + "." + parameter, unit, value, exact, estimate, difference, 1.0});
  };
  record.circuit.elements.push_back({"Vin", "voltage source", "", "in 0", 0, 0, "", {}});
  for (int k = 1; k <= 12; ++k)
    add(fmt::format("r{}", k), "g", "S", 2e-6 * (1 + 0.4 * k),
        {"", "resistor", "g v", fmt::format("n{} n{}", k - 1, k), 0, 1, "any", {}});
  for (int k = 1; k <= 8; ++k)
    add(fmt::format("c{}", k), "c", "F", 3.3e-9 * k, {"", "capacitor", "c v", fmt::format("n{} 0", k), 1, 1, "0", {}});
  for (int k = 1; k <= 5; ++k)
    add(fmt::format("yfmem!m{}", k), "k1", "S", 1e-6 * k,
        {"",
         "fractional memristor",
         "k0 z + k1 sinh(z/z0)",
         fmt::format("n{} n{}", k, k + 3),
         0.5,
         0.5,
         "0",
         {{"z0", 0.2e-3, "V s^1/2", false, {}, {}}}});
}

void judge_gradient(GradientCheck& gradient) {
  double product = 0, exact = 0, estimate = 0, distance = 0;
  for (const auto& entry : gradient.parameters) {
    const double a = entry.exact * entry.weight(), b = entry.estimate * entry.weight();
    product += a * b;
    exact += a * a;
    estimate += b * b;
    distance += (a - b) * (a - b);
  }
  gradient.cosine = product / std::sqrt(exact * estimate);
  gradient.relative_error = std::sqrt(distance / exact);
}

PhaseTimeline timeline() {
  const double clock = 10e6;
  PhaseTimeline program{clock, 16, {}, {}, {}, {}};
  const auto add = [&](const std::string& name, std::uint64_t cycles, std::uint64_t bits, const std::string& action) {
    program.phases.push_back({name, cycles, static_cast<double>(cycles) / clock, bits, action});
  };
  add("idle", 1, 0, "waits for the start bit");
  add("load", 360, 92160, "stimulus words into the input memory");
  add("clamped", 5760, 2304000, "inputs clamped, outputs free; traces recorded");
  add("turn", 1, 2304000, "trace pointers reversed, state to rest");
  add("nudged +", 5760, 2488320, "reversed error injected, traces replayed as bias");
  add("nudged -", 5760, 2488320, "the same with the other sign");
  add("accumulate", 25, 2488320, "contrast into the cells' accumulators");
  add("update", 25, 1600, "conductances, capacitances moved by rate times contrast");
  add("done", 1, 1600, "interrupt raised");
  program.memory = {{"trace memory", 144000, 2304000},
                    {"stimulus", 5760, 92160},
                    {"probe", 5760, 92160},
                    {"drive", 5760, 92160},
                    {"accumulators", 25, 1600}};
  program.operations = {{"conversions of outputs", 360, 7.2e-10}, {"clock cycles", 17'282, 3.4e-9}};
  program.stated = {{"chip.probe.bits", "8", "resolution of the converters that read the outputs"}, {"chip.drift.passes", "1e-05", "change from pass to pass"}};
  return program;
}

Training training() {
  Training result{"adam", 0.02, 60, "V^2 s", {}, {}, {}, {}, {}};
  std::mt19937_64 draw(3);
  std::normal_distribution<double> normal;
  const auto loss = [&](int epoch) { return 9.6e-8 * std::exp(-epoch / 9.0) + 1.1e-9; };
  for (int epoch = 1; epoch <= 60; ++epoch) result.train_loss.push_back(loss(epoch) * (1 + 0.05 * normal(draw)));
  for (int epoch = 0; epoch <= 60; epoch += 5) result.held_out_loss.push_back({epoch, 1.25 * loss(epoch) + 0.6e-9});
  result.before = Measured{"Held-out error (RMS)", 226e-6, "V"};
  result.after = Measured{"Held-out error (RMS)", 24.1e-6, "V"};
  result.baseline = Measured{"a fixed notch filter", 71.8e-6, "V"};
  return result;
}

}  // namespace

RunRecord sample_record() {
  RunRecord record;
  record.title = "A fractional ladder learns to clean an electrocardiogram";
  record.bench_name = "ecg cleaner";
  record.bench_file = "testbenches/bench/ecg_cleaner.toml";
  record.deck_file = "ladder.cir";
  record.tool_version = "0.1.0";
  record.date = "2025-11-21 23:10";
  record.seed = 1;
  record.grid = {1 / sample_rate, samples, "bdf2", "rest", "32 exponentials"};
  record.circuit.nodes = 14;
  record.circuit.branches = 26;
  record.circuit.sources = {"Vin"};
  record.gradient = {"biased_echo", "chip", 1e-3, "centred", 9.7e-8, "V^2 s", 0, 0, {}, {}};
  record.gradient.loss_terms = {{"mse", {"v(out)"}, "", "", 9.6e-8, "V^2 s"},
                                {"expr", {"i(r1)", "q(c1)"}, "a^2 < b", "0 s to 2 s", 1e-9, ""}};
  add_elements(record);
  judge_gradient(record.gradient);
  record.classification.rows = {
      {"echo", "not applicable", "yfmem!m1 is nonlinear; the linear echo needs every element linear", false},
      {"biased_echo", "exact as beta -> 0", "", true},
      {"hamiltonian_echo", "not applicable", "r1 dissipates", false},
      {"gain_flip_echo", "not applicable", "damping is not uniform: r1 c1 and r2 c2 differ in rate", false},
      {"equilibrium", "biased", "the input varies with time and c1 does not settle between samples", false},
      {"forward_nudge", "biased", "r1 dissipates", false},
      {"adjoint", "exact", "", false}};
  record.classification.note = "All nonlinear elements (yfmem!m1 to yfmem!m5) have skew 0, so they share one echo.";
  record.training = training();
  record.waveforms = waveforms();
  record.timeline = timeline();
  record.timing_study = {{1, 160e6, 1 - 4.8e-12, 3.1e-6},
                         {4, 40e6, 1 - 9e-10, 4.2e-5},
                         {16, 10e6, record.gradient.cosine, record.gradient.relative_error},
                         {64, 2.5e6, 0.99987, 1.63e-2},
                         {256, 625e3, 0.973, 0.24}};
  record.chip_against_direct = ChipAgainstDirect{3.4e-12, 8.1e-13, 1e-9};
  record.limits = {{"gradient_cosine", 0.99, record.gradient.cosine, "", LimitSense::at_least, true},
                   {"gradient_relative_error", 1e-3, record.gradient.relative_error, "", LimitSense::at_most, true},
                   {"final_loss", 2e-9, 1.21e-9, "V^2 s", LimitSense::at_most, true},
                   {"held_out_error", 20e-6, 24.1e-6, "V", LimitSense::at_most, false}};
  record.cost = {18.42, 720.0, 148ULL * 1024 * 1024};
  return record;
}

}  // namespace tellegen::report
