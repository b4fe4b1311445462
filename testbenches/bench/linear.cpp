// Time of the linear plans, per sample: solutions with one factor for all lanes, factors and solutions of a matrix per lane.
//
//     bench_linear [--benchmark_filter=REGEX]      names are PATTERN/OPERATION/LANES; `sample` is CPU time per sample
//
// Every matrix is a graph's Laplacian plus the identity: repeated solutions in place then neither grow nor vanish.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "hw_models/lanes/lane_array.hpp"
#include "hw_models/linear/linear_plan.hpp"

namespace tellegen {
namespace {

struct Problem {
  std::string name;
  SystemShape shape;
  std::vector<double> values;
};

class Network {
 public:
  Network(std::string name, std::int32_t size)
      : problem_{.name = std::move(name), .shape = {.size = size, .entries = {}, .is_symmetric = true, .own = {}}, .values = {}},
        diagonal_(static_cast<std::size_t>(size), 0.5) {}
  void connect(std::int32_t one, std::int32_t other) {
    const double g = std::uniform_real_distribution<double>(0.5, 1.5)(random_);
    problem_.shape.entries.push_back({std::max(one, other), std::min(one, other)});
    problem_.values.push_back(-g);
    diagonal_[one] += g;
    diagonal_[other] += g;
  }
  /// Every sample adds its own half of the leak.
  Problem finish() {
    for (std::int32_t i = 0; i < problem_.shape.size; ++i) {
      problem_.shape.own.push_back(static_cast<std::int32_t>(problem_.shape.entries.size()));
      problem_.shape.entries.push_back({i, i});
      problem_.values.push_back(diagonal_[i]);
    }
    return std::move(problem_);
  }

 private:
  Problem problem_;
  std::vector<double> diagonal_;
  std::mt19937 random_{1};
};

Problem ladder(std::int32_t size) {
  Network network("ladder" + std::to_string(size), size);
  for (std::int32_t i = 1; i < size; ++i) network.connect(i - 1, i);
  return network.finish();
}

Problem mesh(std::int32_t side) {
  Network network("mesh" + std::to_string(side), side * side);
  for (std::int32_t i = 0; i < side; ++i)
    for (std::int32_t j = 0; j < side; ++j) {
      if (i + 1 < side) network.connect(i * side + j, (i + 1) * side + j);
      if (j + 1 < side) network.connect(i * side + j, i * side + j + 1);
    }
  return network.finish();
}

/// A plan and its numeric state, with values that repeated solutions leave in range.
struct Bench {
  Bench(const Problem& problem, int lanes, bool is_shared, Precision precision = Precision::full)
      : plan(make_supernodal_plan(problem.shape)), system(plan->make_system(lanes, preferred_instruction_set(), precision)),
        own(problem.shape.own.size() * static_cast<std::size_t>(lanes)),
        x(static_cast<std::size_t>(problem.shape.size) * static_cast<std::size_t>(lanes)) {
    auto values = problem.values;
    if (is_shared)
      for (const auto e : problem.shape.own) values[e] += 0.5;
    system->set_shared(values);
    own.fill(0.5);
    x.fill(1.0);
    is_ready = is_shared ? system->factor_shared() : system->factor(own.data());
  }
  std::shared_ptr<const LinearPlan> plan;
  std::unique_ptr<LaneSystem> system;
  LaneArray own, x;
  bool is_ready = false;
};

void count(benchmark::State& state, int lanes, double flops) {
  const auto samples = static_cast<double>(state.iterations()) * lanes;
  state.counters["sample"] = benchmark::Counter(samples, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["flops"] = benchmark::Counter(samples * flops, benchmark::Counter::kIsRate);
}

void solve(benchmark::State& state, const Problem& problem, int lanes, bool is_shared, Precision precision) {
  Bench bench(problem, lanes, is_shared, precision);
  if (!bench.is_ready) return state.SkipWithError("singular");
  for (auto _ : state) {
    bench.system->solve(bench.x.data());
    benchmark::ClobberMemory();
  }
  count(state, lanes, bench.plan->description().solve_flops);
  const auto& description = bench.plan->description();
  state.SetLabel(description.details + ", " + std::to_string(description.factor_entries) + " entries");
}

void factor(benchmark::State& state, const Problem& problem, int lanes, Precision precision) {
  Bench bench(problem, lanes, false, precision);
  for (auto _ : state)
    if (!bench.system->factor(bench.own.data())) state.SkipWithError("singular");
  count(state, lanes, bench.plan->description().factor_flops);
}

void list() {
  static const std::vector<Problem> problems{ladder(100), ladder(1000), ladder(2001), ladder(10000), mesh(30), mesh(100)};
  for (const auto& problem : problems)
    for (const int lanes : {1, 8, 16}) {
      const auto name = [&](const char* operation) { return problem.name + "/" + operation + "/" + std::to_string(lanes); };
      const auto add = [&](const char* operation, auto run) { benchmark::RegisterBenchmark(name(operation).c_str(), run); };
      using enum Precision;
      add("solve_shared", [&, lanes](benchmark::State& s) { solve(s, problem, lanes, true, full); });
      add("solve", [&, lanes](benchmark::State& s) { solve(s, problem, lanes, false, full); });
      add("factor", [&, lanes](benchmark::State& s) { factor(s, problem, lanes, full); });
      if (lanes == 1) continue;
      add("solve_single", [&, lanes](benchmark::State& s) { solve(s, problem, lanes, false, single); });
      add("factor_single", [&, lanes](benchmark::State& s) { factor(s, problem, lanes, single); });
    }
}

}  // namespace
}  // namespace tellegen

int main(int argc, char** argv) {
  tellegen::list();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
