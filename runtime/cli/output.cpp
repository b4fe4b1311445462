#include "runtime/cli/output.hpp"

#include <fmt/format.h>

#include "runtime/files/atomic_file.hpp"

namespace tellegen::cli {

void write_json(const std::string& file, const std::string& text) {
  if (file.empty()) return;
  const auto line = text.ends_with('\n') ? text : text + "\n";
  if (file == "-")
    fmt::print("{}", line);
  else
    write_file_atomically(file, line);
}

}  // namespace tellegen::cli
