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

/// Of the run [steps]: the direct convolution's cost grows with its square.
std::size_t longest(History history, std::size_t lanes) { return (history == History::direct ? 10000 : 100000) / (lanes > 1 ? 10 : 1); }

template <class T>
void add_rows(History history, std::string_view name, std::size_t lanes) {
  for (std::size_t steps = 100; steps <= longest(history, lanes); steps *= 10)
    benchmark::RegisterBenchmark(fmt::format("fractional/{}/{}/{}", name, lanes, steps).c_str(),
                                 [=](benchmark::State& state) { measure<T>(state, history, steps, lanes); });
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::pair<History, std::string_view> histories[] = {{History::direct, "direct"},
                                                                {History::fft, "fft"},
                                                                {History::exponentials_20, "exponentials_20"},
                                                                {History::exponentials_32, "exponentials_32"}};
  for (const auto& [history, name] : histories) {
    add_rows<double>(history, name, 1);
    add_rows<Lane<8>>(history, name, 8);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
