// What one core can do at most, by instruction set: the floor under every other figure.
//
//     peak/SET        flops_per_second: multiplications and additions, both counted

#include <benchmark/benchmark.h>

#include <string>

#include "bench/peak/peak_work.hpp"

namespace {

using namespace tellegen;

void measure(benchmark::State& state, InstructionSet set) {
  double flops = 0;
  for (auto _ : state) flops += work_at_peak(set, 100000);
  state.counters["flops_per_second"] = benchmark::Counter(flops, benchmark::Counter::kIsRate);
}

}  // namespace

int main(int argc, char** argv) {
  for (const auto set : available_instruction_sets())
    benchmark::RegisterBenchmark(("peak/" + std::string(name_of(set))).c_str(),
                                 [set](benchmark::State& state) { measure(state, set); });
  benchmark::AddCustomContext("instruction_set", std::string(name_of(preferred_instruction_set())));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
