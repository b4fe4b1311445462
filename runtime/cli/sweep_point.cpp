#include "runtime/cli/sweep_point.hpp"

#include <fmt/format.h>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "hw_models/solver/convergence.hpp"
#include "runtime/cli/chip_bench.hpp"
#include "runtime/cli/chip_cost.hpp"
#include "runtime/cli/chip_measurements.hpp"
#include "runtime/training/emulator_rules.hpp"

namespace tellegen::cli {
namespace {

using nlohmann::json;

constexpr const char* done_word = "done";
constexpr const char* no_convergence_word = "no convergence";
constexpr const char* refused_word = "refused";
constexpr const char* failed_word = "failed";

/// Parameters after the bench's epochs; every update is made by the plant.
std::vector<double> learned_on(Plant& plant, const Experiment& experiment) {
  for (std::int64_t epoch = 0; epoch < experiment.bench().train.epochs; ++epoch)
    plant.run(make_cycle(plant, *experiment.circuit(), experiment.grid(), experiment.bench().rule.name, experiment.cycle_options(plant.steps_per_tick()),
                         experiment.data().stimulus, experiment.error_function(plant.ticks(), plant.steps_per_tick()), true)
                  .program);
  return plant.parameters();
}

std::vector<double> learned_by(const Experiment& experiment, bool on_chip) {
  if (on_chip) {
    ChipBench chip(experiment, experiment.bench().chip.steps_per_clock);
    return learned_on(chip.plant(), experiment);
  }
  DirectPlant plant(experiment.plant_setup());
  return learned_on(plant, experiment);
}

/// Final losses; a learning that does not converge takes away the point's result, not its gradient.
void add_learning(const Experiment& experiment, bool on_chip, json& result) {
  try {
    const auto learned = learned_by(experiment, on_chip);
    result["final_loss"] = experiment.loss(experiment.data(), learned);
    if (experiment.held_out()) result["held_out_loss"] = experiment.loss(*experiment.held_out(), learned);
  } catch (const ConvergenceError& error) {
    result["status"] = no_convergence_word;
    result["message"] = fmt::format("while learning: {}", error.what());
    result.erase("final_loss");
  }
}

json text_of_failure(const char* status, const char* message) { return {{"status", status}, {"message", message}}; }

double number_of(const json& object, const char* key) { return object.at(key).is_null() ? NAN : object.at(key).get<double>(); }

std::optional<double> optional_number(const json& object, const char* key) {
  return object.contains(key) ? std::optional(number_of(object, key)) : std::nullopt;
}

}  // namespace

void check_point(const Experiment& experiment, const PointMeasure& measure) {
  const auto& bench = experiment.bench();
  experiment.require_applicable(bench.rule.name);
  if (measure.on_chip) require_learnable_on_chip(experiment, measure.trains);
  if (measure.on_chip || !runs_in_emulator_only(bench.rule.name, bench.rule.sides)) static_cast<void>(experiment.plant_setup());
  if (!measure.trains) return;
  if (bench.train.epochs == 0) throw InputError({bench.file.string(), 0}, "--train", "[train] epochs is 0; a number of epochs is expected, such as --set train.epochs=20");
  if (runs_in_emulator_only(bench.rule.name, bench.rule.sides))
    throw InputError(bench.rule.name_where, "[rule] name", "it learns on no plant; expected another rule such as biased_echo with --train");
  if (bench.train.optimizer.kind == OptimizerKind::adam)
    throw InputError(bench.train.optimizer_where, "[train] optimizer", "adam needs a second moment that the cells do not hold; expected sgd or momentum");
}

PointMeasurer::PointMeasurer(std::filesystem::path bench, PointMeasure measure)
    : bench_(std::move(bench)), measure_(measure), fingerprints_(bench_.parent_path(), "") {}

std::string PointMeasurer::measure(const TomlTable& tree) {
  try {
    return measure_whole(tree);
  } catch (const ConvergenceError& error) {
    return text_of_failure(no_convergence_word, error.what()).dump();
  } catch (const InputError& error) {
    return text_of_failure(refused_word, error.what()).dump(-1, ' ', false, json::error_handler_t::replace);
  } catch (const std::exception& error) {
    return text_of_failure(failed_word, error.what()).dump(-1, ' ', false, json::error_handler_t::replace);
  }
}

std::string PointMeasurer::measure_whole(const TomlTable& tree) {
  const Experiment experiment(read_bench(tree, bench_));
  const Rule rule = experiment.bench().rule.name;
  const auto& initial = experiment.trained().initial;
  const auto [place, is_new] = exact_.try_emplace(fingerprints_.of_exact_gradient(tree));
  if (is_new) {
    try {
      place->second = experiment.exact(initial);
    } catch (...) {
      exact_.erase(place);
      throw;
    }
  }
  json result{{"status", done_word}};
  auto exact = place->second.gradient;
  GradientResult estimate;
  if (measure_.on_chip) {
    ChipBench chip(experiment, experiment.bench().chip.steps_per_clock);
    estimate = experiment.estimate(chip.plant(), rule);
    exact = exact_on(experiment, chip, exact);
    const auto cost = cost_of(experiment, chip.description());
    result["cycles"] = cost.cycles;
    result["time"] = cost.time;
    result["memory_bits"] = cost.memory_bits;
    result["conversions"] = cost.conversions();
    if (cost.energy) result["energy"] = *cost.energy;
  } else {
    estimate = experiment.estimate(rule);
  }
  const auto agreement = experiment.compare(estimate.gradient, exact, initial);
  result["loss"] = estimate.loss;
  result["cosine"] = agreement.cosine;
  result["relative_error"] = agreement.relative_error;
  if (measure_.trains) add_learning(experiment, measure_.on_chip, result);
  return result.dump();  // doubles in as many digits as they need to come back, others as null
}

void read_point(const std::string& text, report::SweepPoint& point) {
  const auto result = json::parse(text);
  const auto status = result.at("status").get<std::string>();
  if (status != done_word) {
    point.message = result.at("message").get<std::string>();
    if (status == refused_word) throw InputError({}, "", point.message);
    point.status = status == no_convergence_word ? report::PointStatus::no_convergence : report::PointStatus::failed;
    if (!result.contains("cosine")) return;
  } else {
    point.status = report::PointStatus::done;
  }
  point.loss = number_of(result, "loss");
  point.cosine = number_of(result, "cosine");
  point.relative_error = number_of(result, "relative_error");
  point.final_loss = optional_number(result, "final_loss");
  point.held_out_loss = optional_number(result, "held_out_loss");
  if (result.contains("cycles"))
    point.cost = {.cycles = result.at("cycles").get<std::uint64_t>(), .time = number_of(result, "time"), .memory_bits = result.at("memory_bits").get<std::uint64_t>(),
                  .conversions = result.at("conversions").get<std::uint64_t>(), .energy = optional_number(result, "energy")};
}

}  // namespace tellegen::cli
