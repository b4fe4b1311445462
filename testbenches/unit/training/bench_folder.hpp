#pragma once
// A folder of its own for a test, and the message of the error that an action ends in.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "tellegen/units/input_error.hpp"

namespace tellegen::tests {

/// Unique folder under the system's one for temporary files; removed with all that is in it.
class BenchFolder {
 public:
  BenchFolder() {
    static int number = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("tellegen-training-" + std::to_string(::getpid()) + "-" + std::to_string(number++));
    std::filesystem::create_directory(path_);
    write("lowpass.cir", "low-pass\n.end\n");
  }
  BenchFolder(const BenchFolder&) = delete;
  BenchFolder& operator=(const BenchFolder&) = delete;
  ~BenchFolder() { std::filesystem::remove_all(path_); }

  std::filesystem::path write(std::string_view name, std::string_view content) const {
    const auto file = path_ / name;
    std::ofstream(file, std::ios::binary) << content;
    return file;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Message without the folder, so that a test can state the whole of it.
  [[nodiscard]] std::string without_folder(std::string message) const {
    const std::string prefix = path_.string() + "/";
    for (auto at = message.find(prefix); at != std::string::npos; at = message.find(prefix))
      message.erase(at, prefix.size());
    return message;
  }

 private:
  std::filesystem::path path_;
};

/// Message of the InputError that the action throws; "(no error)" when it throws none.
template <class Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "(no error)";
}

inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace tellegen::tests
