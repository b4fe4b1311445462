// Time steps, operating points and gradients of whole circuits, for any number of samples at once.
//
//     bench_circuits --decks FOLDER       every FOLDER/KIND.SIZE.tran.cir and FOLDER/KIND.SIZE.op.cir
//
// | row                                     | time is that of                                                     |
// |-----------------------------------------|---------------------------------------------------------------------|
// | circuit/KIND/SIZE/B/forward             | the transient of B samples                                          |
// | circuit/KIND/SIZE/B/gradient            | the same with the gradient in all parameters                        |
// | circuit/KIND/SIZE/B/op, op_gradient     | the operating point, and it with the gradient                       |
//
// | counter               | meaning                                                                              |
// |-----------------------|--------------------------------------------------------------------------------------|
// | us_per_step_sample    | CPU time per step and sample [us]; of an operating point, per sample                 |
// | flops_per_step_sample | multiplications and additions of the linear systems, where they are counted          |

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "bench/batch_task.hpp"
#include "bench/deck_folder.hpp"
#include "bench/single_sample_task.hpp"
#include "hw_models/lanes/dispatch.hpp"

namespace {

using namespace tellegen;
using bench::CircuitTask, bench::Workload;

/// Numbers of samples at once for which there is an engine.
constexpr int sample_counts[] = {1, 16};

/// The engine of many samples; where it declines a circuit, that of one sample. Nothing: no engine for so many.
std::unique_ptr<CircuitTask> make_task(const Deck& deck, int samples) {
  if (auto task = bench::BatchTask::make(deck, samples)) return task;
  if (samples > 1) return nullptr;
  if (const auto* transient = std::get_if<TransientAnalysis>(&deck.analyses.at(0)))
    return std::make_unique<bench::SingleSampleTransient>(deck, *transient);
  return std::make_unique<bench::SingleSampleOperatingPoint>(deck);
}

void measure(benchmark::State& state, const Workload& workload, int samples, void (CircuitTask::*work)()) {
  const auto task = make_task(read_deck(workload.deck), samples);
  if (!task) return state.SkipWithError("no engine for so many samples of this circuit");
  (task.get()->*work)();  // memory that stays from run to run is taken once
  for (auto _ : state) (task.get()->*work)();
  const double microseconds_each = 1e-6 * static_cast<double>(task->steps()) * samples;
  state.counters["us_per_step_sample"] =
      benchmark::Counter(microseconds_each, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  if (const auto flops = task->flops()) state.counters["flops_per_step_sample"] = *flops;
}

void add_rows(const Workload& workload) {
  const bool is_transient = workload.analysis == "tran";
  for (const int samples : sample_counts) {
    const auto add = [&](std::string_view phase, void (CircuitTask::*work)()) {
      benchmark::RegisterBenchmark(fmt::format("circuit/{}/{}/{}/{}", workload.kind, workload.size, samples, phase).c_str(),
                                   [=](benchmark::State& state) { measure(state, workload, samples, work); });
    };
    add(is_transient ? "forward" : "op", &CircuitTask::solve);
    add(is_transient ? "gradient" : "op_gradient", &CircuitTask::gradient);
  }
}

}  // namespace

int main(int argc, char** argv) { return bench::measure_folder(argc, argv, "bench_circuits", add_rows); }
