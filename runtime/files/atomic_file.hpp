#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace tellegen {

enum class MissingFolders { refuse, create };

/// Writes a whole file so that no reader ever sees half of it: a temporary file in the same folder, flushed to disk,
/// then renamed over the target. What is no regular file (a pipe, /dev/null) is written to directly instead of being
/// replaced.
/// @throws InputError the file cannot be written; then the old content, if any, is untouched
void write_file_atomically(const std::filesystem::path& path, std::string_view content,
                           MissingFolders missing = MissingFolders::refuse);

/// Whole content of a file.
/// @throws InputError it cannot be read
[[nodiscard]] std::string read_whole_file(const std::filesystem::path& path);

}  // namespace tellegen
