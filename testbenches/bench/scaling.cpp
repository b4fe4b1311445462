// Large batches over threads: time by the clock on the wall, and the memory of the whole process.
//
//     bench_scaling --decks FOLDER       every transient FOLDER/KIND.SIZE.tran.cir
//
// | row                                       | time is that of                                                          |
// |-------------------------------------------|--------------------------------------------------------------------------|
// | scaling/KIND/SIZE/SAMPLES/THREADS         | a transient of so many samples and the gradient in all parameters        |
//
// | counter            | meaning                                                    |
// |--------------------|------------------------------------------------------------|
// | us_per_step_sample | time per step and sample [us]                              |
// | parameters         | of the gradient                                            |
// | peak_mib           | most memory that the process has held so far [MiB]         |

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <thread>

#include "bench/batch_task.hpp"
#include "bench/deck_folder.hpp"

namespace {

using namespace tellegen;

constexpr int samples = 128;

double peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;  // from KiB
}

void measure(benchmark::State& state, const bench::Workload& workload, int threads) {
  const auto task = bench::BatchTask::make(read_deck(workload.deck), samples, threads);
  if (!task) return state.SkipWithError("no engine for many samples of this circuit");
  task->gradient();  // memory that stays from run to run is taken once
  for (auto _ : state) task->gradient();
  state.counters["us_per_step_sample"] =
      benchmark::Counter(1e-6 * static_cast<double>(task->steps()) * samples, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.counters["parameters"] = static_cast<double>(task->parameters());
  state.counters["peak_mib"] = peak_memory();
}

void add_rows(const bench::Workload& workload) {
  const auto cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  for (int threads = 1; threads <= std::min(cores, samples / 16); threads *= 2)
    benchmark::RegisterBenchmark(fmt::format("scaling/{}/{}/{}/{}", workload.kind, workload.size, samples, threads).c_str(),
                                 [=](benchmark::State& state) { measure(state, workload, threads); })
        ->UseRealTime();
}

}  // namespace

int main(int argc, char** argv) { return bench::measure_folder(argc, argv, "bench_scaling", add_rows); }
