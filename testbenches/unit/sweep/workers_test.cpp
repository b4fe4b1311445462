#include "runtime/sweep/workers.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <numeric>
#include <set>
#include <string>

#include "unit/training/bench_folder.hpp"

using namespace tellegen::sweep;
using namespace tellegen::tests;

namespace {

std::vector<std::size_t> numbers(std::size_t count) {
  std::vector<std::size_t> tasks(count);
  std::iota(tasks.begin(), tasks.end(), std::size_t{0});
  return tasks;
}

bool has_children() { return waitpid(-1, nullptr, WNOHANG) != -1; }

/// Whether this is the first call with that name, over all processes.
bool is_first(const std::filesystem::path& file) {
  const int made = open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600);
  if (made >= 0) close(made);
  return made >= 0;
}

}  // namespace

TEST_CASE("every task is done once, whatever the number of workers") {
  for (const unsigned workers : {1U, 2U, 5U, 40U}) {
    std::map<std::size_t, std::string> answers;
    const bool finished = run_in_workers({.tasks = numbers(23), .workers = workers,
                                          .task = [](std::size_t k) { return std::string(k * 10'000, 'x') + std::to_string(k); },
                                          .done = [&](std::size_t k, const Answer& answer) { CHECK(answers.emplace(k, answer.text).second); },
                                          .retry = {}, .stopped = {}});
    CHECK(finished);
    REQUIRE(answers.size() == 23);
    for (const auto& [k, text] : answers) CHECK(text == std::string(k * 10'000, 'x') + std::to_string(k));
    CHECK_FALSE(has_children());
  }
}

TEST_CASE("no tasks are no work") {
  CHECK(run_in_workers({.tasks = {}, .workers = 3, .task = [](std::size_t) { return std::string(); }, .done = [](std::size_t, const Answer&) { FAIL("nothing was asked"); },
                        .retry = {}, .stopped = {}}));
}

TEST_CASE("workers are processes of their own") {
  std::set<std::string> places;
  static_cast<void>(run_in_workers({.tasks = numbers(8), .workers = 2,
                                    .task = [](std::size_t) { return usleep(20'000), std::to_string(getpid()); },
                                    .done = [&](std::size_t, const Answer& answer) { places.insert(answer.text); }, .retry = {}, .stopped = {}}));
  CHECK(places.size() == 2);
  CHECK_FALSE(places.contains(std::to_string(getpid())));
}

TEST_CASE("a task whose worker dies is tried once more, and the others are not disturbed") {
  const BenchFolder folder;
  for (const unsigned workers : {1U, 3U}) {
    std::map<std::size_t, Answer> answers;
    std::vector<std::string> reasons;
    const auto mark = folder.path() / ("died-" + std::to_string(workers));
    const bool finished = run_in_workers({.tasks = numbers(9), .workers = workers,
                                          .task = [&](std::size_t k) {
                                            if (k == 4 && is_first(mark)) raise(SIGKILL);
                                            return std::to_string(k);
                                          },
                                          .done = [&](std::size_t k, const Answer& answer) { answers[k] = answer; },
                                          .retry = [&](std::size_t k, const std::string& reason) { reasons.push_back(std::to_string(k) + ": " + reason); }, .stopped = {}});
    CHECK(finished);
    REQUIRE(answers.size() == 9);
    for (const auto& [k, answer] : answers) {
      CHECK_FALSE(answer.died);
      CHECK(answer.text == std::to_string(k));
    }
    REQUIRE(reasons.size() == 1);
    CHECK(reasons[0] == "4: its process was ended by signal 9 (Killed)");
    CHECK_FALSE(has_children());
  }
}

TEST_CASE("a task that kills its worker twice is given up, with what the worker said last") {
  for (const unsigned workers : {1U, 2U}) {
    std::map<std::size_t, Answer> answers;
    CHECK(run_in_workers({.tasks = numbers(5), .workers = workers,
                          .task = [](std::size_t k) {
                            if (k == 2) fputs("first line\nout of luck\n", stderr), fflush(stderr), _exit(3);
                            return std::to_string(k);
                          },
                          .done = [&](std::size_t k, const Answer& answer) { answers[k] = answer; }, .retry = {}, .stopped = {}}));
    REQUIRE(answers.size() == 5);
    CHECK(answers[2].died);
    CHECK(answers[2].reason == "its process ended with code 3: out of luck");
    CHECK_FALSE(answers[3].died);
  }
}

TEST_CASE("workers that are told to stop leave no process behind") {
  int done = 0;
  CHECK_FALSE(run_in_workers({.tasks = numbers(1000), .workers = 2, .task = [](std::size_t) { return usleep(30'000), std::string(); },
                              .done = [&](std::size_t, const Answer&) { ++done; }, .retry = {}, .stopped = [&] { return done >= 5; }}));
  CHECK(done < 20);
  CHECK_FALSE(has_children());
}
