// Half-order derivatives against the length of the run: the cost of one step of one element.
//
//     fractional/HISTORY/LANES/STEPS        ns_per_step_element, a lane being an element of its own
//
// One lane is the engine of one sample, which has every history; several lanes are the kernels of many samples.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "hw_models/batch/batch_plan.hpp"
#include "hw_models/lanes/flush_to_zero.hpp"
#include "hw_models/lanes/lane_array.hpp"
#include "hw_models/solver/differentiation.hpp"

namespace {

using namespace tellegen;

constexpr std::size_t width = 32;   // elements, or elements a lane
constexpr std::size_t period = 61;  // [steps] of the input, which keeps moving: the memory of a constant one fades to subnormal numbers

TimeGrid grid_of(History history, std::size_t steps) { return {.step = 1e-3, .steps = steps, .method = Method::bdf2, .history = history}; }

double input_value(std::size_t k) { return std::sin(0.7 * static_cast<double>(k)); }

void count(benchmark::State& state, std::size_t steps, std::size_t lanes) {
  state.counters["ns_per_step_element"] = benchmark::Counter(1e-9 * static_cast<double>(steps * width * lanes),
                                                             benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void measure_one(benchmark::State& state, History history, std::size_t steps) {
  DifferentiationBank<double> bank(0.5, width, grid_of(history, steps));
  std::vector<double> input, past(width, 0.0);
  for (std::size_t k = 0; k < width + period; ++k) input.push_back(input_value(k));
  for (auto _ : state) {
    bank.reset();
    for (std::size_t n = 0; n < steps; ++n) {
      bank.history(past.data());
      bank.accept(input.data() + n % period, past.data());
    }
    benchmark::DoNotOptimize(past.data());
    benchmark::ClobberMemory();
  }
  count(state, steps, 1);
}

void measure_lanes(benchmark::State& state, History history, std::size_t steps, std::size_t lanes) {
  const FlushToZero no_denormals;
  const StepOperator op{.order = 0.5, .kind = OperatorKind::exponentials, .recursion = {},
                        .coefficients = std::make_shared<const ExponentialCoefficients>(0.5, grid_of(history, steps))};
  const auto view = op.exponentials();
  const auto& kernels = step_kernels(preferred_instruction_set()).step[lane_index(static_cast<int>(lanes))];
  const std::size_t values = width * lanes, states = values * static_cast<std::size_t>(view.terms);
  LaneArray input(values + period * lanes), past(values), x1(values), x2(values), v1(states), v2(states);
  for (std::size_t k = 0; k < input.size(); ++k) input[k] = input_value(k);
  for (auto _ : state) {
    for (auto* array : {&past, &x1, &x2, &v1, &v2}) array->fill(0);
    for (std::size_t n = 0; n < steps; ++n) {
      kernels.advance_exponentials(view, width, input.data() + n % period * lanes, past.data(), {x1.data(), x2.data(), v1.data(), v2.data()});
      std::swap(v1, v2);
    }
    benchmark::DoNotOptimize(past.data());
    benchmark::ClobberMemory();
  }
  count(state, steps, lanes);
}

/// Of the run [steps]: the direct convolution's cost grows with its square.
std::size_t longest(History history) { return history == History::direct ? 10000 : 100000; }

void add_rows(History history, std::string_view name, bool is_in_lanes) {
  for (std::size_t steps = 100; steps <= longest(history); steps *= 10)
    benchmark::RegisterBenchmark(fmt::format("fractional/{}/1/{}", name, steps).c_str(), [=](benchmark::State& state) { measure_one(state, history, steps); });
  for (std::size_t lanes : {8u, 16u})
    for (std::size_t steps = 100; is_in_lanes && steps <= 10000; steps *= 10)
      benchmark::RegisterBenchmark(fmt::format("fractional/{}/{}/{}", name, lanes, steps).c_str(),
                                   [=](benchmark::State& state) { measure_lanes(state, history, steps, lanes); });
}

}  // namespace

int main(int argc, char** argv) {
  add_rows(History::direct, "direct", false);
  add_rows(History::fft, "fft", false);
  add_rows(History::exponentials_20, "exponentials_20", true);
  add_rows(History::exponentials_32, "exponentials_32", true);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
