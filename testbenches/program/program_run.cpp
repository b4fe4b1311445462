#include "program/program_run.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace tellegen::tests {
namespace {

namespace fs = std::filesystem;

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// Nameless file, so that what is captured never shows in the folder under test.
File nameless_file() {
  File file(std::tmpfile(), std::fclose);
  if (!file) throw std::runtime_error("no temporary file can be made");
  return file;
}

std::string content_of(std::FILE* file) {
  std::string text;
  std::rewind(file);
  char block[65536];
  for (std::size_t got; (got = std::fread(block, 1, sizeof block, file)) > 0;) text.append(block, got);
  return text;
}

[[noreturn]] void become(const fs::path& folder, const std::vector<std::string>& command_line, std::FILE* out,
                         std::FILE* err) {
  std::vector<char*> arguments;
  for (const auto& argument : command_line) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  if (chdir(folder.c_str()) == 0 && dup2(fileno(out), STDOUT_FILENO) >= 0 && dup2(fileno(err), STDERR_FILENO) >= 0)
    execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

Folder::Folder() {
  auto name = (fs::temp_directory_path() / "tellegen-program-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder can be made");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void Folder::write(std::string_view name, std::string_view content) const {
  fs::create_directories((path_ / name).parent_path());
  std::ofstream(path_ / name, std::ios::binary) << content;
}

std::string Folder::read(std::string_view name) const { return read_file(path_ / name); }

std::vector<std::string> Folder::content() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(path_))
    names.push_back(fs::relative(entry.path(), path_).string());
  std::ranges::sort(names);
  return names;
}

Outcome run_program(const Folder& folder, const std::vector<std::string>& command_line) {
  const auto out = nameless_file(), err = nameless_file();
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("no child process can be made");
  if (child == 0) become(folder.path(), command_line, out.get(), err.get());
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .out = content_of(out.get()),
          .err = content_of(err.get())};
}

Outcome run_tellegen(const Folder& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), TELLEGEN_PROGRAM);
  return run_program(folder, arguments);
}

nlohmann::json json_of(const Outcome& outcome, int code) {
  INFO(outcome.err);
  REQUIRE(outcome.code == code);
  return nlohmann::json::parse(outcome.out);
}

std::optional<std::string> installed(std::string_view name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const auto file = fs::path(folder) / name;
    if (access(file.c_str(), X_OK) == 0) return file.string();
  }
  return std::nullopt;
}

std::string refusal(const Folder& folder, const std::vector<std::string>& arguments) {
  std::string command;
  for (const auto& argument : arguments) command += argument + " ";
  INFO("tellegen " << command);
  const auto before = folder.content();
  const auto outcome = run_tellegen(folder, arguments);
  INFO(outcome.err);
  CHECK(outcome.code == 2);
  CHECK(outcome.out == "");
  CHECK(std::ranges::count(outcome.err, '\n') == 1);
  CHECK(outcome.err.ends_with('\n'));
  CHECK(folder.content() == before);
  return outcome.err.substr(0, outcome.err.find('\n'));
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path.string() + " cannot be read");
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace tellegen::tests
