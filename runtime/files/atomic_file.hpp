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

/// Finds out now whether `write_file_atomically` could write there, so that a long computation does not fail at its
/// end. Nothing is left behind.
/// @throws InputError as write_file_atomically would
void check_writable(const std::filesystem::path& path);

/// Whole content of a file.
/// @throws InputError it cannot be read
[[nodiscard]] std::string read_whole_file(const std::filesystem::path& path);

}  // namespace tellegen
