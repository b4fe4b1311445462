#pragma once
// The engine of one sample: `TransientEngine` and its adjoint.

#include <algorithm>

#include "bench/circuit_task.hpp"

namespace tellegen::bench {

class SingleSampleTransient final : public CircuitTask {
 public:
  /// The deck's steps are tmax = tstep, as `sim` takes them.
  explicit SingleSampleTransient(const Deck& deck, const TransientAnalysis& analysis)
      : problem_(deck), engine_(problem_.circuit, grid_of(analysis)), start_(problem_.operating_point().state),
        sources_(engine_.grid().steps, problem_.circuit->sources().size()), cost_(cost_of_equations(*problem_.circuit)) {
    for (std::size_t n = 0; n < sources_.rows(); ++n)
      std::ranges::copy(problem_.sources_at(engine_.grid().time(n + 1)), sources_.row(n).begin());
  }

  void solve() override {
    engine_.begin(forward_network, start_);
    for (std::size_t n = 0; n < sources_.rows(); ++n) {
      const auto row = sources_.row(n);
      require_converged(engine_.step({.sources = row, .injected = {}, .bias = {}}), engine_);
    }
    const double each = static_cast<double>(engine_.iterations()) / static_cast<double>(steps());
    // A linear network is factored once and solved once a step.
    flops_ = is_linear() ? cost_.solve_flops : each * (cost_.factor_flops + cost_.solve_flops);
  }
  void gradient() override {
    const auto forward = run_forward(engine_, sources_, start_);
    Table slope(forward.voltages.rows(), forward.voltages.columns());
    for (std::size_t n = 0; n < slope.rows(); ++n)
      for (const auto probe : problem_.probes) slope.at(n, probe) = engine_.grid().step * forward.voltages.at(n, probe);
    result_ = adjoint_gradient(engine_, forward, slope, &start_);
  }
  [[nodiscard]] std::size_t steps() const override { return engine_.grid().steps; }
  [[nodiscard]] std::optional<double> flops() const override { return flops_; }

 private:
  static TimeGrid grid_of(const TransientAnalysis& analysis) {
    return {.step = analysis.step, .steps = static_cast<std::size_t>(analysis.stop / analysis.step + 0.5), .method = Method::trap,
            .history = History::direct};
  }
  [[nodiscard]] bool is_linear() const { return std::ranges::all_of(problem_.circuit->branches(), &Branch::is_linear); }

  Problem problem_;
  TransientEngine engine_;
  ReferenceState start_;
  Table sources_;
  PlanDescription cost_;
  std::optional<double> flops_;
  std::vector<double> result_;
};

class SingleSampleOperatingPoint final : public CircuitTask {
 public:
  explicit SingleSampleOperatingPoint(const Deck& deck) : problem_(deck) {}

  void solve() override { point_ = problem_.operating_point(); }
  void gradient() override {
    solve();
    const auto& circuit = *problem_.circuit;
    const auto& voltage = point_.state.node_voltage;
    StaticSlope slope{.unknown = std::vector<double>(static_cast<std::size_t>(circuit.unknown_count()), 0.0),
                      .short_current = std::vector<double>(circuit.branches().size(), 0.0)};
    for (const auto probe : problem_.probes) slope.unknown[probe] = voltage[probe];
    const auto adjoint = static_adjoint(circuit, problem_.slots, point_.state, slope);
    result_.assign(problem_.slots.size(), 0.0);
    for (const auto& branch : circuit.branches()) {
      const double* own = problem_.slots.data() + branch.first_slot;
      const auto by_slot = static_current_by_parameter(branch, own, voltage[branch.in.p] - voltage[branch.in.n]);
      for (std::size_t k = 0; k < by_slot.size(); ++k)
        result_[branch.first_slot + k] = -(adjoint[branch.out.p] - adjoint[branch.out.n]) * by_slot[k];
    }
  }
  [[nodiscard]] std::size_t steps() const override { return 1; }
  [[nodiscard]] std::optional<double> flops() const override { return std::nullopt; }

 private:
  Problem problem_;
  OperatingPoint point_;
  std::vector<double> result_;
};

}  // namespace tellegen::bench
