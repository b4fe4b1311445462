// `sweep` as processes: killed, told to stop, bereft of its workers, and as ranks of a launcher.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "program/sweep_bench.hpp"

using namespace tellegen::tests;

namespace {

namespace fs = std::filesystem;

/// The program without waiting for it, its messages in a file of the folder.
pid_t start(const Folder& folder, Arguments arguments, const std::map<std::string, std::string>& environment = {}, const std::string& said_in = "said.txt") {
  arguments.insert(arguments.begin(), TELLEGEN_PROGRAM);
  std::vector<char*> words;
  for (auto& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
    const auto said = (folder.path() / said_in).string();
    const int file = open(said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (chdir(folder.path().c_str()) == 0 && dup2(file, STDOUT_FILENO) >= 0 && dup2(file, STDERR_FILENO) >= 0) execv(words[0], words.data());
    _exit(127);
  }
  return child;
}

int status_of(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

bool is_running(pid_t child) { return waitpid(child, nullptr, WNOHANG) == 0; }

/// Neither gone nor only waiting for its parent to take note.
bool is_alive(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  std::string text;
  std::getline(file, text);
  const auto name_end = text.rfind(") ");
  return name_end != std::string::npos && text[name_end + 2] != 'Z';
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  std::ifstream list(fmt::format("/proc/{0}/task/{0}/children", parent));
  for (pid_t child = 0; list >> child;) children.push_back(child);
  return children;
}

std::size_t finished_points(const Folder& folder) {
  const auto journal = folder.path() / "out/points.journal";
  const auto lines = fs::exists(journal) ? lines_of(read_file(journal)).size() : 0;
  return lines > 0 ? lines - 1 : 0;  // the first is the title
}

template <class Condition>
bool comes_true(Condition&& condition) {
  for (int k = 0; k < 6000; ++k) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

/// A sweep that takes long enough to be disturbed.
const Arguments long_sweep{"--vary", "rule.beta=1e-3:0.2:60", "--vary", "chip.clock=100 kHz,50 kHz", "--train", "--set", "train.epochs=20"};

}  // namespace

TEST_CASE("a killed sweep goes on where it was, to the same bits") {
  const Folder killed, whole;
  nonlinear_bench().write(killed);
  nonlinear_bench().write(whole);
  const pid_t child = start(killed, sweep(with(long_sweep, {"--jobs", "2"})));
  REQUIRE(comes_true([&] { return finished_points(killed) >= 5; }));
  const auto workers = children_of(child);
  kill(child, SIGKILL);
  CHECK(WTERMSIG(status_of(child)) == SIGKILL);
  CHECK(comes_true([&] { return std::ranges::none_of(workers, is_alive); }));
  const auto kept = finished_points(killed);
  REQUIRE(kept < 120);
  CHECK_FALSE(fs::exists(killed.path() / "out/sweep.csv"));
  const auto resumed = run_tellegen(killed, sweep(with(long_sweep, {"--jobs", "2"})));
  CHECK(resumed.code == 0);
  CHECK(resumed.err.find(" of 120 points are taken from out/points.journal") != std::string::npos);
  CHECK(finished_points(killed) >= 120);
  CHECK(run_tellegen(whole, sweep(with(long_sweep, {"--jobs", "1"}))).code == 0);
  check_same_results(killed, whole);
}

TEST_CASE("a sweep that is told to stop stops its workers and says how to go on") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const Folder folder;
    nonlinear_bench().write(folder);
    const pid_t child = start(folder, sweep(with(long_sweep, {"--jobs", "2"})));
    REQUIRE(comes_true([&] { return finished_points(folder) >= 3; }));
    const auto workers = children_of(child);
    kill(child, signal);
    const int status = status_of(child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal);
    for (const auto worker : workers) CHECK_FALSE(is_alive(worker));
    CHECK(folder.read("said.txt").find("of 120 points done; the same command goes on from there (out/points.journal)") != std::string::npos);
    CHECK_FALSE(fs::exists(folder.path() / "out/sweep.json"));
  }
}

TEST_CASE("a worker that is killed is replaced, and the result is the same") {
  const Folder disturbed, whole;
  nonlinear_bench().write(disturbed);
  nonlinear_bench().write(whole);
  const pid_t child = start(disturbed, sweep(with(long_sweep, {"--jobs", "2"})));
  REQUIRE(comes_true([&] { return finished_points(disturbed) >= 3 && !children_of(child).empty(); }));
  for (const auto worker : children_of(child)) kill(worker, SIGKILL);
  CHECK(WEXITSTATUS(status_of(child)) == 0);
  CHECK(disturbed.read("said.txt").find("its process was ended by signal 9 (Killed); it is tried once more") != std::string::npos);
  CHECK(run_tellegen(whole, sweep(with(long_sweep, {"--jobs", "2"}))).code == 0);
  check_same_results(disturbed, whole);
}

TEST_CASE("points whose workers die again and again are named, and the sweep ends") {
  const Folder folder;
  nonlinear_bench().write(folder);
  const pid_t child = start(folder, sweep({"--vary", "rule.beta=1e-3,1e-2,1e-1", "--train", "--set", "train.epochs=2000", "--jobs", "1"}));
  // What checks the settings may live; what measures them dies as soon as it is seen.
  REQUIRE(comes_true([&] { return fs::exists(folder.path() / "out/points.journal"); }));
  while (is_running(child)) {
    for (const auto worker : children_of(child)) kill(worker, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  const auto said = folder.read("said.txt");
  INFO(said);
  CHECK(said.find("of 3 points failed; the first, rule.beta = 1e-3: its process was ended by signal 9 (Killed)") != std::string::npos);
  const auto json = nlohmann::json::parse(folder.read("out/sweep.json"));
  CHECK(json["points"][0]["status"] == "failed");
  CHECK(finished_points(folder) < 3);  // so that the same command tries them again
}

TEST_CASE("ranks that a launcher starts share the work and the folder, and rank 0 writes the same bits") {
  const Folder shared, whole;
  nonlinear_bench().write(shared);
  nonlinear_bench().write(whole);
  const auto rank = [&](int number, const std::string& job) {
    return start(shared, sweep(with(grid, {"--jobs", "1"})), {{"OMPI_COMM_WORLD_RANK", std::to_string(number)}, {"OMPI_COMM_WORLD_SIZE", "3"}, {"PMIX_NAMESPACE", job}},
                 fmt::format("said-{}.txt", number));
  };
  const auto first = rank(0, "one"), second = rank(1, "one"), third = rank(2, "one");
  for (const auto process : {second, third, first}) CHECK(WEXITSTATUS(status_of(process)) == 0);
  CHECK(shared.read("said-1.txt") == "");
  CHECK(lines_of(shared.read("out/points-1.journal")).size() == 1 + 1 + 5 + 1);  // title, its beginning, its third of the points, its end
  CHECK(lines_of(shared.read("out/points-2.journal")).size() == 1 + 1 + 5 + 1);
  CHECK(run_tellegen(whole, sweep(grid)).code == 0);
  check_same_results(shared, whole);
  CHECK(run_tellegen(shared, sweep(grid)).err == "15 of 15 points are taken from out/points.journal\n");
}

TEST_CASE("rank 0 does the work of a rank that dies") {
  const Folder shared, whole;
  nonlinear_bench().write(shared);
  nonlinear_bench().write(whole);
  const auto rank = [&](int number) {
    return start(shared, sweep(with(long_sweep, {"--jobs", "1"})), {{"PMI_RANK", std::to_string(number)}, {"PMI_SIZE", "2"}}, fmt::format("said-{}.txt", number));
  };
  const auto second = rank(1);
  REQUIRE(comes_true([&] { return fs::exists(shared.path() / "out/points-1.journal") && lines_of(shared.read("out/points-1.journal")).size() > 3; }));
  const auto first = rank(0);
  kill(second, SIGSTOP);
  REQUIRE(comes_true([&] { return finished_points(shared) >= 1; }));
  kill(second, SIGKILL);
  CHECK(WTERMSIG(status_of(second)) == SIGKILL);
  CHECK(WEXITSTATUS(status_of(first)) == 0);
  CHECK(run_tellegen(whole, sweep(long_sweep)).code == 0);
  check_same_results(shared, whole);
}

