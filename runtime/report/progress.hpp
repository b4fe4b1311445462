#pragma once
// A progress bar for people at a terminal; silent for everybody else.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tellegen::report {

/// Where a progress bar draws, and by which clock.
struct ProgressOutput {
  std::function<void(std::string_view)> write;
  std::function<double()> now;  // [s], monotonic
  bool terminal = false;        // nothing is ever written when false
  int columns = 80;

  /// Standard error with its real width; silent when that is no terminal.
  [[nodiscard]] static ProgressOutput standard_error();
};

/// Progress of one long task: bar, rate and time left, on one line that is erased at the end.
///
///     Progress progress("training", epochs, "epochs");
///     for (...) progress.advance();
///
/// It appears only when the task is going to take more than two seconds. For use by one thread.
class Progress {
 public:
  /// @param label  what is going on, in a word or two
  /// @param total  count of parts of the task
  /// @param unit   what a part is called in the plural: "steps"
  Progress(std::string label, std::uint64_t total, std::string unit,
           ProgressOutput output = ProgressOutput::standard_error());
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void advance(std::uint64_t parts = 1);
  void set(std::uint64_t done);

  /// Erases the line; the destructor does it too.
  void finish();

 private:
  void draw_when_due();

  std::string label_;
  std::uint64_t total_;
  std::string unit_;
  ProgressOutput output_;
  std::uint64_t done_ = 0;
  double start_ = 0;                 // [s]
  std::optional<double> last_draw_;  // [s]
};

/// The line itself: "training  [=======>      ]  42 %  1.3 k epochs/s  00:12 left", cut to `columns`.
[[nodiscard]] std::string progress_line(std::string_view label, std::uint64_t done, std::uint64_t total,
                                        std::string_view unit, double elapsed, int columns);

}  // namespace tellegen::report
