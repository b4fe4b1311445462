#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>

#include "runtime/report/render.hpp"
#include "tellegen/units/input_error.hpp"

namespace tellegen::report {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& reason) {
  throw InputError({path.string(), 0}, "", "cannot be written: " + reason + "; a writable place is expected");
}

}  // namespace

void replace_file(const std::filesystem::path& path, std::string_view contents) {
  // The unfinished file stands beside its final place: rename is atomic only within one file system.
  auto unfinished = path;
  unfinished += ".unfinished";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(unfinished.c_str(), "wb"),
                                                             [](std::FILE* f) { return std::fclose(f); });
  if (!file) refuse(path, std::strerror(errno));
  const bool written =
      std::fwrite(contents.data(), 1, contents.size(), file.get()) == contents.size() && std::fflush(file.get()) == 0;
  std::error_code problem;
  if (!written) {
    const std::string reason = std::strerror(errno);
    std::filesystem::remove(unfinished, problem);
    refuse(path, reason);
  }
  std::filesystem::rename(unfinished, path, problem);
  if (!problem) return;
  const auto reason = problem.message();
  std::filesystem::remove(unfinished, problem);
  refuse(path, reason);
}

void write_run(const RunRecord& record, const std::filesystem::path& directory) {
  std::error_code problem;
  std::filesystem::create_directories(directory, problem);
  if (problem) refuse(directory, problem.message());
  replace_file(directory / "result.json", json_text(to_json(record)) + "\n");
  replace_file(directory / "junit.xml", render_junit(record));
  replace_file(directory / "report.html", render_html(record));
}

}  // namespace tellegen::report
