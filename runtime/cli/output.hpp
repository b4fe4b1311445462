#pragma once
#include <string>

namespace tellegen::cli {

/// Writes a text to a file by rename, or to standard output for "-"; does nothing for an empty name.
/// @throws InputError when the file cannot be written
void write_json(const std::string& file, const std::string& text);

}  // namespace tellegen::cli
