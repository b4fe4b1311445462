#include "runtime/files/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "tellegen/units/input_error.hpp"

namespace tellegen {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, std::string_view deed, int error) {
  throw InputError({path.string(), 0}, "", "cannot be " + std::string(deed) + ": " + std::strerror(error));
}

/// Open file descriptor, closed at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  /// Closes now, so that the failure of a delayed write is seen.
  [[nodiscard]] bool close_now() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(descriptor, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void write_directly(const fs::path& path, std::string_view content) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.is_open() || !write_all(file.number(), content) || !file.close_now()) fail(path, "written", errno);
}

/// New hidden file beside the target, with the permissions that a file made by the user would have.
int open_temporary(const fs::path& target, fs::path& temporary) {
  static std::atomic<unsigned> number{0};
  for (int attempt = 0; attempt < 1000; ++attempt) {
    temporary = target;
    temporary.replace_filename("." + target.filename().string() + "." + std::to_string(::getpid()) + "-" +
                               std::to_string(number++));
    const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

/// A file that is replaced keeps its permissions.
bool keep_permissions(const fs::path& target, int descriptor) {
  struct stat status {};
  return ::stat(target.c_str(), &status) != 0 || ::fchmod(descriptor, status.st_mode & 07777) == 0;
}

/// What is written in the place of a path: a link stays a link, what it points to is replaced.
fs::path resolved(const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(fs::symlink_status(path, error))) return path;
  const auto target = fs::weakly_canonical(path, error);
  return error ? path : target;
}

void write_by_rename(const fs::path& target, std::string_view content) {
  fs::path temporary;
  Descriptor file(open_temporary(target, temporary));
  if (!file.is_open()) fail(target, "written", errno);
  const bool complete = write_all(file.number(), content) && keep_permissions(target, file.number()) &&
                        ::fsync(file.number()) == 0 && file.close_now() &&
                        ::rename(temporary.c_str(), target.c_str()) == 0;
  if (!complete) {
    const int error = errno;
    ::unlink(temporary.c_str());
    fail(target, "written", error);
  }
  // Flushing the folder makes the rename itself durable. Some file systems cannot; the file is whole either way.
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  const Descriptor entry(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (entry.is_open()) ::fsync(entry.number());
}

}  // namespace

void write_file_atomically(const fs::path& path, std::string_view content, MissingFolders missing) {
  std::error_code error;
  if (missing == MissingFolders::create && path.has_parent_path()) {
    fs::create_directories(path.parent_path(), error);
    if (error) fail(path.parent_path(), "made", error.value());
  }
  const auto status = fs::status(path, error);
  if (fs::is_directory(status)) fail(path, "written", EISDIR);
  if (fs::exists(status) && !fs::is_regular_file(status)) return write_directly(path, content);
  write_by_rename(resolved(path), content);
}

void check_writable(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (fs::is_directory(status)) fail(path, "written", EISDIR);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    if (::access(path.c_str(), W_OK) != 0) fail(path, "written", errno);
    return;
  }
  fs::path temporary;
  const Descriptor file(open_temporary(resolved(path), temporary));
  if (!file.is_open()) fail(path, "written", errno);
  ::unlink(temporary.c_str());
}

std::string read_whole_file(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) fail(path, "read", errno);
  std::string content;
  std::size_t length = 0;
  for (;;) {
    content.resize(length + 65536);
    const auto got = ::read(file.number(), content.data() + length, 65536);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, "read", errno);
    length += static_cast<std::size_t>(got);
    if (got == 0) break;
  }
  content.resize(length);
  return content;
}

}  // namespace tellegen
