#include <sys/resource.h>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>
#include <chrono>
#include <filesystem>

#include "runtime/cli/chip_measurements.hpp"
#include "runtime/cli/circuit_record.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/gradient_record.hpp"
#include "runtime/cli/limits.hpp"
#include "runtime/cli/overrides.hpp"
#include "runtime/cli/waveform_record.hpp"
#include "runtime/report/render.hpp"
#include "runtime/report/verdict.hpp"

namespace tellegen::cli {
namespace {

namespace fs = std::filesystem;

/// Folder of the results. What this run has made of it disappears again unless the run succeeds.
class ResultFolder {
 public:
  explicit ResultFolder(fs::path path) : path_(std::move(path)) {
    std::error_code error;
    for (auto missing = path_; !missing.empty() && !fs::exists(missing, error); missing = missing.parent_path())
      made_.push_back(missing);
    fs::create_directories(path_, error);
    if (!error && fs::is_directory(path_) && access(path_.c_str(), W_OK | X_OK) == 0) return;
    remove_made();
    throw InputError({path_.string(), 0}, "-o", "cannot be written; expected a folder in which files can be made");
  }
  ~ResultFolder() {
    std::error_code ignored;
    fs::remove(unfinished_vcd(), ignored);
    if (!kept_) remove_made();
  }
  ResultFolder(const ResultFolder&) = delete;
  ResultFolder& operator=(const ResultFolder&) = delete;

  [[nodiscard]] const fs::path& path() const { return path_; }
  /// The kernel writes a VCD as the simulation goes; it gets its name when it is whole.
  [[nodiscard]] fs::path unfinished_vcd() const { return path_ / ".waves.unfinished.vcd"; }
  void keep() {
    kept_ = true;
    fs::rename(unfinished_vcd(), path_ / "waves.vcd");
  }

 private:
  void remove_made() {
    std::error_code ignored;
    for (const auto& folder : made_) fs::remove(folder, ignored);  // only when empty
  }

  fs::path path_;
  std::vector<fs::path> made_;  ///< innermost first
  bool kept_ = false;
};

std::uint64_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

report::Grid grid_record(const Experiment& experiment) {
  return {.step = experiment.grid().step,
          .steps = static_cast<std::int64_t>(experiment.grid().steps),
          .method = std::string(name_of(experiment.grid().method)),
          .start = "rest",
          .history = std::string(name_of(experiment.grid().history))};
}

void add_results(report::RunRecord& record, const Experiment& experiment, std::span<const double> learned) {
  const auto& limits = experiment.bench().limits;
  const auto unit = loss_unit(experiment);
  record.limits = gradient_limits(limits, record.gradient);
  if (limits.final_loss)
    record.limits.push_back(
        at_most("final_loss", *limits.final_loss, experiment.loss(experiment.data(), learned), unit));
  if (limits.held_out_loss) {
    if (!experiment.held_out())
      throw InputError({experiment.bench().file.string(), 0}, "[limits] held_out_loss",
                       "the bench has no [held_out] data");
    record.limits.push_back(
        at_most("held_out_loss", *limits.held_out_loss, experiment.loss(*experiment.held_out(), learned), unit));
  }
}

void print_summary(const report::RunRecord& record, const fs::path& folder) {
  const auto verdict = report::verdict_of(record);
  fmt::print("{}\n", record.title);
  fmt::print("  {}\n", verdict.sentence);
  for (const auto& detail : verdict.details) fmt::print("  {}\n", detail);
  fmt::print("report: {}\n", (folder / "report.html").string());
}

}  // namespace

int run(const RunOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const Experiment experiment(read_bench(options.bench, overrides_of(options.set)));
  const auto& bench = experiment.bench();
  require_learnable_on_chip(experiment, experiment.bench().train.epochs > 0);
  const Rule rule = chosen_rule(experiment);
  const auto& initial = experiment.trained().initial;
  const auto baseline = read_baseline(experiment);
  ResultFolder folder(options.directory.empty() ? fs::path("out") / fs::absolute(bench.file).parent_path().filename()
                                                : fs::path(options.directory));

  report::RunRecord record;
  record.title = bench.report.title.empty() ? bench.name : bench.report.title;
  record.bench_name = bench.name;
  record.bench_file = options.bench;
  record.deck_file = bench.deck.string();
  record.tool_version = options.version;
  record.date = fmt::format("{:%Y-%m-%d %H:%M} UTC",
                            fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
  record.seed = bench.seed;
  record.grid = grid_record(experiment);
  record.classification = classification_of(experiment);

  const auto exact = experiment.exact(initial);
  {
    ChipBench chip(experiment, bench.chip.steps_per_clock);
    const auto here = exact_on(experiment, chip, exact.gradient);
    const auto estimate = experiment.estimate(chip.plant(), rule);
    record.gradient = gradient_record(experiment, "chip", initial, estimate, here, {});
    record.cost.simulated += chip.chip().simulated_time();
  }
  record.timing_study = study_timing(experiment, rule, exact.gradient);
  record.chip_against_direct = compare_plants(experiment, rule);

  std::vector<double> learned = initial;
  if (bench.train.epochs > 0) {
    auto training = train_on_chip(experiment, rule);
    learned = training.parameters;
    record.cost.simulated += training.simulated_time;
    training.record.loss_unit = loss_unit(experiment);
    add_held_out_figures(training.record, experiment, learned, baseline ? &*baseline : nullptr);
    record.training = std::move(training.record);
  }
  record.timeline = record_cycle(experiment, rule, learned, folder.unfinished_vcd());
  record.circuit = circuit_record(experiment, learned);
  record.waveforms = waveform_record(experiment, learned, baseline ? &*baseline : nullptr);
  add_results(record, experiment, learned);
  record.cost.wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  record.cost.peak_memory = peak_memory();

  report::write_run(record, folder.path());
  folder.keep();
  print_summary(record, folder.path());
  return report_limits(record.limits, false) ? done : limit_missed;
}

}  // namespace tellegen::cli
