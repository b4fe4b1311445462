#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/gradient_record.hpp"
#include "runtime/cli/limits.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/cli/overrides.hpp"
#include "runtime/cli/sweep_point.hpp"
#include "runtime/files/atomic_file.hpp"
#include "runtime/report/progress.hpp"
#include "runtime/report/render.hpp"
#include "runtime/report/sweep_render.hpp"
#include "runtime/sweep/journal.hpp"
#include "runtime/sweep/plan.hpp"
#include "runtime/sweep/ranks.hpp"
#include "runtime/sweep/summary.hpp"
#include "runtime/sweep/workers.hpp"

namespace tellegen::cli {
namespace {

namespace fs = std::filesystem;

constexpr double usual_cosine = 0.99;
constexpr double usual_quantile = 0.05;

volatile std::sig_atomic_t caught_signal = 0;

/// While it lives, SIGINT and SIGTERM ask for an orderly end.
class OrderlyEnd {
 public:
  OrderlyEnd() {
    caught_signal = 0;
    for (std::size_t k = 0; k < 2; ++k) {
      struct sigaction action {};
      action.sa_handler = [](int number) { caught_signal = number; };
      sigaction(signals[k], &action, &before_[k]);
    }
  }
  ~OrderlyEnd() {
    for (std::size_t k = 0; k < 2; ++k) sigaction(signals[k], &before_[k], nullptr);
  }
  OrderlyEnd(const OrderlyEnd&) = delete;
  OrderlyEnd& operator=(const OrderlyEnd&) = delete;

  [[nodiscard]] static bool is_wanted() { return caught_signal != 0; }

 private:
  static constexpr int signals[] = {SIGINT, SIGTERM};
  struct sigaction before_[2];
};

/// Whoever waits for this process shall see which signal has ended it.
[[noreturn]] void end_by_caught_signal() {
  std::fflush(nullptr);
  std::signal(caught_signal, SIG_DFL);
  std::raise(caught_signal);
  std::abort();
}

/// Of this program's own file, since one version may be built of several states of its sources; 0 where the system does not tell.
std::uint64_t hash_of_program() {
  constexpr const char* own_file = "/proc/self/exe";
  std::error_code none;
  return fs::exists(own_file, none) ? sweep::hash_of(read_whole_file(own_file)) : 0;
}

void check_options(const SweepOptions& options) {
  if (options.cosine && !(*options.cosine >= -1 && *options.cosine <= 1))
    throw InputError({}, "--cosine", fmt::format("a cosine lies in -1 to 1, got {}", *options.cosine));
  if (options.quantile && !(*options.quantile >= 0 && *options.quantile < 1))
    throw InputError({}, "--quantile", fmt::format("a share of the chips from 0 up to, not including, 1 is expected, got {}", *options.quantile));
  if (options.quantile && options.monte_carlo == 0) throw InputError({}, "--quantile", "it is of the chips of --monte-carlo N, which is missing");
  if (options.plant == "direct" && !options.cost.empty()) throw InputError({}, "--cost", "the direct plant has none; expected --plant chip with it");
  check_output(options.json);
}

/// Everything that one run of the command works with.
class Sweep {
 public:
  explicit Sweep(const SweepOptions& options)
      : options_(options), plan_(options.bench, overrides_of(options.set), keys_of(options.vary), options.monte_carlo),
        measure_{.on_chip = options.plant == "chip", .trains = options.train},
        folder_(options.directory.empty() ? fs::path("out") / (fs::absolute(options.bench).parent_path().filename().string() + "-sweep") : fs::path(options.directory)) {
    describe();
    const auto what = fmt::format("tellegen {} {:016x} {} {}\n", options.version, hash_of_program(), options.plant, options.train ? "trained" : "gradient");
    sweep::Fingerprints fingerprints(fs::path(options.bench).parent_path(), what);
    for (std::size_t k = 0; k < plan_.size(); ++k) fingerprints_.push_back(fingerprints.of(plan_.tree(plan_.point(k))));
  }

  int run() {
    results_ = sweep::stored_results(folder_);
    check_points();
    open_folder();
    measure_points();
    if (ranks_.rank != 0) return done;
    sweep::summarise(record_);
    report::write_sweep(record_, folder_);
    return tell();
  }

 private:
  static std::vector<sweep::VariedKey> keys_of(const std::vector<std::string>& texts) {
    std::vector<sweep::VariedKey> keys;
    for (const auto& text : texts) keys.push_back(sweep::varied_key(text));
    return keys;
  }

  /// Checks the first point here, where its message costs least, and takes from it what all points share.
  void describe() {
    const Experiment experiment(read_bench(plan_.tree(plan_.point(0)), plan_.bench()));
    check_point(experiment, measure_);
    const auto& bench = experiment.bench();
    if (options_.cost == "energy" && !bench.chip.nonideal.states_energy) throw InputError({bench.file.string(), 0}, "--cost", "the bench states no [chip.energy]");
    record_.title = bench.report.title.empty() ? bench.name : bench.report.title;
    record_.bench_name = bench.name;
    record_.bench_file = options_.bench;
    record_.deck_file = bench.deck.string();
    record_.tool_version = options_.version;
    record_.date = fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
    record_.plant = options_.plant;
    record_.fixed = options_.set;
    record_.chips = plan_.chips();
    record_.monte_carlo = plan_.is_monte_carlo();
    record_.quantile = record_.monte_carlo ? options_.quantile.value_or(usual_quantile) : 0;
    record_.limit_stated = options_.cosine.has_value() || bench.limits.gradient_cosine.has_value();
    record_.cosine_limit = options_.cosine.value_or(bench.limits.gradient_cosine.value_or(usual_cosine));
    record_.cost_order = options_.cost.empty() ? "memory" : options_.cost;
    record_.loss_unit = loss_unit(experiment);
    for (const auto& key : plan_.listed()) record_.listed.push_back(key.shown);
    for (const auto& key : plan_.drawn()) record_.drawn.push_back(key.shown);
    for (std::size_t k = 0; k < plan_.settings(); ++k) record_.settings.push_back({.values = plan_.values(k)});
    for (std::size_t k = 0; k < plan_.size(); ++k) {
      const auto point = plan_.point(k);
      record_.points.push_back({.setting = point.setting, .chip = point.chip, .seed = point.seed, .drawn = point.drawn});
    }
  }

  [[nodiscard]] std::string name_of_point(std::size_t k) const {
    const auto& point = record_.points[k];
    auto name = sweep::setting_text(record_, record_.settings[point.setting]);
    if (record_.monte_carlo) name += fmt::format(", chip {}", point.chip);
    return name;
  }

  [[nodiscard]] unsigned jobs() const { return options_.jobs > 0 ? options_.jobs : std::max(1U, std::thread::hardware_concurrency()); }

  void open_folder() {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error || !fs::is_directory(folder_) || access(folder_.c_str(), W_OK | X_OK) != 0)
      throw InputError({folder_.string(), 0}, "-o", "cannot be written; expected a folder in which files can be made");
    journal_.emplace(sweep::journal_of(folder_, ranks_.rank));
    if (ranks_.rank != 0) journal_->add(mark_of(ranks_.rank, begun), begun);
  }

  [[nodiscard]] bool is_stored(std::size_t k) const { return results_.contains(fingerprints_[k]); }

  bool run_workers(const char* label, std::vector<std::size_t> tasks, const std::function<std::string(std::size_t)>& task,
                   const std::function<void(std::size_t, const sweep::Answer&)>& done) {
    report::Progress progress(label, tasks.size(), "points");
    const auto count = tasks.size();
    return sweep::run_in_workers({.tasks = std::move(tasks),
                                  .workers = static_cast<unsigned>(std::min<std::size_t>(jobs(), count)),
                                  .task = task,
                                  .done =
                                      [&](std::size_t k, const sweep::Answer& answer) {
                                        done(k, answer);
                                        progress.advance();
                                      },
                                  .retry =
                                      [&](std::size_t k, const std::string& reason) {
                                        progress.finish();
                                        fmt::print(stderr, "{}: {}; it is tried once more\n", name_of_point(k), reason);
                                      },
                                  .stopped = OrderlyEnd::is_wanted});
  }

  /// Refuses the sweep before it starts when any of its benches is wrong.
  void check_points() {
    std::vector<std::size_t> tasks;
    for (std::size_t k = 1; k < plan_.size(); ++k)
      if (!is_stored(k)) tasks.push_back(k);
    std::map<std::size_t, std::string> refused;
    const OrderlyEnd orderly;
    const auto check = [&](std::size_t k) -> std::string {
      try {
        check_point(Experiment(read_bench(plan_.tree(plan_.point(k)), plan_.bench())), measure_);
      } catch (const InputError& error) {
        return error.what();
      } catch (const std::exception&) {  // told when the point runs
      }
      return "";
    };
    const bool all_checked = run_workers("checking the settings", std::move(tasks), check, [&](std::size_t k, const sweep::Answer& answer) {
      if (!answer.text.empty()) refused[k] = answer.text;
    });
    if (!all_checked) end_by_caught_signal();
    if (!refused.empty()) throw InputError({}, "", refused.begin()->second);
  }

  void measure_points() {
    std::vector<std::size_t> tasks;
    std::size_t taken = 0;
    for (std::size_t k = 0; k < plan_.size(); ++k) {
      taken += is_stored(k) ? 1 : 0;
      if (!is_stored(k) && k % ranks_.size == ranks_.rank) tasks.push_back(k);
    }
    const bool is_first = ranks_.rank == 0;
    if (taken > 0 && is_first) fmt::print(stderr, "{} of {} points are taken from {}\n", taken, plan_.size(), sweep::journal_of(folder_, 0).string());
    measure(std::move(tasks));
    if (!is_first) return journal_->add(mark_of(ranks_.rank, finished), finished);
    if (ranks_.size > 1) {
      wait_for_others();
      // What another rank did not manage is done here.
      std::vector<std::size_t> left;
      for (std::size_t k = 0; k < plan_.size(); ++k)
        if (!is_stored(k) && k % ranks_.size != 0) left.push_back(k);
      measure(std::move(left));
    }
    for (std::size_t k = 0; k < plan_.size(); ++k)
      if (const auto found = results_.find(fingerprints_[k]); found != results_.end()) read_point(found->second, record_.points[k]);
  }

  /// Runs these points, and keeps what comes out.
  void measure(std::vector<std::size_t> tasks) {
    PointMeasurer measurer(plan_.bench(), measure_);
    const OrderlyEnd orderly;
    const bool all_done = run_workers(
        "sweep", std::move(tasks), [&](std::size_t k) { return measurer.measure(plan_.tree(plan_.point(k))); },
        [&](std::size_t k, const sweep::Answer& answer) {
          auto& point = record_.points[k];
          if (answer.died) {
            point.status = report::PointStatus::failed;
            point.message = answer.reason;
            return;
          }
          read_point(answer.text, point);
          // What failed for a reason outside of the bench is tried again by the next run.
          if (point.status == report::PointStatus::failed) return;
          journal_->add(fingerprints_[k], answer.text);
          results_[fingerprints_[k]] = answer.text;
        });
    if (all_done) return;
    std::size_t stored = 0;
    for (std::size_t k = 0; k < plan_.size(); ++k) stored += is_stored(k) ? 1 : 0;
    fmt::print(stderr, "stopped with {} of {} points done; the same command goes on from there ({})\n", stored, plan_.size(),
               sweep::journal_of(folder_, ranks_.rank).string());
    end_by_caught_signal();
  }

  /// What a rank writes into its journal when it begins and when it ends, of this sweep and this launch.
  static constexpr const char* begun = "begun";
  static constexpr const char* finished = "finished";
  [[nodiscard]] std::string mark_of(unsigned rank, const char* what) const {
    auto text = fmt::format("{} {} {} {}", what, ranks_.job, rank, ranks_.size);
    for (const auto& fingerprint : fingerprints_) text += fingerprint;
    return fmt::format("rank{:016x}", sweep::hash_of(text));
  }

  /// Until every other rank has finished, or has let go of its journal after it began.
  void wait_for_others() {
    const OrderlyEnd orderly;
    const auto take_up = [&] {
      for (auto& [fingerprint, result] : sweep::stored_results(folder_)) results_[fingerprint] = result;
    };
    for (unsigned rank = 1; rank < ranks_.size; ++rank) {
      const auto has_ended = [&] {
        take_up();
        return results_.contains(mark_of(rank, finished)) || (results_.contains(mark_of(rank, begun)) && !sweep::is_held(sweep::journal_of(folder_, rank)));
      };
      while (!has_ended()) {
        if (OrderlyEnd::is_wanted()) end_by_caught_signal();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    }
    take_up();  // what came in between
  }

  /// Table and sentence; the exit code.
  int tell() {
    const bool talks = options_.json != "-";
    write_output(options_.json, report::json_text(report::sweep_json(record_)) + "\n");
    if (talks) {
      fmt::print("{}\n{}\n", report::sweep_table(record_), record_.sentence);
      fmt::print("report: {}\n", (folder_ / "report.html").string());
    }
    const auto complain = [&](report::PointStatus status, const char* what) {
      const auto is_such = [&](const report::SweepPoint& point) { return point.status == status; };
      const auto count = std::ranges::count_if(record_.points, is_such);
      if (count == 0) return false;
      const auto first = std::ranges::find_if(record_.points, is_such);
      fmt::print(stderr, "{} of {} points {}; the first, {}: {}\n", count, record_.points.size(), what,
                 name_of_point(static_cast<std::size_t>(first - record_.points.begin())), first->message);
      return true;
    };
    const bool failed = complain(report::PointStatus::failed, "failed"), diverged = complain(report::PointStatus::no_convergence, "did not converge");
    bool met = true;
    if (record_.limit_stated) {
      const double measured = record_.chosen ? record_.settings[*record_.chosen].cosine.quantile : -1;
      met = report_limits({{.name = "gradient_cosine", .stated = record_.cosine_limit, .measured = measured, .unit = "", .sense = report::LimitSense::at_least,
                            .met = record_.chosen && record_.settings[*record_.chosen].holds}}, talks);
    }
    return failed ? internal_error : diverged ? no_convergence : met ? done : limit_missed;
  }

  const SweepOptions& options_;
  sweep::Plan plan_;
  PointMeasure measure_;
  fs::path folder_;
  std::vector<std::string> fingerprints_;
  sweep::Ranks ranks_ = sweep::Ranks::of_environment();
  sweep::StoredResults results_;
  std::optional<sweep::Journal> journal_;
  report::SweepRecord record_;
};

}  // namespace

int sweep(const SweepOptions& options) {
  check_options(options);
  return Sweep(options).run();
}

}  // namespace tellegen::cli
