#pragma once
#include <string>
#include <string_view>

namespace tellegen::cli {

/// Refuses a file that could not be written later; "-" and an empty name are no files.
/// @throws InputError
void check_output(const std::string& file);

/// Writes a text to a file by rename, or to standard output for "-"; does nothing for an empty name.
/// @throws InputError when it cannot be written
void write_output(const std::string& file, std::string_view text);

}  // namespace tellegen::cli
