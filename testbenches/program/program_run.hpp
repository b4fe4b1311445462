#pragma once
// The program as a child process in a folder of its own: what it printed, and what it left behind.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tellegen::tests {

/// Unique folder under the system's one for temporary files; removed with all that is in it.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void write(std::string_view name, std::string_view content) const;
  [[nodiscard]] std::string read(std::string_view name) const;
  /// Everything in the folder and below, hidden files too, as sorted relative paths.
  [[nodiscard]] std::vector<std::string> content() const;

 private:
  std::filesystem::path path_;
};

/// How a child process ended.
struct Outcome {
  int code = -1;  ///< exit code; 128 and the signal where one killed it
  std::string out, err;
};

/// Runs a program of the system, with the folder as its working directory.
[[nodiscard]] Outcome run_program(const Folder& folder, const std::vector<std::string>& command_line);
/// Runs tellegen.
[[nodiscard]] Outcome run_tellegen(const Folder& folder, std::vector<std::string> arguments);

/// Standard output as JSON, where the program must have ended with `code`.
[[nodiscard]] nlohmann::json json_of(const Outcome& outcome, int code = 0);

/// Full path of a program of the system; nothing where it is not installed.
[[nodiscard]] std::optional<std::string> installed(std::string_view name);

/// Checks that the program refused what it was given: exit code 2, one line on standard error, nothing on standard
/// output, no file made.
/// @returns the line
[[nodiscard]] std::string refusal(const Folder& folder, const std::vector<std::string>& arguments);

[[nodiscard]] std::string read_file(const std::filesystem::path& path);
[[nodiscard]] std::vector<std::string> lines_of(const std::string& text);

}  // namespace tellegen::tests
