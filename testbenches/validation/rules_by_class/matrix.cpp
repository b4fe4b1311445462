#include "validation/rules_by_class/matrix.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "runtime/training/experiment.hpp"

namespace tellegen::test {
namespace {

// What a verdict promises, in numbers.
constexpr double coarse_beta = 1e-2, fine_beta = 1e-3;
constexpr double exact_error = 1e-7;       // of rules without a small parameter, and of the settled ones' remainder
constexpr double difference_error = 1e-6;  // of central differences against the adjoint
constexpr double least_fall = 30;          // of a centred error from the larger beta to the smaller one; 100 in theory
constexpr double least_step_fall = 8;      // of an error of second order at a quarter of the step; 16 in theory
constexpr double noticeable_bias = 1e-5;   // an error that a smaller beta does not take away
constexpr double most_fall_of_bias = 5;

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const auto middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

template <class Of>
double median_of(const std::vector<Trial>& trials, Of&& of) {
  std::vector<double> values;
  for (const auto& trial : trials)
    if (trial.refusal.empty()) values.push_back(of(trial));
  return median(std::move(values));
}

/// Agreement of the column's rule with the exact gradient on one bench.
Agreement try_rule(const std::filesystem::path& bench_file, const RuleColumn& column) {
  const Experiment experiment(read_bench(bench_file));
  const auto& initial = experiment.trained().initial;
  if (column.rule == Rule::adjoint) return experiment.compare(experiment.finite_difference(initial), experiment.exact(initial).gradient, initial);
  return experiment.compare(experiment.estimate(column.rule).gradient, experiment.reference(column.rule).gradient, initial);
}

Trial measure(const std::filesystem::path& folder, std::string_view circuit_class, unsigned seed, const RuleColumn& column, bool refines_step) {
  Trial trial;
  trial.seed = seed;
  const auto run = [&](double beta, int refinement) { return try_rule(write_trial(folder, circuit_class, seed, column, beta, refinement), column); };
  try {
    trial.coarse_error = run(coarse_beta, 1).relative_error;
    const auto fine = run(fine_beta, 1);
    trial.fine_error = fine.relative_error;
    trial.cosine = fine.cosine;
    if (refines_step) trial.refined_error = run(fine_beta, 4).relative_error;
  } catch (const InputError& error) {
    trial.refusal = error.what();
  } catch (const ConvergenceError& error) {
    trial.refusal = error.what();
  }
  return trial;
}

/// How one trial contradicts a verdict; empty when it does not.
std::string contradiction_of(Verdict verdict, const RuleColumn& column, const Trial& trial) {
  const bool refused = !trial.refusal.empty();
  const auto says = [&](std::string_view what) { return fmt::format("circuit {}: {}", trial.seed, what); };
  switch (verdict) {
    case Verdict::not_applicable: return refused ? "" : says(fmt::format("a number came out, error {:.2g}", trial.fine_error));
    case Verdict::exact: {
      if (refused) return says("refused: " + trial.refusal);
      const double allowed = column.rule == Rule::adjoint ? difference_error : exact_error;
      return trial.fine_error <= allowed ? "" : says(fmt::format("error {:.2g}, more than {:.0e}", trial.fine_error, allowed));
    }
    case Verdict::exact_as_beta_vanishes: {
      if (refused) return says("refused: " + trial.refusal);
      if (column.rule == Rule::gain_flip_echo && trial.refined_error > exact_error)
        return trial.fine_error >= least_step_fall * trial.refined_error
                   ? ""
                   : says(fmt::format("error {:.2g} falls to {:.2g} only at a quarter of the step", trial.fine_error, trial.refined_error));
      const bool falls = trial.coarse_error >= least_fall * trial.fine_error;
      return trial.fine_error <= exact_error || falls
                 ? ""
                 : says(fmt::format("error {:.2g} falls to {:.2g} only with beta", trial.coarse_error, trial.fine_error));
    }
    case Verdict::biased: {
      if (refused) return "";
      if (!std::isfinite(trial.fine_error)) return "";
      // An estimate that runs away is off by more than the gradient itself, whatever it does with beta.
      const bool stays = trial.fine_error >= 1 || (trial.fine_error >= noticeable_bias && trial.coarse_error <= most_fall_of_bias * trial.fine_error);
      return stays ? "" : says(fmt::format("error {:.2g}, then {:.2g}: no bias to be seen", trial.coarse_error, trial.fine_error));
    }
  }
  return "";
}

MatrixCell measure_cell(const std::filesystem::path& folder, std::string_view circuit_class, const RuleColumn& column, unsigned circuits,
                        unsigned first_seed) {
  MatrixCell cell;
  const Experiment first(read_bench(write_trial(folder, circuit_class, first_seed, column, fine_beta)));
  const auto judged = classify(*first.circuit(), column.rule, first.rule_options());
  cell.verdict = judged.verdict;
  cell.reason = judged.reason;
  cell.demands = judged.demands;
  const bool refines_step = column.rule == Rule::gain_flip_echo && judged.verdict == Verdict::exact_as_beta_vanishes;
  for (unsigned seed = first_seed; seed < first_seed + circuits; ++seed) {
    cell.trials.push_back(measure(folder, circuit_class, seed, column, refines_step));
    if (cell.contradiction.empty()) cell.contradiction = contradiction_of(cell.verdict, column, cell.trials.back());
  }
  return cell;
}

}  // namespace

bool MatrixCell::was_measured() const {
  return std::ranges::any_of(trials, [](const Trial& t) { return t.refusal.empty(); });
}
double MatrixCell::cosine() const { return median_of(trials, [](const Trial& t) { return t.cosine; }); }
double MatrixCell::error() const { return median_of(trials, [](const Trial& t) { return t.fine_error; }); }
double MatrixCell::coarse_error() const { return median_of(trials, [](const Trial& t) { return t.coarse_error; }); }

Matrix measure_matrix(const std::filesystem::path& folder, unsigned circuits, unsigned first_seed) {
  Matrix matrix{.cells = {}, .circuits = circuits};
  for (const auto& row : circuit_classes()) {
    auto& cells = matrix.cells.emplace_back();
    for (const auto& column : rule_columns())
      cells.push_back(measure_cell(folder / fmt::format("{}-{}{}", row.key, name_of(column.rule), column.is_holomorphic ? "-holomorphic" : ""), row.key,
                                   column, circuits, first_seed));
  }
  return matrix;
}

}  // namespace tellegen::test
