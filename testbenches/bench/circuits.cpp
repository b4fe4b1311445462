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

#include <filesystem>
#include <string>

#include "bench/batch_task.hpp"
#include "bench/single_sample_task.hpp"
#include "hw_models/lanes/dispatch.hpp"

namespace {

using namespace tellegen;
using bench::CircuitTask;

/// One deck, named KIND.SIZE.ANALYSIS.cir.
struct Workload {
  std::filesystem::path deck;
  std::string kind, size, analysis;
};

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

std::vector<Workload> workloads_in(const std::filesystem::path& folder) {
  std::vector<Workload> workloads;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const auto name = file.path().filename().string();
    const auto first = name.find('.'), second = name.find('.', first + 1), third = name.find('.', second + 1);
    if (third == std::string::npos || name.substr(third) != ".cir") continue;
    workloads.push_back({.deck = file.path(), .kind = name.substr(0, first), .size = name.substr(first + 1, second - first - 1),
                         .analysis = name.substr(second + 1, third - second - 1)});
  }
  std::ranges::sort(workloads, {}, &Workload::deck);
  return workloads;
}

/// Takes `--decks FOLDER` out of the command line; what is left is Google Benchmark's.
std::filesystem::path take_folder(int& argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string_view(argv[i]) != "--decks") continue;
    const std::filesystem::path folder = argv[i + 1];
    std::copy(argv + i + 2, argv + argc, argv + i);
    argc -= 2;
    return folder;
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const auto folder = take_folder(argc, argv);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  if (!std::filesystem::is_directory(folder)) {
    fmt::print(stderr, "usage: bench_circuits --decks FOLDER [--benchmark_...]\n");
    return 2;
  }
  try {
    for (const auto& workload : workloads_in(folder)) add_rows(workload);
    benchmark::AddCustomContext("instruction_set", std::string(name_of(preferred_instruction_set())));
    benchmark::RunSpecifiedBenchmarks();
  } catch (const std::exception& mistake) {
    fmt::print(stderr, "bench_circuits: {}\n", mistake.what());
    return 2;
  }
}
