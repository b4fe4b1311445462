#include "runtime/sweep/workers.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <system_error>
#include <vector>

namespace tellegen::sweep {
namespace {

constexpr int look_every = 200;  // [ms] at the question whether to stop
constexpr int most_tries = 2;

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

[[noreturn]] void fail(const char* deed) { throw std::system_error(errno, std::generic_category(), deed); }

bool read_all(int descriptor, void* data, std::size_t size) {
  auto* at = static_cast<char*>(data);
  while (size > 0) {
    const auto got = read(descriptor, at, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

bool write_all(int descriptor, const void* data, std::size_t size) {
  const auto* at = static_cast<const char*>(data);
  while (size > 0) {
    const auto put = write(descriptor, at, size);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    at += put;
    size -= static_cast<std::size_t>(put);
  }
  return true;
}

std::string last_line(std::FILE* file) {
  constexpr long most = 300;
  std::fseek(file, 0, SEEK_END);
  const long size = std::ftell(file);
  std::fseek(file, std::max(0L, size - most), SEEK_SET);
  std::string text(static_cast<std::size_t>(most), '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  text.erase(text.find_last_not_of(" \n\r\t") + 1);
  const auto newline = text.rfind('\n');
  return newline == std::string::npos ? text : text.substr(newline + 1);
}

/// One process, and the ends of its pipes that are ours.
class Worker {
 public:
  /// @param others  descriptors that the new process must not keep open
  Worker(const std::function<std::string(std::size_t)>& task, const std::vector<int>& others) : said_(std::tmpfile(), std::fclose) {
    int to[2], from[2];
    if (!said_ || pipe2(to, O_CLOEXEC) != 0) fail("a worker cannot be made");
    if (pipe2(from, O_CLOEXEC) != 0) fail("a worker cannot be made");
    std::fflush(nullptr);  // what is buffered here must not be written twice
    const auto parent = getpid();
    pid_ = fork();
    if (pid_ < 0) fail("a worker cannot be made");
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != parent) _exit(0);
      for (const int other : others) close(other);
      close(to[1]), close(from[0]);
      serve(task, to[0], from[1], fileno(said_.get()));
    }
    close(to[0]), close(from[1]);
    to_ = to[1];
    from_ = from[0];
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    close(to_), close(from_);
    if (!ended_) {
      kill(pid_, SIGKILL);
      wait();
    }
  }

  [[nodiscard]] int from() const { return from_; }
  [[nodiscard]] int to() const { return to_; }
  [[nodiscard]] std::optional<std::size_t> task() const { return task_; }

  void give(std::size_t task) {
    task_ = task;
    const std::uint64_t number = task;
    // Where this fails the worker is dead, which the reading end tells.
    [[maybe_unused]] const bool is_sent = write_all(to_, &number, sizeof number);
  }

  /// Its answer; nothing when it has died instead.
  std::optional<std::string> take() {
    std::uint64_t size = 0;
    std::string text;
    if (!read_all(from_, &size, sizeof size)) return std::nullopt;
    text.resize(size);
    if (!read_all(from_, text.data(), size)) return std::nullopt;
    task_.reset();
    return text;
  }

  /// How it has died.
  std::string obituary() {
    const int status = wait();
    auto text = WIFSIGNALED(status) ? fmt::format("its process was ended by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)))
                                    : fmt::format("its process ended with code {}", WEXITSTATUS(status));
    if (const auto said = last_line(said_.get()); !said.empty()) text += ": " + said;
    return text;
  }

 private:
  [[noreturn]] static void serve(const std::function<std::string(std::size_t)>& task, int in, int out, int said) {
    signal(SIGINT, SIG_IGN);  // a Ctrl-C reaches the whole group; the parent decides
    signal(SIGTERM, SIG_DFL);
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDOUT_FILENO);
    dup2(said, STDERR_FILENO);
    for (std::uint64_t number = 0; read_all(in, &number, sizeof number);) {
      const auto text = task(number);
      const std::uint64_t size = text.size();
      if (!write_all(out, &size, sizeof size) || !write_all(out, text.data(), text.size())) break;
    }
    _exit(0);  // nothing of the parent's is torn down here
  }

  int wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    ended_ = true;
    return status;
  }

  File said_;
  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
  bool ended_ = false;
  std::optional<std::size_t> task_;
};

/// Writing to a worker that has just died must not end this process.
class BrokenPipesIgnored {
 public:
  BrokenPipesIgnored() : before_(signal(SIGPIPE, SIG_IGN)) {}
  ~BrokenPipesIgnored() { signal(SIGPIPE, before_); }
  BrokenPipesIgnored(const BrokenPipesIgnored&) = delete;
  BrokenPipesIgnored& operator=(const BrokenPipesIgnored&) = delete;

 private:
  void (*before_)(int);
};

class Pool {
 public:
  explicit Pool(const WorkerJob& job) : job_(job), waiting_(job.tasks.begin(), job.tasks.end()) {}

  bool run() {
    const BrokenPipesIgnored ignored;
    for (;;) {
      assign();
      if (std::ranges::none_of(workers_, [](const auto& worker) { return worker->task().has_value(); })) return true;
      if (job_.stopped && job_.stopped()) return false;
      std::vector<pollfd> places;
      for (const auto& worker : workers_) places.push_back({worker->from(), POLLIN, 0});
      if (poll(places.data(), places.size(), look_every) < 0 && errno != EINTR) fail("workers cannot be waited for");
      for (std::size_t k = 0; k < places.size(); ++k)
        if ((places[k].revents & (POLLIN | POLLHUP | POLLERR)) != 0) hear(workers_[k]);
      std::erase(workers_, nullptr);
    }
  }

 private:
  /// Tasks for idle workers, and new workers in the place of those that died.
  void assign() {
    for (const auto& worker : workers_)
      if (!worker->task()) give_next(*worker);
    while (!waiting_.empty() && workers_.size() < job_.workers) {
      hire();
      give_next(*workers_.back());
    }
  }

  void hire() {
    std::vector<int> others;
    for (const auto& worker : workers_)
      if (worker) others.insert(others.end(), {worker->to(), worker->from()});
    workers_.push_back(std::make_unique<Worker>(job_.task, others));
  }

  void give_next(Worker& worker) {
    if (waiting_.empty()) return;
    worker.give(waiting_.front());
    waiting_.pop_front();
  }

  void hear(std::unique_ptr<Worker>& worker) {
    const auto task = worker->task();
    if (const auto text = worker->take()) return job_.done(*task, {*text, false, ""});
    const auto reason = worker->obituary();
    worker.reset();
    if (!task) return;
    if (++tries_[*task] < most_tries) {
      waiting_.push_front(*task);
      if (job_.retry) job_.retry(*task, reason);
    } else {
      job_.done(*task, {"", true, reason});
    }
  }

  const WorkerJob& job_;
  std::deque<std::size_t> waiting_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::map<std::size_t, int> tries_;
};

}  // namespace

bool run_in_workers(const WorkerJob& job) { return Pool(job).run(); }

}  // namespace tellegen::sweep
