// Half-order derivatives against the length of the run: the cost of one step of one element.
//
//     fractional/HISTORY/LANES/STEPS        ns_per_step_element, a lane being an element of its own

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "hw_models/solver/differentiation.hpp"
#include "hw_models/solver/lane.hpp"

namespace {

using namespace tellegen;

template <class T>
void measure(benchmark::State& state, History history, std::size_t steps, std::size_t lanes) {
  constexpr std::size_t width = 32;
  const TimeGrid grid{.step = 1e-3, .steps = steps, .method = Method::bdf2, .history = history};
  DifferentiationBank<T> bank(0.5, width, grid);
  // An input that keeps moving: the memory of a constant one decays to subnormal numbers, which are slow.
  constexpr std::size_t period = 61;
  std::vector<T> input, past(width, T(0.0));
  for (std::size_t k = 0; k < width + period; ++k) input.push_back(T(std::sin(0.7 * static_cast<double>(k))));
  for (auto _ : state) {
    bank.reset();
    for (std::size_t n = 0; n < steps; ++n) {
      bank.history(past.data());
      bank.accept(input.data() + n % period, past.data());
    }
    benchmark::DoNotOptimize(past.data());
    benchmark::ClobberMemory();
  }
  const auto each = 1e-9 * static_cast<double>(steps * width * lanes);
  state.counters["ns_per_step_element"] =
      benchmark::Counter(each, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::size_t longest_convolution = 10000;  // steps: its cost grows with their square
  constexpr std::pair<History, std::string_view> histories[] = {{History::direct, "direct"},
                                                                {History::fft, "fft"},
                                                                {History::exponentials_20, "exponentials_20"},
                                                                {History::exponentials_32, "exponentials_32"}};
  for (const auto& [history, name] : histories)
    for (const std::size_t steps : {100u, 1000u, 10000u, 100000u}) {
      if (history == History::direct && steps > longest_convolution) continue;
      const auto add = [&, h = history](std::size_t lanes, auto run) {
        benchmark::RegisterBenchmark(fmt::format("fractional/{}/{}/{}", name, lanes, steps).c_str(),
                                     [=](benchmark::State& state) { run(state, h, steps, lanes); });
      };
      add(1, measure<double>);
      if (steps <= longest_convolution) add(8, measure<Lane<8>>);
    }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
