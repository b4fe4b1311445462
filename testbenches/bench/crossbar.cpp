// Time and rate of the crossbar plan by net, lanes and instruction set. Times are per sample; GF/s counts the flops of the plan's description.

#include <benchmark/benchmark.h>

#include "unit/linear/crossbar_nets.hpp"

using namespace tellegen;

namespace {

struct Case {
  Case(const std::vector<std::int32_t>& layers, int lane_count)
      : net(test::layered_net(layers, 1)), plan(make_crossbar_plan(net.shape)), lanes(lane_count), system(plan->make_system(lanes, preferred_instruction_set())),
        own(test::random_lanes(net.shape.own.size() * lanes, 2, 1e-7, 1e-2)), b(test::random_lanes(static_cast<std::size_t>(net.shape.size * lanes), 3, -1e-3, 1e-3)), x(b.size()) {
    system->set_shared(net.values);
  }
  void report(benchmark::State& state, double flops) const {
    const auto samples = static_cast<double>(state.iterations()) * lanes;
    state.counters["s/sample"] = benchmark::Counter(samples, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["flop/s"] = benchmark::Counter(samples * flops, benchmark::Counter::kIsRate);
    state.SetLabel(plan->description().details);
  }
  test::Network net;
  std::shared_ptr<const LinearPlan> plan;
  int lanes;
  std::unique_ptr<LaneSystem> system;
  LaneArray own, b, x;
};

const std::vector<std::vector<std::int32_t>> nets{{64, 10}, {100, 10}, {64, 64, 10}, {100, 100, 10}, {256, 256, 10}};

std::vector<std::int32_t> net_of(const benchmark::State& state) { return nets[static_cast<std::size_t>(state.range(0))]; }

void factor(benchmark::State& state) {
  Case one(net_of(state), static_cast<int>(state.range(1)));
  for (auto _ : state) benchmark::DoNotOptimize(one.system->factor(one.own.data()));
  one.report(state, one.plan->description().factor_flops);
}

void solve(benchmark::State& state) {
  Case one(net_of(state), static_cast<int>(state.range(1)));
  if (!one.system->factor(one.own.data())) return state.SkipWithError("singular");
  for (auto _ : state) {
    one.x.copy_from(one.b);
    one.system->solve(one.x.data());
    benchmark::ClobberMemory();
  }
  one.report(state, one.plan->description().solve_flops);
}

/// What a training step pays: new synapses, then one factor and one solve.
void set_shared_factor_solve(benchmark::State& state) {
  Case one(net_of(state), static_cast<int>(state.range(1)));
  for (auto _ : state) {
    one.system->set_shared(one.net.values);
    benchmark::DoNotOptimize(one.system->factor(one.own.data()));
    one.x.copy_from(one.b);
    one.system->solve(one.x.data());
  }
  one.report(state, one.plan->description().factor_flops + one.plan->description().solve_flops);
}

void every_net(benchmark::internal::Benchmark* b) { b->ArgNames({"net", "lanes"})->ArgsProduct({benchmark::CreateDenseRange(0, static_cast<int>(nets.size()) - 1, 1), {1, 8, 16}}); }

BENCHMARK(factor)->Apply(every_net);
BENCHMARK(solve)->Apply(every_net);
BENCHMARK(set_shared_factor_solve)->Apply(every_net);

}  // namespace

BENCHMARK_MAIN();
