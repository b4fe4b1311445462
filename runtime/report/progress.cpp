#include "runtime/report/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <utility>

#include "runtime/report/table.hpp"

namespace tellegen::report {
namespace {

constexpr double worth_showing = 2.0;      // [s] a shorter task is over before a bar is read
constexpr double before_estimating = 0.5;  // [s] earlier, the rate says little
constexpr double between_draws = 0.1;      // [s]
constexpr std::string_view erase_line = "\r\x1b[K";

std::string rate_text(double rate) {
  if (rate >= 1e6) return fmt::format("{:.3g} M ", rate / 1e6);
  if (rate >= 1e3) return fmt::format("{:.3g} k ", rate / 1e3);
  return fmt::format("{:.3g} ", rate);
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(std::min(seconds, 3.6e6)));
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{:02}:{:02}", whole / 60, whole % 60);
}

}  // namespace

ProgressOutput ProgressOutput::standard_error() {
  ProgressOutput output;
  output.terminal = isatty(STDERR_FILENO) == 1;
  output.write = [](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
  };
  output.now = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
  winsize size{};
  if (output.terminal && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) output.columns = size.ws_col;
  return output;
}

std::string progress_line(std::string_view label, std::uint64_t done, std::uint64_t total, std::string_view unit,
                          double elapsed, int columns) {
  const double share = total == 0 ? 1.0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const double rate = elapsed > 0 ? static_cast<double>(done) / elapsed : 0.0;  // [1/s]
  const auto head = fmt::format("{}  ", label);
  auto tail = fmt::format(" {:3.0f} %", std::floor(share * 100));
  if (rate > 0) {
    const double left = static_cast<double>(total - std::min(done, total)) / rate;  // [s]
    tail += fmt::format("  {}{}/s  {} left", rate_text(rate), unit, clock_text(left));
  }
  const int room = columns - 1 - static_cast<int>(shown_width(head) + shown_width(tail)) - 2;
  if (room < 8) return (head + tail).substr(0, static_cast<std::size_t>(std::max(columns - 1, 0)));
  const int length = std::min(room, 40);
  const int filled = static_cast<int>(std::floor(share * length));
  std::string bar(static_cast<std::size_t>(filled), '=');
  if (filled < length) bar += '>';
  bar.resize(static_cast<std::size_t>(length), ' ');
  return fmt::format("{}[{}]{}", head, bar, tail);
}

Progress::Progress(std::string label, std::uint64_t total, std::string unit, ProgressOutput output)
    : label_(std::move(label)), total_(total), unit_(std::move(unit)), output_(std::move(output)) {
  if (output_.terminal) start_ = output_.now();
}

Progress::~Progress() { finish(); }

void Progress::advance(std::uint64_t parts) { set(done_ + parts); }

void Progress::set(std::uint64_t done) {
  done_ = std::min(done, total_);
  if (output_.terminal) draw_when_due();
}

void Progress::finish() {
  if (last_draw_) output_.write(erase_line);
  last_draw_.reset();
}

void Progress::draw_when_due() {
  const double now = output_.now();
  const double elapsed = now - start_;
  if (last_draw_) {
    if (now - *last_draw_ < between_draws && done_ < total_) return;
  } else {
    if (elapsed < before_estimating) return;
    const double expected = done_ > 0 ? elapsed * static_cast<double>(total_) / static_cast<double>(done_) : elapsed;
    if (expected < worth_showing) return;
  }
  last_draw_ = now;
  output_.write(fmt::format("{}{}", erase_line, progress_line(label_, done_, total_, unit_, elapsed, output_.columns)));
}

}  // namespace tellegen::report
