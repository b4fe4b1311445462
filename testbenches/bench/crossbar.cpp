// Time of the crossbar plan, per sample, and the rate of the multiplications that it cannot do without.
//
//     bench_crossbar [--benchmark_filter=REGEX]    names are NET/OPERATION/LANES; `sample` is CPU time per sample
//
// | operation | what                                                                                                       |
// |-----------|------------------------------------------------------------------------------------------------------------|
// | factor    | factors of every sample's own matrix, by Schur complement and LDL^T whatever the plan would choose         |
// | solve     | one right-hand side with the way that the plan chooses                                                     |
// | step      | what one iteration of Newton's method pays: factor and solve, both as the plan chooses                     |
// | train     | the same after new synapses                                                                                |
//
// `flops_per_second` of `factor` beside `bench_peak` says how far it is from its floor.

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hw_models/linear/crossbar_remainder.hpp"
#include "unit/linear/crossbar_nets.hpp"

namespace {

using namespace tellegen;

struct Problem {
  Problem(const std::vector<std::int32_t>& layers, int lane_count)
      : net(test::layered_net(layers, 1)),
        plan(make_crossbar_plan(net.shape)),
        lanes(lane_count),
        own(test::random_lanes(net.shape.own.size() * lanes, 2, 1e-7, 1e-2)),
        b(test::random_lanes(static_cast<std::size_t>(net.shape.size * lanes), 3, -1e-3, 1e-3)),
        x(b.size()),
        system(plan->make_system(lanes, preferred_instruction_set())) {
    system->set_shared(net.values);
  }
  [[nodiscard]] bool factor() { return system->factor(own.data()); }
  void solve() {
    x.copy_from(b);
    system->solve(x.data());
    benchmark::ClobberMemory();
  }

  test::Network net;
  std::shared_ptr<const LinearPlan> plan;
  int lanes;
  LaneArray own, b, x;
  std::unique_ptr<LaneSystem> system;
};

void report(benchmark::State& state, int lanes, double flops) {
  const auto samples = static_cast<double>(state.iterations()) * lanes;
  state.counters["sample"] = benchmark::Counter(samples, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  if (flops > 0) state.counters["flops_per_second"] = benchmark::Counter(samples * flops, benchmark::Counter::kIsRate);
}

void measure_factor(benchmark::State& state, const std::vector<std::int32_t>& layers, int lanes) {
  const Problem problem(layers, lanes);
  const auto set = preferred_instruction_set();
  const CrossbarTopology topology(problem.net.shape, find_crossbar(problem.net.shape).value());
  CrossbarMatrix matrix(topology, lanes, set);
  matrix.set(problem.net.values);
  RemainderFactors factors(matrix, set);
  LaneArray inverse(matrix.eliminated() * lanes), diagonal(matrix.remaining() * lanes);
  const auto& kernels = crossbar_kernels(set).with(lanes);
  for (auto _ : state) {
    bool is_definite = kernels.invert(matrix.eliminated_diagonal(), problem.own.data(), inverse.data());
    kernels.assemble(matrix.remaining_diagonal(), problem.own.data(), diagonal.data());
    is_definite = factors.factor(inverse.data(), diagonal.data()) && is_definite;
    benchmark::DoNotOptimize(is_definite);
  }
  report(state, lanes, topology.structure.schur_flops + topology.structure.cholesky_flops);
}

void measure_solve(benchmark::State& state, const std::vector<std::int32_t>& layers, int lanes) {
  Problem problem(layers, lanes);
  if (!problem.factor()) return state.SkipWithError("singular");
  for (auto _ : state) problem.solve();
  report(state, lanes, problem.plan->description().solve_flops);
}

void measure_step(benchmark::State& state, const std::vector<std::int32_t>& layers, int lanes) {
  Problem problem(layers, lanes);
  for (auto _ : state) {
    if (!problem.factor()) return state.SkipWithError("singular");
    problem.solve();
  }
  report(state, lanes, 0);
}

void measure_train(benchmark::State& state, const std::vector<std::int32_t>& layers, int lanes) {
  Problem problem(layers, lanes);
  for (auto _ : state) {
    problem.system->set_shared(problem.net.values);
    if (!problem.factor()) return state.SkipWithError("singular");
    problem.solve();
  }
  report(state, lanes, 0);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::pair<const char*, std::vector<std::int32_t>>> nets{{"64-10", {64, 10}},
                                                                            {"100-10", {100, 10}},
                                                                            {"64-64-10", {64, 64, 10}},
                                                                            {"100-100-10", {100, 100, 10}},
                                                                            {"256-256-10", {256, 256, 10}}};
  const std::vector<std::pair<const char*, void (*)(benchmark::State&, const std::vector<std::int32_t>&, int)>> operations{
      {"factor", measure_factor}, {"solve", measure_solve}, {"step", measure_step}, {"train", measure_train}};
  for (const auto& [net, layers] : nets)
    for (const auto& [operation, measure] : operations)
      for (const int lanes : {1, 8, 16})
        benchmark::RegisterBenchmark(
            (std::string(net) + '/' + operation + '/' + std::to_string(lanes)).c_str(),
            [measure = measure, layers = layers, lanes](benchmark::State& state) { measure(state, layers, lanes); });
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
