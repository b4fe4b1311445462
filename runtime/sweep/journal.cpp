#include "runtime/sweep/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "runtime/files/atomic_file.hpp"
#include "runtime/sweep/fingerprint.hpp"
#include "tellegen/units/input_error.hpp"

namespace tellegen::sweep {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view first_line = "tellegen sweep journal 1\n";

std::string checksum(std::string_view fingerprint, std::string_view result) {
  return fmt::format("{:016x}", hash_of(result, hash_of(fingerprint)));
}

/// Whole lines with the right checksum; a torn one is passed over.
void read_lines(std::string_view rest, StoredResults& results) {
  if (!rest.starts_with(first_line)) return;
  rest.remove_prefix(first_line.size());
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return;
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    const auto first = line.find(' ');
    const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos) continue;
    const auto fingerprint = line.substr(0, first), result = line.substr(second + 1);
    if (line.substr(first + 1, second - first - 1) == checksum(fingerprint, result)) results[std::string(fingerprint)] = result;
  }
}

}  // namespace

Journal::Journal(const fs::path& file) : file_(file) {
  const auto fail = [&](std::string_view message) {
    if (descriptor_ >= 0) close(descriptor_);
    throw InputError({file.string(), 0}, "", message);
  };
  descriptor_ = open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(fmt::format("cannot be written: {}", std::strerror(errno)));
  // The workers of a sweep that was killed a moment ago hold it, too, until they are gone.
  bool held = false;
  for (int attempt = 0; !held && attempt < 20; ++attempt) {
    if (attempt > 0) usleep(50'000);
    held = flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
  }
  if (!held) fail("another sweep is writing here; wait for it, or choose another folder with -o");
  const auto content = read_whole_file(file);
  if (!content.empty() && !content.starts_with(first_line.substr(0, content.size()))) fail("is no journal of a sweep; choose another folder with -o");
  // What a kill left of a line ends here, so that the next one starts anew.
  const std::string_view start = content.size() < first_line.size() ? first_line.substr(content.size()) : content.ends_with('\n') ? "" : "\n";
  if (write(descriptor_, start.data(), start.size()) != static_cast<ssize_t>(start.size())) fail(fmt::format("cannot be written: {}", std::strerror(errno)));
}

Journal::~Journal() { close(descriptor_); }

void Journal::add(const std::string& fingerprint, const std::string& result) {
  const auto line = fmt::format("{} {} {}\n", fingerprint, checksum(fingerprint, result), result);
  // A short write (a full disk) leaves a torn line, which the next reading passes over.
  if (write(descriptor_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw InputError({file_.string(), 0}, "", fmt::format("cannot be written: {}", std::strerror(errno)));
}

fs::path journal_of(const fs::path& folder, unsigned rank) { return folder / (rank == 0 ? "points.journal" : fmt::format("points-{}.journal", rank)); }

StoredResults stored_results(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none))
    if (entry.path().filename().string().starts_with("points") && entry.path().extension() == ".journal") files.push_back(entry.path());
  StoredResults results;
  for (const auto& file : files) read_lines(read_whole_file(file), results);
  return results;
}

bool is_held(const fs::path& journal) {
  const int descriptor = open(journal.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool held = flock(descriptor, LOCK_SH | LOCK_NB) != 0;
  close(descriptor);
  return held;
}

}  // namespace tellegen::sweep
