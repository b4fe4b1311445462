#include "runtime/cli/output.hpp"

#include <fmt/format.h>

#include "runtime/files/atomic_file.hpp"

namespace tellegen::cli {

void check_output(const std::string& file) {
  if (!file.empty() && file != "-") check_writable(file);
}

void write_output(const std::string& file, std::string_view text) {
  if (file.empty()) return;
  if (file == "-")
    fmt::print("{}", text);
  else
    write_file_atomically(file, text);
}

}  // namespace tellegen::cli
